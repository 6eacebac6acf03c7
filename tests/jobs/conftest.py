"""An office, a mail server, and the stack between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateways.mail_server import MailServer, listening
from tests.jobs.office import Office
from tests.jobs.stack import Stack


@pytest.fixture
def sink() -> Iterator[MailServer]:
    with listening() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "data")
    office.settle_in()
    return office


@pytest.fixture
def stack(tmp_path: Path, office: Office, sink: MailServer) -> Iterator[Stack]:
    stack = Stack(
        tmp_path / "data", smtp_url=f"smtp://127.0.0.1:{sink.port}", HOTLINE_MAIL_FROM="notices@hotline.example"
    )
    yield stack
    stack.end()
