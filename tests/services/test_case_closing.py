"""Ending a case: asked from a checklist, answered without the file, taken up again, or another's duplicate."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline import clock
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.victim_case import CaseClosure, CaseTally, VictimCase
from hotline.rules.case_closing import BY_PERSON, Check
from hotline.rules.plan_actions import Words
from hotline.services import (
    case_closing,
    case_files,
    case_links,
    case_notes,
    clocks,
    help_requests,
    plan_actions,
    victim_cases,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    CaseFigure,
    CaseOutcome,
    CaseSource,
    CaseStatus,
    CaseStep,
    Duty,
    HelpStatus,
    Need,
    NeedLevel,
    NoteKind,
    ReferralMeans,
    ReferralStatus,
    Role,
)
from tests.models.test_gate import refused
from tests.services import case_steps, consent_steps, link_steps, needs_steps
from tests.services.closing_steps import asked, boss, closed
from tests.services.test_help_requests import arrived


@pytest.fixture
def one(support: Flask) -> VictimCase:
    return case_steps.a_case()


def tallies(figure: CaseFigure) -> dict[str, int]:
    rows = db.session.execute(select(CaseTally.part, CaseTally.count).where(CaseTally.figure == figure))
    return dict(rows.all())


def test_a_case_is_closed_by_two_people(one: VictimCase) -> None:
    needs_steps.approved(one)
    closure = asked(one, CaseOutcome.NEEDS_MET)
    assert (one.status, closure.approved) == (CaseStatus.OPEN, None)

    manager = boss()
    with writing():
        case_closing.approve(closure, by=manager)

    assert (one.status, one.step) == (CaseStatus.CLOSED, CaseStep.CLOSURE)
    assert one.keep_until.isoformat() == "2036-05-30"  # the child's 25th birthday
    assert not [row for row in clocks.of(one) if row.ended_at is None]
    assert (tallies(CaseFigure.OUTCOME), tallies(CaseFigure.AGE)) == ({"needs_met": 1}, {"from_15": 1})
    assert [row.done_by.name for row in victim_cases.list_steps(one)] == ["kunthea", "kunthea"]


def test_what_is_missing_is_said_and_nothing_is_asked(one: VictimCase) -> None:
    with writing():
        plan_actions.add(one, Need.HEALTH, Words(what="call"), owner=one.officer.number, due_on=None, by=one.officer)

    with pytest.raises(Refused) as wrong, writing():
        case_closing.ask(one, CaseOutcome.NEEDS_MET, (Check.TOLD,), "", by=one.officer)

    assert dict(wrong.value.faults) == {
        "needs": "missing",
        "actions": "missing",
        "safety_plan": "missing",
        "safe_contact": "missing",
    }
    assert case_closing.waiting_of(one) is None


def test_what_the_records_contradict_cannot_be_ticked(support: Flask) -> None:
    one = case_steps.a_case(safe_when="", safe_number="", safe_answer="")

    with pytest.raises(Refused) as wrong, writing():
        case_closing.ask(one, CaseOutcome.OTHER, BY_PERSON, "", by=one.officer)

    assert dict(wrong.value.faults) == {"safe_contact": "contradicted"}


def test_a_letter_that_waits_to_leave_is_an_open_referral(support: Flask) -> None:
    found = consent_steps.family()
    consent_steps.all_agree(found)
    consent_steps.letter(found)
    assert case_closing.facts(found.one).open_referrals == 0
    consent_steps.letter(found, "RF-2", letter=b"sealed", queued_at=clock.now())

    facts = case_closing.facts(found.one)

    assert (facts.open_referrals, facts.standing_consents, facts.taken_up) == (1, 2, False)


def test_who_asked_never_answers_even_as_a_manager(support: Flask) -> None:
    both = boss("both", Role.VICTIM_SUPPORT)
    one = case_steps.a_case(by=both)
    closure = asked(one)

    with pytest.raises(Forbidden), writing():
        case_closing.approve(closure, by=both)
    with pytest.raises(Forbidden), writing():
        case_closing.give_back(closure, "why?", by=both)
    refused(
        update(CaseClosure)
        .where(CaseClosure.id == closure.id)
        .values(approved=True, decided_by_id=one.officer_id, decided_at=clock.now()),
        "two_people",
    )
    assert case_closing.sheet(closure, by=both).is_own


def test_nobody_but_a_manager_sees_what_waits(one: VictimCase) -> None:
    closure = asked(one)

    for ask_for in (case_closing.list_waiting, lambda by: case_closing.get_waiting(closure.id, by=by)):
        with pytest.raises(NotFound):
            ask_for(by=one.officer)
    assert [row.id for row in case_closing.list_waiting(by=boss())] == [closure.id]
    assert (case_closing.count_waiting(by=boss()), case_closing.count_waiting(by=one.officer)) == (1, 0)


def test_a_manager_reads_no_word_of_the_file(one: VictimCase, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_steps.approved(one, health=NeedLevel.HIGH)
    closure, manager = asked(one, CaseOutcome.NEEDS_MET), boss()

    def opened(*_: object) -> str:
        raise AssertionError("a seal was broken")

    monkeypatch.setattr(case_files, "unseal", opened)
    sheet = case_closing.sheet(closure, by=manager)

    assert all(stands for _check, stands in sheet.checks)
    assert (sheet.levels[Need.HEALTH], sheet.referrals, sheet.is_own) == (NeedLevel.HIGH, 0, False)


def test_what_was_opened_since_stops_the_closure(one: VictimCase) -> None:
    closure, manager = asked(one), boss()
    with writing():
        plan_actions.add(one, Need.HEALTH, Words(what="call"), owner=one.officer.number, due_on=None, by=one.officer)

    assert case_closing.sheet(closure, by=manager).against == (Check.ACTIONS,)
    with pytest.raises(WrongState), writing():
        case_closing.approve(closure, by=manager)
    assert one.status is CaseStatus.OPEN


def test_a_manager_gives_back_with_a_question(one: VictimCase) -> None:
    closure, manager = asked(one), boss()
    with pytest.raises(Refused), writing():
        case_closing.give_back(closure, " ", by=manager)
    with writing():
        case_closing.give_back(closure, "Does the aunt know?", by=manager)

    assert case_closing.card(one).question == "Does the aunt know?"
    assert b"aunt" not in closure.question
    again = asked(one)
    assert again.id != closure.id
    with writing():
        case_closing.approve(again, by=manager)
    assert case_closing.card(one).question == ""


def test_only_one_closure_waits_and_it_can_be_taken_back(one: VictimCase) -> None:
    asked(one)
    with pytest.raises(WrongState):
        asked(one)

    with writing():
        case_closing.take_back(one, by=one.officer)

    assert case_closing.waiting_of(one) is None
    assert asked(one).id is not None


def test_a_case_that_another_organisation_goes_on_with(one: VictimCase) -> None:
    with pytest.raises(Refused, match="goes_on:missing"):
        asked(one, CaseOutcome.MOVED_ON)
    closure, manager = asked(one, CaseOutcome.MOVED_ON, "The province's office has her from Monday."), boss()

    with writing():
        case_closing.approve(closure, by=manager)

    assert one.status is CaseStatus.TRANSFERRED
    assert case_notes.last_of(one, NoteKind.NOTE).note.said.startswith("The province")


def test_a_service_that_accepted_goes_on_with_it(support: Flask) -> None:
    found = consent_steps.family()
    consent_steps.all_agree(found)
    sent = {"means": ReferralMeans.PRINTED, "sent_at": clock.now()}
    letter = consent_steps.letter(found, **sent, status=ReferralStatus.PENDING)
    with writing():
        letter.status = ReferralStatus.DONE

    assert case_closing.facts(found.one).taken_up
    assert asked(found.one, CaseOutcome.MOVED_ON).id is not None


def test_no_case_is_handed_over_without_a_manager(one: VictimCase) -> None:
    for status in (CaseStatus.CLOSED, CaseStatus.TRANSFERRED):
        refused(
            update(VictimCase).where(VictimCase.id == one.id).values(status=status, ended_at=clock.now()),
            "this closure is not approved",
        )


def test_the_request_it_came_from_is_closed_with_it(support: Flask) -> None:
    _code, request = arrived()
    kunthea = case_steps.officer()
    with writing():
        one = victim_cases.open_case(CaseSource.HELP_REQUEST, case_steps.FILE, help_request=request, by=kunthea)

    closed(one)

    assert request.status is HelpStatus.CLOSED


def test_a_request_in_other_hands_is_left_alone(support: Flask) -> None:
    _code, request = arrived()
    kunthea = case_steps.officer()
    with writing():
        one = victim_cases.open_case(CaseSource.HELP_REQUEST, case_steps.FILE, help_request=request, by=kunthea)
        help_requests.hand_back(request, by=kunthea)

    closed(one)

    assert request.status is HelpStatus.NEW


def test_a_closed_case_is_taken_up_again(one: VictimCase) -> None:
    closed(one)
    with pytest.raises(Refused), writing():
        case_closing.reopen(one, "", by=one.officer)
    bopha = case_steps.officer("bopha")
    with writing():
        case_closing.reopen(one, "She called again.", by=bopha)

    assert (one.status, one.step, one.ended_at, one.keep_until) == (CaseStatus.OPEN, CaseStep.REVIEW, None, None)
    assert clocks.newest_of(one, Duty.REVIEW_CASE).ended_at is None
    assert case_closing.card(one).last.undone_at is not None
    refused(
        update(VictimCase).where(VictimCase.id == one.id).values(status=CaseStatus.CLOSED, ended_at=clock.now()),
        "this closure is not approved",
    )
    closed(one)
    assert (tallies(CaseFigure.OUTCOME), tallies(CaseFigure.AGE)) == ({"declined": 2}, {"from_15": 1})


def test_a_duplicate_names_the_other_case_and_its_links_go_there(support: Flask) -> None:
    one, other = case_steps.a_case(), case_steps.a_case(code_name="Jasmine")
    case_steps.somebody(one)
    asked(one)
    link = link_steps.handed()
    with writing():
        case_links.put(link, one.ref, by=one.officer)

    with writing():
        assert case_closing.mark_duplicate(one, f" {other.ref.lower()} ", by=one.officer).id == other.id

    db.session.refresh(link)
    assert (one.status, one.duplicate_of_id, link.case_id) == (CaseStatus.DUPLICATE, other.id, other.id)
    assert len(case_files.people(one)) == 1
    assert one.keep_until is not None
    assert case_closing.card(one).waiting is None
    with writing():
        case_closing.reopen(one, "They are sisters.", by=one.officer)
    assert (one.status, one.duplicate_of_id, one.step) == (CaseStatus.OPEN, None, CaseStep.REGISTRATION)


@pytest.mark.parametrize(("other", "code"), [("VC-999999", "unknown"), ("", "unknown"), ("itself", "same")])
def test_a_duplicate_needs_another_case_they_may_open(one: VictimCase, other: str, code: str) -> None:
    with pytest.raises(Refused, match=f"other:{code}"), writing():
        case_closing.mark_duplicate(one, one.ref if other == "itself" else other, by=one.officer)


def test_a_case_somebody_outside_waits_for_is_no_duplicate_yet(support: Flask) -> None:
    found, other = consent_steps.family(), case_steps.a_case(code_name="Jasmine")
    consent_steps.all_agree(found)
    letter = consent_steps.letter(found, means=ReferralMeans.PRINTED, sent_at=clock.now())
    with writing():
        letter.status = ReferralStatus.PENDING

    with pytest.raises(Refused, match="other:waits"), writing():
        case_closing.mark_duplicate(found.one, other.ref, by=found.one.officer)
