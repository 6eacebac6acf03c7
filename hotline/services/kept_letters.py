"""Letters that were kept, sealed, because no mail server is set: listed, and opened for people who may read them."""

import email
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from pathlib import Path

from sqlalchemy import select

from hotline import vault
from hotline.config import settings
from hotline.errors import KeyMissing, NotFound, Refused, Unreadable
from hotline.extensions import db
from hotline.gateways import mail
from hotline.models.notice import Notice
from hotline.models.staff import Staff
from hotline.rules import addresses, letters
from hotline.services import audit, kept_notices, notices
from hotline.vocabulary import DigestKind

NEWEST = 200
# Mails to one of us, which bear a mailbox that nobody else sees, and letters about incidents: other people's to read
OUR_OWN = (*(f"{kind}." for kind in DigestKind), "in-")
READABLE = {"multipart/mixed", "multipart/report"}  # what is encrypted, only its recipient opens


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a letter: its name and its lines, addresses defanged."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A kept letter, opened. `opens` is false where no key of this computer fits: then only `name` is known.

    So it is where `is_closed`: an item that it lists is being corrected.
    `notice` is the letter's record, and says whether it still lies here; None where a file has none.
    """

    name: str
    ref: str
    notice: Notice | None
    opens: bool = True
    is_closed: bool = False
    to: str = ""
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    at: datetime | None = None
    text: str = ""
    attached: tuple[Attachment, ...] = ()


def list_newest() -> list[KeptLetter]:
    """Return the newest kept letters, newest first. A letter that does not open is listed all the same."""
    return [_kept(name) for name in _names()[:NEWEST]]


def find_of(notice: Notice) -> str:
    """Return the name of the kept letter that a notice became; empty when none was kept, or it is gone."""
    name = mail.kept_name(notice.message_id)
    return name if name in mail.kept_names(_folder()) else ""


def read(name: str, *, by: Staff) -> KeptLetter:
    """Open one kept letter; the read goes into the audit trail, unless it is closed. Raises NotFound."""
    if name not in _names():
        raise NotFound("no such kept letter")
    found = _kept(name)
    if not found.is_closed:
        audit.record_read(by, "read kept letter", f"notice {found.ref}")
    return found


def download(notice: Notice, *, by: Staff) -> bytes:
    """Return a kept letter, whole and with the exact addresses, to be sent by hand. The audit trail tells each time.

    Raises WrongState when it is not kept any more, Refused (`download`, code) and GateClosed when it may not go.
    """
    kept_notices.check(notice, by=by)
    name = find_of(notice)
    if not name:
        raise Refused(("download", "gone"))
    try:
        message = mail.kept_letter(_folder(), name, vault.keyring())
    except (KeyMissing, Unreadable) as exc:
        raise Refused(("download", "letter")) from exc
    audit.record(by, "downloaded", f"notice {notice.ref}")
    return message.encode("ascii")


def _names() -> list[str]:
    return [name for name in mail.kept_names(_folder()) if not name.startswith(OUR_OWN)]


def _kept(name: str) -> KeptLetter:
    ref = name.partition(".")[0].upper()
    notice = db.session.scalar(select(Notice).where(Notice.ref == ref))
    if notice is not None and notices.is_closed(notice):
        return KeptLetter(name, ref, notice, opens=False, is_closed=True)
    try:
        message = mail.kept_letter(_folder(), name, vault.keyring())
    except (KeyMissing, Unreadable):
        return KeptLetter(name, ref, notice, opens=False)
    return _parsed(name, ref, notice, message)


def _parsed(name: str, ref: str, notice: Notice | None, message: str) -> KeptLetter:
    parsed = email.message_from_string(message, policy=SMTP)
    body = parsed.get_body(preferencelist=("plain",))
    return KeptLetter(
        name,
        ref,
        notice,
        to=str(parsed["To"]),
        sender=str(parsed["From"]),
        subject=str(parsed["Subject"]),
        message_id=str(parsed["Message-ID"]),
        at=parsedate_to_datetime(str(parsed["Date"])),
        text=str(body.get_content()) if body else "",
        attached=tuple(_attachments(parsed)),
    )


def _attachments(parsed: EmailMessage) -> Iterator[Attachment]:
    for part in parsed.iter_attachments() if parsed.get_content_type() in READABLE else ():
        name, content = part.get_filename() or "", part.get_payload(decode=True)
        if not name or not isinstance(content, bytes):
            continue
        words = content.decode("utf-8", "replace")
        if part.get_content_type() == "application/json":
            yield Attachment(name, tuple(letters.defanged_report(words).splitlines()))
        else:
            yield Attachment(name, tuple(addresses.defang(line) for line in words.splitlines()))


def _folder() -> Path:
    return settings().data_dir / "letters"
