"""Clocks: what has to be done by when, for every duty with a limit. One engine: a duty brings its rule, nothing else.

A clock runs for one duty towards one thing. It keeps the rule it began with, also when the rule is changed; only an
item that becomes more urgent gets a stricter one. Nothing a public report starts knows its minute: such a clock begins
when the report's hour ends, and leaves no audit line.

Here clocks begin, go on and end, where the thing itself happens. The limits are `clock_rules`, what people do to a
clock `clock_pauses`, what the sweeper does `clock_rounds`; what runs is listed by `clock_lists`, counted by
`clock_tallies`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import NotFound
from hotline.extensions import UtcTime, change_unseen, db
from hotline.models.clock import Clock
from hotline.models.consent import Consent, Override
from hotline.models.exchange import Exchange
from hotline.models.hold import Hold
from hotline.models.identification import Identification
from hotline.models.item import Item
from hotline.models.message import Message
from hotline.models.notice import Notice
from hotline.models.police_report import PoliceReport
from hotline.models.referral import Referral
from hotline.models.reply import Appeal
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import clocks as rules
from hotline.services import clock_rules
from hotline.vocabulary import ClockEnd, Duty, ItemStatus, PauseReason, Role, Subject

OfVictim = VictimCase | Referral | Consent | Override | Identification
Thing = Item | Message | Hold | PoliceReport | Exchange | Notice | Appeal | OfVictim
HOUR = timedelta(hours=1)
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
_START = {one.__module__.split(".")[2]: one(cast(Table, Clock.__table__)) for one in (sqlite.insert, postgresql.insert)}


def reported(item: Item, hour: datetime, *, before: int | None) -> None:
    """Note that a report of the `hour` names `item`, whose urgency was `before` (None: it is new). No audit line.

    The clocks of an item that is new, or has opened again, begin when that hour ends.
    """
    at = hour + HOUR
    if item.status is ItemStatus.NEW and (before is None or not running_of(item)):
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
    done = change_unseen(db.session(), _LEFT, told).scalars().all() if item_ids else ()
    if done:
        change_unseen(db.session(), _KEEP_DUE, {"ids": done})


def met(thing: Thing, *duties: Duty) -> None:
    """Note that duties were done: in time, or missed."""
    _end(thing, [one for one in running_of(thing) if one.duty in duties])


def void(thing: Thing, *duties: Duty) -> None:
    """End the clocks of `duties` (of all, where none is named), since nothing is left to do."""
    _end(thing, [one for one in running_of(thing) if not duties or one.duty in duties], how=ClockEnd.VOID)


def stand_still(thing: Thing, duty: Duty, reason: PauseReason, *, by: Staff | None = None) -> None:
    """Let the clock of a duty stand still, also where it has run out. One that stands still already is left as it is.

    `by` is None where the portal does it by its rule. What this means is on record where it happens.
    """
    for one in running_of(thing):
        if one.duty is duty and one.paused_at is None:
            halt(one, reason, by=by)
    if isinstance(thing, Item):
        keep_due(thing)


def go_on(thing: Thing, duty: Duty, *reasons: PauseReason) -> None:
    """Let the clock of a duty go on with what was left of its time, if it stands still for one of `reasons`."""
    for one in running_of(thing):
        if one.duty is duty and one.paused_at is not None and one.pause_reason in reasons:
            carry_on(one)
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
    for running in [one for one in running_of(item) if one.duty is duty]:
        over = running.paused_at is None and rules.is_over(now, running.due_at)
        finish(running, None if over else ClockEnd.VOID)
    start(item, duty)
    keep_due(item)


def risk_rose(one: VictimCase) -> None:
    """Hold the running clocks of a case to the rules of its new risk where these are stricter, from now on."""
    now = clock.now()
    for running in running_of(one):
        row = _row(one, running.duty, now)
        if running.paused_at is None and running.breached_at is None and row["due_at"] < running.due_at:
            finish(running, ClockEnd.VOID)
            db.session.flush()
            start(one, running.duty)


def urgency_rose(item: Item, *, at: datetime | None = None) -> None:
    """Hold running clocks of `item` to the rules of its new urgency where these are stricter, from the moment on."""
    at = at or clock.now()
    for running in running_of(item):
        row = _row(item, running.duty, at)
        if running.paused_at is None and running.breached_at is None and row["due_at"] < running.due_at:
            running.ended_at, running.ending, running.next_at = at, ClockEnd.VOID, None
            start(item, running.duty, at=at)
    keep_due(item)


def fall_due(thing: Thing, duty: Duty, at: datetime) -> None:
    """Let the clock of `duty` run out at a moment that a person chose, instead of when its rule says."""
    for one in running_of(thing):
        if one.duty is duty:
            run_until(one, at)


def run_until(one: Clock, at: datetime) -> None:
    """Let a running clock run out at a moment that a person chose."""
    one.due_at = at
    _look_again(one)


def halt(one: Clock, reason: PauseReason, *, by: Staff | None) -> None:
    """Let one clock stand still. The time that is left is left when it goes on."""
    one.paused_at, one.pause_reason, one.paused_by_id = clock.now(), reason, by.id if by else None
    one.next_at = None


def carry_on(one: Clock) -> None:
    """Let a clock that stands still go on with what was left of its time."""
    assert one.paused_at is not None
    one.due_at = rules.resumed(clock.now(), one.paused_at, one.due_at, one.rule.pace, clock_rules.calendar())
    one.paused_at = one.pause_reason = one.paused_by_id = None
    _look_again(one)


def drop(one: Clock) -> None:
    """End a clock, since nothing is left to do."""
    finish(one, ClockEnd.VOID)


def finish(one: Clock, how: ClockEnd | None = None) -> None:
    """End a clock: `how` it ended, or, where None, as its duty being done now says."""
    now = clock.now()
    if one.paused_at:  # should the duty be undone, what was left is left then
        one.due_at = rules.resumed(now, one.paused_at, one.due_at, one.rule.pace, clock_rules.calendar())
    one.ending = how or rules.ending(now, one.due_at, paused=one.paused_at is not None)
    one.ended_at, one.next_at = now, None
    if one.ending is ClockEnd.MISSED:
        one.breached_at = one.due_at


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


def of(thing: Thing) -> list[Clock]:
    """Return all clocks of one thing, in the order they began."""
    query = select(Clock).where(Clock.subject == _subject(thing), Clock.subject_id == thing.id)
    return list(db.session.scalars(query.order_by(Clock.started_at, Clock.id).options(joinedload(Clock.rule))))


def newest_of(thing: Thing, duty: Duty) -> Clock | None:
    """Return the clock of a duty towards a thing that began last; None where none ever did."""
    query = select(Clock).where(Clock.subject == _subject(thing), Clock.subject_id == thing.id, Clock.duty == duty)
    return db.session.scalar(query.order_by(Clock.id.desc()).limit(1))


def running_of(thing: Thing) -> Sequence[Clock]:
    """Return the clocks of one thing that have not ended, also those that stand still, in the order of their rows."""
    query = select(Clock).where(Clock.subject == _subject(thing), Clock.subject_id == thing.id)
    return db.session.scalars(query.where(Clock.ended_at.is_(None)).order_by(Clock.id)).all()


def item_of(one: Clock) -> Item:
    """Return the item that a clock runs for."""
    item = db.session.get(Item, one.subject_id)
    assert item is not None
    return item


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


def stuck(duty: Duty) -> ColumnElement[bool]:
    """Return the condition that a clock of a duty has run out or stands still, in the words of their small index."""
    return and_(Clock.ended_at.is_(None), Clock.next_at.is_(None), Clock.duty == duty)


def _look_again(one: Clock) -> None:
    """Set when a clock that goes on has to be looked at."""
    limit, reminded = clock_rules.limit_of(one.rule), one.reminded_at is not None
    ahead = rules.next_look(clock.now(), one.due_at, limit, clock_rules.calendar(), reminded=reminded)
    one.next_at = None if one.breached_at else ahead


def _row(thing: Thing, duty: Duty, at: datetime) -> dict[str, Any]:
    urgency = thing.urgency if isinstance(thing, Item) else _risk(thing)
    return _timed(duty, urgency, at) | {"subject": _subject(thing), "subject_id": thing.id}


def _risk(thing: Thing) -> int | None:
    """Return the risk to a child, which stands where clocks ask for urgency; None of what is about no child."""
    if isinstance(thing, VictimCase):
        return thing.risk
    return thing.case.risk if isinstance(thing, OfVictim) else None


def _timed(duty: Duty, urgency: int | None, at: datetime) -> dict[str, Any]:
    rule, days = clock_rules.rule_for(duty, urgency, at), clock_rules.calendar()
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


def _end(thing: Thing, those: Iterable[Clock], *, how: ClockEnd | None = None) -> None:
    for one in those:
        finish(one, how)
    if isinstance(thing, Item):
        keep_due(thing)
