"""What an assessor may hand in."""

from dataclasses import replace

import pytest

from hotline.rules import findings
from hotline.rules.findings import Findings
from hotline.vocabulary import (
    AgeGroup,
    Confidence,
    Extent,
    Gender,
    InhopeClass,
    LawVerdict,
    Media,
    Payment,
    Reason,
    SiteType,
    TestAnswer,
    Theme,
    YesNo,
)

YES, NO, UNSURE = TestAnswer.YES, TestAnswer.NO, TestAnswer.UNSURE
ILLEGAL = Findings(
    InhopeClass.BASELINE,
    LawVerdict.ILLEGAL,
    visible=YES,
    naked=YES,
    under_18=YES,
    sexual=YES,
    age=AgeGroup.PRE_PUBESCENT,
    gender=Gender.MALE,
    media=Media.VIDEO,
    site_type=SiteType.FORUM,
)
QUIET = Findings(InhopeClass.INACCESSIBLE, LawVerdict.NOT_ILLEGAL, reason=Reason.SITE_DOWN)
OUTSIDE = Findings(InhopeClass.OUTSIDE_REMIT, LawVerdict.NOT_ILLEGAL)


@pytest.mark.parametrize("found", [ILLEGAL, QUIET, OUTSIDE])
def test_a_whole_finding_can_be_handed_in(found: Findings) -> None:
    assert findings.faults(found) == ()


@pytest.mark.parametrize("question", findings.QUESTIONS)
def test_illegal_needs_an_answer_to_each_question_of_the_test(question: str) -> None:
    assert findings.faults(replace(ILLEGAL, **{question: None})) == ((question, "required"),)


ADULT = replace(QUIET, inhope_class=InhopeClass.NOT_ILLEGAL, reason=Reason.ADULT_PORNOGRAPHY, under_18=NO)
LEGAL_HERE = replace(ILLEGAL, law=LawVerdict.NOT_ILLEGAL, naked=NO)
NATIONAL = replace(ILLEGAL, inhope_class=InhopeClass.NATIONAL, age=AgeGroup.PUBESCENT, media=Media.DRAWN)
CONTRADICTIONS = [
    (ILLEGAL, {"visible": NO}, {"visible": "seen_but_not_visible", "law": "illegal_but_no"}),
    (ILLEGAL, {"naked": NO}, {"law": "illegal_but_no"}),
    (ILLEGAL, {"naked": UNSURE}, {"law": "illegal_but_no"}),
    (ILLEGAL, {"sexual": NO}, {"sexual": "baseline_but_not_sexual", "law": "illegal_but_no"}),
    (ILLEGAL, {"age": AgeGroup.PUBESCENT}, {"age": "baseline_but_older"}),
    (ILLEGAL, {"age": AgeGroup.NOT_DETERMINED}, {"age": "baseline_but_older"}),
    (ILLEGAL, {"media": Media.TEXT}, {"media": "baseline_but_no_child_shown"}),
    (ILLEGAL, {"media": Media.DRAWN}, {"media": "baseline_but_no_child_shown"}),
    (ILLEGAL, {"ai": Extent.FULLY}, {"ai": "baseline_but_no_real_child"}),
    (ILLEGAL, {"law": LawVerdict.NOT_ILLEGAL}, {"law": "legal_but_four_yes"}),
    (LEGAL_HERE, {"naked": None}, {"law": "legal_but_seen"}),
    (NATIONAL, {"visible": NO}, {"visible": "seen_but_not_visible", "law": "illegal_but_no"}),
    (
        NATIONAL,
        {"law": LawVerdict.ADVISER, "under_18": NO},
        {"under_18": "seen_but_not_a_child", "age": "child_but_not_under_18"},
    ),
    (QUIET, {"law": LawVerdict.ILLEGAL}, {"inhope_class": "illegal_but_quiet"}),
    (QUIET, {"visible": YES}, {"visible": "gone_but_visible"}),
    (QUIET, {"reason": Reason.AGE_UNCLEAR}, {"reason": "gone_but_judged"}),
    (ADULT, {"reason": Reason.SITE_DOWN}, {"reason": "judged_but_gone"}),
    (ADULT, {"under_18": YES}, {"reason": "adult_but_under_18"}),
    (ADULT, {"law": LawVerdict.ILLEGAL}, {"inhope_class": "illegal_but_quiet", "law": "illegal_but_no"}),
    (QUIET, {"reason": Reason.SPAM}, {"reason": "ours_but_outside"}),
    (ADULT, {"reason": Reason.ADULTS_ONLY}, {"reason": "ours_but_outside"}),
    (OUTSIDE, {"reason": Reason.SITE_DOWN}, {"reason": "outside_but_gone"}),
    (ILLEGAL, {"commercial": YesNo.NO, "payment": (Payment.VISA,)}, {"payment": "paid_but_not_commercial"}),
    (ILLEGAL, {"payment": (Payment.NONE, Payment.VISA)}, {"payment": "paid_and_not_paid"}),
    (OUTSIDE, {"law": LawVerdict.ILLEGAL}, {"inhope_class": "illegal_but_quiet"}),
    (OUTSIDE, dict.fromkeys(findings.QUESTIONS, YES), {"law": "legal_but_four_yes"}),
]


