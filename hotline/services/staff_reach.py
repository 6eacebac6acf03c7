"""How we ourselves are reached, and what we are called in full: each person enters their own, sealed.

Nobody else reads it. It is opened to check that nothing which leaves the team bears any of it, and to mail a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline import clock, vault
from hotline.errors import KeyMissing, Refused, Unreadable
from hotline.extensions import db
from hotline.models.practice import StaffReach
from hotline.models.staff import Staff
from hotline.rules import reach as rules
from hotline.rules.reach import Reach
from hotline.services import audit

PURPOSES = ("staff.names", "staff.mailboxes", "staff.phones")  # in the order of the fields of a Reach


@dataclass(frozen=True, slots=True)
class Everybody:
    """What all accounts entered, open and closed ones, each once: full names, mailboxes, telephone numbers."""

    names: tuple[str, ...]
    mailboxes: tuple[str, ...]
    phones: tuple[str, ...]


def everybody() -> Everybody:
    """Open what everybody entered, for the check of what leaves. A row that does not open is left out."""
    return _together(db.session.scalars(select(StaffReach).order_by(StaffReach.staff_id)))


def entered_after(moment: datetime) -> Everybody:
    """Open what people entered, or entered anew, after a moment. A row that does not open is left out."""
    query = select(StaffReach).where(StaffReach.changed_at > moment)
    return _together(db.session.scalars(query.order_by(StaffReach.staff_id)))


def of(person: Staff) -> Reach:
    """Open what a person entered about themselves; nothing in it where they entered none, or it does not open."""
    row = db.session.get(StaffReach, person.id)
    return (_opened(row) if row else None) or Reach()


def wants_mail(person: Staff) -> bool:
    """Whether a person asked for a mail of what they answer for."""
    row = db.session.get(StaffReach, person.id)
    return row is not None and row.wants_mail


def filled() -> frozenset[int]:
    """Return the ids of the accounts that entered a full name, and whose row opens: all that others are told of it.

    A mailbox for the mail of duties alone is nothing that the check of what leaves could find a person by.
    """
    opened = ((row.staff_id, _opened(row)) for row in db.session.scalars(select(StaffReach)))
    return frozenset(staff_id for staff_id, reach in opened if reach and reach.names)


def enter(person: Staff, reach: Reach, *, wants_mail: bool) -> None:
    """Keep how a person is reached, as they say themselves. Raises Refused((field, code), ...) with all that is wrong.

    Nothing entered at all takes away what was kept. `changed_at` moves only where something else is looked for from now
    on: what waits to leave is looked through again after that moment.
    """
    wrong = list(rules.faults(reach))
    if wants_mail and not reach.mailboxes:
        wrong.append(("mailboxes", "required"))
    if wrong:
        raise Refused(*wrong)
    row = db.session.get(StaffReach, person.id)
    if not (reach.names or reach.mailboxes or reach.phones):
        if row is not None:
            db.session.delete(row)
            audit.record(person, "took away own reach", f"staff {person.number}")
        return
    if row is None or _opened(row) != reach:
        row = row or StaffReach(staff_id=person.id)
        row.names, row.mailboxes, row.phones = (
            vault.keyring().seal(purpose, "\n".join(lines))
            for purpose, lines in zip(PURPOSES, (reach.names, reach.mailboxes, reach.phones), strict=True)
        )
        row.changed_at = clock.now()
        db.session.add(row)
    row.wants_mail = wants_mail
    audit.record(person, "entered own reach", f"staff {person.number}")


def _together(rows: Iterable[StaffReach]) -> Everybody:
    found = [reach for row in rows if (reach := _opened(row))]
    return Everybody(
        names=tuple(dict.fromkeys(name for one in found for name in one.names)),
        mailboxes=tuple(dict.fromkeys(mailbox for one in found for mailbox in one.mailboxes)),
        phones=tuple(dict.fromkeys(phone for one in found for phone in one.phones)),
    )


def _opened(row: StaffReach) -> Reach | None:
    ring = vault.keyring()
    try:
        sealed = zip(PURPOSES, (row.names, row.mailboxes, row.phones), strict=True)
        return Reach(*(tuple(ring.open(purpose, blob).splitlines()) for purpose, blob in sealed))
    except (KeyMissing, Unreadable):
        return None
