"""What counts in the statistics: what is known of one item becomes cells, which add up. Pure.

An item counts in the month it was received in, whatever happens to it later; each report of it in the report's own
month; what people did in the month they did it. Cells tell month, way in, class, figure and part, so that every filter
is a sum. What is not settled has no class: it stands under `OPEN_CLASS`.

Months are those of the country's calendar, such as `2026-11`.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from hotline.rules import figures
from hotline.rules.findings import Findings
from hotline.rules.online import DAY, ENDS
from hotline.vocabulary import (
    AgeGroup,
    Band,
    Gender,
    InhopeClass,
    ItemOutcome,
    LawVerdict,
    ReportSource,
    SiteType,
    Statistic,
    Way,
    Work,
    YesNo,
)

OPEN_CLASS = "open"  # people have not agreed, or look anew
DIFFER = "differ"  # the two looks say different things
NOT_DETERMINED = "not_determined"
NEW, KNOWN = "new", "known"
ILLEGAL = (InhopeClass.BASELINE, InhopeClass.NATIONAL)
DESCRIBED = (Statistic.AGE, Statistic.GENDER, Statistic.SITE_TYPE, Statistic.COMMERCIAL)
TIMES = (Statistic.TO_POLICE, Statistic.TO_HOST, Statistic.REMOVAL)
OF_ILLEGAL = (*DESCRIBED, Statistic.COUNTRY, *TIMES)
LIMITS = {Band.ONE_DAY: DAY, Band.THREE_DAYS: 3 * DAY, Band.SEVEN_DAYS: 7 * DAY, Band.FOUR_WEEKS: 28 * DAY}
WAYS = {ReportSource.PARTNER: Way.PARTNER}
CLASSES: tuple[str, ...] = (*InhopeClass, OPEN_CLASS)
PARTS: dict[Statistic, tuple[str, ...]] = {  # in the order of the page; countries are whatever there is
    Statistic.RECEIVED: (NEW, KNOWN),
    Statistic.SETTLED: CLASSES,
    Statistic.LAW: (*LawVerdict, OPEN_CLASS),
    Statistic.AGE: (*AgeGroup, DIFFER),
    Statistic.GENDER: (*Gender, DIFFER),
    Statistic.SITE_TYPE: (*SiteType, NOT_DETERMINED, DIFFER),
    Statistic.COMMERCIAL: (*YesNo, DIFFER),
    Statistic.COUNTRY: (),
    Statistic.TO_POLICE: tuple(one for one in Band if one is not Band.NOT_TOLD),
    Statistic.TO_HOST: tuple(one for one in Band if one is not Band.NOT_TOLD),
    Statistic.REMOVAL: tuple(Band),
    Statistic.WORK: tuple(Work),
}


class Cell(NamedTuple):
    """Where something counts."""

    month: str
    way: Way
    inhope_class: str
    figure: Statistic
    part: str


class Arrival(NamedTuple):
    """One report that names the item: when (to the hour), and how it came."""

    at: datetime
    way: Way


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts of one item, as it stands.

    `arrivals` come oldest first: those that count at this item. `since` is the moment times run from: the end of the
    hour it was opened in, for the last time where it came back. `described` is what the people whose looks agree say:
    two, or one beside an outside decision.
    """

    since: datetime
    arrivals: tuple[Arrival, ...] = ()
    is_merged: bool = False
    inhope_class: InhopeClass | None = None
    law: LawVerdict | None = None
    described: tuple[Findings, ...] = ()
    country: str | None = None
    to_police_at: datetime | None = None
    to_host_at: datetime | None = None
    outcome: ItemOutcome | None = None
    removed_at: datetime | None = None
    work: tuple[tuple[Work, datetime], ...] = ()


def way_of(source: ReportSource | None) -> Way:
    """Return how a report came; None: through the public form."""
    return Way.PUBLIC if source is None else WAYS.get(source, Way.OTHER)


def cells(facts: Facts, zone: ZoneInfo) -> Counter[Cell]:
    """Return what one item adds. What is merged into another is no address of its own: its reports name a known one."""
    found: Counter[Cell] = Counter()
    group = facts.inhope_class.value if facts.inhope_class else OPEN_CLASS
    way = facts.arrivals[0].way if facts.arrivals else Way.OTHER

    def add(at: datetime, way_in: Way, figure: Statistic, part: str) -> None:
        found[Cell(figures.month_of(at.astimezone(zone)), way_in, group, figure, part)] += 1

    for place, arrival in enumerate(facts.arrivals):
        add(arrival.at, arrival.way, Statistic.RECEIVED, KNOWN if place or facts.is_merged else NEW)
    if facts.arrivals and not facts.is_merged:
        for figure, part in _once(facts, group, zone):
            add(facts.arrivals[0].at, way, figure, part)
    for deed, at in facts.work:
        add(at, way, Statistic.WORK, deed)
    return found


def total(those: Iterable[Facts], zone: ZoneInfo) -> Counter[Cell]:
    """Return what many items add up to."""
    found: Counter[Cell] = Counter()
    for one in those:
        found.update(cells(one, zone))
    return found


def difference(before: Mapping[Cell, int], after: Mapping[Cell, int]) -> dict[Cell, int]:
    """Return by how much each cell changes; nothing of those that do not."""
    both = {cell: after.get(cell, 0) - before.get(cell, 0) for cell in {*before, *after}}
    return {cell: count for cell, count in both.items() if count}


def band(since: datetime | None, until: datetime | None, zone: ZoneInfo) -> Band:
    """Return how long something took. What came before the end of the hour of its report took no time."""
    if since is None:
        return Band.NOT_TOLD
    if until is None:
        return Band.OPEN
    if until <= since or until.astimezone(zone).date() == since.astimezone(zone).date():
        return Band.SAME_DAY
    return next((name for name, limit in LIMITS.items() if until - since <= limit), Band.LONGER)


