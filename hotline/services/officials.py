"""Outsiders whom the code of practice names: the data protection officer, and the INHOPE secretariat.

What is known of one is never changed: whoever follows, or is reached otherwise, is entered anew, and the old one ends.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.practice import Official
from hotline.models.staff import Staff
from hotline.rules import reach
from hotline.services import audit, duties
from hotline.vocabulary import OfficialPart

LONGEST = 120  # characters of each field


@dataclass(frozen=True, slots=True)
class OfficialEntry:
    """What a person types about an official."""

    name: str
    mailbox: str
    phone: str
    checked_on: date | None


def current(part: OfficialPart) -> Official | None:
    """Return who is in this office now; None where nobody is entered."""
    return db.session.scalar(select(Official).where(Official.part == part, Official.until_at.is_(None)))


def history(part: OfficialPart) -> list[Official]:
    """Return everybody who was entered for an office, newest first."""
    query = select(Official).where(Official.part == part).options(joinedload(Official.noted_by))
    return list(db.session.scalars(query.order_by(Official.id.desc())))


def get(official_id: int, *, by: Staff) -> Official:
    """Return an entry by id. Raises NotFound, also for people who may not see any."""
    found = db.session.get(Official, official_id)
    if found is None or not by.has(*duties.READERS):
        raise NotFound(f"no official {official_id}")
    return found


def enter(part: OfficialPart, entry: OfficialEntry, *, version: int, by: Staff) -> Official:
    """Put down who is in an office from now on; whoever was, is no more.

    `version` is the id of the entry this was based on, 0 for none. Raises Forbidden for people who keep no duty,
    Overtaken when somebody else was entered meanwhile, Refused((field, code), ...) with all that is wrong.
    """
    _check_keeper(by)
    entry = OfficialEntry(" ".join(entry.name.split()), entry.mailbox.strip(), entry.phone.strip(), entry.checked_on)
    if wrong := _faults(entry):
        raise Refused(*wrong)
    before = current(part)
    if (before.id if before else 0) != version:
        raise Overtaken(f"somebody else was entered as {part}")
    now = clock.now()
    if before is not None:
        before.until_at = now
        db.session.flush()
    added = Official(
        part=part,
        name=entry.name,
        mailbox=entry.mailbox,
        phone=entry.phone,
        checked_on=entry.checked_on,
        since_at=now,
        noted_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "entered official", f"official {added.id}", part=part)
    return added


def check(official: Official, on: date, *, by: Staff) -> None:
    """Note the day on which somebody made sure that an official is still reached so.

    Raises Forbidden for people who keep no duty, WrongState for who is no more in office, Refused for a day ahead.
    """
    _check_keeper(by)
    if official.until_at is not None:
        raise WrongState(f"official {official.id} is no more in office")
    if on > jurisdiction.today():
        raise Refused(("checked_on", "ahead"))
    official.checked_on = on
    audit.record(by, "checked official", f"official {official.id}", on=on.isoformat())


def end(official: Official, *, by: Staff) -> None:
    """Note that an official is no more in office, with nobody following yet.

    Raises Forbidden for people who keep no duty, WrongState for who is out of office already.
    """
    _check_keeper(by)
    if official.until_at is not None:
        raise WrongState(f"official {official.id} is no more in office")
    official.until_at = clock.now()
    audit.record(by, "ended official", f"official {official.id}", part=official.part)


def _check_keeper(by: Staff) -> None:
    if not by.has(*duties.KEEPERS):
        raise Forbidden("officials are entered by others")


def _faults(entry: OfficialEntry) -> tuple[tuple[str, str], ...]:
    wrong = {
        ("name", "required"): not entry.name,
        ("mailbox", "required"): not entry.mailbox and not entry.phone,
        ("mailbox", "form"): bool(entry.mailbox) and not reach.is_mailbox(entry.mailbox),
        ("phone", "form"): bool(entry.phone) and not reach.is_phone(entry.phone),
        ("checked_on", "ahead"): entry.checked_on is not None and entry.checked_on > jurisdiction.today(),
    }
    for field in ("name", "mailbox", "phone"):
        wrong[field, "too_long"] = len(getattr(entry, field)) > LONGEST
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)
