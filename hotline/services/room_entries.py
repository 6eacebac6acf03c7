"""The register of the secure room: who came in, when, why and with whom; who may enter; corrections as additions.

Everybody notes when they come and leave themselves, and whom they bring along. Those who keep the code of practice note
it for anybody, and say who may enter without company.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.room import RoomCorrection, RoomEntry, RoomPermit
from hotline.models.staff import Staff
from hotline.rules import clear_words
from hotline.rules import room as rules
from hotline.rules.room import Permit, Stay
from hotline.services import audit, duties
from hotline.transactions import erases, writing

VISITOR, REASON, CORRECTION = "room.visitor", "room.reason", "room.correction"
MOST = 500  # entries on one page, and in one batch of erasing
COLUMNS = ("came_at", "left_at", "who", "escorted_by", "on_list", "noted_by", "corrected")
SUBJECT = "room"
WEEK = timedelta(days=7)
_ALL = 20_000  # entries in one print
_PEOPLE = joinedload(RoomEntry.staff), joinedload(RoomEntry.escort), joinedload(RoomEntry.noted_by)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The entries of the last seven days, how many of them are on the list, visitors, and who nobody noted leaving.

    As a sentence: "12 entries this week, all on the list". `permits` are people who may enter now.
    """

    entries: int
    on_list: int
    visitors: int
    left_open: int
    permits: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """One correction, opened. `visitor` is the name as it is right, None where it was not about that."""

    row: RoomCorrection
    visitor: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as it counts. `visitor` and `reason` are None where they were erased or do not open.

    `noted_as` is what a visitor was called before anything was corrected.
    """

    entry: RoomEntry
    stay: Stay
    visitor: str | None
    noted_as: str | None
    reason: str | None
    corrections: tuple[Corrected, ...]
    is_left_open: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """Who came in, as it was typed: one of us, or a visitor by name with one of us. `came_at` None: now."""

    who: Staff | None
    visitor: str
    escort: Staff | None
    reason: str
    came_at: datetime | None


def may_keep(person: Staff) -> bool:
    """Whether a person notes entries of anybody, corrects them, and says who may enter."""
    return person.has(*duties.KEEPERS)


def come_in(coming: Coming, *, by: Staff) -> RoomEntry:
    """Note that somebody came in, now or up to a month ago.

    Raises Refused((field, code), ...), also for somebody who is inside already; Forbidden where it is about others and
    `by` neither keeps the register nor brought the visitor along.
    """
    if not may_keep(by) and by.id not in {one.id for one in (coming.who, coming.escort) if one}:
        raise Forbidden("others are noted by who keeps the register")
    now = clock.now()
    came_at = coming.came_at or now
    visitor, reason, faults = _judged(coming)
    faults += rules.faults(came_at, None, now=now)
    if coming.who is not None and _inside(coming.who):
        faults = (*faults, ("who", "inside"))
    if faults:
        raise Refused(*faults)
    seal = vault.keyring().seal
    vouches = coming.who or coming.escort
    added = RoomEntry(
        staff_id=coming.who.id if coming.who else None,
        is_visitor=coming.who is None,
        visitor=None if coming.who else seal(VISITOR, visitor),
        escort_id=coming.escort.id if coming.escort else None,
        reason=seal(REASON, reason) if reason else None,
        on_list=vouches is not None and vouches.id in _holders(came_at),
        came_at=came_at,
        noted_at=now,
        noted_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "noted an entry", SUBJECT, number=added.id, visitor=added.is_visitor)
    return added


def leave(entry: RoomEntry, left_at: datetime | None, *, by: Staff) -> None:
    """Note that somebody left, now or at a moment before. Raises Refused, WrongState where that is noted already."""
    if entry.left_at:
        raise WrongState(f"entry {entry.id} has ended")
    now = clock.now()
    at = left_at or now
    if faults := [one for one in rules.faults(entry.came_at, at, now=now) if one[0] == "left_at"]:
        raise Refused(*faults)
    entry.left_at, entry.left_noted_at, entry.left_noted_by_id = at, now, by.id
    audit.record(by, "noted a leaving", SUBJECT, number=entry.id)


def correct(
    entry: RoomEntry,
    *,
    came_at: datetime | None,
    left_at: datetime | None,
    happened: bool,
    visitor: str = "",
    reason: str,
    by: Staff,
) -> RoomCorrection:
    """Add what was wrong about an entry; the entry stays as it was written. What is not said stays as it counts.

    `visitor` is a visitor's name as it is right. Raises Refused for times that cannot be, for no reason, and for a name
    of who is no visitor or whose name was erased; Forbidden for people who do not keep the register.
    """
    if not may_keep(by):
        raise Forbidden("others keep the register")
    before, now = _stay(entry), clock.now()
    stay = Stay(came_at or before.came_at, left_at or before.left_at, happened)
    words, fault = clear_words.judge(reason, rules.LONGEST_REASON)
    faults = [one for one in rules.faults(stay.came_at, stay.left_at, now=now) if one[1] != "too_early"]
    name, name_fault = clear_words.judge(visitor, rules.LONGEST_NAME, needed=False)
    if name and entry.visitor is None:
        name_fault = "erased" if entry.is_visitor else "no_visitor"
    faults += [(field, code) for field, code in (("visitor", name_fault), ("reason", fault)) if code]
    if faults:
        raise Refused(*faults)
    seal = vault.keyring().seal
    added = RoomCorrection(
        entry_id=entry.id,
        came_at=stay.came_at,
        left_at=stay.left_at,
        happened=happened,
        visitor=seal(VISITOR, name) if name else None,
        reason=seal(CORRECTION, words),
        made_at=now,
        made_by_id=by.id,
    )
    entry.corrections.append(added)
    if entry.left_at is None and (stay.left_at or not happened):
        entry.left_at = max(entry.came_at, stay.left_at or now)
        entry.left_noted_at, entry.left_noted_by_id = now, by.id
    db.session.flush()
    audit.record(by, "corrected an entry", SUBJECT, number=entry.id)
    return added


def get(entry_id: int, *, by: Staff) -> RoomEntry:
    """Return an entry. Raises NotFound, also for somebody it has nothing to do with who does not keep the register."""
    found = db.session.get(RoomEntry, entry_id)
    own = found is not None and by.id in {found.staff_id, found.escort_id, found.noted_by_id}
    if found is None or not (own or may_keep(by)):
        raise NotFound(f"no entry {entry_id}")
    return found


def shown(entry: RoomEntry) -> Shown:
    """Return one entry as it counts, opened."""
    return _shown([entry])[0]


def list_between(since: date, until: date, *, by: Staff, most: int = MOST) -> list[Shown]:
    """Return the entries from one day to another, both included, newest first. Raises NotFound for other people."""
    if not by.has(*duties.READERS):
        raise NotFound("no register")
    came = RoomEntry.came_at >= _begins(since), RoomEntry.came_at < _begins(until + timedelta(days=1))
    query = select(RoomEntry).where(*came).order_by(RoomEntry.came_at.desc(), RoomEntry.id.desc())
    return _shown(db.session.scalars(query.limit(most).options(*_PEOPLE)))


def read_between(since: date, until: date, *, by: Staff) -> list[Shown]:
    """Return all entries from one day to another, oldest first, to be printed or saved; the read is on record."""
    found = list_between(since, until, by=by, most=_ALL)
    audit.record_read(by, "read the register", SUBJECT, since=since.isoformat(), until=until.isoformat())
    return found[::-1]


def list_inside(*, by: Staff) -> list[Shown]:
    """Return who is inside as the register says, first come first: for people who do not read it, what is theirs."""
    query = select(RoomEntry).where(RoomEntry.left_at.is_(None)).order_by(RoomEntry.came_at, RoomEntry.id)
    if not by.has(*duties.READERS):
        query = query.where(_is_own(by))
    return _shown(db.session.scalars(query.limit(MOST).options(*_PEOPLE)))


def list_own(person: Staff, *, most: int) -> list[Shown]:
    """Return the newest entries that a person made, or noted."""
    query = select(RoomEntry).where(_is_own(person)).order_by(RoomEntry.id.desc())
    return _shown(db.session.scalars(query.limit(most).options(*_PEOPLE)))


def count_left_open(*, of: Staff | None = None) -> int:
    """Return how many came in before today whom nobody noted leaving; of one person, what is theirs."""
    began = _begins(jurisdiction.today())
    query = select(func.count()).where(RoomEntry.left_at.is_(None), RoomEntry.came_at < began)
    return db.session.scalar(query if of is None else query.where(_is_own(of))) or 0


def list_permits(*, by: Staff) -> list[RoomPermit]:
    """Return who may enter and who might, those who may first. Raises NotFound for other people."""
    if not by.has(*duties.READERS):
        raise NotFound("no list")
    people = joinedload(RoomPermit.staff), joinedload(RoomPermit.given_by), joinedload(RoomPermit.ended_by)
    query = select(RoomPermit).order_by(RoomPermit.ended_at.is_not(None), RoomPermit.staff_id, RoomPermit.id.desc())
    return list(db.session.scalars(query.limit(MOST).options(*people)))


def holders() -> set[int]:
    """Return the ids of the people who may enter now."""
    return _holders(clock.now())


def permit(person: Staff | None, until_on: date | None, *, by: Staff) -> RoomPermit:
    """Say that somebody may enter without company, up to a day or until it is ended.

    Raises Refused for somebody who may already, whose account is closed, or who says it of themselves, and for a day
    that has passed; Forbidden for people who do not keep the register.
    """
    if not may_keep(by):
        raise Forbidden("others keep the list")
    faults = []
    if person is None or not person.active:
        faults.append(("person", "unknown"))
    elif person.id == by.id:
        faults.append(("person", "yourself"))
    elif current := _permit_of(person):
        if current.until_on is None or current.until_on >= jurisdiction.today():
            faults.append(("person", "permitted"))
        else:
            current.ended_at, current.ended_by_id = clock.now(), by.id
            db.session.flush()
    if until_on is not None and until_on < jurisdiction.today():
        faults.append(("until_on", "past"))
    if faults or person is None:
        raise Refused(*faults)
    added = RoomPermit(staff_id=person.id, since_at=clock.now(), until_on=until_on, given_by_id=by.id)
    db.session.add(added)
    db.session.flush()
    audit.record(by, "let enter", f"staff {person.number}")
    return added


def end_permit(permit_id: int, *, by: Staff) -> None:
    """Take somebody off the list. Raises NotFound, Forbidden, and WrongState where that was done."""
    if not may_keep(by):
        raise Forbidden("others keep the list")
    found = db.session.get(RoomPermit, permit_id)
    if found is None:
        raise NotFound(f"no permit {permit_id}")
    if found.ended_at:
        raise WrongState(f"permit {permit_id} has ended")
    found.ended_at, found.ended_by_id = clock.now(), by.id
    audit.record(by, "let enter no more", f"staff {found.staff.number}")


def sweep() -> None:
    """Take closed accounts off the list, and erase what was said of visitors once it has been kept long enough."""
    closed = select(RoomPermit).join(RoomPermit.staff).where(RoomPermit.ended_at.is_(None), ~Staff.active)
    said = or_(RoomCorrection.visitor.is_not(None), RoomCorrection.reason.is_not(None))
    named = or_(RoomEntry.visitor.is_not(None), RoomEntry.reason.is_not(None), RoomEntry.corrections.any(said))
    before = clock.now() - jurisdiction.current().visitors_kept
    old = select(RoomEntry).where(RoomEntry.is_visitor, RoomEntry.came_at < before, named)
    if db.session.scalar(closed.limit(1)) is None and db.session.scalar(old.limit(1)) is None:
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for one in db.session.scalars(closed).all():
            one.ended_at = clock.now()
        erased = db.session.scalars(old.limit(MOST)).all()
        for entry in erased:
            entry.visitor = entry.reason = None
            for correction in entry.corrections:
                correction.visitor = correction.reason = None
        if erased:
            erases()
            audit.record(None, "erased visitors", SUBJECT, count=len(erased))


def evidence() -> Evidence:
    """Return what shows that the room is secure."""
    since = clock.now() - WEEK
    found = db.session.scalars(select(RoomEntry).where(RoomEntry.came_at >= since)).all()
    counted = [one for one in found if _stay(one).happened]
    return Evidence(
        len(counted),
        sum(one.on_list for one in counted),
        sum(one.is_visitor for one in counted),
        count_left_open(),
        len(holders()),
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the entries of a period as they count, in the order of time. See `COLUMNS`; visitors are not named."""
    if not by.has(*duties.READERS):
        raise NotFound("no register")
    query = select(RoomEntry).where(RoomEntry.came_at >= since, RoomEntry.came_at < until)
    for one in db.session.scalars(query.order_by(RoomEntry.came_at, RoomEntry.id).options(*_PEOPLE)):
        stay = _stay(one)
        yield (
            _told(stay.came_at),
            _told(stay.left_at) if stay.left_at else "",
            one.staff.number if one.staff else "visitor",
            one.escort.number if one.escort else "",
            "yes" if one.on_list else "no",
            one.noted_by.number,
            ("" if not one.corrections else "yes") if stay.happened else "did not happen",
        )


