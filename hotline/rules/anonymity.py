"""What must not leave the team: names, mailboxes and numbers of staff, and such that are not the house's.

A name is found in any script, in whatever order and case its words stand, joined or apart, with signs between that
nobody sees; a number however it is written, with the country before it or without.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise, permutations

# What is no mailbox is passed in one go too: a letter may list addresses of thousands of signs without an @
MAILBOX = re.compile(r"[\w.+-]++(?P<host>@[\w-]++(?:\.[\w-]++)++)?")
NUMBER = re.compile(r"\(?\+?\(?\d(?:[ \t().\-/\u00a0]{0,2}\d){7,14}")
DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
LETTER = r"[^\W\d_]"
WORD = re.compile(f"{LETTER}+")
DIGIT = re.compile(r"\d")
DIGITS = re.compile(r"\d+")
SAME_DIGITS = 8  # the end of a number says whose it is, however the country is written before it
SHORTEST_NUMBER = 6  # digits; fewer stand in a text by chance
BETWEEN_NUMBERS = re.compile(r"[/,;\n]|[^\W\d_]+")  # two numbers in one field: “012 …, or 011 …”
SEPARATORS = re.compile(r"[\s\-_.,'’·]+")
LONG, LONG_IN_KHMER = 4, 5  # shorter parts of a name are often words too: in Latin letters they need a capital
NEXT_WORD, WORD_BEFORE = re.compile(r"[\s\-]+([^\W\d_]+)\b"), re.compile(r"\b([^\W\d_]+)[\s\-]+$")
MOST_PARTS = 4  # of a name whose parts are tried in every order
SPELT_OUT = re.compile(  # me (at) home (dot) example
    r"(?:(?<!\s)\s++)?[(\[{]\s*+(at|dot)\s*+[)\]}]\s*+", re.IGNORECASE
)
COENG_DA, COENG_TA = "\u17d2\u178a", "\u17d2\u178f"  # look alike
KHMER_MARKS = re.compile(r"[\u17b4-\u17d1\u17d3\u17dd]{2,}")  # stand in another order after another keyboard
# Where a text is never cut: within a word of Latin letters, and between a sign and what is written around it
UNCUT = re.compile(
    r"[A-Za-z0-9\u00c0-\u036f\u1e00-\u1eff\u200b-\u200f\u2060\ufeff]+"
    r"|.(?:\u17d2.|[\u17b4-\u17d1\u17d3\u17dd\u200b-\u200f\u2060\ufeff])*",
    re.DOTALL,
)


KHMER, UNSEEN_IN_KHMER = range(0x1780, 0x1800), (0x17B4, 0x17B5)


class _SeenSigns(dict[int, int | None]):
    """Each sign to itself, or to nothing where nobody sees it, or it is an accent of a Latin letter.

    What Khmer writes around its letters is no accent. Filled as texts need it: letters are many, those in use few.
    """

    def __missing__(self, sign: int) -> int | None:
        """Say what becomes of a sign, once."""
        is_accent = sign not in KHMER and unicodedata.category(chr(sign)) in {"Cf", "Mn"}
        self[sign] = None if is_accent or sign in UNSEEN_IN_KHMER else sign
        return self[sign]


_SEEN = _SeenSigns()


class LeakKind(StrEnum):
    """What was found."""

    NAME = "name"
    OUR_MAILBOX = "our_mailbox"  # of one of us
    OUR_PHONE = "our_phone"
    MAILBOX = "mailbox"  # not the house's
    PHONE = "phone"


OURS = frozenset({LeakKind.NAME, LeakKind.OUR_MAILBOX, LeakKind.OUR_PHONE})  # what points at one of us for certain


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing in a text that points at a person: a name of our staff, or the mailbox or number as written."""

    kind: LeakKind
    found: str

    @property
    def is_ours(self) -> bool:
        """Whether it is a name, mailbox or number of one of us."""
        return self.kind in OURS


@dataclass(frozen=True, slots=True)
class House:
    """Who works here, and which mailboxes and telephone numbers may stand in a letter.

    `names` are those of accounts: a part of one tells enough. `full_names`, `own_mailboxes` and `own_phones` are what
    people entered about themselves: of a full name two words have to stand side by side. No more of these is told than
    stands in a text.
    """

    names: tuple[str, ...]
    mailboxes: tuple[str, ...]
    phones: tuple[str, ...]
    full_names: tuple[str, ...] = ()
    own_mailboxes: tuple[str, ...] = ()
    own_phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Name:
    """One name as it is looked for, each form with what is told when it was found: empty for what stands there."""

    words: dict[str, str] = field(default_factory=dict)  # in small letters; each tells by itself
    capitals: dict[str, str] = field(default_factory=dict)  # short ones, which tell only as they are written here
    pairs: dict[frozenset[str], str] = field(default_factory=dict)  # two words side by side, in either order
    runs: dict[str, str] = field(default_factory=dict)  # of scripts without spaces: at any place
    odd: dict[str, str] = field(default_factory=dict)  # words with digits or signs in them


