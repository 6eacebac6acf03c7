"""A finding in ICCAM's codes: every word of ours has one, or a reason why not, and none stands for another."""

from dataclasses import replace
from enum import StrEnum

import pytest

from hotline.rules import findings, iccam
from hotline.rules.findings import Findings
from hotline.vocabulary import (
    AgeGroup,
    ContentType,
    Extent,
    Gender,
    InhopeClass,
    LawVerdict,
    Payment,
    Reason,
    SiteType,
    YesNo,
)

QUIET = Findings(InhopeClass.NOT_ILLEGAL, LawVerdict.NOT_ILLEGAL)
SEEN = Findings(InhopeClass.BASELINE, LawVerdict.ILLEGAL)
WORDS = {
    iccam.AGE: AgeGroup,
    iccam.GENDER: Gender,
    iccam.VIRTUAL: Extent,
    iccam.USER_GENERATED: YesNo,
    iccam.CHILD_MODELLING: YesNo,
    iccam.SITE_TYPE: SiteType,
    iccam.COMMERCIALITY: YesNo,
    iccam.PAYMENT_METHODS: Payment,
    iccam.CONTENT_TYPE: ContentType,
    iccam.REASON_ID: Reason,
}


@pytest.mark.parametrize(("field", "words"), WORDS.items(), ids=list(WORDS))
def test_every_word_has_a_code_or_a_reason_why_it_has_none(field: str, words: type[StrEnum]) -> None:
    coded, refused = set(iccam.CODES[field]), set(iccam.REFUSED.get(field, {}))

    assert coded | refused == set(words)
    assert not coded & refused
    assert all(iccam.REFUSED.get(field, {}).values())


def test_every_class_is_a_classification_or_an_action_and_never_both() -> None:
    classes, actions = set(iccam.CODES[iccam.CLASSIFICATION]), set(iccam.CODES[iccam.ACTION])

    assert classes | actions == set(InhopeClass)
    assert not classes & actions


@pytest.mark.parametrize("field", iccam.CODES)
def test_no_code_stands_for_two_words(field: str) -> None:
    codes = list(iccam.CODES[field].values())

    assert len(set(codes)) == len(codes)


def test_outside_the_remit_is_what_iccam_ignores() -> None:
    outside = replace(QUIET, inhope_class=InhopeClass.OUTSIDE_REMIT, reason=Reason.SPAM)

    assert iccam.coded(outside) == ({iccam.CLASSIFICATION: 4}, {iccam.REASON_ID: iccam.NO_REASON})


def test_two_is_a_website_and_nothing_is_undetermined_among_site_types() -> None:
    assert iccam.CODES[iccam.SITE_TYPE][SiteType.WEBSITE] == 2
    assert 1 not in iccam.CODES[iccam.SITE_TYPE].values()


# --- The mistake that another connector makes: two flags sent as each other ------------------------------------------


def test_self_generated_is_sent_as_user_generated_and_as_nothing_else() -> None:
    coded = iccam.coded(replace(SEEN, self_generated=YesNo.YES, child_modelling=YesNo.NO))

    assert coded.codes[iccam.USER_GENERATED] is True
    assert coded.codes[iccam.CHILD_MODELLING] is False


def test_child_modelling_is_sent_as_child_modelling_and_as_nothing_else() -> None:
    coded = iccam.coded(replace(SEEN, self_generated=YesNo.NO, child_modelling=YesNo.YES))

    assert coded.codes[iccam.USER_GENERATED] is False
    assert coded.codes[iccam.CHILD_MODELLING] is True


@pytest.mark.parametrize(
    ("answer", "value", "field"),
    [
        ("age", AgeGroup.INFANT, iccam.AGE),
        ("gender", Gender.BOTH, iccam.GENDER),
        ("ai", Extent.FULLY, iccam.VIRTUAL),
        ("self_generated", YesNo.YES, iccam.USER_GENERATED),
        ("child_modelling", YesNo.YES, iccam.CHILD_MODELLING),
        ("site_type", SiteType.BLOG, iccam.SITE_TYPE),
        ("commercial", YesNo.YES, iccam.COMMERCIALITY),
        ("content_type", ContentType.MEDIA, iccam.CONTENT_TYPE),
        ("payment", (Payment.VISA,), iccam.PAYMENT_METHODS),
    ],
)
def test_one_answer_moves_one_field(answer: str, value: object, field: str) -> None:
    before, after = iccam.coded(SEEN), iccam.coded(replace(SEEN, **{answer: value}))

    assert set(after.codes) - set(before.codes) == {field}


def test_what_cannot_be_told_is_left_to_a_person_where_iccam_asks_yes_or_no() -> None:
    coded = iccam.coded(replace(SEEN, ai=Extent.ALTERED, self_generated=YesNo.NOT_DETERMINED))

    assert set(coded.codes) == {iccam.CLASSIFICATION}
    assert set(coded.refused) == {iccam.VIRTUAL, iccam.USER_GENERATED}


@pytest.mark.parametrize("group", [InhopeClass.NOT_ILLEGAL, InhopeClass.INACCESSIBLE])
def test_reasons_go_with_the_action_of_their_group(group: InhopeClass) -> None:
    action = {InhopeClass.NOT_ILLEGAL: 6, InhopeClass.INACCESSIBLE: 4}[group]
    looks = [replace(QUIET, inhope_class=group, reason=one) for one in findings.REASONS[group]]
    ids = {iccam.coded(look).codes[iccam.REASON_ID] for look in looks}

    assert iccam.coded(replace(QUIET, inhope_class=group)).codes == {iccam.ACTION: action}
    assert ids == ({1, *range(14, 22)} if group is InhopeClass.NOT_ILLEGAL else {1, *range(2, 14)})


def test_several_ways_to_pay_are_sent_together() -> None:
    coded = iccam.coded(replace(SEEN, payment=(Payment.BITCOIN, Payment.VISA)))

    assert coded.codes[iccam.PAYMENT_METHODS] == (6, 13)


def test_two_looks_that_agree_come_to_one_code_a_question() -> None:
    one = replace(SEEN, age=AgeGroup.INFANT, payment=(Payment.VISA, Payment.BITCOIN), content_type=ContentType.MEDIA)
    other = replace(one, payment=(Payment.BITCOIN, Payment.VISA))

    lines = {line.field: line for line in iccam.agreed(one, other)}

    assert list(lines) == [iccam.CLASSIFICATION, iccam.AGE, iccam.PAYMENT_METHODS, iccam.CONTENT_TYPE]
    assert lines[iccam.CLASSIFICATION].code == 1
    assert lines[iccam.PAYMENT_METHODS].code == (6, 13)
    assert [line.field for line in lines.values() if line.is_to_confirm] == [iccam.CONTENT_TYPE]


def test_where_two_looks_differ_no_code_is_given() -> None:
    one = replace(SEEN, gender=Gender.FEMALE, ai=Extent.ALTERED)
    other = replace(SEEN, gender=Gender.BOTH, ai=Extent.ALTERED, commercial=YesNo.NO)

    lines = {line.field: line for line in iccam.agreed(one, other)}

    assert lines[iccam.GENDER][2:4] == (None, iccam.DIFFER)
    assert lines[iccam.COMMERCIALITY][2:4] == (None, iccam.DIFFER)
    assert lines[iccam.VIRTUAL][2:4] == (None, iccam.YES_OR_NO_ONLY)


def test_every_field_is_one_that_the_form_asks() -> None:
    assert set(iccam.QUESTIONS) == set(iccam.CODES)
    assert set(iccam.QUESTIONS.values()) <= set(findings.FIELDS)
