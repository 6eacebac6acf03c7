"""Signing in to the desk, and out of it."""

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from hotline.blueprints import guards
from hotline.blueprints.account import browser
from hotline.blueprints.desk import drawing
from hotline.errors import Refused
from hotline.models.staff import Staff
from hotline.services import drafts, staff

bp = Blueprint("account", __name__, url_prefix="/desk")


@bp.get("/sign-in")
@guards.open_to_all
def show_sign_in() -> ResponseReturnValue:
    """Ask who is there, and say why where somebody was led here."""
    to = _local(request.args.get("next", ""))
    if guards.signed_in():
        return redirect(to or url_for("desk.today.show_today"), 303)
    return _draw(to, why=_why(request.args.get("why", "")))


@bp.post("/sign-in")
@guards.open_to_all
@guards.commits_apart
def sign_in() -> ResponseReturnValue:
    """Let somebody in whose name and password fit."""
    name, to = request.form.get("name", "").strip(), _local(request.form.get("next", ""))
    try:
        person = staff.sign_in(name, request.form.get("password", ""))
    except Refused as refusal:
        waits = ("name", "wait") in refusal.faults
        return _draw(to, name=name, fault=_wait() if waits else _wrong()), 429 if waits else 422
    carried = session.get(guards.CARRIED, "")
    _remember(person)
    if carried and not drafts.take_in(carried, by=person):
        flash(_("The answers that were sent too late could not be kept: the look is not in your hands."))
    return redirect(to or url_for("desk.today.show_today"), 303)


@bp.post("/sign-out")
@guards.needs(*guards.EVERYONE)
@guards.open_before_own_password
@guards.commits_apart
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the database."""
    staff.sign_out(guards.current_staff())
    logout_user()
    session.clear()
    browser.renew()
    return redirect(url_for("account.show_sign_in"), 303)


def _remember(person: Staff) -> None:
    session.clear()
    browser.renew()
    if not login_user(person):
        abort(403)
    session.pop("_id", None)  # Flask-Login's mark of the network address and browser: nobody needs it here


def _draw(to: str, *, name: str = "", fault: str = "", why: str = "") -> str:
    return drawing.draw("account/sign_in.html", fault=fault, name=name, next=to, why=why)


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
        "new_password": _("Your new password holds from now on. Sign in with it."),
    }.get(code, "")


def _wrong() -> str:
    return _("Name and password do not fit together. Check both and try again.")


def _wait() -> str:
    return _("Too many tries under this name. Wait a few minutes, or ask the admin for a new password.")
