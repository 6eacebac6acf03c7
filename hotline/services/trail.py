"""The audit trail as auditors read it: who did what to which record, newest first, and whether the chain holds.

Each reading is an entry itself; what was typed stands in it only where the trail itself names it so. Only who is
nothing but an auditor is shown details: they may tell what somebody else found, or who was told of a child. Whoever
also looks at items, or works with victims, is shown entries about the house alone: a deed may tell what was found.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, or_, select

from hotline import jurisdiction
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.staff import Staff
from hotline.services import anchors, audit
from hotline.services.anchors import Anchor
from hotline.vocabulary import Role

READERS = (Role.AUDITOR,)
AT_WORK = (Role.ANALYST, Role.REVIEWER, Role.VICTIM_SUPPORT)
HOUSE = ("staff", "room", "duty", "access review", "recipient", "official", "public text", "year", "audit trail")
ACTOR = re.compile(r"A-\d{1,6}|" + audit.SYSTEM)
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
READ, TAKEN = "read the audit trail", "took a file of the audit trail"
RECORD, UNKNOWN = "audit trail", "unknown"
SHOWN = 100
MOST_IN_FILE = 10_000
LONGEST = 120  # signs of a record's name that are looked for


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trail is asked for. Empty: everything. Days are of this country, both included.

    `actor` is a number of staff, or `system`; `record` as the trail names it, such as `item I-7GQ4M2`, or its
    reference alone. `before` is the id of an entry: only older ones are.
    """

    actor: str = ""
    record: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `details` are names and codes; None where they were erased, and where the reader is not told them."""

    entry: AuditEntry
    details: tuple[tuple[str, str], ...] | None

    @property
    def is_erased(self) -> bool:
        """Whether its details were erased, as the law asks after some time; the chain holds all the same."""
        return self.entry.details is None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the trail. `after` is the cursor of the next part, empty at the end.

    `is_told` says whether details show, `of_house` whether entries about the house alone do.
    """

    lines: Sequence[Line]
    after: str
    is_told: bool
    of_house: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """How the trail stands: its last entry, whether that one follows from the one before, and the last anchor taken.

    `is_kept` says whether the entry that the anchor names is still the same; None where none was taken.
    """

    number: int
    mark: str
    is_whole: bool
    anchor: Anchor | None
    is_kept: bool | None


def asked(actor: str, record: str, since: str, until: str, before: str) -> Asked:
    """Return what was typed as what is asked for. Raises Refused by field."""
    days: dict[str, date | None] = {}
    wrong = []
    for field, typed in (("since", since), ("until", until)):
        days[field] = found = _day(typed.strip())
        if typed.strip() and found is None:
            wrong.append((field, "day"))
    if actor.strip() and not ACTOR.fullmatch(actor.strip()):
        wrong.append(("actor", "unknown"))
    first, last = days.get("since"), days.get("until")
    if first and last and last < first:
        wrong.append(("until", "early"))
    if before and not (before.isascii() and before.isdecimal() and len(before) < 16):
        wrong.append(("before", "unknown"))
    if wrong:
        raise Refused(*wrong)
    named = " ".join(record.split())[:LONGEST]
    return Asked(actor.strip(), named, first, last, int(before) if before else None)


def read(wanted: Asked, *, by: Staff) -> Page:
    """Return a part of the trail, newest first; that it was read is on record, and not in what is returned."""
    return _read(wanted, READ, by=by, most=SHOWN)


def take(wanted: Asked, *, by: Staff) -> Page:
    """Return what is asked for as a file has it, `MOST_IN_FILE` entries at most; that it was taken is on record."""
    return _read(wanted, TAKEN, by=by, most=MOST_IN_FILE)


def chain() -> Chain:
    """Return how the trail stands, at any size of it: the whole is recomputed by `flask audit verify`."""
    number, mark = audit.anchor()
    last = anchors.last()
    return Chain(number, mark, audit.verify_head()[1] is None, last, anchors.holds(last) if last else None)


def _read(wanted: Asked, deed: str, *, by: Staff, most: int) -> Page:
    of_house, is_told = by.has(*AT_WORK), set(by.roles) == {Role.AUDITOR}
    query = _query(wanted)
    if of_house:
        query = query.where(or_(*(_is_about(kind) for kind in HOUSE)))
    found = list(db.session.scalars(query.limit(most + 1)))
    audit.record_read(by, deed, RECORD, **_told(wanted, is_known=bool(found)))
    shown = found[:most]
    lines = [_line(one, is_told=is_told) for one in shown]
    return Page(lines, str(shown[-1].id) if len(found) > len(shown) else "", is_told, of_house)


def _is_about(kind: str) -> ColumnElement[bool]:
    return or_(AuditEntry.record == kind, AuditEntry.record.startswith(f"{kind} ", autoescape=True))


def _query(wanted: Asked) -> Select[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if " " in wanted.record:
        query = query.where(AuditEntry.record == wanted.record)
    elif wanted.record:
        query = query.where(AuditEntry.record.iendswith(f" {wanted.record}", autoescape=True))
    if wanted.since:
        query = query.where(AuditEntry.at >= _begins(wanted.since))
    if wanted.until:
        query = query.where(AuditEntry.at < _begins(wanted.until + timedelta(days=1)))
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    return query


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), jurisdiction.current().zone)


def _day(typed: str) -> date | None:
    """Return a day as it was typed; None for what is none, or lies where no clock of ours ever stood."""
    try:
        found = date.fromisoformat(typed) if len(typed) == len("2026-11-27") else None
    except ValueError:
        return None
    return found if found is not None and FIRST <= found <= LAST else None


def _told(wanted: Asked, *, is_known: bool) -> dict[str, str]:
    """Return what was asked for, as the entry about the reading tells it.

    A record that the trail does not name may be anything that somebody pasted, such as an address: it is not written.
    """
    days = {name: day.isoformat() for name, day in (("since", wanted.since), ("until", wanted.until)) if day}
    about = wanted.record if is_known else UNKNOWN
    return days | ({"of": wanted.actor} if wanted.actor else {}) | ({"about": about} if wanted.record else {})


def _line(entry: AuditEntry, *, is_told: bool) -> Line:
    if entry.details is None or not is_told:
        return Line(entry, None)
    return Line(entry, tuple((name, str(value)) for name, value in json.loads(entry.details).items()))
