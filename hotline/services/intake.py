"""Opening the inbox: a sealed row of the front store becomes a report and its items at the desk.

Moving is safe to repeat: the desk commits first, keyed by inbox id, and only then does the inbox row go.
"""

import json
import random
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hotline import logs, vault
from hotline.errors import KeyMissing, Unreadable
from hotline.extensions import db
from hotline.models.item import Item, Mention
from hotline.models.report import Contact, Inbox, Report, UnreadReport
from hotline.rules import addresses, domains, refs, urgency
from hotline.rules.addresses import Address, Leftover
from hotline.services import submissions
from hotline.services.submissions import Submission
from hotline.transactions import apart, front_engine, writing
from hotline.vault import Blind
from hotline.vocabulary import Category, Danger, ItemStatus, ReportStatus

BATCH = 50
GRAVITY = (Category.LIVE_STREAM, Category.SEXTORTION, Category.CSAM, Category.GROOMING, Category.OTHER)


def open_inbox() -> int:
    """Open what waits, in batches and in random order. Returns how many rows were moved."""
    moved = 0
    while rows := _waiting():
        random.SystemRandom().shuffle(rows)
        for row in rows:
            move(row)
        moved += len(rows)
    return moved


def move(row: Inbox) -> None:
    """Make one inbox row a report, or keep it unread for a person; then take it out of the inbox."""
    with writing():
        if not _stands(row):
            try:
                submission = submissions.opened(vault.keyring().open(submissions.PURPOSE, row.body))
            except (KeyMissing, Unreadable, ValueError, KeyError, TypeError) as exc:
                logs.fault(exc, doing="reading a report")
                _keep_unread(row, exc)
            else:
                file_report(submission, inbox_id=row.id, receipt_tag=row.receipt_tag, received_at=row.received_at)
    with apart(front_engine()) as session:
        session.execute(delete(Inbox).where(Inbox.id == row.id))


def file_report(submission: Submission, *, inbox_id: bytes, receipt_tag: bytes, received_at: datetime) -> Report:
    """Write the report, its contact in a row of its own, and one item an address."""
    reading = addresses.read(submission.urls)
    seal = vault.keyring().seal
    report = Report(
        ref=refs.draw("R"),
        inbox_id=inbox_id,
        receipt_tag=receipt_tag,
        category=submission.category,
        seen=submission.seen,
        in_danger=submission.in_danger,
        language=submission.language,
        details=seal("report.details", submission.details) if submission.details else None,
        leftovers=seal("report.leftovers", _as_text(reading.leftovers)) if reading.leftovers else None,
        status=ReportStatus.RECEIVED,
        received_at=received_at,
    )
    if submission.contact:
        report.contact = Contact(contact=seal("report.contact", submission.contact))
    db.session.add(report)
    db.session.flush()
    for address in reading.found:
        _mention(address, report)
    db.session.flush()
    return report


def _mention(address: Address, report: Report) -> None:
    index = vault.keyring().blind(Blind.ADDRESS, address.canonical)
    item = db.session.scalar(select(Item).where(Item.address_index == index))
    if item is None:
        item = _new_item(address, index, report)
        db.session.add(item)
    else:
        item.report_count += 1
    item.in_danger = item.in_danger or report.in_danger is Danger.YES
    item.category = min(item.category, report.category, key=GRAVITY.index)
    item.urgency = urgency.of_item(item.category, in_danger=item.in_danger, report_count=item.report_count)
    typed = json.dumps([address.raw, *address.typed_again], ensure_ascii=False)
    db.session.add(Mention(item=item, report=report, typed=vault.keyring().seal("mention.typed", typed)))
    db.session.flush()


def _new_item(address: Address, index: bytes, report: Report) -> Item:
    ring = vault.keyring()
    return Item(
        ref=refs.draw("I"),
        address=ring.seal("item.address", address.href),
        host=ring.seal("item.host", address.host),
        address_index=index,
        path_index=ring.blind(Blind.PATH, address.path_key),
        host_index=ring.blind(Blind.HOST, address.host),
        domain_index=ring.blind(Blind.DOMAIN, domains.registrable(address.host)),
        category=report.category,
        in_danger=False,
        report_count=1,
        status=ItemStatus.NEW,
        created_at=report.received_at,
    )


def _as_text(leftovers: tuple[Leftover, ...]) -> str:
    return "\n".join(leftover.text for leftover in leftovers)


def _waiting() -> list[Inbox]:
    with Session(front_engine(), expire_on_commit=False) as session:
        return list(session.scalars(select(Inbox).limit(BATCH)))


def _stands(row: Inbox) -> bool:
    known = select(Report.id).where(Report.inbox_id == row.id)
    unread = select(UnreadReport.inbox_id).where(UnreadReport.inbox_id == row.id)
    return db.session.scalar(known) is not None or db.session.scalar(unread) is not None


def _keep_unread(row: Inbox, exc: Exception) -> None:
    db.session.add(
        UnreadReport(
            inbox_id=row.id,
            receipt_tag=row.receipt_tag,
            body=row.body,
            fault=type(exc).__name__,
            received_at=row.received_at,
        )
    )
