"""The reports that name an item: what each says without its reporter's words, and the words to who asks for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models.item import Item, Mention, MergedMention
from hotline.models.report import Origin, Report
from hotline.models.staff import Staff
from hotline.rules import addresses
from hotline.services import audit, items, messages
from hotline.services.messages import Talk

READ_WORDS = "read words"


@dataclass(frozen=True, slots=True)
class Named:
    """One report that names an item, and the talk with its reporter. `under` is the merged item that it does name."""

    report: Report
    talk: Talk
    under: Item | None


@dataclass(frozen=True, slots=True)
class Words:
    """What a reporter wrote, opened. `whole` is False where some of it does not open; that is left empty."""

    report: Report
    typed: str
    details: str
    leftovers: str
    whole: bool


def of(item: Item, *, most: int, before: int | None = None) -> list[Named]:
    """Return the `most` newest reports that name `item`; only those with a lower id than `before`."""
    query = select(Mention).join(Mention.report).where(Mention.item_id == item.id)
    if before is not None:
        query = query.where(Mention.report_id < before)
    beside = contains_eager(Mention.report)
    query = query.options(
        beside, beside.joinedload(Report.contact), beside.joinedload(Report.origin).joinedload(Origin.taken_by)
    )
    found = db.session.scalars(query.order_by(Mention.report_id.desc()).limit(most)).all()
    talks = messages.talks([one.report.receipt_tag for one in found])
    under = _merged_items(found)
    return [Named(one.report, talks[one.report.receipt_tag], under.get(one.id)) for one in found]


def _merged_items(found: Sequence[Mention]) -> dict[int, Item]:
    """Return by the mention's id which merged item each of `found` belongs to, where it does."""
    query = select(MergedMention.mention_id, Item).join(Item, Item.id == MergedMention.item_id)
    rows = db.session.execute(query.where(MergedMention.mention_id.in_([one.id for one in found])))
    return dict(rows.all())


def count(item: Item) -> int:
    """Return how many reports name `item`."""
    return db.session.scalar(select(func.count()).select_from(Mention).where(Mention.item_id == item.id)) or 0


def words(item: Item, report_ref: str, *, by: Staff) -> Words:
    """Open what one reporter wrote of `item`. It goes into the audit trail. Raises NotFound."""
    query = select(Mention).join(Mention.report).where(Mention.item_id == item.id, Report.ref == report_ref)
    mention = db.session.scalar(query.options(joinedload(Mention.report)))
    if mention is None:
        raise NotFound(f"no report {report_ref} of {item.ref}")
    audit.record_read(by, READ_WORDS, f"item {item.ref}", report=report_ref)
    report = mention.report
    sealed = {
        "mention.typed": mention.typed,
        "report.details": report.details,
        "report.leftovers": report.leftovers,
    }
    said = {purpose: items.opened_or_empty(purpose, value) if value else "" for purpose, value in sealed.items()}
    return Words(
        report=report,
        typed=addresses.defang(" · ".join(json.loads(said["mention.typed"] or "[]"))),
        details=said["report.details"],
        leftovers=said["report.leftovers"],
        whole=all(said[purpose] for purpose, value in sealed.items() if value),
    )
