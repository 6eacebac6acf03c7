"""What was decided before: on an address itself, on other endings of its path, on its host.

Only what two people agreed on, and what holds now: nothing of a look that still waits for another person. Each list is
taken from an index and short, so that it costs the same however much stands on a host.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select

from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.item import OPEN, SETTLED, Item, Mention
from hotline.rules import addresses, progress
from hotline.rules.standing import UNDECIDED
from hotline.services import assessments, items
from hotline.vocabulary import InhopeClass, ItemOutcome, ItemStatus, LawVerdict

MOST_SHOWN = 6
MOST_OF_THE_PATH = 3
LOOKED_THROUGH = 40  # of the newest that are settled; some were closed by one person and tell nothing here
MOST_COUNTED = 100


class Where(StrEnum):
    """How near an earlier decision is to the address at hand."""

    ADDRESS = "address"
    PATH = "path"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier decision. `rest` is its address after the host, defanged; empty where it does not open."""

    where: Where
    ref: str
    rest: str
    status: ItemStatus | None  # None: of the address at hand, which is open again
    outcome: ItemOutcome | None
    inhope_class: InhopeClass
    law: LawVerdict
    decided_at: datetime


def earlier(item: Item) -> list[Earlier]:
    """Return the decisions that may save somebody a look: the nearest first, then the newest."""
    of_path = _settled(Item.path_index == item.path_index, item)
    found = [*_of_address(item), *_of_items(Where.PATH, of_path)[:MOST_OF_THE_PATH]]
    known = {one.ref for one in found}
    of_host = _of_items(Where.HOST, _settled(Item.host_index == item.host_index, item))
    return [*found, *(one for one in of_host if one.ref not in known)][:MOST_SHOWN]


def count_on_host(item: Item) -> int:
    """Return how many other items stand on the host of `item`, counted up to `MOST_COUNTED`."""
    some = select(Item.id).where(Item.host_index == item.host_index).limit(MOST_COUNTED + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 1) - 1


def related(item: Item, *, most: int = MOST_SHOWN) -> list[Item]:
    """Return other items that the newest reports of `item` name, then others undecided on its host; `most` of each."""
    reports = select(Mention.report_id).where(Mention.item_id == item.id).order_by(Mention.report_id.desc()).limit(most)
    beside = select(Mention.item_id).where(Mention.report_id.in_(reports), Mention.item_id != item.id)
    named = db.session.scalars(select(Item).where(Item.id.in_(beside.limit(most))).order_by(*items.SOONEST)).all()
    on_host = select(Item).where(Item.host_index == item.host_index, OPEN, Item.id != item.id)
    soonest = db.session.scalars(on_host.order_by(*items.SOONEST).limit(LOOKED_THROUGH)).all()
    nearby = [one for one in soonest if one.status in UNDECIDED][:most]
    return list(dict.fromkeys([*named, *nearby]))


def _settled(where: ColumnElement[bool], item: Item) -> Sequence[Item]:
    query = select(Item).where(where, SETTLED, Item.id != item.id).order_by(Item.id.desc())
    return db.session.scalars(query.limit(LOOKED_THROUGH)).all()


def _of_items(where: Where, found: Sequence[Item]) -> list[Earlier]:
    """Return what was agreed of these items, whichever was agreed last first."""
    by_id = {one.id: one for one in found}
    query = select(Verdict).where(Verdict.item_id.in_(by_id)).order_by(Verdict.id)
    newest = {verdict.item_id: verdict for verdict in (db.session.scalars(query) if by_id else ())}
    in_order = sorted(newest.values(), key=lambda verdict: verdict.id, reverse=True)[:MOST_SHOWN]
    return [_of_item(where, by_id[verdict.item_id], verdict) for verdict in in_order]


def _of_item(where: Where, item: Item, verdict: Verdict) -> Earlier:
    return Earlier(
        where=where,
        ref=item.ref,
        rest=addresses.split_defanged(items.opened_or_empty("item.address", item.address))[2],
        status=item.status,
        outcome=item.outcome,
        inhope_class=verdict.inhope_class,
        law=verdict.law,
        decided_at=verdict.agreed_at,
    )


def _of_address(item: Item) -> Iterator[Earlier]:
    """Yield what was decided of the address itself before it was closed and reported again.

    Nothing where people look anew at that very decision, or it would tell them what to find.
    """
    if item.reopened_at is None or item.status not in UNDECIDED:
        return
    if assessments.correction_of(item) or assessments.is_anew(item):
        return
    query = select(Verdict).where(
        Verdict.item_id == item.id,
        Verdict.agreed_at < item.reopened_at + progress.HOUR,
        Verdict.looks_until <= item.looks_after,
    )
    for verdict in db.session.scalars(query.order_by(Verdict.id.desc()).limit(1)):
        yield Earlier(
            where=Where.ADDRESS,
            ref=item.ref,
            rest=addresses.split_defanged(items.opened_or_empty("item.address", item.address))[2],
            status=None,
            outcome=items.last_outcome(item),
            inhope_class=verdict.inhope_class,
            law=verdict.law,
            decided_at=verdict.agreed_at,
        )
