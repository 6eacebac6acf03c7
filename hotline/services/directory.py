"""The directory: who may get something from us, how it reaches them, and by what they are recognised.

Every change of an entry is kept with who made it. Whatever changes how a recipient is reached has to be verified anew.
"""

import hashlib
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.recipient import Recipient, RecipientChange, RecipientMark
from hotline.models.staff import Staff
from hotline.rules import marks
from hotline.rules.entries import Entry
from hotline.services import audit, references
from hotline.vocabulary import Delivery, Language, Mark, RecipientKind, RecipientSource

REACHED_BY = ("delivery", "mailbox", "form_url", "portal_url", "phone")
FIELDS = ("name", "kind", *REACHED_BY, "country", "language", "iccam_hotline", "doubt")
MOST_MARKS = 200
SHOWN_CHANGES = 50


class Event(StrEnum):
    """What the history of an entry tells beside its fields."""

    ADDED = "added"
    VERIFIED = "verified_on"
    ACTIVE = "active"
    PROPOSED = "proposed"
    MARK = "mark"
    KEY = "key"
    ABOVE = "above"
    SEED = "seed"


def add(
    name: str, kind: RecipientKind, mailbox: str, country: str, language: Language, *, by: Staff | None = None
) -> Recipient:
    """Add an entry that is reached by e-mail. Raises Refused when its mailbox is in the directory already."""
    return enter(Entry(name, kind, mailbox, country, language), by=by)


def enter(entry: Entry, *, by: Staff | None, source: RecipientSource = RecipientSource.PERSON) -> Recipient:
    """Add an entry, yet to be verified. Raises Refused when its mailbox is in the directory already."""
    _refuse_taken(entry.mailbox)
    added = Recipient(
        ref=references.draw(Recipient.ref, "D"), source=source, **{field: getattr(entry, field) for field in FIELDS}
    )
    db.session.add(added)
    db.session.flush()
    note(added, Event.ADDED, after=source, by=by)
    audit.record(by, "added", f"recipient {added.ref}")
    return added


def get(ref: str) -> Recipient:
    """Return the entry `ref`, switched off, proposed or not. Raises NotFound."""
    found = db.session.scalar(select(Recipient).where(Recipient.ref == ref))
    if found is None:
        raise NotFound(f"no entry {ref}")
    return found


def list_entries(*, kind: RecipientKind | None = None, like: str = "") -> list[Recipient]:
    """Return entries that are more than proposals: those in use first, each part by name. `like` is part of a name,
    a mailbox or a mark."""
    query = _standing().order_by(Recipient.active.desc(), func.lower(Recipient.name), Recipient.id)
    if kind:
        query = query.where(Recipient.kind == kind)
    if like:
        marked = select(RecipientMark.recipient_id).where(RecipientMark.value.icontains(like, autoescape=True))
        columns = (Recipient.name, Recipient.mailbox)
        query = query.where(or_(*(one.icontains(like, autoescape=True) for one in columns), Recipient.id.in_(marked)))
    return list(db.session.scalars(query))


def list_in_use(*kinds: RecipientKind) -> list[Recipient]:
    """Return the entries in use of some kinds, those that somebody has verified first, then by name."""
    query = _standing().where(Recipient.active, Recipient.kind.in_(kinds))
    return list(db.session.scalars(query.order_by(*_offered())))


def list_marked(wanted: frozenset[tuple[Mark, str]], *kinds: RecipientKind) -> list[Recipient]:
    """Return the entries in use of some kinds that bear one of the marks; a mailbox of theirs is one too."""
    if not wanted:
        return []
    bear = or_(
        *(
            Recipient.id.in_(
                select(RecipientMark.recipient_id).where(RecipientMark.mark == mark, RecipientMark.value.in_(values))
            )
            for mark, values in _by_mark(wanted).items()
        ),
        func.lower(Recipient.mailbox).in_([value for mark, value in wanted if mark is Mark.MAILBOX]),
    )
    query = _standing().where(Recipient.active, Recipient.kind.in_(kinds), bear)
    return list(db.session.scalars(query.order_by(*_offered())))


