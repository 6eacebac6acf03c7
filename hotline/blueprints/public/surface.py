"""The public surface, put together: views, limits of size, faults."""

from typing import Any

from flask import Blueprint, Flask, Request, g
from flask.sessions import SessionInterface

from hotline.blueprints.public import drawing, followup, home, notice_line, pages, receipt, report, wellknown
from hotline.blueprints.public.stencils import Stock
from hotline.vocabulary import Language, Surface


class NoSession(SessionInterface):
    """No session at all: nothing is read from or written to a visitor's browser behind our back."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Open none; Flask then gives an empty one that refuses to be written, and never saves it."""


def install(app: Flask) -> None:
    """Open the public site on `app`."""
    languages = ", ".join(Language)
    site = Blueprint("public", __name__, url_prefix=f"/<any({languages}):lang>")
    site.url_value_preprocessor(_choose_language)
    for part in (home.bp, report.bp, receipt.bp, followup.bp, pages.bp):
        site.register_blueprint(part)
    app.register_blueprint(site)
    app.register_blueprint(home.root)
    app.register_blueprint(wellknown.bp)
    app.extensions[drawing.STOCK] = Stock()
    app.extensions[notice_line.BOARD] = notice_line.Board()
    if app.extensions["hotline.surface"] is Surface.PUBLIC:
        app.session_interface = NoSession()


def _choose_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values:
        g.lang = Language(values.pop("lang"))
