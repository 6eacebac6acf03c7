"""When the desk's store is away, locked or broken: an answer in words, our headers, and nobody is signed out by it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from hotline import extensions
from hotline.extensions import db
from hotline.services.sign_ins import News
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "PATIENCE", 0)


@contextmanager
def away(desk: DeskSite, folder: Path) -> Iterator[None]:
    """Take the store away, as a disk that is gone would, and bring it back."""
    with desk.context():
        db.engine.dispose()
    store, elsewhere = folder / "desk.sqlite3", folder / "elsewhere"
    for journal in folder.glob("desk.sqlite3-*"):
        journal.unlink()
    store.rename(elsewhere)
    store.mkdir()
    yield
    store.rmdir()
    elsewhere.rename(store)


@contextmanager
def locked(folder: Path) -> Iterator[sqlite3.Connection]:
    """Hold the store's write lock."""
    holder = sqlite3.connect(folder / "desk.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield holder
    holder.execute("ROLLBACK")
    holder.close()


def check_trouble(answer: TestResponse, status: int = 503) -> None:
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def make_old(folder: Path) -> None:
    with sqlite3.connect(folder / "desk.sqlite3") as store:
        store.execute("UPDATE desk_sessions SET seen_at = datetime(seen_at, '-10 minutes')")


def test_a_store_that_is_away_is_told_in_words_and_signs_nobody_out(desk: DeskSite, desk_dir: Path) -> None:
    sophea = desk.sign_in("sophea")

    with away(desk, desk_dir):
        answers = [sophea.get(path) for path in ("/desk/", "/desk/items", "/desk/sign-in")]

    for answer in answers:
        check_trouble(answer)
        assert page.read_desk(answer).heading == "It could not be saved"
    assert sophea.page("/desk/").heading == "Today"


def test_htmx_gets_a_note_while_the_store_is_away(desk: DeskSite, desk_dir: Path) -> None:
    sophea = desk.sign_in("sophea")

    with away(desk, desk_dir):
        answer = sophea.get("/desk/items", htmx=True)

    check_trouble(answer)
    assert "<html" not in answer.text


def test_strangers_are_told_the_same_and_the_style_still_comes(desk: DeskSite, desk_dir: Path) -> None:
    with away(desk, desk_dir):
        asked, style = desk.browser().get("/desk/sign-in"), desk.browser().client.get("/static/desk.css")

    check_trouble(asked)
    assert style.status_code == 200


def test_outside_the_room_nobody_learns_that_the_store_is_away(desk: DeskSite, desk_dir: Path) -> None:
    with away(desk, desk_dir):
        answer = desk.app.test_client().get("/desk/", environ_base={"REMOTE_ADDR": "198.51.100.1"})

    assert answer.status_code == 403


def test_pages_can_be_read_while_the_store_cannot_be_written(desk: DeskSite, desk_dir: Path) -> None:
    sophea = desk.sign_in("sophea")
    make_old(desk_dir)

    with locked(desk_dir):
        assert sophea.page("/desk/").heading == "Today"


def test_a_form_that_could_not_be_sent_later_is_not_shown(desk: DeskSite, desk_dir: Path) -> None:
    with locked(desk_dir):
        answer = desk.browser().get("/desk/sign-in")

    check_trouble(answer)


@pytest.mark.parametrize("path", ["/desk/items/next", "/desk/sign-out"])
def test_what_could_not_be_written_is_told_and_can_be_done_later(desk: DeskSite, desk_dir: Path, path: str) -> None:
    sophea = desk.sign_in("sophea")
    sophea.get("/desk/items")

    with locked(desk_dir):
        check_trouble(sophea.post(path))

    assert sophea.page("/desk/").heading == "Today"


def test_signing_in_fails_whole_when_the_session_cannot_be_stored(
    desk: DeskSite, desk_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser: Browser = desk.browser()
    browser.get("/desk/sign-in")
    monkeypatch.setattr("hotline.blueprints.account.views.sign_ins.come_in", lambda *_: News())

    with locked(desk_dir):
        answer = browser.post("/desk/sign-in", name="sophea", password=PASSWORD)

    check_trouble(answer)
    assert "Sign out" not in answer.text
    assert browser.get("/desk/").status_code == 303


def test_a_store_without_its_tables_is_a_fault_of_ours_told_in_words(desk: DeskSite, desk_dir: Path) -> None:
    sophea = desk.sign_in("sophea")
    with sqlite3.connect(desk_dir / "desk.sqlite3") as store:
        store.execute("ALTER TABLE desk_sessions RENAME TO gone")

    check_trouble(sophea.get("/desk/"), 500)
