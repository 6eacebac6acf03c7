"""What a visitor sees when something goes wrong: plain words, telephone numbers and a way on, in their language."""

from typing import NamedTuple

from flask import g, request
from flask_babel import gettext as _
from flask_babel import refresh
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from hotline import i18n, logs
from hotline.blueprints.public import drawing
from hotline.blueprints.public.stencils import Stencil
from hotline.errors import DomainError


class Trouble(NamedTuple):
    """What went wrong, in words."""

    heading: str
    text: str


def show(status: int) -> Response:
    """Return the page for `status`; statuses without words of their own share one page."""
    _speak()
    status = status if status in _STATUSES else 400 if status < 500 else 500
    return drawing.stock(("trouble", status), lambda: _draw(status)).answer(status=status)


def on_http(exc: HTTPException) -> Response:
    """Answer for an abort, a missing page or a wrong method; keep the headers that belong to it."""
    if exc.response is not None or exc.code is None or exc.code < 400:
        return exc.get_response()
    answer = show(exc.code)
    for name, value in exc.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def on_domain(exc: DomainError) -> Response:
    """Answer for something the domain refused."""
    if exc.status >= 500:
        logs.fault(exc, doing="answering a visitor")
    return show(exc.status)


def on_crash(exc: Exception) -> Response:
    """Answer for a fault of ours. The log gets its shape, the visitor a way on, nobody a value."""
    logs.fault(exc, doing="answering a visitor")
    return show(500)


def _speak() -> None:
    """Choose a language where no route has: the path's, else the browser's."""
    if "lang" not in g:
        g.lang = i18n.of_path(request.path, request.accept_languages)
        refresh()


def _draw(status: int) -> Stencil:
    """Draw it for every path at once: what it leads to is the first page, never the address that went wrong."""
    lang = i18n.chosen()
    return Stencil(
        drawing.draw("errors/public.html", trouble=_words(status), twin=f"/{i18n.other(lang)}/", back=f"/{lang}/")
    )


_STATUSES = {400, 403, 404, 405, 413, 429, 500, 503}


def _words(status: int) -> Trouble:
    return {
        400: Trouble(_("We could not read that"), _("Please go back and try once more.")),
        403: Trouble(_("This page is not open to you"), _("Please start again from the first page.")),
        404: Trouble(_("There is no such page"), _("Perhaps the address was cut off. These pages are here:")),
        405: Trouble(_("This page cannot do that"), _("Please start again from the first page.")),
        413: Trouble(
            _("That was too much at once"),
            _(
                "Nothing was kept. Please send the web addresses and a short text only. "
                "We cannot receive pictures, videos or files."
            ),
        ),
        429: Trouble(
            _("Please wait a few minutes"),
            _(
                "Many people share one network, and a lot came from yours just now. "
                "Wait a little and try again, or call us."
            ),
        ),
        500: Trouble(_("Something broke on our side"), _("It is not your fault. Please try once more, or call us.")),
        503: Trouble(
            _("We cannot take reports here just now"),
            _("Nothing was stored. Please call us, or try again in a few minutes."),
        ),
    }[status]
