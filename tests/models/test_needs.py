"""Needs: what the database itself refuses, whatever our code may do."""

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from hotline import clock
from hotline.extensions import db
from hotline.models import Staff
from hotline.models.needs_assessment import NeedFound, NeedsAssessment, PlanAction, QuestionSet
from hotline.models.victim_case import CaseErasure, RetentionPolicy, VictimCase
from hotline.transactions import writing
from hotline.vocabulary import AssessmentState, CaseSource, CaseStatus, Need, NeedLevel
from tests.models.test_gate import refused, write

FROZEN, UNERASED = "this record is frozen", "its case is not erased"


def people() -> tuple[int, int]:
    first, second = db.session.scalars(select(Staff.id).order_by(Staff.id).limit(2))
    return first, second


@pytest.fixture
def case_id(office: Flask) -> int:
    return a_case("VC-222222")


def a_case(ref: str) -> int:
    one = people()[0]
    known = {"ref": ref, "source": CaseSource.TELEPHONE, "file": b"sealed", "opened_at": clock.now()}
    return write(insert(VictimCase).values(officer_id=one, opened_by_id=one, **known))


def assessment(case_id: int, **more: object):
    now = clock.now()
    known = {"questions_version": 0, "body": b"sealed", "assessed_on": now.date(), "made_at": now}
    return insert(NeedsAssessment).values(case_id=case_id, made_by_id=people()[0], **known | more)


def found(assessment_id: int, need: Need = Need.HEALTH):
    return insert(NeedFound).values(assessment_id=assessment_id, need=need, level=NeedLevel.HIGH)


def approved_by(assessment_id: int, person: int):
    row = update(NeedsAssessment).where(NeedsAssessment.id == assessment_id)
    return row.values(state=AssessmentState.APPROVED, approved_by_id=person, approved_at=clock.now())


@pytest.fixture
def approved(case_id: int) -> int:
    number = write(assessment(case_id))
    write(found(number))
    write(approved_by(number, people()[1]))
    return number


def test_nobody_approves_their_own(case_id: int) -> None:
    number = write(assessment(case_id))

    refused(approved_by(number, people()[0]), "two_people")


def test_an_approval_names_who_gave_it(case_id: int) -> None:
    number = write(assessment(case_id))

    refused(update(NeedsAssessment).values(state=AssessmentState.APPROVED), "approved")
    refused(update(NeedsAssessment).where(NeedsAssessment.id == number).values(approved_by_id=people()[1]), "approved")


def test_none_begins_approved(case_id: int) -> None:
    born = assessment(case_id, state=AssessmentState.APPROVED, approved_by_id=people()[1], approved_at=clock.now())

    refused(born, FROZEN)


def test_an_approved_one_is_never_changed(approved: int) -> None:
    for change in ({"body": b"other"}, {"state": AssessmentState.DRAFT, "approved_by_id": None}, {"question": b"x"}):
        refused(update(NeedsAssessment).values(**change), FROZEN)
    refused(update(NeedFound).values(level=NeedLevel.LOW), FROZEN)
    refused(found(approved, Need.LEGAL), FROZEN)
    refused(delete(NeedFound), UNERASED)
    refused(delete(NeedsAssessment), UNERASED)


def test_what_was_ever_handed_in_stays(case_id: int) -> None:
    number = write(assessment(case_id, state=AssessmentState.SUBMITTED))

    refused(delete(NeedsAssessment).where(NeedsAssessment.id == number), UNERASED)


def test_a_draft_may_go(case_id: int) -> None:
    number = write(assessment(case_id))
    write(found(number))

    write(delete(NeedFound))
    write(delete(NeedsAssessment))

    assert db.session.scalars(select(NeedsAssessment.id)).all() == []


def test_a_domain_has_one_level(case_id: int) -> None:
    number = write(assessment(case_id))
    write(found(number))

    refused(found(number), "needs_found")


@pytest.mark.parametrize("table", ["needs_assessments", "needs_found"])
def test_no_row_is_put_in_the_place_of_another(approved: int, table: str) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    over = f"REPLACE INTO {table} SELECT * FROM {table}" if on_sqlite else f"TRUNCATE {table} CASCADE"  # noqa: S608

    with pytest.raises((IntegrityError, ProgrammingError), match=FROZEN):
        write(text(over))


def test_the_plan_keeps_what_ended_and_says_when(case_id: int) -> None:
    one = people()[0]
    row = insert(PlanAction).values(
        case_id=case_id, need=Need.HEALTH, body=b"sealed", owner_id=one, made_by_id=one, made_at=clock.now()
    )
    write(row)

    refused(update(PlanAction).values(state="done"), "ended")
    refused(delete(PlanAction), UNERASED)


def test_questions_are_never_changed(office: Flask) -> None:
    row = insert(QuestionSet).values(version=1, body="{}", reason="why", made_by_id=people()[0], made_at=clock.now())
    write(row)

    refused(update(QuestionSet).values(body="[]"), FROZEN)
    refused(delete(QuestionSet), FROZEN)


def test_all_of_it_goes_with_the_file(approved: int, case_id: int) -> None:
    other = a_case("VC-333333")
    with writing():
        policy = db.session.scalars(select(RetentionPolicy.id)).first()
        gone = {"asked_at": clock.now(), "erased_at": clock.now(), "records": ""}
        db.session.execute(insert(CaseErasure).values(ref="EC-222222", case_id=case_id, policy_id=policy, **gone))
        ended = update(VictimCase).where(VictimCase.id == case_id)
        db.session.execute(ended.values(status=CaseStatus.DUPLICATE, duplicate_of_id=other, ended_at=clock.now()))
        db.session.execute(ended.values(status=CaseStatus.ERASED, file=None))

    write(delete(NeedFound))
    write(delete(NeedsAssessment))

    assert db.session.scalars(select(NeedFound.id)).all() == []
