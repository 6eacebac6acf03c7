"""Telling reporters how far their reports are: what an item's move means for each report that names it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from hotline import clock, outbox
from hotline.extensions import change_unseen, db, spelt
from hotline.models.item import Item, Mention, Step
from hotline.models.report import Report
from hotline.rules import progress
from hotline.services import clocks, receipts, watch_rows
from hotline.vocabulary import ItemStatus, ReportStatus

MOVE_REPORTS_ON = "hotline.jobs.reports.move_reports_on"
_ACTING = (
    update(Item)
    .where(Item.id.in_(bindparam("ids", expanding=True)), Item.status == spelt(ItemStatus.DECIDED))
    .values(status=ItemStatus.ACTING)
    .returning(Item.id)
)
_NAMING = select(Mention.report_id).where(Mention.item_id.in_(bindparam("ids", expanding=True))).distinct()


@dataclass(frozen=True, slots=True)
class Heard:
    """How far an item is to one reporter, and when they hear of its next step (None where there is none yet)."""

    status: ReportStatus
    next_at: datetime | None


def moved(item: Item) -> None:
    """Leave word for each report naming `item` that its reporter may see it further on."""
    db.session.flush()
    _leave_word([item.id])


def closed_again(item: Item) -> None:
    """Count anew how long reports are kept whose reporters heard before that they are closed: the police ask later."""
    naming = select(Mention.report_id).where(Mention.item_id == item.id)
    known = update(Report).where(Report.id.in_(naming), Report.closed_at.is_not(None), Report.erased_at.is_(None))
    db.session.execute(known.values(closed_at=clock.this_hour()))


def act_on(item_ids: Sequence[int], *, told_host: bool = False) -> None:
    """Note that something was done about those of the items that are decided: the first thing about them has left.

    `told_host`: it went to whoever hosts them; then nobody has to tell them any more, whatever went before.
    """
    moved_on = change_unseen(db.session(), _ACTING, {"ids": item_ids}).scalars().all()
    clocks.left(item_ids if told_host else moved_on)
    watch_rows.begin(moved_on)
    _leave_word(moved_on)


def follow(report: Report) -> None:
    """Leave word that the reporter of a known address may hear what became of it, from the end of the hour on."""
    outbox.put(db.session(), MOVE_REPORTS_ON, report.id, due_at=report.received_at + progress.HOUR)


def move_reports_on(report_ids: Sequence[int]) -> None:
    """Bring reports up to what their reporters may hear by now, tell the front store, and leave word for the rest."""
    outbox.done(db.session(), MOVE_REPORTS_ON, *report_ids)  # first, so that whoever moves an item now leaves word anew
    heard = _heard(report_ids, clock.now())
    reports = db.session.scalars(select(Report).where(Report.id.in_(report_ids))).all()
    for report in reports:
        report.status = progress.of_report((one.status for one in heard[report.id]), report.status)
        if report.status is ReportStatus.CLOSED and report.closed_at is None:
            report.closed_at = clock.this_hour()  # from here on counts how long it is kept
        _tell_later(report.id, heard[report.id])
    receipts.move_on({report.receipt_tag: report.status for report in reports})


def _heard(report_ids: Sequence[int], now: datetime) -> dict[int, list[Heard]]:
    """Return by report what its reporter hears of each item it names."""
    named = select(Mention.report_id, Mention.behind, Item.id, Item.status).join(Item)
    rows = db.session.execute(named.where(Mention.report_id.in_(report_ids))).all()
    reached = _reached({item_id: status for _report_id, _behind, item_id, status in rows}, now)
    heard: dict[int, list[Heard]] = defaultdict(list)
    for report_id, behind, item_id, _status in rows:
        steps = reached[item_id]
        status = progress.of_item(steps, behind=behind, now=now)
        heard[report_id].append(Heard(status, progress.next_step(steps, behind=behind, now=now)))
    return heard


def _reached(standing: Mapping[int, ItemStatus], now: datetime) -> dict[int, dict[ReportStatus, datetime]]:
    """Return when each item first was as far as reporters are told, and note the step it has just made."""
    reached: dict[int, dict[ReportStatus, datetime]] = defaultdict(dict)
    for step in db.session.scalars(select(Step).where(Step.item_id.in_(standing))):
        reached[step.item_id][step.status] = step.reached_at
    for item_id, status in standing.items():
        told = progress.OF_ITEM[status]
        if told is not ReportStatus.RECEIVED and told not in reached[item_id]:
            reached[item_id][told] = now
            db.session.add(Step(item_id=item_id, status=told, reached_at=now))
    return reached


def _tell_later(report_id: int, heard: Sequence[Heard]) -> None:
    due = min((one.next_at for one in heard if one.next_at), default=None)
    if due is not None:
        outbox.put(db.session(), MOVE_REPORTS_ON, report_id, due_at=due)


def _leave_word(item_ids: Sequence[int]) -> None:
    if item_ids:
        outbox.put(db.session(), MOVE_REPORTS_ON, *db.session.scalars(_NAMING, {"ids": item_ids}))