def list_in_country(kind: RecipientKind, country: str) -> list[Recipient]:
    """Return the entries in use of one kind and country (ISO 3166), those somebody has verified first, then by name."""
    query = _standing().where(Recipient.active, Recipient.kind == kind, Recipient.country == country)
    return list(db.session.scalars(query.order_by(*_offered())))


def version(recipient: Recipient) -> str:
    """Return what tells an entry as it was shown from one that somebody has changed since."""
    said = "\x1f".join(str(getattr(recipient, field)) for field in FIELDS)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def change(recipient: Recipient, entry: Entry, *, seen: str | None = None, by: Staff) -> tuple[str, ...]:
    """Write what was typed into an entry; return the fields that changed.

    Who is reached in another way from now on has yet to be verified. Raises Overtaken where somebody else has changed
    the entry since it was shown (`seen`, a `version`; None: nobody was shown it).
    """
    _refuse_overtaken(recipient, seen)
    changed = tuple(field for field in FIELDS if getattr(recipient, field) != getattr(entry, field))
    if "mailbox" in changed:
        _refuse_taken(entry.mailbox, but=recipient)
    for field in changed:
        note(recipient, field, getattr(recipient, field), getattr(entry, field), by=by)
        setattr(recipient, field, getattr(entry, field))
    if recipient.verified_on and {*changed} & {*REACHED_BY}:
        note(recipient, Event.VERIFIED, recipient.verified_on, by=by)
        recipient.verified_on = None
    if changed:
        audit.record(by, "changed", f"recipient {recipient.ref}", fields=",".join(changed))
    return changed


def verify(recipient: Recipient, *, seen: str | None = None, by: Staff) -> None:
    """Note that a person has checked today, by the calendar of this country, that this is how the recipient is reached.

    Raises WrongState for a proposal, Overtaken as `change`, Refused (`verify`, `no_way`) where the way it likes best is
    not written down.
    """
    _refuse_proposed(recipient)
    _refuse_overtaken(recipient, seen)
    if not has_way(recipient):
        raise Refused(("verify", "no_way"))
    today = jurisdiction.today()
    note(recipient, Event.VERIFIED, recipient.verified_on, today, by=by)
    recipient.verified_on = today
    audit.record(by, "verified", f"recipient {recipient.ref}")


def have_verified_anew(recipient: Recipient) -> None:
    """Let nothing go to an entry whose mailbox does not exist before a person has checked how it is reached."""
    if recipient.verified_on is not None:
        note(recipient, Event.VERIFIED, recipient.verified_on, by=None)
        recipient.verified_on = None
        audit.record(None, "to be verified anew", f"recipient {recipient.ref}")


def switch(recipient: Recipient, *, on: bool, by: Staff) -> None:
    """Let an entry get letters, or no more; what is drafted stays. Raises WrongState if it is so already."""
    _refuse_proposed(recipient)
    if recipient.active is on:
        raise WrongState(f"{recipient.ref} is so already")
    note(recipient, Event.ACTIVE, recipient.active, on, by=by)
    recipient.active = on
    audit.record(by, "switched on" if on else "switched off", f"recipient {recipient.ref}")


def has_way(recipient: Recipient) -> bool:
    """Whether an entry says where to turn to in the way it likes best. Where no way is known it does not.

    No programs' interface is served yet: whoever likes that best is reached by mail.
    """
    places: dict[Delivery, str | bool] = {
        Delivery.WEB_FORM: recipient.form_url,
        Delivery.PORTAL: recipient.portal_url,
        Delivery.ICCAM: True,
        Delivery.NONE: False,
    }
    return bool(places.get(recipient.delivery, recipient.mailbox))


