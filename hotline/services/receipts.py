"""What a receipt code finds: how far a report is, coarsely, and never more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hotline import clock, vault
from hotline.models.message import MessageCopy
from hotline.models.report import Inbox, ReceiptRow
from hotline.rules import progress
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Concern, ReportStatus


@dataclass(frozen=True, slots=True)
class ReceiptStatus:
    """How far a report or a request for help is, with days only."""

    concern: Concern
    status: ReportStatus
    received_on: date
    changed_on: date


def find(code: str) -> ReceiptStatus | None:
    """Return the status of the report whose receipt is `code` (16 digits); None for a wrong code or an expired one."""
    keys = vault.keyring().public
    assert keys is not None
    with Session(front_engine()) as session:
        row = session.scalar(select(ReceiptRow).where(ReceiptRow.tag == vault.receipt_of(keys, code).tag))
        return ReceiptStatus(row.concern, row.status, row.received_at.date(), row.changed_at.date()) if row else None


def move_on(moved: Mapping[bytes, ReportStatus]) -> None:
    """Tell the front store how far reports are, by tag. Never backwards: running it again, or late, changes nothing."""
    with apart(front_engine()) as session:
        for tag, status in moved.items():
            behind = update(ReceiptRow).where(ReceiptRow.tag == tag, ReceiptRow.status.in_(progress.before(status)))
            session.execute(behind.values(status=status, changed_at=clock.this_hour()))


def forget(tag: bytes) -> bool:
    """Take away what a receipt code finds: its messages, and itself. False where words lie in the inbox: they would be
    nobody's.

    Its row is held while that is asked, so that who writes now was there before, or finds no receipt any more.
    """
    with apart(front_engine()) as session:
        session.execute(select(ReceiptRow.tag).where(ReceiptRow.tag == tag).with_for_update())
        if session.scalar(select(Inbox.id).where(Inbox.receipt_tag == tag).limit(1)) is not None:
            return False
        session.execute(delete(MessageCopy).where(MessageCopy.receipt_tag == tag))
        session.execute(delete(ReceiptRow).where(ReceiptRow.tag == tag))
    return True
