"""What a person sets for themselves."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from hotline.blueprints import guards, htmx
from hotline.blueprints.account import browser
from hotline.blueprints.desk import care_words, drawing, duty_words, password_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.staff import Staff
from hotline.rules import reach
from hotline.rules.care import Limits
from hotline.services import calendar_feeds, care, duty_digests, second_factor, sessions, shortcuts, staff, staff_reach
from hotline.transactions import commits
from hotline.vocabulary import Language, Role

bp = Blueprint("me", __name__, url_prefix="/me")
REACH = ("names", "mailboxes", "phones")


@bp.get("")
@needs(*Role)
def show_me() -> ResponseReturnValue:
    """Show a person their account."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/me/page.html",
        browsers=sessions.count_of(person.id),
        languages=tuple(Language),
        my_care=_care(person) if person.has(*care.EXPOSED) else None,
        typed=request.form,
        my_reach=_reach(person),
        factor_since=second_factor.since(person),
        last_mail=duty_digests.last_of(person),
        feed_since=calendar_feeds.since(person),
        with_keys=shortcuts.wanted(person) if person.has(*guards.CASE_ROLES) else None,
        say=_say,
    )


@bp.post("/keys")
@needs(*guards.CASE_ROLES)
@commits
def choose_keys() -> ResponseReturnValue:
    """Turn the single keys of the queue on or off."""
    shortcuts.want(guards.current_staff(), request.form.get("keys") == "on")
    return htmx.go(url_for(".show_me"))


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


@bp.post("/limits")
@needs(*care.EXPOSED)
@redraws(show_me)
@commits
def lower_limits() -> ResponseReturnValue:
    """Have stricter limits with hard material from now on."""
    minutes, break_after = (request.form.get(name, "").strip() for name in ("minutes", "break_after"))
    late_from = request.form.get("late_from", "")
    if not (_is_number(minutes) and _is_number(break_after)):
        raise Refused(("limits", "number"))
    if late_from not in {"", *map(str, range(24))}:
        raise Refused(("late_from", "number"))
    wanted = Limits(int(minutes), int(break_after), int(late_from) if late_from else None)
    care.lower_limits(guards.current_staff(), wanted)
    flash(_("Your limits hold from now on."))
    return htmx.go(url_for(".show_me"))


@bp.post("/reach")
@needs(*Role)
@redraws(show_me)
@commits
def enter_reach() -> ResponseReturnValue:
    """Keep, sealed, what one is called in full and how one is reached."""
    form = request.form
    told = reach.read(*(form.get(name, "") for name in REACH))
    staff_reach.enter(guards.current_staff(), told, wants_mail=form.get("wants_mail") == "yes")
    flash(_("Saved, sealed. Nobody else at the desk reads it."))
    return htmx.go(url_for(".show_me", _anchor="reach-h"))


@bp.get("/password")
@needs(*Role)
@guards.open_before_own_password
def show_password() -> ResponseReturnValue:
    """Ask for a new password of one's own."""
    return drawing.draw("desk/me/password.html", say=_say)


def _by_old_password(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """Ask for the present password before the view's transaction begins: wrong ones count, whatever it comes to."""

    @wraps(view)
    def proving() -> ResponseReturnValue:
        staff.prove(guards.current_staff(), request.form.get("old", ""), field="old")
        return view()

    return proving


@bp.post("/password")
@needs(*Role)
@guards.open_before_own_password
@redraws(show_password)
@_by_old_password
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


def _care(person: Staff) -> dict[str, Any]:
    """Return what a person sees of their own time with hard material."""
    day = care.day_of(person)
    return {
        "days": care.list_days(person),
        "limits": day.limits,
        "house": care.house_limits(),
        "talk": care.next_talk(person),
    }


def _reach(person: Staff) -> dict[str, Any]:
    """Return what stands in the form of one's own reach: what was typed, where it is drawn again."""
    if "mailboxes" in request.form:
        return {name: request.form.get(name, "") for name in (*REACH, "wants_mail")}
    kept = staff_reach.of(person)
    told = {name: "\n".join(getattr(kept, name)) for name in REACH}
    return told | {"wants_mail": "yes" if staff_reach.wants_mail(person) else ""}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3


def _say(field: str, code: str) -> str:
    if field in {"limits", "late_from"}:
        return care_words.say(field, code)
    if field in REACH:
        return duty_words.say_reach(field, code)
    if field == "password":
        return password_words.say(code)
    return {
        ("old", "wrong"): _("This is not your present password."),
        ("old", "wait"): _("Too many wrong tries. Wait a few minutes, and try again."),
        ("language", "required"): _("Choose one of the languages shown here."),
    }[field, code]
