"""How long what reporters gave is kept: what is in force, what waits for another person, and what was erased."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, numbers, retention_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.rules import report_retention as rules
from hotline.rules.report_retention import Term
from hotline.services import report_retention, report_terms
from hotline.services.report_retention import Counts
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("retention", __name__, url_prefix="/retention")


@bp.get("")
@needs(*report_terms.READERS)
def show_terms() -> ResponseReturnValue:
    """Show how long reports are kept, what goes now, and what went."""
    terms = report_terms.show(by=guards.current_staff())
    return drawing.draw(
        "desk/retention/page.html",
        terms=terms,
        would_go=report_retention.preview(report_terms.of(terms.waiting)) if terms.waiting else None,
        due=report_retention.due(),
        begins_at=report_terms.begins_at(terms.in_force) if terms.in_force else None,
        now=clock.now(),
        rounds=report_retention.list_rounds(),
        kept=retention_words.kept,
        is_overtaken=guards.overtaken(),
    )


def _show_again(number: int) -> ResponseReturnValue:
    """Show what stands now instead of the term that was decided on meanwhile."""
    del number
    return show_terms()


@bp.get("/new")
@needs(Role.MANAGER)
def show_form() -> ResponseReturnValue:
    """Show the term in force, to ask for another."""
    return _draw_form()


@bp.post("/preview")
@needs(Role.MANAGER)
@redraws(show_form)
def preview_term() -> ResponseReturnValue:
    """Show what a term would mean. Nothing is kept."""
    return _draw_form(report_retention.preview(_term()))


preview_term.__dict__["writes_nothing"] = True


@bp.post("/new")
@needs(Role.MANAGER)
@redraws(show_form)
@shows_newer(show_form)
@commits
def want_term() -> ResponseReturnValue:
    """Ask for a term: another person agrees, or not."""
    report_terms.want(_term(), request.form.get("reason", ""), by=guards.current_staff())
    flash(_("Asked. It is in force once another person agrees."))
    return htmx.go(url_for(".show_terms"))


@bp.post("/<int:number>/agree")
@needs(*report_terms.READERS)
@shows_newer(_show_again)
@commits
def agree(number: int) -> ResponseReturnValue:
    """Put a term in force that somebody else asked for."""
    report_terms.agree(number, by=guards.current_staff())
    flash(_("Agreed. Nothing goes for three days: until then another term can be agreed on."))
    return htmx.go(url_for(".show_terms"))


@bp.post("/<int:number>/decline")
@needs(*report_terms.READERS)
@shows_newer(_show_again)
@commits
def decline(number: int) -> ResponseReturnValue:
    """Leave it as it is."""
    report_terms.decline(number, by=guards.current_staff())
    flash(_("Nothing changes. Tell whoever asked why."))
    return htmx.go(url_for(".show_terms"))


def _term() -> Term:
    """Return what was typed. Raises Refused for what is no number in its range."""
    contact = request.form.get("contact_days", type=numbers.read)
    report = request.form.get("report_days", type=numbers.read)
    wrong = rules.faults(contact, report)
    if wrong or contact is None or report is None:
        raise Refused(*wrong)
    return Term(contact, report)


def _draw_form(preview: Counts | None = None) -> str:
    row = report_terms.in_force()
    held = {"contact_days": row.contact_days, "report_days": row.report_days} if row else {}
    return drawing.draw(
        "desk/retention/form.html",
        row=row,
        typed=request.form or held,
        preview=preview,
        is_overtaken=guards.overtaken(),
        kept=retention_words.kept,
        say=retention_words.say,
    )
