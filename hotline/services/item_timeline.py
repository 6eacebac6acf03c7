"""What happened to an item, together with what happened to the letters and police reports that list it."""

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.services import appeals, audit, follow_ups, notice_timeline, police, reminders

OF_LETTERS = (
    "approved",
    "sent",
    appeals.BY_HAND,
    appeals.TYPED_IN,
    appeals.REMINDED,
    "kept",
    "failed",
    "withdrew",
    follow_ups.OUTDATED,
    follow_ups.NOT_NOW,
    reminders.KEPT_BACK,
    notice_timeline.CAME,
    "sorted an answer",
)
OF_REPORTS = ("approved", "withdrew", "acknowledged", "noted feedback", "closed")  # that it went, its items tell
MOST_RECORDS = 40  # letters, and police reports, of an item whose deeds are told: the newest


def newest(
    item: Item, *, most: int, before: int | None, without: tuple[str, ...], with_letters: bool
) -> list[AuditEntry]:
    """Return the `most` newest entries about `item`, newest first; only those with a lower id than `before`.

    Those of its letters and police reports are among them `with_letters` only: they let on what was found.
    """
    found = audit.newest(f"item {item.ref}", most=most, before=before, without=without)
    if with_letters:
        found += audit.newest_among(_letters(item), most=most, before=before, only=OF_LETTERS)
        found += audit.newest_among(_reports(item), most=most, before=before, only=OF_REPORTS)
    return sorted(found, key=lambda one: one.id, reverse=True)[:most]


def _letters(item: Item) -> list[str]:
    listed = select(Notice.ref).join(NoticeItem).where(NoticeItem.item_id == item.id)
    return [f"notice {ref}" for ref in db.session.scalars(listed.order_by(NoticeItem.id.desc()).limit(MOST_RECORDS))]


def _reports(item: Item) -> list[str]:
    listed = select(PoliceReport).join(PoliceReportItem).where(PoliceReportItem.item_id == item.id)
    newest_first = listed.order_by(PoliceReportItem.report_id.desc()).limit(MOST_RECORDS)
    return [police.subject(report) for report in db.session.scalars(newest_first)]
