"""The audit trail: one chain, whoever writes at the same moment, and every change to it shows."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import audit
from hotline.transactions import writing
from tests.services import steps


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry))


def write(statement: str) -> None:
    with writing():
        db.session.execute(text(statement))


def thaw() -> None:
    """Take the guard away, as somebody with the database's own password could."""
    with writing():
        for name in ("frozen_audit_entries", "kept_audit_entries"):
            on_table = "" if db.engine.dialect.name == "sqlite" else " ON audit_entries"
            db.session.execute(text(f"DROP TRIGGER {name}{on_table}"))


def test_the_chain_of_everyday_work_holds(office: Flask) -> None:
    steps.looked_at_twice()

    assert audit.verify() == (entries(), None)
    assert entries() > 8


def test_writers_at_the_same_moment_make_one_chain(office: Flask) -> None:
    before = entries()
    person = steps.team()[0]
    db.session.expunge_all()

    def write_ten() -> None:
        for number in range(10):
            with writing():
                audit.record(None, "tried", "record", number=number)

    def read_ten() -> None:
        for _ in range(10):
            audit.record_read(person, "read", "record")

    done = steps.together(office, [write_ten, read_ten, write_ten, read_ten])

    assert done == [None] * 4
    assert audit.verify() == (before + 40, None)


def test_a_deed_that_was_undone_leaves_no_gap(office: Flask) -> None:
    before = entries()

    def undone() -> None:
        with writing():
            audit.record(None, "tried", "record")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    with writing():
        audit.record(None, "done", "record")

    assert audit.verify() == (before + 1, None)


def test_details_may_be_erased_and_the_chain_still_holds(office: Flask) -> None:
    steps.looked_at_twice()

    write("UPDATE audit_entries SET details = NULL, salt = NULL WHERE action = 'closed' OR action = 'agreed'")

    assert db.session.scalar(select(func.count()).where(AuditEntry.details.is_(None))) == 1
    assert audit.verify() == (entries(), None)


def test_the_anchor_is_the_newest_entry(office: Flask) -> None:
    newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()

    assert audit.anchor() == (newest.id, newest.hash.hex())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET actor = 'A-09' WHERE id = 3",
        "UPDATE audit_entries SET record = 'item I-222222' WHERE id = 3",
        "UPDATE audit_entries SET at = '2020-01-01 00:00:00+00:00' WHERE id = 3",
        "UPDATE audit_entries SET details = '{}' WHERE id = 3",
        "DELETE FROM audit_entries WHERE id = 3",
    ],
)
def test_a_change_behind_the_guard_shows(office: Flask, change: str) -> None:
    first_id = db.session.scalar(select(func.min(AuditEntry.id)))
    assert first_id == 1
    thaw()

    write(change)

    holding, broken = audit.verify()
    assert broken in {3, 4}
    assert holding == 2


def test_the_trail_refuses_an_entry_outside_a_writing_transaction(office: Flask) -> None:
    before = entries()

    with pytest.raises(RuntimeError, match="writing"):
        audit.record(None, "tried", "record")

    db.session.rollback()
    assert entries() == before


def test_a_read_is_recorded_though_the_request_itself_writes_nothing(office: Flask) -> None:
    person = steps.team()[0]

    audit.record_read(person, "read", "item I-222222", lines=2)
    db.session.rollback()

    (entry,) = audit.history("item I-222222")
    assert (entry.actor, entry.action, entry.details) == (person.number, "read", '{"lines": 2}')