@dataclass(frozen=True, slots=True)
class Watch:
    """What is looked for, put together once for many texts (`watch`)."""

    names: tuple[_Name, ...]
    house_mailboxes: frozenset[str]
    house_phones: frozenset[str]
    own_mailboxes: tuple[str, ...]
    own_phones: frozenset[str]  # the ends of their digits


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text as names are looked for in it."""

    low: str
    words: frozenset[str]  # as they are written
    low_words: frozenset[str]
    pairs: dict[frozenset[str], str]  # two words side by side, and how they stand there
    joined: str  # without any space


def watch(house: House) -> Watch:
    """Put together what is looked for. Keep it no longer than what people entered about themselves may be kept."""
    ours = frozenset(mailbox.casefold() for mailbox in house.mailboxes)
    ends = frozenset(_digits(phone)[-SAME_DIGITS:] for phone in house.phones)
    own = (mailbox.strip().casefold() for mailbox in house.own_mailboxes)
    accounts = set(house.names)  # of which every part tells already
    full = (name for name in house.full_names if name not in accounts)
    return Watch(
        names=(*(_account(name, told=name) for name in house.names), *(_full(name) for name in full)),
        house_mailboxes=ours,
        house_phones=ends,
        own_mailboxes=tuple(dict.fromkeys(mailbox for mailbox in own if mailbox and mailbox not in ours)),
        own_phones=frozenset(end for phone in house.own_phones for end in _ends(phone)) - ends,
    )


def leaks(text: str, *, quoted: Iterable[str], house: House | Watch) -> tuple[Leak, ...]:
    """Return what in `text` points at a member of staff, each once.

    `quoted` are reported addresses as they stand in the text. Names and mailboxes of ours are looked for in them too;
    but their digits are no telephone number of anybody, and what else stands before an @ in them is no mailbox.
    """
    known = house if isinstance(house, Watch) else watch(house)
    own_words = text
    for address in quoted:
        own_words = own_words.replace(address, " ")
    seen = _seen(text)
    names = (Leak(LeakKind.NAME, told) for name in known.names if (told := _told(name, seen)))
    found = [*names, *_own_mailboxes(seen, known), *_mailboxes(own_words, known), *_phones(own_words, known)]
    return tuple(dict.fromkeys(found))


def holds_number(text: str, phones: Iterable[str]) -> bool:
    """Whether one of these telephone numbers stands in a text, however either is written."""
    seen = _digits(text)
    return any(end in seen for phone in phones for end in _ends(phone))


def replaced(text: str, number: str, house: House) -> tuple[str, tuple[str, ...]]:
    """Return a text with `number` wherever something points at one of us, and what stood there, as it was written.

    `house` knows one person. `leaks` says what is found, so that none of it is left.
    """
    known = watch(house)
    parts = frozenset(part.casefold() for name in (*house.names, *house.full_names) for part in _parts(name))
    whole, found, left = "", [], text
    while place := _first_place(left, known, parts):
        first, end = place
        whole, left = f"{whole}{left[:first]}{number}", left[end:]
        found.append(text[len(text) - len(left) - (end - first) : len(text) - len(left)])
    return whole + left, tuple(dict.fromkeys(found))


def _first_place(text: str, known: Watch, parts: frozenset[str]) -> tuple[int, int] | None:
    """Return where the first thing begins and ends that points at one of us, with what else of a name is beside it."""

    def tells(piece: str) -> bool:
        return any(leak.is_ours for leak in leaks(piece, quoted=(), house=known))

    if not tells(text):
        return None
    cuts = [0, *(unit.end() for unit in UNCUT.finditer(text))]
    last = bisect_left(cuts, True, key=lambda cut: tells(text[:cut]))
    first = bisect_left(range(last), True, key=lambda at: not tells(text[cuts[at + 1] : cuts[last]]))
    start, end = cuts[first], cuts[last]
    while (after := NEXT_WORD.match(text, end)) and _plain(after[1]).casefold() in parts:
        end = after.end()
    while (before := WORD_BEFORE.search(text[:start])) and _plain(before[1]).casefold() in parts:
        start = before.start()
    return start, end


def _ends(phone: str) -> Iterator[str]:
    """Yield the end of each number in a field."""
    for piece in BETWEEN_NUMBERS.split(phone):
        if len(digits := _digits(piece)) >= SHORTEST_NUMBER:
            yield digits[-SAME_DIGITS:]


def _own_mailboxes(seen: _Seen, known: Watch) -> Iterator[Leak]:
    if not known.own_mailboxes:
        return
    text = SPELT_OUT.sub(lambda sign: "@" if sign[1] == "at" else ".", seen.low)
    whole, squeezed = set(_mailboxes_in(text)), "".join(text.split())
    for mailbox in known.own_mailboxes:
        is_long = len(mailbox.partition("@")[0]) >= LONG  # a short one is the end of others
        if mailbox in whole or (is_long and mailbox in squeezed):
            yield Leak(LeakKind.OUR_MAILBOX, mailbox)


def _mailboxes(text: str, known: Watch) -> Iterator[Leak]:
    allowed = known.house_mailboxes | set(known.own_mailboxes)  # the latter are told as what they are
    return (Leak(LeakKind.MAILBOX, found) for found in _mailboxes_in(text) if found.casefold() not in allowed)


def _mailboxes_in(text: str) -> Iterator[str]:
    """Yield every mailbox as it is written, in time that grows with the text's length."""
    return (found[0] for found in MAILBOX.finditer(text) if found["host"])


