"""What is well, to be looked at or wrong, by numbers alone."""

from datetime import timedelta

import pytest

from hotline.rules import checkup
from hotline.rules.checkup import State

MB, GB = 1_000_000, 1_000_000_000
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("free", "total", "state"),
    [
        (90 * GB, 100 * GB, State.WELL),
        (14 * GB, 100 * GB, State.LOOK),
        (4 * GB, 100 * GB, State.WRONG),
        (11 * GB, 1000 * GB, State.LOOK),  # a hundredth, and yet room for years
        (9 * GB, 1000 * GB, State.WRONG),
        (10 * GB, 1000 * GB, State.LOOK),
        (900 * MB, 2 * GB, State.LOOK),
        (199 * MB, 1 * GB, State.WRONG),
        (0, 0, State.WRONG),
    ],
)
def test_room_is_short_by_its_share_where_there_is_little_of_it(free: int, total: int, state: State) -> None:
    assert checkup.of_room(free, total) is state


@pytest.mark.parametrize(
    ("days", "state"), [(0, State.WELL), (1, State.WELL), (2, State.LOOK), (3, State.LOOK), (4, State.WRONG)]
)
def test_two_nights_without_a_backup_are_looked_at_and_four_are_wrong(days: int, state: State) -> None:
    assert checkup.of_age(days * DAY, checkup.BACKED_UP) is state


@pytest.mark.parametrize(
    ("days", "is_open", "state"),
    [(0, True, State.LOOK), (4, True, State.WRONG), (4, False, State.LOOK), (400, False, State.LOOK)],
)
def test_none_at_all_is_wrong_where_there_is_something_to_lose(days: int, is_open: bool, state: State) -> None:
    assert checkup.of_no_backup(days * DAY, is_open=is_open) is state
