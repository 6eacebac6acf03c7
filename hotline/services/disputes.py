"""Looks that differ: after talk a third person is asked, by one of the two or by the clock, and takes the look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, and_, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import Forbidden, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, ThirdLook, Verdict
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.models.outside_decision import OutsideDecision
from hotline.models.staff import Staff
from hotline.rules.standing import Third
from hotline.services import assessments, audit, care, drafts, items, staff
from hotline.transactions import writing
from hotline.vocabulary import Duty, ItemStatus, Role, Subject

MOST = 50  # lines of the list
BATCH = 50  # asked for in one transaction


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with the third look at an item, for one person.

    `asked` is None while nobody is asked, `due_at` when that happens by itself (None: it has, stands still, or a record
    has to be confirmed first),
    `has_others` whether anybody here could give it. `outside` is what an outside adviser decided, if that is recorded;
    `sees_outside` says whether this person may know what, `may_confirm` whether they have to confirm the record.
    """

    third: Third
    asked: ThirdLook | None
    may_ask: bool
    due_at: datetime | None
    has_others: bool
    outside: OutsideDecision | None
    sees_outside: bool
    may_confirm: bool


def of(item: Item, *, by: Staff) -> Standing:
    """Return how it stands with the third look at a disputed item."""
    asked, outside = db.session.get(ThirdLook, item.id), assessments.outside_of(item)
    has_chosen = by.id in assessments.choosers(item)
    return Standing(
        third=_third(asked, by),
        asked=asked,
        may_ask=asked is None and (outside is None or outside.counts) and _may_ask(item, by),
        due_at=None if asked or (outside is not None and not outside.counts) else _due_at(item),
        has_others=_has_others(item),
        outside=outside,
        sees_outside=has_chosen,
        may_confirm=outside is not None and not outside.counts and has_chosen and outside.recorded_by_id != by.id,
    )


def third_for(item: Item, *, by: Staff) -> Third:
    """Return how it stands with the third look at an item, seen by one person; also where nothing is disputed."""
    return _third(db.session.get(ThirdLook, item.id), by)


def ask(item: Item, *, by: Staff) -> None:
    """Ask a third person to look. Raises WrongState where the looks do not differ, or somebody is asked already.

    Raises Forbidden for who is neither one of those who differ nor a manager.
    """
    if item.status is not ItemStatus.DISPUTED or db.session.get(ThirdLook, item.id) is not None:
        raise WrongState(f"nobody more is to be asked about {item.ref}")
    if not _may_ask(item, by):
        raise Forbidden("a third person is asked by who has looked, or by a manager")
    _ask(item, by=by)
    audit.record(by, "asked for a third look", f"item {item.ref}")


def ask_where_due() -> int:
    """Ask a third person wherever two have had their time to talk: the clock's reminder is its end.

    Safe to run at any time. Returns for how many items somebody was asked; what a round leaves comes in the next.
    """
    if db.session.scalar(_talked_out().with_only_columns(Item.id).limit(1)) is None:
        return 0  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        found = db.session.scalars(_talked_out().limit(BATCH)).all()
        for item in found:
            _ask(item, by=None)
            audit.record(None, "third look fell due", f"item {item.ref}")
    return len(found)


def take(item: Item, *, by: Staff) -> None:
    """Give the third look to `by`, however many first looks they have in hand.

    Raises Forbidden for who is no reviewer or has looked, WrongState where nobody is asked or another has it, and
    LightWorkOnly as `claims.claim`.
    """
    _require_third(item, by)
    care.require_hard_work(by, item)
    free = update(ThirdLook).where(
        ThirdLook.item_id == item.id, or_(ThirdLook.taken_by_id.is_(None), ThirdLook.taken_by_id == by.id)
    )
    taken: CursorResult[Any] = db.session.execute(free.values(taken_by_id=by.id, taken_at=clock.now()))  # type: ignore[assignment]
    if item.status is not ItemStatus.DISPUTED or taken.rowcount == 0:
        raise WrongState(f"the third look at {item.ref} is not free")
    audit.record(by, "took third look", f"item {item.ref}")


def take_over(item: Item, *, held_by: str, by: Staff) -> None:
    """Give a third look that another has to `by`. `held_by` is the number of who was seen to have it.

    Raises as `take`, and WrongState when it is not that person's any more.
    """
    _require_third(item, by)
    asked = db.session.get(ThirdLook, item.id)
    holder = asked.taken_by if asked else None
    if asked is None or holder is None or holder.id == by.id or holder.number != held_by:
        raise WrongState(f"the third look at {item.ref} is not in the hands of {held_by}")
    care.require_hard_work(by, item)
    asked.taken_by, asked.taken_at = by, clock.now()
    audit.record(by, "took third look over", f"item {item.ref}", holder=holder.number)


