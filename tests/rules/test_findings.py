"""What an assessor may hand in."""

from dataclasses import replace

import pytest

from hotline.rules import findings
from hotline.rules.findings import Findings
from hotline.vocabulary import (
    AgeGroup,
    Gender,
    InhopeClass,
    LawVerdict,
    Media,
    Reason,
    SiteType,
    TestAnswer,
)

YES, NO, UNSURE = TestAnswer.YES, TestAnswer.NO, TestAnswer.UNSURE
ILLEGAL = Findings(
    InhopeClass.BASELINE,
    LawVerdict.ILLEGAL,
    visible=YES,
    naked=YES,
    under_18=YES,
    sexual=YES,
    age=AgeGroup.PUBESCENT,
    gender=Gender.MALE,
    media=Media.VIDEO,
    site_type=SiteType.FORUM,
)
QUIET = Findings(InhopeClass.INACCESSIBLE, LawVerdict.NOT_ILLEGAL, reason=Reason.SITE_DOWN)


@pytest.mark.parametrize("found", [ILLEGAL, QUIET, Findings(InhopeClass.OUTSIDE_REMIT, LawVerdict.NOT_ILLEGAL)])
def test_a_whole_finding_can_be_handed_in(found: Findings) -> None:
    assert findings.faults(found) == ()


@pytest.mark.parametrize("question", findings.QUESTIONS)
def test_illegal_needs_a_yes_to_each_question_of_the_test(question: str) -> None:
    assert (question, "required") in findings.faults(replace(ILLEGAL, **{question: None}))
    assert ("law", "test_contradicts") in findings.faults(replace(ILLEGAL, **{question: NO}))


def test_four_times_yes_is_not_legal() -> None:
    assert ("law", "test_contradicts") in findings.faults(replace(ILLEGAL, law=LawVerdict.NOT_ILLEGAL))


def test_a_doubt_is_explained_in_a_note() -> None:
    asked = replace(ILLEGAL, law=LawVerdict.ADVISER, sexual=UNSURE)

    assert ("note", "note_required") in findings.faults(asked)
    assert findings.faults(replace(asked, note="The drawing leaves it open.")) == ()


@pytest.mark.parametrize("inhope_class", sorted(findings.EXPLAINED))
def test_what_is_not_acted_on_needs_a_reason(inhope_class: InhopeClass) -> None:
    assert findings.faults(Findings(inhope_class, LawVerdict.NOT_ILLEGAL)) == (("reason", "reason_required"),)


@pytest.mark.parametrize("field", ["age", "gender", "media", "site_type"])
def test_what_was_seen_is_described(field: str) -> None:
    assert (field, "required") in findings.faults(replace(ILLEGAL, **{field: None}))


def test_a_reason_not_to_act_does_not_go_with_what_is_acted_on() -> None:
    assert findings.faults(replace(ILLEGAL, reason=Reason.OTHER)) == (("reason", "out_of_place"),)


def test_a_note_is_short() -> None:
    assert findings.faults(replace(ILLEGAL, note="x" * findings.MOST_NOTE)) == ()
    assert ("note", "too_long") in findings.faults(replace(ILLEGAL, note="x" * (findings.MOST_NOTE + 1)))
