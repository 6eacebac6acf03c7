"""The point of contact that INHOPE was given: who, their stand-in, how they are reached, from when until when.

A term is never changed. Whoever follows begins where the one before ends; when an account closes its term ends, and the
place is empty until somebody is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, KeyMissing, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.contact_point import ContactPoint, InhopeNotice
from hotline.models.practice import DutyMark, StandingDuty
from hotline.models.staff import Staff
from hotline.rules import contact_points as rules
from hotline.rules import reach
from hotline.rules.contact_points import Term
from hotline.services import audit, duties
from hotline.services.duties import Thing
from hotline.vocabulary import InhopeNoticeState, Role, Subject

MAILBOX, PHONE = "contact.mailbox", "contact.phone"
TEST = "test_contact"  # the key of the standing duty
NAMERS = (Role.LIAISON, Role.MANAGER)  # who says who is the point of contact
COLUMNS = ("contact", "stand_in", "since", "until", "told_inhope_on")
OPEN = (InhopeNoticeState.WAITING, InhopeNoticeState.DRAFTED)
LONGEST_TEST = 100_000  # minutes; nobody waits longer for an answer to a test


@dataclass(frozen=True, slots=True)
class ContactEvidence:
    """How INHOPE reaches the hotline, for the page of clauses.

    `contact` and `stand_in` are numbers (`A-03`), None where nobody is named, or the account that stands in is closed.
    `told_on`: the day INHOPE was told of the contact, None if not yet. `since`, `empty_since`: from
    when the contact, or from when nobody, is named. `tested_at`, `test_worked`: the last test.
    """

    contact: str | None
    stand_in: str | None
    since: datetime | None
    empty_since: datetime | None
    told_on: date | None
    tested_at: datetime | None
    test_worked: bool | None


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """What a person types when they name the point of contact; people by number."""

    staff: str
    stand_in: str
    mailbox: str
    phone: str
    since_on: date | None
    told_on: date | None


@dataclass(frozen=True, slots=True)
class Reached:
    """How INHOPE was told to reach the contact; empty where it does not open."""

    mailbox: str
    phone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history: who, None for nobody, from when until when."""

    point: ContactPoint | None
    since: datetime
    until: datetime | None


def current() -> ContactPoint | None:
    """Return who is the point of contact now; None where nobody is named."""
    return db.session.scalar(_points().where(ContactPoint.until_at.is_(None)))


def last() -> ContactPoint | None:
    """Return who was named last, whether they still are or not; None where nobody ever was."""
    return db.session.scalar(_points().order_by(ContactPoint.since_at.desc(), ContactPoint.id.desc()).limit(1))


def owner_id() -> int | None:
    """Return who answers for notices from INHOPE: the contact, else nobody."""
    return db.session.scalar(select(ContactPoint.staff_id).where(ContactPoint.until_at.is_(None)))


def candidates() -> list[Staff]:
    """Return who may be the point of contact or stand in, by number: people with an open account who keep duties."""
    found = db.session.scalars(select(Staff).where(Staff.active).order_by(Staff.id))
    return [person for person in found if person.has(*duties.KEEPERS)]


def history() -> list[Line]:
    """Return who was the point of contact, newest first, with the times when nobody was."""
    by_id = {one.id: one for one in db.session.scalars(_points())}
    terms = [Term(one.id, one.since_at, one.until_at) for one in by_id.values()]
    return [Line(by_id.get(one.id or 0), one.since, one.until) for one in rules.history(terms)]


def reached(point: ContactPoint) -> Reached:
    """Open how INHOPE was told to reach a contact."""
    return Reached(_opened(MAILBOX, point.mailbox), _opened(PHONE, point.phone))


