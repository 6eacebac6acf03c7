"""When something has to be done by: limits in wall time or in a country's working time, pauses, reminders.

All moments are aware. A length of time is a `timedelta` of the pace it is counted in: an hour of working time passes
only while the office is open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hotline.vocabulary import ClockEnd, Duty, Pace

NOTHING = timedelta()
ONE_DAY, ONE_HOUR, ONE_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SLOW_CLOCK = timedelta(minutes=10)  # how far the clock of whoever types a moment in may be off
LONGEST = {Pace.WALL: timedelta(days=366), Pace.WORKING: timedelta(hours=2400)}  # a limit, and so a look at a calendar
MOST_REASON = 400  # characters of why a rule was changed
# Duties whose limit may depend on urgency
BY_URGENCY = frozenset({Duty.ACKNOWLEDGE, Duty.ASSESS, Duty.SECOND_LOOK, Duty.SETTLE, Duty.NOTIFY})
# Duties whose limit may depend on the risk to a child, which stands where urgency stands
BY_RISK = frozenset({Duty.FIRST_CONTACT, Duty.ASSESS_NEEDS, Duty.PLAN_HELP, Duty.REVIEW_CASE, Duty.SERVICE_ANSWER})
# Duties towards victims: whoever may not know that there are cases sees none of their clocks, not even how many
OF_VICTIMS = BY_RISK | {Duty.ASK_AGAIN, Duty.REVIEW_OVERRIDE, Duty.IDENTIFY}
# Duties of the code of practice, each with an owner by name
OF_PRACTICE = frozenset(list(Duty)[list(Duty).index(Duty.TELL_DPO) :])
# Duties whose limit may depend on the sector, whose place in their list stands where urgency stands
BY_SECTOR = frozenset({Duty.CONSULT})


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the office of one country works: `days` are weekdays (Monday is 0), `is_free` names holidays."""

    zone: ZoneInfo
    days: frozenset[int]
    opens: time
    closes: time
    is_free: Callable[[date], bool]

    def windows(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when to when the office is open, in UTC, beginning with what is left of it after `since`."""
        day = since.astimezone(self.zone).date()
        while True:
            if day.weekday() in self.days and not self.is_free(day):
                begins = datetime.combine(day, self.opens, self.zone).astimezone(UTC)
                ends = datetime.combine(day, self.closes, self.zone).astimezone(UTC)
                if ends > since:
                    yield max(begins, since.astimezone(UTC)), ends
            day += ONE_DAY


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a duty may take, and how long before its end somebody is reminded (nothing: never)."""

    length: timedelta
    reminder: timedelta
    pace: Pace


def in_units(time: timedelta, pace: Pace, working_day: timedelta) -> tuple[str, int]:
    """Return the unit a limit is said in, and how many: working days, or days where it is more than one, or hours."""
    day = working_day if pace is Pace.WORKING else ONE_DAY
    if time >= day and not time % day and (pace is Pace.WORKING or time > ONE_DAY):
        return "days", time // day
    return ("hours", time // ONE_HOUR) if time >= ONE_HOUR and not time % ONE_HOUR else ("minutes", time // ONE_MINUTE)


def deadline(since: datetime, length: timedelta, pace: Pace, calendar: Calendar) -> datetime:
    """Return when `length` will have passed after `since`."""
    if pace is Pace.WALL or length <= NOTHING:
        return since + max(NOTHING, length)
    for begins, ends in calendar.windows(since):
        if length <= ends - begins:
            return begins + length
        length -= ends - begins
    raise AssertionError("a calendar without end ended")


def left(now: datetime, due: datetime, pace: Pace, calendar: Calendar) -> timedelta:
    """Return how much time of the pace is left from `now` until `due`; nothing once it is past."""
    if due <= now:
        return NOTHING
    if pace is Pace.WALL:
        return due - now
    found = NOTHING
    for begins, ends in calendar.windows(now):
        if begins >= due:
            break
        found += min(ends, due) - begins
    return found


def next_look(now: datetime, due: datetime, limit: Limit, calendar: Calendar, *, reminded: bool) -> datetime:
    """Return when a clock has to be looked at: for its reminder while that lies ahead, or else when it runs out."""
    ahead = left(now, due, limit.pace, calendar) - limit.reminder
    if reminded or not limit.reminder or ahead <= NOTHING:
        return due
    return deadline(now, ahead, limit.pace, calendar)


def resumed(now: datetime, paused_at: datetime, due: datetime, pace: Pace, calendar: Calendar) -> datetime:
    """Return when a clock runs out that stood still since `paused_at`: what was left of it then is left now."""
    return deadline(now, left(paused_at, due, pace, calendar), pace, calendar)


def is_over(now: datetime, due: datetime) -> bool:
    """Whether a limit is breached. What is done at the very moment it runs out is done in time."""
    return now > due


def ending(now: datetime, due: datetime, *, paused: bool) -> ClockEnd:
    """Return how a duty that is done `now` was done. While its clock stands still nothing is late."""
    return ClockEnd.MISSED if is_over(now, due) and not paused else ClockEnd.MET


def faults(limit: Limit, *, reason: str) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for everything that is wrong with a rule somebody wants to put in force."""
    wrong = {
        ("length", "length"): not NOTHING < limit.length <= LONGEST[limit.pace],
        ("reminder", "too_long"): limit.reminder < NOTHING
        or (limit.length > NOTHING and limit.reminder >= limit.length),
        ("reason", "required"): not reason,
        ("reason", "too_long"): len(reason) > MOST_REASON,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)
