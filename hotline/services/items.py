"""Items at the desk: finding one, opening what is sealed, ending it and opening it again."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from hotline import vault
from hotline.errors import KeyMissing, NotFound, Unreadable
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.audit import AuditEntry
from hotline.models.item import Item, Mention, Step
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.rules import addresses
from hotline.services import audit, figures, telling
from hotline.vocabulary import Figure, ItemOutcome, ItemStatus, Role

CASE_ROLES = (Role.ANALYST, Role.REVIEWER)
SOONEST = (Item.urgency, Item.opened_at, Item.id)  # the one order of lists: most urgent first, then longest waiting


@dataclass(frozen=True, slots=True)
class OpenedMention:
    """What one reporter said, opened. `whole` is False where some of it does not open; that is left empty."""

    report: Report
    typed: str
    details: str
    leftovers: str
    contact: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An item's address in three defanged parts (empty where it does not open), and what reporters said of it."""

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


def read(item: Item, *, by: Staff) -> Opened:
    """Open an item's address and what reporters said. The read goes into the audit trail."""
    audit.record_read(by, "read", f"item {item.ref}")
    prefix, host, rest = addresses.split_defanged(opened_or_empty("item.address", item.address))
    return Opened(prefix, host, rest, [_opened(mention) for mention in item.mentions])


def live_address(item: Item, *, by: Staff) -> str:
    """Return the address as it is, for the isolated browser. Each copy is counted in the audit trail."""
    audit.record(by, "copied live address", f"item {item.ref}")
    return address_of(item)


def address_of(item: Item) -> str:
    """Open an item's address. For letters and for people whose read is recorded."""
    return vault.keyring().open("item.address", item.address)


def related(item: Item) -> list[Item]:
    """Return other items on the same host, twelve at most, those first that were reported last."""
    query = select(Item).where(Item.host_index == item.host_index, Item.id != item.id)
    return list(db.session.scalars(query.order_by(Item.created_at.desc(), Item.id.desc()).limit(12)))


def of_report(report: Report) -> list[Item]:
    """Return the items a report names, most urgent first."""
    query = select(Item).join(Mention, Mention.item_id == Item.id).where(Mention.report_id == report.id)
    return list(db.session.scalars(query.order_by(*SOONEST)))


def timeline(item: Item) -> list[AuditEntry]:
    """Return what happened to an item, oldest first."""
    return audit.history(f"item {item.ref}")


def close(item: Item, outcome: ItemOutcome, *, by: Staff | None) -> None:
    """End an item with its outcome."""
    item.status, item.outcome = ItemStatus.CLOSED, outcome
    figures.count(Figure.CLOSED, outcome)
    audit.record(by, "closed", f"item {item.ref}", outcome=outcome)
    telling.moved(item)


def reopen(item: Item, *, at: datetime) -> None:
    """Put a closed item back into the queue, since it was reported again in the hour `at`. Findings stay frozen.

    Nothing found before counts for the next verdict, and whoever reported it now hears of it as of a new one. No audit
    line, as for anything a public report does: its minute would tell when the report came.
    """
    item.status, item.outcome = ItemStatus.NEW, None
    item.reopened_at = item.opened_at = at
    item.assessor_id = item.reviewer_id = item.claimed_at = item.review_claimed_at = None
    item.looks_after = db.session.scalar(select(func.max(Assessment.id)).where(Assessment.item_id == item.id)) or 0
    db.session.execute(delete(Step).where(Step.item_id == item.id))


def _opened(mention: Mention) -> OpenedMention:
    report = mention.report
    sealed = {
        "mention.typed": mention.typed,
        "report.details": report.details,
        "report.leftovers": report.leftovers,
    }
    said = {purpose: opened_or_empty(purpose, value) if value else "" for purpose, value in sealed.items()}
    typed = " · ".join(json.loads(said["mention.typed"] or "[]"))
    return OpenedMention(
        report=report,
        typed=addresses.defang(typed),
        details=said["report.details"],
        leftovers=said["report.leftovers"],
        contact=report.contact is not None,
        whole=all(said[purpose] for purpose, value in sealed.items() if value),
    )


def opened_or_empty(purpose: str, sealed: bytes) -> str:
    """Open a value, or return nothing: one that is damaged must not keep people from everything beside it."""
    try:
        return vault.keyring().open(purpose, sealed)
    except (KeyMissing, Unreadable):
        return ""
