"""How long what reporters gave is kept, for the page about privacy. It is read as `boards` says."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from hotline.blueprints.public import boards
from hotline.rules.report_retention import Term
from hotline.services import report_terms

BOARD = "hotline.kept"


@dataclass(frozen=True)
class Reading:
    """What was last read: whether the store was read at all, and the term (None: nobody has decided)."""

    is_known: bool = False
    term: Term | None = None


class Board(boards.Board[Term | None, Reading]):
    """The term as this process last read it."""

    def __init__(
        self,
        read: Callable[[], Term | None] = report_terms.published,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(read, first=Reading(), after=_after, doing="reading how long reports are kept", now=now)


def current() -> Reading:
    """Return the term as this process last read it."""
    return cast(Board, current_app.extensions[BOARD]).reading()


def _after(_known: Reading, term: Term | None) -> Reading:
    return Reading(is_known=True, term=term)
