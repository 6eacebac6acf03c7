"""What may come in through the report form: sizes, characters, pasted files, and each field's faults."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from hotline.rules import addresses
from hotline.rules.addresses import Problem, Reading
from hotline.vocabulary import Category, Danger, Seen

MAX_ADDRESSES = 20
MAX_ADDRESS = addresses.MAX_LENGTH
MAX_DETAILS = 4_000
MAX_CONTACT = 200
MAX_BODY = 65_536
"""Bytes of a whole submission; everything else is counted in characters, a line break as one."""


# --- Characters -------------------------------------------------------------------------------------------------------

_LINE_BREAK = re.compile(r"\r\n?")
# What no keyboard types: control characters, halves of a character, and the mark that broken UTF-8 was read as.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffd]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text that can be stored and shown."""

    text: str
    replaced: bool
    """Whether something unreadable became U+FFFD, which the person should be told."""


def clean(raw: str) -> Cleaned:
    """Mark unreadable characters with U+FFFD and make line breaks one character.

    Zero-width spaces stay: they are how Khmer words are told apart.
    """
    text, count = _UNREADABLE.subn("\ufffd", _LINE_BREAK.sub("\n", raw))
    return Cleaned(text, replaced=count > 0)


# --- Pasted files -----------------------------------------------------------------------------------------------------

FILE_RUN = 1_024
"""So many characters of base64 in a row are a file, not writing."""

# Both patterns begin with what is rare, so that the search runs at C speed over everything else.
_DATA_URI = re.compile(r"data:(?<![a-z0-9]data:)\s?[a-z]{1,40}/[a-z0-9.+*-]{1,100}\s?[;,]")
_AFTER_HOST = re.compile(r"(?:://|\.\]?[\w-]{1,63}(?::\d{1,5})?[/?#])\S*")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
_SHAPES = bytes(ord("x") if byte in _BASE64 else byte if byte == ord("\n") else ord(".") for byte in range(256))
_ONE_LETTER_CASE = re.compile(rf"[a-z]{{{FILE_RUN},}}")  # somebody leaning on a key; a file has capitals or digits too
_FULL_LINE = b"x" * 20  # shorter lines are a list of words, longer ones a wrapped file


def carries_file(text: str) -> bool:
    """Whether `text` holds a pasted file: a `data:` URI, or a long run of base64 that is not part of an address.

    In time linear to its length and with no work in Python for each character: anyone may send the worst of texts.
    """
    if _DATA_URI.search(text.lower()):
        return True
    # Addresses are looked for only when there is a run at all, which nearly never happens.
    return _has_run(text) and _has_run(_ONE_LETTER_CASE.sub(".", _AFTER_HOST.sub(".", text)))


def without_files(text: str) -> str:
    """Return `text` without the lines that hold a pasted file: a picture must not travel back either."""
    if not carries_file(text):
        return text
    rest = "\n".join(line for line in text.split("\n") if not carries_file(line))
    return "" if carries_file(rest) else rest


def _has_run(text: str) -> bool:
    shapes = text.encode("latin-1", "replace").translate(_SHAPES, delete=b"\r")
    shapes = shapes.replace(_FULL_LINE + b"\n", _FULL_LINE)  # a run goes on over the end of a full line
    return b"x" * FILE_RUN in shapes


# --- The form ---------------------------------------------------------------------------------------------------------


class FaultCode(StrEnum):
    """What is wrong with a field; the page has a sentence for each."""

    CATEGORY_MISSING = "category_missing"
    CATEGORY_UNKNOWN = "category_unknown"
    URLS_MISSING = "urls_missing"
    URLS_NONE_FOUND = "urls_none_found"
    URLS_TOO_MANY = "urls_too_many"
    SEEN_UNKNOWN = "seen_unknown"
    DETAILS_TOO_LONG = "details_too_long"
    IN_DANGER_UNKNOWN = "in_danger_unknown"
    CONTACT_TOO_LONG = "contact_too_long"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to put right, and the figures or words its sentence needs."""

    field: str
    code: FaultCode
    params: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A form that was read: without faults it can be taken in."""

    faults: tuple[Fault, ...]
    reading: Reading
    category: Category | None
    urls: str
    seen: Seen | None
    details: str
    in_danger: Danger | None
    contact: str
    replaced: bool
    """Whether unreadable characters were marked somewhere."""


