"""Mail that answers our notices: which notice, and whether a person wrote it, a program, or a server that gave it up.

A notice is known again by the part of our Message-ID before the @, which holds 64 random bits and is told to nobody but
its recipient, or else by its reference, which proves nothing about who wrote. Only text is read, attachments never are.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter

from hotline.rules import mail_parts, mailbox, refs, submissions
from hotline.rules.mail_parts import Fields, Part, first
from hotline.vocabulary import MailMark, ReplyKind

MAX_READ = 262_144
"""Bytes of a mail that are looked at; what it answers, and its text, stand at its beginning."""
MAX_WORDS = 20_000
READ_FOR_NUMBERS = 2_000
"""Characters of a person's words in which our numbers are looked for: ticket systems give a subject of their own."""
MAX_NAMED = 10
"""So many of our notices can a mail name; the first one counts that there is."""

_SIGNS = refs.LETTERS.lower()
_OURS = re.compile(
    rf"(?<![\w.-])((?:n|rf|in)-[{_SIGNS}]{{{refs.LENGTH}}}\.[0-9a-f]{{16}}|(?:duties|week)\.a-\d{{2,9}}\.\d{{8}})@",
    re.I | re.A,
)
_REF = re.compile(rf"(?<![\w-])(n-[{_SIGNS}]{{{refs.LENGTH}}})(?![\w-])", re.I | re.A)
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])", re.A)
_OLD_STATUS = re.compile(r"(?<![\d.])(5[0-5]\d)(?![\d.])", re.A)
_MAILBOX = re.compile(r"[^\s<>;@]{1,64}@[^\s<>;@]{1,253}")
_DAEMON = re.compile(r"(?:^|[<\s\"])(?:mailer-daemon|mail-daemon|maildelivery)@", re.I)
_POSTMASTER = re.compile(r"(?:^|[<\s\"])postmaster@", re.I)
_UNDELIVERED = re.compile(
    r"undeliver|returned mail|to sender|delivery (?:status|fail|has failed|problem)|failure", re.I
)
_LATE = re.compile(r"\bdelay|\bwarning\b|still being retried|will be retried|not yet been delivered", re.I)
_AWAY = re.compile(r"\s*(?:auto(?:matic|mated)?[ -]?(?:reply|response)\b|auto:|out of (?:the )?office\b|ooo\b)", re.I)
_REPORT = "message/delivery-status"
_RETURNED = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
}
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_LOCKED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_READ_IN_A_BOUNCE = 20_000  # characters in which its code is looked for


@dataclass(frozen=True, slots=True)
class Glance:
    """What the header alone tells. `ids` are parts of Message-IDs of ours before the @, `refs` references of ours."""

    ids: tuple[str, ...]
    refs: tuple[str, ...]
    from_a_server: bool
    """Whether a mail server wrote it: then only its body tells what it is about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mail says to a notice of ours. `kind` is None where that is nothing to note, such as that it comes later.

    `words` (of a person or an automatic answer) begin with who it says it is from. `code` is a bounce's, such as
    `5.1.1`, and `bounced` the mailbox it names, in lower case.
    """

    kind: ReplyKind | None
    ids: tuple[str, ...]
    refs: tuple[str, ...]
    message_id: str
    words: str = ""
    code: str = ""
    bounced: str = ""
    marks: frozenset[MailMark] = field(default=frozenset())


def glance(header: bytes) -> Glance:
    """Say from a header (bytes as they came) whether a mail may answer a notice. Never raises."""
    fields = mail_parts.fields_of(header)
    return Glance(_answered(fields), _named(fields), _is_a_servers(fields))


def read(raw: bytes) -> Answer:
    """Read a mail, or its first `MAX_READ` bytes. Never raises; what it cannot make out is left empty."""
    raw, is_cut = raw[:MAX_READ], len(raw) >= MAX_READ
    mail = mail_parts.whole(raw)
    parts = list(mail_parts.leaves(mail))
    reports = [one for one in parts if one.kind == _REPORT]
    if reports or _is_a_servers(mail.fields):
        return _bounce(raw, mail, parts, reports)
    subject = mail_parts.readable(first(mail.fields, "subject"))
    if _is_report(mail):  # that it was read, or complained about: nobody answers anything
        return Answer(None, _answered(mail.fields), _named(mail.fields), first(mail.fields, "message-id"))
    kind, marks = _by_whom(mail.fields, subject)
    said, more = _said(parts, is_cut=is_cut)
    head = f"From: {mail_parts.readable(first(mail.fields, 'from'))}\nSubject: {subject}"
    return Answer(
        kind,
        _answered(mail.fields),
        _refs_in(f"{subject}\n{said[:READ_FOR_NUMBERS]}"),
        first(mail.fields, "message-id"),
        words=submissions.clean(f"{head}\n\n{said}".strip()).text,
        marks=marks | more,
    )


def _answered(fields: Fields) -> tuple[str, ...]:
    """Return which letters of ours the header says it answers, the nearest first."""
    last = [found[1] for one in reversed(fields.get("references", ())) for found in reversed(list(_OURS.finditer(one)))]
    return _lowered([*(found[1] for one in fields.get("in-reply-to", ()) for found in _OURS.finditer(one)), *last])


def _named(fields: Fields) -> tuple[str, ...]:
    return _refs_in(mail_parts.readable(first(fields, "subject")))


def _refs_in(text: str) -> tuple[str, ...]:
    """Return our references, that of the letter which is answered first: our subjects end with it in brackets."""
    found = [(text[one.start() - 1 : one.start()] != "[", one[1]) for one in _REF.finditer(text)]
    return tuple(one.upper() for one in _lowered(ref for _is_other, ref in sorted(found, key=itemgetter(0))))


