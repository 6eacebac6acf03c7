"""Taking a report: sealed and stored in one durable row, or honestly refused."""

import json
import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, OperationalError

from hotline import clock, vault
from hotline.errors import StorageFull
from hotline.models.report import Inbox, ReceiptRow
from hotline.transactions import front_engine
from hotline.vocabulary import Category, Danger, Language, ReportStatus, Seen

PURPOSE = "inbox.body"


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


def take(submission: Submission, *, nonce: str) -> str:
    """Store `submission` and return its receipt code (16 digits). The same nonce gives the same code and one row.

    Raises StorageFull when nothing can be written: then there is no receipt.
    """
    keys = vault.keyring().public
    assert keys is not None
    receipt = vault.receipt(keys, nonce.encode())
    body = vault.keyring().seal(PURPOSE, json.dumps(asdict(submission), ensure_ascii=False))
    hour = clock.this_hour()
    try:
        with front_engine().execution_options(writes=True).begin() as connection:
            connection.execute(
                insert(ReceiptRow),
                {
                    "tag": receipt.tag,
                    "public_key": receipt.public_key,
                    "status": ReportStatus.RECEIVED,
                    "received_at": hour,
                    "changed_at": hour,
                },
            )
            connection.execute(
                insert(Inbox),
                {"id": secrets.token_bytes(16), "receipt_tag": receipt.tag, "body": body, "received_at": hour},
            )
    except IntegrityError:
        return receipt.code  # the same form sent again: it is stored already
    except OperationalError as exc:
        raise StorageFull("the front store cannot be written") from exc
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
