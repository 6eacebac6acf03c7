"""A filter of the queue as it stands in the address bar: words that are known, and never an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from hotline.errors import Refused
from hotline.rules import refs
from hotline.rules.submissions import clean
from hotline.vocabulary import Category, ItemStatus, Urgency

W = TypeVar("W", bound=StrEnum)
UNKNOWN = "unknown"  # what a filter says of hosts whose country nobody knows, and a fault of what it cannot read
COUNTRY = re.compile(r"[A-Z]{2}")
ITEM = re.compile(f"I-[{refs.LETTERS}]{{{refs.LENGTH}}}")
MOST_NAME = 40  # characters of a kept filter's name
TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # signs that write what follows backwards


class Whose(StrEnum):
    """Who has an item in hand."""

    ME = "me"
    NOBODY = "nobody"


class Age(StrEnum):
    """How long an item has been open, in days of the country."""

    TODAY = "today"
    DAYS = "days"  # one to three
    OVER_3 = "over3"
    OVER_7 = "over7"


class ClockFilter(StrEnum):
    """How the first of an item's clocks stands."""

    OVER = "over"
    TODAY = "today"  # runs out today, or has run out
    PAUSED = "paused"


class Work(StrEnum):
    """Kinds of work."""

    LIGHT = "light"  # grooming, other things, and what is decided already: nothing hard to look at


class Sort(StrEnum):
    """Orders of the queue. Most urgent first is what it is without one."""

    OLDEST = "oldest"
    REPORTS = "reports"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked of the queue. `host_of` and `path_of` are references of items whose host or path is meant."""

    status: ItemStatus | None = None
    category: Category | None = None
    priority: Urgency | None = None
    country: str = ""
    whose: Whose | None = None
    age: Age | None = None
    clock: ClockFilter | None = None
    work: Work | None = None
    host_of: str = ""
    path_of: str = ""
    sort: Sort | None = None

    @property
    def is_of_a_place(self) -> bool:
        """Whether it is about one host or path: then closed items are listed too, the newest first."""
        return bool(self.host_of or self.path_of)

    @property
    def as_args(self) -> dict[str, Any]:
        """What stands in the address bar, in one order, without what is not asked."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: _written(value) for name, value in values.items() if value}

    @property
    def query(self) -> str:
        """The same as one string; empty for everything open."""
        return urlencode(self.as_args)

    def without_place(self) -> "Filter":
        """Return the same filter for every host."""
        return replace(self, host_of="", path_of="")


def read(asked: Mapping[str, str]) -> Filter:
    """Return the filter that `asked` stands for; what it does not know is passed over, so that links may say more.

    Raises Refused for a value that nobody knows.
    """
    return Filter(
        status=_word(ItemStatus, "status", asked),
        category=_word(Category, "category", asked),
        priority=_priority(asked.get("priority", "")),
        country=_matching(COUNTRY, "country", asked, but=UNKNOWN),
        whose=_word(Whose, "whose", asked),
        age=_word(Age, "age", asked),
        clock=_word(ClockFilter, "clock", asked),
        work=_word(Work, "work", asked),
        host_of=_matching(ITEM, "host_of", asked),
        path_of=_matching(ITEM, "path_of", asked),
        sort=_word(Sort, "sort", asked),
    )


def from_query(query: str) -> Filter:
    """Return the filter that was kept as `query`. Raises Refused where words have changed since."""
    return read(dict(parse_qsl(query)))


def name_of(typed: str) -> str:
    """Return the name of a kept filter, tidied. Raises Refused where it is empty or too long."""
    name = " ".join(TURNS.sub("", clean(typed).text).split())
    if not name:
        raise Refused(("name", "required"))
    if len(name) > MOST_NAME:
        raise Refused(("name", "too_long"))
    return name


def _word(words: type[W], name: str, asked: Mapping[str, str]) -> W | None:
    value = asked.get(name, "")
    if value and value not in set(words):
        raise Refused((name, UNKNOWN))
    return words(value) if value else None


def _priority(value: str) -> Urgency | None:
    if value and value not in {str(one.value) for one in Urgency}:
        raise Refused(("priority", UNKNOWN))
    return Urgency(int(value)) if value else None


def _matching(pattern: re.Pattern[str], name: str, asked: Mapping[str, str], *, but: str = "") -> str:
    value = asked.get(name, "")
    if value and value != but and not pattern.fullmatch(value):
        raise Refused((name, UNKNOWN))
    return value


def _written(value: object) -> str:
    return str(value.value) if isinstance(value, Urgency) else str(value)
