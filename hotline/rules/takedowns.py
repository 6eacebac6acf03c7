"""How long it took until what was acted on was gone: medians, shares, and counts that add up.

All of it is about endings that still stand, unless said otherwise. An ending belongs to the month it ended in. Every
table is a partition: its parts add up to all endings, or to those that are gone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import NamedTuple, TypeVar

from hotline.rules import charts
from hotline.rules.online import DAY, ENDS
from hotline.vocabulary import ItemOutcome

K = TypeVar("K", bound=Hashable)
NOTHING = timedelta()


class FirstTo(StrEnum):
    """Who was told first."""

    POLICE = "police"
    PARTNER = "partner"
    HOST = "host"
    NOBODY = "nobody"


class Within(StrEnum):
    """How long after the first notice to a host something was gone."""

    ONE_DAY = "one_day"
    THREE_DAYS = "three_days"
    SEVEN_DAYS = "seven_days"
    LONGER = "longer"
    NO_NOTICE = "no_notice"  # it was gone, and no host had been told


LIMITS = {Within.ONE_DAY: DAY, Within.THREE_DAYS: 3 * DAY, Within.SEVEN_DAYS: 7 * DAY}


@dataclass(frozen=True, slots=True)
class Ended:
    """One ending. `month` is that of the country's calendar, such as `2026-11`; `stands`: it is not open again."""

    month: str
    outcome: ItemOutcome
    received_at: datetime
    to_police_at: datetime | None
    to_partner_at: datetime | None
    to_host_at: datetime | None
    removed_at: datetime | None
    country: str | None
    stands: bool = True

    @property
    def is_gone(self) -> bool:
        """Whether it ended because it is gone."""
        return self.outcome in ENDS

    @property
    def first_to(self) -> FirstTo:
        """Who was told first."""
        told = {
            FirstTo.POLICE: self.to_police_at,
            FirstTo.PARTNER: self.to_partner_at,
            FirstTo.HOST: self.to_host_at,
        }
        known = {who: at for who, at in told.items() if at is not None}
        return min(known, key=known.__getitem__, default=FirstTo.NOBODY)

    @property
    def within(self) -> Within:
        """How long after the first notice to a host it was gone."""
        took = _span(self.to_host_at, self.removed_at)
        if took is None:
            return Within.NO_NOTICE
        return next((name for name, limit in LIMITS.items() if took <= limit), Within.LONGER)


class Spread(NamedTuple):
    """How long something took, of so many: half of them no longer than `half`, nine in ten than `most`."""

    size: int
    half: timedelta | None
    most: timedelta | None


class Group(NamedTuple):
    """One line of a table: how many ended, how many of these because they are gone, and how long that took."""

    closed: int
    gone: int
    until_gone: Spread


@dataclass(frozen=True, slots=True)
class Digest:
    """What a page of statistics shows. `came_back` counts endings that do not stand, which nothing else counts."""

    closed: int
    came_back: int
    outcomes: dict[ItemOutcome, int]
    to_police: Spread
    to_host: Spread
    until_gone: Spread
    within: dict[Within, int]
    by_month: dict[str, dict[ItemOutcome, int]]
    by_first: dict[FirstTo, Group]
    by_country: dict[str, Group]  # the largest first; empty for those of which nobody knows it

    def share(self, limit: Within) -> int | None:
        """Return how many of a hundred that are gone, and of which a host was told, were gone within a limit."""
        told = sum(count for name, count in self.within.items() if name is not Within.NO_NOTICE)
        names = list(Within)
        reached = sum(self.within[name] for name in names[: names.index(limit) + 1])
        return charts.share(reached, told) if told else None


def digest(ended: Iterable[Ended]) -> Digest:
    """Count and measure endings."""
    every = list(ended)
    standing = [one for one in every if one.stands]
    gone = [one for one in standing if one.is_gone]
    months = Counter((one.month, one.outcome) for one in standing)
    return Digest(
        closed=len(standing),
        came_back=len(every) - len(standing),
        outcomes=_counted(standing, lambda one: one.outcome, ItemOutcome),
        to_police=spread(_span(one.received_at, one.to_police_at) for one in standing),
        to_host=spread(_span(one.received_at, one.to_host_at) for one in standing),
        until_gone=_until_gone(gone),
        within=_counted(gone, lambda one: one.within, Within),
        by_month={
            month: {outcome: months[month, outcome] for outcome in ItemOutcome}
            for month in sorted({one.month for one in standing}, reverse=True)
        },
        by_first=_grouped(standing, lambda one: one.first_to, FirstTo),
        by_country=_by_country(standing),
    )


def spread(spans: Iterable[timedelta | None]) -> Spread:
    """Return how long something took. `most` is the nearest rank: one that happened, not one in between."""
    known = sorted(one for one in spans if one is not None)
    if not known:
        return Spread(0, None, None)
    rank = -(-9 * len(known) // 10)
    return Spread(len(known), timedelta(seconds=median(one.total_seconds() for one in known)), known[rank - 1])


def _until_gone(gone: Iterable[Ended]) -> Spread:
    return spread(_span(one.to_host_at, one.removed_at) for one in gone)


def _span(since: datetime | None, until: datetime | None) -> timedelta | None:
    """Return how long it is between two moments; nothing where the hour kept of a report hides which came first."""
    return None if since is None or until is None else max(until - since, NOTHING)


def _counted(those: Sequence[Ended], key: Callable[[Ended], K], order: Iterable[K]) -> dict[K, int]:
    counts = Counter(map(key, those))
    return {name: counts[name] for name in order}


def _grouped(those: Sequence[Ended], key: Callable[[Ended], K], order: Iterable[K]) -> dict[K, Group]:
    groups: dict[K, list[Ended]] = defaultdict(list)
    for one in those:
        groups[key(one)].append(one)
    return {name: _group(groups[name]) for name in order}


def _group(those: Sequence[Ended]) -> Group:
    gone = [one for one in those if one.is_gone]
    return Group(len(those), len(gone), _until_gone(gone))


def _by_country(those: Sequence[Ended]) -> dict[str, Group]:
    counts = Counter(one.country or "" for one in those)
    order = sorted(counts, key=lambda country: (-counts[country], country))
    return _grouped(those, lambda one: one.country or "", order)