def pass_on(item: Item, *, by: Staff) -> None:
    """Leave the third look to another, no reason asked. Raises WrongState when it is not in one's hands."""
    asked = db.session.get(ThirdLook, item.id)
    if asked is None or asked.taken_by_id != by.id:
        raise WrongState(f"the third look at {item.ref} is not yours to pass on")
    asked.taken_by_id = asked.taken_at = None
    drafts.drop(item, by=by)
    audit.record(by, "passed third look on", f"item {item.ref}")


def list_for(*, by: Staff, most: int = MOST) -> list[ThirdLook]:
    """Return the third looks this reviewer may give: free ones and their own, most urgent first."""
    if not by.has(Role.REVIEWER):
        return []
    query = _for(by).order_by(*items.SOONEST).limit(most)
    return list(db.session.scalars(query.options(joinedload(ThirdLook.item), joinedload(ThirdLook.asked_by))))


def count_for(*, by: Staff) -> int:
    """Return how many third looks wait for this reviewer; it stops at `MOST`."""
    if not by.has(Role.REVIEWER):
        return 0
    return len(db.session.scalars(_for(by).with_only_columns(ThirdLook.item_id).limit(MOST)).all())


def _third(asked: ThirdLook | None, by: Staff) -> Third:
    if asked is None:
        return Third.NOT_ASKED
    if asked.taken_by_id is None:
        return Third.FREE
    return Third.MINE if asked.taken_by_id == by.id else Third.TAKEN


def _ask(item: Item, *, by: Staff | None) -> None:
    db.session.add(ThirdLook(item_id=item.id, asked_at=clock.now(), asked_by_id=by.id if by else None))
    db.session.flush()


def _may_ask(item: Item, by: Staff) -> bool:
    return by.has(Role.MANAGER) or by.id in assessments.choosers(item)


def _require_third(item: Item, by: Staff) -> None:
    if not by.has(Role.REVIEWER) or by.id in assessments.choosers(item) or by.id in _recorders(item):
        raise Forbidden("a third look belongs to a reviewer who has not looked, and recorded no decision")


def _due_at(item: Item) -> datetime | None:
    """Return when a third person is asked by itself; None where the clock stands still."""
    of_item = select(Clock).where(Clock.subject == Subject.ITEM, Clock.subject_id == item.id)
    one = db.session.scalar(of_item.where(Clock.duty == Duty.SETTLE, Clock.ended_at.is_(None)))
    return one.next_at if one else None


def _has_others(item: Item) -> bool:
    out = assessments.choosers(item) | _recorders(item)
    return any(one.active and one.has(Role.REVIEWER) and one.id not in out for one in staff.list_staff())


def _recorders(item: Item) -> set[int]:
    """Return who has recorded what an outside adviser decided: no look of theirs would be blind."""
    query = select(OutsideDecision.recorded_by_id).where(OutsideDecision.item_id == item.id)
    return set(db.session.scalars(query.where(OutsideDecision.looks_after >= item.looks_after)))


def _talked_out() -> Select[Item]:
    """Return the query for disputes whose clock has reminded, or run out, while nobody is asked.

    Not where what an outside adviser decided waits to be confirmed: whoever is asked then would look for nothing.
    """
    runs = Clock.duty == Duty.SETTLE, Clock.ending.is_(None), Clock.paused_at.is_(None)
    over = or_(Clock.reminded_at.is_not(None), Clock.breached_at.is_not(None))
    of_item = and_(Clock.subject == Subject.ITEM, Clock.subject_id == Item.id)
    asked = select(ThirdLook.item_id).where(ThirdLook.item_id == Item.id).exists()
    unconfirmed = assessments.stands_outside(
        OutsideDecision.by_one_of_them.is_(True), OutsideDecision.confirmed_at.is_(None)
    )
    return (
        select(Item)
        .join(Clock, of_item)
        .where(*runs, over, Item.status == ItemStatus.DISPUTED, ~asked, ~unconfirmed)
        .order_by(Clock.due_at, Clock.id)
    )


def _for(by: Staff) -> Select[ThirdLook]:
    settled = select(Verdict.id).where(Verdict.item_id == Assessment.item_id, Verdict.looks_until >= Assessment.id)
    looked = select(Assessment.id).where(  # as `assessments.choosers`: an earlier round keeps nobody from this one
        Assessment.item_id == Item.id,
        Assessment.id > Item.looks_after,
        Assessment.assessor_id == by.id,
        ~settled.exists(),
    )
    recorded = select(OutsideDecision.id).where(  # as `_recorders`
        OutsideDecision.item_id == Item.id,
        OutsideDecision.looks_after >= Item.looks_after,
        OutsideDecision.recorded_by_id == by.id,
    )
    return (
        select(ThirdLook)
        .join(Item, Item.id == ThirdLook.item_id)
        .where(
            or_(ThirdLook.taken_by_id.is_(None), ThirdLook.taken_by_id == by.id),
            or_(Item.assessor_id.is_(None), Item.assessor_id != by.id),
            or_(Item.reviewer_id.is_(None), Item.reviewer_id != by.id),
            ~looked.exists(),
            ~recorded.exists(),
        )
    )
