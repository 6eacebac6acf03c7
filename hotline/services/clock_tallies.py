"""How each duty stands, in counts that name nothing and nobody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.staff import Staff
from hotline.services import clock_rules
from hotline.vocabulary import ClockEnd, Duty

MOST_COUNTED = 999  # a count stops above this: what is told of a million is told of a thousand
LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tally:
    """How a duty stands: clocks running, of these run out; standing still; and ended in the last 30 days.

    Each count stops at `MOST_COUNTED` + 1.
    """

    duty: Duty
    running: int
    over: int
    paused: int
    met: int
    missed: int


@dataclass(frozen=True, slots=True)
class Pressing:
    """How much of a duty has run out, and how much more runs out today. Each count stops at `MOST_COUNTED` + 1."""

    duty: Duty
    over: int
    today: int


def tallies(*, by: Staff, without: Collection[Duty] = ()) -> list[Tally]:
    """Return how each duty stands that `by` may know of, but those `without`: nothing in it names anything."""
    now = clock.now()
    over = _count_by_duty(*_RUNS, Clock.due_at < now)
    paused = _count_by_duty(Clock.ended_at.is_(None), Clock.paused_at.is_not(None))
    found = []
    for duty in clock_rules.told_to(by):
        if duty not in without:
            told = db.session.execute(_HOW_IT_STANDS, {"duty": duty, "since": now - LOOKS_BACK}).one()
            running, met, missed = told.running, told.met, told.missed
            found.append(Tally(duty, running, over.get(duty, 0), paused.get(duty, 0), met, missed))
    return found


def pressing() -> list[Pressing]:
    """Return of each duty what is late and what runs out today, for whoever answers for all of it: nobody is named."""
    now, zone = clock.now(), jurisdiction.current().zone
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    over = _count_by_duty(*_RUNS, Clock.due_at < now)
    today = _count_by_duty(*_RUNS, Clock.due_at >= now, Clock.due_at < midnight)
    return [Pressing(duty, over.get(duty, 0), today.get(duty, 0)) for duty in Duty]


def _counted(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    some = select(Clock.id).where(Clock.duty == bindparam("duty"), *which).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


_RUNS = (Clock.ended_at.is_(None), Clock.paused_at.is_(None))
_HOW_IT_STANDS = select(  # made once: a page asks it for every duty there is
    # no ending says the same as no end, and leads SQLite to the index by duty
    _counted(Clock.ending.is_(None), *_RUNS).label("running"),
    *(
        _counted(Clock.ended_at >= bindparam("since"), Clock.ending == ending).label(ending)
        for ending in (ClockEnd.MET, ClockEnd.MISSED)
    ),
)


def _count_by_duty(*which: Any) -> dict[Duty, int]:
    """Count by duty what stands in one of the small indexes; naming the duty would lead SQLite to a far larger one."""
    some = select(Clock.duty).where(*which).limit(len(Duty) * (MOST_COUNTED + 1)).subquery()
    found = db.session.execute(select(some.c.duty, func.count()).group_by(some.c.duty))
    return {Duty(duty): min(count, MOST_COUNTED + 1) for duty, count in found}
