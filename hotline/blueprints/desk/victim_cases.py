"""Victim cases: lists, opening one, its page, its file, its steps and risk, and the whole file on paper."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, drawing, exposure, victim_case_words, words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.models.help_request import HelpRequest
from hotline.rules import free_text
from hotline.rules.victim_files import CaseFile
from hotline.services import (
    case_access,
    case_closing,
    case_files,
    case_links,
    case_lists,
    case_notes,
    case_people,
    consents,
    help_requests,
    identifications,
    needs_assessments,
    plan_actions,
    referrals,
    victim_cases,
)
from hotline.services.case_lists import Wanted
from hotline.services.help_requests import Reach
from hotline.transactions import commits
from hotline.vocabulary import CaseSource, CaseStatus, CaseStep, Language, NoteKind, Risk, Role

bp = Blueprint("victim_cases", __name__, url_prefix="/victims/cases")
TYPED_IN = (CaseSource.TELEPHONE, CaseSource.REFERRAL_IN)  # the others come with their own record
SHOWN = tuple(one for one in CaseStatus if one is not CaseStatus.ERASED)


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def show_cases() -> ResponseReturnValue:
    """Show one's own cases and those that are shared, or all by reference alone. The filter is in the address."""
    person, wanted = guards.current_staff(), _wanted()
    found = case_lists.list_page(wanted, by=person)
    args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after" and value}
    return drawing.draw(
        "desk/victim_cases/list.html",
        found=found,
        wanted=wanted,
        args=args,
        next_page=url_for(".show_cases", **{**args, "after": found.next}) if found.next else "",
        statuses=SHOWN,
        risks=tuple(Risk),
        steps=tuple(CaseStep),
        loads=case_lists.list_loads(),
        risk=victim_case_words.risk,
        say=victim_case_words.say,
        sought=None,
        typed="",
    )


@bp.post("/find")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_cases)
@commits
def find_case() -> ResponseReturnValue:
    """Find a case by its reference, or by a name: what was typed stands in no address."""
    person, typed = guards.current_staff(), request.form.get("q", "")
    rows = case_lists.find(typed, by=person)
    return drawing.draw(
        "desk/victim_cases/list.html",
        found=case_lists.CasePage(rows, ""),
        wanted=Wanted(),
        args={},
        next_page="",
        statuses=SHOWN,
        risks=tuple(Risk),
        steps=tuple(CaseStep),
        loads=(),
        risk=victim_case_words.risk,
        say=victim_case_words.say,
        sought=len(rows),
        typed=typed,
    )


@bp.get("/new")
@needs(Role.VICTIM_SUPPORT)
def new_case() -> ResponseReturnValue:
    """Ask what is known of a child; of a request for help, what was asked is carried over."""
    asked = _request(request.values.get("request", ""))
    known = request.form.to_dict() or (_carried_over(asked) if asked else {})
    return drawing.draw(
        "desk/victim_cases/new.html",
        asked=asked,
        typed=known,
        sources=TYPED_IN,
        risks=tuple(Risk),
        **_field_words(),
    )


@bp.post("/new")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_case)
@commits
def open_case() -> ResponseReturnValue:
    """Open a case, and go on to its page."""
    person, file = guards.current_staff(), case_forms.words(CaseFile)
    asked = _request(request.form.get("request", ""))
    source = CaseSource.HELP_REQUEST if asked else case_forms.one_of(CaseSource, request.form.get("source", ""))
    if source is None or (asked is None and source not in TYPED_IN):
        raise Refused(("source", "required"), *victim_cases.faults_of(file))
    one = victim_cases.open_case(source, file, risk=_risk(), help_request=asked, by=person)
    flash(_("The case is open. Only you can open it, until you share it."))
    return htmx.go(url_for(".show_case", ref=one.ref))


@bp.get("/<ref>")
@needs(Role.VICTIM_SUPPORT)
def show_case(ref: str) -> ResponseReturnValue:
    """Show a case: how to reach child and family safely, the people, what is done, and what happened."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    notes, given = case_notes.list_notes(one, most=victim_case_words.NEWEST), case_access.list_given(one)
    steps = victim_cases.list_steps(one)
    return drawing.draw(
        "desk/victim_cases/page.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        people=case_files.people(one),
        can_open=case_access.count_people(one),
        opened_for_reason=[each for each in given if each.is_own_doing and each.stands],
        alike=[(each, case_access.may_open(each, by=person)) for each in victim_cases.list_alike(one, file, by=person)],
        duplicates=[(each, case_access.may_open(each, by=person)) for each in case_closing.list_duplicates(one)],
        safety=case_notes.last_of(one, NoteKind.SAFETY),
        clocks=victim_cases.list_clocks(one),
        steps=steps,
        log=victim_case_words.log(one, notes, given, steps),
        facts=victim_case_words.FACTS,
        value=victim_case_words.value,
        label=victim_case_words.label,
        beginning=free_text.beginning,
        risk=victim_case_words.risk(one),
        risks=tuple(Risk),
        all_steps=tuple(CaseStep),
        typed=request.form,
        say=victim_case_words.say,
        needs=needs_assessments.card(one),
        plan=plan_actions.card(one),
        consents=consents.card(one),
        referrals=referrals.card(one),
        links=case_links.card(one),
        police=identifications.card(one),
        closing=case_closing.card(one),
    )


@bp.get("/<ref>/file")
@needs(Role.VICTIM_SUPPORT)
def show_file(ref: str) -> ResponseReturnValue:
    """Show a file to be changed; where it was changed meanwhile, with what is stored beside what was typed."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    stored = asdict(file)
    typed = request.form.to_dict() or {name: held for name, held in stored.items() if isinstance(held, str)}
    return drawing.draw(
        "desk/victim_cases/file.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        typed=typed,
        overtaken=guards.overtaken(),
        differing=[name for name in victim_case_words.LABELS if typed.get(name, "").strip() != stored[name]],
        value=victim_case_words.value,
        **_field_words(),
    )


