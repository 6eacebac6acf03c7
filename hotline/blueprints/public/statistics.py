"""Figures: what was counted, with its meaning beside it, as a page and as a file.

They are read as `boards` says.
"""

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, cast

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from hotline.blueprints.public import boards, drawing, statistics_words
from hotline.blueprints.public.stencils import Stencil
from hotline.rules.figures import RECENT, Cell, Digest
from hotline.services import figures
from hotline.vocabulary import Figure, LawVerdict

bp = Blueprint("statistics", __name__)

BOARD = "hotline.figures"
HEADER = ("period", "figure", "part", "count", "note", "counted_from")
LEFT_OUT = "left_out"


class Headline(NamedTuple):
    """The figures of the last twelve months for the first page."""

    links: int
    illegal: int


@dataclass(frozen=True)
class Reading:
    """What was last read. `number` is another one whenever something else was; `digest` is None before the first."""

    number: int = 0
    digest: Digest | None = None
    headline: Headline | None = None


class Board(boards.Board[tuple[Cell, ...], Reading]):
    """The figures as this process last read them."""

    def __init__(
        self,
        read: Callable[[], tuple[Cell, ...]] = figures.list_published,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(read, first=Reading(), after=_after, doing="reading the figures", now=now)


@bp.get("/statistics")
def show_statistics() -> Response:
    """Show the figures of the last months and years, each with what it means."""
    reading = current()
    return drawing.stock(("statistics", reading.number), lambda: _draw(reading.digest)).answer()


@bp.get("/statistics.csv")
def download_statistics() -> ResponseReturnValue:
    """Hand out every published figure: one line for each period, figure and part. Codes and whole numbers only.

    The last column names the first month of a year that was not counted from its beginning.
    """
    digest = current().digest
    if digest is None:
        return Response(statistics_words.away() + "\n", 503, mimetype="text/plain")
    answer = Response(_as_csv(digest), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=statistics.csv"
    return answer


def current() -> Reading:
    """Return the figures as this process last read them."""
    return cast(Board, current_app.extensions[BOARD]).reading()


def _after(known: Reading, cells: tuple[Cell, ...]) -> Reading:
    digest = Digest(cells)
    if known.digest is not None and known.digest.cells == digest.cells:
        return known
    return Reading(known.number + 1, digest, _headline(digest))


def _draw(digest: Digest | None) -> Stencil:
    words = statistics_words
    return Stencil(drawing.draw("public/statistics.html", digest=digest, chapters=words.chapters(), words=words))


def _as_csv(digest: Digest) -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(HEADER)
    for cell in digest.cells:
        note = LEFT_OUT if cell.count is None else ""
        lines.writerow((cell.period, cell.figure, cell.part, cell.count, note, digest.first_of(cell.period) or ""))
    return text.getvalue()


def _headline(digest: Digest) -> Headline | None:
    """Return what can be said in one line; None before twelve months were counted, or when one was left out of it."""
    links, illegal = digest.recently(Figure.ADDRESSES), digest.recently(Figure.LAW, LawVerdict.ILLEGAL)
    if len(digest.recent) < RECENT or not (links.whole and illegal.whole and links.count and illegal.count):
        return None
    return Headline(links.count, illegal.count)
