"""Notes of the team on an item, sealed. None shows to others before two people have chosen (`rules/notes.py`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import selectinload

from hotline import clock, vault
from hotline.errors import KeyMissing, Refused, Unreadable
from hotline.extensions import db
from hotline.models.item import Item, ItemNote
from hotline.models.staff import Staff
from hotline.rules import notes as rules
from hotline.services import assessments, audit, merges
from hotline.vocabulary import ItemStatus

PURPOSE = "item.note"
WROTE = "wrote a note"


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """One note. `text` is None where it does not open."""

    by: Staff
    text: str | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Notes:
    """The newest notes that a person may read, newest first, and how many there are. `some_wait`: others' may not."""

    shown: list[OpenedNote]
    count: int
    some_wait: bool


def add(item: Item, text: str, *, by: Staff) -> ItemNote:
    """Write a note on `item`. Raises Refused for an empty or huge one, or one with a file in it."""
    text, fault = rules.judge(text)
    if fault:
        raise Refused(("text", fault))
    note = ItemNote(item_id=item.id, staff_id=by.id, body=vault.keyring().seal(PURPOSE, text), written_at=clock.now())
    db.session.add(note)
    audit.record(by, WROTE, f"item {item.ref}")
    return note


def on(item: Item, *, by: Staff, most: int) -> Notes:
    """Return the `most` newest notes on `item` that this person may read.

    Notes on a merged item tell of what is looked at elsewhere now, so they open with that.
    """
    looked_at = merges.counted_at(item)
    whole, until = rules.read_from(
        looked_at.status, reader=by.id, choosers=_choosers(looked_at, by=by), reopened_at=item.reopened_at
    )
    mine = ItemNote.item_id == item.id, _may_read(by, whole=whole, until=until)
    found = select(ItemNote).where(*mine).order_by(ItemNote.id.desc()).limit(most)
    shown = db.session.scalars(found.options(selectinload(ItemNote.author))).all()
    count = db.session.scalar(select(func.count()).select_from(ItemNote).where(*mine)) or 0
    return Notes([_opened(note) for note in shown], count, some_wait=not whole)


def _may_read(by: Staff, *, whole: bool, until: datetime | None) -> ColumnElement[bool]:
    if whole:
        return true()
    own = ItemNote.staff_id == by.id
    return own if until is None else or_(own, and_(ItemNote.written_at < until))


def _choosers(item: Item, *, by: Staff) -> set[int]:
    """Return this person's id where they have handed in a look that counts in the dispute about `item`."""
    if item.status is not ItemStatus.DISPUTED:
        return set()
    return {by.id} & {look.assessor_id for look in assessments.shown(item, by=by)}


def _opened(note: ItemNote) -> OpenedNote:
    try:
        text = vault.keyring().open(PURPOSE, note.body)
    except (KeyMissing, Unreadable):
        text = None
    return OpenedNote(note.author, text, note.written_at)
