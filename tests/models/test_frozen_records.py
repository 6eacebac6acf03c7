"""Findings, verdicts and the audit trail stay as they were written: plain SQL, without any code of ours between."""

import pytest
from flask import Flask
from sqlalchemy import Executable, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from hotline.extensions import db
from hotline.models import Assessment, AuditEntry, Verdict
from hotline.transactions import writing
from tests.services import steps
from tests.stores import Stores

FROZEN = {
    Assessment: ("id", "item_id", "assessor_id", "inhope_class", "law", "findings", "made_at"),
    Verdict: (
        "id",
        "item_id",
        "first_id",
        "first_by",
        "second_id",
        "second_by",
        "inhope_class",
        "law",
        "agreed_at",
        "supersedes_id",
        "outside_id",
        "looks_until",
    ),
    AuditEntry: ("id", "at", "actor", "action", "record", "commitment", "hash"),
}
MAY_GO = {Assessment: set(), Verdict: set(), AuditEntry: {"details", "salt"}}
CASES = [(model, column) for model, columns in FROZEN.items() for column in columns]


def write(statement: str | Executable) -> None:
    with writing():
        db.session.execute(text(statement) if isinstance(statement, str) else statement)


def rows(model: type) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.session.execute(select(model.__table__).order_by(model.id))]


@pytest.mark.parametrize("model", FROZEN)
def test_every_column_is_frozen_or_may_be_erased(model: type) -> None:
    assert set(FROZEN[model]) | MAY_GO[model] == {column.name for column in model.__table__.columns}


def test_no_frozen_column_can_be_changed(office: Flask) -> None:
    steps.looked_at_twice()
    before = {model: rows(model) for model in FROZEN}
    assert all(before.values())

    for model, column in CASES:
        with pytest.raises(DatabaseError, match="frozen"):
            write(update(model.__table__).values({column: text(column)}))

    assert {model: rows(model) for model in FROZEN} == before


def test_an_audit_entry_cannot_be_deleted(office: Flask) -> None:
    before = rows(AuditEntry)

    with pytest.raises(DatabaseError, match="frozen"):
        write("DELETE FROM audit_entries WHERE id = 1")

    assert rows(AuditEntry) == before


def test_details_and_salt_of_an_audit_entry_may_be_erased(office: Flask) -> None:
    write("UPDATE audit_entries SET details = NULL, salt = NULL")

    assert db.session.scalar(select(func.count()).where(AuditEntry.details.is_not(None))) == 0


def test_retention_may_delete_a_verdict_and_then_its_findings(office: Flask) -> None:
    steps.looked_at_twice()

    write("DELETE FROM verdicts")
    write("DELETE FROM assessments")

    assert rows(Verdict) == rows(Assessment) == []


@pytest.mark.parametrize("model", FROZEN)
def test_no_record_can_be_put_in_the_place_of_another(office: Flask, stores: Stores, model: type) -> None:
    steps.looked_at_twice()
    before, table = rows(model), model.__tablename__
    again = insert(model.__table__).from_select(model.__table__.columns.keys(), select(model.__table__))
    replace = {"sqlite": again.prefix_with("OR REPLACE"), "postgresql": f"TRUNCATE {table} CASCADE"}

    with pytest.raises(DatabaseError, match="frozen"):
        write(replace[stores.engine])

    assert rows(model) == before
