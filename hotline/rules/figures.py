"""Which counts the public may see, so that no published number tells of one report.

A count below `LEAST` is never shown. Three rules keep such a count from being worked out all the same:

1. No total is ever published but those of whole years. Every other sum is one of numbers that are shown already.
2. The total of a year is shown only while each count left out of its months can still be at least three numbers, and
   while these counts, whose sum it tells, are not few together either.
3. Figures that count the same deeds twice, once by this and once by that, are never shown side by side month by month:
   the finer one (`BY_YEAR`) is published a year at a time, only beside full totals of the coarser one, and what is too
   small in it takes the next larger part of its `KIN` along, since the sum of these is known from the other figure.
4. How long it took until something was gone (`BY_FREEZE`) is published of frozen years only: what never changes cannot
   be told by how it changed. How many they are together may be known, so the next larger part goes along as well.

Months are text (`2026-11`), and so are years (`2026`): both are periods. Counts are whole numbers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.vocabulary import Band, Category, Channel, Figure, InhopeClass, ItemOutcome, LawVerdict

LEAST = 5
DOUBT = 3  # how many numbers a count that is left out can be at least, beside the total of its year
RECENT = 12  # months that are summed up and shown
GRACE = timedelta(hours=1)  # what began to be written in a month has ended by then
NEW, KNOWN = "new", "known"
PERIOD = re.compile(r"\d{4}(-\d\d)?", re.ASCII)

BY_MONTH: dict[Figure, tuple[str, ...]] = {
    Figure.ADDRESSES: (NEW, KNOWN),
    Figure.LAW: (LawVerdict.ILLEGAL, LawVerdict.NOT_ILLEGAL),
    Figure.NOTICES: tuple(Channel),
    Figure.CLOSED: tuple(ItemOutcome),
    Figure.HELP: ("",),
}
# a figure that is published by year: its parts in kin, whose sums may be known from the figure it is tied to
BY_YEAR: dict[Figure, tuple[tuple[str, ...], ...]] = {
    Figure.REPORTS: (tuple(Category),),
    Figure.ASSESSED: (
        (InhopeClass.BASELINE, InhopeClass.NATIONAL),
        (InhopeClass.NOT_ILLEGAL, InhopeClass.INACCESSIBLE, InhopeClass.OUTSIDE_REMIT),
    ),
}
TIED = {Figure.REPORTS: Figure.ADDRESSES, Figure.ASSESSED: Figure.LAW}
BY_FREEZE: dict[Figure, tuple[str, ...]] = {Figure.REMOVAL: tuple(Band)}
COUNTED = BY_MONTH | {figure: tuple(part for kin in groups for part in kin) for figure, groups in BY_YEAR.items()}
PARTS = COUNTED | BY_FREEZE

Tallies = Mapping[tuple[str, Figure, str], int]
Times = Mapping[str, Mapping[str, int]]  # of each frozen year: how many were gone within which time


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of one period. `count` is None when it is left out."""

    period: str
    figure: Figure
    part: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of what is shown. `whole` is False when something was left out of it; `count` is None when all was."""

    count: int | None
    whole: bool


class Digest:
    """What is published, as pages want it. What is no figure or part that we know is passed over."""

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self.cells = tuple(cell for cell in cells if is_known(cell))
        self._counts = {(cell.period, cell.figure, cell.part): cell.count for cell in self.cells}
        periods = sorted({cell.period for cell in self.cells}, reverse=True)
        self.years = [period for period in periods if is_year(period)]
        self.months = [period for period in periods if not is_year(period)]
        self.recent = self.months[:RECENT]

    def count(self, period: str, figure: Figure, part: str) -> int | None:
        """Return one number; None when it is left out."""
        return self._counts.get((period, figure, part))

    def recently(self, figure: Figure, *only: str) -> Total:
        """Return the sum over the recent months, of some parts or of all."""
        return self._total(self.recent, figure, only or PARTS[figure])

    def in_year(self, year: str, figure: Figure, part: str) -> Total:
        """Return the number of a year. Where it is left out, the sum of those of its months that are shown."""
        count = self.count(year, figure, part)
        if count is not None:
            return Total(count, whole=True)
        return Total(self._total([one for one in self.months if one[:4] == year], figure, (part,)).count, whole=False)

    def years_of(self, figure: Figure) -> list[str]:
        """Return the years a figure is published of, newest first."""
        there = {cell.period for cell in self.cells if cell.figure is figure}
        return [year for year in self.years if year in there]

    def first_of(self, year: str) -> str | None:
        """Return the first month of a year that was counted, where counting began in its middle."""
        first = self.months[-1] if self.months else year
        return first if first[:4] == year and first > f"{year}-01" else None

    def _total(self, over: Iterable[str], figure: Figure, parts: Iterable[str]) -> Total:
        counts = [self.count(month, figure, part) for month in over for part in parts]
        seen = [count for count in counts if count is not None]
        return Total(sum(seen) if seen else None, whole=len(seen) == len(counts))


def is_known(cell: Cell) -> bool:
    """Whether a cell is one that could have been published."""
    is_period = PERIOD.fullmatch(cell.period) is not None
    return is_period and cell.part in PARTS[cell.figure] and (cell.count is None or cell.count >= LEAST)


def month_of(at: datetime) -> str:
    """Return the month of a moment that is in the country's own time."""
    return f"{at.year:04}-{at.month:02}"


