"""Who may open which page of the desk. A view that does not say whose it is opens to nobody.

The order is fixed: the room, then the session (and whether the database can tell it), then whether the password is the
person's own and a second factor is on where everybody needs one, then the role, then the form's token, and only then
the view, so that a wrong role learns nothing about what exists.
"""

import ipaddress
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from hotline import i18n, security
from hotline.blueprints import places
from hotline.blueprints.account import browser
from hotline.blueprints.desk import findings_form
from hotline.config import Settings, settings
from hotline.errors import DomainError, GateClosed, Overtaken, Refused
from hotline.extensions import csrf, login
from hotline.models.staff import Staff
from hotline.services import drafts, second_factor, staff
from hotline.vocabulary import Role

P = ParamSpec("P")
V = TypeVar("V", bound=Callable[..., Any])

OPEN: frozenset[Role] = frozenset()  # for nobody in particular: signing in
EVERYONE = frozenset(Role)
CASE_ROLES = (Role.ANALYST, Role.REVIEWER)
CARRIED = "carried"  # what a browser's session keeps of a look that was sent too late
ALWAYS_OPEN = {"health.alive", "health.ready", "static"}
READS = {"GET", "HEAD", "OPTIONS"}
MENDED_AT = {"before_own_password": "desk.me.show_password", "before_factor": "desk.second_factor.show_factor"}


def needs(*roles: Role) -> Callable[[V], V]:
    """Open a view to people who hold any of `roles`."""

    def mark(view: V) -> V:
        view.__dict__["roles"] = frozenset(roles)
        return view

    return mark


def open_to_all(view: V) -> V:
    """Open a view before anyone has signed in."""
    view.__dict__["roles"] = OPEN
    return view


def open_before_own_password(view: V) -> V:
    """Open a view also to people whose password somebody else set. Nothing else opens to them."""
    view.__dict__["before_own_password"] = True
    return view


def open_before_factor(view: V) -> V:
    """Open a view also to people who need a second factor and have none. Nothing else opens to them."""
    view.__dict__["before_factor"] = True
    return view


def carries(view: V) -> V:
    """Say of a view that takes a look's answers: what is sent to it too late is carried over signing in again."""
    view.__dict__["carries"] = True
    return view


def commits_apart(view: V) -> V:
    """Say of a view that its service ends short transactions of its own, so it must not stand inside another."""
    view.__dict__["commits"] = True
    return view


def redraws(page: Callable[..., ResponseReturnValue]) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Answer what the domain refuses by drawing `page` again, with the faults at `g.faults` and what was typed kept.

    Stands outside `@commits`, so that nothing is half-written when the page is drawn.
    """

    def wrap(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return view(*args, **kwargs)
            except Refused as refusal:
                g.faults = dict(refusal.faults)
                return current_app.make_response(page(*args, **kwargs)), refusal.status

        return wrapper

    return wrap


def shows_newer(page: Callable[..., ResponseReturnValue]) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Answer what was overtaken by drawing `page` again, where `overtaken()` is true: it shows both, nothing is lost.

    Stands outside `@commits`, as `redraws` does.
    """
    return _draws_on(Overtaken, "overtaken", page)


