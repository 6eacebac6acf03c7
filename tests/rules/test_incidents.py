"""Incidents: whom each kind is told to, what may be written, when one may be closed."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules import incidents as rules
from hotline.rules.incidents import Standing
from hotline.vocabulary import IncidentEntryKind, IncidentKind, OfficialPart

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LESSON = (IncidentEntryKind.LESSON,)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (IncidentKind.BREACH, (OfficialPart.DPO,)),
        (IncidentKind.LOGIN, (OfficialPart.DPO,)),
        (IncidentKind.IRREGULARITY, (OfficialPart.DPO,)),
        (IncidentKind.INTERRUPTION, (OfficialPart.SECRETARIAT,)),
        (IncidentKind.OTHER, ()),
    ],
)
def test_who_is_told_follows_from_the_kind(kind: IncidentKind, parts: tuple[OfficialPart, ...]) -> None:
    assert rules.MUST_BE_TOLD[kind] == parts


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("A page was sent to the wrong partner.", None),
        ("  ", "missing"),
        ("x" * 4_001, "too_long"),
        ("It was https://img-board.example/t/1.", "address"),
        ("It was hxxps://img-board[.]example/t/1.", "address"),
        ("data:image/png;base64," + "A" * 400, "picture"),
    ],
)
def test_words_hold_no_address_and_no_picture(typed: str, code: str | None) -> None:
    assert rules.judge_words("body", typed, 4_000)[1] == ((("body", code),) if code else ())


@pytest.mark.parametrize(
    ("at", "since", "code"),
    [
        (NOW, None, None),
        (NOW - 40 * DAY, None, None),
        (None, None, "required"),
        (NOW + timedelta(minutes=10, seconds=1), None, "ahead"),
        (NOW - 367 * DAY, None, "too_old"),
        (NOW - 2 * HOUR, NOW - HOUR, "early"),
    ],
)
def test_a_moment_lies_neither_ahead_nor_too_far_back(
    at: datetime | None, since: datetime | None, code: str | None
) -> None:
    assert rules.moment_faults("at", at, now=NOW, since=since) == ((("at", code),) if code else ())


@pytest.mark.parametrize(("after", "is_late"), [(HOUR, False), (HOUR + timedelta(minutes=1), True)])
def test_what_is_recorded_more_than_an_hour_later_is_late(after: timedelta, is_late: bool) -> None:
    assert rules.is_late(NOW, NOW + after) is is_late


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing(True, (), LESSON), None),
        (Standing(False, (), LESSON), "contained"),
        (Standing(True, (OfficialPart.DPO,), LESSON), "untold"),
        (Standing(True, (), (IncidentEntryKind.NOTE,)), "lesson"),
        (Standing(True, (), LESSON, is_writing=True), "queued"),
    ],
)
def test_an_incident_closes_once_contained_told_and_learnt_from(standing: Standing, code: str | None) -> None:
    assert rules.close_faults(standing) == ((("close", code),) if code else ())


@pytest.mark.parametrize(
    ("ago", "has_stopped"), [(HOUR, False), (HOUR + timedelta(seconds=1), True), (-3 * HOUR, False)]
)
def test_a_clock_that_was_set_back_is_no_stop(ago: timedelta, has_stopped: bool) -> None:
    assert rules.has_stopped(NOW - ago, NOW, HOUR) is has_stopped
