"""Messages between a reporter, who is known by a receipt only, and the hotline."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.extensions import db
from hotline.models.message import Message
from hotline.models.report import Inbox, ReceiptRow
from hotline.transactions import front_engine
from hotline.vocabulary import Author, Concern

PURPOSE = "message.body"


def arrive(row: Inbox) -> None:
    """Make one inbox row a message at the desk, once. It stays sealed, and may come before its report does."""
    if db.session.scalar(select(Message.id).where(Message.copy_id == row.id)) is None:
        db.session.add(
            Message(
                copy_id=row.id,
                receipt_tag=row.receipt_tag,
                concern=_concern_of(row.receipt_tag),
                author=Author.REPORTER,
                body=row.body,
                written_at=row.received_at,
            )
        )


def _concern_of(receipt_tag: bytes) -> Concern:
    with Session(front_engine()) as session:
        found = session.scalar(select(ReceiptRow.concern).where(ReceiptRow.tag == receipt_tag))
        return found or Concern.REPORT
