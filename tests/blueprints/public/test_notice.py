"""The notice line above the first page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, text

from hotline import clock
from hotline.blueprints.public import notice_line
from hotline.blueprints.public.notice_line import Board
from hotline.errors import StorageFull
from hotline.extensions import FRONT, db
from hotline.models import PublicText
from hotline.services import public_texts
from hotline.transactions import front_engine
from hotline.vocabulary import Language, TextKey
from tests.blueprints.public.site import LANGUAGES
from tests.page import Page, read_public

CLOSED = "Our telephone is closed on 9 November"
FIRST_VIEW_BYTES = 9_000


class Watch:
    """A clock that goes on when it is told to."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch(public_app: Flask) -> Iterator[Watch]:
    """Give the site an empty board under a clock of our own; take every line away again at the end."""
    watch = Watch()
    usual = public_app.extensions[notice_line.BOARD]
    public_app.extensions[notice_line.BOARD] = Board(now=watch)
    yield watch
    public_app.extensions[notice_line.BOARD] = usual
    with public_app.app_context():
        db.create_all(FRONT)
        with front_engine().execution_options(writes=True).begin() as connection:
            connection.execute(delete(PublicText))


def write(app: Flask, line: str, lang: str = "en") -> None:
    """Store a line the way the office does, from another process."""
    row = {"key": TextKey.NOTICE, "language": Language(lang), "text": line, "changed_at": clock.now()}
    with app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(delete(PublicText).where(PublicText.language == Language(lang)))
        connection.execute(insert(PublicText), row)


def lines(page: Page) -> list[str]:
    return [element.text for element in page.all("p", class_="panel")]


def test_there_is_no_line_until_somebody_writes_one(public_client: FlaskClient, watch: Watch):
    assert lines(read_public(public_client.get("/en/"))) == []


@pytest.mark.parametrize(("lang", "label"), [("en", "Notice:"), ("km", "សេចក្តីជូនដំណឹង៖")])
def test_the_line_stands_above_the_first_page(
    public_app: Flask, public_client: FlaskClient, watch: Watch, lang: str, label: str
):
    write(public_app, CLOSED, lang)

    page = read_public(public_client.get(f"/{lang}/"))

    assert lines(page) == [f"{label} {CLOSED}"]
    assert page.token


def test_a_line_in_one_language_is_not_shown_in_the_other(public_app: Flask, public_client: FlaskClient, watch: Watch):
    write(public_app, CLOSED, "en")

    assert CLOSED not in public_client.get("/km/").text


def test_a_changed_line_is_on_the_page_half_a_minute_later(public_app: Flask, public_client: FlaskClient, watch: Watch):
    write(public_app, CLOSED)
    assert CLOSED in public_client.get("/en/").text
    write(public_app, "We are open again")

    watch.seconds += notice_line.READ_AGAIN - 1
    assert CLOSED in public_client.get("/en/").text
    watch.seconds += 1

    answer = public_client.get("/en/").text
    assert "We are open again" in answer
    assert CLOSED not in answer


def test_a_line_that_was_taken_away_goes(public_app: Flask, public_client: FlaskClient, watch: Watch):
    write(public_app, CLOSED)
    public_client.get("/en/")
    with public_app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(delete(PublicText))

    watch.seconds += notice_line.READ_AGAIN

    assert lines(read_public(public_client.get("/en/"))) == []


def test_markup_in_a_line_never_becomes_markup_of_the_page(public_app: Flask, public_client: FlaskClient, watch: Watch):
    write(public_app, "<script>alert(1)</script> Q & A &lt;b&gt;")

    answer = public_client.get("/en/")

    assert "<script>" not in answer.text
    assert "Q &amp; A &amp;lt;b&amp;gt;" in answer.text
    assert lines(read_public(answer)) == ["Notice: alert(1) Q & A &lt;b&gt;"]


def test_words_that_look_like_a_gap_are_words(public_app: Flask, public_client: FlaskClient, watch: Watch):
    write(public_app, "%gap:token%")

    page = read_public(public_client.get("/en/"))

    assert lines(page) == ["Notice: %gap:token%"]
    assert len(page.token) > 20


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_stands_while_the_store_cannot_be_read(
    public_app: Flask, public_client: FlaskClient, watch: Watch, lang: str
):
    with public_app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE public_texts"))

    answer = public_client.get(f"/{lang}/")

    assert answer.status_code == 200
    assert lines(read_public(answer)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_longest_line_still_makes_a_small_first_view(
    public_app: Flask, public_client: FlaskClient, watch: Watch, lang: str
):
    write(public_app, "ក" * public_texts.LONGEST, lang)

    answer = public_client.get(f"/{lang}/", headers={"Accept-Encoding": "gzip"})

    head = sum(len(name) + len(value) + 4 for name, value in answer.headers)
    assert len(answer.data) + head < FIRST_VIEW_BYTES


def test_a_store_that_cannot_be_read_leaves_the_last_known_line():
    watch = Watch()
    answers = iter((CLOSED, None))

    def read(language: Language) -> str | None:
        line = next(answers)
        if line is None:
            raise StorageFull("the front store cannot be read")
        return line

    board = Board(read, now=watch)
    board.line(Language.EN)
    watch.seconds += notice_line.READ_AGAIN

    assert board.line(Language.EN) == CLOSED


def test_many_visits_in_half_a_minute_ask_the_store_once():
    asked = []
    board = Board(asked.append, now=Watch())

    for _ in range(5):
        board.line(Language.EN)
        board.line(Language.KM)

    assert asked == [Language.EN, Language.KM]
