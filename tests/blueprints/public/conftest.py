"""A public site of its own for these tests: one app, emptied before each of them."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from hotline import vault
from hotline.blueprints.public import brake
from hotline.extensions import limiter
from hotline.models.message import MessageCopy
from hotline.models.report import Inbox, ReceiptRow
from hotline.services import submissions
from hotline.services.submissions import Submission
from hotline.transactions import front_engine
from tests.blueprints.public.site import Reporter, build


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return build(tmp_path_factory.mktemp("public"), HOTLINE_TRUSTED_PROXIES="1")


@pytest.fixture
def public_app(built_site: Flask) -> Iterator[Flask]:
    with built_site.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(delete(Inbox))
        connection.execute(delete(MessageCopy))
        connection.execute(delete(ReceiptRow))
    limiter.reset()
    brake.install(built_site, 300)
    yield built_site
    limiter.reset()


@pytest.fixture
def public_client(public_app: Flask) -> FlaskClient:
    return public_app.test_client()


@pytest.fixture
def stored(public_app: Flask) -> Callable[[], list[Submission]]:
    """Return every stored report, opened with the key that only the worker and the desk hold."""

    def opened() -> list[Submission]:
        keys_dir = public_app.extensions["hotline.settings"].keys_dir
        ring = vault.load(keys_dir, private=[vault.Lock.CASE], public_secrets=False, blinds=False)
        with public_app.app_context(), front_engine().connect() as connection:
            bodies = connection.scalars(select(Inbox.body)).all()
        return [submissions.opened(ring.open(submissions.PURPOSE, body)) for body in bodies]

    return opened


@pytest.fixture
def reporter(public_client: FlaskClient) -> Reporter:
    return Reporter(public_client)
