"""The directory: who may get letters, and when somebody last checked that the mailbox is theirs."""

from sqlalchemy import func, select

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules.entries import Entry
from hotline.services import audit, references
from hotline.vocabulary import Language, RecipientKind

FIELDS = ("name", "kind", "mailbox", "country", "language")


def add(
    name: str, kind: RecipientKind, mailbox: str, country: str, language: Language, *, by: Staff | None = None
) -> Recipient:
    """Add an entry. Raises Refused when its mailbox is in the directory already."""
    _refuse_taken(mailbox)
    added = Recipient(
        ref=references.draw(Recipient.ref, "D"),
        name=name,
        kind=kind,
        mailbox=mailbox,
        country=country,
        language=language,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "added", f"recipient {added.ref}")
    return added


def get(ref: str) -> Recipient:
    """Return the entry `ref`, switched off or not. Raises NotFound."""
    found = db.session.scalar(select(Recipient).where(Recipient.ref == ref))
    if found is None:
        raise NotFound(f"no entry {ref}")
    return found


def list_entries() -> list[Recipient]:
    """Return every entry: those in use first, each part by name."""
    query = select(Recipient).order_by(Recipient.active.desc(), func.lower(Recipient.name), Recipient.id)
    return list(db.session.scalars(query))


def partners_in(country: str) -> list[Recipient]:
    """Return the partner hotlines in use of one country (ISO 3166), by name."""
    query = select(Recipient).where(
        Recipient.kind == RecipientKind.PARTNER_HOTLINE, Recipient.country == country, Recipient.active
    )
    return list(db.session.scalars(query.order_by(func.lower(Recipient.name), Recipient.id)))


def change(recipient: Recipient, entry: Entry, *, by: Staff) -> tuple[str, ...]:
    """Write what was typed into an entry; return the fields that changed. A new mailbox has yet to be verified."""
    changed = tuple(field for field in FIELDS if getattr(recipient, field) != getattr(entry, field))
    if "mailbox" in changed:
        _refuse_taken(entry.mailbox, but=recipient)
        recipient.verified_on = None
    for field in changed:
        setattr(recipient, field, getattr(entry, field))
    if changed:
        audit.record(by, "changed", f"recipient {recipient.ref}", fields=",".join(changed))
    return changed


def verify(recipient: Recipient, *, by: Staff) -> None:
    """Note that a person has checked the mailbox today, by the calendar of this country."""
    recipient.verified_on = clock.now().astimezone(jurisdiction.current().zone).date()
    audit.record(by, "verified", f"recipient {recipient.ref}")


def switch(recipient: Recipient, *, on: bool, by: Staff) -> None:
    """Let an entry get letters, or no more; what is drafted stays. Raises WrongState if it is so already."""
    if recipient.active is on:
        raise WrongState(f"{recipient.ref} is so already")
    recipient.active = on
    audit.record(by, "switched on" if on else "switched off", f"recipient {recipient.ref}")


def _refuse_taken(mailbox: str, *, but: Recipient | None = None) -> None:
    same = select(Recipient.id).where(func.lower(Recipient.mailbox) == mailbox.lower())
    found = db.session.scalar(same.where(Recipient.id != but.id) if but else same)
    if found is not None:
        raise Refused(("mailbox", "taken"))
