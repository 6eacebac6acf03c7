"""Looks by program, where a proxy is set and people have switched them on: when, at what, and what follows.

A look is three short steps: take it and commit, ask outside any transaction, record and commit. Asked are the
resolvers of the settings and the proxy, never the host. One row of the outbox stands for everything that waits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import CursorResult, or_, select, update

from hotline import clock, logs, outbox
from hotline.config import settings
from hotline.errors import Forbidden, WrongState
from hotline.extensions import db
from hotline.gateways.dns import NO_NAME, Resolver
from hotline.gateways.probe import Probe, ProbeFault
from hotline.models.item import Item
from hotline.models.online import OnlineCheck, Watch, WatchSwitch
from hotline.models.staff import Staff
from hotline.outbox import Task
from hotline.rules import addresses
from hotline.rules import online as rules
from hotline.rules.addresses import Address, AddressKind, Problem
from hotline.rules.online import Watched
from hotline.services import audit, clocks, items, online, watch_rows
from hotline.transactions import writing
from hotline.vocabulary import CheckMeans, CheckResult, Duty, ItemStatus, Role

LOOK = "hotline.jobs.online.look_at_due"
ALL = 0  # the one row of the outbox that stands for every look that is due
ROLES = (Role.REVIEWER, Role.MANAGER)
SWITCHED = "switched looks by program"
WENT, CAME_BACK = "a program found it gone", "it answers a program again"  # in an item's timeline
FOLLOWED = (ItemStatus.ACTING, ItemStatus.MONITORING)
LEASE = timedelta(seconds=60)  # longer than one look may take: DNS 12 s, the proxy 20 s
BUDGET = 10.0  # seconds of one run after which nothing more is begun: letters wait behind it
BREATH = timedelta(seconds=2)
AWAY = timedelta(minutes=15)  # so long nothing is asked through a proxy that did not answer
MOST_AWAY = 3  # in a row, and it is away: one may be a host that says what only a proxy says
PUT_OFF = timedelta(days=1)  # while an item is held or looked at by people, no program looks
BATCH = 200  # due looks among which one is taken
BETWEEN = timedelta(days=1)  # two walks through all items, in search of what is not watched yet
STRETCH = 1_000  # items of such a walk that one sweep reads
MOST_SWITCHES = 10
_WALK = "hotline.watches.walk"
_UNHEARD = "hotline.watches.unheard"


class Walk(NamedTuple):
    """How far this process has gone through the items: up to the id `last`; None once it has seen all of them."""

    began_at: datetime
    last: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One look in somebody's hands. `address` is empty where it does not open."""

    item_id: int
    address: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What one look by program found."""

    means: CheckMeans
    result: CheckResult
    code: str


def is_proxy_away() -> bool:
    """Whether the proxy did not answer when it was last asked, so that looks wait."""
    put_off = (Task.hinted == 0, Task.due_at > clock.now() + BREATH)
    return db.session.scalar(select(Task.id).where(Task.job == LOOK, Task.record_id == ALL, *put_off)) is not None


def list_switches() -> list[WatchSwitch]:
    """Return who switched the looks on and off, newest first."""
    return list(db.session.scalars(select(WatchSwitch).order_by(WatchSwitch.id.desc()).limit(MOST_SWITCHES)))


def switch(*, is_on: bool, by: Staff) -> None:
    """Switch the looks on or off. Raises WrongState where no proxy is set, Forbidden for who may not."""
    if not by.has(*ROLES):
        raise Forbidden("a reviewer or manager switches looks by program")
    now = watch_rows.state()
    if not now.is_possible:
        raise WrongState("no proxy is set")
    if now.is_on is is_on:
        return
    db.session.add(WatchSwitch(is_on=is_on, set_by_id=by.id, set_at=clock.now()))
    audit.record(by, SWITCHED, "looks by program", on=is_on)


def of(item: Item) -> Watch | None:
    """Return when a program looks at an item's address; None where none does."""
    return db.session.get(Watch, item.id) if watch_rows.state().is_on else None


def sweep() -> None:
    """Begin to watch what was acted on, and leave word where a look is due. Writes nothing where neither is so."""
    now = watch_rows.state()
    if not now.is_on:
        return
    _begin_watching(since=now.since)
    waits = select(Task.id).where(Task.job == LOOK, Task.record_id == ALL)
    if db.session.scalar(_due().limit(1)) is None or db.session.scalar(waits) is not None:
        return
    with writing():
        outbox.put(db.session(), LOOK, ALL)


