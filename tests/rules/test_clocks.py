"""Limits in wall time and in working time: properties that hold for any moment, and days that tell them apart."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import jurisdiction
from hotline.rules import clocks
from hotline.rules.clocks import Calendar, Limit
from hotline.vocabulary import ClockEnd, Pace

WALL, WORKING = Pace
PLACE = jurisdiction.load("kh")
OFFICE = PLACE.office
CAMBODIA = Calendar(PLACE.zone, OFFICE.days, OFFICE.opens, OFFICE.closes, OFFICE.is_holiday)
ODD = Calendar(ZoneInfo("Europe/Berlin"), frozenset({0, 2, 6}), time(1, 30), time(3, 10), lambda day: day.day % 7 == 0)

calendars = st.sampled_from([CAMBODIA, ODD])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))
lengths = st.integers(0, 60 * 24 * 14).map(lambda minutes: timedelta(minutes=minutes))
paces = st.sampled_from(Pace)


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    """Return a moment of 2026 in Phnom Penh. 2 March is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=PLACE.zone)


@given(moments, lengths, calendars)
def test_working_time_is_never_shorter_than_wall_time(since: datetime, length: timedelta, calendar: Calendar) -> None:
    wall, working = (clocks.deadline(since, length, pace, calendar) for pace in Pace)

    assert since <= wall <= working


@given(moments, moments, lengths, paces, calendars)
def test_what_begins_later_ends_no_sooner(
    one: datetime, other: datetime, length: timedelta, pace: Pace, calendar: Calendar
) -> None:
    first, second = (clocks.deadline(since, length, pace, calendar) for since in sorted((one, other)))

    assert first <= second


@given(moments, lengths, lengths, paces, calendars)
def test_a_longer_limit_ends_no_sooner(
    since: datetime, one: timedelta, other: timedelta, pace: Pace, calendar: Calendar
) -> None:
    first, second = (clocks.deadline(since, length, pace, calendar) for length in sorted((one, other)))

    assert first <= second


@given(moments, lengths, paces, calendars)
def test_what_is_left_at_the_beginning_is_all_of_it(
    since: datetime, length: timedelta, pace: Pace, calendar: Calendar
) -> None:
    due = clocks.deadline(since, length, pace, calendar)

    assert clocks.left(since, due, pace, calendar) == length


@given(moments, st.tuples(lengths, lengths, lengths), paces, calendars)
def test_a_pause_takes_away_nothing_and_adds_nothing(
    since: datetime, times: tuple[timedelta, timedelta, timedelta], pace: Pace, calendar: Calendar
) -> None:
    length, before, pause = times
    due = clocks.deadline(since, length, pace, calendar)
    paused_at = since + before
    resumed_at = paused_at + pause
    left = clocks.left(paused_at, due, pace, calendar)

    again = clocks.resumed(resumed_at, paused_at, due, pace, calendar)

    assert clocks.left(resumed_at, again, pace, calendar) == left
    if pace is WALL and left:
        assert again - due == pause


@given(moments, st.builds(Limit, lengths, lengths, paces), calendars, st.booleans())
def test_a_clock_is_looked_at_before_it_runs_out(
    since: datetime, limit: Limit, calendar: Calendar, reminded: bool
) -> None:
    length, reminder, pace = limit.length, limit.reminder, limit.pace
    due = clocks.deadline(since, length, pace, calendar)

    looked = clocks.next_look(since, due, limit, calendar, reminded=reminded)

    assert since <= looked <= due
    if reminded or not reminder or reminder >= length:
        assert looked == due
    else:
        assert clocks.left(looked, due, pace, calendar) == reminder


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        (at(2, 9), 2, at(2, 11)),
        (at(2, 9), 8, at(2, 17)),  # to the minute the office closes
        (at(2, 16), 2, at(3, 9)),
        (at(2, 3), 2, at(2, 10)),  # before it opens
        (at(6, 16), 2, at(9, 9)),  # Friday to Monday
        (at(7, 12), 1, at(9, 9)),  # on Saturday
        (at(2, 8), 27, at(4, 17)),  # three days
        (at(13, 16, month=4), 2, at(17, 9, month=4)),  # the New Year of the Khmer: 14 to 16 April
    ],
)
def test_working_time_of_the_country(since: datetime, hours: int, due: datetime) -> None:
    assert clocks.deadline(since, timedelta(hours=hours), WORKING, CAMBODIA) == due


def test_wall_time_knows_no_weekend() -> None:
    assert clocks.deadline(at(6, 16), timedelta(hours=24), WALL, CAMBODIA) == at(7, 16)


def test_time_left_outside_of_the_office_is_what_the_office_has_left() -> None:
    due = at(9, 10)  # Monday

    assert clocks.left(at(6, 18), due, WORKING, CAMBODIA) == timedelta(hours=2)
    assert clocks.left(at(6, 16), due, WORKING, CAMBODIA) == timedelta(hours=3)
    assert clocks.left(at(9, 11), due, WORKING, CAMBODIA) == timedelta()


def test_an_hour_that_the_summer_takes_is_not_worked() -> None:
    night = Calendar(ZoneInfo("Europe/Berlin"), frozenset(range(7)), time(1), time(4), lambda _: False)
    since = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # the clocks go from 2 to 3 in the night to come

    assert clocks.deadline(since, timedelta(hours=3), WORKING, night) == datetime(2026, 3, 30, 0, tzinfo=UTC)


def test_the_pack_adds_holidays_and_takes_some_away() -> None:
    new_year, day_before = date(2026, 4, 14), date(2026, 4, 13)
    corrected = replace(OFFICE, also_free=frozenset({day_before}), not_free=frozenset({new_year}))

    assert (OFFICE.is_holiday(new_year), OFFICE.is_holiday(day_before)) == (True, False)
    assert (corrected.is_holiday(new_year), corrected.is_holiday(day_before)) == (False, True)


@pytest.mark.parametrize(
    ("minutes", "paused", "ended"),
    [(-1, False, ClockEnd.MET), (0, False, ClockEnd.MET), (1, False, ClockEnd.MISSED), (1, True, ClockEnd.MET)],
)
def test_what_is_done_when_the_limit_runs_out_is_done_in_time(minutes: int, paused: bool, ended: ClockEnd) -> None:
    due = at(2, 9)

    assert clocks.ending(due + timedelta(minutes=minutes), due, paused=paused) is ended


@pytest.mark.parametrize(
    ("limit", "reason", "faults"),
    [
        (Limit(timedelta(hours=1), timedelta(), WALL), "asked for", ()),
        (Limit(timedelta(), timedelta(), WALL), "asked for", (("length", "length"),)),
        (Limit(timedelta(days=367), timedelta(), WALL), "asked for", (("length", "length"),)),
        (Limit(timedelta(days=101), timedelta(), WORKING), "asked for", (("length", "length"),)),
        (Limit(timedelta(hours=1), timedelta(hours=1), WALL), "", (("reminder", "too_long"), ("reason", "required"))),
        (Limit(timedelta(hours=1), timedelta(), WALL), "x" * 401, (("reason", "too_long"),)),
    ],
)
def test_a_rule_says_what_is_wrong_with_it(limit: Limit, reason: str, faults: tuple[tuple[str, str], ...]) -> None:
    assert clocks.faults(limit, reason=reason) == faults
