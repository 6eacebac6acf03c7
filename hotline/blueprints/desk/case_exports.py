"""Giving a case to another organisation's program: to whom, in which words, and the file that only they open."""

from typing import ParamSpec

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.desk import case_exchange_words, case_forms, consent_words, drawing
from hotline.blueprints.guards import needs, redraws, says_what_is_missing
from hotline.errors import Refused
from hotline.rules.case_formats import Format
from hotline.services import case_exports, case_files, staff
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("case_exports", __name__, url_prefix="/victims/cases/<ref>/export")
P = ParamSpec("P")


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def show_export(ref: str) -> ResponseReturnValue:
    """Ask for which service and program, and show what would leave, word for word."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    case_exports.require_officer(one, by=person)
    about = case_forms.about_case(one)
    services = case_exports.list_services(one)
    typed = request.form.get("to") or request.args.get("to", "")
    to = next((each.to for each in services if each.to.ref == typed), None)
    form = case_forms.one_of(Format, request.form.get("format", "") or request.args.get("format", ""))
    return drawing.draw(
        "desk/case_exports/page.html",
        services=services,
        to=to,
        form=form,
        formats=[(each, case_exchange_words.name(each)) for each in Format],
        shown=case_exports.show(one, to, form, by=person) if to and form else None,
        earlier=case_exports.list_taken(one),
        names={each.number: each.name for each in staff.list_staff()},
        name=consent_words.name,
        say=case_exchange_words.say_export,
        is_gate_shut=guards.gate_shut(),
        **about,
    )


@bp.post("")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_export)
@redraws(show_export)
@commits
def take_export(ref: str) -> ResponseReturnValue:
    """Hand out a case as a file that the service alone opens."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    one = case_files.get(ref, by=person)
    form = case_forms.one_of(Format, typed.get("format", ""))
    wrong = [("format", "required")] if form is None else []
    if not typed.get("to"):
        wrong.append(("to", "required"))
    if wrong or form is None:
        raise Refused(*wrong)
    file = case_exports.export(one, case_exports.get_service(typed["to"], by=person), form, by=person)
    answer = Response(file.body, mimetype=file.kind)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    return answer
