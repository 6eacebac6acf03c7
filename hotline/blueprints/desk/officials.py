"""Outsiders whom the code of practice names: who is in office, how they are reached, and who was before."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import days, drawing, duty_words, numbers
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.services import duties, officials
from hotline.services.officials import OfficialEntry
from hotline.transactions import commits
from hotline.vocabulary import KeyKind, OfficialPart

bp = Blueprint("officials", __name__, url_prefix="/practice/officials")
MOST = 20  # of those before


@bp.get("")
@needs(*duties.READERS)
def show_officials() -> ResponseReturnValue:
    """Show who is in each office, and who was."""
    return drawing.draw(
        "desk/practice/officials.html",
        parts=[(part, officials.current(part), _before(part)) for part in OfficialPart],
        reached=officials.reached,
        may_keep=guards.current_staff().has(*duties.KEEPERS),
        today=jurisdiction.today(),
        most=MOST,
    )


@bp.get("/<part>")
@needs(*duties.KEEPERS)
def show_official(part: str) -> ResponseReturnValue:
    """Ask who is in an office from now on, and how they are reached."""
    which = _part(part)
    held = officials.current(which)
    reached = officials.reached(held) if held is not None else None
    typed: Any = request.form if "name" in request.form else asdict(reached) if reached is not None else {}
    return drawing.draw(
        "desk/practice/officials_form.html",
        part=which,
        held=held,
        reached=reached,
        typed=typed,
        sent=request.form,
        key_kinds=tuple(KeyKind),
        now=clock.now(),
        overtaken=guards.overtaken(),
        longest=officials.LONGEST,
        today=jurisdiction.today(),
        say=duty_words.say_official,
    )


@bp.post("/<part>")
@needs(*duties.KEEPERS)
@redraws(show_official)
@shows_newer(show_official)
@commits
def enter_official(part: str) -> ResponseReturnValue:
    """Put down who is in an office. Whoever was stands in the history."""
    form = request.form
    entry = OfficialEntry(form.get("name", ""), form.get("mailbox", ""), form.get("phone", ""), days.sent("checked_on"))
    version = form.get("version", 0, type=numbers.read)
    entered = officials.enter(_part(part), entry, version=version, by=guards.current_staff())
    flash(duty_words.entered(dropped_key=officials.dropped_key(entered)))
    return htmx.go(url_for(".show_officials"))


@bp.post("/<part>/key")
@needs(*duties.KEEPERS)
@redraws(show_official)
@shows_newer(show_official)
@commits
def put_key(part: str) -> ResponseReturnValue:
    """Encrypt letters to who is in an office to a key from now on."""
    held, form, by = officials.current(_part(part)) or abort(404), request.form, guards.current_staff()
    version = form.get("version", 0, type=numbers.read)
    officials.put_key(held, form.get("key_kind", ""), form.get("material", ""), version=version, by=by)
    flash(_("Letters are encrypted to this key from now on. Compare its fingerprint with the office by telephone."))
    return htmx.go(url_for(".show_official", part=part))


@bp.post("/<part>/key/away")
@needs(*duties.KEEPERS)
@shows_newer(show_official)
@commits
def take_key(part: str) -> ResponseReturnValue:
    """Encrypt nothing to the key of who is in an office any more."""
    held = officials.current(_part(part)) or abort(404)
    officials.take_key(held, request.form.get("fingerprint", ""), by=guards.current_staff())
    flash(_("The key is gone. Letters to this office go unencrypted until it has another."))
    return htmx.go(url_for(".show_official", part=part))


@bp.post("/<part>/check")
@needs(*duties.KEEPERS)
@commits
def check_official(part: str) -> ResponseReturnValue:
    """Note that somebody made sure today."""
    held = officials.current(_part(part)) or abort(404)
    officials.check(held, jurisdiction.today(), by=guards.current_staff())
    flash(_("Noted: made sure today."))
    return htmx.go(url_for(".show_officials"))


@bp.post("/<part>/end")
@needs(*duties.KEEPERS)
@commits
def end_official(part: str) -> ResponseReturnValue:
    """Note that nobody is in an office for now."""
    held = officials.current(_part(part)) or abort(404)
    officials.end(held, by=guards.current_staff())
    flash(_("Noted. Nobody is entered now: enter who follows as soon as you know."))
    return htmx.go(url_for(".show_officials"))


def _before(part: OfficialPart) -> list[Any]:
    return [one for one in officials.history(part) if one.until_at is not None][:MOST]


def _part(part: str) -> OfficialPart:
    if part not in set(OfficialPart):
        abort(404)
    return OfficialPart(part)
