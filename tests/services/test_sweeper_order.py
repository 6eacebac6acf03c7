"""What the sweeper does first: what has to go out goes before figures, and figures wait a minute at most."""

import pytest
from flask import Flask

from hotline import outbox
from hotline.extensions import db
from hotline.jobs import sweep
from hotline.services import notices, statistics_rollup
from hotline.transactions import writing
from tests.services import steps


@pytest.fixture(autouse=True)
def waiting(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something be counted and a letter be due, which a worker has been told of."""
    steps.new_item("https://img-board.example/t/1")
    monkeypatch.setattr(outbox, "hint", lambda: True)
    with writing():
        outbox.put(db.session(), notices.DELIVER, 1)


def go_round(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Let the sweeper go one round. Returns whether something is still to be counted."""
    slept: list[float] = []
    with monkeypatch.context() as patched:
        patched.setattr("time.sleep", slept.append)
        sweep.forever(lambda: bool(slept))
    db.session.rollback()
    return statistics_rollup.is_waiting()


def test_figures_wait_while_a_letter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert go_round(monkeypatch)
    with writing():
        outbox.done(db.session(), notices.DELIVER, 1)

    assert not go_round(monkeypatch)


def test_figures_wait_no_longer_than_they_have_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "FIGURES_WAIT", 0.0)

    assert not go_round(monkeypatch)
    assert outbox.waiting_since(db.session()) is not None
