"""Items at the desk: the queue, claiming, opening what is sealed, and moving a report on with its items."""

import base64
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import selectinload

from hotline import clock, outbox, vault
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.item import Item, Mention
from hotline.models.notice import Notice
from hotline.models.report import Report, UnreadReport
from hotline.models.staff import Staff
from hotline.rules import addresses, progress
from hotline.services import audit, receipts
from hotline.vocabulary import Category, ItemOutcome, ItemStatus, NoticeStatus, Role

MOVE_REPORTS_ON = "hotline.jobs.reports.move_reports_on"
CASE_ROLES = (Role.ANALYST, Role.REVIEWER)

# built once, since they are said for every letter
_ACTING = (
    update(Item)
    .where(Item.id.in_(bindparam("ids", expanding=True)), Item.status == ItemStatus.DECIDED)
    .values(status=ItemStatus.ACTING)
    .returning(Item.id)
)
_NAMING = select(Mention.report_id).where(Mention.item_id.in_(bindparam("ids", expanding=True))).distinct()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: the item and its host, defanged."""

    item: Item
    host: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some rows, and the cursor of the next page (empty at the end)."""

    rows: list[QueueRow]
    next: str


@dataclass(frozen=True, slots=True)
class OpenedMention:
    """What one reporter said, opened."""

    report: Report
    typed: str
    details: str
    leftovers: str
    contact: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An item's address in three defanged parts, and what reporters said of it."""

    prefix: str
    host: str
    rest: str
    mentions: list[OpenedMention]


def get(ref: str, *, by: Staff) -> Item:
    """Return the item `ref`. Raises NotFound, also for people who may not see items."""
    item = db.session.scalar(select(Item).where(Item.ref == ref))
    if item is None or not by.has(*CASE_ROLES):
        raise NotFound(f"no item {ref}")
    return item


def list_queue(
    *,
    by: Staff,
    status: ItemStatus | None = None,
    category: Category | None = None,
    whose: str = "",
    after: str = "",
    limit: int = 50,
) -> QueuePage:
    """Return open items, most urgent first. `whose` is `me`, `nobody` or empty; `after` a cursor of the page before."""
    query = select(Item).where(Item.status == status if status else Item.status != ItemStatus.CLOSED)
    if category:
        query = query.where(Item.category == category)
    if whose == "me":
        query = query.where(Item.assessor_id == by.id)
    elif whose == "nobody":
        query = query.where(Item.assessor_id.is_(None))
    elif whose:
        raise Refused(("whose", "unknown"))
    if after:
        query = query.where(tuple_(Item.urgency, Item.created_at, Item.id) > _position(after))
    query = query.order_by(Item.urgency, Item.created_at, Item.id).options(selectinload(Item.assessor)).limit(limit + 1)
    found = list(db.session.scalars(query))
    rows = [row_of(item) for item in found[:limit]]
    return QueuePage(rows, _cursor(found[limit - 1]) if len(found) > limit else "")


def row_of(item: Item) -> QueueRow:
    """Return the queue's line for one item."""
    return QueueRow(item, addresses.defang_host(vault.keyring().open("item.host", item.host)))


def list_mine(*, by: Staff) -> list[Item]:
    """Return what this person has in hand, most urgent first."""
    query = select(Item).where(Item.assessor_id == by.id, Item.status.in_([ItemStatus.ASSESSING, ItemStatus.DISPUTED]))
    return list(db.session.scalars(query.order_by(Item.urgency, Item.created_at, Item.id)))


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


def claim(item: Item, *, by: Staff) -> None:
    """Give `item` to `by` for assessment. Raises WrongState when someone else holds it or it is past that."""
    free = update(Item).where(Item.id == item.id, Item.assessor_id.is_(None), Item.status == ItemStatus.NEW)
    taken: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        free.values(assessor_id=by.id, status=ItemStatus.ASSESSING, claimed_at=clock.now())
    )
    if taken.rowcount == 0:
        raise WrongState(f"item {item.ref} is held by someone else")
    db.session.refresh(item)
    audit.record(by, "claimed", f"item {item.ref}")
    moved(item)


def claim_next(*, by: Staff) -> Item | None:
    """Give the most urgent item that nobody has to `by`; None when everything is taken.

    Two people who ask at once get two items: a row that somebody is just taking is passed over.
    """
    free = select(Item).where(Item.status == ItemStatus.NEW, Item.assessor_id.is_(None))
    first = free.order_by(Item.urgency, Item.created_at, Item.id).limit(1).with_for_update(skip_locked=True)
    item = db.session.scalar(first)
    if item is not None:
        claim(item, by=by)
    return item


