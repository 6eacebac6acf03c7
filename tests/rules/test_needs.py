"""Needs: what keeps an assessment from being handed in, how needs went, the risk they propose; questions by line."""

from datetime import date, timedelta

import pytest

from hotline.rules import needs
from hotline.rules.needs import Finding, Proposal, Trend, Written
from hotline.vocabulary import Language, Need, NeedLevel, Risk

DAY = date(2026, 11, 6)
CALM = dict.fromkeys(Need, NeedLevel.NONE)
WRITTEN = Written("the child, alone")


def test_what_is_written_is_read_again() -> None:
    one = Written("the child", {Need.HEALTH: Finding("known", "next", "why", ("a", ""), 3)}, 2)

    assert needs.read(needs.written(one)) == one
    assert one.of(Need.LEGAL) == Finding()


@pytest.mark.parametrize(
    ("levels", "found", "missing"),
    [
        ({}, Finding(), ("need-health", "required")),
        ({Need.HEALTH: NeedLevel.UNKNOWN}, Finding(), ("need-health", "why")),
        ({Need.HEALTH: NeedLevel.UNKNOWN}, Finding(why="asleep"), None),
        ({Need.HEALTH: NeedLevel.HIGH}, Finding(), ("need-health", "known")),
        ({Need.HEALTH: NeedLevel.MEDIUM}, Finding(why="no word of it"), ("need-health", "known")),
        ({Need.HEALTH: NeedLevel.HIGH}, Finding(known="hurts"), None),
        ({Need.HEALTH: NeedLevel.LOW}, Finding(), None),
        ({Need.HEALTH: NeedLevel.NONE}, Finding(), None),
    ],
)
def test_every_domain_needs_a_level_and_what_is_not_known_a_reason(
    levels: dict[Need, NeedLevel], found: Finding, missing: tuple[str, str] | None
) -> None:
    others = {need: level for need, level in CALM.items() if need is not Need.HEALTH}
    one = Written("the child", {Need.HEALTH: found})

    assert needs.missing(one, others | levels, DAY, DAY) == ((missing,) if missing else ())


def test_it_says_with_whom_and_no_day_ahead() -> None:
    assert needs.missing(Written(), CALM, DAY + timedelta(days=1), DAY) == (
        ("with_whom", "required"),
        ("assessed_on", "ahead"),
    )


@pytest.mark.parametrize(
    ("before", "after", "went"),
    [
        (NeedLevel.LOW, NeedLevel.HIGH, Trend.UP),
        (NeedLevel.NONE, NeedLevel.LOW, Trend.UP),
        (NeedLevel.HIGH, NeedLevel.MEDIUM, Trend.DOWN),
        (NeedLevel.MEDIUM, NeedLevel.MEDIUM, Trend.SAME),
        (NeedLevel.UNKNOWN, NeedLevel.HIGH, Trend.OPEN),
        (NeedLevel.HIGH, NeedLevel.UNKNOWN, Trend.OPEN),
        (None, NeedLevel.HIGH, Trend.OPEN),
    ],
)
def test_how_a_need_went(before: NeedLevel | None, after: NeedLevel, went: Trend) -> None:
    assert needs.trend(before, after) is went


@pytest.mark.parametrize(
    ("levels", "proposed"),
    [
        (CALM, Proposal(Risk.NO_ACTION, (), is_unasked=False)),
        (CALM | {Need.LEGAL: NeedLevel.LOW}, Proposal(Risk.LOW, (Need.LEGAL,), is_unasked=False)),
        (CALM | {Need.LEGAL: NeedLevel.UNKNOWN}, Proposal(Risk.LOW, (Need.LEGAL,), is_unasked=False)),
        (
            CALM | {Need.LEGAL: NeedLevel.MEDIUM, Need.HEALTH: NeedLevel.MEDIUM, Need.FAMILY: NeedLevel.LOW},
            Proposal(Risk.MEDIUM, (Need.HEALTH, Need.LEGAL), is_unasked=False),
        ),
        (CALM | {Need.ONLINE: NeedLevel.HIGH}, Proposal(Risk.HIGH, (Need.ONLINE,), is_unasked=False)),
        (CALM | {Need.SAFETY: NeedLevel.UNKNOWN}, Proposal(Risk.HIGH, (Need.SAFETY,), is_unasked=True)),
        ({}, Proposal(Risk.HIGH, (Need.SAFETY,), is_unasked=True)),
    ],
)
def test_the_highest_need_proposes_the_risk(levels: dict[Need, NeedLevel], proposed: Proposal) -> None:
    assert needs.proposal(levels) == proposed


def test_a_high_need_comes_before_a_medium_one() -> None:
    levels = CALM | {Need.HEALTH: NeedLevel.MEDIUM, Need.LEGAL: NeedLevel.HIGH, Need.FAMILY: NeedLevel.LOW}

    assert needs.pressing(levels) == (Need.LEGAL, Need.HEALTH)


def test_a_need_is_new_in_a_case_once() -> None:
    first = CALM | {Need.HEALTH: NeedLevel.HIGH}
    second = CALM | {Need.HEALTH: NeedLevel.MEDIUM, Need.LEGAL: NeedLevel.MEDIUM}

    assert needs.newly_found(first, []) == (Need.HEALTH,)
    assert needs.newly_found(second, [CALM, first]) == (Need.LEGAL,)


def test_words_that_hold_a_file_or_are_too_long_are_named() -> None:
    typed = Finding(known="x" * 5000, why=" fine ", answers=("ok", "data:image/png;base64," + "A" * 2000))

    found, wrong = needs.judged(typed)

    assert found.why == "fine"
    assert wrong == (("known", "too_long"), ("answer-1", "picture"))


def form(**lines: str) -> dict[str, str]:
    empty = {needs.field_of(need, one): "" for need in Need for one in Language}
    return empty | {name.replace("_", "-"): text for name, text in lines.items()}


def test_questions_are_paired_line_by_line() -> None:
    found, wrong = needs.typed_questions(form(health_en="One?\n\n Two? \r\n", health_km="មួយ?\nពីរ?"))

    assert wrong == ()
    assert found[Need.HEALTH] == ({"en": "One?", "km": "មួយ?"}, {"en": "Two?", "km": "ពីរ?"})
    assert found[Need.LEGAL] == ()
    assert needs.asked(needs.kept_questions(found)) == found


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ({"health_en": "One?", "health_km": ""}, "unequal"),
        ({"health_en": "?\n" * 7, "health_km": "?\n" * 7}, "too_many"),
        ({"health_en": "x" * 301, "health_km": "x" * 301}, "too_long"),
    ],
)
def test_questions_that_cannot_be_asked(lines: dict[str, str], fault: str) -> None:
    _found, wrong = needs.typed_questions(form(**lines))

    assert fault in {code for _field, code in wrong}
    assert {field.partition("-")[0] for field, _code in wrong} == {"health"}


def test_what_changed_is_told_by_domain_and_language() -> None:
    before, _ = needs.typed_questions(form(health_en="One?", health_km="មួយ?"))
    after, _ = needs.typed_questions(form(health_en="Two?", health_km="មួយ?"))

    assert needs.changes(before, after) == ((Need.HEALTH, Language.EN, ("One?",), ("Two?",)),)
    assert needs.changes(before, before) == ()
