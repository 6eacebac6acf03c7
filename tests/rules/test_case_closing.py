"""The checklist: what records show, what they contradict, and what has to stand."""

from dataclasses import replace

import pytest

from hotline.rules import case_closing
from hotline.rules.case_closing import BY_PERSON, BY_RECORDS, Check, Facts
from hotline.vocabulary import CaseOutcome, CaseStatus

CLEAN = Facts(True, 0, 0, 0, 0, has_safe_contact=True, taken_up=False)


def judge(facts: Facts = CLEAN, outcome: CaseOutcome = CaseOutcome.NEEDS_MET, ticked=BY_PERSON, reason: str = ""):
    return case_closing.judge(facts, outcome, ticked, reason=reason)


def test_a_case_with_everything_seen_to_may_be_closed() -> None:
    assert judge() == ((*BY_RECORDS, *BY_PERSON), ())


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"assessed": False}, Check.NEEDS),
        ({"open_referrals": 1}, Check.REFERRALS),
        ({"open_actions": 1}, Check.ACTIONS),
        ({"open_packages": 1}, Check.POLICE),
    ],
)
def test_what_the_records_show_nobody_ticks(changes: dict[str, object], check: Check) -> None:
    stands, faults = judge(replace(CLEAN, **changes), ticked=tuple(Check))

    assert check not in stands
    assert faults == ((str(check), "missing"),)


def test_what_the_records_contradict_cannot_be_ticked() -> None:
    stands, faults = judge(replace(CLEAN, has_safe_contact=False))

    assert Check.SAFE_CONTACT not in stands
    assert faults == (("safe_contact", "contradicted"),)


def test_standing_consents_are_noted_by_a_person() -> None:
    standing = replace(CLEAN, standing_consents=2)

    assert judge(standing)[1] == ()
    assert judge(standing, ticked=(Check.TOLD, Check.SAFETY_PLAN, Check.SAFE_CONTACT))[1] == (("consents", "missing"),)


def test_who_cannot_be_reached_is_told_nothing() -> None:
    stands, faults = judge(replace(CLEAN, assessed=False), CaseOutcome.OUT_OF_REACH, ticked=())

    assert (stands, faults) == ((Check.REFERRALS, Check.ACTIONS, Check.POLICE, Check.CONSENTS), ())


@pytest.mark.parametrize("outcome", CaseOutcome)
def test_nothing_open_is_left_behind_however_it_ends(outcome: CaseOutcome) -> None:
    left = Facts(True, 1, 1, 1, 0, has_safe_contact=True, taken_up=True)

    assert {field for field, _code in judge(left, outcome)[1]} == {"referrals", "actions", "police"}


def test_another_organisation_goes_on_by_a_referral_or_a_reason() -> None:
    assert judge(CLEAN, CaseOutcome.MOVED_ON)[1] == (("goes_on", "missing"),)
    assert judge(CLEAN, CaseOutcome.MOVED_ON, ticked=(*BY_PERSON, Check.GOES_ON))[1] == (("goes_on", "missing"),)
    assert judge(CLEAN, CaseOutcome.MOVED_ON, reason="they wrote")[1] == ()
    assert judge(replace(CLEAN, taken_up=True), CaseOutcome.MOVED_ON)[1] == ()


def test_a_list_is_read_as_it_was_written() -> None:
    assert case_closing.read(case_closing.written(BY_PERSON) + " once_asked") == set(BY_PERSON)


@pytest.mark.parametrize("outcome", CaseOutcome)
def test_who_moved_on_is_transferred(outcome: CaseOutcome) -> None:
    moved = outcome is CaseOutcome.MOVED_ON
    assert case_closing.status_after(outcome) is (CaseStatus.TRANSFERRED if moved else CaseStatus.CLOSED)
