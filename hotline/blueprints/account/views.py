"""Signing in to the desk, by a password and, where there is a second factor, a code; and out of it."""

from flask import Blueprint, Response, abort, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter import RequestLimit
from flask_login import login_user, logout_user

from hotline.blueprints import guards
from hotline.blueprints.account import browser
from hotline.blueprints.desk import drawing, factor_words
from hotline.blueprints.public import limits
from hotline.errors import Refused
from hotline.extensions import limiter
from hotline.models.staff import Staff
from hotline.rules.second_factor import Proof
from hotline.services import drafts, sign_ins, staff

bp = Blueprint("account", __name__, url_prefix="/desk")
WRONG = "60 per 10 minutes"  # names and passwords of one network that do not fit; the room may be one network
HALF, NEXT = "half", "next"  # what a browser's session keeps of somebody whose code is still to come


@bp.get("/sign-in")
@guards.open_to_all
def show_sign_in() -> ResponseReturnValue:
    """Ask who is there, and say why where somebody was led here."""
    to = _local(request.args.get("next", ""))
    if guards.signed_in():
        return redirect(to or url_for("desk.today.show_today"), 303)
    return _draw(to, why=_why(request.args.get("why", "")))


def _too_often(_limit: RequestLimit) -> Response:
    """Answer a network that tried very often. Who is signed in stays so."""
    name, to = request.form.get("name", "").strip(), _local(request.form.get("next", ""))
    return limits.not_now(_draw(to, name=name, fault=_wait_all()), limits.seconds_left())


@bp.post("/sign-in")
@guards.open_to_all
@guards.commits_apart
@limiter.limit(WRONG, key_func=limits.network, deduct_when=limits.counts, on_breach=_too_often)
def sign_in() -> ResponseReturnValue:
    """Let somebody in whose name and password fit."""
    name, to = request.form.get("name", "").strip(), _local(request.form.get("next", ""))
    try:
        person = staff.authenticate(name, request.form.get("password", ""))
    except Refused as refusal:
        waits = ("name", "wait") in refusal.faults
        g.counts = not waits  # who is told to wait was not tried, and nothing was written
        return _draw(to, name=name, fault=_wait() if waits else _wrong()), 429 if waits else 422
    return _ask_for_code(person, to) if staff.has_factor(person) else _let_in(person, to)


@bp.get("/sign-in/code")
@guards.open_to_all
def show_code() -> ResponseReturnValue:
    """Ask somebody whose password fits for a code."""
    return _draw_code() if sign_ins.find_half(session.get(HALF)) else _begin_anew()


@bp.post("/sign-in/code")
@guards.open_to_all
@guards.commits_apart
def enter_code() -> ResponseReturnValue:
    """Let somebody in whose password did fit, and whose code does."""
    person = sign_ins.find_half(session.get(HALF))
    if person is None:
        return _begin_anew()
    proof = Proof(request.form.get("code", ""), request.form.get("recovery", ""))
    try:
        return _let_in(person, session.get(NEXT, ""), proof)
    except Refused as refusal:
        ((field, code),) = refusal.faults
        return _draw_code(field, code), 429 if code == "wait" else 422


@bp.post("/sign-out")
@guards.needs(*guards.EVERYONE)
@guards.open_before_own_password
@guards.open_before_factor
@guards.commits_apart
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the database."""
    staff.sign_out(guards.current_staff())
    logout_user()
    session.clear()
    browser.renew()
    return redirect(url_for("account.show_sign_in"), 303)


def _ask_for_code(person: Staff, to: str) -> ResponseReturnValue:
    """Remember whose password fitted, under a new token. Nobody is signed in by that."""
    carried = session.get(guards.CARRIED, "")
    session.clear()
    browser.renew()
    session.update({HALF: sign_ins.begin_half(person), NEXT: to, guards.CARRIED: carried})
    return redirect(url_for(".show_code"), 303)


def _begin_anew() -> ResponseReturnValue:
    return redirect(url_for(".show_sign_in", why="half_over"), 303)


def _let_in(person: Staff, to: str, proof: Proof | None = None) -> ResponseReturnValue:
    """Sign somebody in, tell them what happened meanwhile, and lead them on."""
    news = sign_ins.come_in(person, proof)
    carried = session.get(guards.CARRIED, "")
    _remember(person)
    if carried and not drafts.take_in(carried, by=person):
        flash(_("The answers that were sent too late could not be kept: the look is not in your hands."))
    for told in factor_words.news(news):
        flash(told, "due")
    return redirect(to or url_for("desk.today.show_today"), 303)


def _remember(person: Staff) -> None:
    session.clear()
    browser.renew()
    if not login_user(person):
        abort(403)
    session.pop("_id", None)  # Flask-Login's mark of the network address and browser: nobody needs it here


def _draw(to: str, *, name: str = "", fault: str = "", why: str = "") -> str:
    return drawing.draw("account/sign_in.html", fault=fault, name=name, next=to, why=why)


def _draw_code(field: str = "", code: str = "") -> str:
    return drawing.draw("account/code.html", faults={field: code} if field else {}, say=factor_words.say)


def _local(path: str) -> str:
    """Return `path` if it is a page of the desk, else nothing: nobody is sent elsewhere after signing in."""
    fits = path.startswith("/desk/") and "\\" not in path and not path.startswith("/desk/sign-")
    return path if fits and path.isprintable() else ""


def _why(code: str) -> str:
    """Say why somebody has to sign in; nothing for a word nobody knows."""
    return {
        "over": _("You were signed out. That happens by itself when nothing is done here for a while."),
        "unsaved": _("You were signed out before this was sent, so nothing was saved. Sign in to go back to the page."),
        "carried": _(
            "You were signed out before this was sent. "
            "Your answers are kept: sign in, and they stand in the form again."
        ),
        "half_over": _("The time to enter the code is over. Sign in again, and have your phone ready."),
        "new_password": _("Your new password holds from now on. Sign in with it."),
    }.get(code, "")


def _wrong() -> str:
    return _("Name and password do not fit together. Check both and try again.")


def _wait() -> str:
    return _("Too many tries under this name. Wait a few minutes, or ask the admin for a new password.")


def _wait_all() -> str:
    return _(
        "Too many tries to sign in failed in this room. Wait ten minutes, then try again."
        " If they were not yours, tell the admin."
    )
