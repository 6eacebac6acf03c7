"""The page that shows a receipt code, once."""

from flask import Blueprint, Response, abort, redirect
from flask.typing import ResponseReturnValue

from hotline import i18n
from hotline.blueprints.public import cookies, drawing, tokens
from hotline.blueprints.public.cookies import Shown
from hotline.blueprints.public.stencils import Stencil, gap

bp = Blueprint("receipt", __name__)


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
    if shown is None:
        return drawing.draw("public/receipt_gone.html"), 410
    return _page(shown, by_cookie=True)


@bp.post("/report/receipt")
def confirm_receipt() -> ResponseReturnValue:
    """Forget the code now that it is on paper."""
    if tokens.is_foreign():
        abort(403)
    answer = redirect(f"/{i18n.chosen()}/", 303)
    cookies.clear_receipt(answer)
    return answer


def _page(shown: Shown, *, by_cookie: bool) -> Response:
    """Fill the code into a page drawn once for each number of links and each thing that has to be said of them."""
    key = ("receipt", shown.links, shown.kept, shown.mended, by_cookie)
    grouped = " ".join(shown.code[at : at + 4] for at in range(0, len(shown.code), 4))
    return drawing.stock(key, lambda: _draw(shown, by_cookie)).answer(grouped)


def _draw(shown: Shown, by_cookie: bool) -> Stencil:
    """Draw it. Without a cookie the code stands on this answer only, so it offers no other language to go to."""
    without_twin = {} if by_cookie else {"twin": None}
    page = drawing.draw(
        "public/receipt.html",
        code=gap("code"),
        links=shown.links,
        kept=shown.kept,
        mended=shown.mended,
        by_cookie=by_cookie,
        **without_twin,
    )
    return Stencil(page, "code")