@bp.post("/<ref>/file")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_file)
@shows_newer(show_file)
@commits
def change_file(ref: str) -> ResponseReturnValue:
    """Write a file anew."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    effects = victim_cases.change_file(
        one,
        case_forms.words(CaseFile),
        version=case_forms.version(),
        is_safe_asked="safe_asked" in request.form,
        by=person,
    )
    flash(_("The file is saved."))
    case_forms.say_what_follows(effects)
    return htmx.go(url_for(".show_case", ref=ref))


@bp.post("/<ref>/step")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_case)
@commits
def begin_step(ref: str) -> ResponseReturnValue:
    """Let a case stand at another step."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    step = case_forms.choice(CaseStep, "step")
    victim_cases.advance(one, step, by=person)
    flash(_("The case stands at this step now: %(step)s.", step=words.of(step)))
    return htmx.go(url_for(".show_case", ref=ref))


@bp.post("/<ref>/risk")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_case)
@commits
def change_risk(ref: str) -> ResponseReturnValue:
    """Say how great the risk is now, and why."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    victim_cases.change_risk(one, _risk(), request.form.get("reason", ""), by=person)
    flash(_("Noted. What has to be done by when follows from it."))
    return htmx.go(url_for(".show_case", ref=ref))


@bp.get("/<ref>/print")
@needs(Role.VICTIM_SUPPORT)
def print_case(ref: str) -> ResponseReturnValue:
    """Show a whole file for paper, in Khmer or English; who printed it stands on it and on record."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    asked = request.args.get("lang", person.language)
    if asked not in set(Language):
        raise Refused(("lang", "unknown"))
    file = victim_cases.print_file(one, by=person)
    exposure.looking()
    g.lang = Language(asked)
    return drawing.draw(
        "desk/victim_cases/print.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        people=case_files.people(one),
        steps=victim_cases.list_steps(one),
        notes=case_notes.list_all(one),
        facts=victim_case_words.FACTS,
        value=victim_case_words.value,
        label=victim_case_words.label,
        risk=victim_case_words.risk(one),
        languages=tuple(Language),
        now=clock.now(),
        needs=needs_assessments.card(one),
        plan=plan_actions.card(one),
        consents=consents.card(one),
        referrals=referrals.card(one),
        police=identifications.card(one),
    )


def _field_words() -> dict[str, Any]:
    return {
        "label": victim_case_words.label,
        "sexes": victim_case_words.SEXES.items(),
        "provinces": victim_case_words.provinces(),
        "say": victim_case_words.say,
    }


def _wanted() -> Wanted:
    """Return what the address asks for. Raises Refused for a word that is none."""
    status, risk, step = (request.args.get(name, "") for name in ("status", "risk", "step"))
    known = (("status", status, SHOWN), ("risk", risk, map(str, Risk)), ("step", step, CaseStep))
    wrong = [(name, "unknown") for name, asked, those in known if asked and asked not in {str(one) for one in those}]
    if wrong:
        raise Refused(*wrong)
    return Wanted(
        everybodys=request.args.get("show") == "all",
        status=CaseStatus(status) if status else CaseStatus.OPEN,
        risk=Risk(int(risk)) if risk else None,
        step=CaseStep(step) if step else None,
        officer=request.args.get("officer", ""),
        after=request.args.get("after", ""),
    )


def _risk() -> Risk:
    typed = request.form.get("risk", "")
    if typed not in {str(int(one)) for one in Risk}:
        raise Refused(("risk", "required"))
    return Risk(int(typed))


def _request(ref: str) -> HelpRequest | None:
    return help_requests.get(ref, by=guards.current_staff()) if ref else None


def _carried_over(asked: HelpRequest) -> dict[str, str]:
    """Return what a request says, as fields of a file. Reading it is on record."""
    opened = help_requests.read(asked, by=guards.current_staff())
    by_code = _(
        "Only by code: they read our answers with their receipt code, through the request %(ref)s.", ref=asked.ref
    )
    return {
        "safe_number": by_code if opened.reach is Reach.CODE_ONLY else opened.contact,
        "safe_when": opened.asked.safe_contact if opened.asked else "",
        "languages": words.of(opened.asked.language) if opened.asked else "",
        "story": opened.asked.what if opened.asked else "",
    }
