"""Where transactions begin and end, and what a store that cannot be used looks like, on both databases."""

import sqlite3
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from hotline import clock, extensions, outbox
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.models import Recipient
from hotline.outbox import Task
from hotline.services import directory, health
from hotline.transactions import apart, commits, desk_engine, writing
from hotline.vocabulary import Language, RecipientKind
from tests.services import steps
from tests.stores import Server, Stores

JOB = "hotline.jobs.reports.move_reports_on"
ENTRY = (RecipientKind.PLATFORM, "abuse@platform.example", "KH", Language.EN)


def add() -> None:
    directory.add("Example Platform", *ENTRY)


def stumble() -> None:
    raise ZeroDivisionError


def write(*deeds: Callable[[], object]) -> None:
    """Do `deeds` in one transaction."""
    with writing():
        for deed in deeds:
            deed()


def ask(statement: str) -> Callable[[], object]:
    return lambda: db.session.execute(text(statement))


def kept() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Recipient.mailbox == ENTRY[1]))


def test_writing_keeps_what_was_done(office: Flask) -> None:
    with writing():
        add()

    assert kept() == 1


def test_what_a_session_holds_is_written_before_a_change_past_it(office: Flask) -> None:
    past = update(Task).where(Task.job == JOB, Task.record_id == 1).values(hinted=Task.hinted + 1)
    with writing():
        outbox.put(db.session(), JOB, 1)
        held = db.session.scalars(select(Task)).one()
        held.hinted = 5
        extensions.change_unseen(db.session(), past, {})
        told_by_then = held.hinted

    db.session.rollback()
    assert (told_by_then, db.session.scalar(select(Task.hinted))) == (5, 6)


def test_writing_undoes_everything_after_any_fault(office: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        write(add, stumble)

    assert kept() == 0


def test_a_fault_of_the_database_stays_what_it_is(office: Flask) -> None:
    with pytest.raises(IntegrityError):
        write(add, ask("INSERT INTO staff_roles (staff_id, role) VALUES (99999, 'analyst')"))

    assert kept() == 0


@pytest.mark.parametrize("mistake", ["SELECT * FROM no_such_table", "SELECT no_such_column FROM items", "SELEC 1"])
def test_a_mistake_is_not_called_a_full_disk(office: Flask, mistake: str) -> None:
    with pytest.raises(DBAPIError):
        write(ask(mistake))
    with pytest.raises(DBAPIError), apart(desk_engine()) as session:
        session.execute(text(mistake))


def test_writing_inside_writing_is_refused_and_undoes_nothing_behind_ones_back(office: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside"):
        write(add, lambda: write(add))

    assert kept() == 0
    with writing():
        add()
    assert kept() == 1


def test_the_queue_is_told_after_the_commit_and_never_about_what_was_undone(office: Flask, monkeypatch) -> None:
    told: list[int] = []

    def hear() -> bool:
        told.append(db.session.scalars(select(Task.record_id)).one())
        return True

    monkeypatch.setattr(outbox, "hint", hear)
    with pytest.raises(ZeroDivisionError):
        write(lambda: outbox.put(db.session(), JOB, 7), stumble)
    with writing():
        outbox.put(db.session(), JOB, 8)
    with writing():
        outbox.put(db.session(), JOB, 8, due_at=clock.in_(60))

    assert told == [8]


def test_commits_marks_a_view_and_ends_its_transaction(office: Flask) -> None:
    @commits
    def view(*, fail: bool) -> str:
        """Do something."""
        add()
        if fail:
            raise ZeroDivisionError
        return "done"

    with pytest.raises(ZeroDivisionError):
        view(fail=True)
    assert kept() == 0

    assert view(fail=False) == "done"
    assert kept() == 1
    assert view.__dict__["commits"] is True
    assert (view.__name__, view.__doc__) == ("view", "Do something.")


def test_what_a_writer_has_read_cannot_change_under_it(office: Flask) -> None:
    """Eight read-then-write transactions at once: none is lost."""

    def count_one() -> None:
        for _ in range(5):
            with writing():
                entry = db.session.scalars(select(Recipient).order_by(Recipient.id)).first()
                entry.name = str(int(entry.name) + 1)

    with writing():
        db.session.scalars(select(Recipient).order_by(Recipient.id)).first().name = "0"

    assert steps.together(office, [count_one] * 8) == [None] * 8
    assert db.session.scalars(select(Recipient.name).order_by(Recipient.id)).first() == "40"


def test_readers_do_not_wait_for_a_writer(office: Flask) -> None:
    with writing():
        add()
        with desk_engine().connect() as reader:
            assert reader.scalar(select(func.count()).where(Recipient.mailbox == ENTRY[1])) == 0


def test_a_turn_that_does_not_come_is_a_store_that_cannot_be_used(
    office: Flask, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extensions, "PATIENCE", 0.05)  # SQLite
    with apart(desk_engine()) as holder:
        holder.execute(text("SELECT 1"))
        with desk_engine().connect() as waiting:
            if stores.engine == "postgresql":
                waiting.exec_driver_sql("SET lock_timeout = '50ms'")
                waiting.commit()
            with pytest.raises(StorageFull):
                waiting.execution_options(writes=True).execute(text("SELECT 1"))
            waiting.invalidate()  # nobody else is as impatient

    with writing():
        add()
    assert kept() == 1


def test_a_turn_that_comes_late_is_taken(office: Flask) -> None:
    holding, seen = threading.Event(), []

    def hold() -> None:
        with writing():
            add()
            holding.set()
            time.sleep(0.2)

    def wait() -> None:
        holding.wait()
        with writing():
            seen.append(db.session.scalar(select(func.count()).where(Recipient.mailbox == ENTRY[1])))

    assert steps.together(office, [hold, wait]) == [None, None]
    assert seen == [1]


def test_a_connection_lost_while_writing_is_a_store_that_cannot_be_used(office: Flask, stores: Stores, request) -> None:
    if stores.engine == "sqlite":
        pytest.skip("SQLite has no connection to lose")
    server: Server = request.getfixturevalue("postgresql_server")

    with pytest.raises(StorageFull):
        write(add, server.cut_connections, ask("SELECT 1"))

    with writing():
        add()
    assert kept() == 1


def test_a_connection_lost_before_the_commit_undoes_everything(office: Flask, stores: Stores, request) -> None:
    if stores.engine == "sqlite":
        pytest.skip("SQLite has no connection to lose")
    server: Server = request.getfixturevalue("postgresql_server")

    with pytest.raises(StorageFull):
        write(add, server.cut_connections)

    assert kept() == 0


def test_a_store_that_answers_again_needs_nobody(office: Flask, stores: Stores, request) -> None:
    assert health.stores_take_work()
    if stores.engine == "postgresql":
        request.getfixturevalue("postgresql_server").cut_connections()

    assert health.stores_take_work()


def test_values_stay_out_of_the_words_of_an_error(office: Flask, stores: Stores) -> None:
    for engine in db.engines.values():
        with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
            connection.execute(text("SELECT * FROM no_such_table WHERE x = :x"), {"x": "secret words"})
        assert "secret words" not in str(caught.value)


def test_sqlite_is_durable_and_checks_references(office: Flask, stores: Stores) -> None:
    if stores.engine != "sqlite":
        pytest.skip("PostgreSQL is both by itself")
    for engine in db.engines.values():
        with engine.connect() as connection:
            asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
        assert found == ["wal", 2, 1, 1]
    assert sqlite3.sqlite_version_info >= (3, 35)  # RETURNING