def said(figure: Statistic, described: Sequence[Findings]) -> str:
    """Return what the looks say to one question: their answer, that they differ, or that nobody could tell."""
    answers = {getattr(one, figure.value) for one in described}
    if len(answers) > 1:
        return DIFFER
    answer = next(iter(answers), None)
    return answer.value if isinstance(answer, StrEnum) else NOT_DETERMINED


def _once(facts: Facts, group: str, zone: ZoneInfo) -> Iterator[tuple[Statistic, str]]:
    yield Statistic.SETTLED, group
    yield Statistic.LAW, facts.law.value if facts.law else OPEN_CLASS
    if facts.inhope_class not in ILLEGAL:
        return
    for figure in DESCRIBED:
        yield figure, said(figure, facts.described)
    yield Statistic.COUNTRY, facts.country or ""
    yield Statistic.TO_POLICE, band(facts.since, facts.to_police_at, zone)
    yield Statistic.TO_HOST, band(facts.since, facts.to_host_at, zone)
    is_gone = facts.outcome in ENDS
    yield Statistic.REMOVAL, band(facts.to_host_at, facts.removed_at if is_gone else None, zone)


class Period(NamedTuple):
    """Which months somebody chose, both included, and as what it stands in the address bar."""

    code: str
    since: str
    until: str


def period(code: str, first: str, last: str) -> Period:
    """Read a period: `2026`, `2026-Q3`, `2026-11`, `2026-01..2026-04`; the last twelve months where it is none.

    `first` and `last` are the months there may be anything of.
    """
    year, _, rest = code.partition("-")
    begin, _, end = code.partition("..")
    if code in _years(first, last):
        return Period(code, f"{code}-01", f"{code}-12")
    if code in quarters(first, last):
        number = int(rest[1])
        return Period(code, f"{year}-{3 * number - 2:02}", f"{year}-{3 * number:02}")
    known = figures.months(first, last)
    if begin in known and (end or begin) in known:
        return Period(code, *sorted((begin, end or begin)))
    return Period("", figures.months_until(last, figures.RECENT)[0], last)


def periods(first: str, last: str) -> tuple[list[str], list[str], list[str]]:
    """Return the years, quarters and months that can be chosen, newest first."""
    return _years(first, last)[::-1], quarters(first, last)[::-1], figures.months(first, last)[::-1]


def quarters(first: str, last: str) -> list[str]:
    """Return the quarters from one month to another, the oldest first."""
    return list(dict.fromkeys(quarter_of(month) for month in figures.months(first, last)))


def quarter_of(month: str) -> str:
    """Return the quarter of a month."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def classes(chosen: str) -> tuple[str, ...]:
    """Return the classes of a filter: `illegal`, one class, or all where it is neither."""
    if chosen == "illegal":
        return tuple(one.value for one in ILLEGAL)
    return (chosen,) if chosen in CLASSES else ()


Totals = Mapping[tuple[Statistic, str], int]
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Changed:
    """One number of a frozen year that would be another one now."""

    figure: Statistic
    part: str
    frozen: int
    now: int

    @property
    def difference(self) -> int:
        """How much more it is now."""
        return self.now - self.frozen


class Moved(NamedTuple, Generic[Line]):
    """One line of a frozen year as it was kept and as it would be now; None where there was, or is, none.

    `of` is one of the two, to tell which line it is.
    """

    of: Line
    frozen: Line | None
    now: Line | None


def moved(frozen: Iterable[Line], now: Iterable[Line], *, key: Callable[[Line], Hashable]) -> list[Moved[Line]]:
    """Return the lines that differ, those that were frozen first. `key` says which line is which."""
    before, after = ({key(one): one for one in lines} for lines in (frozen, now))
    both = (Moved(line, before.get(one), after.get(one)) for one, line in {**before, **after}.items())
    return [one for one in both if one.frozen != one.now]


def changes(frozen: Totals, now: Totals) -> list[Changed]:
    """Return what has changed since a year was frozen, in the order of the page."""
    order = list(Statistic)
    keys = sorted({*frozen, *now}, key=lambda key: (order.index(key[0]), _place(*key)))
    both = (Changed(*key, frozen.get(key, 0), now.get(key, 0)) for key in keys)
    return [one for one in both if one.difference]


def parts_of(figure: Statistic, counts: Totals) -> list[tuple[str, int]]:
    """Return the parts of a figure with their counts: in their own order, countries the largest first."""
    if figure is not Statistic.COUNTRY:
        return [(part, counts.get((figure, part), 0)) for part in PARTS[figure]]
    found = [(part, count) for (one, part), count in counts.items() if one is figure and count]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def all_of(figure: Statistic, counts: Totals) -> int:
    """Return how many a figure counts in all its parts."""
    return sum(count for (one, _part), count in counts.items() if one is figure)


def within(limit: Band, counts: Totals) -> tuple[int, int]:
    """Return how many a host was told of, and how many of these were gone within a band."""
    reached = list(Band)[: list(Band).index(limit) + 1]
    told = all_of(Statistic.REMOVAL, counts) - counts.get((Statistic.REMOVAL, Band.NOT_TOLD), 0)
    return told, sum(counts.get((Statistic.REMOVAL, one), 0) for one in reached)


def _years(first: str, last: str) -> list[str]:
    return [f"{year:04}" for year in range(int(first[:4]), int(last[:4]) + 1)]


def _place(figure: Statistic, part: str) -> tuple[int, str]:
    known = PARTS[figure]
    return (known.index(part) if part in known else len(known)), part
