"""What stakeholders said, on the page about the code of practice: read again at times, and never waited for."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline.blueprints.public import boards, feedback
from hotline.blueprints.public.feedback import Board
from hotline.errors import StorageFull
from hotline.services.consultation_feedback import Told
from hotline.vocabulary import Language, Sector
from tests import page

TOLD = Told(
    2025,
    Sector.INDUSTRY,
    {Language.EN: "They <b>want</b> one form.", Language.KM: "ពួកគេចង់បានទម្រង់មួយ។"},
    {Language.EN: "We made it.", Language.KM: "យើងបានធ្វើ។"},
)


@pytest.fixture
def told(public_app: Flask) -> Iterator[None]:
    usual = public_app.extensions[feedback.BOARD]
    public_app.extensions[feedback.BOARD] = Board(lambda: (TOLD,))
    public_app.extensions["hotline.public_pages"]._drawn.clear()
    yield
    public_app.extensions[feedback.BOARD] = usual
    public_app.extensions["hotline.public_pages"]._drawn.clear()


def test_the_page_says_what_was_heard_in_its_language(told: None, public_app: Flask) -> None:
    client: FlaskClient = public_app.test_client()

    english = page.read_public(client.get("/en/code-of-practice")).text
    khmer = page.read_public(client.get("/km/code-of-practice")).text

    assert "They <b>want</b> one form." in english
    assert "We made it." in english
    assert "យើងបានធ្វើ។" in khmer


def test_a_store_that_is_away_leaves_what_was_known() -> None:
    answers: list[object] = [(TOLD,), StorageFull("away"), ()]
    seconds = [0.0]

    def read() -> tuple[Told, ...]:
        answer = answers.pop(0)
        if isinstance(answer, StorageFull):
            raise answer
        return answer  # type: ignore[return-value]

    board, seen = Board(read, now=lambda: seconds[0]), []
    for _ in range(3):
        seen.append((board.reading().number, len(board.reading().told)))
        seconds[0] += boards.READ_AGAIN

    assert seen == [(1, 1), (1, 1), (2, 0)]
