"""The first page, and the door that chooses a language."""

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from hotline import i18n
from hotline.blueprints.public import drawing, notice_line, statistics, tokens, visitor
from hotline.blueprints.public.statistics import Headline
from hotline.blueprints.public.stencils import Stencil, gap

bp = Blueprint("home", __name__)
root = Blueprint("root", __name__)


@root.get("/")
def choose_language() -> ResponseReturnValue:
    """Send a visitor to the first page: in the language they had remembered, else the one their browser asks for.

    Khmer if unsure. The answer depends on a cookie too and need not say so: nobody may store it.
    """
    return _in_their_language("")


@root.get("/statistics.csv")
def choose_figures() -> ResponseReturnValue:
    """Send whoever asks for the published figures without naming a language to those in theirs."""
    return _in_their_language("statistics.csv")


def _in_their_language(page: str) -> ResponseReturnValue:
    answer = redirect(f"/{visitor.current().language or i18n.from_header(request.accept_languages)}/{page}")
    answer.vary.add("Accept-Language")
    return answer


@bp.get("/")
def show_home() -> Response:
    """Show what this is, whom to call, and the two ways on, below the notice line where there is one."""
    line, headline = notice_line.current(), statistics.current().headline
    if line:
        return drawing.stock(("home with notice", headline), lambda: _draw_with_notice(headline)).answer(
            line, tokens.fresh()
        )
    return drawing.stock(("home", headline), lambda: _draw(headline)).answer(tokens.fresh())


def _draw(headline: Headline | None) -> Stencil:
    return Stencil(_page(None, headline), "token")


def _draw_with_notice(headline: Headline | None) -> Stencil:
    return Stencil(_page(gap("notice"), headline), "notice", "token")


def _page(notice: str | None, headline: Headline | None) -> str:
    return drawing.draw("public/home.html", notice=notice, headline=headline, token=gap("token"), typed="", fault=None)
