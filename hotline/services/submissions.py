"""Taking a report: sealed and stored in one durable row, or honestly refused."""

import json
from dataclasses import dataclass, fields

from hotline import vault
from hotline.services import inbox
from hotline.vocabulary import Category, Danger, InboxKind, Language, Seen

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


FIELDS = tuple(field.name for field in fields(Submission))


def take(submission: Submission, *, nonce: str) -> str:
    """Store `submission` and return its receipt code (16 digits). The same nonce gives the same code and one row.

    Raises StorageFull when nothing can be written: then there is no receipt.
    """
    text = json.dumps({name: getattr(submission, name) for name in FIELDS}, ensure_ascii=False)
    return inbox.take(InboxKind.REPORT, vault.keyring().seal(PURPOSE, text), nonce=nonce)


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
