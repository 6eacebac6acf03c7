"""The inbox of the front store: what the public site leaves there, sealed, in one durable transaction each."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from hotline import clock, vault
from hotline.errors import StorageFull
from hotline.extensions import PATIENCE
from hotline.models.report import Inbox, ReceiptRow
from hotline.transactions import front_engine
from hotline.vocabulary import Concern, InboxKind, ReportStatus

_RECEIPT, _SEALED = insert(ReceiptRow), insert(Inbox)
_turn = Lock()  # threads that meet at SQLite's own lock sleep there in ever longer steps, and starve


def take(kind: InboxKind, body: bytes, *, nonce: str, contact: bytes | None = None) -> str:
    """Store what somebody sent and return its receipt code (16 digits). The same nonce gives one code and one row.

    `body` and `contact` are sealed. Raises StorageFull when nothing can be written: then there is no receipt.
    """
    keys = vault.keyring().public
    assert keys is not None
    receipt = vault.receipt(keys, nonce.encode())
    hour = clock.this_hour()
    row = {
        "tag": receipt.tag,
        "public_key": receipt.public_key,
        "concern": Concern.HELP if kind is InboxKind.HELP else Concern.REPORT,
        "status": ReportStatus.RECEIVED,
        "received_at": hour,
        "changed_at": hour,
    }
    try:
        with in_turn() as connection:
            connection.execute(_RECEIPT, row)
            put(connection, kind, body, receipt_tag=receipt.tag, contact=contact)
    except IntegrityError:
        if not _stands(receipt.tag):
            raise
    return receipt.code


def put(
    connection: Connection,
    kind: InboxKind,
    body: bytes,
    *,
    receipt_tag: bytes,
    contact: bytes | None = None,
    row_id: bytes | None = None,
    number: int | None = None,
) -> None:
    """Leave one sealed row for the worker, in the caller's transaction on the front store. `row_id` is 16 bytes."""
    row = {
        "id": row_id or secrets.token_bytes(16),
        "receipt_tag": receipt_tag,
        "kind": kind,
        "body": body,
        "contact": contact,
        "number": number,
        "received_at": clock.this_hour(),
    }
    connection.execute(_SEALED, row)


@contextmanager
def in_turn() -> Iterator[Connection]:
    """Write to the front store and commit, one thread of this process at a time. Raises StorageFull."""
    if not _turn.acquire(timeout=PATIENCE):
        raise StorageFull("others have waited for the front store for too long")
    try:
        with front_engine().connect() as connection:
            connection.execution_options(writes=True)
            yield connection
            connection.commit()
    finally:
        _turn.release()


def _stands(tag: bytes) -> bool:
    """Whether the same form was sent before: what it held is stored already."""
    with front_engine().connect() as connection:
        return connection.scalar(select(ReceiptRow.tag).where(ReceiptRow.tag == tag)) is not None