def _phones(text: str, known: Watch) -> Iterator[Leak]:
    text = DAY.sub(" ", text)
    digits = _digits(text)
    for end in sorted(known.own_phones):
        if (first := digits.find(end)) >= 0:
            yield Leak(LeakKind.OUR_PHONE, _as_written(text, first, len(end)))
    for match in NUMBER.finditer(text):
        end = _digits(match[0])[-SAME_DIGITS:]
        if end not in known.house_phones and not any(one.endswith(end) for one in known.own_phones):
            yield Leak(LeakKind.PHONE, match[0].strip())


def _as_written(text: str, first: int, number: int) -> str:
    """Return some digits of a text, counted from its first, in the groups in which they stand there."""
    signs = list(DIGIT.finditer(text))[first : first + number]
    return " ".join(DIGITS.findall(text[signs[0].start() : signs[-1].end()]))


def _account(name: str, *, told: str) -> _Name:
    """Any part of an account's name tells: `Dara`, `dara.p@…`, `PichDara`, never `solidarity`."""
    parts = _parts(name)
    made = _whole(parts, told=told)
    for part in parts:
        small = part.casefold()
        if not part.isascii():
            if len(part) >= LONG_IN_KHMER:
                made.runs[small] = told or part
        elif len(part) >= LONG:
            (made.words if part.isalpha() else made.odd)[small] = told or part
        elif len(part) > 1:  # one letter alone tells nobody
            made.capitals.update({form: told or form for form in (part.capitalize(), part.upper())})
    return made


def _full(name: str) -> _Name:
    """Of a full name two words tell, side by side; one of a single word by itself, if it is no short word of Khmer."""
    parts = _parts(name)
    if len(parts) == 1 and not parts[0].isascii() and len(parts[0]) < LONG_IN_KHMER:
        return _Name()  # it is a part of many words
    return _whole(parts, told="") if len(parts) > 1 else _account(name, told="")


def _whole(parts: list[str], *, told: str) -> _Name:
    """Return what is looked for of a name as a whole: its parts joined in any order, or two of them side by side."""
    made = _Name()
    for order in permutations(part.casefold() for part in parts[:MOST_PARTS]):
        joined = "".join(order)
        if not joined.isascii():
            made.runs[joined] = told or " ".join(order)
        elif len(joined) >= LONG:
            (made.words if joined.isalpha() else made.odd)[joined] = told or " ".join(order)
    several = [(one, other) for one in parts for other in parts if one is not other and len(one) > 1 and len(other) > 1]
    for one, other in several:
        if one.isascii() and other.isascii():
            made.pairs.setdefault(frozenset({one.casefold(), other.casefold()}), told)
        elif len(one + other) >= LONG_IN_KHMER:
            made.runs.setdefault((one + other).casefold(), told or f"{one} {other}")
    return made


def _told(name: _Name, seen: _Seen) -> str:
    """Return what of a name stands in a text; empty where nothing does."""
    if found := next((word for word in name.words if word in seen.low_words), ""):
        return name.words[found]
    if found := next((word for word in name.capitals if word in seen.words), ""):
        return name.capitals[found]
    if both := next((pair for pair in name.pairs if pair in seen.pairs), None):
        return name.pairs[both] or seen.pairs[both]
    for run, told in name.runs.items():
        if run in seen.joined:
            return told
    for word, told in name.odd.items():
        if word in seen.low and re.search(rf"(?<!{LETTER}){re.escape(word)}(?!{LETTER})", seen.low):
            return told
    return ""


def _seen(text: str) -> _Seen:
    plain = _plain(text)
    low = plain.casefold()
    words = WORD.findall(plain)
    small = [word.casefold() for word in words]
    # a letter alone stands between the words of a name: Dara K. Pich
    two = pairwise((low_word, word) for low_word, word in zip(small, words, strict=True) if len(low_word) > 1)
    pairs = {frozenset({one, other}): f"{written} {next_one}" for (one, written), (other, next_one) in two}
    joined = "" if low.isascii() else SEPARATORS.sub("", low)
    return _Seen(low, frozenset(words), frozenset(small), pairs, joined)


def _parts(name: str) -> list[str]:
    return [part for part in SEPARATORS.split(_plain(name).strip()) if part]


def _plain(text: str) -> str:
    """Return the text in one form of writing, without accents and without signs that nobody sees."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text).translate(_SEEN)
    text = text.replace(COENG_DA, COENG_TA)
    return KHMER_MARKS.sub(lambda marks: "".join(sorted(set(marks[0]))), text)


def _digits(number: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) for sign in DIGIT.findall(number))
