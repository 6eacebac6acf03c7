"""Choices a visitor makes about this browser: which cookies, which text size. Each can be changed at any time."""

from flask import Blueprint, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from hotline import i18n
from hotline.blueprints.public import cookies, drawing, reading, tokens, visitor
from hotline.blueprints.public.stencils import Stencil
from hotline.blueprints.public.visitor import Choice, Size

bp = Blueprint("choices", __name__)


@bp.get("/cookies")
def show_cookies() -> Response:
    """Show every cookie this site sets, and what was chosen about them."""
    return drawing.stock(("cookies", visitor.current().choice), _draw_cookies).answer()


@bp.post("/cookies")
def choose_cookies() -> ResponseReturnValue:
    """Take a choice: `cookies` is `needed` or `all`. Whatever only an acceptance allows goes with a refusal."""
    fields = _sent()
    chosen = fields.get("cookies", "")
    if chosen not in set(Choice):
        abort(400)
    answer = _back(fields)
    if chosen == Choice.ALL:
        _accept(answer)
    else:
        cookies.refuse(answer, Choice.NEEDED)
    return answer


@bp.post("/text-size")
def choose_text_size() -> ResponseReturnValue:
    """Take a text size. The form says that anything but the normal one accepts the cookies that remember it."""
    fields = _sent()
    size = fields.get("size", "")
    if size not in set(Size):
        abort(400)
    answer = _back(fields)
    if size == Size.NORMAL:
        cookies.clear(answer, cookies.SIZE)
    else:
        _accept(answer)
        cookies.put(answer, cookies.SIZE, size)
    return answer


def remember_language(response: Response) -> Response:
    """Remember the language of the page just opened, for somebody who wanted that and has changed it."""
    somebody = visitor.current()
    if somebody.accepted and somebody.language is not g.lang and request.method == "GET":
        cookies.put(response, cookies.LANGUAGE, g.lang)
    return response


def _draw_cookies() -> Stencil:
    kinds = [(kind, cookies.full_name(kind)) for kind in cookies.KINDS]
    return Stencil(drawing.draw("public/cookies.html", kinds=kinds))


def _sent() -> MultiDict[str, str]:
    """Return what was sent, unless another site sent it. No token: a choice is worth nothing to anybody else."""
    if tokens.is_foreign():
        abort(403)
    return reading.sent().fields


def _accept(answer: AnyResponse) -> None:
    cookies.put(answer, cookies.CHOICE, Choice.ALL)
    cookies.put(answer, cookies.LANGUAGE, i18n.chosen())


def _back(fields: MultiDict[str, str]) -> AnyResponse:
    """Send the person back to the page they were on, if it is one of this site; else to the first page.

    The address is not passed on but made anew from the page it means, so it can lead nowhere else.
    """
    try:
        endpoint, values = current_app.url_map.bind("").match(fields.get("back", ""), method="GET")
    except HTTPException:  # no such page, or one that only takes forms, or an address that has to be mended
        endpoint, values = "", {}
    if not endpoint.startswith("public.") or endpoint in visitor.SHOWN_ONCE:
        endpoint, values = "public.home.show_home", {"lang": i18n.chosen()}
    return redirect(url_for(endpoint, **values), 303)
