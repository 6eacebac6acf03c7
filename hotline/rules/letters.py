"""What a letter says, and how it is put on the wire. No mail program can open one of its addresses by accident."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from hotline.rules import addresses
from hotline.vocabulary import KeyKind

ATTACHED = "addresses.txt"
FEEDBACK = "Feedback-Type: xarf\r\nUser-Agent: hotline-portal/1\r\nVersion: 1\r\n"


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


class AsWritten:
    """Leaves headers as they stand: nearly all that a letter bears are the library's own and ours, and plain ASCII."""

    max_count = None  # the library asks what it gets for a header's name how often such a header may stand

    def __getitem__(self, name: str) -> "AsWritten":
        """Return what stands for the class of the header `name`."""
        return self

    def __call__(self, name: str, value: str) -> str:
        """Return the header's value."""
        return value


PLAIN = SMTP.clone(cte_type="7bit", header_factory=KnownHeaders())  # no server has to announce that it takes more
# Reading its own headers again and again was most of the work of a letter.
AS_WRITTEN = PLAIN.clone(header_factory=AsWritten(), refold_source="none")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it will be sent: mailbox, subject, text with defanged addresses, and the exact addresses.

    `reports` are XARF, one an address; `for_programs` asks for the envelope that programs read, with one of them.
    `encrypted` is everything but the headers as it leaves, encrypted once, to a key of `kind`; then `outside` is the
    subject that anybody may read. `filled` are values that were filled in and are nobody's own words, such as an IP
    address. Where a person types it into a form, `mailbox` is that form's address. `answers` is the Message-ID of an
    earlier letter that mail programs show it below; `typed` what a person wrote of it, as it was typed: for a form that
    it is edited in, never to be shown as text (`told` is). `is_upstream`:
    it was written to who connects the network that the addresses stand in.
    """

    mailbox: str
    subject: str
    text: str
    addresses: tuple[str, ...]
    reports: tuple[str, ...] = ()
    for_programs: bool = False
    filled: tuple[str, ...] = ()
    kind: KeyKind | None = None
    encrypted: str = ""
    outside: str = ""
    answers: str = ""
    typed: str = ""
    is_upstream: bool = False

    @property
    def told(self) -> str:
        """What a person wrote of it, in one piece, so that no program makes a link of anything in it."""
        return addresses.defang_text(self.typed)


def message(letter: Letter, *, message_id: str, sender: str, sender_name: str, at: datetime) -> bytes:
    """Return the whole message (RFC 5322, ASCII) with the exact addresses attached as a text file.

    The same arguments give the same bytes, so that a copy sent again is a copy: what is encrypted was encrypted before.
    Raises ValueError for a line break in a header.
    """
    mail = EmailMessage(policy=AS_WRITTEN)
    subject = letter.outside if letter.encrypted else letter.subject
    for name, value in (("From", Address(sender_name, addr_spec=sender)), ("To", letter.mailbox), ("Subject", subject)):
        mail[name] = PLAIN.header_store_parse(name, value)[1]  # encodes what is not ASCII, refuses a line break
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    if letter.answers:
        mail["In-Reply-To"] = mail["References"] = letter.answers
    mail["Auto-Submitted"] = "auto-generated"
    mail["MIME-Version"] = "1.0"
    if not letter.encrypted:
        _fill(mail, letter)
    elif letter.kind is KeyKind.SMIME:
        _wrap_smime(mail, letter.encrypted)
    else:
        _wrap_openpgp(mail, letter.encrypted)
    if mail.is_multipart():
        mail.set_boundary(_boundary(message_id))
    return mail.as_bytes()


def inside(letter: Letter, *, message_id: str) -> bytes:
    """Return what is encrypted: the parts of the letter, its real subject among their headers. Lines end in CRLF."""
    part = EmailMessage(policy=AS_WRITTEN)
    part["Subject"] = PLAIN.header_store_parse("Subject", letter.subject)[1]
    _fill(part, letter)
    part.set_param("protected-headers", "v1")  # what programs that show the inner subject look for
    part.set_boundary(_boundary(f"inside {message_id}"))
    return part.as_bytes()


def _fill(mail: EmailMessage, letter: Letter) -> None:
    """Put text, addresses and reports into a message that has none yet."""
    if letter.for_programs:
        mail["Content-Type"] = 'multipart/report; report-type="feedback-report"'
    else:
        mail.make_mixed()  # before there is content, which would have to be moved
    text = EmailMessage(policy=AS_WRITTEN)
    text.set_content(letter.text)
    del text["MIME-Version"]  # belongs to the whole
    mail.attach(text)
    if letter.for_programs:
        _attach_report(mail, letter.reports[0])
    if letter.addresses:  # one that takes another back lists none
        exact = EmailMessage(policy=AS_WRITTEN)
        exact.set_content(_lines(letter.addresses), subtype="plain", disposition="attachment", filename=ATTACHED)
        mail.attach(exact)  # `add_attachment` would make another kind of whole of it
    if not letter.for_programs:
        for name, report in zip(report_names(letter), letter.reports, strict=True):
            facts = EmailMessage(policy=AS_WRITTEN)
            facts.set_content(report.encode("ascii"), "application", "json", disposition="attachment", filename=name)
            del facts["MIME-Version"]
            mail.attach(facts)


def report_names(letter: Letter) -> tuple[str, ...]:
    """Return the names of the attached XARF reports, in their order."""
    many = len(letter.reports)
    return tuple(f"xarf-{number}.json" for number in range(1, many + 1)) if many > 1 else ("xarf.json",) * many


def shown_reports(letter: Letter) -> tuple[tuple[str, str], ...]:
    """Return name and text of each attached XARF report as people may read them: the address is defanged."""
    return tuple(
        (name, defanged_report(report)) for name, report in zip(report_names(letter), letter.reports, strict=True)
    )


def defanged_report(report: str) -> str:
    """Return an XARF report with its address defanged, wherever it stands in it. Raises ValueError for no JSON."""
    facts = json.loads(report)
    exact = str(facts.get("url", ""))
    told = {exact, urlsplit(exact).hostname}
    shown = {
        name: addresses.defang(value) if isinstance(value, str) and value in told else value
        for name, value in facts.items()
    }
    return json.dumps(shown, indent=2)


def _attach_report(mail: EmailMessage, report: str) -> None:
    """Add the second and third part of the envelope «XARF via SMTP», which follows RFC 5965."""
    about = EmailMessage(policy=AS_WRITTEN)
    about["Content-Type"] = "message/feedback-report"
    about.set_payload(FEEDBACK)
    mail.attach(about)
    facts = EmailMessage(policy=AS_WRITTEN)
    facts["Content-Type"] = 'application/json; name="xarf.json"'
    facts["Content-Transfer-Encoding"] = "base64"
    facts["Content-Disposition"] = 'attachment; filename="xarf.json"'
    facts.set_payload(base64.encodebytes(report.encode("ascii")).decode("ascii"))
    mail.attach(facts)


def _wrap_openpgp(mail: EmailMessage, armored: str) -> None:
    """Put what is encrypted into RFC 3156's two parts."""
    mail["Content-Type"] = 'multipart/encrypted; protocol="application/pgp-encrypted"'
    for content_type, shown, text in (
        ("application/pgp-encrypted", "", "Version: 1\n"),
        ('application/octet-stream; name="encrypted.asc"', 'inline; filename="encrypted.asc"', armored),
    ):
        part = EmailMessage(policy=AS_WRITTEN)
        part["Content-Type"] = content_type
        if shown:
            part["Content-Disposition"] = shown
        part.set_payload(text.replace("\r\n", "\n"))
        mail.attach(part)


def _wrap_smime(mail: EmailMessage, in_base64: str) -> None:
    mail["Content-Type"] = 'application/pkcs7-mime; smime-type="enveloped-data"; name="smime.p7m"'
    mail["Content-Transfer-Encoding"] = "base64"
    mail["Content-Disposition"] = 'attachment; filename="smime.p7m"'
    mail.set_payload(in_base64)


def _boundary(seed: str) -> str:
    return f"=={hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()}=="


def _lines(addresses: Sequence[str]) -> str:
    return "".join(f"{address}\n" for address in addresses)
