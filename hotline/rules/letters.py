"""What a letter says, and how it is put on the wire. No mail program can open one of its addresses by accident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

ATTACHED = "addresses.txt"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it will be sent: mailbox, subject, text with defanged addresses, and the exact addresses."""

    mailbox: str
    subject: str
    text: str
    addresses: tuple[str, ...]


def message(letter: Letter, *, message_id: str, sender: str, sender_name: str, at: datetime) -> bytes:
    """Return the whole message (RFC 5322) with the exact addresses attached as a text file."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{sender_name} <{sender}>"
    mail["To"] = letter.mailbox
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_attachment(_lines(letter.addresses), subtype="plain", filename=ATTACHED)
    return mail.as_bytes()


def _lines(addresses: Sequence[str]) -> str:
    return "".join(f"{address}\n" for address in addresses)
