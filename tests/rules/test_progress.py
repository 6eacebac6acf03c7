"""How far a report is, as its reporter sees it."""

import itertools

import pytest

from hotline.rules import progress
from hotline.vocabulary import ItemStatus, ReportStatus


def test_every_state_of_an_item_says_something_to_its_reporter() -> None:
    assert set(progress.OF_ITEM) == set(ItemStatus)


@pytest.mark.parametrize(
    ("items", "so_far", "expected"),
    [
        ([], ReportStatus.RECEIVED, ReportStatus.RECEIVED),
        ([ItemStatus.NEW], ReportStatus.RECEIVED, ReportStatus.RECEIVED),
        ([ItemStatus.HELD], ReportStatus.RECEIVED, ReportStatus.CHECKING),
        ([ItemStatus.CLOSED, ItemStatus.NEW], ReportStatus.RECEIVED, ReportStatus.RECEIVED),
        ([ItemStatus.CLOSED, ItemStatus.ACTING], ReportStatus.RECEIVED, ReportStatus.ACTION_TAKEN),
        ([ItemStatus.CLOSED], ReportStatus.RECEIVED, ReportStatus.CLOSED),
        ([ItemStatus.ASSESSING], ReportStatus.ACTION_TAKEN, ReportStatus.ACTION_TAKEN),
    ],
)
def test_the_least_advanced_item_counts(items: list[ItemStatus], so_far: ReportStatus, expected: ReportStatus) -> None:
    assert progress.of_report(items, so_far) is expected


@pytest.mark.parametrize(("item", "so_far"), list(itertools.product(ItemStatus, ReportStatus)))
def test_a_report_never_moves_back(item: ItemStatus, so_far: ReportStatus) -> None:
    assert progress.of_report([item], so_far) not in progress.before(so_far)
