"""Consent by table: who answers in which voice, what is missing, what may be told, and what is wrong with a form."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import consents as rules
from hotline.rules.consents import Heard, Missing, Reason, Said, Without
from hotline.rules.victim_files import CaseFile, Person
from hotline.vocabulary import ConsentAnswer, OverrideBasis, OverrideDecision, PersonPart, Share, Voice

YES, NO, UNABLE = ConsentAnswer.AGREES, ConsentAnswer.DECLINES, ConsentAnswer.UNABLE
CHILD, GUARDIAN, SELF = Voice.CHILD, Voice.GUARDIAN, Voice.SELF
AT, TODAY = datetime(2026, 11, 20, tzinfo=UTC), date(2026, 11, 20)
LITTLE, MORE = frozenset({Share.NEED, Share.AGE}), frozenset({Share.NEED, Share.NAME, Share.AGE})
GOOD = Said(words="yes", language="Khmer", shares=(Share.NAME, Share.NEED))


def heard(voice: Voice, answer: ConsentAnswer, shares: frozenset[Share] = LITTLE, *, later: int = 0) -> Heard:
    return Heard(voice, answer, shares if answer is YES else frozenset(), AT + timedelta(days=later))


def without(
    basis: OverrideBasis, decision: OverrideDecision | None = None, *, number: int = 1, later: int = 0
) -> Without:
    return Without(number, basis, decision, LITTLE, AT + timedelta(days=later))


@pytest.mark.parametrize(
    ("said", "age", "missing"),
    [
        ((), 15, (Missing.CHILD_NOT_ASKED, Missing.GUARDIAN_NOT_ASKED)),
        ((), None, (Missing.CHILD_NOT_ASKED, Missing.GUARDIAN_NOT_ASKED)),
        ((), 18, (Missing.SELF_NOT_ASKED,)),
        (((CHILD, YES),), 15, (Missing.GUARDIAN_NOT_ASKED,)),
        (((GUARDIAN, YES),), 15, (Missing.CHILD_NOT_ASKED,)),
        (((GUARDIAN, YES), (CHILD, YES)), 15, ()),
        (((GUARDIAN, YES), (CHILD, UNABLE)), 3, ()),
        (((CHILD, UNABLE),), 3, (Missing.GUARDIAN_NOT_ASKED,)),
        (((GUARDIAN, YES), (CHILD, NO)), 15, (Missing.CHILD_DECLINES,)),
        (((GUARDIAN, NO), (CHILD, YES)), 15, (Missing.GUARDIAN_DECLINES,)),
        (((GUARDIAN, YES), (GUARDIAN, NO), (CHILD, YES)), 15, (Missing.GUARDIAN_DECLINES,)),
        (((SELF, YES),), 19, ()),
        (((SELF, YES),), None, ()),
        (((SELF, NO),), 19, (Missing.SELF_DECLINES,)),
        (((SELF, YES),), 15, (Missing.NOT_OF_AGE,)),
        (((GUARDIAN, YES), (CHILD, YES)), 18, (Missing.SELF_NOT_ASKED,)),
        (((SELF, YES), (GUARDIAN, NO)), 19, (Missing.GUARDIAN_DECLINES,)),
    ],
)
def test_what_is_missing(
    said: tuple[tuple[Voice, ConsentAnswer], ...], age: int | None, missing: tuple[Missing, ...]
) -> None:
    found = rules.standing([heard(*one) for one in said], [], age=age, to_police=False)

    assert found.missing == missing
    assert (found.may_go, found.by_consent) == (not missing, not missing)


def test_only_what_everybody_agrees_to_may_be_told() -> None:
    found = rules.standing([heard(CHILD, YES, LITTLE), heard(GUARDIAN, YES, MORE)], [], age=15, to_police=False)

    assert found.shares == LITTLE


@pytest.mark.parametrize(("to_police", "missing"), [(False, (Missing.NOTHING_IN_COMMON,)), (True, ())])
def test_a_service_that_may_not_hear_the_need_is_not_told(to_police: bool, missing: tuple[Missing, ...]) -> None:
    said = [heard(CHILD, YES, frozenset({Share.AGE})), heard(GUARDIAN, YES, MORE)]

    found = rules.standing(said, [], age=15, to_police=to_police)

    assert found.missing == missing


def test_what_lacks_nothing_is_what_the_database_takes_for_consent() -> None:
    voices = {CHILD: (None, YES, NO, UNABLE), GUARDIAN: (None, YES, NO), SELF: (None, YES, NO)}
    for answers in itertools.product(*voices.values()):
        said = [heard(voice, one) for voice, one in zip(voices, answers, strict=True) if one is not None]
        for age in (None, 15, 18):
            found = rules.standing(said, [], age=age, to_police=False)

            assert rules.consented(said) or not found.by_consent
            if age is None:
                assert found.by_consent is rules.consented(said)


@pytest.mark.parametrize("basis", list(OverrideBasis))
@pytest.mark.parametrize("decision", [None, *OverrideDecision])
def test_a_decision_acts_when_it_is_upheld_and_a_danger_until_it_is_ended(
    basis: OverrideBasis, decision: OverrideDecision | None
) -> None:
    acts = decision is OverrideDecision.UPHELD or (decision is None and basis is OverrideBasis.DANGER_NOW)

    found = rules.standing([], [without(basis, decision)], age=15, to_police=False)

    assert found.may_go is acts
    assert not found.by_consent
    assert found.shares == (LITTLE if acts else frozenset())


@pytest.mark.parametrize(
    ("basis", "later", "may_go"),
    [
        (OverrideBasis.BEST_INTERESTS, 1, False),
        (OverrideBasis.BEST_INTERESTS, -1, True),
        (OverrideBasis.DANGER_NOW, 1, True),
    ],
)
def test_a_refusal_after_a_decision_is_weighed_before_it_is_overruled(
    basis: OverrideBasis, later: int, may_go: bool
) -> None:
    decided = without(basis, OverrideDecision.UPHELD)

    found = rules.standing([heard(CHILD, NO, later=later)], [decided], age=15, to_police=False)

    assert found.may_go is may_go


def test_a_decision_that_was_looked_at_goes_before_one_that_nobody_looked_at_in_time() -> None:
    old = without(OverrideBasis.DANGER_NOW, OverrideDecision.UPHELD)
    late = replace(without(OverrideBasis.DANGER_NOW, None), id=old.id + 1, is_late=True)

    assert rules.standing([], [late], age=15, to_police=False).waits_for_second
    assert not rules.standing([], [old, late], age=15, to_police=False).waits_for_second
    assert rules.is_late(None, AT, AT + timedelta(seconds=1))
    assert not rules.is_late(OverrideDecision.UPHELD, AT, AT + timedelta(seconds=1))
    assert not rules.is_late(None, None, AT)


def test_consent_goes_before_a_decision_and_the_newest_decision_before_older_ones() -> None:
    danger = without(OverrideBasis.DANGER_NOW, number=1)
    newer = without(OverrideBasis.LEGAL_DUTY, OverrideDecision.UPHELD, number=2)
    agreed = [heard(CHILD, YES, MORE), heard(GUARDIAN, YES, MORE)]

    assert rules.standing(agreed, [danger], age=15, to_police=False).without is None
    assert rules.standing([], [danger, newer], age=15, to_police=False).without == newer


@pytest.mark.parametrize(
    ("part", "age", "voice"),
    [
        (PersonPart.CHILD, 17, CHILD),
        (PersonPart.CHILD, 18, SELF),
        (PersonPart.CHILD, None, CHILD),
        (PersonPart.GUARDIAN, 17, GUARDIAN),
        (PersonPart.GUARDIAN, None, GUARDIAN),
        (PersonPart.GUARDIAN, 18, None),
        (PersonPart.FAMILY, 15, None),
        (PersonPart.TRUSTED, 15, None),
        (PersonPart.PROFESSIONAL, 15, None),
        (PersonPart.OTHER, 15, None),
    ],
)
def test_who_answers_in_which_voice(part: PersonPart, age: int | None, voice: Voice | None) -> None:
    assert rules.voice_of(part, age) is voice


def test_nobody_weighs_the_interests_of_who_is_of_age() -> None:
    assert rules.bases(18) == (OverrideBasis.DANGER_NOW, OverrideBasis.LEGAL_DUTY)
    assert rules.bases(17) == rules.bases(None) == tuple(OverrideBasis)


def judged(said: Said = GOOD, *, to_police: bool = False, **more: object) -> tuple[Said, set[tuple[str, str]]]:
    known = {"voice": CHILD, "answer": YES, "asked_on": TODAY, "ask_again_on": TODAY + timedelta(days=30)}
    kept, wrong = rules.judge(said, today=TODAY, to_police=to_police, **known | more)
    return kept, set(wrong)


def test_a_good_answer_is_kept_as_it_was_typed() -> None:
    assert judged(replace(GOOD, words=" yes ")) == (GOOD, set())


@pytest.mark.parametrize(
    ("said", "more", "fault"),
    [
        ({}, {"answer": None}, ("answer", "required")),
        ({"capacity": "asleep"}, {"answer": UNABLE, "voice": GUARDIAN}, ("answer", "no_choice")),
        ({"capacity": " "}, {"answer": UNABLE}, ("capacity", "required")),
        ({"language": ""}, {}, ("language", "required")),
        ({"shares": ()}, {}, ("shares", "required")),
        ({"shares": (Share.NAME,)}, {}, ("shares", "need")),
        ({"withheld_from": "the mother"}, {}, ("withheld_why", "required")),
        ({"withheld_from": "the mother", "withheld_why": "x"}, {}, ("withheld_why", "required")),
        ({"withheld_why": "other"}, {}, ("withheld_from", "required")),
        ({"words": "w" * 4001}, {}, ("words", "too_long")),
        ({"words": "data:image/png;base64,iVBORw0KGgo"}, {}, ("words", "picture")),
        ({}, {"asked_on": None}, ("asked_on", "required")),
        ({}, {"asked_on": TODAY + timedelta(days=1)}, ("asked_on", "ahead")),
        ({}, {"ask_again_on": None}, ("ask_again_on", "required")),
        ({}, {"ask_again_on": TODAY}, ("ask_again_on", "range")),
        ({}, {"ask_again_on": TODAY + timedelta(days=367)}, ("ask_again_on", "range")),
    ],
)
def test_what_is_wrong_with_an_answer(said: dict[str, object], more: dict[str, object], fault: tuple[str, str]) -> None:
    assert judged(replace(GOOD, **said), **more)[1] == {fault}


def test_the_police_may_be_told_without_a_need() -> None:
    assert judged(replace(GOOD, shares=(Share.NAME,)), to_police=True)[1] == set()


def test_who_says_no_shares_nothing_whatever_is_ticked_and_need_not_be_asked_again() -> None:
    kept, wrong = judged(answer=NO, ask_again_on=None)

    assert (kept.shares, wrong) == ((), set())


NAMES = ["Chan Sreyneang", "ស្រីនាង", "Lin"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("The child is in danger tonight.", False),
        ("Sreyneang is in danger tonight.", True),
        ("(chan) is in danger", True),
        ("The child lines up", False),
        ("Lin.", True),
        ("កុមារី ស្រីនាង មានគ្រោះថ្នាក់", True),
        ("កុមារីស្រី\u200bនាងមានគ្រោះថ្នាក់", True),
        ("កុមារមានគ្រោះថ្នាក់", False),
    ],
)
def test_a_reason_that_others_read_names_nobody(words: str, named: bool) -> None:
    assert rules.names_somebody(words, NAMES) is named


def test_every_name_of_a_file_counts() -> None:
    file = CaseFile(name="Chan Sreyneang", other_names="Neang, Little One")

    assert rules.names_in(
        file, [Person(name="Sok Dara"), Person(name="the aunt Bopha"), Person(name="the aunt"), Person()]
    ) == [
        "Chan Sreyneang",
        "Neang",
        "Little One",
        "Sok Dara",
        "Bopha",
    ]


def decided(**more: object) -> set[tuple[str, str]]:
    known = {"basis": OverrideBasis.DANGER_NOW, "names": NAMES, "is_refused": True, "is_weighed": True, "age": 15}
    reason = more.pop("reason", Reason("It cannot wait.", (Share.NEED,)))
    return set(rules.judge_reason(reason, to_police=False, **known | more)[1])


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"basis": None}, ("basis", "required")),
        ({"basis": OverrideBasis.BEST_INTERESTS, "age": 18}, ("basis", "required")),
        ({"reason": Reason(" ", (Share.NEED,))}, ("reason", "missing")),
        ({"reason": Reason("r" * 2001, (Share.NEED,))}, ("reason", "too_long")),
        ({"reason": Reason("Lin cannot wait.", (Share.NEED,))}, ("reason", "names")),
        ({"reason": Reason("It cannot wait.", ())}, ("shares", "required")),
        ({"reason": Reason("It cannot wait.", (Share.AGE,))}, ("shares", "need")),
        ({"is_weighed": False}, ("weighed", "weighed")),
    ],
)
def test_what_is_wrong_with_a_decision(more: dict[str, object], fault: tuple[str, str]) -> None:
    assert decided(**more) == {fault}


def test_a_good_decision_has_no_fault_and_nothing_is_weighed_where_nobody_says_no() -> None:
    assert decided() == set()
    assert decided(is_refused=False, is_weighed=False) == set()


def test_what_is_sealed_reads_back() -> None:
    reason = Reason("It cannot wait.", (Share.NEED, Share.AGE))

    assert rules.read_said(rules.written(GOOD)) == GOOD
    assert rules.read_reason(rules.written(reason)) == reason
