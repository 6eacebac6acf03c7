"""A person's day as one bar: hours, the breaks they had, what runs out today, and now. Nothing in it is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints.desk import care_words, words
from hotline.models.care import Break
from hotline.rules import day
from hotline.rules.day import Mark
from hotline.services.clock_lists import Line


class DayBar(NamedTuple):
    """What is drawn of a day: marks along the bar, breaks as (from, length), and all of it in one sentence."""

    hours: list[Mark]
    breaks: list[tuple[int, int]]
    deadlines: list[Mark]
    now: Mark
    told: str


def drawn(breaks: Sequence[Break], deadlines: Sequence[Line]) -> DayBar:
    """Return the bar of this day."""
    place = jurisdiction.current()
    now = clock.now().astimezone(place.zone)
    rests = [tuple(at.astimezone(place.zone) for at in (one.started_at, one.ended_at) if at) for one in breaks]
    due = [(line.clock.due_at.astimezone(place.zone), _name(line)) for line in deadlines]
    due = [(at, name) for at, name in due if at.date() == now.date()]
    moments = [at for rest in rests for at in rest] + [at for at, _name_of_it in due]
    bar = day.bar(now, place.office.opens, place.office.closes, moments)
    named = [(bar.at(at), f"{name}, {words.clock_time(at)}") for at, name in due]
    return DayBar(
        hours=[Mark(bar.at(one), words.clock_time(one)) for one in bar.hours()],
        breaks=[(bar.at(rest[0]), max(bar.at(rest[-1]) - bar.at(rest[0]), 2)) for rest in rests],
        deadlines=day.marked(named, taken=bar.at(now)),
        now=Mark(bar.at(now), _("Now")),
        told=_told(now, breaks, due),
    )


def _name(line: Line) -> str:
    return line.ref if line.kind != "unread" else _("Unread report")


def _told(now: datetime, breaks: Sequence[Break], due: Sequence[tuple[datetime, str]]) -> str:
    said = [_("Now it is %(time)s.", time=words.clock_time(now))]
    if breaks:
        said.append(_("Breaks today: %(times)s.", times=", ".join(care_words.break_times(one) for one in breaks)))
    if due:
        named = ", ".join(f"{name} {words.clock_time(at)}" for at, name in due)
        said.append(_("Runs out today: %(what)s.", what=named))
    return " ".join(said)
