"""What a letter says, and how it is put on the wire. No mail program can open one of its addresses by accident."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

ATTACHED = "addresses.txt"


class KnownHeaders(HeaderRegistry):
    """Makes the class of each header once; the library makes it anew for every header of every letter."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        """Return the class of the header `name`."""
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


PLAIN = SMTP.clone(cte_type="7bit", header_factory=KnownHeaders())  # no server has to announce that it takes more


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it will be sent: mailbox, subject, text with defanged addresses, and the exact addresses."""

    mailbox: str
    subject: str
    text: str
    addresses: tuple[str, ...]


def message(letter: Letter, *, message_id: str, sender: str, sender_name: str, at: datetime) -> bytes:
    """Return the whole message (RFC 5322, ASCII) with the exact addresses attached as a text file.

    The same arguments give the same bytes, so that a copy sent again is a copy. Raises ValueError for a line break in
    a header.
    """
    mail = EmailMessage(policy=PLAIN)
    mail["From"] = Address(sender_name, addr_spec=sender)
    mail["To"] = letter.mailbox
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["MIME-Version"] = "1.0"
    mail.make_mixed()  # before there is content, which would have to be moved
    text = EmailMessage(policy=PLAIN)
    text.set_content(letter.text)
    del text["MIME-Version"]  # belongs to the whole
    mail.attach(text)
    mail.add_attachment(_lines(letter.addresses), subtype="plain", filename=ATTACHED)
    mail.set_boundary(f"=={hashlib.blake2b(message_id.encode(), digest_size=16).hexdigest()}==")
    return mail.as_bytes()


def _lines(addresses: Sequence[str]) -> str:
    return "".join(f"{address}\n" for address in addresses)
