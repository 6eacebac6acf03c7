"""The register of the secure room: which entries can be noted, who may enter, what is shown as odd. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LONGEST_NAME = 120  # characters of a visitor's name
LONGEST_REASON = 300
NOTED_LATE = timedelta(days=31)  # so long after it happened an entry may still be noted
LONGEST_STAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Stay:
    """When somebody was in the room, as it counts: as it was noted, or as the newest correction says.

    `left_at` is None while they are inside. What did not happen was noted by mistake.
    """

    came_at: datetime
    left_at: datetime | None
    happened: bool = True


@dataclass(frozen=True, slots=True)
class Permit:
    """Since when somebody may enter, the last day of it (None: no end was set), and when it was ended."""

    since_at: datetime
    until_on: date | None
    ended_at: datetime | None


def faults(came_at: datetime, left_at: datetime | None, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with the times of an entry."""
    wrong = []
    if came_at > now:
        wrong.append(("came_at", "ahead"))
    elif came_at < now - NOTED_LATE:
        wrong.append(("came_at", "too_early"))
    if left_at is not None:
        if left_at > now:
            wrong.append(("left_at", "ahead"))
        elif left_at < came_at:
            wrong.append(("left_at", "order"))
        elif left_at - came_at > LONGEST_STAY:
            wrong.append(("left_at", "too_long"))
    return tuple(wrong)


def is_left_open(stay: Stay, *, day_began_at: datetime) -> bool:
    """Whether nobody noted that somebody left who came before today began."""
    return stay.happened and stay.left_at is None and stay.came_at < day_began_at


def may_enter(permits: Iterable[Permit], at: datetime, on: date) -> bool:
    """Whether one of somebody's permits holds at a moment, which is on the day `on` in the country."""
    return any(
        one.since_at <= at
        and (one.ended_at is None or at < one.ended_at)
        and (one.until_on is None or on <= one.until_on)
        for one in permits
    )
