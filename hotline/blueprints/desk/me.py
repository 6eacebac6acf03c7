"""What a person sets for themselves."""

from flask import Blueprint, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from hotline.blueprints import guards, htmx
from hotline.blueprints.account import browser
from hotline.blueprints.desk import drawing, password_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.services import sessions, staff
from hotline.transactions import commits
from hotline.vocabulary import Language, Role

bp = Blueprint("me", __name__, url_prefix="/me")


@bp.get("")
@needs(*Role)
def show_me() -> ResponseReturnValue:
    """Show a person their account."""
    return drawing.draw(
        "desk/me/page.html",
        browsers=sessions.count_of(guards.current_staff().id),
        languages=tuple(Language),
        say=_say,
    )


@bp.post("/language")
@needs(*Role)
@redraws(show_me)
@commits
def choose_language() -> ResponseReturnValue:
    """Show the desk in another language from now on."""
    asked = request.form.get("language", "")
    if asked not in set(Language):
        raise Refused(("language", "required"))
    staff.speak(guards.current_staff(), Language(asked))
    return htmx.go(url_for(".show_me"))


@bp.get("/password")
@needs(*Role)
@guards.open_before_own_password
def show_password() -> ResponseReturnValue:
    """Ask for a new password of one's own."""
    return drawing.draw("desk/me/password.html", say=_say)


@bp.post("/password")
@needs(*Role)
@guards.open_before_own_password
@redraws(show_password)
@commits
def change_password() -> ResponseReturnValue:
    """Change one's own password; then everybody who signed in with the old one is out."""
    form = request.form
    staff.change_password(guards.current_staff(), form.get("old", ""), form.get("password", ""))
    return _leave(why="new_password")


@bp.post("/sign-out-everywhere")
@needs(*Role)
@commits
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of one's own, this one too."""
    staff.sign_out_everywhere(guards.current_staff())
    return _leave()


def _leave(why: str | None = None) -> ResponseReturnValue:
    """Let this browser forget who was there. Its session in the database is gone already."""
    logout_user()
    session.clear()
    browser.renew()
    return htmx.go(url_for("account.show_sign_in", why=why))


def _say(field: str, code: str) -> str:
    if field == "password":
        return password_words.say(code)
    return {
        ("old", "wrong"): _("This is not your present password."),
        ("language", "required"): _("Choose one of the languages shown here."),
    }[field, code]