def look_at_due(*, resolver: Resolver, probe: Probe | None, stopped: Callable[[], bool] = lambda: False) -> None:
    """Look at what is due, for a short while; the rest is left to another round. Safe to run twice at once.

    A proxy that is away is no look: what was to be asked through it is asked later, and nothing is noted of it. Where
    it led to others in the same round, it was a host that said what only a proxy says: that could not be told.
    """
    over, away, was_heard, unheard = time.monotonic() + BUDGET, 0, False, list[Step]()
    while probe is not None and not stopped() and time.monotonic() < over and away < MOST_AWAY:
        with writing():
            step = _take()
        if step is None:
            break
        found = look(step.address, resolver=resolver, probe=probe)
        if found.code == rules.PROXY_AWAY:
            away += 1
            unheard.append(step)
            continue
        if found.means is CheckMeans.HEAD and found.code not in rules.NEVER_ASKED:
            away, was_heard = 0, True
            _times_unheard().pop(step.item_id, None)
        with writing():
            _record(step, found)
    is_away = away >= MOST_AWAY or (bool(unheard) and not was_heard)
    if is_away:
        logs.log.error("the proxy for looks by program does not answer")
    with writing():
        _forget_unwatched()
        for step in unheard:
            if is_away:
                _put_off(step)
            else:
                _record(step, Found(CheckMeans.HEAD, CheckResult.UNSURE, rules.PROXY_AWAY))
        if is_away and watch_rows.state().is_on:
            outbox.later(db.session(), LOOK, ALL, due_at=clock.now() + AWAY)
        elif probe is not None and watch_rows.state().is_on and db.session.scalar(_due().limit(1)) is not None:
            outbox.later(db.session(), LOOK, ALL, due_at=clock.now() + BREATH)
        else:
            outbox.done(db.session(), LOOK, ALL)


def look(address: str, *, resolver: Resolver, probe: Probe) -> Found:
    """Look at one address, outside any transaction: at its name, where resolvers are set, then through the proxy."""
    parsed = addresses.parse(address) if address else None
    if not isinstance(parsed, Address) or parsed.kind is AddressKind.ONION:
        return Found(CheckMeans.HEAD, CheckResult.UNSURE, _unfit(parsed))
    if settings().dns_servers and parsed.kind is not AddressKind.IP:
        named = resolver.resolve(parsed.host)
        if named.fault == NO_NAME:
            return Found(CheckMeans.DNS, CheckResult.GONE, rules.NO_NAME)
        if named.reserved:  # one of several is enough: the proxy may choose that one
            return Found(CheckMeans.DNS, CheckResult.UNSURE, rules.PRIVATE)
    try:
        status = probe.head(address).status
    except ProbeFault as fault:
        return Found(CheckMeans.HEAD, CheckResult.UNSURE, fault.code)
    except ValueError:  # an address that nobody foresaw must not come back for ever
        return Found(CheckMeans.HEAD, CheckResult.UNSURE, rules.NOT_WEB)
    return Found(CheckMeans.HEAD, rules.result_of(status), str(status))


def _unfit(parsed: Address | Problem | None) -> str:
    """Return why a program does not look at an address."""
    if parsed is None:
        return rules.SEALED
    if isinstance(parsed, Address):
        return rules.ONION
    return rules.PRIVATE if parsed is Problem.PRIVATE else rules.NOT_WEB


def _due() -> Any:
    """Return the query for what is to be looked at now, longest due first. It reads the beginning of an index."""
    now = clock.now()
    free = or_(Watch.leased_until.is_(None), Watch.leased_until < now)
    return select(Watch.item_id).where(Watch.next_at <= now, free).order_by(Watch.next_at, Watch.item_id)


def _begin_watching(*, since: datetime | None) -> None:
    """Begin to watch what was acted on while nobody watched: a stretch of the items a time, all of them once a day.

    What is acted on while the looks are on is watched already (`telling.act_on`). `since` is when they were switched
    on: then all are gone through anew.
    """
    known, now = current_app.extensions, clock.now()
    walk = known.get(_WALK)
    if walk is None or now - walk.began_at >= BETWEEN or (since is not None and since > walk.began_at):
        walk = Walk(began_at=now, last=0)
    if walk.last is None:
        return
    stretch = select(Item.id, Item.status).where(Item.id > walk.last).order_by(Item.id).limit(STRETCH)
    found = db.session.execute(stretch).all()
    followed = {number for number, status in found if status in FOLLOWED}
    if followed:
        watched = db.session.scalars(select(Watch.item_id).where(Watch.item_id.in_(followed))).all()
        if new := followed.difference(watched):
            with writing():
                watch_rows.begin(sorted(new))
    known[_WALK] = walk._replace(last=found[-1].id if len(found) == STRETCH else None)