def name(entry: ContactEntry, *, version: int, by: Staff) -> ContactPoint:
    """Say who is the point of contact from a day on; the term before ends there, and what is open is handed on.

    `version` is the id of the term this was based on, 0 for none. Raises Forbidden for people who do not name anybody,
    Overtaken when somebody was named meanwhile, Refused((field, code), ...) with all that is wrong.
    """
    _require_namer(by)
    before = last()
    if (before.id if before else 0) != version:
        raise Overtaken("somebody else was named as the point of contact")
    people = {person.number: person for person in candidates()}
    contact, stand_in = people.get(entry.staff), people.get(entry.stand_in)
    now, zone = clock.now(), jurisdiction.current().zone
    since = rules.begins(entry.since_on, now=now, zone=zone) if entry.since_on else None
    if wrong := _faults(entry, people, since, before, now):
        raise Refused(*wrong)
    assert contact is not None
    assert since is not None
    if before is not None and before.until_at is None:
        before.until_at = since
        db.session.flush()
    ring = vault.keyring()
    added = ContactPoint(
        staff_id=contact.id,
        stand_in_id=stand_in.id if stand_in else None,
        mailbox=ring.seal(MAILBOX, entry.mailbox.strip()),
        phone=ring.seal(PHONE, entry.phone.strip()),
        since_at=since,
        told_on=entry.told_on,
        noted_at=now,
        noted_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    _hand_on(contact.id)
    audit.record(by, "named contact", f"contact {added.id}", contact=contact.number)
    return added


def note_told(on: date | None, *, version: int, by: Staff) -> None:
    """Note the day on which INHOPE was told of the contact. Raises Forbidden, Overtaken, Refused (`told_on`, code)."""
    _require_namer(by)
    point = current()
    if point is None or point.id != version:
        raise Overtaken("somebody else was named as the point of contact")
    if point.told_on is not None:
        raise WrongState("INHOPE was told already")
    if on is None or on > jurisdiction.today():
        raise Refused(("told_on", "required" if on is None else "ahead"))
    point.told_on = on
    audit.record(by, "told INHOPE", f"contact {point.id}", on=on.isoformat())


def let_go(person: Staff, *, by: Staff | None) -> bool:
    """End the term of somebody whose account closes. Returns whether the place is empty now because of that."""
    point = current()
    if point is None or point.staff_id != person.id:
        return False
    point.until_at = max(clock.now(), point.since_at)  # a clock that was set back must not end it before it began
    db.session.flush()
    _hand_on(None)
    audit.record(by, "contact left", f"contact {point.id}")
    return True


def is_empty() -> bool:
    """Whether nobody is the point of contact now."""
    return owner_id() is None


def note_test(*, worked: bool, words: str, by: Staff) -> DutyMark:
    """Note the test of a month, `words` telling what came of it. Raises as `duties.mark`."""
    return duties.mark(duties.get(TEST, by=by), worked=worked, note=words, done_at=None, by=by)


def tests(*, most: int, by: Staff) -> list[DutyMark]:
    """Return the newest tests of the point of contact, newest first."""
    return duties.history(duties.get(TEST, by=by), most=most)


def evidence() -> ContactEvidence:
    """Return how INHOPE reaches the hotline."""
    newest = last()
    point = newest if newest is not None and newest.until_at is None else None
    mark = db.session.scalar(
        select(DutyMark)
        .join(StandingDuty, StandingDuty.id == DutyMark.standing_id)
        .where(StandingDuty.key == TEST)
        .order_by(DutyMark.id.desc())
        .limit(1)
    )
    stand_in = point.stand_in if point and point.stand_in and point.stand_in.active else None
    return ContactEvidence(
        contact=point.staff.number if point else None,
        stand_in=stand_in.number if stand_in else None,
        since=point.since_at if point else None,
        empty_since=newest.until_at if newest is not None and point is None else None,
        told_on=point.told_on if point else None,
        tested_at=mark.done_at if mark else None,
        test_worked=mark.worked if mark else None,
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield who was the point of contact in a period: what `COLUMNS` name, people by number."""
    for line in history()[::-1]:
        if line.since < until and (line.until is None or line.until > since):
            point = line.point
            yield (
                point.staff.number if point else "",
                point.stand_in.number if point and point.stand_in else "",
                line.since.isoformat(),
                line.until.isoformat() if line.until else "",
                point.told_on.isoformat() if point and point.told_on else "",
            )


def _points() -> Select[ContactPoint]:
    return select(ContactPoint).options(joinedload(ContactPoint.staff), joinedload(ContactPoint.stand_in))


def _hand_on(owner: int | None) -> None:
    for notice_id in db.session.scalars(select(InhopeNotice.id).where(InhopeNotice.state.in_(OPEN))).all():
        duties.hand(Thing(Subject.INHOPE_NOTICE, notice_id), owner)


def _require_namer(by: Staff) -> None:
    if not by.has(*NAMERS):
        raise Forbidden("the liaison or a manager names the point of contact")


def _faults(
    entry: ContactEntry, people: dict[str, Staff], since: datetime | None, before: ContactPoint | None, now: datetime
) -> tuple[tuple[str, str], ...]:
    term = Term(before.id, before.since_at, before.until_at) if before else None
    code = rules.fault(since, last=term, now=now) if since else "required"
    wrong = {
        ("staff", "required"): entry.staff not in people,
        ("stand_in", "unknown"): bool(entry.stand_in) and entry.stand_in not in people,
        ("stand_in", "same"): bool(entry.stand_in) and entry.stand_in == entry.staff,
        ("mailbox", "form"): not reach.is_mailbox(entry.mailbox.strip()),
        ("phone", "form"): not reach.is_phone(entry.phone.strip()),
        ("since_on", code or ""): code is not None,
        ("told_on", "ahead"): entry.told_on is not None and entry.told_on > jurisdiction.today(),
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def _opened(purpose: str, sealed: bytes) -> str:
    try:
        return vault.keyring().open(purpose, sealed)
    except (KeyMissing, Unreadable):
        return ""
