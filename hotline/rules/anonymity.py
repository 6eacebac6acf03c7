"""What must not leave the team: a staff member's name, and mailboxes and telephone numbers that are not the house's."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAILBOX = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"\(?\+?\(?\d(?:[ \t().\-/\u00a0]{0,2}\d){7,14}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LETTER = r"[^\W\d_]"
SAME_DIGITS = 8  # the end of a number says whose it is, however the country is written before it
SHORTEST_NUMBER = 6  # digits; fewer stand in a text by chance
BETWEEN_NUMBERS = re.compile(r"[/,;\n]|[^\W\d_]+")  # two numbers in one field: “012 …, or 011 …”
SEPARATORS = re.compile(r"[\s\-_.,'’]+")
LONG, LONG_IN_KHMER = 4, 5  # shorter parts of a name are often words too: in Latin letters they need a capital


class LeakKind(StrEnum):
    """What was found."""

    NAME = "name"
    MAILBOX = "mailbox"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing in a text that points at a person: a name of our staff, or the mailbox or number as written."""

    kind: LeakKind
    found: str


@dataclass(frozen=True, slots=True)
class House:
    """Who works here, and which mailboxes and telephone numbers may stand in a letter."""

    names: tuple[str, ...]
    mailboxes: tuple[str, ...]
    phones: tuple[str, ...]


def leaks(text: str, *, quoted: Iterable[str], house: House) -> tuple[Leak, ...]:
    """Return what in `text` points at a member of staff, each once.

    `quoted` are reported addresses as they stand in the text. Names are looked for in them too; but their digits are
    no telephone number of ours, and what stands before an @ in them no mailbox.
    """
    own_words = text
    for address in quoted:
        own_words = own_words.replace(address, " ")
    names = (Leak(LeakKind.NAME, name) for name in house.names if _names(name, text))
    return tuple(dict.fromkeys([*names, *_mailboxes(own_words, house), *_phones(own_words, house)]))


def holds_number(text: str, phones: Iterable[str]) -> bool:
    """Whether one of these telephone numbers stands in a text, however either is written."""
    seen = _digits(text)
    pieces = (_digits(piece) for phone in phones for piece in BETWEEN_NUMBERS.split(phone))
    return any(piece[-SAME_DIGITS:] in seen for piece in pieces if len(piece) >= SHORTEST_NUMBER)


def _mailboxes(text: str, house: House) -> Iterable[Leak]:
    ours = {mailbox.casefold() for mailbox in house.mailboxes}
    return (Leak(LeakKind.MAILBOX, found) for found in MAILBOX.findall(text) if found.casefold() not in ours)


def _phones(text: str, house: House) -> Iterable[Leak]:
    ours = {_digits(phone)[-SAME_DIGITS:] for phone in house.phones}
    found = (match[0].strip() for match in NUMBER.finditer(DAY.sub(" ", text)))
    return (Leak(LeakKind.PHONE, number) for number in found if _digits(number)[-SAME_DIGITS:] not in ours)


def _names(name: str, text: str) -> bool:
    """Whether `text` holds the name, or a part of it, as a word: `Dara`, `dara.p@…`, `PichDara`, never `solidarity`."""
    seen, parts = _plain(text), SEPARATORS.split(_plain(name).strip())
    joined = {"".join(parts), "".join(reversed(parts))}
    whole = {word for word in joined if len(word) >= LONG or not word.isascii()}
    telling = {part for part in parts if len(part) >= (LONG if part.isascii() else LONG_IN_KHMER)}
    if any(_stands(word.casefold(), seen.casefold()) for word in whole | telling):
        return True
    short = {part for part in parts if part.isascii() and len(part) > 1} - telling  # one letter alone tells nobody
    return any(_stands(form, seen) for part in short for form in (part.capitalize(), part.upper()))


def _stands(word: str, text: str) -> bool:
    """Whether `word` stands in `text`. Khmer writes spaces between phrases, not words, so there any place counts."""
    if not word.isascii():
        return word in "".join(text.split())
    return re.search(rf"(?<!{LETTER}){re.escape(word)}(?!{LETTER})", text) is not None


def _plain(text: str) -> str:
    """Return the text in one form of writing, without signs that nobody sees."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")


def _digits(number: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) for sign in number if sign.isdecimal())