def add_mark(recipient: Recipient, mark: str, typed: str, *, by: Staff) -> RecipientMark:
    """Note by what an entry is recognised. Raises Refused with what is wrong with it."""
    judged = marks.judge(mark, typed)
    if not isinstance(judged[0], Mark):
        raise Refused(*judged)
    kind, value = judged[0], str(judged[1])
    if any((one.mark, one.value) == (kind, value) for one in recipient.marks):
        raise Refused(("value", "taken"))
    if len(recipient.marks) >= MOST_MARKS:
        raise Refused(("value", "many"))
    added = RecipientMark(recipient_id=recipient.id, mark=kind, value=value)
    recipient.marks.append(added)
    db.session.flush()
    note(recipient, Event.MARK, after=value, by=by)
    audit.record(by, "marked", f"recipient {recipient.ref}", mark=kind)
    return added


def remove_mark(recipient: Recipient, mark_id: int, *, by: Staff) -> None:
    """Take a mark away. Raises NotFound when the entry has none of that number."""
    found = next((one for one in recipient.marks if one.id == mark_id), None)
    if found is None:
        raise NotFound(f"no mark {mark_id} at {recipient.ref}")
    note(recipient, Event.MARK, found.value, by=by)
    recipient.marks.remove(found)
    audit.record(by, "unmarked", f"recipient {recipient.ref}", mark=found.mark)


def list_changes(recipient: Recipient) -> list[RecipientChange]:
    """Return what was changed of an entry, the newest first."""
    query = select(RecipientChange).where(RecipientChange.recipient_id == recipient.id)
    return list(db.session.scalars(query.order_by(RecipientChange.id.desc()).limit(SHOWN_CHANGES)))


def note(
    recipient: Recipient,
    field: str,
    before: object = None,
    after: object = None,
    *,
    by: Staff | None,
    at: datetime | None = None,
) -> None:
    """Keep one change of an entry in its history. None is written as nothing."""
    said = ("" if one is None else str(one) for one in (before, after))
    db.session.add(
        RecipientChange(
            recipient_id=recipient.id,
            staff_id=by.id if by else None,
            at=at or clock.now(),
            field=str(field),
            **dict(zip(("before", "after"), said, strict=True)),
        )
    )


def verified_on_at(recipient: Recipient, moment: datetime) -> date | None:
    """Return when an entry had been verified last, as it stood at a moment; None where it was not verified then."""
    later = select(RecipientChange).where(
        RecipientChange.recipient_id == recipient.id,
        RecipientChange.field == Event.VERIFIED,
        RecipientChange.at > moment,
    )
    first = db.session.scalar(later.order_by(RecipientChange.id).limit(1))
    if first is None:
        return recipient.verified_on
    return date.fromisoformat(first.before) if first.before else None


def _standing() -> Select[Recipient]:
    return select(Recipient).where(Recipient.proposed_at.is_(None))


def _offered() -> tuple[ColumnElement[Any], ...]:
    return (Recipient.verified_on.is_(None), func.lower(Recipient.name), Recipient.id.expression)


def _by_mark(wanted: frozenset[tuple[Mark, str]]) -> dict[Mark, list[str]]:
    return {mark: [value for one, value in wanted if one is mark] for mark in {mark for mark, _value in wanted}}


def _refuse_overtaken(recipient: Recipient, seen: str | None) -> None:
    if seen is not None and seen != version(recipient):
        raise Overtaken(f"{recipient.ref} was changed since it was shown")


def _refuse_proposed(recipient: Recipient) -> None:
    if recipient.proposed_at is not None:
        raise WrongState(f"{recipient.ref} is only proposed")


def _refuse_taken(mailbox: str, *, but: Recipient | None = None) -> None:
    """Raise Refused when a mailbox is in the directory already, be it of a proposal that somebody dismissed."""
    if not mailbox:
        return
    same = select(Recipient.id).where(func.lower(Recipient.mailbox) == mailbox.lower())
    found = db.session.scalar(same.where(Recipient.id != but.id) if but else same)
    if found is not None:
        raise Refused(("mailbox", "taken"))
