"""How long a person was with hard material, when that is enough, and when a break is due.

Hard material is an assessment that stands open before a person: a first, second or further look. So is the file of a
child, for who supports victims: it counts, and asks for breaks, but no limit ever keeps somebody from a child's file.
Everything else at the desk is light work. What counts is time between a person's requests, never what was looked at.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.rules.standing import Task
from hotline.vocabulary import Category

LONGEST_STEP = timedelta(minutes=15)
"""From one request on an open assessment to the next so much counts at most: nobody tells us that they went away."""
BREAK = timedelta(minutes=10)
"""A break counts from this length on."""
AWAY = timedelta(minutes=30)
"""So long without any hard material counts as a break as well, such as lunch, which nobody notes as one."""
NEARLY = 0.75
"""From this part of the limit on only light work is offered."""
FEWEST_MINUTES = 15
"""No limit is lower: who wants less takes light work only."""
LONGEST_HANDOVER = 1000
"""Characters of a word to whoever comes next."""
HARD = frozenset({Task.ASSESS, Task.THIRD_LOOK, Task.COMPARE})
"""What an item asks of a person while hard material is before them; a second look is one as well once it is taken."""

LIGHT = (Category.GROOMING, Category.OTHER)
"""Words and other things: an item of these is light work, whoever has had enough of hard material for today."""


class Why(StrEnum):
    """Why no hard work is offered to a person now."""

    CHOSEN = "chosen"  # they want light work only
    NEARLY = "nearly"  # the limit is near
    LIMIT = "limit"  # it is reached
    LATE = "late"  # it is past the hour from which there is none


FINAL = frozenset({Why.LIMIT, Why.LATE})
"""With these there is no way back to hard work today."""
STOPS = FINAL | {Why.CHOSEN}
"""With these not even hard work that the person picks themselves is given to them, unless a child is in danger."""


def is_hard(task: Task, category: Category) -> bool:
    """Whether hard material is before a person at an item of `category` that asks `task` of them."""
    return task in HARD and category not in LIGHT


def keeps_from(why: Why | None, *, in_danger: bool, category: Category) -> bool:
    """Whether a person is kept from an item of `category`. A child in danger does not wait for tomorrow."""
    return why in STOPS and not in_danger and category not in LIGHT


@dataclass(frozen=True, slots=True)
class Exposure:
    """One person's time with hard material on one day, in seconds.

    `seen_at` is up to when it is counted, `is_looking` says that it goes on from there.
    """

    seconds: int = 0
    since_break: int = 0
    seen_at: datetime | None = None
    is_looking: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for a person: minutes a day, minutes until a break is due, and the hour from which there is no more.

    `late_from` is an hour of the country's own time; None where there is no such hour.
    """

    minutes: int
    break_after: int
    late_from: int | None = None


def look(before: Exposure, at: datetime) -> Exposure:
    """Count up to `at`, when the person asked for something on an open assessment, and go on counting."""
    now = until(before, at)
    if before.seen_at is not None and at - _counted_until(before, at) >= AWAY:
        now = replace(now, since_break=0)
    return replace(now, seen_at=at, is_looking=True)


def stop(before: Exposure, at: datetime) -> Exposure:
    """Count up to `at`, when the person left the assessment, and no further."""
    if not before.is_looking:
        return before
    return replace(until(before, at), seen_at=_counted_until(before, at), is_looking=False)


def until(before: Exposure, at: datetime) -> Exposure:
    """Return how it stands at `at`, with what nobody has written down yet."""
    if not before.is_looking or before.seen_at is None:
        return before
    more = int((_counted_until(before, at) - before.seen_at).total_seconds())
    return replace(before, seconds=before.seconds + more, since_break=before.since_break + more)


def rest(before: Exposure, began: datetime, ended: datetime) -> Exposure:
    """Return how it stands after a break; one that was too short changes nothing."""
    return replace(before, since_break=0) if ended - began >= BREAK else before


def held(house: Limits, *, minutes: int | None, break_after: int | None, late_from: int | None) -> Limits:
    """Return what holds for a person with these limits of their own. They only ever lower those of the house."""
    hours = [hour for hour in (house.late_from, late_from) if hour is not None]
    return Limits(
        min(house.minutes, minutes or house.minutes),
        min(house.break_after, break_after or house.break_after),
        min(hours) if hours else None,
    )


def is_stricter(new: Limits, old: Limits) -> bool:
    """Whether no limit is raised from `old` to `new`."""
    late = old.late_from is None or (new.late_from is not None and new.late_from <= old.late_from)
    return new.minutes <= old.minutes and new.break_after <= old.break_after and late


def why_light(exposure: Exposure, limits: Limits, *, local: datetime, light_until: datetime | None) -> Why | None:
    """Return why no hard work is offered at `local` (the country's time); None where it is."""
    if exposure.seconds >= limits.minutes * 60:
        return Why.LIMIT
    if limits.late_from is not None and local.hour >= limits.late_from:
        return Why.LATE
    if light_until is not None and local < light_until:
        return Why.CHOSEN
    return Why.NEARLY if exposure.seconds >= limits.minutes * 60 * NEARLY else None


def until_break(exposure: Exposure, limits: Limits) -> timedelta:
    """Return after how much more hard material a break is due; nothing when it is due now."""
    return timedelta(seconds=max(0, limits.break_after * 60 - exposure.since_break))


def handover_fault(text: str) -> str:
    """Return what is wrong with a word to whoever comes next: `required`, `length`, or nothing."""
    if not text.strip():
        return "required"
    return "length" if len(text) > LONGEST_HANDOVER else ""


def _counted_until(before: Exposure, at: datetime) -> datetime:
    """Return up to when hard material was before the person: at most one step after they were seen last."""
    seen = before.seen_at or at
    if not before.is_looking:
        return seen
    return max(seen, min(at, seen + LONGEST_STEP))
