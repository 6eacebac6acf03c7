"""Terms of the point of contact follow one another; where nobody was, that is said."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hotline.rules import contact_points
from hotline.rules.contact_points import Term


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("terms", "history"),
    [
        ([], []),
        ([Term(1, at(1), None)], [1]),
        ([Term(1, at(1), at(5)), Term(2, at(5), None)], [2, 1]),
        ([Term(2, at(9), None), Term(1, at(1), at(5))], [2, None, 1]),
        ([Term(1, at(1), at(5))], [None, 1]),
    ],
)
def test_history_tells_the_newest_first_and_every_gap(terms: list[Term], history: list[int | None]) -> None:
    found = contact_points.history(terms)

    assert [one.id for one in found] == history
    assert all(later.since == earlier.until for later, earlier in pairwise(found))


@pytest.mark.parametrize(
    ("since", "last", "fault"),
    [
        (at(10), None, None),
        (at(21), None, "ahead"),
        (at(10), Term(1, at(1), None), None),
        (at(1), Term(1, at(2), None), "overlaps"),
        (at(5), Term(1, at(1), at(5)), None),
        (at(4), Term(1, at(1), at(5)), "overlaps"),
    ],
)
def test_a_term_begins_where_the_one_before_may_end(since: datetime, last: Term | None, fault: str | None) -> None:
    assert contact_points.fault(since, last=last, now=at(20)) == fault


def test_today_begins_now_and_another_day_at_its_midnight() -> None:
    zone = ZoneInfo("Asia/Phnom_Penh")

    assert contact_points.begins(date(2026, 11, 20), now=at(20, 9), zone=zone) == at(20, 9)
    assert contact_points.begins(date(2026, 11, 19), now=at(20, 9), zone=zone) == at(18, 17)