def judge(
    *, category: str, urls: str, seen: str = "", details: str = "", in_danger: str = "", contact: str = ""
) -> Judged:
    """Read every field as it was sent; faults stand in the order of the form."""
    typed = {"urls": clean(urls), "details": clean(details), "contact": clean(contact)}
    # Leading empty lines stay: faults and leftovers name the line that the person sees.
    texts = {name: cleaned.text.rstrip() for name, cleaned in typed.items()}
    reading = addresses.read(texts["urls"])
    kind, kind_faults = _choice(Category, "category", category, required=True)
    when, when_faults = _choice(Seen, "seen", seen)
    danger, danger_faults = _choice(Danger, "in_danger", in_danger)
    return Judged(
        faults=(
            *kind_faults,
            *_urls_faults(texts["urls"], reading),
            *when_faults,
            *_text_faults("details", texts["details"], MAX_DETAILS, FaultCode.DETAILS_TOO_LONG),
            *danger_faults,
            *_text_faults("contact", texts["contact"], MAX_CONTACT, FaultCode.CONTACT_TOO_LONG),
        ),
        reading=reading,
        category=kind,
        seen=when,
        in_danger=danger,
        replaced=any(cleaned.replaced for cleaned in typed.values()),
        **texts,
    )


Choice = TypeVar("Choice", Category, Seen, Danger)


def _choice(
    choices: type[Choice], field: str, sent: str, *, required: bool = False
) -> tuple[Choice | None, tuple[Fault, ...]]:
    value = sent.strip()
    if not value:
        return None, (Fault(field, FaultCode(f"{field}_missing")),) if required else ()
    if value not in choices.__members__.values():
        return None, (Fault(field, FaultCode(f"{field}_unknown")),)
    return choices(value), ()


# The fault that helps most stands first: a picture must be explained, an ordinary word hardly.
_TELLING = (
    Problem.PICTURE,
    Problem.LOCAL_FILE,
    Problem.SCRIPT,
    Problem.TOO_LONG,
    Problem.PRIVATE,
    Problem.OTHER_SCHEME,
    Problem.NOT_AN_ADDRESS,
)


def _urls_faults(text: str, reading: Reading) -> tuple[Fault, ...]:
    if not text:
        return (Fault("urls", FaultCode.URLS_MISSING),)
    if carries_file(text) or any(leftover.reason is Problem.PICTURE for leftover in reading.leftovers):
        return (Fault("urls", FaultCode.PICTURE),)
    if len(reading.found) > MAX_ADDRESSES:
        count = ("count", len(reading.found))
        return (Fault("urls", FaultCode.URLS_TOO_MANY, (count, ("limit", MAX_ADDRESSES))),)
    return () if reading.found else (_none_found(reading),)


def _none_found(reading: Reading) -> Fault:
    worst = min(reading.leftovers, key=lambda leftover: _TELLING.index(leftover.reason), default=None)
    problem, line = (worst.reason, worst.line) if worst else (Problem.NOT_AN_ADDRESS, 1)  # punctuation alone
    return Fault("urls", FaultCode.URLS_NONE_FOUND, (("problem", problem.value), ("line", line)))


def _text_faults(field: str, text: str, limit: int, too_long: FaultCode) -> tuple[Fault, ...]:
    if carries_file(text):
        return (Fault(field, FaultCode.PICTURE),)
    if len(text) > limit:
        return (Fault(field, too_long, (("count", len(text)), ("limit", limit))),)
    return ()
