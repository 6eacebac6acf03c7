"""Migrations: numbered without gaps, one newest a store, equal to the models (SQLite; `tests/migrations` has both)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask

from hotline import create_app
from hotline.extensions import db
from hotline.services import schema
from tests import stores
from tests.migrations import shapes


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    app = create_app("office", {"HOTLINE_DATA_DIR": str(tmp_path)})
    with app.app_context():
        yield app
    stores.dispose(app)


@pytest.fixture(params=list(schema.STORES))
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def shape(store: str) -> dict[str, object]:
    with db.engines[schema.STORES[store]].connect() as connection:
        return shapes.of_database(connection)


def test_migrations_are_numbered_without_gaps_and_follow_one_another(empty: Flask, store: str) -> None:
    with db.engines[schema.STORES[store]].connect() as connection:
        scripts = ScriptDirectory.from_config(schema.config(store, connection))
    steps = [(step.revision, step.down_revision) for step in reversed(list(scripts.walk_revisions()))]
    numbers = [f"{number:04d}" for number in range(1, len(steps) + 1)]

    assert scripts.get_heads() == numbers[-1:]
    assert steps == list(zip(numbers, [None, *numbers], strict=False))
    assert [path.name[:4] for path in sorted((schema.MIGRATIONS / store).glob("*.py"))] == numbers


def test_models_equal_the_newest_migration(empty: Flask, store: str) -> None:
    schema.upgrade()

    with db.engines[schema.STORES[store]].connect() as connection:
        assert shapes.difference(connection, store) == []
        assert shapes.of_database(connection) == shapes.of_models(connection, store)


def test_up_down_and_up_again_comes_to_the_same(empty: Flask, store: str) -> None:
    schema.upgrade()
    before = shape(store)
    assert before

    schema.run(store, "downgrade", "base")
    assert shape(store) == {}
    schema.upgrade()

    assert shape(store) == before
