"""How clauses stand, by what was found and by their clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules import clauses
from hotline.rules.clauses import CHECKS, DUTIES, Check, Pressed
from hotline.vocabulary import Clause, ClauseState

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = 24 * 60  # minutes
IN_PLACE, SOON, NOBODYS = ClauseState.IN_PLACE, ClauseState.DUE_SOON, ClauseState.NOBODYS
MISSED, CLARIFY = ClauseState.MISSED, ClauseState.TO_CLARIFY


def check(state: ClauseState) -> Check:
    return Check("one", state, lambda _facts: True)


@pytest.mark.parametrize(
    ("states", "clocks", "in_doubt", "owned", "expected"),
    [
        ((), Pressed(), False, True, IN_PLACE),
        ((), Pressed(running=2), False, True, IN_PLACE),
        ((), Pressed(running=2, soon=1), False, True, SOON),
        ((), Pressed(running=2, late=1, soon=1), False, True, MISSED),
        ((), Pressed(), False, False, NOBODYS),
        ((), Pressed(running=2, soon=1), False, False, SOON),
        ((), Pressed(paused=1), False, True, SOON),
        ((), Pressed(), True, True, CLARIFY),
        ((SOON,), Pressed(), True, True, CLARIFY),
        ((SOON,), Pressed(), False, True, SOON),
        ((SOON, MISSED), Pressed(), True, False, MISSED),
    ],
)
def test_a_clause_stands_as_the_worst_of_what_was_found(
    states: tuple[ClauseState, ...], clocks: Pressed, in_doubt: bool, owned: bool, expected: ClauseState
) -> None:
    found = [check(one) for one in states]
    assert clauses.state_of(found, clocks, in_doubt=in_doubt, owned=owned) is expected


def test_every_clause_has_checks_and_duties() -> None:
    assert set(CHECKS) == set(DUTIES) == set(Clause)


def test_clocks_are_late_after_their_limit_and_soon_after_their_reminder() -> None:
    past, near, far = NOW - timedelta(minutes=1), NOW + timedelta(days=2), NOW + timedelta(days=40)

    found = clauses.pressed(
        [
            (far, 7 * DAY, False),
            (near, 7 * DAY, False),
            (past, 7 * DAY, False),
            (near, DAY, False),
            (past, DAY, True),
        ],
        NOW,
    )

    assert found == Pressed(running=4, late=1, soon=1, paused=1, next_due=past)
    assert clauses.pressed([], NOW) == Pressed()


def test_the_worst_is_said_first() -> None:
    facts = {"contact": "A-03", "stand_in": None, "told_on": None, "test_worked": False, "tested_at": NOW}

    assert [one.code for one in clauses.found(Clause.CONTACT_POINT, facts)] == [
        "test_failed",
        "no_stand_in",
        "inhope_not_told",
    ]


def test_a_wording_needs_both_languages_and_a_reason() -> None:
    assert clauses.faults("", "", "", "") == (
        ("text_en", "required"),
        ("text_km", "required"),
        ("reason", "required"),
    )
    assert clauses.faults("a" * 2_001, "ខ", "d" * 401, "r" * 401) == (
        ("text_en", "too_long"),
        ("doubt", "too_long"),
        ("reason", "too_long"),
    )
    assert clauses.faults("One clause.", "មាត្រាមួយ។", "", "clearer") == ()
