"""A person's own second factor: turning it on, new recovery codes, another phone, turning it off."""

from collections.abc import Callable

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.account import browser
from hotline.blueprints.desk import drawing, factor_words, qr
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.staff import Staff
from hotline.rules.second_factor import Proof
from hotline.services import second_factor
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("second_factor", __name__, url_prefix="/me/second-factor")


@bp.get("")
@needs(*Role)
@guards.open_before_factor
def show_factor() -> ResponseReturnValue:
    """Show how one's own second factor stands, and what can be done about it."""
    state = second_factor.of(guards.current_staff())
    return drawing.draw(
        "desk/me/second_factor.html",
        state=state,
        picture=qr.draw(state.offer.address) if state.offer else None,
        is_required=second_factor.is_required(),
        deed=request.form.get("deed", ""),
        say=factor_words.say,
    )


@bp.post("/offer")
@needs(*Role)
@guards.open_before_factor
@redraws(show_factor)
@guards.commits_apart
def offer_factor() -> ResponseReturnValue:
    """Show a picture to scan, to who types the password again."""
    return _move(guards.current_staff(), *_proof())


@bp.post("/confirm")
@needs(*Role)
@guards.open_before_factor
@redraws(show_factor)
@guards.commits_apart
def confirm_factor() -> ResponseReturnValue:
    """Turn on what was scanned, and show the recovery codes this once."""
    codes = second_factor.confirm(guards.current_staff(), request.form.get("code", ""))
    return _show_codes(codes)


@bp.post("/drop")
@needs(*Role)
@guards.open_before_factor
@commits
def drop_offer() -> ResponseReturnValue:
    """Forget what was shown to scan; what is on stays on."""
    second_factor.drop_offer(guards.current_staff())
    return htmx.go(url_for(".show_factor"))


@bp.post("/change")
@needs(*Role)
@redraws(show_factor)
@guards.commits_apart
def change_factor() -> ResponseReturnValue:
    """Do what was chosen about a second factor that is on."""
    deed = DEEDS.get(request.form.get("deed", ""))
    if deed is None:
        raise Refused(("deed", "required"))
    return deed(guards.current_staff(), *_proof())


def _renew_codes(person: Staff, password: str, proof: Proof) -> ResponseReturnValue:
    return _show_codes(second_factor.renew_codes(person, password, proof))


def _move(person: Staff, password: str, proof: Proof) -> ResponseReturnValue:
    second_factor.offer(person, password, proof)
    return htmx.go(url_for(".show_factor"))


def _turn_off(person: Staff, password: str, proof: Proof) -> ResponseReturnValue:
    second_factor.turn_off(person, password, proof)
    browser.renew()
    flash(_("Your second factor is off. From now on your password is enough."))
    return htmx.go(url_for("desk.me.show_me"))


DEEDS: dict[str, Callable[[Staff, str, Proof], ResponseReturnValue]] = {
    "codes": _renew_codes,
    "phone": _move,
    "off": _turn_off,
}


def _show_codes(codes: tuple[str, ...]) -> str:
    """Draw the recovery codes this once. Every session has ended but this one, which gets a new token."""
    browser.renew()
    return drawing.draw("desk/me/recovery_codes.html", codes=codes)


def _proof() -> tuple[str, Proof]:
    """Return the password that was typed, and the code or recovery code."""
    form = request.form
    return form.get("password", ""), Proof(form.get("code", ""), form.get("recovery", ""))