def _lowered(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in found))[:MAX_NAMED]


def _is_report(mail: Part) -> bool:
    return mail.kind == "multipart/report"


def _is_a_servers(fields: Fields) -> bool:
    """Whether a mail server reports about a letter it was given: by the standard, or in one of the older ways."""
    told = mail_parts.parameter(fields, "content-type", "report-type").lower()
    if told:
        return told == "delivery-status"
    if _says_answered(fields):  # as no bounce of the older ways does
        return False
    sender, subject = first(fields, "from"), mail_parts.readable(first(fields, "subject"))
    signs = (
        _POSTMASTER.search(sender) is not None,
        first(fields, "return-path").strip() == "<>",
        _UNDELIVERED.search(subject) is not None,
    )  # one alone also stands above what people write
    return "x-failed-recipients" in fields or _DAEMON.search(sender) is not None or sum(signs) > 1


def _says_answered(fields: Fields) -> bool:
    """Whether it calls itself an automatic answer."""
    return first(fields, "auto-submitted").lower().startswith("auto-replied")


def _by_whom(fields: Fields, subject: str) -> tuple[ReplyKind, frozenset[MailMark]]:
    """Say whether an automatic answer came, or a person's; in doubt the latter: ticket systems write for people."""
    submitted, precedence = (first(fields, name).strip().lower() for name in ("auto-submitted", "precedence"))
    if _says_answered(fields) or precedence == "auto_reply" or {"x-autoreply", "x-autorespond"} & {*fields}:
        return ReplyKind.OUT_OF_OFFICE, frozenset()
    by_program = (
        submitted not in {"", "no"} or precedence in {"bulk", "list", "junk"} or "x-auto-response-suppress" in fields
    )
    if by_program and _AWAY.match(subject):
        return ReplyKind.OUT_OF_OFFICE, frozenset()
    return ReplyKind.MAIL, frozenset({MailMark.PROGRAM} if by_program else ())


def _said(parts: list[Part], *, is_cut: bool) -> tuple[str, frozenset[MailMark]]:
    """Return the text of a mail, and what has to be known about it."""
    texts = {
        kind: [one for one in parts if one.kind == kind and not one.is_attached] for kind in ("text/plain", "text/html")
    }
    said = "\n".join(one.text for one in texts["text/plain"])
    if not said.strip():
        said = mailbox.without_markup("\n".join(one.text for one in texts["text/html"]))
    said = submissions.without_files(submissions.clean(said).text).strip()
    rest = [one for one in parts if one.is_attached or one.kind not in texts]
    marks = {
        MailMark.ENCRYPTED: _ARMOUR in said or any(one.kind in _LOCKED for one in parts),
        MailMark.ATTACHED: any(one.kind not in _SIGNATURES | _LOCKED for one in rest),
        MailMark.CUT: is_cut or len(said) > MAX_WORDS,
    }
    if marks[MailMark.ENCRYPTED]:
        said, marks[MailMark.ATTACHED] = said.partition(_ARMOUR)[0].strip(), False
    return said[:MAX_WORDS], frozenset(mark for mark, applies in marks.items() if applies)


def _bounce(raw: bytes, mail: Part, parts: list[Part], reports: list[Part]) -> Answer:
    """Read what a mail server reports. Only that it gave up is a bounce; that it goes on trying is nothing to note."""
    returned = [first(mail_parts.fields_of(one.content), "message-id") for one in parts if one.kind in _RETURNED]
    ours = [found[1] for one in returned for found in _OURS.finditer(one)]
    ours += _answered(mail.fields)
    ours += [found[1] for found in _OURS.finditer(raw.decode("latin-1"))]
    gave_up, code, bounced = _status(reports) if reports else _old_status(mail, parts)
    return Answer(
        ReplyKind.BOUNCE if gave_up else None,
        _lowered(ours),
        (),  # a server that gives up has our Message-ID
        first(mail.fields, "message-id"),
        code=code,
        bounced=bounced,
    )


def _status(reports: list[Part]) -> tuple[bool, str, str]:
    """Return whether one recipient's letter was given up, its code and mailbox (RFC 3464)."""
    for report in reports:
        for block in re.split(rb"\r?\n\r?\n", report.content):
            fields = mail_parts.fields_of(block)
            if first(fields, "action").strip().lower() != "failed":
                continue
            named = first(fields, "original-recipient") or first(fields, "final-recipient")
            found = _MAILBOX.search(named)
            code = _code(first(fields, "status")) or _code(first(fields, "diagnostic-code"))
            return True, code, found[0].lower() if found else ""
    return False, "", ""


def _old_status(mail: Part, parts: list[Part]) -> tuple[bool, str, str]:
    """Return the same from words, as servers wrote before there was a standard."""
    if _LATE.search(mail_parts.readable(first(mail.fields, "subject"))):
        return False, "", ""
    said = "\n".join(one.text for one in parts if one.kind == "text/plain" and not one.is_attached)[:_READ_IN_A_BOUNCE]
    failed = _MAILBOX.search(first(mail.fields, "x-failed-recipients"))
    return True, _code(said), failed[0].lower() if failed else ""


def _code(said: str) -> str:
    """Return why a letter came back as a code, never as anybody's words: RFC 3463's, or the older one of SMTP."""
    found = _STATUS.search(said) or _OLD_STATUS.search(said)
    return found[1] if found else ""