def _judged(coming: Coming) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return a visitor's name and the reason as they can be kept, and what is wrong."""
    faults: list[tuple[str, str]] = []
    visitor, reason = "", ""
    if coming.who is None:
        visitor, fault = clear_words.judge(coming.visitor, rules.LONGEST_NAME)
        faults += [("visitor", fault)] if fault else []
        if coming.escort is None or not coming.escort.active:
            faults.append(("escort", "required"))
    elif coming.visitor.strip():
        faults.append(("visitor", "both"))
    elif not coming.who.active:
        faults.append(("who", "unknown"))
    elif coming.escort is not None and coming.escort.id == coming.who.id:
        faults.append(("escort", "themselves"))
    reason, fault = clear_words.judge(coming.reason, rules.LONGEST_REASON)
    faults += [("reason", fault)] if fault else []
    return visitor, reason, tuple(faults)


def _inside(person: Staff) -> bool:
    query = select(RoomEntry.id).where(RoomEntry.left_at.is_(None), RoomEntry.staff_id == person.id)
    return db.session.scalar(query.limit(1)) is not None


def _is_own(person: Staff) -> ColumnElement[bool]:
    return or_(RoomEntry.staff_id == person.id, RoomEntry.escort_id == person.id, RoomEntry.noted_by_id == person.id)


