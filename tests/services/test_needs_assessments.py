"""Needs assessments: written by several, handed in whole, approved by who wrote nothing in them, frozen."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from hotline import clock
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import Staff
from hotline.models.needs_assessment import NeedFound, NeedsAssessment
from hotline.models.victim_case import CaseTally, VictimCase
from hotline.rules.needs import Finding, Trend
from hotline.services import audit, clocks, needs_assessments, question_sets, staff
from hotline.transactions import writing
from hotline.vocabulary import (
    AssessmentState,
    CaseFigure,
    ClockEnd,
    Duty,
    Need,
    NeedLevel,
    Risk,
    Role,
)
from tests.services import case_steps, needs_steps

pytestmark = pytest.mark.usefixtures("support")
HIGH, MEDIUM, LOW, NONE, UNKNOWN = (
    NeedLevel.HIGH,
    NeedLevel.MEDIUM,
    NeedLevel.LOW,
    NeedLevel.NONE,
    NeedLevel.UNKNOWN,
)


def manager() -> Staff:
    return next(one for one in staff.list_staff() if one.has(Role.MANAGER))


def duty(one: VictimCase) -> ClockEnd | None:
    """Return how the duty to assess ended; None while it runs."""
    found = clocks.newest_of(one, Duty.ASSESS_NEEDS)
    assert found is not None
    return found.ending


def counted() -> dict[str, int]:
    query = select(CaseTally).where(CaseTally.figure == CaseFigure.NEED)
    return {one.part: one.count for one in db.session.scalars(query)}


def test_what_is_written_is_sealed_and_read_again() -> None:
    one = case_steps.a_case()
    row = needs_steps.filled(one, safety=HIGH)

    shown = needs_assessments.opened(row)

    assert shown.written.of(Need.SAFETY).known == "quiet words of safety"
    assert shown.levels[Need.SAFETY] is HIGH
    stored = str(db.session.execute(text("SELECT * FROM needs_assessments")).all())
    told = str(db.session.execute(text("SELECT * FROM audit_entries")).all())
    assert "quiet" not in stored + told
    assert "aunt" not in stored + told


def test_two_write_in_two_domains_and_lose_nothing() -> None:
    one = case_steps.a_case()
    row, other = needs_steps.begun(one), needs_steps.colleague(one)

    with writing():
        needs_assessments.save(row, Need.HEALTH, LOW, Finding(known="a"), seen=0, by=one.officer)
    with writing():
        needs_assessments.save(row, Need.LEGAL, "", Finding(known="b"), seen=0, by=other)

    words = needs_assessments.opened(row).written
    assert (words.of(Need.HEALTH).known, words.of(Need.LEGAL).known) == ("a", "b")
    assert needs_assessments.levels_of(row) == {Need.HEALTH: LOW}


def test_two_who_write_in_one_domain_do_not_overwrite_each_other() -> None:
    one = case_steps.a_case()
    row, other = needs_steps.begun(one), needs_steps.colleague(one)
    with writing():
        needs_assessments.save(row, Need.HEALTH, LOW, Finding(known="first"), seen=0, by=one.officer)

    with pytest.raises(Overtaken), writing():
        needs_assessments.save(row, Need.HEALTH, HIGH, Finding(known="second"), seen=0, by=other)

    assert needs_assessments.opened(row).written.of(Need.HEALTH).known == "first"
    with pytest.raises(Overtaken), writing():
        needs_assessments.save_about(row, "who", row.assessed_on, seen=7, by=other)


def test_a_level_can_be_taken_back_while_it_is_written() -> None:
    one = case_steps.a_case()
    row = needs_steps.begun(one)

    for seen, level in enumerate((LOW, HIGH, "")):
        with writing():
            needs_assessments.save(row, Need.HEALTH, level, Finding(), seen=seen, by=one.officer)

    assert needs_assessments.levels_of(row) == {}
    assert db.session.scalars(select(NeedFound)).all() == []


@pytest.mark.parametrize(
    ("level", "typed", "fault"),
    [
        ("dreadful", Finding(), ("level", "required")),
        (LOW, Finding(known="x" * 4001), ("known", "too_long")),
        (LOW, Finding(answers=("data:image/png;base64," + "A" * 2000,)), ("answer-0", "picture")),
    ],
)
def test_what_cannot_be_kept_is_refused(level: str, typed: Finding, fault: tuple[str, str]) -> None:
    one = case_steps.a_case()
    row = needs_steps.begun(one)

    with pytest.raises(Refused) as refusal, writing():
        needs_assessments.save(row, Need.HEALTH, level, typed, seen=0, by=one.officer)

    assert refusal.value.faults == (fault,)


@pytest.mark.parametrize(("on", "code"), [(None, "required"), (date(2999, 1, 1), "ahead")])
def test_it_is_made_on_a_day_that_was(on: date | None, code: str) -> None:
    one = case_steps.a_case()
    row = needs_steps.begun(one)

    with pytest.raises(Refused) as refusal, writing():
        needs_assessments.save_about(row, "who", on, seen=0, by=one.officer)

    assert refusal.value.faults == (("assessed_on", code),)


def test_it_is_handed_in_whole_or_not_at_all() -> None:
    one = case_steps.a_case()
    row = needs_steps.begun(one)

    with pytest.raises(Refused) as refusal, writing():
        needs_assessments.submit(row, by=one.officer)

    assert ("with_whom", "required") in refusal.value.faults
    assert {field for field, code in refusal.value.faults if code == "required"} >= {f"need-{one}" for one in Need}
    assert row.state is AssessmentState.DRAFT


def test_while_one_is_in_hand_nobody_begins_another() -> None:
    one = case_steps.a_case()
    needs_steps.begun(one)

    with pytest.raises(WrongState):
        needs_steps.begun(one)


def test_the_duty_to_assess_is_met_with_the_approval() -> None:
    one = case_steps.a_case()
    row, other = needs_steps.submitted(one), needs_steps.colleague(one)
    assert duty(one) is None

    with writing():
        needs_assessments.approve(row, seen=row.version, by=other)

    assert duty(one) is ClockEnd.MET


def test_whoever_wrote_in_it_does_not_approve_it() -> None:
    one = case_steps.a_case()
    other = needs_steps.colleague(one)
    row = needs_steps.filled(one, by=other)
    with writing():
        needs_assessments.submit(row, by=one.officer)

    for person in (one.officer, other):
        assert not needs_assessments.may_decide(row, by=person)
        with pytest.raises(Forbidden), writing():
            needs_assessments.approve(row, seen=row.version, by=person)
        with pytest.raises(Forbidden), writing():
            needs_assessments.give_back(row, "why?", seen=row.version, by=person)
    third = needs_steps.colleague(one, "chenda")
    with writing():
        needs_assessments.approve(row, seen=row.version, by=third)
    assert row.approved_by == third


def test_a_manager_approves_by_the_levels() -> None:
    one = case_steps.a_case()
    row = needs_steps.submitted(one, legal=HIGH)
    person = manager()

    [waiting] = needs_assessments.list_waiting(by=person)
    assert (waiting.row, waiting.may_open, waiting.is_own) == (row, False, False)
    with writing():
        needs_assessments.approve(needs_assessments.get_waiting(row.id, by=person), seen=row.version, by=person)

    assert row.state is AssessmentState.APPROVED
    assert needs_assessments.list_waiting(by=person) == []


def test_an_analyst_approves_nothing_and_sees_nothing() -> None:
    one = case_steps.a_case()
    row = needs_steps.submitted(one)
    analyst = next(person for person in staff.list_staff() if person.has(Role.ANALYST) and not person.has(Role.MANAGER))

    assert needs_assessments.list_waiting(by=analyst) == []
    assert needs_assessments.count_waiting(by=analyst) == 0
    with pytest.raises(NotFound):
        needs_assessments.get_waiting(row.id, by=analyst)
    with pytest.raises(Forbidden), writing():
        needs_assessments.approve(row, seen=row.version, by=analyst)


def test_victim_support_sees_what_waits_in_cases_they_may_open() -> None:
    one = case_steps.a_case()
    row = needs_steps.submitted(one)
    stranger, other = case_steps.officer("chenda"), needs_steps.colleague(one)

    assert needs_assessments.list_waiting(by=stranger) == []
    assert [(found.row, found.may_open) for found in needs_assessments.list_waiting(by=other)] == [(row, True)]
    assert (needs_assessments.count_waiting(by=other), needs_assessments.count_waiting(by=one.officer)) == (1, 0)


def test_what_is_overdue_comes_first() -> None:
    late, calm = case_steps.a_case(risk=Risk.LOW), case_steps.a_case(risk=Risk.LOW)
    first, second = needs_steps.submitted(calm), needs_steps.submitted(late)
    with writing():
        clocks.fall_due(late, Duty.ASSESS_NEEDS, clock.now() - timedelta(hours=1))

    assert [one.row for one in needs_assessments.list_waiting(by=manager())] == [second, first]


def test_what_was_changed_since_is_not_approved() -> None:
    one = case_steps.a_case()
    row = needs_steps.submitted(one)
    seen, other = row.version, needs_steps.colleague(one)
    with writing():
        needs_assessments.take_back(row, by=one.officer)
    with pytest.raises(WrongState), writing():
        needs_assessments.approve(row, seen=seen, by=other)
    with writing():
        needs_assessments.submit(row, by=one.officer)

    with pytest.raises(Overtaken), writing():
        needs_assessments.approve(row, seen=seen, by=other)


def test_it_is_given_back_with_a_question_and_comes_again() -> None:
    one = case_steps.a_case()
    row, person = needs_steps.submitted(one), manager()
    with pytest.raises(Refused) as refusal, writing():
        needs_assessments.give_back(row, " ", seen=row.version, by=person)
    assert refusal.value.faults == (("question", "required"),)

    with writing():
        needs_assessments.give_back(row, "Why is health low?", seen=row.version, by=person)

    assert needs_assessments.opened(row).question == "Why is health low?"
    assert duty(one) is None
    with writing():
        needs_assessments.submit(row, by=one.officer)
    with writing():
        needs_assessments.approve(row, seen=row.version, by=person)
    assert row.state is AssessmentState.APPROVED


def test_an_approved_one_stays_as_it_is() -> None:
    one = case_steps.a_case()
    row = needs_steps.approved(one)

    for change in (
        lambda: needs_assessments.save(row, Need.HEALTH, HIGH, Finding(), seen=1, by=one.officer),
        lambda: needs_assessments.save_about(row, "who", row.assessed_on, seen=1, by=one.officer),
        lambda: needs_assessments.submit(row, by=one.officer),
        lambda: needs_assessments.take_back(row, by=one.officer),
        lambda: needs_assessments.discard(row, by=one.officer),
    ):
        with pytest.raises(WrongState), writing():
            change()


def test_assessing_again_shows_how_needs_went() -> None:
    one = case_steps.a_case()
    needs_steps.approved(one, health=HIGH, legal=LOW, safety=UNKNOWN)
    row = needs_steps.begun(one)
    assert needs_assessments.levels_of(row) == {}
    assert needs_assessments.opened(row).written.of(Need.HEALTH).known == "quiet words of health"
    assert duty(one) is None
    with writing():
        needs_assessments.discard(row, by=one.officer)
    assert duty(one) is ClockEnd.VOID

    needs_steps.approved(one, by=manager(), health=MEDIUM, legal=HIGH, safety=LOW)

    card = needs_assessments.card(one)
    assert card.last is not None
    went = {line.need: line.trend for line in card.last.lines}
    assert went[Need.HEALTH] is Trend.DOWN
    assert went[Need.LEGAL] is Trend.UP
    assert went[Need.SAFETY] is Trend.OPEN
    assert went[Need.SHELTER] is Trend.SAME
    assert (card.current, card.due) == (None, None)
    assert len(needs_assessments.list_approved(one)) == 2


def test_a_need_is_counted_once_a_case_when_it_is_approved() -> None:
    one = case_steps.a_case()
    row = needs_steps.submitted(one, health=HIGH, legal=MEDIUM, family=LOW)
    assert counted() == {}
    with writing():
        needs_assessments.approve(row, seen=row.version, by=manager())
    needs_steps.approved(one, by=manager(), health=MEDIUM, shelter=HIGH)

    assert counted() == {"health": 1, "legal": 1, "shelter": 1}


def test_a_draft_that_was_never_handed_in_may_go() -> None:
    one = case_steps.a_case()
    row = needs_steps.filled(one)

    with writing():
        needs_assessments.discard(row, by=one.officer)

    assert db.session.scalars(select(NeedsAssessment)).all() == []
    assert db.session.scalars(select(NeedFound)).all() == []
    assert duty(one) is None  # it is still to be assessed


def test_what_was_once_handed_in_is_not_dropped() -> None:
    one = case_steps.a_case()
    row = needs_steps.submitted(one)
    with writing():
        needs_assessments.take_back(row, by=one.officer)
    assert row.state is AssessmentState.DRAFT

    with pytest.raises(WrongState), writing():
        needs_assessments.discard(row, by=one.officer)
    with writing():
        db.session.execute(text("DELETE FROM needs_found"))
    with pytest.raises(DatabaseError), writing():
        db.session.execute(text("DELETE FROM needs_assessments"))

    assert db.session.scalars(select(NeedsAssessment.id)).all() == [row.id]


def test_a_number_does_not_come_again() -> None:
    one, other = case_steps.a_case(), case_steps.a_case()
    row = needs_steps.begun(one)
    number = row.id
    with writing():
        needs_assessments.discard(row, by=one.officer)

    again = needs_steps.begun(other)

    assert again.id > number
    assert needs_assessments.subject(again) == f"assessment {again.id} of {other.ref}"


def test_what_one_wrote_in_does_not_wait_for_one() -> None:
    one = case_steps.a_case()
    other = needs_steps.colleague(one)
    row = needs_steps.filled(one, by=other)
    with writing():
        needs_assessments.submit(row, by=one.officer)

    assert needs_assessments.count_waiting(by=other) == 0
    assert needs_assessments.list_waiting(by=other)[0].is_own
    assert needs_assessments.count_waiting(by=manager()) == 1


def test_it_keeps_the_questions_it_began_with() -> None:
    one, person = case_steps.a_case(), manager()
    row = needs_steps.begun(one)
    asked = dict(question_sets.in_force().questions) | {Need.HEALTH: ({"en": "One?", "km": "មួយ?"},)}
    with writing():
        question_sets.publish(asked, "clearer", based_on=0, by=person)

    with writing():
        needs_assessments.save(row, Need.HEALTH, "", Finding(answers=("a", "b", "c", "d")), seen=0, by=one.officer)

    assert row.questions_version == 0
    assert needs_assessments.opened(row).written.of(Need.HEALTH).answers == ("a", "b", "c")


def test_an_assessment_is_found_in_its_own_case_only(support: Flask) -> None:
    one, other = case_steps.a_case(), case_steps.a_case()
    row = needs_steps.begun(one)

    assert needs_assessments.get(one, row.id) == row
    with pytest.raises(NotFound):
        needs_assessments.get(other, row.id)


def test_the_trail_says_what_was_done_by_number_and_not_a_word() -> None:
    one = case_steps.a_case()
    row = needs_steps.approved(one, health=HIGH)

    entries = audit.history(f"case {one.ref}")

    done = [entry for entry in entries if "assessment" in entry.action]
    assert [entry.action for entry in done] == ["began assessment", "handed in assessment", "approved assessment"]
    assert all(f'"assessment":{row.id}' in (entry.details or "").replace(" ", "") for entry in done)
