"""Victim cases: opened, found, changed, moved on; their clocks, their names and what is on record."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from hotline import clock
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.clock import Clock
from hotline.models.help_request import HelpRequest
from hotline.models.victim_case import CaseStepDone, CaseTally, VictimCase
from hotline.rules.plan_actions import Words
from hotline.services import audit, case_access, case_files, case_lists, help_requests, plan_actions, victim_cases
from hotline.services.case_lists import Wanted
from hotline.transactions import writing
from hotline.vocabulary import CaseFigure, CaseSource, CaseStep, ClockEnd, Duty, HelpStatus, Need, Risk, Subject
from tests.services import case_steps, steps
from tests.services.case_steps import FILE


def running(one: VictimCase) -> dict[Duty, Clock]:
    return {found.duty: found for found in victim_cases.list_clocks(one)}


def test_a_case_begins_with_its_clock_its_step_and_its_figure(support: Flask) -> None:
    one = case_steps.a_case(source=CaseSource.TELEPHONE, risk=Risk.HIGH)

    assert one.ref.startswith("VC-")
    assert (one.step, one.version, one.risk) == (CaseStep.REGISTRATION, 1, Risk.HIGH)
    assert running(one)[Duty.FIRST_CONTACT].due_at - one.opened_at == timedelta(hours=3)
    [step] = victim_cases.list_steps(one)
    assert (step.step, step.done_at) == (CaseStep.REGISTRATION, None)
    [tally] = db.session.scalars(select(CaseTally))
    assert (tally.figure, tally.part, tally.count) == (CaseFigure.OPENED, "telephone", 1)


def test_nothing_of_a_file_stands_in_the_store_or_the_trail(support: Flask) -> None:
    one = case_steps.a_case()
    with writing():
        victim_cases.change_file(one, replace(FILE, place="a quiet lane"), version=1, by=one.officer)

    tables = ("victim_cases", "case_names", "case_notes", "audit_entries", "clocks")
    kept = " ".join(str(db.session.execute(text(f"SELECT * FROM {table}")).all()) for table in tables)  # noqa: S608
    for secret in (FILE.name, "Sreyneang", FILE.story, FILE.safe_number, "a quiet lane", FILE.code_name):
        assert secret not in kept


def test_two_words_of_the_same_quarter_count_twice(support: Flask) -> None:
    case_steps.a_case()
    case_steps.a_case()

    assert db.session.scalars(select(CaseTally.count)).all() == [2]


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("code_name", " ", "required"),
        ("sex", "unsaid", "unknown"),
        ("province", "KH-99", "unknown"),
        ("born_on", "2011-13-30", "unknown"),
        ("born_on", "2999-01-01", "unknown"),
        ("age", "eleven", "number"),
        ("story", "x" * 8_001, "too_long"),
        ("name", "x" * 301, "too_long"),
        ("story", "data:image/png;base64,AAAA", "picture"),
    ],
)
def test_a_file_with_a_fault_opens_no_case(support: Flask, field: str, typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        case_steps.a_case(**{field: typed})

    assert refused.value.faults == ((field, code),)
    assert db.session.scalar(select(VictimCase.id)) is None


def test_only_victim_support_opens_a_case(support: Flask) -> None:
    with pytest.raises(NotFound):
        case_steps.a_case(by=steps.team()[0])


def test_a_case_is_its_officers_alone(support: Flask) -> None:
    one, other = case_steps.a_case(), case_steps.officer("bopha")

    assert case_files.get(one.ref, by=one.officer) is one
    with pytest.raises(NotFound):
        case_files.get(one.ref, by=other)


def test_a_read_is_on_record_before_the_file_is_there(support: Flask) -> None:
    one = case_steps.a_case()

    file = case_files.read(one, by=one.officer)

    db.session.rollback()
    assert (file.name, file.safe_never) == (FILE.name, FILE.safe_never)
    assert [entry.action for entry in audit.history(case_files.subject(one))] == ["opened case", "read"]


# --- From a request for help


def a_request() -> HelpRequest:
    found = HelpRequest(
        ref="H-234567",
        inbox_id=b"i" * 16,
        receipt_tag=b"t" * 32,
        body=b"sealed",
        contact=None,
        status=HelpStatus.NEW,
        received_at=clock.this_hour(),
    )
    with writing():
        db.session.add(found)
    return found


def test_a_request_for_help_has_one_case_and_is_taken_with_it(support: Flask) -> None:
    asked, by = a_request(), case_steps.officer()
    with writing():
        one = victim_cases.open_case(CaseSource.HELP_REQUEST, FILE, help_request=asked, by=by)

    assert (asked.status, asked.taken_by_id) == (HelpStatus.TAKEN, by.id)
    assert victim_cases.of_request(asked, by=by) is one
    with pytest.raises(WrongState), writing():
        victim_cases.open_case(CaseSource.HELP_REQUEST, FILE, help_request=asked, by=by)


def test_a_request_in_other_hands_stays_there(support: Flask) -> None:
    asked, other = a_request(), case_steps.officer("bopha")
    with writing():
        asked.status, asked.taken_by_id = HelpStatus.TAKEN, other.id

    with pytest.raises(WrongState), writing():
        victim_cases.open_case(CaseSource.HELP_REQUEST, FILE, help_request=asked, by=case_steps.officer())


def of_a_request() -> VictimCase:
    asked = a_request()
    with writing():
        return victim_cases.open_case(CaseSource.HELP_REQUEST, FILE, help_request=asked, by=case_steps.officer())


def test_a_request_with_a_case_is_there_for_those_who_may_open_the_case(support: Flask) -> None:
    one, other = of_a_request(), case_steps.officer("bopha")
    asked = one.help_request
    assert asked is not None
    for look in (lambda: help_requests.get(asked.ref, by=other), lambda: help_requests.read(asked, by=other)):
        with pytest.raises(NotFound):
            look()

    (row,) = help_requests.list_requests(by=other).rows
    assert (row.officer, row.language) == (one.officer.name, None)
    assert help_requests.case_of_others(asked.ref, by=other) is one
    assert help_requests.list_requests(by=one.officer).rows[0].officer is None
    assert help_requests.case_of_others(asked.ref, by=one.officer) is None

    with writing():
        case_access.open_for_reason(one.ref, "it cannot wait", by=other)
    assert help_requests.get(asked.ref, by=other) is asked


def test_what_waits_in_a_case_of_somebody_else_is_not_counted(support: Flask) -> None:
    asked, other = of_a_request().help_request, case_steps.officer("bopha")
    assert asked is not None
    with writing():
        asked.status = HelpStatus.NEW

    assert [help_requests.counts(by=who).new for who in (case_steps.officer(), other)] == [1, 0]


def test_a_case_goes_into_other_hands_with_its_request_and_its_plan(support: Flask) -> None:
    one, before, after = of_a_request(), case_steps.officer(), case_steps.officer("bopha")
    with writing():
        action = plan_actions.add(one, Need.SAFETY, Words("call"), owner=before.number, due_on=None, by=before)
        seen = action.version
        case_access.hand_over(one, after.number, by=before)

    asked = one.help_request
    assert asked is not None
    assert (asked.status, asked.taken_by_id) == (HelpStatus.TAKEN, after.id)
    assert (action.owner_id, action.version) == (after.id, seen + 1)
    assert audit.count(case_files.subject(one), plan_actions.PASSED) == 1


def test_what_is_taken_back_is_taken_back_however_often_it_was_given(support: Flask) -> None:
    one, by, other = case_steps.a_case(), case_steps.officer(), case_steps.officer("bopha")
    with writing():
        for why in ("leave", "again"):
            case_access.share(one, other.number, why, until=None, by=by)
        action = plan_actions.add(one, Need.SAFETY, Words("call"), owner=other.number, due_on=None, by=by)
    with writing():
        case_access.take_back(one, case_access.list_given(one)[0].row.id, by=by)

    assert not case_access.may_open(one, by=other)
    assert not any(each.stands for each in case_access.list_given(one))
    assert action.owner_id == by.id


# --- The file


def test_a_changed_file_counts_its_versions(support: Flask) -> None:
    one = case_steps.a_case()

    with writing():
        victim_cases.change_file(one, replace(FILE, school="at home"), version=1, by=one.officer)

    assert (one.version, case_files.opened(one).school) == (2, "at home")
    entry = audit.history(case_files.subject(one))[-1]
    assert (entry.action, entry.details) == ("changed file", '{"fields": 1, "version": 2}')


def test_of_two_who_change_a_file_the_second_is_told(support: Flask) -> None:
    one = case_steps.a_case()
    with writing():
        victim_cases.change_file(one, replace(FILE, school="first"), version=1, by=one.officer)

    with pytest.raises(Overtaken), writing():
        victim_cases.change_file(one, replace(FILE, school="second"), version=1, by=one.officer)

    assert case_files.opened(one).school == "first"


def test_what_other_systems_call_the_child_stays_when_the_file_is_changed(support: Flask) -> None:
    one = case_steps.a_case()
    with writing():
        victim_cases.change_file(one, replace(FILE, outside_ids={"primero": "7"}), version=1, by=one.officer)
    with writing():
        victim_cases.change_file(one, replace(FILE, school="at home"), version=2, by=one.officer)

    assert case_files.opened(one).outside_ids == {"primero": "7"}


# --- Names


@pytest.mark.parametrize("typed", ["Sreyneang Chan", "CHAN sreyneang", "sreyneang", "Lotus", "Neang", "neang  srey"])
def test_a_case_is_found_by_a_name_however_it_is_written(support: Flask, typed: str) -> None:
    one = case_steps.a_case(other_names="Neang, Srey Neang")

    with writing():
        found = case_lists.find(typed, by=one.officer)

    assert [(row.case.ref, row.code_name) for row in found] == [(one.ref, "Lotus")]
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last
    assert (last.action, last.details) == ("searched by name", '{"count": 1}')


def test_a_khmer_name_is_found_with_and_without_the_spaces_that_nobody_sees(support: Flask) -> None:
    one = case_steps.a_case(name="ចាន់\u200bស្រីនាង")

    with writing():
        assert [row.case.id for row in case_lists.find("ចាន់ស្រីនាង", by=one.officer)] == [one.id]


def test_an_old_name_finds_nothing_any_more(support: Flask) -> None:
    one = case_steps.a_case()
    with writing():
        victim_cases.change_file(one, replace(FILE, name="Sok Dara"), version=1, by=one.officer)

    with writing():
        assert case_lists.find("Sreyneang", by=one.officer) == []
        assert len(case_lists.find("Dara", by=one.officer)) == 1


def test_a_name_finds_no_case_of_somebody_else(support: Flask) -> None:
    other = case_steps.officer("bopha")
    case_steps.a_case()

    with writing():
        assert case_lists.find("Sreyneang", by=other) == []


def test_a_reference_finds_anothers_case_and_nothing_of_it(support: Flask) -> None:
    one, other = case_steps.a_case(), case_steps.officer("bopha")

    with writing():
        [row] = case_lists.find(one.ref.lower(), by=other)

    assert (row.case.ref, row.code_name) == (one.ref, None)


def test_the_same_whole_name_in_another_case_is_pointed_out(support: Flask) -> None:
    first, other = case_steps.a_case(), case_steps.a_case(name="Sreyneang Chan", by=case_steps.officer("bopha"))
    case_steps.a_case(name="Sreyneang")

    found = victim_cases.list_alike(first, case_files.opened(first), by=first.officer)

    db.session.rollback()
    assert found == [other]
    (entry,) = audit.of_action(case_files.subject(other), victim_cases.POINTED_OUT)
    assert (entry.actor, first.ref in (entry.details or "")) == (first.officer.number, True)


# --- Steps and risk


def test_a_step_begins_its_clock_and_the_next_one_ends_it(support: Flask) -> None:
    one = case_steps.a_case(risk=Risk.MEDIUM)
    with writing():
        victim_cases.advance(one, CaseStep.ASSESSMENT, by=one.officer)
    assert running(one)[Duty.ASSESS_NEEDS].due_at - clock.now() > timedelta(days=2, hours=23)

    with writing():
        victim_cases.advance(one, CaseStep.PLAN, by=one.officer)

    assert {Duty.FIRST_CONTACT, Duty.ASSESS_NEEDS, Duty.PLAN_HELP} == set(running(one))  # nobody has approved needs
    passed = [(row.step, row.done_by_id) for row in victim_cases.list_steps(one)]
    assert passed == [
        (CaseStep.REGISTRATION, one.officer_id),
        (CaseStep.ASSESSMENT, one.officer_id),
        (CaseStep.PLAN, None),
    ]


def test_help_is_looked_at_again_and_again(support: Flask) -> None:
    one = case_steps.a_case(risk=Risk.HIGH)
    for step in (CaseStep.IMPLEMENTATION, CaseStep.REVIEW, CaseStep.IMPLEMENTATION):
        with writing():
            victim_cases.advance(one, step, by=one.officer)

    reviews = db.session.scalars(select(Clock.ending).where(Clock.duty == Duty.REVIEW_CASE).order_by(Clock.id)).all()
    assert reviews == [ClockEnd.MET, None]


def test_a_step_back_ends_the_clock_without_praise(support: Flask) -> None:
    one = case_steps.a_case()
    for step in (CaseStep.PLAN, CaseStep.ASSESSMENT):
        with writing():
            victim_cases.advance(one, step, by=one.officer)

    assert db.session.scalars(select(Clock.ending).where(Clock.duty == Duty.PLAN_HELP)).all() == [ClockEnd.VOID]
    assert Duty.ASSESS_NEEDS in running(one)


def test_a_case_does_not_begin_the_step_it_stands_at(support: Flask) -> None:
    one = case_steps.a_case()

    with pytest.raises(WrongState), writing():
        victim_cases.advance(one, CaseStep.REGISTRATION, by=one.officer)

    assert len(db.session.scalars(select(CaseStepDone)).all()) == 1


def test_a_greater_risk_shortens_what_runs_and_says_why(support: Flask) -> None:
    one = case_steps.a_case(risk=Risk.LOW)
    before = running(one)[Duty.FIRST_CONTACT].due_at

    with writing():
        victim_cases.change_risk(one, Risk.HIGH, "he knows the house", by=one.officer)

    assert before - running(one)[Duty.FIRST_CONTACT].due_at > timedelta(days=2)
    assert one.risk == Risk.HIGH
    assert audit.history(case_files.subject(one))[-1].details == '{"after": 1, "before": 3}'


def test_a_smaller_risk_gives_no_more_time_to_what_runs(support: Flask) -> None:
    one = case_steps.a_case(risk=Risk.HIGH)
    before = running(one)[Duty.FIRST_CONTACT].due_at

    with writing():
        victim_cases.change_risk(one, Risk.LOW, "he is away", by=one.officer)

    assert running(one)[Duty.FIRST_CONTACT].due_at == before


@pytest.mark.parametrize(("risk", "reason", "field"), [(Risk.HIGH, "why", "risk"), (Risk.LOW, " ", "reason")])
def test_a_risk_is_changed_for_a_reason(support: Flask, risk: Risk, reason: str, field: str) -> None:
    one = case_steps.a_case(risk=Risk.HIGH)

    with pytest.raises(Refused, match=field), writing():
        victim_cases.change_risk(one, risk, reason, by=one.officer)


# --- Lists


def test_a_list_is_read_page_by_page_in_one_order(support: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_lists, "PAGE", 2)
    by = case_steps.officer()
    low, high, medium = (case_steps.a_case(risk=risk).ref for risk in (Risk.LOW, Risk.HIGH, Risk.MEDIUM))

    first = case_lists.list_page(Wanted(), by=by)
    second = case_lists.list_page(Wanted(after=first.next), by=by)

    assert [row.case.ref for row in first.rows] == [high, medium]
    assert ([row.case.ref for row in second.rows], second.next) == ([low], "")


def test_a_list_of_ones_own_leaves_others_cases_out(support: Flask) -> None:
    mine, other = case_steps.a_case(), case_steps.a_case(by=case_steps.officer("bopha"))

    own = case_lists.list_page(Wanted(), by=mine.officer)
    everybodys = case_lists.list_page(Wanted(everybodys=True), by=mine.officer)

    assert [row.case.ref for row in own.rows] == [mine.ref]
    assert [(row.case.ref, row.code_name) for row in everybodys.rows] == [(mine.ref, "Lotus"), (other.ref, None)]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(risk=Risk.LOW), 1),
        (Wanted(step=CaseStep.PLAN), 1),
        (Wanted(step=CaseStep.REVIEW), 0),
        (Wanted(everybodys=True, officer="A-99"), 0),
    ],
)
def test_a_list_is_narrowed(support: Flask, wanted: Wanted, count: int) -> None:
    low = case_steps.a_case(risk=Risk.LOW)
    case_steps.a_case()
    with writing():
        victim_cases.advance(low, CaseStep.PLAN, by=low.officer)

    assert len(case_lists.list_page(wanted, by=low.officer).rows) == count


def test_a_row_bears_the_clock_that_runs_out_first(support: Flask) -> None:
    one = case_steps.a_case(risk=Risk.HIGH)
    with writing():
        victim_cases.advance(one, CaseStep.ASSESSMENT, by=one.officer)

    [row] = case_lists.list_page(Wanted(), by=one.officer).rows

    assert row.due_at == running(one)[Duty.FIRST_CONTACT].due_at


def test_who_has_how_many_is_told_with_what_is_late(support: Flask) -> None:
    late, other = case_steps.a_case(), case_steps.officer("bopha")
    case_steps.a_case(risk=Risk.LOW)
    with writing():
        running(late)[Duty.FIRST_CONTACT].due_at = clock.now() - timedelta(hours=1)

    loads = {load.officer.id: (load.open, load.high, load.late) for load in case_lists.list_loads()}

    assert loads[late.officer_id] == (2, 1, 1)
    assert loads[other.id] == (0, 0, 0)


def test_what_a_manager_sees_of_cases_opens_nothing(support: Flask) -> None:
    one = case_steps.a_case()

    [row] = case_lists.list_managed(Wanted(), by=steps.team()[2]).rows

    assert (row.case.ref, row.code_name) == (one.ref, None)
    assert [entry.action for entry in audit.history(case_files.subject(one))] == ["opened case"]
    assert not audit.history(case_lists.SUBJECT)


def test_the_clock_of_a_case_is_named_after_it(support: Flask) -> None:
    one = case_steps.a_case()

    assert {(found.subject, found.subject_id) for found in victim_cases.list_clocks(one)} == {
        (Subject.VICTIM_CASE, one.id)
    }
