"""How soon an item needs a person."""

from typing import Any

import pytest

from hotline.rules import refs, urgency
from hotline.rules.urgency import Cause
from hotline.vocabulary import Category, Urgency


@pytest.mark.parametrize(
    ("category", "facts", "expected"),
    [
        (Category.OTHER, {"in_danger": True}, Urgency.P1),
        (Category.LIVE_STREAM, {}, Urgency.P2),
        (Category.SEXTORTION, {}, Urgency.P2),
        (Category.CSAM, {}, Urgency.P3),
        (Category.CSAM, {"report_count": 3}, Urgency.P2),
        (Category.CSAM, {"report_count": 2}, Urgency.P3),
        (Category.CSAM, {"report_count": 2, "new_host": True}, Urgency.P2),
        (Category.CSAM, {"new_host": True}, Urgency.P3),
        (Category.CSAM, {"at_home": True}, Urgency.P2),
        (Category.GROOMING, {"report_count": 2}, Urgency.P3),
        (Category.OTHER, {}, Urgency.P4),
        (Category.OTHER, {"at_home": True}, Urgency.P3),
        (Category.OTHER, {"new_host": True}, Urgency.P4),
        (Category.OTHER, {"report_count": 3}, Urgency.P2),
    ],
)
def test_urgency_follows_danger_then_what_goes_on_then_how_many_and_where(
    category: Category, facts: dict[str, Any], expected: Urgency
) -> None:
    given = {"in_danger": False, "report_count": 1} | facts

    assert urgency.weigh(category, **given).urgency is expected


def test_every_cause_that_is_true_is_named_the_gravest_first() -> None:
    every = urgency.weigh(Category.SEXTORTION, in_danger=True, report_count=3, at_home=True, new_host=True)
    none = urgency.weigh(Category.CSAM, in_danger=False, report_count=1)

    assert every.causes == (Cause.DANGER, Cause.SEXTORTION, Cause.REPORTS, Cause.AT_HOME, Cause.NEW_HOST)
    assert none.causes == ()


def test_references_can_be_read_out_and_carry_no_order() -> None:
    drawn = [refs.draw("I") for _ in range(200)]

    assert len(set(drawn)) == 200
    assert drawn != sorted(drawn)
    assert all(set(ref[2:]) <= set(refs.LETTERS) and len(ref) == 2 + refs.LENGTH for ref in drawn)
