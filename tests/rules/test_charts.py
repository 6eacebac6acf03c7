"""Charts: every bar is as long as its number says, and stays within its box."""

from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import charts

COUNTS = st.lists(st.integers(0, 10**7), max_size=40)


@given(COUNTS)
def test_bars_are_as_long_as_their_numbers(counts: list[int]) -> None:
    found = charts.bars([(str(place), count) for place, count in enumerate(counts)])

    longest = charts.WIDTH - charts.ROOM
    for bar, count in zip(found.bars, counts, strict=True):
        assert abs(float(bar.width) - (longest * count / max(counts) if max(counts) else 0)) <= 0.051
        assert float(bar.y) + charts.THICK <= found.height


@given(COUNTS, st.data())
def test_columns_stand_on_each_other_and_stay_below_the_highest_line(counts: list[int], data: st.DataObject) -> None:
    upper = [data.draw(st.integers(0, 10**7)) for _ in counts]
    found = charts.columns([("x", one, other) for one, other in zip(counts, upper, strict=True)])

    for column in found.columns:
        assert float(column.upper_y) >= charts.TOP - 0.051
        assert abs(float(column.upper_y) + float(column.upper) - float(column.lower_y)) <= 0.151
        assert abs(float(column.lower_y) + float(column.lower) - charts.TOP - charts.HIGH) <= 0.151
        assert charts.LEFT <= float(column.x) <= charts.WIDTH
    assert sum(bool(column.label) for column in found.columns) <= charts.MOST_LABELS


def test_numbers_are_round() -> None:
    assert [charts.ceiling(most) for most in (0, 1, 3, 9, 11, 83_333)] == [2, 2, 4, 10, 20, 100_000]
    assert [charts.share(*pair) for pair in ((1, 3), (2, 3), (1, 2), (0, 0))] == [33, 67, 50, 0]
    assert charts.columns([]).columns == charts.bars([]).bars == ()
