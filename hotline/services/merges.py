"""Items that show the same: suggested by the portal, merged by a person, and undone by a reviewer at any time.

What is merged closes without an outcome and counts in no figure. Its reports count at the other item, and their
reporters hear how that one goes on, in turn (`rules/progress.py`). Who reports the address again joins it there. What
has taken in others always gets two looks (`assessments.first_look`), so a second person sees what was merged.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import contains_eager

from hotline import clock
from hotline.errors import Forbidden, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.item import Item, Mention, Merge, MergedMention, Step
from hotline.models.notice import NoticeItem
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.rules import merging, progress
from hotline.rules.merging import MergeFault, Side
from hotline.rules.standing import UNDECIDED
from hotline.services import audit, clocks, drafts, items, priorities, telling
from hotline.services.items import Opened
from hotline.vocabulary import Danger, Duty, ItemStatus, MergeCause, ReportStatus, Role

MERGED, TOOK_IN = "merged", "took in"
UNDID, LET_GO = "undid merge", "let go"
MOST_SUGGESTED = 4
LOOKED_THROUGH = 40  # of the newest on the same path: the cost must not grow with it
MOST_SHOWN = 20
_MERGER = Staff.id == Merge.staff_id


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another item that may show the same, why, and its address, defanged."""

    item: Item
    why: MergeCause
    opened: Opened


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge, seen from either side: the item at its other end with its address, by whom and when.

    `cause` is None where it was merged before that was kept.
    """

    other: Item
    opened: Opened
    by: Staff
    at: datetime
    cause: MergeCause | None


def suggested(item: Item) -> list[Suggestion]:
    """Return undecided items that may show what `item` shows. A person decides; nothing is merged by itself."""
    if item.status not in UNDECIDED:
        return []
    found = {other.id: Suggestion(other, MergeCause.TYPED, items.opened(other)) for other in _typed_alike(item)}
    found |= {other.id: Suggestion(other, MergeCause.PATH, items.opened(other)) for other in _on_the_path(item)}
    return list(found.values())[:MOST_SUGGESTED]


def merge(item: Item, into_ref: str, *, by: Staff) -> Item:
    """Merge `item` into the item `into_ref`, and return that. Raises Refused (field `into`) with what is in the way."""
    into = items.find(into_ref.strip().upper(), by=by)
    if into is None:
        raise Refused(("into", MergeFault.UNKNOWN))
    if into.id == item.id:
        raise Refused(("into", MergeFault.ITSELF))
    if fault := merging.why_not(_side(item, by=by), _side(into, by=by)):
        raise Refused(("into", fault))
    cause = _cause(item, into)
    db.session.add(Merge(item_id=item.id, into_id=into.id, staff_id=by.id, merged_at=clock.now(), cause=cause))
    drafts.drop(item)
    clocks.void(item)
    item.status, item.assessor_id, item.claimed_at, item.due_at = ItemStatus.CLOSED, None, None, None
    db.session.flush()
    moved = _move(item, into)
    into.in_danger = into.in_danger or item.in_danger
    into.category = merging.gravest((into.category, item.category))
    _count_anew(item, into)
    audit.record(by, MERGED, f"item {item.ref}", into=into.ref)
    audit.record(by, TOOK_IN, f"item {into.ref}", item=item.ref, reports=moved)
    telling.moved(into)
    return into


def undo(item: Item, *, by: Staff) -> Item:
    """Undo the merge of `item`, and return the item it was merged into. Its reports are its own again, and it is new.

    What was decided of the other item stays. Raises Forbidden for who is no reviewer, WrongState where there is no
    merge.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("a reviewer undoes a merge")
    found = db.session.get(Merge, item.id)
    into = db.session.get(Item, found.into_id) if found else None
    if found is None or into is None:
        raise WrongState(f"the merge of {item.ref} cannot be undone")
    _move_back(item)
    db.session.execute(delete(Merge).where(Merge.item_id == item.id))
    db.session.execute(delete(Step).where(Step.item_id == item.id, Step.status == ReportStatus.CLOSED))
    item.status = ItemStatus.NEW
    for one in (item, into):
        _weigh_by_reports(one)
    _count_anew(item, into)
    clocks.start(item, Duty.ACKNOWLEDGE, Duty.ASSESS)
    audit.record(by, UNDID, f"item {item.ref}", into=into.ref)
    audit.record(by, LET_GO, f"item {into.ref}", item=item.ref)
    telling.moved(item)
    telling.moved(into)
    return into


def counted_at(item: Item) -> Item:
    """Return the item that a report of `item` counts at: itself, or what it is merged into."""
    into = select(Item).join(Merge, Merge.into_id == Item.id).where(Merge.item_id == item.id)
    return (db.session.scalar(into) if item.status is ItemStatus.CLOSED else None) or item


def joined(mention: Mention, item: Item, received_at: datetime) -> None:
    """Note that `mention`, which counts elsewhere, names the merged `item`: undone, it counts there again."""
    behind = progress.hours_behind(item.opened_at, received_at)
    db.session.add(MergedMention(mention_id=mention.id, item_id=item.id, behind=behind))


