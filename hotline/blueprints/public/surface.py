"""The public surface, put together: views, limits of size, faults."""

from typing import Any

from flask import Blueprint, Flask, Request, Response, g, request
from flask.sessions import SessionInterface

from hotline import security
from hotline.blueprints.exchange_api import views as exchange_api
from hotline.blueprints.public import (
    brake,
    choices,
    closing,
    drawing,
    feedback,
    followup,
    help,
    home,
    kept,
    notice_line,
    pages,
    phone,
    receipt,
    reply,
    report,
    script,
    share,
    statistics,
    visitor,
    wellknown,
)
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
    for part in (
        home.bp,
        report.bp,
        receipt.bp,
        followup.bp,
        help.bp,
        pages.bp,
        choices.bp,
        phone.bp,
        share.bp,
        statistics.bp,
    ):
        site.register_blueprint(part)
    site.after_request(choices.remember_language)
    if app.extensions["hotline.settings"].onion_url:
        site.after_request(_offer_onion)
    app.register_blueprint(site)
    app.register_blueprint(home.root)
    app.register_blueprint(reply.bp)
    app.register_blueprint(wellknown.bp)
    app.register_blueprint(script.bp)
    app.register_blueprint(phone.icons)
    exchange_api.install(app)
    app.extensions[drawing.STOCK] = Stock()
    app.extensions[notice_line.BOARD] = notice_line.Board()
    app.extensions[statistics.BOARD] = statistics.Board()
    app.extensions[feedback.BOARD] = feedback.Board()
    app.extensions[kept.BOARD] = kept.Board()
    brake.install(app, app.extensions["hotline.settings"].brake)
    closing.install(app)
    if app.extensions["hotline.surface"] is Surface.PUBLIC:
        app.session_interface = NoSession()


def _choose_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values:
        g.lang = Language(values.pop("lang"))


def _offer_onion(response: Response) -> Response:
    """Offer the onion service on every page but a receipt: its cookie would not go along, the code would be lost."""
    if request.endpoint not in visitor.SHOWN_ONCE:
        security.offer_onion(response)
    return response
