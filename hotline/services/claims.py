"""Who has what in hand: taking an item for a first look, passing it on, and putting back what nobody hands in."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import Forbidden, HandsFull, WrongState
from hotline.extensions import db, spelt
from hotline.models.assessment import ThirdLook
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import standing
from hotline.services import audit, care, clocks, telling
from hotline.services.items import SOONEST
from hotline.transactions import writing
from hotline.vocabulary import Duty, ItemStatus, Urgency

OPEN = Item.status != spelt(ItemStatus.CLOSED)
CLAIM_LASTS = timedelta(days=3)  # how long a look may be in somebody's hands without being handed in


def claim(item: Item, *, by: Staff) -> None:
    """Give `item` to `by` for assessment.

    Raises WrongState when someone else holds it or it is past that; where no child is in danger also HandsFull when the
    person has enough in hand, and LightWorkOnly when they had enough for today or want light work.
    """
    _require_room(by, item)
    care.require_hard_work(by, item)
    free = update(Item).where(Item.id == item.id, Item.assessor_id.is_(None), Item.status == ItemStatus.NEW)
    taken: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        free.values(assessor_id=by.id, status=ItemStatus.ASSESSING, claimed_at=clock.now())
    )
    if taken.rowcount == 0:
        raise WrongState(f"item {item.ref} is held by someone else")
    db.session.refresh(item)
    clocks.met(item, Duty.ACKNOWLEDGE)
    audit.record(by, "claimed", f"item {item.ref}")
    telling.moved(item)


def claim_next(*, by: Staff) -> Item | None:
    """Give the most urgent item that nobody has to `by`; None when everything is taken.

    Full hands get only what a child may be in danger in; where there is none it raises HandsFull. Raises LightWorkOnly
    where no hard work is offered to the person now. Two people who ask at once get two items: a row that somebody is
    just taking is passed over.
    """
    care.require_offer(by)
    free = select(Item).where(Item.status == ItemStatus.NEW, Item.assessor_id.is_(None))
    first = free.order_by(*SOONEST).limit(1).with_for_update(skip_locked=True)
    item = db.session.scalar(first)
    if item is not None and not standing.has_room(count_first_looks(by=by), in_danger=item.in_danger):
        in_danger = OPEN, Item.in_danger, Item.urgency == int(Urgency.P1)  # always so urgent, and so found quickly
        item = db.session.scalar(first.where(*in_danger)) or item
    if item is not None:
        claim(item, by=by)
    return item


def take_over(item: Item, *, held_by: str, by: Staff) -> None:
    """Give a first look that is in somebody else's hands to `by`. `held_by` is the number of who was seen to have it.

    Raises Forbidden for who may not, WrongState when it is not that person's any more, HandsFull as `claim`.
    """
    if not standing.may_take_over(by.roles):
        raise Forbidden("a reviewer takes over what somebody else has in hand")
    holder = item.assessor
    if holder is None or holder.id == by.id or holder.number != held_by or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not in the hands of {held_by}")
    _require_room(by, item)
    care.require_hard_work(by, item)
    item.assessor, item.claimed_at = by, clock.now()
    audit.record(by, "took over", f"item {item.ref}", holder=holder.number)


def give_back(item: Item) -> bool:
    """Give the first look back to whoever gave it. Returns False where it goes to the queue instead.

    That is so where the person is no longer here, or has enough in hand by now.
    """
    first = item.assessor
    item.reviewer_id = item.review_claimed_at = None
    if first and first.active and standing.has_room(count_first_looks(by=first), in_danger=item.in_danger):
        item.status, item.claimed_at = ItemStatus.ASSESSING, clock.now()
        return True
    _put_back(item)
    return False


def pass_on(item: Item, *, by: Staff) -> None:
    """Put `item` back, no reason asked. Raises WrongState when it is not in this person's hands.

    What was typed is kept, theirs alone, until somebody has given the look: taken back, it is there again.
    """
    if item.assessor_id != by.id or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not yours to pass on")
    _put_back(item)
    audit.record(by, "passed on", f"item {item.ref}")


def let_go(person: Staff, *, by: Staff | None) -> None:
    """Put back what is in a person's hands, so that others can take it: first and second looks not handed in yet."""
    looking = select(Item).where(Item.assessor_id == person.id, Item.status == ItemStatus.ASSESSING)
    for item in db.session.scalars(looking).all():
        _put_back(item)
        audit.record(by, "put back", f"item {item.ref}")
    looking_again = select(Item).where(Item.reviewer_id == person.id, Item.status == ItemStatus.IN_REVIEW)
    for item in db.session.scalars(looking_again).all():
        item.reviewer_id, item.review_claimed_at = None, None
        audit.record(by, "put back second look", f"item {item.ref}")
    _free_third_looks(ThirdLook.taken_by_id == person.id, "put back third look", by=by)


