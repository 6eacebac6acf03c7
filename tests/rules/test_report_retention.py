"""How long reports are kept: the days that may be asked for, and the moments that follow."""

from datetime import UTC, datetime

import pytest

from hotline.rules import report_retention as rules
from hotline.rules.report_retention import Term

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contact", "report", "wrong"),
    [
        (7, 30, ()),
        (30, 30, ()),
        (7300, 7300, ()),
        (6, 30, (("contact_days", "range"),)),
        (7, 29, (("report_days", "range"),)),
        (None, None, (("contact_days", "range"), ("report_days", "range"))),
        (7301, 7301, (("contact_days", "range"), ("report_days", "range"))),
        (31, 30, (("contact_days", "longer"),)),
    ],
)
def test_days_that_make_no_sense_are_told_by_field(
    contact: int | None, report: int | None, wrong: tuple[tuple[str, str], ...]
) -> None:
    assert rules.faults(contact, report) == wrong


def test_each_part_goes_after_its_own_days() -> None:
    term = Term(contact_days=30, report_days=90)

    assert rules.contact_before(term, NOW) == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert rules.report_before(term, NOW) == datetime(2025, 12, 31, 9, tzinfo=UTC)