@pytest.mark.parametrize(
    "found",
    [
        *(ILLEGAL, QUIET, ADULT, LEGAL_HERE, NATIONAL, OUTSIDE),
        replace(ILLEGAL, law=LawVerdict.ADVISER, under_18=UNSURE),
        replace(QUIET, reason=Reason.OTHER),
        replace(ADULT, reason=Reason.OTHER),
    ],
)
def test_answers_that_go_together_contradict_nothing(found: Findings) -> None:
    assert findings.contradictions(found) == ()


@pytest.mark.parametrize(("found", "change", "named"), CONTRADICTIONS)
def test_each_contradiction_is_named_at_its_field(found: Findings, change: dict, named: dict[str, str]) -> None:
    assert dict(findings.contradictions(replace(found, **change))) == named


def test_a_contradiction_is_refused_until_a_reason_stands_beside_it() -> None:
    odd = replace(ILLEGAL, age=AgeGroup.PUBESCENT)

    assert findings.faults(replace(odd, doubt=" ")) == (("age", "baseline_but_older"), ("doubt", "doubt_required"))
    assert findings.faults(replace(odd, doubt="Looks older, the page gives the age as 12.")) == ()
    assert ("doubt", "too_long") in findings.faults(replace(odd, doubt="x" * (findings.MOST_NOTE + 1)))


def test_a_reason_excuses_nothing_that_is_missing() -> None:
    assert findings.faults(replace(ILLEGAL, gender=None, doubt="why")) == (("gender", "required"),)


@pytest.mark.parametrize(
    ("inhope_class", "law", "held"),
    [
        (InhopeClass.INACCESSIBLE, None, LawVerdict.NOT_ILLEGAL),
        (InhopeClass.INACCESSIBLE, LawVerdict.ADVISER, LawVerdict.ADVISER),
        (InhopeClass.NOT_ILLEGAL, None, None),
        (InhopeClass.BASELINE, None, None),
        (None, None, None),
    ],
)
def test_only_of_what_nobody_can_see_the_law_needs_no_answer(
    inhope_class: InhopeClass | None, law: LawVerdict | None, held: LawVerdict | None
) -> None:
    assert findings.law_of(inhope_class, law) is held


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


def test_every_reason_stands_in_a_group_of_the_form_and_only_other_in_all() -> None:
    groups = findings.REASONS.values()

    assert set().union(*groups) == set(Reason)
    assert [one for one in Reason if sum(one in group for group in groups) > 1] == [Reason.OTHER]


def test_every_answer_of_a_finding_is_a_field_of_its_form() -> None:
    assert set(findings.FIELDS) == set(Findings.__slots__)


def test_what_two_answer_otherwise_is_apart_and_what_one_alone_answers_is_alone() -> None:
    one = Findings(InhopeClass.BASELINE, LawVerdict.ILLEGAL, age=AgeGroup.INFANT, payment=(Payment.NONE,), note="mine")
    other = Findings(InhopeClass.BASELINE, LawVerdict.ADVISER, age=AgeGroup.PUBESCENT, media=Media.IMAGE, note="yours")

    found = findings.against(one, [other])

    assert found.apart == {"law", "age"}
    assert found.alone == {"payment"}


def test_the_order_of_several_answers_and_how_sure_people_are_make_no_difference() -> None:
    one = Findings(InhopeClass.BASELINE, LawVerdict.ILLEGAL, themes=(Theme.GROOMING, Theme.SEXTORTION))
    two = replace(one, themes=(Theme.SEXTORTION, Theme.GROOMING), confidence=Confidence.LOW)

    assert findings.against(one, [two]) == (frozenset(), frozenset())
    assert findings.against(one, []) == (frozenset(), frozenset())
