"""What any test may ask for: both kinds of store, and an office with the demo's people on either."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from hotline import create_app, vault
from hotline.services import demo, schema
from tests import stores as kinds
from tests.stores import Server, Stores


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A real PostgreSQL server, started when the first test asks for it."""
    with kinds.postgresql() as server:
        yield server


@pytest.fixture(params=kinds.ENGINES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Two empty stores of either kind."""
    environ = {"HOTLINE_DATA_DIR": str(tmp_path), "HOTLINE_INBOX_DELAY": "0"}
    if request.param == "sqlite":
        yield Stores("sqlite", environ)
        return
    server: Server = request.getfixturevalue("postgresql_server")
    front, desk = (server.url(name) for name in kinds.DATABASES)
    yield Stores("postgresql", environ | {"HOTLINE_FRONT_DATABASE_URL": front, "HOTLINE_DATABASE_URL": desk})
    server.empty()


@pytest.fixture
def bare_office(stores: Stores, tmp_path: Path) -> Iterator[Flask]:
    """An app for commands, worker and sweeper, with keys and without tables."""
    vault.create_keys(tmp_path / "keys")
    app = create_app("office", stores.environ)
    with app.app_context():
        yield app
    kinds.dispose(app)


@pytest.fixture
def office(bare_office: Flask) -> Flask:
    """The same with tables, and with the people and recipients of the demo."""
    bare_office.extensions["hotline.keyring"].public = vault.PublicKeys(b"p" * 32, b"f" * 32, b"r" * 32)
    schema.upgrade()
    list(demo.people())
    return bare_office
