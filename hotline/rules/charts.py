"""The geometry of charts: counts in, lengths out. Pure; a length is a share of the room a bar has, in percent.

Words and numbers stand beside the bars, as text: they break where the page is narrow and stay as large as the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar."""

    label: str
    count: int
    share: int  # of a hundred
    width: str


@dataclass(frozen=True, slots=True)
class Pile:
    """One bar of two counts behind each other: `rest` begins where `first` ends."""

    label: str
    count: int  # of both
    first: str
    rest: str


def bars(rows: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    """Lay out a bar for each label and count; the longest is as long as there is room."""
    most, every = max((count for _, count in rows), default=0), sum(count for _, count in rows)
    return tuple(Bar(label, count, share(count, every), _length(count, most)) for label, count in rows)


def piles(rows: Sequence[tuple[str, int, int]]) -> tuple[Pile, ...]:
    """Lay out a bar for each label: one count, and the other behind it."""
    most = max((first + rest for _, first, rest in rows), default=0)
    return tuple(Pile(label, first + rest, _length(first, most), _length(rest, most)) for label, first, rest in rows)


def share(count: int, of: int) -> int:
    """Return how many of a hundred that is, rounded to the nearest: 0 for none alone, and 100 for all alone."""
    if not count or not of:
        return 0
    return 100 if count == of else min(max((200 * count + of) // (2 * of), 1), 99)


def _length(count: int, most: int) -> str:
    return f"{100 * count / most if most else 0:.1f}%".replace(".0%", "%")
