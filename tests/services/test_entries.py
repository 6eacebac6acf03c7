"""Reports that somebody of the team writes down."""

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from hotline import vault
from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models import Item, Report
from hotline.services import audit, entries
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, Language, ReportSource, Seen
from tests.services import steps


def said(urls: str = "https://a.example/1\nnot one\nhxxp://known[.]example", contact: str = "") -> Submission:
    return Submission(Category.GROOMING, urls, Seen.WEEK, "calm words", Danger.YES, contact, Language.KM)


def enter(told: Submission, nonce: str = "n", reference: str = "Case 7") -> Report:
    with writing():
        return entries.enter(ReportSource.TELEPHONE, told, reference, nonce=nonce, by=steps.team()[0])


def test_what_somebody_was_told_is_a_report_like_any_other_with_its_origin(office: Flask) -> None:
    steps.new_item("http://known.example/")

    report = enter(said(contact="+855 00 000"))

    ring, who = vault.keyring(), steps.team()[0]
    assert (report.origin.source, report.origin.taken_by_id) == (ReportSource.TELEPHONE, who.id)
    assert ring.open("report.contact", report.contact.contact) == "+855 00 000"
    assert b"Case 7" not in report.origin.reference
    assert report.received_at.minute == 0
    outcome = entries.read(report, by=who)
    assert [(one.address, one.is_new) for one in outcome.named] == [
        ("https://a.example/1", True),
        ("http://known.example/", False),
    ]
    db.session.rollback()  # a read is recorded in a transaction of its own
    assert (outcome.leftovers, outcome.reference) == (("not one",), "Case 7")
    assert [entry.action for entry in audit.history(f"report {report.ref}")] == ["report entered", "report read"]
    assert [one.ref for one in entries.list_recent()] == [report.ref]


def test_the_same_form_sent_twice_is_one_report_and_a_changed_one_is_another(office: Flask) -> None:
    first = enter(said()).ref

    assert enter(said()).ref == first
    assert enter(said("https://b.example/")).ref != first
    assert enter(said(), nonce="another").ref != first
    assert db.session.scalar(select(func.count()).select_from(Report)) == 3
    assert db.session.scalar(select(func.max(Item.report_count))) == 2


def test_a_report_of_the_public_form_is_not_shown_as_one_of_these(office: Flask) -> None:
    steps.new_item()
    with pytest.raises(NotFound):
        entries.get(db.session.scalars(select(Report.ref)).one())


def test_what_tells_a_form_again_takes_a_key(office: Flask) -> None:
    report = enter(said(), nonce="")

    assert report.inbox_id.startswith(vault.VERSION + vault.keyring().blinds[vault.Blind.ADDRESS][0])


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_the_newest_are_found_without_looking_at_all(office: Flask) -> None:
    refs = [enter(said(), nonce=str(number)).ref for number in range(4)]
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_) -> None:
        asked.append((statement, parameters))

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    found = [one.ref for one in entries.list_recent(3)]
    event.remove(db.engine, "before_cursor_execute", note)

    assert found == refs[:0:-1]
    explain = db.session.connection().exec_driver_sql
    plans = [
        row[-1]
        for statement, parameters in asked
        if "report_origins" in statement
        for row in explain(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    assert any("ix_report_origins_source" in plan for plan in plans), plans
    assert not [
        plan for plan in plans if "SCAN report_origins" in plan or "SCAN reports" in plan or "TEMP B-TREE" in plan
    ], plans
