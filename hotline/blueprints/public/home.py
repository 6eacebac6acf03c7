"""The first page, and the door that chooses a language."""

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from hotline import i18n
from hotline.blueprints.public import drawing, notice_line, tokens
from hotline.blueprints.public.stencils import Stencil, gap

bp = Blueprint("home", __name__)
root = Blueprint("root", __name__)


@root.get("/")
def choose_language() -> ResponseReturnValue:
    """Send a visitor to the first page in the language their browser asks for, Khmer if unsure."""
    answer = redirect(f"/{i18n.from_header(request.accept_languages)}/")
    answer.vary.add("Accept-Language")
    return answer


@bp.get("/")
def show_home() -> Response:
    """Show what this is, whom to call, and the two ways on, below the notice line where there is one."""
    line = notice_line.current()
    if line:
        return drawing.stock("home with notice", _draw_with_notice).answer(line, tokens.fresh())
    return drawing.stock("home", _draw).answer(tokens.fresh())


def _draw() -> Stencil:
    return Stencil(_page(notice=None), "token")


def _draw_with_notice() -> Stencil:
    return Stencil(_page(notice=gap("notice")), "notice", "token")


def _page(notice: str | None) -> str:
    return drawing.draw("public/home.html", notice=notice, token=gap("token"), typed="", fault=None)
