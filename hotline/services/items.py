"""Items at the desk: finding one, opening what is sealed, ending it and opening it again."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from hotline import vault
from hotline.errors import KeyMissing, NotFound, Unreadable
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.item import Item, Mention, Step
from hotline.models.online import Ending, Watch
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.rules import addresses
from hotline.services import audit, clocks, figures, follow_ups, telling
from hotline.vocabulary import Figure, ItemOutcome, ItemStatus, Role

CLOSED = "closed"
LIVE = "copied live address"
CASE_ROLES = (Role.ANALYST, Role.REVIEWER)
SOONEST = (Item.urgency, Item.turn_at, Item.id)  # the one order of lists: most urgent first, then what is due first


@dataclass(frozen=True, slots=True)
class Opened:
    """An item's address in three defanged parts; empty where it does not open."""

    prefix: str
    host: str
    rest: str


def get(ref: str, *, by: Staff) -> Item:
    """Return the item `ref`. Raises NotFound, also for people who may not see items."""
    item = db.session.scalar(select(Item).where(Item.ref == ref))
    if item is None or not by.has(*CASE_ROLES):
        raise NotFound(f"no item {ref}")
    return item


def find(ref: str, *, by: Staff) -> Item | None:
    """Return the item `ref`, or None where there is none or this person may not see items."""
    return db.session.scalar(select(Item).where(Item.ref == ref)) if ref and by.has(*CASE_ROLES) else None


def read(item: Item, *, by: Staff, beside: int = 0) -> Opened:
    """Open an item's address. The read goes into the audit trail, with how many other addresses show `beside` it."""
    audit.record_read(by, "read", f"item {item.ref}", beside=beside)
    return opened(item)


def opened(item: Item) -> Opened:
    """Open an item's address, defanged. For people whose read is recorded."""
    return Opened(*addresses.split_defanged(opened_or_empty("item.address", item.address)))


def live_address(item: Item, *, by: Staff) -> str:
    """Return the address as it is, for the isolated browser. Each copy is counted in the audit trail."""
    audit.record(by, LIVE, f"item {item.ref}")
    return address_of(item)


def address_of(item: Item) -> str:
    """Open an item's address. For letters and for people whose read is recorded."""
    return vault.keyring().open("item.address", item.address)


def of_report(report: Report) -> list[Item]:
    """Return the items a report names, most urgent first."""
    query = select(Item).join(Mention, Mention.item_id == Item.id).where(Mention.report_id == report.id)
    return list(db.session.scalars(query.order_by(*SOONEST)))


def times_shown_live(item: Item) -> int:
    """Return how often somebody was shown the live address."""
    return audit.count(f"item {item.ref}", LIVE)


def last_outcome(item: Item) -> ItemOutcome | None:
    """Return how `item` ended when it was last closed; None where it never was."""
    ends = audit.of_action(f"item {item.ref}", CLOSED)
    told = json.loads(ends[-1].details or "{}").get("outcome") if ends else None
    return ItemOutcome(told) if told else None


def close(item: Item, outcome: ItemOutcome, *, by: Staff | None) -> None:
    """End an item with its outcome."""
    item.status, item.outcome = ItemStatus.CLOSED, outcome
    clocks.void(item)
    follow_ups.gone(item)
    figures.count(Figure.CLOSED, outcome)
    audit.record(by, CLOSED, f"item {item.ref}", outcome=outcome)
    telling.closed_again(item)
    telling.moved(item)


def reopen(item: Item, *, at: datetime) -> None:
    """Put a closed item back into the queue, since it was reported again in the hour `at`. Findings stay frozen.

    Nothing found before counts for the next verdict, and whoever reported it now hears of it as of a new one. No audit
    line, as for anything a public report does: its minute would tell when the report came.
    """
    undo_ending(item, at=at)
    forget_watch(item)
    item.status, item.outcome = ItemStatus.NEW, None
    item.reopened_at = item.opened_at = at
    item.assessor_id = item.reviewer_id = item.claimed_at = item.review_claimed_at = None
    item.looks_after = db.session.scalar(select(func.max(Assessment.id)).where(Assessment.item_id == item.id)) or 0
    db.session.execute(delete(Step).where(Step.item_id == item.id))


def forget_watch(item: Item) -> None:
    """Let no program look at an address that people look at anew; what programs found of it counts no more."""
    db.session.execute(delete(Watch).where(Watch.item_id == item.id))


def undo_ending(item: Item, *, at: datetime) -> None:
    """Note that how `item` ended did not last: since a moment it is open again, or ended in another way."""
    stands = update(Ending).where(Ending.item_id == item.id, Ending.undone_at.is_(None))
    db.session.execute(stands.values(undone_at=at))


def opened_or_empty(purpose: str, sealed: bytes) -> str:
    """Open a value, or return nothing: one that is damaged must not keep people from everything beside it."""
    try:
        return vault.keyring().open(purpose, sealed)
    except (KeyMissing, Unreadable):
        return ""
