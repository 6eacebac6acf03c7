"""What people at the desk see when something goes wrong: what happened, and what to do next."""

from typing import NamedTuple

from flask import Response, flash, g, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from hotline import i18n, logs
from hotline.blueprints import guards, htmx, places
from hotline.blueprints.account import browser
from hotline.blueprints.desk import drawing
from hotline.errors import DomainError, GateClosed, HandsFull, LightWorkOnly, NotFound, StorageFull
from hotline.rules.standing import MOST_IN_HAND
from hotline.services import staff

SHUT = {403, 404}  # no way back is shown to what is not open, or not there


class Trouble(NamedTuple):
    """What went wrong, in words, and a way out of it where there is one (its words, and where it leads)."""

    heading: str
    text: str
    way: str = ""
    href: str = ""


def on_http(exc: HTTPException) -> Response:
    """Answer for an abort, a missing page or a wrong method; keep the headers that belong to it."""
    if isinstance(exc, InternalServerError) and isinstance(exc.original_exception, Exception):
        return _at_last(exc.original_exception)
    if exc.response is not None or exc.code is None or exc.code < 400:
        return make_response(exc.get_response())
    answer = show(exc.code, _stale() if isinstance(exc, CSRFError) else None)
    for name, value in exc.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def on_domain(exc: DomainError) -> Response:
    """Answer for something the domain refused."""
    if exc.status >= 500:
        logs.fault(exc, doing="answering the desk")
    if isinstance(exc, NotFound) and (person := guards.signed_in()):
        staff.note_refused(person, request.endpoint or "", why="not_there")
    if isinstance(exc, GateClosed):
        return show(exc.status, _gate_closed())
    if isinstance(exc, HandsFull):
        return show(exc.status, _hands_full())
    if isinstance(exc, LightWorkOnly):
        flash(_("Nothing was taken: that is hard material."), "due")
        return htmx.go(url_for("desk.care.show_light_work"))  # it says why, what else there is to do, and the way back
    if isinstance(exc, StorageFull):
        return show(exc.status, _not_saved())
    return show(exc.status)


def on_crash(exc: Exception) -> Response:
    """Answer for a fault of ours. The log gets its shape, nobody a value."""
    logs.fault(exc, doing="answering the desk")
    return show(500)


def _at_last(exc: Exception) -> Response:
    """Answer for a fault while an answer was drawn or its session stored: as for nobody, and storing nothing."""
    browser.give_up(exc)
    return on_domain(exc) if isinstance(exc, DomainError) else on_crash(exc)


def show(status: int, trouble: Trouble | None = None) -> Response:
    """Return the page for `status`, or for htmx the short note that stands at the top of the page."""
    if "lang" not in g:
        g.lang = i18n.from_header(request.accept_languages)
        refresh()
    found = trouble or _words().get(status) or _words()[400 if status < 500 else 500]
    template = "desk/_trouble.html" if htmx.wants_part() else "errors/desk.html"
    back = "" if status in SHUT else places.page_of_form()
    return make_response(drawing.draw(template, trouble=found, back=back), status)


def _words() -> dict[int, Trouble]:
    return {
        400: Trouble(_("We could not read that"), _("Go back, load the page again and try once more.")),
        403: Trouble(
            _("This page is not open to you"),
            _("It belongs to another role, or the desk is used from outside the secure room. Ask your manager."),
        ),
        404: Trouble(_("There is no such page"), _("The reference may be wrong, or it is not yours to see.")),
        405: Trouble(_("This page cannot do that"), _("Start again from the page before.")),
        409: Trouble(
            _("Somebody was quicker, or it has moved on"),
            _("Nothing was changed. Look at the page anew to see where it stands now."),
        ),
        413: Trouble(_("That was too much at once"), _("Nothing was saved. Shorten the text and try again.")),
        422: Trouble(_("That cannot be taken"), _("Nothing was saved. Check what was typed and try again.")),
        429: Trouble(_("Please wait a few minutes"), _("Too much came at once. Nothing was changed.")),
        500: Trouble(
            _("Something broke on our side"),
            _("Nothing was saved. Try once more; if it happens again, tell the admin the time and the page."),
        ),
        503: _not_saved(),
    }


def _not_saved() -> Trouble:
    return Trouble(
        _("It could not be saved"),
        _("The disk is full or the database does not answer. Nothing was changed. Tell the admin, then try again."),
    )


def _gate_closed() -> Trouble:
    return Trouble(
        _("Nothing may leave yet"),
        _("Two people have to agree first, and their verdict has to open this way. Nothing was sent."),
    )


def _hands_full() -> Trouble:
    return Trouble(
        _("Your hands are full"),
        _(
            "One person may have %(num)s first looks at once, no more. Hand one in or pass one on, then take another. "
            "Only where a child may be in danger can you take one all the same.",
            num=MOST_IN_HAND,
        ),
        _("See what is in my hands"),
        url_for("desk.queue.show_queue", whose="me"),
    )


def _stale() -> Trouble:
    return Trouble(
        _("Please load the page again"),
        _("The page had been open for a long time, or you signed in anew meanwhile. Nothing was changed."),
    )