def last_over(now: datetime) -> str:
    """Return the last month that is over, with a little grace. `now` is in the country's own time."""
    return _before(month_of(now - GRACE))


def months(first: str, last: str) -> list[str]:
    """Return every month from `first` to `last`, both included."""
    found = []
    while last >= first:
        found.append(last)
        last = _before(last)
    return found[::-1]


def months_until(last: str, count: int) -> list[str]:
    """Return so many months, of which `last` is the last."""
    found = [last]
    while len(found) < count:
        found.append(_before(found[-1]))
    return found[::-1]


def is_year(period: str) -> bool:
    """Whether a period is a whole year."""
    return len(period) == 4


def publish(tallies: Tallies, *, last: str, frozen: Times | None = None) -> list[Cell]:
    """Return all that may be published once the month `last` is over; nothing while no counted month is."""
    counted = [month for month, _, _ in tallies if month <= last]
    if not counted:
        return []
    over = months(min(counted), last)
    cells = [
        Cell(month, figure, part, shown(tallies.get((month, figure, part), 0)))
        for month in over
        for figure, parts in BY_MONTH.items()
        for part in parts
    ]
    for year in sorted({month[:4] for month in over if f"{month[:4]}-12" <= last}):
        cells += _publish_year(tallies, year, [month for month in over if month[:4] == year])
    for year, times in (frozen or {}).items():
        for figure, parts in BY_FREEZE.items():
            counts = year_parts([times.get(part, 0) for part in parts])
            cells += [Cell(year, figure, part, count) for part, count in zip(parts, counts, strict=True)]
    return cells


def _publish_year(tallies: Tallies, year: str, over: Sequence[str]) -> list[Cell]:
    def counts(figure: Figure, part: str) -> list[int]:
        return [tallies.get((month, figure, part), 0) for month in over]

    totals = {(figure, part): year_total(counts(figure, part)) for figure, parts in BY_MONTH.items() for part in parts}
    for figure, groups in BY_YEAR.items():
        coarser = TIED[figure]
        if any(totals[coarser, part] is None for part in BY_MONTH[coarser]):
            totals |= dict.fromkeys((figure, part) for part in COUNTED[figure])
            continue
        for kin in groups:
            found = year_parts([sum(counts(figure, part)) for part in kin])
            totals |= {(figure, part): count for part, count in zip(kin, found, strict=True)}
    return [Cell(year, figure, part, totals[figure, part]) for figure, parts in COUNTED.items() for part in parts]


def shown(count: int, *, least: int = LEAST) -> int | None:
    """Return a count as it may be seen by itself."""
    return count if count >= least else None


def year_total(counts: Sequence[int], *, least: int = LEAST) -> int | None:
    """Return the total of a year whose months have these counts, None where it would give a left-out month away.

    The total gives away the sum of the months that are left out. That sum may be no smaller than what is shown of one
    month. One such month would be told by it, and several nearly so where it is next to the largest it can be: of two
    months with 7 together one has 3 and one has 4. So each of them has to be able to be `DOUBT` different numbers.
    """
    small = [count for count in counts if count < least]
    together, most = sum(small), least - 1
    lowest, highest = max(0, together - most * (len(small) - 1)), min(most, together)
    if small and (together < least or highest - lowest + 1 < DOUBT):
        return None
    return shown(sum(counts), least=least)


def year_parts(counts: Sequence[int], *, least: int = LEAST) -> list[int | None]:
    """Return the parts of a year whose sum may be known, as they may be seen together.

    Where one is too small, the smallest that are not are left out as well. Whichever is which cannot be told then: any
    two of those left out could have each other's numbers.
    """
    large = [count for count in counts if count >= least]
    limit = min(large, default=least) if len(large) < len(counts) else least - 1
    return [count if count > limit else None for count in counts]


def _before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year:04}-{number - 1:02}" if number > 1 else f"{year - 1:04}-12"
