"""Charts: every bar is as long as its number says, and stays within its box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import charts

COUNTS = st.lists(st.integers(0, 10**7), max_size=40)


def percent(length: str) -> float:
    return float(length.removesuffix("%"))


@given(COUNTS)
def test_bars_are_as_long_as_their_numbers(counts: list[int]) -> None:
    found = charts.bars([(str(place), count) for place, count in enumerate(counts)])

    for bar, count in zip(found, counts, strict=True):
        assert bar.count == count
        assert abs(percent(bar.width) - (100 * count / max(counts) if max(counts) else 0)) <= 0.051


@given(COUNTS, st.data())
def test_two_counts_stand_behind_each_other_and_stay_within_the_room(counts: list[int], data: st.DataObject) -> None:
    rest = [data.draw(st.integers(0, 10**7)) for _ in counts]
    found = charts.piles([("x", one, other) for one, other in zip(counts, rest, strict=True)])

    most = max((one + other for one, other in zip(counts, rest, strict=True)), default=0)
    for pile, one, other in zip(found, counts, rest, strict=True):
        assert pile.count == one + other
        assert abs(percent(pile.first) - (100 * one / most if most else 0)) <= 0.051
        assert abs(percent(pile.rest) - (100 * other / most if most else 0)) <= 0.051


@pytest.mark.parametrize(
    ("count", "of", "share"),
    [
        (1, 3, 33),
        (2, 3, 67),
        (1, 2, 50),
        (0, 0, 0),
        (0, 7, 0),
        (7, 7, 100),
        (1, 1000, 1),  # one there is
        (999, 1000, 99),  # one is left
        (199, 200, 99),
    ],
)
def test_a_share_is_none_or_all_only_where_it_is(count: int, of: int, share: int) -> None:
    assert charts.share(count, of) == share


def test_nothing_makes_no_bars() -> None:
    assert charts.piles([]) == charts.bars([]) == ()
