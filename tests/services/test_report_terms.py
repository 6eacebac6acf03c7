"""Who says how long reports are kept: one asks, another agrees, and the public site says what is in force."""

import pytest
from flask import Flask
from sqlalchemy import delete, insert, update

from hotline import clock
from hotline.errors import Forbidden, Overtaken, Refused
from hotline.models import ReportTerm, Staff
from hotline.rules.report_retention import Term
from hotline.services import audit, report_terms, staff
from hotline.transactions import writing
from hotline.vocabulary import Language, Role
from tests.models.test_gate import refused
from tests.services import steps

FROZEN = "this record is frozen"
TERM = Term(contact_days=30, report_days=365)


@pytest.fixture
def boss(office: Flask) -> Staff:
    with writing():
        return staff.add("boss", "a long enough password", (Role.MANAGER,), language=Language.EN, by=None)


def wanted(boss: Staff, term: Term = TERM) -> ReportTerm:
    with writing():
        return report_terms.want(term, "as the law asks", by=boss)


def agreed(boss: Staff, term: Term = TERM) -> ReportTerm:
    row = wanted(boss, term)
    with writing():
        report_terms.agree(row.id, by=steps.team()[0])
    return row


def test_nothing_is_in_force_until_another_person_agreed(boss: Staff) -> None:
    assert report_terms.in_force() is None
    row = wanted(boss)
    assert report_terms.in_force() is None
    assert report_terms.waiting() == row

    with pytest.raises(Forbidden), writing():
        report_terms.agree(row.id, by=boss)
    assert report_terms.in_force() is None
    with writing():
        report_terms.agree(row.id, by=steps.team()[0])

    found = report_terms.in_force()
    assert found is not None
    assert report_terms.of(found) == TERM
    assert report_terms.waiting() is None
    assert [entry.action for entry in audit.history(f"report term {row.id}")] == [
        report_terms.WANTED,
        report_terms.AGREED,
    ]


def test_who_is_asked_sees_it_and_who_asked_does_not(boss: Staff) -> None:
    assert report_terms.count_waiting(by=steps.team()[0]) == 0
    wanted(boss)

    assert report_terms.count_waiting(by=steps.team()[0]) == 1
    assert report_terms.count_waiting(by=boss) == 0


def test_one_that_was_declined_changes_nothing_and_makes_room(boss: Staff) -> None:
    before = agreed(boss)
    row = wanted(boss, Term(7, 30))
    with pytest.raises(Overtaken), writing():
        report_terms.want(Term(8, 40), "another", by=boss)
    with writing():
        report_terms.decline(row.id, by=boss)

    assert report_terms.in_force() == before
    for decide in (report_terms.agree, report_terms.decline):
        with pytest.raises(Overtaken), writing():
            decide(row.id, by=steps.team()[0])
    assert wanted(boss, Term(9, 50)).decided_at is None


@pytest.mark.parametrize(("reason", "fault"), [("", "missing"), ("x" * 5000, "too_long")])
def test_a_reason_is_needed(boss: Staff, reason: str, fault: str) -> None:
    with pytest.raises(Refused) as told, writing():
        report_terms.want(TERM, reason, by=boss)

    assert told.value.faults == (("reason", fault),)


def test_what_is_in_force_already_is_not_asked_for_again(boss: Staff) -> None:
    agreed(boss)

    with pytest.raises(Refused) as told, writing():
        report_terms.want(TERM, "again", by=boss)
    assert told.value.faults == (("reason", "nothing_new"),)


def test_only_managers_ask_and_only_they_and_reviewers_see(boss: Staff) -> None:
    with writing():
        outsider = staff.add("quiet", "a long enough password", (Role.ANALYST,), language=Language.EN, by=None)
    with pytest.raises(Forbidden), writing():
        report_terms.want(TERM, "why", by=outsider)
    row = wanted(boss)

    with pytest.raises(Forbidden):
        report_terms.show(by=outsider)
    for decide in (report_terms.agree, report_terms.decline):
        with pytest.raises(Forbidden), writing():
            decide(row.id, by=outsider)
    assert [one.id for one in report_terms.show(by=boss).said] == [row.id]


def test_the_public_site_says_what_is_in_force_and_nothing_before(boss: Staff) -> None:
    assert report_terms.publish() is False
    assert report_terms.published() is None
    wanted(boss)
    assert report_terms.publish() is False
    with writing():
        report_terms.agree(report_terms.waiting().id, by=steps.team()[0])

    assert [report_terms.publish(), report_terms.publish()] == [True, False]
    assert report_terms.published() == TERM
    agreed(boss, Term(10, 60))
    assert report_terms.publish() is True
    assert report_terms.published() == Term(10, 60)


def test_the_database_holds_two_people_days_and_what_was_said(boss: Staff) -> None:
    row = agreed(boss)
    new = {"reason": "r", "made_at": clock.now(), "made_by_id": boss.id}
    days = {"contact_days": 30, "report_days": 60}
    decided = {"decided_at": clock.now(), "agreed": True}

    refused(update(ReportTerm).where(ReportTerm.id == row.id).values(report_days=40), by=FROZEN)
    refused(update(ReportTerm).where(ReportTerm.id == row.id).values(agreed=False), by=FROZEN)
    refused(delete(ReportTerm), by=FROZEN)
    refused(insert(ReportTerm).values(**new, contact_days=31, report_days=30), by="days")
    refused(insert(ReportTerm).values(**new, contact_days=6, report_days=30), by="days")
    refused(insert(ReportTerm).values(**new, **days, **decided, decided_by_id=steps.team()[0].id), by=FROZEN)
    mine = wanted(boss, Term(30, 60))
    refused(
        update(ReportTerm).where(ReportTerm.id == mine.id).values(**decided, decided_by_id=boss.id), by="two_people"
    )
    refused(update(ReportTerm).where(ReportTerm.id == mine.id).values(agreed=True), by="answered")
    refused(update(ReportTerm).where(ReportTerm.id == mine.id).values(contact_days=8), by=FROZEN)
