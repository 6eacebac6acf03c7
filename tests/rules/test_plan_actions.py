"""A plan's actions: what one has to say, whom it may not name, and which needs none sees to."""

from datetime import date, timedelta

import pytest

from hotline.rules import plan_actions
from hotline.rules.plan_actions import Words
from hotline.vocabulary import ActionState, Need

DAY = date(2026, 11, 6)
NEXT = DAY + timedelta(days=1)
BEFORE = DAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (Words("call the aunt"), ()),
        (Words(" "), (("what", "required"),)),
        (Words("x" * 1001), (("what", "too_long"),)),
        (Words("ok", "x" * 201), (("outside", "too_long"),)),
        (Words("ok", "Vuthy Sok"), (("outside", "suspect"),)),
        (Words("ok", "uncle SOK, vuthy"), (("outside", "suspect"),)),
        (Words("ok", "aunt Sok Dara"), ()),
    ],
)
def test_an_action_says_what_and_gives_no_part_to_a_possible_abuser(
    typed: Words, wrong: tuple[tuple[str, str], ...]
) -> None:
    assert plan_actions.judged(typed, ["Sok Vuthy", ""])[1] == wrong


def test_a_name_of_one_word_is_found_too() -> None:
    assert plan_actions.names("ពូ ដារ៉ា", "ដារ៉ា")
    assert not plan_actions.names("the aunt", "")


def test_words_are_read_again() -> None:
    assert plan_actions.read(plan_actions.written(Words("a", "b", "c"))) == Words("a", "b", "c")


@pytest.mark.parametrize(
    ("due", "was", "is_wrong"),
    [(None, None, False), (DAY, None, False), (BEFORE, None, True), (BEFORE, BEFORE, False), (NEXT, BEFORE, False)],
)
def test_a_day_that_has_gone_by_is_refused_unless_it_stood_there(
    due: date | None, was: date | None, is_wrong: bool
) -> None:
    assert bool(plan_actions.due_faults(due, DAY, was=was)) is is_wrong


@pytest.mark.parametrize(
    ("next_on", "code"), [(None, "required"), (DAY, "past"), (NEXT, None), (NEXT + timedelta(days=1), "too_late")]
)
def test_the_next_review_lies_ahead_and_within_the_limit(next_on: date | None, code: str | None) -> None:
    assert plan_actions.review_faults(next_on, DAY, NEXT) == ((("next_on", code),) if code else ())


@pytest.mark.parametrize(
    ("state", "due", "is_late"),
    [
        (ActionState.OPEN, BEFORE, True),
        (ActionState.OPEN, DAY, False),
        (ActionState.OPEN, None, False),
        (ActionState.DONE, BEFORE, False),
    ],
)
def test_what_should_have_been_done_is_overdue(state: ActionState, due: date | None, is_late: bool) -> None:
    assert plan_actions.is_overdue(state, due, DAY) is is_late


def test_an_action_that_was_dropped_sees_to_nothing() -> None:
    actions = [(Need.HEALTH, ActionState.DROPPED), (Need.LEGAL, ActionState.DONE), (Need.SAFETY, ActionState.OPEN)]

    assert plan_actions.uncovered((Need.SAFETY, Need.HEALTH, Need.LEGAL), actions) == (Need.HEALTH,)
