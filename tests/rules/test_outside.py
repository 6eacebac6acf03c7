"""What a record of an outside decision has to say, and what a dispute waits for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hotline.rules import outside
from hotline.rules.outside import Said, Waits
from hotline.vocabulary import InhopeClass, LawVerdict

DAY, TODAY = date(2026, 11, 20), date(2026, 11, 26)
GOOD = Said(" Ms Chan, bar ", "", "The text is clear.", InhopeClass.NATIONAL, LawVerdict.ILLEGAL, DAY, True)


def faults(said: Said) -> list[tuple[str, str]]:
    return outside.judge(said, since=DAY, today=TODAY)[1]


def test_a_whole_record_is_kept_trimmed() -> None:
    kept, wrong = outside.judge(GOOD, since=DAY, today=TODAY)

    assert (kept.adviser, wrong) == ("Ms Chan, bar", [])


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ({"adviser": " "}, ("adviser", "missing")),
        ({"adviser": "n" * 201}, ("adviser", "too_long")),
        ({"reference": "n" * 201}, ("reference", "too_long")),
        ({"reasons": ""}, ("reasons", "missing")),
        ({"reasons": "A" * 1100}, ("reasons", "picture")),
        ({"inhope_class": None}, ("inhope_class", "required")),
        ({"law": None}, ("law", "required")),
        ({"law": LawVerdict.ADVISER}, ("law", "required")),
        ({"decided_on": None}, ("decided_on", "required")),
        ({"decided_on": TODAY + timedelta(days=1)}, ("decided_on", "ahead")),
        ({"decided_on": DAY - timedelta(days=1)}, ("decided_on", "before")),
        ({"was_shown": False}, ("was_shown", "required")),
    ],
)
def test_each_fault_is_told(bad: dict[str, object], fault: tuple[str, str]) -> None:
    assert faults(replace(GOOD, **bad)) == [fault]


def test_faults_are_told_in_the_order_of_the_form() -> None:
    empty = Said("", "n" * 201, "", None, None, None, False)

    assert [field for field, _ in faults(empty)] == list(outside.FIELDS)


@pytest.mark.parametrize(
    ("is_asked", "is_taken", "counts", "waits"),
    [
        (False, False, None, Waits.TALK),
        (True, False, None, Waits.THIRD),
        (True, True, None, Waits.LOOK),
        (False, False, False, Waits.CONFIRMATION),
        (False, False, True, Waits.PEOPLE),
        (True, False, True, Waits.PEOPLE),
    ],
)
def test_what_a_dispute_waits_for(is_asked: bool, is_taken: bool, counts: bool | None, waits: Waits) -> None:
    assert outside.waits(is_asked=is_asked, is_taken=is_taken, counts=counts) is waits
