"""Ending victim cases: its officer asks from a checklist, a manager answers without the file; reopening, duplicates."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_closing_words, case_forms, drawing, exposure, victim_case_words
from hotline.blueprints.guards import needs, redraws
from hotline.rules import case_closing as rules
from hotline.rules.case_closing import Check
from hotline.services import case_closing, case_files, case_people
from hotline.transactions import commits
from hotline.vocabulary import CaseOutcome, Need, Role

bp = Blueprint("case_closing", __name__, url_prefix="/victims")


@bp.get("/cases/<ref>/close")
@needs(Role.VICTIM_SUPPORT)
def show_closing(ref: str) -> ResponseReturnValue:
    """Show how a case ends: the checklist, what waits for a manager, or what can be done once it has ended."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    facts = case_closing.facts(one)
    return drawing.draw(
        "desk/case_closing/page.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        closing=case_closing.card(one),
        facts=facts,
        shown=rules.shown(facts),
        against=rules.contradicted(facts),
        by_records=rules.BY_RECORDS,
        by_person=rules.BY_PERSON,
        outcomes=tuple(CaseOutcome),
        ticked=request.form.getlist("checks"),
        check=case_closing_words.check,
        found=case_closing_words.found,
        typed=request.form,
        say=case_closing_words.say,
    )


@bp.post("/cases/<ref>/close")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_closing)
@commits
def ask_to_close(ref: str) -> ResponseReturnValue:
    """Ask a manager to close a case."""
    case_forms.refuse_files()
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    outcome = case_forms.choice(CaseOutcome, "outcome")
    ticked = [Check(code) for code in request.form.getlist("checks") if code in set(Check)]
    case_closing.ask(one, outcome, ticked, request.form.get("reason", ""), by=person)
    flash(_("Asked. A manager answers from the checklist, without the file. Until then the case goes on."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


@bp.post("/cases/<ref>/close/back")
@needs(Role.VICTIM_SUPPORT)
@commits
def take_back(ref: str) -> ResponseReturnValue:
    """Ask no more that a case is closed."""
    person = guards.current_staff()
    case_closing.take_back(case_files.get_open(ref, by=person), by=person)
    flash(_("Taken back. The case goes on."))
    return htmx.go(url_for(".show_closing", ref=ref))


@bp.post("/cases/<ref>/reopen")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_closing)
@commits
def reopen(ref: str) -> ResponseReturnValue:
    """Take a case up again that has ended."""
    person = guards.current_staff()
    case_closing.reopen(case_files.get(ref, by=person), request.form.get("reason", ""), by=person)
    flash(_("The case is open again."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


@bp.post("/cases/<ref>/duplicate")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_closing)
@commits
def mark_duplicate(ref: str) -> ResponseReturnValue:
    """Say that a case is of the same child as another one."""
    person = guards.current_staff()
    other = case_closing.mark_duplicate(case_files.get_open(ref, by=person), request.form.get("other", ""), by=person)
    flash(_("Noted. Work goes on in this case."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=other.ref))


@bp.get("/closures")
@needs(Role.MANAGER)
def show_closures() -> ResponseReturnValue:
    """Show which cases wait to be closed. Nothing of a file is here."""
    return drawing.draw(
        "desk/case_closing/list.html",
        waiting=case_closing.list_waiting(by=guards.current_staff()),
        risk=victim_case_words.risk,
        most=case_closing.MOST,
    )


@bp.get("/closures/<int(max=2147483647):number>")
@needs(Role.MANAGER)
def show_closure(number: int) -> ResponseReturnValue:
    """Show what a manager sees of a case that is to be closed: no name, and nobody's words."""
    person = guards.current_staff()
    closure = case_closing.get_waiting(number, by=person)
    return drawing.draw(
        "desk/case_closing/sheet.html",
        sheet=case_closing.sheet(closure, by=person),
        one=closure.case,
        risk=victim_case_words.risk(closure.case),
        domains=tuple(Need),
        needed=rules.needed(closure.outcome),
        check=case_closing_words.check,
        typed=request.form,
        say=case_closing_words.say,
    )


@bp.post("/closures/<int(max=2147483647):number>/approve")
@needs(Role.MANAGER)
@redraws(show_closure)
@commits
def approve(number: int) -> ResponseReturnValue:
    """Close a case as it was asked for."""
    person = guards.current_staff()
    closure = case_closing.get_waiting(number, by=person)
    ref = closure.case.ref
    case_closing.approve(closure, by=person)
    flash(_("Case %(ref)s is closed.", ref=ref))
    return htmx.go(url_for(".show_closures"))


@bp.post("/closures/<int(max=2147483647):number>/give-back")
@needs(Role.MANAGER)
@redraws(show_closure)
@commits
def give_back(number: int) -> ResponseReturnValue:
    """Give a closure back with a question."""
    person = guards.current_staff()
    case_closing.give_back(case_closing.get_waiting(number, by=person), request.form.get("question", ""), by=person)
    flash(_("Given back. The officer reads your question on the page of the case."))
    return htmx.go(url_for(".show_closures"))