def _permit_of(person: Staff) -> RoomPermit | None:
    query = select(RoomPermit).where(RoomPermit.staff_id == person.id, RoomPermit.ended_at.is_(None))
    return db.session.scalar(query)


def _holders(at: datetime) -> set[int]:
    """Return who may enter at a moment: open accounts alone."""
    day = at.astimezone(jurisdiction.current().zone).date()
    found = db.session.scalars(select(RoomPermit).join(RoomPermit.staff).where(Staff.active)).all()
    return {
        one.staff_id for one in found if rules.may_enter([Permit(one.since_at, one.until_on, one.ended_at)], at, day)
    }


def _stay(entry: RoomEntry) -> Stay:
    """Return an entry as it counts: as it was noted, or as its newest correction says."""
    if not entry.corrections:
        return Stay(entry.came_at, entry.left_at)
    last = entry.corrections[-1]
    return Stay(last.came_at, last.left_at or entry.left_at, last.happened)


def _visitor(entry: RoomEntry) -> bytes | None:
    """Return what a visitor is called, sealed: as the newest correction of the name says, or as it was noted."""
    corrected = (one.visitor for one in reversed(entry.corrections) if one.visitor is not None)
    return next(corrected, entry.visitor)


def _shown(found: Iterable[RoomEntry]) -> list[Shown]:
    began = _begins(jurisdiction.today())
    return [
        Shown(
            one,
            stay := _stay(one),
            _opened(VISITOR, _visitor(one)),
            _opened(VISITOR, one.visitor),
            _opened(REASON, one.reason),
            tuple(
                Corrected(each, _opened(VISITOR, each.visitor), _opened(CORRECTION, each.reason))
                for each in one.corrections
            ),
            rules.is_left_open(stay, day_began_at=began),
        )
        for one in found
    ]


def _opened(purpose: str, sealed: bytes | None) -> str | None:
    try:
        return vault.keyring().open(purpose, sealed) if sealed else None
    except (KeyMissing, Unreadable):
        return None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), jurisdiction.current().zone)


def _told(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