def _take() -> Step | None:
    """Take the look that is due longest; None where there is none, or the switch is off."""
    if not watch_rows.state().is_on:
        return None
    for item_id in db.session.scalars(_due().limit(BATCH)).all():
        now = clock.now()
        free = update(Watch).where(
            Watch.item_id == item_id,
            Watch.next_at <= now,
            or_(Watch.leased_until.is_(None), Watch.leased_until < now),
        )
        item = db.session.get_one(Item, item_id)
        if not _may_be_looked_at(item):
            is_over = item.status is ItemStatus.CLOSED
            db.session.execute(free.values(next_at=None if is_over else now + PUT_OFF))
            continue
        until = now + LEASE
        taken: CursorResult[Any] = db.session.execute(free.values(leased_until=until))  # type: ignore[assignment]
        if taken.rowcount:
            return Step(item_id, items.opened_or_empty("item.address", item.address), until)
    return None


def _may_be_looked_at(item: Item) -> bool:
    """Whether a program may look: it was acted on, or is closed as gone. Not while the police hold it."""
    return item.status in FOLLOWED or (item.status is ItemStatus.CLOSED and item.outcome in rules.ENDS)


def _record(step: Step, found: Found) -> None:
    """Note what a look found, and when the next one is due. Whoever was overtaken has no say."""
    watch = db.session.get(Watch, step.item_id)
    item = db.session.get_one(Item, step.item_id)
    if watch is None or watch.leased_until != step.until:
        return
    now = clock.now()
    check = OnlineCheck(
        item_id=item.id, means=found.means, result=found.result, code=found.code, checked_by_id=None, checked_at=now
    )
    if not _may_be_looked_at(item):  # it was held, or closed in another way, meanwhile
        watch.next_at, watch.leased_until = None if item.status is ItemStatus.CLOSED else now + PUT_OFF, None
        db.session.add(check)
        return
    known = Watched(watch.began_at, watch.gone_in_a_row, watch.first_gone_at, watch.last_gone_at)
    following = rules.after(known, found.result, found.code, now)
    watch.began_at, watch.gone_in_a_row, watch.first_gone_at, watch.last_gone_at = following.known
    watch.next_at, watch.leased_until = following.next_at, None
    db.session.add(check)
    db.session.flush()
    if following.went:
        audit.record(None, WENT, f"item {item.ref}")
        online.is_gone(item)
    elif following.came_back:
        _came_back(item)


def _times_unheard() -> dict[int, int]:
    """Return how often in a row items were asked for in vain; a process that begins anew knows of none."""
    found: dict[int, int] = current_app.extensions.setdefault(_UNHEARD, {})
    return found


def _forget_unwatched() -> None:
    """Count no more how often items were asked for that nobody watches any longer."""
    if times := _times_unheard():
        watched = select(Watch.item_id).where(Watch.item_id.in_(times), Watch.next_at.is_not(None))
        for item_id in times.keys() - set(db.session.scalars(watched)):
            del times[item_id]


def _put_off(step: Step) -> None:
    """Have what could not be asked be asked once the proxy may be there again: ever later, each for itself.

    Where the proxy is there, these are hosts that say what only a proxy says; nothing else may have to wait for them.
    """
    times = _times_unheard()
    watch = db.session.get(Watch, step.item_id)
    if watch is None or watch.leased_until != step.until:
        return
    watch.next_at, watch.leased_until = clock.now() + rules.wait_unheard(AWAY, times.get(step.item_id, 0)), None
    times[step.item_id] = times.get(step.item_id, 0) + 1


def _came_back(item: Item) -> None:
    """Have a person look at what answers again. What was closed opens; whether it shows the same, people say."""
    audit.record(None, CAME_BACK, f"item {item.ref}")
    if item.status is ItemStatus.CLOSED and item.outcome in rules.ENDS:
        online.reopen(item, ItemStatus.MONITORING)
    if item.status is ItemStatus.MONITORING:
        clocks.start(item, Duty.CHECK_ONLINE)
