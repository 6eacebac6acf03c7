"""How far a report is, as its reporter sees it."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules import progress
from hotline.vocabulary import ItemStatus, ReportStatus

RECEIVED, CHECKING, ACTION_TAKEN, CLOSED = ReportStatus
OPENED = datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_every_state_of_an_item_says_something_to_its_reporter() -> None:
    assert set(progress.OF_ITEM) == set(ItemStatus)


def after(**since_opened: int) -> datetime:
    return OPENED + timedelta(**since_opened)


REACHED = {CHECKING: after(hours=2, minutes=20), CLOSED: after(hours=5)}


@pytest.mark.parametrize(
    ("items", "so_far", "expected"),
    [
        ([], RECEIVED, RECEIVED),
        ([RECEIVED], RECEIVED, RECEIVED),
        ([CHECKING], RECEIVED, CHECKING),
        ([CLOSED, RECEIVED], RECEIVED, RECEIVED),
        ([CLOSED, ACTION_TAKEN], RECEIVED, ACTION_TAKEN),
        ([CLOSED], RECEIVED, CLOSED),
        ([CHECKING], ACTION_TAKEN, ACTION_TAKEN),
    ],
)
def test_the_least_advanced_item_counts(
    items: list[ReportStatus], so_far: ReportStatus, expected: ReportStatus
) -> None:
    assert progress.of_report(items, so_far) is expected


@pytest.mark.parametrize(("item", "so_far"), list(itertools.product(ReportStatus, repeat=2)))
def test_a_report_never_moves_back(item: ReportStatus, so_far: ReportStatus) -> None:
    assert progress.of_report([item], so_far) not in progress.before(so_far)


@pytest.mark.parametrize(
    ("received_at", "behind"),
    [
        (after(hours=0), 1),  # in the same hour: which of the two came first is not known
        (after(hours=1), 2),
        (after(days=2), 49),
        (after(hours=-3), 1),  # opened later, though it came earlier
    ],
)
def test_a_report_that_joins_is_behind_by_whole_hours_to_the_end_of_its_own(received_at: datetime, behind: int) -> None:
    assert progress.hours_behind(OPENED, received_at) == behind


@pytest.mark.parametrize("opened_minute", [0, 31, 59])
@pytest.mark.parametrize("came", [timedelta(minutes=1), timedelta(minutes=59), timedelta(hours=7, minutes=13)])
@pytest.mark.parametrize("took", [timedelta(minutes=2), timedelta(hours=3), timedelta(days=9)])
def test_nobody_hears_sooner_after_reporting_than_who_reported_first(
    opened_minute: int, came: timedelta, took: timedelta
) -> None:
    first = OPENED + timedelta(minutes=opened_minute)
    second = first + came

    behind = progress.hours_behind(OPENED, second.replace(minute=0))
    told_at = progress.next_step({CHECKING: first + took}, behind=behind, now=first)

    assert told_at - second >= took


@pytest.mark.parametrize(
    ("behind", "now", "status", "next_at"),
    [
        (0, after(hours=2, minutes=20), CHECKING, after(hours=5)),
        (0, after(hours=5), CLOSED, None),
        (4, after(hours=6, minutes=19), RECEIVED, after(hours=6, minutes=20)),
        (4, after(hours=6, minutes=20), CHECKING, after(hours=9)),
        (4, after(hours=9), CLOSED, None),
    ],
)
def test_each_reporter_hears_of_the_same_steps_at_the_same_pace(
    behind: int, now: datetime, status: ReportStatus, next_at: datetime | None
) -> None:
    assert progress.of_item(REACHED, behind=behind, now=now) is status
    assert progress.next_step(REACHED, behind=behind, now=now) == next_at


def test_an_item_that_has_made_no_step_has_only_been_received() -> None:
    assert progress.of_item({}, behind=0, now=OPENED) is RECEIVED
    assert progress.next_step({}, behind=0, now=OPENED) is None
