"""How long something has waited, that is known to the hour only."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules import waiting

TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)  # it came at some minute from ten to eleven


@pytest.mark.parametrize(
    ("later", "hours"),
    [
        (timedelta(0), 0),
        (timedelta(minutes=59), 0),
        (timedelta(hours=1, minutes=1), 0),  # perhaps two minutes
        (timedelta(hours=1, minutes=59), 0),
        (timedelta(hours=2), 1),
        (timedelta(hours=25), 24),
        (timedelta(hours=48, minutes=59), 47),
        (timedelta(minutes=-5), 0),  # clocks differ
    ],
)
def test_only_hours_that_have_passed_for_sure_count(later: timedelta, hours: int) -> None:
    assert waiting.hours(TEN, TEN + later) == hours
