"""The page that shows a receipt code, once."""

from dataclasses import replace

from flask import Blueprint, Response, abort, redirect
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from hotline import i18n
from hotline.blueprints.public import cookies, drawing, reading, tokens
from hotline.blueprints.public.cookies import Shown
from hotline.blueprints.public.forms import digits_in
from hotline.blueprints.public.stencils import Stencil, gap

bp = Blueprint("receipt", __name__)
ENDING = 4  # digits that show that somebody has the code in front of them


def hand_over(shown: Shown) -> ResponseReturnValue:
    """Answer a report that is stored: on to the receipt page, or at once to a browser that keeps no cookies."""
    if not cookies.kept():
        return _page(shown, by_cookie=False)
    answer = redirect(f"/{i18n.chosen()}/report/receipt", 303)
    cookies.set_receipt(answer, shown)
    return answer


@bp.get("/report/receipt")
def show_receipt() -> ResponseReturnValue:
    """Show the code the browser carries."""
    shown = cookies.receipt()
    return _gone() if shown is None else _page(shown, by_cookie=True)


@bp.post("/report/receipt")
def confirm_receipt() -> ResponseReturnValue:
    """Forget the code once it is on paper: its last digits say so, or the person does.

    Without a field it is «Leave now» that asks, and the code goes too. Digits that come too late are compared with
    nothing, so nothing is said of them.
    """
    if tokens.is_foreign():
        abort(403)
    fields = reading.sent().fields
    shown = cookies.receipt()
    if "ending" not in fields or "skip" in fields:
        return _forgetting(redirect(f"/{i18n.chosen()}/", 303))
    if shown is None:
        return _gone()
    if not _is_ending(fields["ending"], shown):
        return _page(shown, by_cookie=True, wrong=True, status=422)
    return _forgetting(_kept(shown))


def _forgetting(answer: BaseResponse) -> BaseResponse:
    cookies.clear(answer, cookies.RECEIPT)
    return answer


def _gone() -> ResponseReturnValue:
    return drawing.draw("public/receipt_gone.html"), 410


def _kept(shown: Shown) -> Response:
    """Say that the code is on paper. This page answers a form, so it offers no other language to go to."""
    return drawing.stock(
        ("receipt kept", shown.for_help),
        lambda: Stencil(drawing.draw("public/receipt_kept.html", for_help=shown.for_help, twin=None)),
    ).answer()


def _is_ending(typed: str, shown: Shown) -> bool:
    return digits_in(typed) in {shown.code, shown.code[-ENDING:]}


def _page(shown: Shown, *, by_cookie: bool, wrong: bool = False, status: int = 200) -> Response:
    """Fill the code into a page drawn once for each number of links and each thing that has to be said of them."""
    key = ("receipt", replace(shown, code=""), by_cookie, wrong)
    grouped = " ".join(shown.code[at : at + 4] for at in range(0, len(shown.code), 4))
    return drawing.stock(key, lambda: _draw(shown, by_cookie, wrong)).answer(grouped, status=status)


def _draw(shown: Shown, by_cookie: bool, wrong: bool) -> Stencil:
    """Draw it. Without a cookie the code stands on this answer only, so it offers no other language to go to."""
    without_twin = {} if by_cookie else {"twin": None}
    page = drawing.draw(
        "public/receipt.html",
        code=gap("code"),
        shown=shown,
        by_cookie=by_cookie,
        wrong=wrong,
        **without_twin,
    )
    return Stencil(page, "code")