def says_what_is_missing(page: Callable[..., ResponseReturnValue]) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Answer a gate that is shut by drawing `page` again, where `gate_shut()` is true: it says what is missing.

    Stands outside `@commits`, as `redraws` does.
    """
    return _draws_on(GateClosed, "gate_shut", page)


def overtaken() -> bool:
    """Whether the page is drawn because something newer stands than what a form was based on."""
    return bool(g.get("overtaken", False))


def gate_shut() -> bool:
    """Whether the page is drawn because nothing may leave yet."""
    return bool(g.get("gate_shut", False))


def _draws_on(
    error: type[DomainError], mark: str, page: Callable[..., ResponseReturnValue]
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Answer `error` by drawing `page` again, with `mark` set at `g`, under the error's own status."""

    def wrap(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return view(*args, **kwargs)
            except error as refusal:
                setattr(g, mark, True)
                return current_app.make_response(page(*args, **kwargs)), refusal.status

        return wrapper

    return wrap


def faults() -> Mapping[str, str]:
    """Return what was wrong with the form that is drawn again: field to code. Empty on a fresh page."""
    return cast(Mapping[str, str], g.get("faults", {}))


def signed_in() -> Staff | None:
    """Return who is signed in, if anybody is."""
    person = current_user._get_current_object()
    return person if isinstance(person, Staff) else None


def current_staff() -> Staff:
    """Return who is signed in. Only for views that are not open to all."""
    return cast(Staff, signed_in())


def is_confined() -> bool:
    """Whether nothing opens to who is signed in but the page where they mend what is missing."""
    return bool(g.get("lacks"))


def _lacks(person: Staff | None) -> str:
    """Return the mark of the views that open before what is missing is mended; empty where nothing is."""
    if person is None:
        return ""
    if person.must_change_password:
        return "before_own_password"
    return "before_factor" if second_factor.is_wanting(person) else ""


def install(app: Flask) -> None:
    """Put the guard before every page of the desk on `app`."""
    login.session_protection = None  # type: ignore[assignment]  # it would store a mark of address and browser
    login.user_loader(_load_person)
    app.before_request(_guard)


def _load_person(staff_id: str) -> Staff | None:
    return staff.find_open(int(staff_id))


def _guard() -> ResponseReturnValue | None:
    if not security.is_desk(request.path) or request.endpoint in ALWAYS_OPEN - {"static"}:
        return None
    if not _in_the_room(settings()):
        abort(403)
    _speak()
    g.lacks = _lacks(signed_in()) if request.endpoint != "static" else ""
    if request.endpoint in {None, "static"}:
        return None  # no such page, or a style sheet: both tell nothing
    if fault := browser.fault():
        raise fault
    view = current_app.view_functions[request.endpoint]
    roles = getattr(view, "roles", None)
    if roles is None:
        abort(403)
    if roles != OPEN:
        person = signed_in()
        if person is None:
            return _to_sign_in()
        if g.lacks and not hasattr(view, g.lacks):
            return _go(url_for(MENDED_AT[g.lacks]), status=403)
        if not person.has(*roles):
            staff.note_refused(person, request.endpoint or "", why="role")
            abort(403)
    _check_form()
    return None


def _check_form() -> None:
    """Refuse a form that our own page in this browser did not show, and one that another site sent."""
    csrf.protect()
    if request.method not in READS and security.is_foreign(urlsplit(settings().desk_url).netloc):
        if person := signed_in():
            staff.note_refused(person, request.endpoint or "", why="site")
        raise CSRFError("the form came from another site")


def _speak() -> None:
    """Answer in the person's language; before sign-in in the browser's."""
    person = signed_in()
    g.lang = person.language if person else i18n.from_header(request.accept_languages)


def _to_sign_in() -> Response:
    """Send a browser to sign in and back to where it was, and say why where somebody had signed in."""
    why: str | None = None
    if request.method in READS:
        back = request.full_path.rstrip("?")
        why = "over" if browser.has_been_here() else None
    else:
        back = places.page_of_form()
        why = "carried" if back and _carried() else "unsaved" if back else "over"
    return _go(url_for("account.show_sign_in", next=back or None, why=why), status=401)


def _carried() -> bool:
    """Keep what was typed of a look in the session of whoever signs in next; it is given to its own person alone.

    Only of a browser that has been here: nothing is written for who has never signed in.
    """
    view = current_app.view_functions[request.endpoint or ""]
    drawn_for = request.form.get("drawn_for", "")
    if (
        not drawn_for
        or not browser.has_been_here()
        or not getattr(view, "carries", False)
        or security.is_foreign(urlsplit(settings().desk_url).netloc)
    ):
        return False
    try:
        session[CARRIED] = drafts.carry(
            str((request.view_args or {}).get("ref", "")),
            request.form.items(multi=True),
            drawn_for=drawn_for,
            window=findings_form.window(),
        )
    except Refused:
        return False
    return True


def _go(to: str, *, status: int) -> Response:
    """Lead to another page; a part of a page is told by `status` that it cannot be had, and to go there whole."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=status, headers={"HX-Redirect": to})
    return redirect(to, 303)


def _in_the_room(found: Settings) -> bool:
    """Whether the request comes from the secure room. Fails closed: what cannot be told is outside."""
    if security.names_onion():
        return False
    if not found.trusted_proxies and security.is_forwarded():
        return False
    if found.trusted_proxies and _hops() < found.trusted_proxies:
        return False
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    seen = address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address
    return any(seen in network for network in found.desk_networks)


def _hops() -> int:
    """Return how many addresses the proxies in front have written down; with fewer than we trust, nobody vouches."""
    return sum(bool(part.strip()) for part in request.headers.get("X-Forwarded-For", "").split(","))
