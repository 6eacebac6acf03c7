"""Invented messages between reporters and the hotline: neutral words, sealed as real ones are."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import clock, vault
from hotline.extensions import db
from hotline.models.report import Inbox, ReceiptRow, Report
from hotline.models.staff import Staff
from hotline.services import messages, staff
from hotline.services.message_copies import BODY, LOCKS
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Concern, InboxKind, Language, ReportStatus, Role

TALKS = {
    Language.EN: (
        "I remember now: the link stood in a group with “school 2” in its name.",
        "Thank you, that helps. You do not need to go back and look.",
        "Good. Will it be gone soon?",
    ),
    Language.KM: ("តើតំណនោះត្រូវបានលុបហើយឬនៅ? វានៅតែឃើញនៅក្នុងក្រុម។",),
}


def fill() -> None:
    """Let one reporter of each language have written, who waits for an answer."""
    first = next((one for one in staff.list_staff() if one.active and one.has(Role.ANALYST)), None)
    if first is None:
        return
    for language, talk in TALKS.items():
        report = db.session.scalars(select(Report).where(Report.language == language).order_by(Report.id)).first()
        if report is None:
            continue
        began = clock.this_hour() - timedelta(hours=len(talk))
        tag = receipt(Concern.REPORT, report.received_at, tag=report.receipt_tag)
        with writing():
            for number, text in enumerate(talk):
                by, at = first if number % 2 else None, began + timedelta(hours=number)
                say(tag, Concern.REPORT, text, by=by, at=at)


def receipt(concern: Concern, received: datetime, *, tag: bytes | None = None) -> bytes:
    """Leave a receipt in the front store, as if somebody held its code: nobody does, its key was never made."""
    row = ReceiptRow(
        tag=tag or secrets.token_bytes(32),
        public_key=secrets.token_bytes(32),
        concern=concern,
        status=ReportStatus.RECEIVED,
        received_at=received,
        changed_at=received,
    )
    tag = row.tag
    with apart(front_engine()) as session:
        session.merge(row)
    return tag


def say(tag: bytes, concern: Concern, text: str, *, by: Staff | None, at: datetime) -> None:
    """Add one message to the caller's transaction: of one of us, or of whoever holds the receipt."""
    if by:
        messages.answer(tag, concern, f"invented {concern}", text, checked=True, seen=messages.last(tag), by=by)
        return
    body = vault.keyring().seal(BODY, text, lock=LOCKS[concern])
    row = Inbox(id=secrets.token_bytes(16), receipt_tag=tag, kind=InboxKind.MESSAGE, body=body, received_at=at)
    messages.arrive(row)
