"""The bar of one day: from which hour to which it goes, and where a moment stands on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

WIDTH = 1086
"""How long the bar is, in units of the drawing."""
LABEL = 130
"""How much room a label takes, in the same units: what stands nearer to the label before bears none."""
MOST_HOURS = 12
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the bar: `at` units from its beginning. `label` is empty where there is no room for it."""

    at: int
    label: str = ""

    @property
    def anchor(self) -> str:
        """Which end of its label stands at the moment, so that none leaves the drawing."""
        return "start" if self.at < LABEL // 2 else "end" if self.at > WIDTH - LABEL // 2 else "middle"


@dataclass(frozen=True, slots=True)
class Bar:
    """From when to when the bar goes; both on the full hour, of one day."""

    begins: datetime
    ends: datetime

    def at(self, moment: datetime) -> int:
        """Return where a moment stands; what lies outside stands at the nearer end."""
        share = (moment - self.begins) / (self.ends - self.begins)
        return round(WIDTH * min(max(share, 0.0), 1.0))

    def hours(self) -> list[datetime]:
        """Return the full hours that are written under it: each, or every second, third … where they are many."""
        count = (self.ends - self.begins) // HOUR
        step = -(-count // MOST_HOURS)
        return [self.begins + HOUR * number for number in range(0, count + 1, step)]


def bar(now: datetime, opens: time, closes: time, moments: Iterable[datetime]) -> Bar:
    """Return the bar of the day of `now`: the office's hours, and further where something stands outside of them.

    Every moment is in the zone of `now`; those of another day are passed over.
    """
    day = now.date()
    own = [now, *(one for one in moments if one.date() == day)]
    begins = min([datetime.combine(day, opens, now.tzinfo), *own]).replace(minute=0, second=0, microsecond=0)
    last = max([datetime.combine(day, closes, now.tzinfo), *own])
    full = last.replace(minute=0, second=0, microsecond=0)
    return Bar(begins, full if full == last and full > begins else full + HOUR)


def marked(moments: Iterable[tuple[int, str]], *, taken: int) -> list[Mark]:
    """Return marks from left to right. A label is left out where it would cover another, or that at `taken`."""
    marks: list[Mark] = []
    labelled = [taken]
    for at, label in sorted(moments):
        has_room = all(abs(at - other) >= LABEL for other in labelled)
        labelled += [at] if has_room else []
        marks.append(Mark(at, label if has_room else ""))
    return marks
