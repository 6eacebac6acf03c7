"""Taking in a case that another organisation refers to us: pasted as text, looked at, opened."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_exchange_words, case_forms, drawing
from hotline.blueprints.guards import needs, redraws
from hotline.rules.case_imports import Arrived
from hotline.services import case_access, case_imports
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("case_imports", __name__, url_prefix="/victims/cases/import")


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def new_import() -> ResponseReturnValue:
    """Ask for the text."""
    return _drawn(None)


@bp.post("")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_import)
def look_at_import() -> ResponseReturnValue:
    """Show what is understood of a text, and what is not. Nothing is stored."""
    case_forms.refuse_files()
    return _drawn(case_imports.read(request.form.get("text", ""), by=guards.current_staff()))


look_at_import.__dict__["writes_nothing"] = True


def _looked_at() -> ResponseReturnValue:
    """Draw the page again with what was understood of a text that could be read."""
    can_be_read = guards.faults().get("text", "known") == "known"
    return _drawn(case_imports.read(request.form.get("text", ""), by=guards.current_staff()) if can_be_read else None)


@bp.post("/open")
@needs(Role.VICTIM_SUPPORT)
@redraws(_looked_at)
@commits
def open_imported() -> ResponseReturnValue:
    """Open a case from a text."""
    case_forms.refuse_files()
    typed = request.form
    one = case_imports.open_case(typed.get("text", ""), typed.get("code_name", ""), by=guards.current_staff())
    flash(_("The case is open. What was not understood stands in its notes."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=one.ref))


def _drawn(arrived: Arrived | None) -> ResponseReturnValue:
    known = case_imports.find_known(arrived) if arrived else None
    return drawing.draw(
        "desk/case_imports/page.html",
        arrived=arrived,
        known=known,
        may_open=known is not None and case_access.may_open(known, by=guards.current_staff()),
        field=case_exchange_words.field,
        form_name=case_exchange_words.name,
        typed=request.form,
        say=case_exchange_words.say_import,
    )
