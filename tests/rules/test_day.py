"""The bar of a day: its hours, and what stands where."""

from datetime import datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hotline.rules import day
from hotline.rules.day import LABEL, WIDTH, Mark

ZONE = ZoneInfo("Asia/Phnom_Penh")
OPENS, CLOSES = time(8), time(17)


def at(hour: int, minute: int = 0, *, on: int = 10) -> datetime:
    return datetime(2026, 11, on, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "moments", "begins", "ends"),
    [
        (at(9, 42), [], at(8), at(17)),
        (at(9, 42), [at(16), at(17)], at(8), at(17)),
        (at(6, 10), [at(18, 5)], at(6), at(19)),
        (at(9, 42), [at(3, on=11), at(3, on=9)], at(8), at(17)),
        (at(23, 50), [at(0, 5)], at(0), at(0, on=11)),
    ],
)
def test_it_goes_over_the_hours_of_the_office_and_as_far_as_something_stands(
    now: datetime, moments: list[datetime], begins: datetime, ends: datetime
) -> None:
    found = day.bar(now, OPENS, CLOSES, moments)

    assert (found.begins, found.ends) == (begins, ends)


def test_a_moment_stands_at_its_share_of_the_day_and_never_outside() -> None:
    found = day.bar(at(9), OPENS, CLOSES, [])

    assert [found.at(one) for one in (at(8), at(12, 30), at(17), at(3), at(3, on=11))] == [
        0,
        WIDTH // 2,
        WIDTH,
        0,
        WIDTH,
    ]


@pytest.mark.parametrize(("now", "step"), [(at(9), 1), (at(23, 50), 2)])
def test_no_more_hours_are_written_than_have_room(now: datetime, step: int) -> None:
    hours = day.bar(now, OPENS, CLOSES, [at(1)] if step == 2 else []).hours()

    assert len(hours) <= day.MOST_HOURS + 1
    assert {two - one for one, two in pairwise(hours)} == {day.HOUR * step}


def test_labels_do_not_cover_one_another_and_every_moment_is_marked() -> None:
    found = day.marked([(500, "b"), (10, "a"), (500 + LABEL - 1, "c"), (1080, "d")], taken=800)

    assert found == [Mark(10, "a"), Mark(500, "b"), Mark(500 + LABEL - 1), Mark(1080, "d")]
    assert [one.anchor for one in found] == ["start", "middle", "middle", "end"]
