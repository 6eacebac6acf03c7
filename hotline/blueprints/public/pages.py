"""The pages that only say something: help, privacy, cookies."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from hotline import security
from hotline.blueprints.public import cookies, drawing
from hotline.blueprints.public.stencils import Stencil

bp = Blueprint("pages", __name__)


@bp.get("/help")
def show_help() -> Response:
    """Show what to do now and whom to call."""
    return _show("help")


@bp.get("/privacy")
def show_privacy() -> Response:
    """Show what is kept and what is not."""
    return _show("privacy")


@bp.get("/cookies")
def show_cookies() -> Response:
    """Show every cookie this site sets."""
    return drawing.stock("cookies", _draw_cookies).answer()


def _show(name: str) -> Response:
    return drawing.stock(name, lambda: Stencil(drawing.draw(f"public/{name}.html"))).answer()


def _draw_cookies() -> Stencil:
    return Stencil(drawing.draw("public/cookies.html", cookies=_every_cookie()))


def _every_cookie() -> list[dict[str, str]]:
    return [
        {
            "name": security.cookie_name(cookies.PROBE),
            "does": _("Tells us whether your browser keeps cookies, so that we can show you your code either way."),
            "lives": _("Set when you open the report form. Gone when you close the browser."),
        },
        {
            "name": security.cookie_name(cookies.RECEIPT),
            "does": _("Carries your code, locked, to the page that shows it."),
            "lives": _(
                "Set when you send a report. Gone after %(num)s minutes, or when you have written your code down."
            )
            % {"num": cookies.RECEIPT_SECONDS // 60},
        },
    ]
