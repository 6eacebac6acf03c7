"""Time left, as people at the desk read it: words first, and how full the bar beside them is."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import clock
from hotline.rules import clocks
from hotline.rules.clocks import MOST_REASON
from hotline.vocabulary import Pace

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNITS = {"minutes": MINUTE, "hours": HOUR, "days": DAY}  # of a form; a day of working time is shorter
SHORT = 10 * HOUR  # below this, minutes are said beside the hours
FEW_DAYS = 3 * DAY  # below this, hours are said beside the days
SOON = 4  # a clock is soon over when less than one part of so many is left of its time, or less than half an hour


class Cell(NamedTuple):
    """One clock's cell: its words, its tone (`soon`, `over` or none), and how many minutes of how many have passed.

    `whole` is 0 where nobody has said when it began: then there is no bar.
    """

    words: str
    tone: str
    passed: int
    whole: int


def cell(due: datetime, since: datetime | None = None) -> Cell:
    """Return what a cell shows of a clock that began at `since` and runs out at `due`."""
    left = due - clock.now()
    whole = max(1, (due - since) // MINUTE) if since else 0
    passed = min(whole, max(0, whole - left // MINUTE))
    tone = "over" if left < timedelta() else "soon" if left < _soon(due, since) else ""
    return Cell(time_left(left), tone, passed, whole)


def time_left(left: timedelta) -> str:
    """Say how much time is left; of a clock that has run out (`left` is below nothing), how long ago that was."""
    over = left < timedelta()
    minutes = abs(left) // MINUTE
    if abs(left) < HOUR:
        said = (
            ngettext("%(num)s min over", "%(num)s min over", minutes)
            if over
            else ngettext("%(num)s min left", "%(num)s min left", minutes)
        )
    elif abs(left) < SHORT:
        parts = {"hours": minutes // 60, "minutes": f"{minutes % 60:02d}"}
        said = _("%(hours)s h %(minutes)s over", **parts) if over else _("%(hours)s h %(minutes)s left", **parts)
    elif abs(left) < DAY:
        said = (
            ngettext("%(num)s hour over", "%(num)s hours over", minutes // 60)
            if over
            else ngettext("%(num)s hour left", "%(num)s hours left", minutes // 60)
        )
    elif abs(left) < FEW_DAYS:
        parts = {"days": minutes // 1440, "hours": minutes % 1440 // 60}
        said = _("%(days)s d %(hours)s h over", **parts) if over else _("%(days)s d %(hours)s h left", **parts)
    else:
        said = (
            ngettext("%(num)s day over", "%(num)s days over", minutes // 1440)
            if over
            else ngettext("%(num)s day left", "%(num)s days left", minutes // 1440)
        )
    return str(said)


def _soon(due: datetime, since: datetime | None) -> timedelta:
    return max(HOUR / 2, (due - since) / SOON) if since else HOUR / 2


def length(time: timedelta, pace: Pace, working_day: timedelta) -> str:
    """Say how long a limit is: in whole days or hours where it is so many, in the time its pace counts."""
    unit, num = clocks.in_units(time, pace, working_day)
    if pace is Pace.WORKING:
        said = {
            "days": ngettext("%(num)s working day", "%(num)s working days", num),
            "hours": ngettext("%(num)s working hour", "%(num)s working hours", num),
            "minutes": ngettext("%(num)s minute of working time", "%(num)s minutes of working time", num),
        }
    else:
        said = {
            "days": ngettext("%(num)s day", "%(num)s days", num),
            "hours": ngettext("%(num)s hour", "%(num)s hours", num),
            "minutes": ngettext("%(num)s minute", "%(num)s minutes", num),
        }
    return str(said[unit])


def unit(name: str) -> str:
    """Name a unit of the form."""
    return {"minutes": _("minutes"), "hours": _("hours"), "days": _("days")}[name]


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a rule, or of a pause."""
    return {
        ("length", "length"): _(
            "Write how long it may take, as a whole number: at most a year of all time or of working time."
        ),
        ("reminder", "too_long"): _("The reminder has to come after the beginning: choose less than the limit."),
        ("reason", "required"): _("Choose or write a reason: it stays on record."),
        ("reason", "too_long"): _("The reason is too long: at most %(num)s characters fit.", num=MOST_REASON),
        ("valid_from", "past"): _(
            "That day has begun already, or is none: leave it empty for at once, or choose a later one."
        ),
    }[field, code]
