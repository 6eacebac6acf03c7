"""What any test may ask for: both kinds of store, and an office with the demo's people on either."""

import gc
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from sqlalchemy import Engine, event

import hotline
from hotline import create_app, vault
from hotline.services import factor_codes, staff
from tests import kept, ready_made
from tests import stores as kinds
from tests.stores import Server, Stores

gc.set_threshold(50_000, 20, 50)
staff.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # nobody guesses; portals' own are as they are
factor_codes.HASHER = staff.HASHER
Flask.jinja_options["bytecode_cache"] = kept.Templates()
Flask.url_rule_class = kept.Address
hotline.Bootstrap = kept.Registries
settings.register_profile("any machine", deadline=None)  # how long an example takes is for benchmarks
settings.load_profile("any machine")
# What waits for processes of its own. Begun last, one such file would leave all workers but one without work.
FIRST = ("faults", "browser", "traces", "deploy", "migrations", "jobs", "gateways")


@event.listens_for(Engine, "connect")
def answer_backwards(connection: object, _record: object) -> None:
    """Let SQLite give rows in another order than they were written, where none is asked for: as PostgreSQL may."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON").close()


def pytest_collection_finish() -> None:
    """Leave modules, tests and mappings alone: looking through them again and again took a third of all time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long."""

    def turn(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return FIRST.index(folder) if folder in FIRST else len(FIRST)

    items.sort(key=turn)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A real PostgreSQL server, started when the first test asks for it."""
    with kinds.postgresql() as server:
        yield server


@pytest.fixture(params=kinds.ENGINES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    """Two empty stores of either kind."""
    if request.param == "sqlite":
        return kinds.sqlite(tmp_path)
    server: Server = request.getfixturevalue("postgresql_server")
    if "office" not in request.fixturenames:  # which lays its own; no other fixture may bear its name
        server.lay()
    return kinds.on(server, tmp_path)


@pytest.fixture
def bare_office(stores: Stores, tmp_path: Path) -> Iterator[Flask]:
    """An app for commands, worker and sweeper, with keys and without tables."""
    vault.create_keys(tmp_path / "keys")
    yield from _running(stores)


@pytest.fixture(scope="session")
def peopled(postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `office` needs on PostgreSQL, made once: the stores are kept there, the rest is in this folder."""
    folder = tmp_path_factory.mktemp("peopled")
    postgresql_server.lay()
    ready_made.people(folder, **kinds.on(postgresql_server, folder).environ)
    postgresql_server.keep("peopled")
    return folder


@pytest.fixture
def office(stores: Stores, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The same with tables, and with the people and recipients of the demo."""
    if stores.engine == "sqlite":
        ready_made.copy(ready_made.people, tmp_path)
    else:
        shutil.copytree(request.getfixturevalue("peopled"), tmp_path, dirs_exist_ok=True)
        request.getfixturevalue("postgresql_server").lay("peopled")
    for app in _running(stores):
        app.extensions["hotline.keyring"].public = vault.PublicKeys(b"p" * 32, b"f" * 32, b"r" * 32)
        yield app


def _running(stores: Stores) -> Iterator[Flask]:
    app = create_app("office", stores.environ)
    with kept.lend_engines(app, stores.environ), app.app_context():
        yield app
