"""Migrations on both kinds of store: up, down and up again, equal to the models, whole or not at all."""

import shutil
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from hotline import create_app, vault
from hotline.extensions import FRONT, db
from hotline.models import Staff, StaffRole, Verdict
from hotline.services import audit, demo, schema
from tests import stores as kinds
from tests.migrations import shapes
from tests.services import steps
from tests.stores import Server, Stores


def shape(store: str) -> dict[str, object]:
    with db.engines[schema.STORES[store]].connect() as connection:
        return shapes.of_database(connection)


@pytest.mark.parametrize("store", list(schema.STORES))
def test_models_equal_the_newest_migration(bare_office: Flask, store: str) -> None:
    schema.upgrade()

    with db.engines[schema.STORES[store]].connect() as connection:
        assert shapes.difference(connection, store) == []
        assert shapes.of_database(connection) == shapes.of_models(connection, store)


@pytest.mark.parametrize("store", list(schema.STORES))
def test_up_down_and_up_again_comes_to_the_same(bare_office: Flask, store: str) -> None:
    schema.upgrade()
    before = shape(store)
    assert before

    schema.run(store, "downgrade", "base")
    assert shape(store) == {}
    schema.upgrade()

    assert shape(store) == before


@pytest.mark.parametrize("store", list(schema.STORES))
def test_each_step_can_be_taken_back(bare_office: Flask, store: str) -> None:
    numbers = sorted(path.name[:4] for path in (schema.MIGRATIONS / store).glob("[0-9]*.py"))
    for number in numbers:
        schema.run(store, "upgrade", number)
        after = shape(store)
        schema.run(store, "downgrade", "-1")
        schema.run(store, "upgrade", number)
        assert shape(store) == after, number


def test_a_second_upgrade_changes_nothing(office: Flask) -> None:
    people = db.session.scalar(select(func.count()).select_from(Staff))
    db.session.rollback()

    schema.upgrade()

    assert db.session.scalar(select(func.count()).select_from(Staff)) == people


def test_four_processes_that_start_at_once_upgrade_once(bare_office: Flask) -> None:
    assert steps.together(bare_office, [schema.upgrade] * 4) == [None] * 4

    with db.engine.connect() as connection:
        assert shapes.difference(connection, "desk") == []


def test_what_stands_in_the_stores_survives_a_step_back_and_forth(office: Flask) -> None:
    steps.looked_at_twice()
    db.session.remove()

    schema.run("desk", "downgrade", "0002")
    schema.upgrade()

    assert db.session.scalar(select(func.count()).select_from(Verdict)) == 1
    assert audit.verify()[1] is None


def with_another(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """Put one more migration of the desk after the newest."""
    shutil.copytree(schema.MIGRATIONS, folder)
    newest = max(path.name[:4] for path in (folder / "desk").glob("[0-9]*.py"))
    step = "import sqlalchemy as sa\nfrom alembic import op\n"
    step += f"revision = '9999'\ndown_revision = '{newest}'\ndef upgrade():\n"
    (folder / "desk" / "9999_another.py").write_text(step + body)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)


def test_a_table_that_others_point_to_can_be_built_anew(office: Flask, monkeypatch, tmp_path: Path) -> None:
    body = "    with op.batch_alter_table('staff') as batch:\n        batch.alter_column('name', type_=sa.Text())\n"
    with_another(monkeypatch, tmp_path / "more", body)

    schema.upgrade()

    assert db.session.scalar(select(func.count()).select_from(Staff)) == len(demo.PEOPLE)
    roles = sum(len(roles) for roles in demo.PEOPLE.values())
    assert db.session.scalar(select(func.count()).select_from(StaffRole)) == roles


def test_what_the_database_holds_about_letters_stays_where_their_table_is_built_anew(bare_office: Flask) -> None:
    schema.run("desk", "upgrade", "0038")
    before = triggers()

    schema.run("desk", "upgrade", "0039")
    after = triggers()
    schema.run("desk", "downgrade", "-1")

    assert len([one for one in before if "notices" in one[0]]) > 5
    assert after == triggers() == before


def triggers() -> set[tuple[str, ...]]:
    """Return every trigger of the desk's store, on which table, and what it does."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            told = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        else:
            told = (
                "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            )
        return {tuple(row) for row in connection.execute(text(told))}


def test_references_are_checked_again_after_a_migration(office: Flask, monkeypatch, tmp_path: Path) -> None:
    with_another(monkeypatch, tmp_path / "more", "    pass\n")

    schema.upgrade()

    with pytest.raises(Exception, match=r"(?i)foreign key"), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO staff_roles (staff_id, role) VALUES (99999, 'analyst')"))


def test_a_migration_that_leaves_rows_pointing_nowhere_is_undone(office: Flask, monkeypatch, tmp_path: Path) -> None:
    with_another(monkeypatch, tmp_path / "more", "    op.execute('DELETE FROM staff')\n")

    with pytest.raises(Exception, match=r"(?i)point nowhere|foreign key"):
        schema.upgrade()

    assert db.session.scalar(select(func.count()).select_from(Staff)) == len(demo.PEOPLE)
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) != "9999"


def test_a_migration_that_fails_half_way_changes_nothing(office: Flask, monkeypatch, tmp_path: Path) -> None:
    body = "    op.execute('CREATE TABLE half (id integer)')\n    op.execute('SELECT * FROM no_such_table')\n"
    with_another(monkeypatch, tmp_path / "more", body)
    before = shape("desk")

    with pytest.raises(Exception, match="no_such_table"):
        schema.upgrade()

    assert shape("desk") == before


@pytest.mark.postgresql
@pytest.mark.parametrize(("role", "other"), [kinds.DATABASES, kinds.DATABASES[::-1]])
def test_the_role_of_one_store_cannot_enter_the_other(postgresql_server: Server, role: str, other: str) -> None:
    with postgresql_server.connect(role, role) as own:
        assert own.execute("SELECT current_database()").fetchone() == (role,)

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        postgresql_server.connect(role, other)


@pytest.mark.postgresql
@pytest.mark.parametrize("role", kinds.DATABASES)
def test_a_role_may_do_nothing_but_use_its_store(postgresql_server: Server, role: str) -> None:
    asked = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = %s"
    with postgresql_server.connect(role, role) as own:
        assert own.execute(asked, [role]).fetchone() == (False,) * 5
        assert own.execute("SELECT 1 FROM pg_auth_members WHERE member = %s::regrole", [role]).fetchone() is None
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("COPY (SELECT 1) TO '/dev/null'")


def test_the_public_site_knows_no_desk_store(stores: Stores, tmp_path: Path) -> None:
    vault.create_keys(tmp_path / "keys")
    app = create_app("public", stores.environ)
    with app.app_context():
        assert list(db.engines) == [FRONT]
    kinds.dispose(app)


@pytest.mark.parametrize("table", ["inbox", "receipts"])
def test_no_row_number_tells_in_which_order_reports_came(office: Flask, table: str) -> None:
    engine = db.engines[FRONT]
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps no row numbers")

    with engine.connect() as connection, pytest.raises(OperationalError, match="no such column"):
        connection.execute(text(f"SELECT rowid FROM {table}"))  # noqa: S608 -- our own names
