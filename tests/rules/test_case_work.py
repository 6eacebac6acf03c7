"""How a case is worked on: duties of its steps, time to the first contact, quarters."""

from datetime import date, timedelta

import pytest

from hotline.rules import case_work
from hotline.rules.case_work import Contacted, Move
from hotline.vocabulary import CaseStep, Duty

NEEDS, PLAN, AGAIN = Duty.ASSESS_NEEDS, Duty.PLAN_HELP, Duty.REVIEW_CASE


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        (CaseStep.REGISTRATION, CaseStep.ASSESSMENT, Move(None, None, NEEDS)),
        (CaseStep.ASSESSMENT, CaseStep.PLAN, Move(None, None, PLAN)),
        (CaseStep.PLAN, CaseStep.IMPLEMENTATION, Move(None, None, AGAIN)),
        (CaseStep.IMPLEMENTATION, CaseStep.REVIEW, Move(None, None, None)),
        (CaseStep.REVIEW, CaseStep.IMPLEMENTATION, Move(AGAIN, None, AGAIN)),
        (CaseStep.REVIEW, CaseStep.CLOSURE, Move(AGAIN, None, None)),
        (CaseStep.PLAN, CaseStep.ASSESSMENT, Move(None, PLAN, NEEDS)),
        (CaseStep.CLOSURE, CaseStep.ASSESSMENT, Move(None, None, NEEDS)),
        (CaseStep.REGISTRATION, CaseStep.CLOSURE, Move(None, None, None)),
        (CaseStep.IMPLEMENTATION, CaseStep.PLAN, Move(None, AGAIN, PLAN)),
    ],
)
def test_duties_go_with_the_steps(before: CaseStep, after: CaseStep, move: Move) -> None:
    assert case_work.move(before, after) == move


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (0, Contacted.HOURS_3),
        (3, Contacted.HOURS_3),
        (4, Contacted.DAY),
        (24, Contacted.DAY),
        (72, Contacted.DAYS_3),
        (168, Contacted.WEEK),
        (169, Contacted.LATER),
        (-5, Contacted.HOURS_3),
    ],
)
def test_how_long_the_first_contact_took_is_told_coarsely(hours: int, found: Contacted) -> None:
    assert case_work.contacted(timedelta(hours=hours)) is found


@pytest.mark.parametrize(("month", "quarter"), [(1, "Q1"), (3, "Q1"), (4, "Q2"), (9, "Q3"), (10, "Q4"), (12, "Q4")])
def test_a_year_has_four_quarters(month: int, quarter: str) -> None:
    assert case_work.quarter(date(2026, month, 1)) == f"2026-{quarter}"
