"""The rules of the security protocol: texts, words that stand in clear, the room, who has access, trainings."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import access_reviews, clear_words, protocols, room, trainings
from hotline.rules.protocols import Block
from hotline.rules.room import Permit, Stay
from hotline.vocabulary import AccessVerdict, Role, RoleClash, TrainingKind

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("typed", "needed", "code"),
    [
        ("Repair of the cooling.", True, None),
        ("", True, "missing"),
        ("  ", False, None),
        ("seen at a.example/page", True, "address"),
        ("hxxps://a[.]example", False, "address"),
        ("x" * 31, True, "too_long"),
    ],
)
def test_words_in_clear_hold_no_address(typed: str, needed: bool, code: str | None) -> None:
    assert clear_words.judge(typed, 30, needed=needed)[1] == code


def test_a_text_is_cut_into_headings_and_paragraphs() -> None:
    text = "# Rules\nLock it.\nAlways.\n\n\nNever alone.\n# End"

    assert list(protocols.blocks(text)) == [
        Block(True, "Rules"),
        Block(False, "Lock it.\nAlways."),
        Block(False, "Never alone."),
        Block(True, "End"),
    ]
    assert list(protocols.blocks("")) == []


@pytest.mark.parametrize(
    ("came", "left", "faults"),
    [
        (-HOUR, None, ()),
        (-HOUR, timedelta(), ()),
        (HOUR, None, (("came_at", "ahead"),)),
        (-32 * DAY, None, (("came_at", "too_early"),)),
        (-HOUR, -2 * HOUR, (("left_at", "order"),)),
        (-HOUR, HOUR, (("left_at", "ahead"),)),
        (-2 * DAY, -HOUR, (("left_at", "too_long"),)),
    ],
)
def test_times_of_an_entry_can_be(came: timedelta, left: timedelta | None, faults: tuple[tuple[str, str], ...]) -> None:
    assert room.faults(NOW + came, None if left is None else NOW + left, now=NOW) == faults


@pytest.mark.parametrize(
    ("permit", "may"),
    [
        (Permit(NOW - DAY, None, None), True),
        (Permit(NOW - DAY, NOW.date(), None), True),
        (Permit(NOW - DAY, (NOW - DAY).date(), None), False),
        (Permit(NOW - DAY, None, NOW - HOUR), False),
        (Permit(NOW + HOUR, None, None), False),
    ],
)
def test_a_permit_holds_from_when_to_when(permit: Permit, may: bool) -> None:
    assert room.may_enter([permit], NOW, NOW.date()) is may
    assert room.may_enter([], NOW, NOW.date()) is False


def test_who_came_before_today_and_did_not_leave_is_odd() -> None:
    midnight = NOW - 10 * HOUR

    assert room.is_left_open(Stay(midnight - HOUR, None), day_began_at=midnight)
    assert not room.is_left_open(Stay(midnight + HOUR, None), day_began_at=midnight)
    assert not room.is_left_open(Stay(midnight - HOUR, midnight), day_began_at=midnight)
    assert not room.is_left_open(Stay(midnight - HOUR, None, happened=False), day_began_at=midnight)


@pytest.mark.parametrize(
    ("roles", "found"),
    [
        ({Role.ANALYST, Role.REVIEWER, Role.MANAGER}, ()),
        ({Role.ADMIN, Role.MANAGER, Role.LIAISON, Role.AUDITOR}, ()),
        ({Role.VICTIM_SUPPORT, Role.MANAGER}, ()),
        ({Role.REVIEWER, Role.VICTIM_SUPPORT}, (RoleClash.ANALYST_AND_VICTIM_SUPPORT,)),
        ({Role.COUNSELLOR, Role.MANAGER}, (RoleClash.COUNSELLOR_AND_OTHERS,)),
        ({Role.ADMIN, Role.VICTIM_SUPPORT}, (RoleClash.ADMIN_AND_CASES,)),
        ({Role.ADMIN, Role.ANALYST, Role.COUNSELLOR}, (RoleClash.COUNSELLOR_AND_OTHERS, RoleClash.ADMIN_AND_CASES)),
    ],
)
def test_roles_that_must_not_meet_are_found(roles: set[Role], found: tuple[RoleClash, ...]) -> None:
    assert access_reviews.clashes(roles) == found


def test_an_account_nobody_uses_is_found_by_its_last_sign_in() -> None:
    assert access_reviews.is_unused(None, NOW - 91 * DAY, NOW)
    assert not access_reviews.is_unused(NOW - 89 * DAY, NOW - 500 * DAY, NOW)
    assert access_reviews.is_unused(NOW - 91 * DAY, NOW - 500 * DAY, NOW)


def test_a_change_of_access_says_why() -> None:
    assert access_reviews.judge("stays", "") == (AccessVerdict.STAYS, "", None)
    assert access_reviews.judge("change", " ")[2] == ("reason", "missing")
    assert access_reviews.judge("perhaps", "x")[2] == ("verdict", "required")


@dataclass
class Noted:
    id: int
    kind: TrainingKind
    name: str
    done_on: date
    expires_on: date | None = None
    staff_id: int = 1


def test_of_each_kind_the_last_counts_and_of_others_each_name() -> None:
    found = [
        Noted(1, TrainingKind.OTHER, "First aid", date(2026, 1, 1)),
        Noted(2, TrainingKind.VETTING, "old", date(2025, 1, 1)),
        Noted(3, TrainingKind.VETTING, "new", date(2026, 1, 1)),
        Noted(4, TrainingKind.OTHER, "first AID", date(2026, 2, 1)),
        Noted(5, TrainingKind.OTHER, "Driving", date(2026, 2, 1)),
    ]

    assert [one.id for one in trainings.newest(found)] == [3, 5, 4]


def test_a_training_holds_through_its_last_day() -> None:
    one = Noted(1, TrainingKind.CORE, "x", date(2026, 1, 1), date(2026, 11, 26))

    assert not trainings.is_expired(one, date(2026, 11, 26))
    assert trainings.is_expired(one, date(2026, 11, 27))
