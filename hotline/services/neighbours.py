"""Where an item stands in the queue's order, and which stand beside it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, TextClause, func, select, tuple_

from hotline.extensions import db
from hotline.models.item import OPEN, Item
from hotline.models.staff import Staff
from hotline.rules.filters import Filter
from hotline.services import queue
from hotline.services.items import SOONEST
from hotline.vocabulary import ItemStatus

MOST_COUNTED = 1_000  # beyond that nobody counts, whoever looks: the cost must not grow with the queue


@dataclass(frozen=True, slots=True)
class Place:
    """References of the items before and after one (None at an end), its number from 1 and how many are open.

    `number` is None where it is above `MOST_COUNTED`, the item is closed, or a filter is kept to; `total` is at most
    `MOST_COUNTED`.
    """

    before: str | None
    after: str | None
    number: int | None
    total: int


def of(item: Item, asked: Filter = queue.EVERYTHING, *, by: Staff) -> Place:
    """Return where `item` stands in what a filter lists, in its order: among all that is open unless it says otherwise.

    One that does not fit the filter any more has the place there that it would have.
    """
    total = _counted(OPEN)
    if item.status is ItemStatus.CLOSED and not asked.is_of_a_place:
        return Place(None, None, None, total)
    if asked != queue.EVERYTHING:
        return Place(*queue.beside(item, asked, by=by), None, total)
    here, order = (item.urgency, item.turn_at, item.id), tuple_(*SOONEST)
    before = select(Item.ref).where(OPEN, order < here).order_by(*(column.desc() for column in SOONEST)).limit(1)
    after = select(Item.ref).where(OPEN, order > here).order_by(*SOONEST).limit(1)
    number = _counted(OPEN, order < here) + 1
    return Place(db.session.scalar(before), db.session.scalar(after), number if number <= MOST_COUNTED else None, total)


def _counted(*where: ColumnElement[bool] | TextClause) -> int:
    # in this order, or the database may take an index that does not end where the counting does
    some = select(Item.id).where(*where).order_by(*SOONEST).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
