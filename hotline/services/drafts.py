"""What a person has filled in of a look so far: sealed, their own alone, and gone once the look is handed in.

A draft never replaces one that is newer than what its window knew of: both are kept in sight until the person chooses.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select

from hotline import clock, vault
from hotline.errors import KeyMissing, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, ThirdLook
from hotline.models.criteria import Draft
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import findings
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus

PURPOSE = "draft.body"
CARRIED = "draft.carried"
MOST = 3 * findings.MOST_NOTE  # characters of everything typed: more than a look can take, so that nothing is cut

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Where a draft was typed: a window's own mark, the revision it knew of (0: none), its version of the criteria."""

    mark: str
    knew: int
    criteria: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft: the form's fields in order, the version of the criteria they were read in, its revision (from 1).

    `other` is what another window sent without knowing of this; empty where there is none.
    """

    fields: Fields
    criteria: str
    revision: int
    saved_at: datetime
    window: str
    other: Fields = ()


def require_own_look(item: Item, *, by: Staff) -> None:
    """Raise WrongState unless a look at `item` is this person's to give now: first, second, or where they differ."""
    first = item.status is ItemStatus.ASSESSING and item.assessor_id == by.id
    second = item.status is ItemStatus.IN_REVIEW and item.reviewer_id == by.id
    again = item.status is ItemStatus.DISPUTED and (
        by.id in {item.assessor_id, item.reviewer_id} or _has_third(item, by) or _has_chosen(item, by)
    )
    if not (first or second or again):
        raise WrongState(f"no look at {item.ref} is in your hands")


def _has_third(item: Item, by: Staff) -> bool:
    asked = db.session.get(ThirdLook, item.id)
    return asked is not None and asked.taken_by_id == by.id


def _has_chosen(item: Item, by: Staff) -> bool:
    of_item = select(Assessment.id).where(Assessment.item_id == item.id, Assessment.id > item.looks_after)
    return db.session.scalar(of_item.where(Assessment.assessor_id == by.id).limit(1)) is not None


def find(item: Item, *, by: Staff) -> Kept | None:
    """Return what this person has kept of their look at `item`. None, too, where no key here opens it."""
    row = _row(item, by)
    return _readable(row) if row else None


def save(item: Item, sent: Iterable[tuple[str, str]], *, window: Window, by: Staff, chosen: bool = False) -> Kept:
    """Keep what is typed. `chosen`: the person has seen both of two drafts and wants this one.

    Raises Overtaken where another window has kept something else meanwhile, Refused for more than anybody types.
    """
    require_own_look(item, by=by)
    fields = _known(sent)
    row = _row(item, by)
    if row is None:
        row = Draft(item_id=item.id, staff_id=by.id, revision=max(window.knew, 0))
        db.session.add(row)
        return _write(row, fields, window)
    kept = _readable(row)
    if kept and kept.revision != window.knew and kept.window != window.mark:
        if kept.fields == fields:
            return kept
        raise Overtaken(f"a newer draft about {item.ref} stands")
    return _write(row, fields, window, other=kept.other if kept and not chosen else ())


def drop(item: Item, *, by: Staff | None = None) -> None:
    """Forget one person's draft about `item`, or everybody's: the look is handed in, or given back."""
    gone = delete(Draft).where(Draft.item_id == item.id)
    db.session.execute(gone.where(Draft.staff_id == by.id) if by else gone)


def carry(ref: str, sent: Iterable[tuple[str, str]], *, drawn_for: str, window: Window) -> str:
    """Seal what was sent too late, so that the browser's session can carry it over signing in again.

    `drawn_for` is the number of the person whose form it was: nobody else is given it. Raises Refused as `save`.
    """
    facts = {"ref": ref, "fields": _known(sent), "for": drawn_for, "window": asdict(window)}
    return base64.b64encode(vault.keyring().seal(CARRIED, json.dumps(facts, ensure_ascii=False))).decode()


def take_in(carried: str, *, by: Staff) -> bool:
    """Keep what was carried over signing in as a draft of `by`, in a transaction of its own.

    Returns whether it was kept: it is not where it was somebody else's, or the look is no longer in these hands.
    Where another window has kept something else meanwhile, both stand side by side.
    """
    try:
        facts = json.loads(vault.keyring().open(CARRIED, base64.b64decode(carried)))
    except (binascii.Error, KeyMissing, Unreadable):
        return False
    fields = tuple((name, value) for name, value in facts["fields"])
    with writing():
        item = db.session.scalar(select(Item).where(Item.ref == facts["ref"]))
        if item is None or facts["for"] != by.number:
            return False
        try:
            save(item, fields, window=Window(**facts["window"]), by=by)
        except Overtaken:
            _keep_beside(item, fields, by=by)
        except WrongState:
            return False
        return True


def _keep_beside(item: Item, fields: Fields, *, by: Staff) -> None:
    row = _row(item, by)
    assert row is not None
    kept = _opened(row)
    _write(row, kept.fields, Window(kept.window, kept.revision, kept.criteria), other=fields)


def _write(row: Draft, fields: Fields, window: Window, *, other: Fields = ()) -> Kept:
    row.revision, row.saved_at = row.revision + 1, clock.now()
    body = {"fields": fields, "criteria": window.criteria, "window": window.mark, "other": other}
    row.body = vault.keyring().seal(PURPOSE, json.dumps(body, ensure_ascii=False))
    db.session.flush()
    return Kept(fields, window.criteria, row.revision, row.saved_at, window.mark, other)


def _readable(row: Draft) -> Kept | None:
    try:
        return _opened(row)
    except (KeyMissing, Unreadable):
        return None


def _opened(row: Draft) -> Kept:
    body = json.loads(vault.keyring().open(PURPOSE, row.body))
    fields, other = (tuple((name, value) for name, value in body[which]) for which in ("fields", "other"))
    return Kept(fields, body["criteria"], row.revision, row.saved_at, body["window"], other)


def _row(item: Item, by: Staff) -> Draft | None:
    return db.session.get(Draft, (item.id, by.id))


def _known(sent: Iterable[tuple[str, str]]) -> Fields:
    """Return the fields of a finding that say something, in the form's order. Raises Refused for too much of them."""
    order = {name: place for place, name in enumerate(findings.FIELDS)}
    tidy = [(name, value.replace("\r\n", "\n")) for name, value in sent if name in order and value.strip()]
    if sum(len(value) for _name, value in tidy) > MOST:
        raise Refused(("note", "too_long"))
    return tuple(sorted(dict.fromkeys(tidy), key=lambda field: order[field[0]]))
