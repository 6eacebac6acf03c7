"""The queue: open items in the one order of lists, page by page."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import selectinload

from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.report import UnreadReport
from hotline.models.staff import Staff
from hotline.rules import addresses
from hotline.services import claims, items
from hotline.vocabulary import Category, ItemStatus, NoticeStatus, Role

HIGHEST = 2**31  # no id and no urgency reaches it


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: the item and its host, defanged; empty where it does not open."""

    item: Item
    host: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some rows, and the cursor of the next page (empty at the end)."""

    rows: list[QueueRow]
    next: str


def list_queue(
    *,
    by: Staff,
    status: ItemStatus | None = None,
    category: Category | None = None,
    whose: str = "",
    after: str = "",
    limit: int = 50,
) -> QueuePage:
    """Return open items, most urgent first, then longest waiting.

    `whose` is `me` (what is in this person's hands), `nobody` or empty; `after` a cursor of the page before.
    """
    query = select(Item).where(Item.status == status if status else Item.status != ItemStatus.CLOSED)
    if category:
        query = query.where(Item.category == category)
    if whose == "me":
        query = query.where(claims.in_hand(by))
    elif whose == "nobody":
        query = query.where(Item.assessor_id.is_(None))
    elif whose:
        raise Refused(("whose", "unknown"))
    if after:
        query = query.where(tuple_(*items.SOONEST) > _position(after))
    people = selectinload(Item.assessor), selectinload(Item.reviewer)
    query = query.order_by(*items.SOONEST).options(*people).limit(limit + 1)
    found = list(db.session.scalars(query))
    rows = [row_of(item) for item in found[:limit]]
    return QueuePage(rows, _cursor(found[limit - 1]) if len(found) > limit else "")


def row_of(item: Item) -> QueueRow:
    """Return the queue's line for one item."""
    return QueueRow(item, addresses.defang_host(items.opened_or_empty("item.host", item.host)))


def counts(*, by: Staff) -> dict[str, int]:
    """Return how much waits, for the rail: `queue`, `reviews`, `notices`, `unread`."""
    count = select(func.count())
    free = or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id)
    to_review = count.select_from(Item).where(Item.status == ItemStatus.IN_REVIEW, Item.assessor_id != by.id, free)
    waiting = count.select_from(Notice).where(Notice.status == NoticeStatus.DRAFT)
    return {
        "queue": db.session.scalar(count.select_from(Item).where(Item.status != ItemStatus.CLOSED)) or 0,
        "reviews": (db.session.scalar(to_review) or 0) if by.has(Role.REVIEWER) else 0,
        "notices": db.session.scalar(waiting) or 0,
        "unread": db.session.scalar(count.select_from(UnreadReport)) or 0,
    }


def _cursor(item: Item) -> str:
    place = f"{item.urgency:d} {item.opened_at.isoformat()} {item.id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _position(cursor: str) -> tuple[int, datetime, int]:
    try:
        urgency, opened_at, item_id = base64.urlsafe_b64decode(cursor).decode().split(" ")
        place = int(urgency), _moment(opened_at), int(item_id)
    except (ValueError, OverflowError) as exc:
        raise Refused(("after", "unknown")) from exc
    if not (0 <= place[0] < HIGHEST and 0 <= place[2] < HIGHEST):
        raise Refused(("after", "unknown"))
    return place


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)