def pass_on(item: Item, *, by: Staff) -> None:
    """Put `item` back, no reason asked. Raises WrongState when it is not in this person's hands."""
    if item.assessor_id != by.id or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not yours to pass on")
    item.assessor_id, item.claimed_at, item.status = None, None, ItemStatus.NEW
    audit.record(by, "passed on", f"item {item.ref}")


def let_go(person: Staff, *, by: Staff | None) -> None:
    """Put back what is in a person's hands, so that others can take it: first and second looks not handed in yet."""
    looking = select(Item).where(Item.assessor_id == person.id, Item.status == ItemStatus.ASSESSING)
    for item in db.session.scalars(looking).all():
        item.assessor_id, item.claimed_at, item.status = None, None, ItemStatus.NEW
        audit.record(by, "put back", f"item {item.ref}")
    looking_again = select(Item).where(Item.reviewer_id == person.id, Item.status == ItemStatus.IN_REVIEW)
    for item in db.session.scalars(looking_again).all():
        item.reviewer_id = None
        audit.record(by, "put back second look", f"item {item.ref}")


def read(item: Item, *, by: Staff) -> Opened:
    """Open an item's address and what reporters said. The read goes into the audit trail."""
    audit.record_read(by, "read", f"item {item.ref}")
    prefix, host, rest = addresses.split_defanged(address_of(item))
    return Opened(prefix, host, rest, [_opened(mention) for mention in item.mentions])


def live_address(item: Item, *, by: Staff) -> str:
    """Return the address as it is, for the isolated browser. Each copy is counted in the audit trail."""
    audit.record(by, "copied live address", f"item {item.ref}")
    return address_of(item)


def address_of(item: Item) -> str:
    """Open an item's address. For letters and for people whose read is recorded."""
    return vault.keyring().open("item.address", item.address)


def related(item: Item) -> list[Item]:
    """Return other items on the same host, newest first, twelve at most."""
    query = select(Item).where(Item.host_index == item.host_index, Item.id != item.id)
    return list(db.session.scalars(query.order_by(Item.id.desc()).limit(12)))


def timeline(item: Item) -> list[AuditEntry]:
    """Return what happened to an item, oldest first."""
    return audit.history(f"item {item.ref}")


def close(item: Item, outcome: ItemOutcome, *, by: Staff | None) -> None:
    """End an item with its outcome."""
    item.status, item.outcome = ItemStatus.CLOSED, outcome
    audit.record(by, "closed", f"item {item.ref}", outcome=outcome)
    moved(item)


def moved(item: Item) -> None:
    """Leave word for each report naming `item` that its reporter may see it further on."""
    db.session.flush()
    _leave_word([item.id])


def act_on(item_ids: Sequence[int]) -> None:
    """Note that something was done about those of the items that are decided."""
    _leave_word(db.session.scalars(_ACTING, {"ids": item_ids}, execution_options=outbox.UNSEEN).all())


def move_reports_on(report_ids: Sequence[int]) -> None:
    """Bring reports' statuses up to their items', and tell the front store."""
    outbox.done(db.session(), MOVE_REPORTS_ON, *report_ids)  # first, so that whoever moves an item now leaves word anew
    of_items: dict[int, list[ItemStatus]] = defaultdict(list)
    named = select(Mention.report_id, Item.status).join(Item).where(Mention.report_id.in_(report_ids))
    for report_id, status in db.session.execute(named):
        of_items[report_id].append(status)
    reports = db.session.scalars(select(Report).where(Report.id.in_(report_ids))).all()
    for report in reports:
        report.status = progress.of_report(of_items[report.id], report.status)
    receipts.move_on({report.receipt_tag: report.status for report in reports})


def _leave_word(item_ids: Sequence[int]) -> None:
    if item_ids:
        outbox.put(db.session(), MOVE_REPORTS_ON, *db.session.scalars(_NAMING, {"ids": item_ids}))


def _opened(mention: Mention) -> OpenedMention:
    ring, report = vault.keyring(), mention.report
    typed = " · ".join(json.loads(ring.open("mention.typed", mention.typed)))
    return OpenedMention(
        report=report,
        typed=addresses.defang(typed),
        details=ring.open("report.details", report.details) if report.details else "",
        leftovers=ring.open("report.leftovers", report.leftovers) if report.leftovers else "",
        contact=report.contact is not None,
    )


def _cursor(item: Item) -> str:
    place = json.dumps([item.urgency, item.created_at.isoformat(), item.id])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _position(cursor: str) -> tuple[int, datetime, int]:
    try:
        urgency, created_at, item_id = json.loads(base64.urlsafe_b64decode(cursor))
        return int(urgency), datetime.fromisoformat(created_at), int(item_id)
    except (ValueError, TypeError) as exc:
        raise Refused(("after", "unknown")) from exc
