"""A reporter's side of a conversation: copies in the front store that only the receipt code opens."""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from hotline import clock, vault
from hotline.errors import KeyMissing, NotFound, Refused, Unreadable
from hotline.models.message import MessageCopy
from hotline.models.report import ReceiptRow
from hotline.rules import messages as rules
from hotline.services import inbox
from hotline.transactions import apart, front_engine
from hotline.vault import Lock
from hotline.vocabulary import Author, Concern, InboxKind

BODY = "message.body"
COPY = "message.copy"
LOCKS = {Concern.REPORT: Lock.CASE, Concern.HELP: Lock.CARE}


@dataclass(frozen=True, slots=True)
class Copy:
    """One message as its reporter reads it again. `text` is None when it does not open."""

    author: Author
    text: str | None
    written_on: date


def write(code: str, text: str, *, nonce: str) -> None:
    """Leave a reporter's message for the desk, and a copy for the reporter. The same nonce and text is one message.

    Raises NotFound for a code that finds nothing, Refused when there are too many, StorageFull.
    """
    keys = vault.keyring().public
    assert keys is not None
    receipt = vault.receipt_of(keys, code)
    copy_id = hashlib.blake2b(receipt.tag + text.encode(), key=nonce.encode()[:64], digest_size=16).digest()
    with inbox.in_turn() as connection:
        # held from here on: whoever erases what it finds waits for this message, or has been
        held = select(ReceiptRow.concern).where(ReceiptRow.tag == receipt.tag).with_for_update()
        concern = connection.scalar(held)
        if concern is None:
            raise NotFound("no such receipt")
        copy = vault.seal_to_receipt(receipt.public_key, COPY, text)
        number, is_new = _add(connection, receipt.tag, copy_id, Author.REPORTER, copy)
        if is_new:
            body = vault.keyring().seal(BODY, text, lock=LOCKS[concern])
            inbox.put(connection, InboxKind.MESSAGE, body, receipt_tag=receipt.tag, row_id=copy_id, number=number)


def read(code: str) -> list[Copy]:
    """Return the messages of a receipt, oldest first."""
    keys = vault.keyring().public
    assert keys is not None
    tag = vault.receipt_of(keys, code).tag
    with Session(front_engine()) as session:
        rows = session.scalars(select(MessageCopy).where(MessageCopy.receipt_tag == tag).order_by(MessageCopy.number))
        return [Copy(row.author, _opened_copy(keys, code, row), row.written_at.date()) for row in rows]


def deliver(tag: bytes, copy_id: bytes, body: bytes) -> None:
    """Add the copy of an answer, once. Nothing happens when the receipt is no longer there."""
    with apart(front_engine()) as session:
        if session.get(ReceiptRow, tag) is not None:
            _add(session.connection(), tag, copy_id, Author.HOTLINE, body)


def _add(connection: Connection, tag: bytes, copy_id: bytes, author: Author, body: bytes) -> tuple[int, bool]:
    """Add the reporter's copy of a message. Returns its number, and whether it is new: else it stood already.

    The receipt's row is held meanwhile, so that two who write at once do not take the same number.
    """
    connection.execute(select(ReceiptRow.tag).where(ReceiptRow.tag == tag).with_for_update())
    of_receipt = select(func.count(), func.max(MessageCopy.number)).where(MessageCopy.receipt_tag == tag)
    written, last = connection.execute(of_receipt).one()
    known = select(MessageCopy.number).where(MessageCopy.receipt_tag == tag, MessageCopy.id == copy_id)
    number = connection.scalar(known)
    if number is not None:
        return number, False
    if author is Author.REPORTER and written >= rules.MOST_OF_A_RECEIPT:
        raise Refused(("message", "too_many"))
    number = (last or 0) + 1
    row = {
        "receipt_tag": tag,
        "id": copy_id,
        "number": number,
        "author": author,
        "body": body,
        "written_at": clock.this_hour(),
    }
    connection.execute(insert(MessageCopy), row)
    return number, True


def _opened_copy(keys: vault.PublicKeys, code: str, row: MessageCopy) -> str | None:
    try:
        return vault.open_with_code(keys, code, COPY, row.body)
    except (KeyMissing, Unreadable):
        return None