def free_old_claims() -> None:
    """Put back the looks, first to third, that somebody has had for longer than `CLAIM_LASTS`."""
    since = clock.now() - CLAIM_LASTS
    looking = and_(Item.status == ItemStatus.ASSESSING, Item.claimed_at < since)
    looking_again = and_(Item.status == ItemStatus.IN_REVIEW, Item.review_claimed_at < since)
    third = ThirdLook.taken_at < since
    old = select(Item.id).where(or_(looking, looking_again)).limit(1)
    if db.session.scalar(old) is None and db.session.scalar(select(ThirdLook.item_id).where(third).limit(1)) is None:
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for item in db.session.scalars(select(Item).where(looking)).all():
            _put_back(item)
            audit.record(None, "claim ran out", f"item {item.ref}")
        for item in db.session.scalars(select(Item).where(looking_again)).all():
            item.reviewer_id, item.review_claimed_at = None, None
            audit.record(None, "second look ran out", f"item {item.ref}")
        _free_third_looks(third, "third look ran out", by=None)


def list_mine(*, by: Staff) -> list[Item]:
    """Return what is in this person's hands, most urgent first: what they have to look at, or to look at again."""
    return list(db.session.scalars(select(Item).where(in_hand(by)).order_by(*SOONEST)))


def count_first_looks(*, by: Staff) -> int:
    """Return how many first looks this person has in hand."""
    mine = select(func.count()).select_from(Item).where(OPEN, Item.assessor_id == by.id)
    return db.session.scalar(mine.where(Item.status == ItemStatus.ASSESSING)) or 0


def in_hand(person: Staff) -> ColumnElement[bool]:
    """Whether an item waits for this person: a look they have, first to third, or looks of theirs that differ."""
    first = and_(OPEN, Item.assessor_id == person.id, Item.status.in_([ItemStatus.ASSESSING, ItemStatus.DISPUTED]))
    second = and_(OPEN, Item.reviewer_id == person.id, Item.status.in_([ItemStatus.IN_REVIEW, ItemStatus.DISPUTED]))
    third = db.session.scalars(select(ThirdLook.item_id).where(ThirdLook.taken_by_id == person.id)).all()
    return or_(first, second, *([Item.id.in_(third)] if third else []))  # by number: still read off indexes


def is_above_limit(*, by: Staff) -> bool:
    """Whether this person has more first looks in hand than the limit, since a child may be in danger."""
    return count_first_looks(by=by) > standing.MOST_IN_HAND


def _require_room(person: Staff, item: Item) -> None:
    if not standing.has_room(count_first_looks(by=person), in_danger=item.in_danger):
        raise HandsFull(f"{person.number} has enough in hand")


def _free_third_looks(which: ColumnElement[bool], deed: str, *, by: Staff | None) -> None:
    for asked in db.session.scalars(select(ThirdLook).where(which).options(joinedload(ThirdLook.item))).all():
        asked.taken_by_id = asked.taken_at = None
        audit.record(by, deed, f"item {asked.item.ref}")


def _put_back(item: Item) -> None:
    item.assessor_id, item.claimed_at, item.status = None, None, ItemStatus.NEW
