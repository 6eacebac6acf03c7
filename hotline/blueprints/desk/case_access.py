"""Who may open a victim case: sharing it, opening another's for a reason, handing it over; and who has how many."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, drawing, exposure, victim_case_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import NotFound, Refused
from hotline.services import audit, case_access, case_files, case_lists, case_people, staff, victim_cases
from hotline.services.case_lists import Wanted
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("case_access", __name__, url_prefix="/victims")
MANAGED = (Role.VICTIM_SUPPORT, Role.MANAGER)
MOST_READS = 20


@bp.get("/cases/<ref>/access")
@needs(Role.VICTIM_SUPPORT)
def show_access(ref: str) -> ResponseReturnValue:
    """Show who may open a case, who has, and the forms for sharing it and handing it over."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    names, subject = {each.number: each.name for each in staff.list_staff()}, case_files.subject(one)
    return drawing.draw(
        "desk/victim_cases/share.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        given=case_access.list_given(one),
        given_line=victim_case_words.given_line,
        reads=victim_case_words.reads(audit.newest(subject, most=MOST_READS, only=victim_case_words.READS), names),
        handed=victim_case_words.handed(audit.of_action(subject, case_access.HANDED), names),
        colleagues=[(each.number, each.name) for each in case_access.list_colleagues(one)],
        typed=request.form,
        say=victim_case_words.say,
    )


@bp.post("/cases/<ref>/access")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_access)
@commits
def share_case(ref: str) -> ResponseReturnValue:
    """Let another person of victim support open a case."""
    person, typed = guards.current_staff(), request.form
    one, until = case_files.get_open(ref, by=person), case_forms.end_of_day("until")
    case_access.share(one, typed.get("person", ""), typed.get("reason", ""), until=until, by=person)
    flash(_("Shared. The reason stands with the case."))
    return htmx.go(url_for(".show_access", ref=ref))


@bp.post("/cases/<ref>/access/<int(max=2147483647):access_id>/end")
@needs(Role.VICTIM_SUPPORT)
@commits
def take_back(ref: str, access_id: int) -> ResponseReturnValue:
    """Let somebody open a case no more; who was let in may leave it, too."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    case_access.take_back(one, access_id, by=person)
    flash(_("Taken back at once."))
    to = url_for(".show_access", ref=ref) if one.officer_id == person.id else url_for("desk.victim_cases.show_cases")
    return htmx.go(to)


@bp.get("/cases/<ref>/open")
@needs(Role.VICTIM_SUPPORT)
def ask_reason(ref: str) -> ResponseReturnValue:
    """Ask why somebody opens a case that is not theirs."""
    one = case_access.find_closed_to(ref, by=guards.current_staff())
    return drawing.draw(
        "desk/victim_cases/reason.html",
        one=one,
        risk=victim_case_words.risk(one),
        typed=request.form,
        say=victim_case_words.say,
    )


@bp.post("/cases/<ref>/open")
@needs(Role.VICTIM_SUPPORT)
@redraws(ask_reason)
@commits
def open_for_reason(ref: str) -> ResponseReturnValue:
    """Open another's case for a day, for a reason that its officer reads."""
    case_access.open_for_reason(ref, request.form.get("reason", ""), by=guards.current_staff())
    flash(_("Open to you for 24 hours. Its officer sees that you opened it, and why."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


@bp.post("/cases/<ref>/officer")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_access)
@commits
def hand_over(ref: str) -> ResponseReturnValue:
    """Put a case into another officer's hands."""
    person = guards.current_staff()
    officer = case_access.hand_over(case_files.get_open(ref, by=person), request.form.get("officer", ""), by=person)
    flash(_("%(ref)s is in the hands of %(name)s now.", ref=ref, name=officer.name))
    return htmx.go(url_for("desk.victim_cases.show_cases"))


@bp.get("/workload")
@needs(*MANAGED)
def show_workload() -> ResponseReturnValue:
    """Show who has how many cases, and all that are open by reference, step and risk: nothing of any file."""
    person = guards.current_staff()
    wanted = Wanted(officer=request.args.get("officer", ""), after=request.args.get("after", ""))
    found = case_lists.list_managed(wanted, by=person)
    args: dict[str, Any] = {"officer": wanted.officer} if wanted.officer else {}
    return drawing.draw(
        "desk/victim_cases/workload.html",
        loads=case_lists.list_loads(),
        found=found,
        wanted=wanted,
        next_page=url_for(".show_workload", **args, after=found.next) if found.next else "",
        colleagues=[(each.number, each.name) for each in case_access.list_colleagues()],
        risk=victim_case_words.risk,
        typed=request.form or request.args,
        say=victim_case_words.say,
    )


@bp.post("/workload")
@needs(*MANAGED)
@redraws(show_workload)
@commits
def hand_over_by_reference() -> ResponseReturnValue:
    """Put a case into another officer's hands by its reference alone: a manager does it, or its officer."""
    person, ref = guards.current_staff(), request.form.get("ref", "").strip().upper()
    try:
        one = victim_cases.get_managed(ref, by=person)
    except NotFound:
        raise Refused(("ref", "unknown")) from None
    officer = case_access.hand_over(one, request.form.get("officer", ""), by=person)
    flash(_("%(ref)s is in the hands of %(name)s now.", ref=ref, name=officer.name))
    return htmx.go(url_for(".show_workload"))
