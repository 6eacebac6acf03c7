"""The limits of duties: which rule is in force, what a manager changes of it, and the working time it is reckoned in.

A rule is only ever added: a newer one takes the place of an older from its moment on, for what begins after it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Refused
from hotline.extensions import db
from hotline.models.clock import ClockRule
from hotline.models.staff import Staff
from hotline.rules import clocks as rules
from hotline.rules.clocks import Calendar, Limit
from hotline.services import audit
from hotline.vocabulary import Duty, Pace, Role

MINUTE = timedelta(minutes=1)
KNOWN_FOR = timedelta(seconds=30)  # how long a long job goes on by the rules it has read
_KNOWN = "hotline.clocks.rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rules, as the engine uses it. `urgency` is None where it holds for all that no other names."""

    id: int
    duty: Duty
    urgency: int | None
    limit: Limit
    valid_from: datetime


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


def limit_of(rule: ClockRule) -> Limit:
    """Return what a rule's row says."""
    return Limit(rule.minutes * MINUTE, rule.remind_minutes * MINUTE, rule.pace)


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
