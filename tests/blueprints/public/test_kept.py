"""How long reports are kept, on the page about privacy: what people agreed on, or that nobody has decided."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask

from hotline.blueprints.public import boards, kept
from hotline.blueprints.public.kept import Board
from hotline.errors import StorageFull
from hotline.rules.report_retention import Term
from tests import page

UNDECIDED = "How long a report itself is kept is not decided yet."
Says = Callable[[Term | StorageFull | None], AbstractContextManager[None]]


@pytest.fixture
def says(public_app: Flask) -> Says:
    """Have the front store say something while a test looks."""

    @contextmanager
    def during(said: Term | StorageFull | None) -> Iterator[None]:
        def read() -> Term | None:
            if isinstance(said, StorageFull):
                raise said
            return said

        usual = public_app.extensions[kept.BOARD]
        public_app.extensions[kept.BOARD] = Board(read)
        yield
        public_app.extensions[kept.BOARD] = usual

    return during


def text(app: Flask, lang: str = "en") -> str:
    return page.read_public(app.test_client().get(f"/{lang}/privacy")).text


def test_it_says_the_days_that_are_in_force_in_either_language(public_app: Flask, says: Says) -> None:
    with says(Term(30, 365)):
        english, khmer = text(public_app), text(public_app, "km")

    assert "until 30 days after your report was closed" in english
    assert "until 365 days after your report was closed" in english
    assert "your code finds nothing any more" in english
    assert UNDECIDED not in english
    assert "30" in khmer
    assert "365" in khmer
    assert "your report" not in khmer


def test_it_says_that_nobody_has_decided_while_that_is_so_and_follows_what_is_said_later(
    public_app: Flask, says: Says
) -> None:
    with says(None):
        assert UNDECIDED in text(public_app)
    with says(Term(7, 30)):
        assert UNDECIDED not in text(public_app)


def test_a_store_that_cannot_be_read_makes_it_say_neither(public_app: Flask, says: Says) -> None:
    with says(StorageFull("away")):
        said = text(public_app)

    assert UNDECIDED not in said
    assert "days after your report" not in said
    assert "How long we keep it" in said


def test_what_was_read_is_read_again_after_a_while() -> None:
    answers, seconds = [None, Term(7, 30)], [0.0]
    board = Board(lambda: answers.pop(0), now=lambda: seconds[0])

    first, same = board.reading(), board.reading()
    seconds[0] += boards.READ_AGAIN

    assert (first, same) == (kept.Reading(is_known=True), first)
    assert board.reading() == kept.Reading(is_known=True, term=Term(7, 30))