def of(item: Item) -> Merged | None:
    """Return what `item` is merged into; None where it is not."""
    if item.status is not ItemStatus.CLOSED:
        return None
    found = select(Item, Staff, Merge.merged_at, Merge.cause).join(Merge, Merge.into_id == Item.id).join(Staff, _MERGER)
    return next(_read(found.where(Merge.item_id == item.id)), None)


def into(item: Item) -> list[Merged]:
    """Return what is merged into `item`, the newest first, `MOST_SHOWN` at most."""
    found = select(Item, Staff, Merge.merged_at, Merge.cause).join(Merge, Merge.item_id == Item.id).join(Staff, _MERGER)
    found = found.where(Merge.into_id == item.id).order_by(Merge.merged_at.desc(), Merge.item_id.desc())
    return list(_read(found.limit(MOST_SHOWN)))


def may_undo(*, by: Staff) -> bool:
    """Whether this person may undo merges."""
    return by.has(Role.REVIEWER)


def _cause(item: Item, into: Item) -> MergeCause:
    """Return what the portal itself sees that speaks for the two showing the same."""
    if item.path_index == into.path_index:
        return MergeCause.PATH
    return MergeCause.TYPED if into in _typed_alike(item) else MergeCause.SEEN


def _side(item: Item, *, by: Staff) -> Side:
    looks = select(exists().where(Assessment.item_id == item.id))
    letters = select(exists().where(NoticeItem.item_id == item.id))
    return Side(
        status=item.status,
        is_held_by_another=item.assessor_id not in {None, by.id},
        has_looks_or_letters=bool(db.session.scalar(looks) or db.session.scalar(letters)),
        is_merged=bool(db.session.scalar(select(exists().where(Merge.item_id == item.id)))),
        has_others=bool(db.session.scalar(select(exists().where(Merge.into_id == item.id)))),
    )


def _move(item: Item, into: Item) -> int:
    """Let the reports of `item` count at `into`; one that names both stays where it is. Returns how many moved."""
    both = select(Mention.report_id).where(Mention.item_id == into.id)
    theirs = select(Mention, Report.received_at).join(Mention.report).where(Mention.item_id == item.id)
    rows = db.session.execute(theirs.where(Mention.report_id.not_in(both))).all()
    for mention, received_at in rows:
        db.session.add(MergedMention(mention_id=mention.id, item_id=item.id, behind=mention.behind))
        mention.item_id = into.id
        mention.behind = progress.hours_behind(into.opened_at, received_at)
    db.session.flush()
    db.session.expire(item, ["mentions"])
    db.session.expire(into, ["mentions"])
    return len(rows)


def _move_back(item: Item) -> None:
    query = select(Mention, MergedMention).join(MergedMention, MergedMention.mention_id == Mention.id)
    for mention, moved in db.session.execute(query.where(MergedMention.item_id == item.id)).all():
        mention.item_id, mention.behind = item.id, moved.behind
        db.session.delete(moved)
    db.session.flush()


def _count_anew(*both: Item) -> None:
    """Count the reports of the two items, and weigh how soon each needs a person now."""
    for item in both:
        before = item.urgency
        query = select(func.count()).select_from(Mention).where(Mention.item_id == item.id)
        item.report_count = db.session.scalar(query) or 0
        priorities.weigh(item)
        if item.status in UNDECIDED and item.urgency < before:
            clocks.urgency_rose(item)


def _weigh_by_reports(item: Item) -> None:
    """Say again of an item what its own reports say, since those of another no longer count."""
    said = select(Report.category, Report.in_danger).join(Mention, Mention.report_id == Report.id)
    rows = db.session.execute(said.where(Mention.item_id == item.id).distinct()).all()
    if rows:
        item.category = merging.gravest(category for category, _danger in rows)
        item.in_danger = any(danger is Danger.YES for _category, danger in rows)


def _on_the_path(item: Item) -> Sequence[Item]:
    newest = select(Item.id).where(Item.path_index == item.path_index, Item.id != item.id).order_by(Item.id.desc())
    query = select(Item).where(Item.id.in_(newest.limit(LOOKED_THROUGH)), Item.status.in_(UNDECIDED))
    return db.session.scalars(query.order_by(Item.id.desc()).limit(MOST_SUGGESTED)).all()


def _typed_alike(item: Item) -> Iterator[Item]:
    """Yield items on the same domain that a report of `item` names too, typed in the same words."""
    own = select(Mention).where(Mention.item_id == item.id).order_by(Mention.report_id.desc()).limit(MOST_SUGGESTED)
    typed = {mention.report_id: _typed(mention) for mention in db.session.scalars(own)}
    if not typed:
        return
    beside = select(Mention).join(Mention.item).options(contains_eager(Mention.item))
    beside = beside.where(Mention.report_id.in_(typed), Item.domain_index == item.domain_index, Item.id != item.id)
    for mention in db.session.scalars(beside.where(Item.status.in_(UNDECIDED)).limit(LOOKED_THROUGH)).all():
        if merging.same_text(typed[mention.report_id], _typed(mention)):
            yield mention.item


def _typed(mention: Mention) -> list[str]:
    return [str(text) for text in json.loads(items.opened_or_empty("mention.typed", mention.typed) or "[]")]


def _read(found: Select[Item, Staff, datetime, MergeCause | None]) -> Iterator[Merged]:
    rows = db.session.execute(found).all()
    return (Merged(item, items.opened(item), by, at, cause) for item, by, at, cause in rows)
