"""Outsiders whom the code of practice names: the data protection officer, and the INHOPE secretariat.

What is known of one is never changed: whoever follows, or is reached otherwise, is entered anew, and the old one ends.
Names, mailboxes and telephone numbers are sealed; letters are encrypted to an official's key where there is one.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, KeyMissing, NotFound, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.practice import Official
from hotline.models.staff import Staff
from hotline.rules import confidential, reach
from hotline.services import audit, duties, given_keys
from hotline.vocabulary import OfficialPart

PURPOSES = ("official.name", "official.mailbox", "official.phone")  # in the order of the fields of a Reached
LONGEST = 120  # characters of each field


@dataclass(frozen=True, slots=True)
class OfficialEntry:
    """What a person types about an official."""

    name: str
    mailbox: str
    phone: str
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class Reached:
    """Who an official is, and how they are reached, opened; empty where nothing is entered, or it does not open."""

    name: str
    mailbox: str
    phone: str


def reached(official: Official) -> Reached:
    """Open who an official is, and how they are reached."""
    sealed = zip(PURPOSES, (official.name, official.mailbox, official.phone), strict=True)
    return Reached(*(_opened(purpose, blob) for purpose, blob in sealed))


def has_key(official: Official) -> bool:
    """Whether a letter can be encrypted to an official's key now."""
    return official.key_material is not None and confidential.is_usable(
        expires_at=official.key_expires_at, withdrawn_at=None, now=clock.now()
    )


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

    A key stays while the mailbox does, in whatever case it is written. `version` is the id of the entry this was based
    on, 0 for none. Raises Forbidden for people who keep no duty, Overtaken when somebody else was entered meanwhile,
    Refused((field, code), ...) with all that is wrong.
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
    ring = vault.keyring()
    name, mailbox, phone = (
        ring.seal(purpose, text)
        for purpose, text in zip(PURPOSES, (entry.name, entry.mailbox, entry.phone), strict=True)
    )
    added = Official(
        part=part,
        name=name,
        mailbox=mailbox,
        phone=phone,
        checked_on=entry.checked_on,
        since_at=now,
        noted_by_id=by.id,
    )
    if before is not None and entry.mailbox and reached(before).mailbox.casefold() == entry.mailbox.casefold():
        added.key_kind, added.key_material = before.key_kind, before.key_material
        added.key_fingerprint, added.key_expires_at = before.key_fingerprint, before.key_expires_at
    db.session.add(added)
    db.session.flush()
    audit.record(by, "entered official", f"official {added.id}", part=part)
    return added


def dropped_key(official: Official) -> bool:
    """Whether the key of the entry before this one fell with its mailbox."""
    same = select(Official.key_kind).where(Official.part == official.part, Official.until_at == official.since_at)
    return official.key_kind is None and db.session.scalar(same) is not None


def check(official: Official, on: date, *, by: Staff) -> None:
    """Note the day on which somebody made sure that an official is still reached so.

    Raises Forbidden for people who keep no duty, WrongState for who is no more in office, Refused for a day ahead.
    """
    _check_in_office(official, by)
    if on > jurisdiction.today():
        raise Refused(("checked_on", "ahead"))
    official.checked_on = on
    audit.record(by, "checked official", f"official {official.id}", on=on.isoformat())


def end(official: Official, *, by: Staff) -> None:
    """Note that an official is no more in office, with nobody following yet.

    Raises Forbidden for people who keep no duty, WrongState for who is out of office already.
    """
    _check_in_office(official, by)
    official.until_at = clock.now()
    audit.record(by, "ended official", f"official {official.id}", part=official.part)


def put_key(official: Official, kind: str, material: str, *, version: int, by: Staff) -> None:
    """Let letters to an official be encrypted to a key from now on.

    `version` is the id of the entry whose key it is. Raises Forbidden for people who keep no duty, WrongState for who
    is no more in office, Overtaken when somebody else was entered meanwhile, Refused (`key_kind` or `material`, code)
    for what is wrong with it.
    """
    _check_in_office(official, by)
    if official.id != version:
        raise Overtaken(f"somebody else was entered as {official.part} meanwhile")
    found = given_keys.read(kind, material)
    official.key_kind, official.key_material = found.kind, found.material
    official.key_fingerprint, official.key_expires_at = found.fingerprint, found.expires_at
    db.session.flush()
    audit.record(by, "put a key", f"official {official.id}", kind=found.kind, key=found.fingerprint)


def take_key(official: Official, fingerprint: str, *, by: Staff) -> None:
    """Encrypt nothing to an official's key any more.

    Raises Forbidden for people who keep no duty, WrongState for who is no more in office or has no key, Overtaken where
    there is another key by now than that of this fingerprint.
    """
    _check_in_office(official, by)
    if official.key_kind is None:
        raise WrongState(f"official {official.id} has no key")
    if official.key_fingerprint != fingerprint:
        raise Overtaken(f"official {official.id} has another key by now")
    official.key_kind = official.key_material = official.key_fingerprint = official.key_expires_at = None
    db.session.flush()
    audit.record(by, "took a key away", f"official {official.id}")


def _opened(purpose: str, sealed: bytes) -> str:
    try:
        return vault.keyring().open(purpose, sealed)
    except (KeyMissing, Unreadable):
        return ""


def _check_in_office(official: Official, by: Staff) -> None:
    _check_keeper(by)
    if official.until_at is not None:
        raise WrongState(f"official {official.id} is no more in office")


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
