"""Letters that hold reports: whom one is from, whether that is so, whether a person wrote it, and what it says.

Only text is read. Attachments are counted by what their headers say; their content is never decoded.
"""

import email
import html
import re
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import getaddresses

from hotline.rules import submissions

MAX_LETTER = 5 * 1024 * 1024
"""Bytes of a whole letter, attachments and all; a larger one is not fetched."""
MAX_HEADER = 65_536
MAX_FIELD = 4_096
"""Bytes of a field that the standard library takes apart, in time that grows with the square of its length."""
MAX_TEXT = 65_536
"""Characters of what a letter says."""
MAX_PARTS = 200
MAX_SUBJECT = 200

_FOLD, _LINE_END = re.compile(rb"(?:\r\n?|\n)[ \t]"), re.compile(rb"[\r\n]+")
_SIGNATURE = "\n-- \n"  # what follows is who wrote it, with a web address that is no report
_TAG = re.compile(r"<(?:!--|([!?/]?[a-z][a-z0-9]*+)([^<>]*+)>)", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s{0,5}=\s{0,5}["']?([^"'<>\s]{1,8192})""", re.IGNORECASE)
_BREAKS = {"br", "/p", "/div", "/li", "/tr", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6"}
_DROPPED = {"style": "</style>", "script": "</script>", "head": "</head>", "!--": "-->"}  # and where they end
# RFC 8601, with single spaces, without comments, and with a quoted string only where it is a whole plain value
_RESULT = re.compile(r"(\w+)(?: ?/ ?\d+)? ?= ?(\w+)((?: .*)?)")
_FACT = re.compile(r"(?<!\S)([a-z]+(?:\.[a-z_-]+)?) ?= ?([^\s]{1,320})(?!\S)", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLAIN = re.compile(r"[\w.@+=-]{1,320}")


class UnreadableLetterError(Exception):
    """A letter is not written so that it can be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a letter says."""

    sender: str
    """The one mailbox it says it is from, in lower case; empty where it names none, or several."""
    confirmed: bool
    """Whether our own mail server confirms that."""
    automatic: bool
    """Whether a program wrote it: an automatic answer, a bounce, a mailing list."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says."""

    subject: str
    text: str
    message_id: str
    attachments: int


def read_header(raw: bytes, *, our_server: str) -> Header:
    """Read a header (bytes as they came). Raises UnreadableLetterError.

    `our_server` is how our mail server names itself in what it confirms.
    """
    try:
        _refuse_long_fields(raw)
        message = _parsed(raw)
        sender = _sender(message)
        return Header(sender, bool(sender) and _is_confirmed(message, sender, our_server), _is_automatic(message))
    except Exception as exc:  # the standard library raises anything at what strangers write
        raise UnreadableLetterError from exc


def read_letter(raw: bytes) -> Letter:
    """Read a whole letter. Raises UnreadableLetterError."""
    try:
        message = _parsed(raw)
        plain, marked, attachments = _parts(message)
        text = "\n".join(plain) if any(part.strip() for part in plain) else without_markup("\n".join(marked))
        subject = " ".join(submissions.clean(str(message.get("Subject", ""))).text.split())[:MAX_SUBJECT]
        message_id = str(message.get("Message-ID", "")).strip()[:1000]
        said = submissions.clean(text).text.partition(_SIGNATURE)[0]
        return Letter(subject, submissions.without_files(said), message_id, attachments)
    except Exception as exc:  # parts within parts within parts, for one, are a RecursionError
        raise UnreadableLetterError from exc


def _refuse_long_fields(raw: bytes) -> None:
    """Raise UnreadableLetterError for a sender or content type far longer than there are: made to be slow."""
    for line in _LINE_END.split(_FOLD.sub(b" ", raw)):
        if len(line) > MAX_FIELD and line[:13].lower().startswith((b"from:", b"content-type:")):
            raise UnreadableLetterError


def _parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def _sender(message: EmailMessage) -> str:
    try:
        fields = message.get_all("From", [])
        if len(fields) != 1 or not isinstance(fields[0], AddressHeader) or len(fields[0].addresses) != 1:
            return ""
        return fields[0].addresses[0].addr_spec.lower()
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return ""


def _is_confirmed(message: EmailMessage, sender: str, our_server: str) -> bool:
    """Whether the uppermost result of our own server passes. Results further down may be the sender's invention.

    Within it stand the sender's own words, such as the mailbox a bounce goes to: what is quoted confirms nothing, and
    where DMARC fails nothing else counts.
    """
    domain = sender.rpartition("@")[2]
    for field in _fields(message, "Authentication-Results"):
        bare = _bare(field)
        if bare is None:  # perhaps our own server's, so that nothing below may count either
            return False
        written_by, _, said = bare.partition(";")
        names = written_by.split()
        if names and names[0].lower() == our_server.lower():
            results = [found for part in said.split(";") if (found := _RESULT.fullmatch(part.strip()))]
            if any((found[1].lower(), found[2].lower()) == ("dmarc", "fail") for found in results):
                return False
            return any(_passes(found, domain) for found in results)
    return False


def _bare(field: str) -> str | None:
    """Return a field without comments, and with each quoted string a value, or a mark where it is not just that.

    None where a comment or a quoted string has no end: where it ends is anybody's guess.
    """
    bare: list[str] = []
    place = depth = 0
    while place < len(field):
        sign = field[place]
        if sign == '"' and depth == 0:
            quoted = _QUOTED.match(field, place)
            if quoted is None:
                return None
            place = quoted.end()
            is_whole = "".join(bare[-2:]).rstrip().endswith("=") and field[place : place + 1].strip() in {"", ";"}
            bare.append(quoted[1] if is_whole and _PLAIN.fullmatch(quoted[1]) else "_")
            continue
        if sign == "\\":  # whatever it hides, it opens and ends nothing
            place, sign = place + 1, "_"
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            sign = " "
        if depth < 0:
            return None
        bare.append(sign if depth == 0 else "")
        place += 1
    return " ".join("".join(bare).split()) if depth == 0 else None


def _passes(found: re.Match[str], domain: str) -> bool:
    """Whether one result says that the letter comes from the sender's own domain."""
    if found[2].lower() != "pass" or _FACT.sub("", found[3]).strip():
        return False
    pairs = [(name.lower(), value.lower()) for name, value in _FACT.findall(found[3])]
    facts: dict[str, str] = dict(pairs)
    if len(facts) != len(pairs):  # said twice, so one of them is not our server's
        return False
    match found[1].lower():
        case "dmarc":
            return facts.get("header.from", "").rpartition("@")[2] == domain
        case "dkim":
            signed = facts.get("header.d") or facts.get("header.i", "").rpartition("@")[2]
            return signed == domain
        case "spf":
            return facts.get("smtp.mailfrom", "").rpartition("@")[2] == domain
    return False


def _is_automatic(message: EmailMessage) -> bool:
    submitted = "".join(_fields(message, "Auto-Submitted")).strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if "".join(_fields(message, "Precedence")).strip().lower() in {"bulk", "list", "junk", "auto_reply"}:
        return True
    if any(_fields(message, name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond")):
        return True
    if message.get_content_type() == "multipart/report":
        return True
    bounced = getaddresses([field.strip() for field in _fields(message, "Return-Path")])
    return any(address == "" for _name, address in bounced)


def _fields(message: EmailMessage, name: str) -> list[str]:
    """Return the raw values of a field: parsing a broken one may raise anything."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _parts(message: EmailMessage) -> tuple[list[str], list[str], int]:
    """Return the plain texts, the texts with markup, and how many parts are anything else."""
    plain: list[str] = []
    marked: list[str] = []
    attachments = looked_at = 0
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        looked_at += 1
        if looked_at > MAX_PARTS:
            raise UnreadableLetterError
        if part.get_content_maintype() == "multipart":
            waiting[:0] = [one for one in part.iter_parts() if isinstance(one, EmailMessage)]
        elif part.get_content_disposition() == "attachment" or part.get_filename() is not None:
            attachments += 1
        elif part.get_content_type() in {"text/plain", "text/html"}:
            texts = plain if part.get_content_type() == "text/plain" else marked
            texts.append(_text_of(part))
        else:
            attachments += 1
    return plain, marked, attachments


def _text_of(part: EmailMessage) -> str:
    try:
        return str(part.get_content(errors="replace"))
    except LookupError:  # an encoding nobody has heard of
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def without_markup(text: str) -> str:
    """Return what a person reads, and where its links lead: there the addresses are. What is far too long stays.

    In time linear to its length: a tag is looked at once, and an end that is nowhere is looked for once.
    """
    if len(text) > 4 * MAX_TEXT:
        return text
    folded = text.lower() if text.isascii() else "".join(sign.lower() if sign.isascii() else sign for sign in text)
    said: list[str] = []
    place, endless = 0, set[str]()
    while tag := _TAG.search(text, place):
        said.append(text[place : tag.start()])
        name, rest, place = (tag[1] or "!--").lower(), tag[2] or "", tag.end()
        end = _DROPPED.get(name)
        if end is not None and end not in endless:
            found = folded.find(end, place)
            if found >= 0:
                said.append(" ")
                place = found + len(end)
                continue
            endless.add(end)
        link = _HREF.search(rest) if name == "a" else None
        if rest.startswith("://"):  # an address in angle brackets, which is no tag
            said.append(f" {tag[1]}{rest} ")
        else:
            said.append(f" {link[1]} " if link else "\n" if name in _BREAKS else "")
    return html.unescape("".join([*said, text[place:]]))
