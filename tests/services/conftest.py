"""What tests of services ask for beside the office itself."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from hotline import clock, vault
from hotline.config import settings
from hotline.extensions import db
from hotline.vault import Lock
from tests.services.clock_steps import At
from tests.services.letter_steps import Post


@pytest.fixture
def support(office: Flask) -> Flask:
    """The office, holding the private half of victim files too, as the desk's process does."""
    halves = vault.load(settings().keys_dir, private=[Lock.CARE], public_secrets=False, blinds=False).halves
    office.extensions["hotline.keyring"].halves |= halves
    return office


@pytest.fixture
def at(office: Flask, monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to an hour and minute of a Monday in March, or of a day after it."""

    def set_clock(hour: int, minute: int = 0, *, day: int = 2) -> datetime:
        moment = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        db.session.rollback()
        return moment

    return set_clock


@pytest.fixture
def post() -> Post:
    """A mailer that ends each try as the test says."""
    return Post()
