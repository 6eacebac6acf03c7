"""Taking reports at once: threads of one process take turns, and none waits for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import create_app
from hotline.errors import StorageFull
from hotline.models.report import Inbox
from hotline.services import inbox, submissions
from hotline.transactions import front_engine
from hotline.vocabulary import Category, Language
from tests import ready_made

REPORT = submissions.Submission(Category.OTHER, "https://page.example/x", None, "", None, "", Language.EN)


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Flask]:
    environ = {"HOTLINE_DATA_DIR": str(tmp_path)}
    ready_made.copy(ready_made.tables, tmp_path)
    app = create_app("public", environ)
    with app.app_context():
        yield app


def stored() -> int | None:
    with front_engine().connect() as connection:
        return connection.scalar(select(func.count()).select_from(Inbox))


def test_every_report_of_many_threads_is_stored(public: Flask):
    def take(number: int) -> str:
        with public.app_context():
            return submissions.take(REPORT, nonce=str(number))

    with ThreadPoolExecutor(8) as threads:
        codes = set(threads.map(take, range(64)))

    assert len(codes) == 64
    assert stored() == 64


def test_who_waits_too_long_is_told_so_and_the_next_one_is_taken(public: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inbox, "PATIENCE", 0.01)

    with inbox._turn, pytest.raises(StorageFull):
        submissions.take(REPORT, nonce="one")

    assert stored() == 0
    submissions.take(REPORT, nonce="one")
    assert stored() == 1


def test_a_report_that_fails_leaves_the_turn_to_the_next(public: Flask):
    with pytest.raises(RuntimeError), inbox.in_turn():
        raise RuntimeError

    submissions.take(REPORT, nonce="one")
    assert stored() == 1
