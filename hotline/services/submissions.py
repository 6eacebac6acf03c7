"""Taking a report: sealed and stored in one durable row, or honestly refused."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from threading import Lock

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from hotline import clock, vault
from hotline.errors import StorageFull
from hotline.extensions import PATIENCE
from hotline.models.report import Inbox, ReceiptRow
from hotline.transactions import front_engine
from hotline.vocabulary import Category, Danger, Language, ReportStatus, Seen

PURPOSE = "inbox.body"
_RECEIPT, _SEALED = insert(ReceiptRow), insert(Inbox)
_turn = Lock()  # threads that meet at SQLite's own lock sleep there in ever longer steps, and starve


@dataclass(frozen=True, slots=True)
class Submission:
    """What a reporter sent, checked and clean. `urls` are the lines as typed."""

    category: Category
    urls: str
    seen: Seen | None
    details: str
    in_danger: Danger | None
    contact: str
    language: Language


FIELDS = tuple(field.name for field in fields(Submission))


def take(submission: Submission, *, nonce: str) -> str:
    """Store `submission` and return its receipt code (16 digits). The same nonce gives the same code and one row.

    Raises StorageFull when nothing can be written: then there is no receipt.
    """
    keys = vault.keyring().public
    assert keys is not None
    receipt = vault.receipt(keys, nonce.encode())
    body = vault.keyring().seal(
        PURPOSE, json.dumps({name: getattr(submission, name) for name in FIELDS}, ensure_ascii=False)
    )
    hour = clock.this_hour()
    try:
        with _in_turn() as connection:
            connection.execute(
                _RECEIPT,
                {
                    "tag": receipt.tag,
                    "public_key": receipt.public_key,
                    "status": ReportStatus.RECEIVED,
                    "received_at": hour,
                    "changed_at": hour,
                },
            )
            connection.execute(
                _SEALED,
                {"id": secrets.token_bytes(16), "receipt_tag": receipt.tag, "body": body, "received_at": hour},
            )
    except IntegrityError:
        if not _stands(receipt.tag):
            raise
    return receipt.code


def opened(body: str) -> Submission:
    """Read back what `take` sealed. Raises ValueError, KeyError or TypeError when it is not a submission."""
    facts = json.loads(body)
    return Submission(
        category=Category(facts["category"]),
        urls=str(facts["urls"]),
        seen=Seen(facts["seen"]) if facts["seen"] else None,
        details=str(facts["details"]),
        in_danger=Danger(facts["in_danger"]) if facts["in_danger"] else None,
        contact=str(facts["contact"]),
        language=Language(facts["language"]),
    )


@contextmanager
def _in_turn() -> Iterator[Connection]:
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
    """Whether the same form was sent before: its report is stored already."""
    with front_engine().connect() as connection:
        return connection.scalar(select(ReceiptRow.tag).where(ReceiptRow.tag == tag)) is not None
