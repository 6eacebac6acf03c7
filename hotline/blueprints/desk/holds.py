"""Holds for the police: which stand, which are proposed, placing one, and the two who let it end."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import days, drawing, police_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import WrongState
from hotline.models.hold import Hold
from hotline.models.recipient import Recipient
from hotline.rules.police import LONGEST_HOLD, MOST_REFERENCE, MOST_WORDS
from hotline.services import holds
from hotline.transactions import commits
from hotline.vocabulary import HoldReason

bp = Blueprint("holds", __name__, url_prefix="/holds")


@bp.get("")
@needs(*holds.ROLES)
def show_holds() -> ResponseReturnValue:
    """Show the holds that stand, and what the police come first with by rule. No address is on this page."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/holds/list.html",
        holds=holds.list_standing(by=person),
        proposed=holds.list_proposed(by=person),
        most=holds.MOST,
    )


@bp.get("/new")
@needs(*holds.ROLES)
def new_hold() -> ResponseReturnValue:
    """Ask for whom an item is held, why, and when the police are asked again."""
    typed = request.form or request.args
    return drawing.draw(
        "desk/holds/new.html",
        typed=typed,
        units=holds.units(),
        reasons=tuple(HoldReason),
        first_review=holds.first_review(),
        longest_reference=MOST_REFERENCE,
        most_days=LONGEST_HOLD.days,
        say=police_words.say,
    )


@bp.post("/new")
@needs(*holds.ROLES)
@redraws(new_hold)
@commits
def place_hold() -> ResponseReturnValue:
    """Hold an item."""
    person, typed = guards.current_staff(), request.form
    item = holds.find_item(typed.get("item", ""), by=person)
    holds.place(
        item,
        _unit(typed.get("unit", "")),
        typed.get("reason", ""),
        reference=typed.get("reference", ""),
        review_on=days.read(typed.get("review_on", "")),
        by=person,
    )
    flash(_("Held. Nothing about it leaves until two people say that it may."))
    return htmx.go(url_for(".show_hold", ref=item.ref))


@bp.get("/<ref>")
@needs(*holds.ROLES)
def show_hold(ref: str) -> ResponseReturnValue:
    """Show the hold of an item and those before it. No address is on this page."""
    item = holds.get_item(ref, by=guards.current_staff())
    found = holds.of(item)
    return drawing.draw(
        "desk/holds/page.html",
        item=item,
        hold=next((one for one in found if one.stands), None),
        earlier=[one for one in found if not one.stands],
        reference_of=holds.reference_of,
        words_of=holds.words_of,
        going=holds.letters_going(item),
        may_place=holds.may_place(item),
        first_review=holds.first_review(),
        most_days=LONGEST_HOLD.days,
        longest_words=MOST_WORDS,
        typed=request.form,
        say=police_words.say,
    )


@bp.post("/<ref>/keep")
@needs(*holds.ROLES)
@redraws(show_hold)
@commits
def keep_hold(ref: str) -> ResponseReturnValue:
    """Let a hold stand on, until the police are asked again."""
    person = guards.current_staff()
    holds.keep(_standing(ref), days.read(request.form.get("review_on", "")), by=person)
    flash(_("It stands on. The day to ask the police again is noted."))
    return htmx.go(url_for(".show_hold", ref=ref))


@bp.post("/<ref>/release")
@needs(*holds.ROLES)
@redraws(show_hold)
@commits
def release_hold(ref: str) -> ResponseReturnValue:
    """Agree that a hold may end."""
    person = guards.current_staff()
    has_ended = holds.release(_standing(ref), request.form.get("words", ""), by=person)
    flash(
        _("Released. Letters about it may be drafted and approved again.")
        if has_ended
        else _("Noted. It stands until a second person agrees.")
    )
    return htmx.go(url_for(".show_hold", ref=ref))


def _standing(ref: str) -> Hold:
    found = holds.standing(holds.get_item(ref, by=guards.current_staff()))
    if found is None:
        raise WrongState(f"no hold stands at {ref}")
    return found


def _unit(ref: str) -> Recipient | None:
    return next((one for one in holds.units() if one.ref == ref), None)
