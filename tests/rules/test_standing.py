"""What an item asks of one person at the desk."""

import pytest

from hotline.rules import standing
from hotline.rules.standing import Task, Third
from hotline.vocabulary import ItemStatus, Role

NOBODY = {"is_first": False, "has_chosen": False, "may_review": False, "is_taken": False}
FIRST = {"is_first": True}
CHOSEN = {"has_chosen": True}
REVIEWER = {"may_review": True}
TAKEN = {"is_taken": True}


@pytest.mark.parametrize(
    ("status", "who", "expected"),
    [
        (ItemStatus.NEW, {}, Task.CLAIM),
        (ItemStatus.ASSESSING, FIRST, Task.ASSESS),
        (ItemStatus.ASSESSING, REVIEWER, Task.WAIT),
        (ItemStatus.IN_REVIEW, REVIEWER, Task.SECOND_LOOK),
        (ItemStatus.IN_REVIEW, REVIEWER | TAKEN, Task.WAIT),
        (ItemStatus.IN_REVIEW, REVIEWER | FIRST | CHOSEN, Task.WAIT),
        (ItemStatus.IN_REVIEW, {}, Task.WAIT),
        (ItemStatus.DISPUTED, FIRST | CHOSEN, Task.COMPARE),
        (ItemStatus.DISPUTED, REVIEWER | CHOSEN, Task.COMPARE),
        (ItemStatus.DISPUTED, REVIEWER, Task.WAIT),
        (ItemStatus.DISPUTED, REVIEWER | {"third": Third.FREE}, Task.TAKE_THIRD),
        (ItemStatus.DISPUTED, REVIEWER | {"third": Third.MINE}, Task.THIRD_LOOK),
        (ItemStatus.DISPUTED, REVIEWER | {"third": Third.TAKEN}, Task.WAIT),
        (ItemStatus.DISPUTED, REVIEWER | CHOSEN | {"third": Third.FREE}, Task.COMPARE),
        (ItemStatus.DISPUTED, {"third": Third.FREE}, Task.WAIT),
        (ItemStatus.DISPUTED, {}, Task.WAIT),
        (ItemStatus.DECIDED, REVIEWER, Task.SETTLED),
        (ItemStatus.HELD, {}, Task.SETTLED),
        (ItemStatus.ACTING, FIRST, Task.SETTLED),
        (ItemStatus.MONITORING, {}, Task.SETTLED),
        (ItemStatus.CLOSED, {}, Task.SETTLED),
    ],
)
def test_each_state_asks_something_of_the_right_person(
    status: ItemStatus, who: dict[str, object], expected: Task
) -> None:
    assert standing.task(status, **(NOBODY | who)) is expected


def test_six_first_looks_fill_a_persons_hands() -> None:
    assert [standing.has_room(number) for number in (0, 5, 6, 7)] == [True, True, False, False]


def test_a_child_in_danger_waits_for_nobodys_hands_to_empty() -> None:
    assert [standing.has_room(number, in_danger=True) for number in (5, 6, 7, 20)] == [True] * 4


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        ({Role.REVIEWER}, True),
        ({Role.ANALYST, Role.REVIEWER}, True),
        ({Role.MANAGER, Role.ANALYST}, True),
        ({Role.ANALYST}, False),
        ({Role.MANAGER}, False),
        ({Role.ADMIN, Role.LIAISON}, False),
    ],
)
def test_who_may_take_a_first_look_over(roles: set[Role], may: bool) -> None:
    assert standing.may_take_over(roles) is may
