"""How soon an item needs a person."""

import pytest

from hotline.rules import refs, urgency
from hotline.vocabulary import Category, Urgency


@pytest.mark.parametrize(
    ("category", "in_danger", "reports", "expected"),
    [
        (Category.OTHER, True, 1, Urgency.P1),
        (Category.LIVE_STREAM, False, 1, Urgency.P2),
        (Category.SEXTORTION, False, 1, Urgency.P2),
        (Category.CSAM, False, 1, Urgency.P3),
        (Category.CSAM, False, 3, Urgency.P2),
        (Category.GROOMING, False, 2, Urgency.P3),
        (Category.OTHER, False, 1, Urgency.P4),
        (Category.OTHER, False, 3, Urgency.P2),
    ],
)
def test_urgency_follows_danger_then_category_then_number_of_reports(
    category: Category, in_danger: bool, reports: int, expected: Urgency
) -> None:
    assert urgency.of_item(category, in_danger=in_danger, report_count=reports) is expected


def test_references_can_be_read_out_and_carry_no_order() -> None:
    drawn = [refs.draw("I") for _ in range(200)]

    assert len(set(drawn)) == 200
    assert drawn != sorted(drawn)
    assert all(set(ref[2:]) <= set(refs.LETTERS) and len(ref) == 2 + refs.LENGTH for ref in drawn)
