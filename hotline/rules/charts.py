"""The geometry of charts: numbers in, rectangles and places of words out. Pure; units are those of the view box.

Charts are narrow, so that their words can still be read on a small screen. Numbers are written once, here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH = 320
ROW, THICK = 38, 14  # of a bar: the room it takes with the words above it, and its own height
ROOM = 96  # right of the longest bar, for its number
HIGH, LEFT, TOP, BOTTOM = 150, 44, 10, 18  # of columns
FILL = 0.7  # of the room of a month
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words stand at `word_y`, its number at `number_x` and `number_y`."""

    label: str
    count: int
    share: int  # of a hundred
    word_y: str
    y: str
    width: str
    number_x: str
    number_y: str


class Bars(NamedTuple):
    """Bars below each other."""

    height: int
    bars: tuple[Bar, ...]


class Column(NamedTuple):
    """One month: from below, what stands at the bottom and what is piled on it. `label` is empty where it has none."""

    label: str
    x: str
    width: str
    middle: str
    lower_y: str
    lower: str
    upper_y: str
    upper: str


@dataclass(frozen=True, slots=True)
class Tick:
    """One line across, with its number."""

    count: int
    y: str
    word_y: str


class Columns(NamedTuple):
    """Columns beside each other."""

    height: int
    label_y: str
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]


def bars(rows: Sequence[tuple[str, int]]) -> Bars:
    """Lay out a bar for each label and count; the longest is as long as there is room."""
    most, every = max((count for _, count in rows), default=0), sum(count for _, count in rows)
    found = []
    for place, (label, count) in enumerate(rows):
        top, width = place * ROW, (WIDTH - ROOM) * count / most if most else 0.0
        found.append(
            Bar(
                label=label,
                count=count,
                share=share(count, every),
                word_y=_number(top + 13),
                y=_number(top + 18),
                width=_number(width),
                number_x=_number(width + (6 if count else 0)),
                number_y=_number(top + 18 + THICK - 2),
            )
        )
    return Bars(ROW * len(rows), tuple(found))


def columns(rows: Sequence[tuple[str, int, int]]) -> Columns:
    """Lay out a column for each label: one count at the bottom, the other piled on it."""
    top = ceiling(max((lower + upper for _, lower, upper in rows), default=0))
    room = (WIDTH - LEFT) / max(len(rows), 1)
    every = -(-len(rows) // MOST_LABELS) or 1

    def y(count: float) -> float:
        return TOP + HIGH * (1 - count / top)

    found = tuple(
        Column(
            label="" if place % every else label,
            x=_number(LEFT + room * (place + (1 - FILL) / 2)),
            width=_number(room * FILL),
            middle=_number(LEFT + room * (place + 0.5)),
            lower_y=_number(y(lower)),
            lower=_number(HIGH * lower / top),
            upper_y=_number(y(lower + upper)),
            upper=_number(HIGH * upper / top),
        )
        for place, (label, lower, upper) in enumerate(rows)
    )
    ticks = tuple(Tick(count, _number(y(count)), _number(y(count) + 4)) for count in (0, top // 2, top))
    return Columns(TOP + HIGH + BOTTOM, _number(TOP + HIGH + 14), ticks, found)


def ceiling(most: int) -> int:
    """Return a round even number that is no smaller: 2, 4, 6, 8 or 10 times a power of ten."""
    power = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if step * power >= most:
                return step * power
        power *= 10


def share(count: int, of: int) -> int:
    """Return how many of a hundred that is, rounded to the nearest."""
    return (200 * count + of) // (2 * of) if of else 0


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
