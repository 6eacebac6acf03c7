"""Clocks: what has to be done by when, for every duty with a limit. One engine: a duty brings its rule, nothing else.

A clock runs for one duty towards one thing. It keeps the rule it began with, also when the rule is changed; only an
item that becomes more urgent gets a stricter one. Nothing a public report starts knows its minute: such a clock begins
when the report's hour ends, and leaves no audit line.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, outbox
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import UtcTime, db
from hotline.models.assessment import ThirdLook
from hotline.models.clock import Clock, ClockRule
from hotline.models.consent import Consent, Override
from hotline.models.exchange import Exchange
from hotline.models.help_request import HelpRequest
from hotline.models.hold import Hold
from hotline.models.identification import Identification
from hotline.models.item import Item
from hotline.models.message import Message
from hotline.models.notice import Notice
from hotline.models.police_report import PoliceReport
from hotline.models.referral import Referral
from hotline.models.reply import Appeal
from hotline.models.report import Report, UnreadReport
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import clocks as rules
from hotline.rules.clocks import Calendar, Limit
from hotline.rules.standing import UNDECIDED
from hotline.services import audit
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Concern, Duty, ItemStatus, Pace, PauseReason, Role, Subject, Urgency

OfVictim = VictimCase | Referral | Consent | Override | Identification
Thing = Item | Message | Hold | PoliceReport | Exchange | Notice | Appeal | OfVictim

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BATCH = 50  # clocks marked in one transaction: people wait no longer than that for their turn to write
MOST_BATCHES = 40  # in one round of the sweeper: the inbox must not stand still behind it
KNOWN_FOR = timedelta(seconds=30)  # how long a long job goes on by the rules it has read
MOST_COUNTED = 999  # a count stops above this: what is told of a million is told of a thousand
LOOKS_BACK = timedelta(days=30)
CASE_ROLES = (Role.ANALYST, Role.REVIEWER)
DUTIES = {  # what an item in each of these states has a clock for
    ItemStatus.NEW: (Duty.ACKNOWLEDGE, Duty.ASSESS),
    ItemStatus.ASSESSING: (Duty.ASSESS,),
    ItemStatus.IN_REVIEW: (Duty.SECOND_LOOK,),
    ItemStatus.DISPUTED: (Duty.SETTLE,),
}
AFTER_VERDICT = frozenset({Duty.NOTIFY, Duty.CHECK_ONLINE})  # of an item: that there was such a duty tells of a verdict
_SUBJECTS: dict[type, Subject] = {
    Item: Subject.ITEM,
    Message: Subject.MESSAGE,
    Hold: Subject.HOLD,
    PoliceReport: Subject.POLICE_REPORT,
    Exchange: Subject.EXCHANGE,
    Appeal: Subject.APPEAL,
    Notice: Subject.NOTICE,
    VictimCase: Subject.VICTIM_CASE,
    Referral: Subject.REFERRAL,
    Consent: Subject.CONSENT,
    Override: Subject.OVERRIDE,
    Identification: Subject.IDENTIFICATION,
}
FOLLOW_UP = "hotline.jobs.follow_ups.follow_up"
RUN_OUT = {Duty.REMOVE: FOLLOW_UP}  # what is done at once, by itself, when a duty's time has run out
_KNOWN = "hotline.clocks.rules"
_LOOKED_THROUGH = "hotline.clocks.looked_through"
_NOW = bindparam("now", type_=UtcTime())
_IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
_LATE = and_(Clock.paused_at.is_(None), Clock.due_at < _NOW)
_LEFT = (
    update(Clock)
    .where(Clock.subject == Subject.ITEM, Clock.subject_id.in_(_IDS), Clock.duty == Duty.NOTIFY)
    .where(Clock.ended_at.is_(None))
    .values(
        ended_at=_NOW,
        next_at=None,
        ending=case((_LATE, ClockEnd.MISSED), else_=ClockEnd.MET),
        breached_at=case((_LATE, Clock.due_at), else_=Clock.breached_at),
    )
    .returning(Clock.subject_id)
)
_FIRST_DUE = (
    select(func.min(Clock.due_at))
    .where(Clock.subject == Subject.ITEM, Clock.subject_id == Item.id)
    .where(Clock.ended_at.is_(None), Clock.paused_at.is_(None))
    .scalar_subquery()
)
_STANDS_STILL = (
    select(Clock.id)
    .where(Clock.subject == Subject.ITEM, Clock.subject_id == Item.id)
    .where(Clock.ended_at.is_(None), Clock.paused_at.is_not(None))
    .exists()
)
_KEEP_DUE = update(Item).where(Item.id.in_(_IDS)).values(due_at=_FIRST_DUE, stands_still=_STANDS_STILL)
_STILL_OPEN = Item.status != literal_column("'closed'")  # in the words of the indexes over what is open
_START = {one.__module__.split(".")[2]: one(cast(Table, Clock.__table__)) for one in (sqlite.insert, postgresql.insert)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rules, as the engine uses it. `urgency` is None where it holds for all that no other names."""

    id: int
    duty: Duty
    urgency: int | None
    limit: Limit
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One running clock in a list, and what it runs for.

    `kind` is `item`, `report`, `unread` (a report nobody could read: `ref` is its inbox id in hex), `help`, `police`,
    `exchange`, `notice`, `hold` (`ref` is its item's), `case` (also for consents and what was decided without it: `ref`
    is their case's), `referral`, `identification`, or empty where the report has not come yet. `reason` is why it
    stands still: None where it runs, or is not to be told yet.
    """

    clock: Clock
    item: Item | None
    kind: str
    ref: str
    reason: PauseReason | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How a duty stands: clocks running, of these run out; standing still; and ended in the last 30 days.

    Each count stops at `MOST_COUNTED` + 1.
    """

    duty: Duty
    running: int
    over: int
    paused: int
    met: int
    missed: int


@dataclass(frozen=True, slots=True)
class Pressing:
    """How much of a duty has run out, and how much more runs out today. Each count stops at `MOST_COUNTED` + 1."""

    duty: Duty
    over: int
    today: int


def reported(item: Item, hour: datetime, *, before: int | None) -> None:
    """Note that a report of the `hour` names `item`, whose urgency was `before` (None: it is new). No audit line.

    The clocks of an item that is new, or has opened again, begin when that hour ends.
    """
    at = hour + HOUR
    if item.status is ItemStatus.NEW and (before is None or not _running(item)):
        start(item, Duty.ACKNOWLEDGE, Duty.ASSESS, at=at)
    elif before is not None and item.urgency < before:
        urgency_rose(item, at=at)


def written(message: Message) -> None:
    """Begin the clock of a reporter's message when the hour ends in which it was written."""
    start(message, Duty.ANSWER_REPORTER, at=message.written_at + HOUR)


def start(thing: Thing, *duties: Duty, at: datetime | None = None) -> None:
    """Begin the clocks of `duties` at a moment (now, unless said otherwise). One that runs already goes on."""
    rows = [_row(thing, duty, at or clock.now()) for duty in duties]
    if isinstance(thing, Item):
        first = min(row["due_at"] for row in rows)
        thing.due_at = min(thing.due_at, first) if thing.due_at else first
    db.session.flush()  # a new item is written once, with when it is due
    dialect = db.session.get_bind(Clock).dialect.name
    db.session.execute(_START[dialect].on_conflict_do_nothing(), [row | {"subject_id": thing.id} for row in rows])


def start_of(
    subject: Subject,
    subject_id: int,
    duty: Duty,
    *,
    at: datetime,
    degree: int | None = None,
    owner_id: int | None = None,
) -> None:
    """Begin the clock of something that is no item and need not be loaded. One that runs already goes on."""
    row = _timed(duty, degree, at) | {"subject": subject, "subject_id": subject_id, "owner_id": owner_id}
    dialect = db.session.get_bind(Clock).dialect.name
    db.session.execute(_START[dialect].on_conflict_do_nothing(), [row])


def left(item_ids: Sequence[int]) -> None:
    """Note of items that the first thing about them has left: in time, or too late. For any number in one go."""
    told = {"ids": item_ids, "now": clock.now()}
    done = db.session.scalars(_LEFT, told, execution_options=outbox.UNSEEN).all() if item_ids else ()
    if done:
        db.session.execute(_KEEP_DUE, {"ids": done}, execution_options=outbox.UNSEEN)


def met(thing: Thing, *duties: Duty) -> None:
    """Note that duties were done: in time, or missed."""
    _end(thing, [one for one in _running(thing) if one.duty in duties])


def void(thing: Thing, *duties: Duty) -> None:
    """End the clocks of `duties` (of all, where none is named), since nothing is left to do."""
    _end(thing, [one for one in _running(thing) if not duties or one.duty in duties], how=ClockEnd.VOID)


def stand_still(thing: Thing, duty: Duty, reason: PauseReason, *, by: Staff | None = None) -> None:
    """Let the clock of a duty stand still, also where it has run out. One that stands still already is left as it is.

    `by` is None where the portal does it by its rule. What this means is on record where it happens.
    """
    for one in _running(thing):
        if one.duty is duty and one.paused_at is None:
            one.paused_at, one.pause_reason, one.paused_by_id = clock.now(), reason, by.id if by else None
            one.next_at = None
    if isinstance(thing, Item):
        keep_due(thing)


def go_on(thing: Thing, duty: Duty, *reasons: PauseReason) -> None:
    """Let the clock of a duty go on with what was left of its time, if it stands still for one of `reasons`."""
    for one in _running(thing):
        if one.duty is duty and one.paused_at is not None and one.pause_reason in reasons:
            one.due_at = rules.resumed(clock.now(), one.paused_at, one.due_at, one.rule.pace, calendar())
            one.paused_at = one.pause_reason = one.paused_by_id = None
            _look_again(one)
    if isinstance(thing, Item):
        keep_due(thing)


def unmet(item: Item, duty: Duty) -> None:
    """Let the clock of a duty go on that was done and is undone: handing in and withdrawing gains no time."""
    done = select(Clock).where(Clock.subject == Subject.ITEM, Clock.subject_id == item.id, Clock.duty == duty)
    last = db.session.scalar(done.where(Clock.ending.in_([ClockEnd.MET, ClockEnd.MISSED])).order_by(Clock.id.desc()))
    if last is None:
        start(item, duty)
        return
    last.ended_at = last.ending = last.paused_at = last.pause_reason = last.paused_by_id = None
    _look_again(last)
    keep_due(item)


def restart(item: Item, duty: Duty) -> None:
    """Give a duty that is still to be done its whole time once more. What has run out already stays missed."""
    now = clock.now()
    for running in [one for one in _running(item) if one.duty is duty]:
        over = running.paused_at is None and rules.is_over(now, running.due_at)
        finish(running, None if over else ClockEnd.VOID)
    start(item, duty)
    keep_due(item)


def risk_rose(one: VictimCase) -> None:
    """Hold the running clocks of a case to the rules of its new risk where these are stricter, from now on."""
    now = clock.now()
    for running in _running(one):
        row = _row(one, running.duty, now)
        if running.paused_at is None and running.breached_at is None and row["due_at"] < running.due_at:
            finish(running, ClockEnd.VOID)
            db.session.flush()
            start(one, running.duty)


def urgency_rose(item: Item, *, at: datetime | None = None) -> None:
    """Hold running clocks of `item` to the rules of its new urgency where these are stricter, from the moment on."""
    at = at or clock.now()
    for running in _running(item):
        row = _row(item, running.duty, at)
        if running.paused_at is None and running.breached_at is None and row["due_at"] < running.due_at:
            running.ended_at, running.ending, running.next_at = at, ClockEnd.VOID, None
            start(item, running.duty, at=at)
    keep_due(item)


def fall_due(thing: Thing, duty: Duty, at: datetime) -> None:
    """Let the clock of `duty` run out at a moment that a person chose, instead of when its rule says."""
    for one in _running(thing):
        if one.duty is duty:
            run_until(one, at)


def run_until(one: Clock, at: datetime) -> None:
    """Let a running clock run out at a moment that a person chose."""
    one.due_at = at
    _look_again(one)


def drop(one: Clock) -> None:
    """End a clock, since nothing is left to do."""
    finish(one, ClockEnd.VOID)


def messages_seen_to(message_ids: Sequence[int], *, answered: bool) -> None:
    """End the clocks of reporters' messages: answered, or found to need no answer."""
    query = select(Clock).where(Clock.subject == Subject.MESSAGE, Clock.subject_id.in_(message_ids))
    for one in db.session.scalars(query.where(Clock.ended_at.is_(None))).all():
        finish(one, None if answered else ClockEnd.VOID)


def keep_due(item: Item) -> None:
    """Keep at the item when the first of its clocks runs out that do not stand still, and whether one does."""
    runs_out = func.min(case((Clock.paused_at.is_(None), Clock.due_at)))
    still = func.count(Clock.paused_at)
    kept = select(runs_out, still).where(Clock.subject == Subject.ITEM, Clock.subject_id == item.id)
    due_at, standing = db.session.execute(kept.where(Clock.ended_at.is_(None))).one()
    item.due_at, item.stands_still = due_at, standing > 0


def get(clock_id: int, *, by: Staff) -> Clock:
    """Return a running clock of an item. Raises NotFound, also for people who may not see items."""
    found = db.session.get(Clock, clock_id)
    if found is None or found.subject is not Subject.ITEM or found.ended_at or not by.has(*CASE_ROLES):
        raise NotFound(f"no clock {clock_id}")
    return found


def pause(one: Clock, reason: str, *, by: Staff) -> Item:
    """Let a clock stand still, and return its item. The time that is left is left when it goes on.

    Raises Refused when `reason` is none of `PauseReason`, WrongState when it stands still already or has run out, and
    Forbidden for the second look at what `by` looked at first: it is not theirs to hold up, nor to tell anything of.
    """
    if reason not in set(PauseReason):
        raise Refused(("reason", "required"))
    if not may_pause(one, by=by):
        raise Forbidden("the second look belongs to another")
    now = clock.now()
    if one.paused_at or rules.is_over(now, one.due_at):
        raise WrongState(f"clock {one.id} stands still, or has run out")
    one.paused_at, one.pause_reason, one.paused_by_id, one.next_at = now, PauseReason(reason), by.id, None
    item = _item_of(one)
    audit.record(by, "paused clock", f"item {item.ref}", duty=one.duty, reason=reason)
    keep_due(item)
    return item


def may_pause(one: Clock, *, by: Staff) -> bool:
    """Whether this person may let an item's clock stand still, be it not over: not the second look at their own."""
    return one.duty is not Duty.SECOND_LOOK or _item_of(one).assessor_id != by.id


def reason_of(one: Clock, *, by: Staff) -> PauseReason | None:
    """Return why an item's clock stands still. None while it is not to be told: it may tell what somebody found."""
    may_read = one.paused_by_id == by.id or _item_of(one).status not in UNDECIDED
    return one.pause_reason if may_read else None


def resume(one: Clock, *, by: Staff) -> Clock:
    """Let a clock go on with the time that was left. Raises WrongState when it does not pause.

    Returns the clock that runs now: another one where the item became more urgent meanwhile, and its limit stricter.
    """
    if one.paused_at is None:
        raise WrongState(f"clock {one.id} runs")
    one.due_at = rules.resumed(clock.now(), one.paused_at, one.due_at, one.rule.pace, calendar())
    one.paused_at = one.pause_reason = one.paused_by_id = None
    _look_again(one)
    item = _item_of(one)
    audit.record(by, "resumed clock", f"item {item.ref}", duty=one.duty)
    if rule_for(one.duty, item.urgency).urgency != one.rule.urgency:
        urgency_rose(item)
    keep_due(item)
    return next(running for running in _running(item) if running.duty is one.duty)


def sweep_due() -> int:
    """Mark reminders and breaches that are due, in small batches; a breach of an item's stands in its timeline.

    Safe to run at any time. Returns how many were marked; what a round leaves is marked in the next.
    """
    marked = 0
    for _batch in range(MOST_BATCHES):
        if db.session.scalar(due().with_only_columns(Clock.id).limit(1)) is None:
            break  # nearly always: nobody has to wait for a round that writes nothing
        with writing():
            found = db.session.scalars(due().limit(BATCH)).all()
            mark(found)
        marked += len(found)
    _start_missing()
    return marked


def _start_missing() -> None:
    """Begin the clocks of items that were open before there were clocks, from this moment on: once in each process.

    In small batches and at most so many in a round; what a round leaves is begun in the next.
    """
    known = current_app.extensions
    for _batch in range(MOST_BATCHES):
        last = known.get(_LOOKED_THROUGH, 0)
        if last is None:
            return
        found = db.session.scalars(_without_clock(last).with_only_columns(Item.id).limit(BATCH)).all()
        with writing():
            for item in db.session.scalars(_without_clock(last).where(Item.id.in_(found))) if found else ():
                start(item, *DUTIES[item.status])
        known[_LOOKED_THROUGH] = found[-1] if found else None


def due() -> Select[Clock]:
    """Return the query for the clocks that a round has to look at, longest due first."""
    return select(Clock).where(Clock.next_at < clock.now()).order_by(Clock.next_at, Clock.id)


def mark(found: Sequence[Clock]) -> None:
    """Note at each of these clocks that its reminder is due, or that it has run out."""
    now = clock.now()
    over = [one for one in found if rules.is_over(now, one.due_at)]
    for one in found:
        if one in over:
            one.breached_at, one.next_at = one.due_at, None
        else:
            one.reminded_at, one.next_at = now, one.due_at
    named = select(Item.id, Item.ref).where(Item.id.in_(_ids(over, Subject.ITEM)))
    refs = dict(db.session.execute(named).all())
    for one in over:
        if one.subject is Subject.ITEM:
            audit.record(None, "clock ran out", f"item {refs[one.subject_id]}", duty=one.duty)
    for duty, job in RUN_OUT.items():
        outbox.put(db.session(), job, *(one.subject_id for one in over if one.duty is duty))


def stuck(duty: Duty) -> ColumnElement[bool]:
    """Return the condition that a clock of a duty has run out or stands still, in the words of their small index."""
    return and_(Clock.ended_at.is_(None), Clock.next_at.is_(None), Clock.duty == duty)


def newest_of(thing: Thing, duty: Duty) -> Clock | None:
    """Return the clock of a duty towards a thing that began last; None where none ever did."""
    query = select(Clock).where(Clock.subject == _subject(thing), Clock.subject_id == thing.id, Clock.duty == duty)
    return db.session.scalar(query.order_by(Clock.id.desc()).limit(1))


def of(thing: Thing) -> list[Clock]:
    """Return all clocks of one thing, in the order they began."""
    query = select(Clock).where(Clock.subject == _subject(thing), Clock.subject_id == thing.id)
    return list(db.session.scalars(query.order_by(Clock.started_at, Clock.id).options(joinedload(Clock.rule))))


def first_began(found: Sequence[Item]) -> dict[int, datetime]:
    """Return by id of some items when the clock began that runs out first; nothing of those none runs for."""
    of_them = select(Clock.subject_id, Clock.started_at).where(
        Clock.subject == Subject.ITEM,
        Clock.subject_id.in_([item.id for item in found]),
        Clock.ended_at.is_(None),
        Clock.paused_at.is_(None),
    )
    last_first = of_them.order_by(Clock.due_at.desc(), Clock.id.desc())
    return {one.subject_id: one.started_at for one in db.session.execute(last_first)} if found else {}


def list_running(*, by: Staff, mine: bool = False, most: int = 20) -> list[Line]:
    """Return clocks of what this person may see, soonest first; with `mine` of what is in their hands only."""
    return _lines(Clock.paused_at.is_(None), Clock.due_at, by=by, mine=mine, most=most)


def list_paused(*, by: Staff, most: int = 20) -> list[Line]:
    """Return clocks that stand still of what this person may see: of the most urgent items first, then the longest."""
    urgent = (
        select(Item.id)
        .where(_STILL_OPEN, Item.stands_still == true(), Item.urgency == int(Urgency.P1))
        .order_by(Item.turn_at, Item.id)
        .limit(most)
    )
    pressing = and_(Clock.subject == Subject.ITEM, Clock.subject_id.in_(db.session.scalars(urgent).all()))
    still = Clock.paused_at.is_not(None)
    first = _lines(and_(still, pressing), Clock.paused_at, by=by, mine=False, most=most)
    return first + _lines(and_(still, not_(pressing)), Clock.paused_at, by=by, mine=False, most=most - len(first))


def told_to(by: Staff) -> list[Duty]:
    """Return the duties a person may know of: those towards victims are for victim support and managers alone.

    Those of the code of practice have a page of their own.
    """
    hidden: frozenset[Duty] = frozenset()
    if not by.has(Role.VICTIM_SUPPORT, Role.MANAGER):
        hidden |= rules.OF_VICTIMS
    if not by.has(Role.MANAGER):
        hidden |= rules.OF_PRACTICE
    return [duty for duty in Duty if duty not in hidden]


def tallies(*, by: Staff, without: Collection[Duty] = ()) -> list[Tally]:
    """Return how each duty stands that `by` may know of, but those `without`: nothing in it names anything."""
    now = clock.now()
    over = _count_by_duty(*_RUNS, Clock.due_at < now)
    paused = _count_by_duty(Clock.ended_at.is_(None), Clock.paused_at.is_not(None))
    found = []
    for duty in told_to(by):
        if duty not in without:
            told = db.session.execute(_HOW_IT_STANDS, {"duty": duty, "since": now - LOOKS_BACK}).one()
            running, met, missed = told.running, told.met, told.missed
            found.append(Tally(duty, running, over.get(duty, 0), paused.get(duty, 0), met, missed))
    return found


def pressing() -> list[Pressing]:
    """Return of each duty what is late and what runs out today, for whoever answers for all of it: nobody is named."""
    now, zone = clock.now(), jurisdiction.current().zone
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    over = _count_by_duty(*_RUNS, Clock.due_at < now)
    today = _count_by_duty(*_RUNS, Clock.due_at >= now, Clock.due_at < midnight)
    return [Pressing(duty, over.get(duty, 0), today.get(duty, 0)) for duty in Duty]


def in_force(at: datetime | None = None) -> list[Rule]:
    """Return the rules that hold at a moment (now by default), by duty and urgency, the one for the rest last."""
    at = at or clock.now()
    newest: dict[tuple[Duty, int | None], Rule] = {}
    for rule in _rules():
        if rule.valid_from <= at:
            newest[rule.duty, rule.urgency] = rule
    order = list(Duty)
    return sorted(newest.values(), key=lambda one: (order.index(one.duty), one.urgency is None, one.urgency or 0))


def list_in_force(*, by: Staff) -> list[ClockRule]:
    """Return the rules that hold now for what `by` may know of, as they stand on record, in the order of `in_force`."""
    known = told_to(by)
    held = {rule.id: place for place, rule in enumerate(in_force()) if rule.duty in known}
    query = select(ClockRule).where(ClockRule.id.in_(held)).options(joinedload(ClockRule.made_by))
    return sorted(db.session.scalars(query), key=lambda row: held[row.id])


def history(duty: Duty, urgency: int | None) -> list[ClockRule]:
    """Return every rule there has been for a duty at one urgency, newest first, with who made it."""
    same = ClockRule.urgency.is_(None) if urgency is None else ClockRule.urgency == urgency
    query = select(ClockRule).where(ClockRule.duty == duty, same).options(joinedload(ClockRule.made_by))
    return list(db.session.scalars(query.order_by(ClockRule.valid_from.desc(), ClockRule.id.desc())))


def rule_for(duty: Duty, urgency: int | None, at: datetime | None = None) -> Rule:
    """Return the rule of a duty at one urgency, or else the one for the rest. Raises NotFound when there is none."""
    own = {rule.urgency: rule for rule in in_force(at) if rule.duty is duty}
    found = own.get(urgency) or own.get(None)
    if found is None:
        raise NotFound(f"no rule for {duty}")
    return found


def would_end(limit: Limit) -> datetime:
    """Return by when a duty with this limit would have to be done if its clock began now."""
    return rules.deadline(clock.now(), limit.length, limit.pace, calendar())


def change_rule(
    duty: Duty, urgency: int | None, limit: Limit, *, valid_from: datetime | None, reason: str, by: Staff
) -> ClockRule:
    """Put a rule in force from a moment on (now, where None). What runs keeps the rule it began with.

    Raises Forbidden for everybody but a manager, Refused with all that is wrong with it.
    """
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager changes the rules")
    reason, now = " ".join(reason.split()), clock.now()
    check_rule(limit, valid_from=valid_from, reason=reason)
    rule = ClockRule(
        duty=duty,
        urgency=urgency,
        minutes=limit.length // MINUTE,
        remind_minutes=limit.reminder // MINUTE,
        pace=limit.pace,
        valid_from=valid_from or now,
        made_at=now,
        made_by_id=by.id,
        reason=reason,
    )
    db.session.add(rule)
    db.session.flush()
    db.session.info.pop(_KNOWN, None)
    audit.record(by, "changed clock rule", f"clock rule {rule.id}", duty=duty, minutes=rule.minutes, pace=limit.pace)
    return rule


def check_rule(limit: Limit, *, valid_from: datetime | None, reason: str) -> None:
    """Raise Refused with all that is wrong with a rule somebody wants to put in force."""
    wrong = list(rules.faults(limit, reason=reason))
    if valid_from and valid_from < clock.now():
        wrong.append(("valid_from", "past"))
    if wrong:
        raise Refused(*wrong)


def day_of(pace: Pace) -> timedelta:
    """Return how long a day is: all of it, or as long as the office is open."""
    office = jurisdiction.current().office
    day = date.min
    open_for = datetime.combine(day, office.closes) - datetime.combine(day, office.opens)
    return open_for if pace is Pace.WORKING else timedelta(days=1)


def calendar() -> Calendar:
    """Return the working time of the running app's country."""
    place = jurisdiction.current()
    office = place.office
    return Calendar(place.zone, office.days, office.opens, office.closes, office.is_holiday)


def limit_of(rule: ClockRule) -> Limit:
    """Return what a rule's row says."""
    return Limit(rule.minutes * MINUTE, rule.remind_minutes * MINUTE, rule.pace)


def _rules() -> list[Rule]:
    """Return all rules, those last that began last. Read once for a job of many, and anew after `KNOWN_FOR`."""
    now = clock.now()
    read_at: datetime | None
    known: list[Rule]
    read_at, known = db.session.info.get(_KNOWN, (None, []))
    if read_at is None or not read_at <= now < read_at + KNOWN_FOR:
        query = select(ClockRule).order_by(ClockRule.valid_from, ClockRule.id)
        known = [
            Rule(row.id, row.duty, row.urgency, limit_of(row), row.valid_from) for row in db.session.scalars(query)
        ]
        db.session.info[_KNOWN] = now, known
    return known


def _row(thing: Thing, duty: Duty, at: datetime) -> dict[str, Any]:
    urgency = thing.urgency if isinstance(thing, Item) else _risk(thing)
    return _timed(duty, urgency, at) | {"subject": _subject(thing), "subject_id": thing.id}


def _risk(thing: Thing) -> int | None:
    """Return the risk to a child, which stands where clocks ask for urgency; None of what is about no child."""
    if isinstance(thing, VictimCase):
        return thing.risk
    return thing.case.risk if isinstance(thing, OfVictim) else None


def _timed(duty: Duty, urgency: int | None, at: datetime) -> dict[str, Any]:
    rule, days = rule_for(duty, urgency, at), calendar()
    due = rules.deadline(at, rule.limit.length, rule.limit.pace, days)
    return {
        "duty": duty,
        "rule_id": rule.id,
        "started_at": at,
        "due_at": due,
        "next_at": rules.next_look(at, due, rule.limit, days, reminded=False),
    }


def _subject(thing: Thing) -> Subject:
    return _SUBJECTS[type(thing)]


def _running(thing: Thing) -> Sequence[Clock]:
    query = select(Clock).where(Clock.subject == _subject(thing), Clock.subject_id == thing.id)
    return db.session.scalars(query.where(Clock.ended_at.is_(None)).order_by(Clock.id)).all()


def _item_of(one: Clock) -> Item:
    item = db.session.get(Item, one.subject_id)
    assert item is not None
    return item


def _end(thing: Thing, those: Iterable[Clock], *, how: ClockEnd | None = None) -> None:
    for one in those:
        finish(one, how)
    if isinstance(thing, Item):
        keep_due(thing)


def finish(one: Clock, how: ClockEnd | None = None) -> None:
    """End a clock: `how` it ended, or, where None, as its duty being done now says."""
    now = clock.now()
    if one.paused_at:  # should the duty be undone, what was left is left then
        one.due_at = rules.resumed(now, one.paused_at, one.due_at, one.rule.pace, calendar())
    one.ending = how or rules.ending(now, one.due_at, paused=one.paused_at is not None)
    one.ended_at, one.next_at = now, None
    if one.ending is ClockEnd.MISSED:
        one.breached_at = one.due_at


def _look_again(one: Clock) -> None:
    """Set when a clock that goes on has to be looked at."""
    limit, reminded = limit_of(one.rule), one.reminded_at is not None
    ahead = rules.next_look(clock.now(), one.due_at, limit, calendar(), reminded=reminded)
    one.next_at = None if one.breached_at else ahead


def _without_clock(last: int) -> Select[Item]:
    """Return the query for items after an id that people have to see to, and no clock says by when."""
    of_it = select(Clock.id).where(Clock.subject == Subject.ITEM, Clock.subject_id == Item.id, Clock.ended_at.is_(None))
    return select(Item).where(Item.id > last, Item.status.in_(DUTIES), ~of_it.exists()).order_by(Item.id)


def _ids(those: Iterable[Clock], subject: Subject) -> list[int]:
    return [one.subject_id for one in those if one.subject is subject]


def _lines(which: Any, *first: Any, by: Staff, mine: bool, most: int) -> list[Line]:
    query = select(Clock).where(Clock.ended_at.is_(None), which).order_by(*first, Clock.id).limit(most)
    query = query.options(joinedload(Clock.rule))
    if mine:
        in_hand = _in_hand(by)
        query = query.where(Clock.subject == Subject.ITEM, or_(*(_are(*pair) for pair in in_hand)))
    elif by.has(*CASE_ROLES):
        of_help = and_(Clock.subject == Subject.MESSAGE, Clock.subject_id.in_(_messages(Concern.HELP)))
        of_victims = Clock.duty.in_(rules.OF_VICTIMS)
        query = query if by.has(Role.VICTIM_SUPPORT) else query.where(~of_help, ~of_victims)
        query = query.where(Clock.duty.not_in(rules.OF_PRACTICE))
    elif by.has(Role.VICTIM_SUPPORT):
        of_help = and_(Clock.duty == Duty.ANSWER_REPORTER, Clock.subject_id.in_(_messages(Concern.HELP)))
        query = query.where(or_(of_help, Clock.duty.in_(rules.OF_VICTIMS)))
    else:
        return []
    found = db.session.scalars(query).all()
    items = select(Item).where(Item.id.in_(_ids(found, Subject.ITEM)))
    by_id = {item.id: item for item in db.session.scalars(items)}
    told = {(Subject.MESSAGE, one): about for one, about in _told_of(_ids(found, Subject.MESSAGE)).items()}
    told |= _told_of_police(found)
    told |= _told_of_exchanges(found)
    told |= _told_of_appeals(found)
    told |= _told_of_notices(found)
    told |= _told_of_victims(found)
    return [_line(one, by_id, told, by=by) for one in found]


def _in_hand(by: Staff) -> list[tuple[Duty, Sequence[int]]]:
    """Return which items this person has for a first, second or third look, and where their look differs."""
    is_open = Item.status != ItemStatus.CLOSED  # what the indexes over open items ask for
    looks = (
        (Duty.ASSESS, Item.assessor_id == by.id, ItemStatus.ASSESSING),
        (Duty.SECOND_LOOK, Item.reviewer_id == by.id, ItemStatus.IN_REVIEW),
        (Duty.SETTLE, Item.assessor_id == by.id, ItemStatus.DISPUTED),
        (Duty.SETTLE, Item.reviewer_id == by.id, ItemStatus.DISPUTED),
    )
    third = db.session.scalars(select(ThirdLook.item_id).where(ThirdLook.taken_by_id == by.id)).all()
    found = [
        (duty, db.session.scalars(select(Item.id).where(is_open, is_theirs, Item.status == status)).all())
        for duty, is_theirs, status in looks
    ]
    return [*found, (Duty.SETTLE, third)]


def _are(duty: Duty, item_ids: Sequence[int]) -> Any:
    return and_(Clock.duty == duty, Clock.subject_id.in_(item_ids))


def _messages(concern: Concern) -> Any:
    return select(Message.id).where(Message.concern == concern, Message.settled_at.is_(None))


def _told_of(message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return for messages what they are about: (kind, reference)."""
    if not message_ids:
        return {}
    about = (
        select(Message.id, Report.ref, UnreadReport.inbox_id, HelpRequest.ref)
        .where(Message.id.in_(message_ids))
        .join(Report, Report.receipt_tag == Message.receipt_tag, isouter=True)
        .join(UnreadReport, UnreadReport.receipt_tag == Message.receipt_tag, isouter=True)
        .join(HelpRequest, HelpRequest.receipt_tag == Message.receipt_tag, isouter=True)
    )
    told: dict[int, tuple[str, str]] = {}
    for message_id, report, unread, asked in db.session.execute(about):
        kinds = (("report", report), ("unread", unread.hex() if unread else None), ("help", asked))
        told[message_id] = next(((kind, ref) for kind, ref in kinds if ref), ("", ""))
    return told


def _told_of_police(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of police reports and of holds are about: (kind, reference)."""
    reports = select(PoliceReport.id, PoliceReport.ref).where(PoliceReport.id.in_(_ids(found, Subject.POLICE_REPORT)))
    holds = select(Hold.id, Item.ref).join(Hold.item).where(Hold.id.in_(_ids(found, Subject.HOLD)))
    told = {(Subject.POLICE_REPORT, one): ("police", ref) for one, ref in db.session.execute(reports)}
    return told | {(Subject.HOLD, one): ("hold", ref) for one, ref in db.session.execute(holds)}


def _told_of_exchanges(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of offers to partner hotlines are about: (kind, reference)."""
    offers = select(Exchange.id, Exchange.ref).where(Exchange.id.in_(_ids(found, Subject.EXCHANGE)))
    return {(Subject.EXCHANGE, one): ("exchange", ref) for one, ref in db.session.execute(offers)}


def _told_of_notices(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of letters are about: (kind, reference)."""
    letters = select(Notice.id, Notice.ref).where(Notice.id.in_(_ids(found, Subject.NOTICE)))
    return {(Subject.NOTICE, one): ("notice", ref) for one, ref in db.session.execute(letters)}


def _told_of_appeals(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of appeals are about: (kind, number)."""
    return {(Subject.APPEAL, one): ("appeal", str(one)) for one in _ids(found, Subject.APPEAL)}


def _told_of_victims(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks towards victims are about: (kind, reference)."""
    about = (
        (Subject.VICTIM_CASE, "case", select(VictimCase.id, VictimCase.ref), VictimCase.id),
        (Subject.CONSENT, "case", select(Consent.id, VictimCase.ref).join(Consent.case), Consent.id),
        (Subject.OVERRIDE, "case", select(Override.id, VictimCase.ref).join(Override.case), Override.id),
        (Subject.REFERRAL, "referral", select(Referral.id, Referral.ref), Referral.id),
        (Subject.IDENTIFICATION, "identification", select(Identification.id, Identification.ref), Identification.id),
    )
    told: dict[tuple[Subject, int], tuple[str, str]] = {}
    for subject, kind, query, column in about:
        if ids := _ids(found, subject):
            told |= {(subject, one): (kind, ref) for one, ref in db.session.execute(query.where(column.in_(ids)))}
    return told


def _line(one: Clock, items: dict[int, Item], told: dict[tuple[Subject, int], tuple[str, str]], *, by: Staff) -> Line:
    if one.subject is Subject.ITEM:
        item = items[one.subject_id]
        return Line(one, item, "item", item.ref, reason_of(one, by=by))
    return Line(one, None, *told.get((one.subject, one.subject_id), ("", "")), one.pause_reason)


def _counted(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    some = select(Clock.id).where(Clock.duty == bindparam("duty"), *which).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


_RUNS = (Clock.ended_at.is_(None), Clock.paused_at.is_(None))
_HOW_IT_STANDS = select(  # made once: a page asks it for every duty there is
    # no ending says the same as no end, and leads SQLite to the index by duty
    _counted(Clock.ending.is_(None), *_RUNS).label("running"),
    *(
        _counted(Clock.ended_at >= bindparam("since"), Clock.ending == ending).label(ending)
        for ending in (ClockEnd.MET, ClockEnd.MISSED)
    ),
)


def _count_by_duty(*which: Any) -> dict[Duty, int]:
    """Count by duty what stands in one of the small indexes; naming the duty would lead SQLite to a far larger one."""
    some = select(Clock.duty).where(*which).limit(len(Duty) * (MOST_COUNTED + 1)).subquery()
    found = db.session.execute(select(some.c.duty, func.count()).group_by(some.c.duty))
    return {Duty(duty): min(count, MOST_COUNTED + 1) for duty, count in found}
