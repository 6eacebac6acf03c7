"""What the police are told of a victim: drafted, read as it leaves, handed over behind consent, followed."""

from typing import Any, ParamSpec

from flask import Blueprint, Response, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import (
    case_forms,
    days,
    drawing,
    exposure,
    identification_words,
    notice_words,
    victim_case_words,
)
from hotline.blueprints.guards import needs, redraws, says_what_is_missing, shows_newer
from hotline.errors import NotFound, Refused
from hotline.models.recipient import Recipient
from hotline.rules import identifications as rules
from hotline.rules.identifications import Chosen
from hotline.services import audit, case_files, holds, identifications, police, police_have_it, staff
from hotline.services.identifications import Shown
from hotline.transactions import commits
from hotline.vocabulary import Found, HandedBy, IdentificationStatus, Language, Role, Share

bp = Blueprint("identifications", __name__, url_prefix="/victims")
P = ParamSpec("P")


@bp.get("/police")
@needs(Role.VICTIM_SUPPORT)
def show_list() -> ResponseReturnValue:
    """Show what was told to the police by what is waited for. Which, is in the address."""
    person, asked = guards.current_staff(), request.args.get("show", Shown.DRAFTS)
    if asked not in set(Shown):
        raise Refused(("show", "unknown"))
    found = identifications.list_page(Shown(asked), by=person, after=request.args.get("after", ""))
    return htmx.page_or_partial(
        "desk/identifications/list.html",
        "desk/identifications/_rows.html",
        rows=found.rows,
        asked=asked,
        tabs=[(one, identification_words.shown(one), identifications.count(one, by=person)) for one in Shown],
        next_page=url_for(".show_list", show=asked, after=found.next) if found.next else "",
    )


@bp.get("/cases/<case>/police")
@needs(Role.VICTIM_SUPPORT)
def new_one(case: str) -> ResponseReturnValue:
    """Ask which unit is told, and what of the case."""
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(case, by=person)
    about = case_forms.about_case(one)
    exposure.looking()
    units = holds.units()
    wanted = typed.get("unit", "") or request.args.get("unit", "") or (units[0].ref if len(units) == 1 else "")
    unit = _unit(wanted)
    choice = identifications.choice(one, unit) if unit else None
    every_link = tuple(link.ref for link in choice.links) if choice else ()
    return drawing.draw(
        "desk/identifications/new.html",
        units=units,
        unit=unit,
        choice=choice,
        shares=rules.CHOICES,
        chosen=_chosen() if request.method == "POST" else Chosen(links=every_link),
        languages=tuple(Language),
        typed=typed,
        say=identification_words.say,
        **about,
    )


@bp.post("/cases/<case>/police")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_one)
@commits
def draft_one(case: str) -> ResponseReturnValue:
    """Draft what a unit is told, and go and read it as it would leave."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    made = identifications.draft(
        case_files.get_open(case, by=person),
        typed.get("unit", ""),
        _chosen(),
        language=typed.get("language", ""),
        by=person,
    )
    flash(_("Drafted. Nothing goes yet: read it as the police would."))
    return htmx.go(url_for(".show_identification", ref=made.ref))


@bp.get("/police/<ref>")
@needs(Role.VICTIM_SUPPORT)
def show_identification(ref: str) -> ResponseReturnValue:
    """Show exactly what leaves, and what became of it."""
    person, typed = guards.current_staff(), request.form
    made = identifications.get(ref, by=person)
    about = case_forms.about_case(made.case)
    opened = identifications.read(made, by=person)
    exposure.looking()
    package, is_draft = opened.package, made.status is IdentificationStatus.DRAFT
    names = {one.number: one.name for one in staff.list_staff()}
    is_typed = "chosen" in typed
    return drawing.draw(
        "desk/identifications/page.html",
        made=made,
        opened=opened,
        package=package,
        is_draft=is_draft,
        is_with_police=made.status in rules.WITH_POLICE,
        checks=identifications.checks_of(made, package),
        choice=identifications.choice(made.case, made.unit) if is_draft else None,
        chosen=_chosen() if is_typed else package.chosen,
        shares=rules.CHOICES,
        is_gate_shut=guards.gate_shut(),
        is_newer=guards.overtaken(),
        tell_leak=notice_words.leak,
        has_key=police.has_key(made.unit),
        means=tuple(HandedBy),
        how=identification_words.means,
        due=identifications.due_of(made),
        has_it="already" in request.values,
        is_open=police_have_it.is_open(made),
        founds=tuple(Found),
        lines=identification_words.tell(audit.history(identifications.subject(made)), names),
        typed={"words": package.words} | typed.to_dict(),
        most_line=rules.MOST_LINE,
        hindrance=identification_words.hindrance,
        **_paper(),
        say=identification_words.say,
        **about,
    )


@bp.get("/police/<ref>/print")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_identification)
@redraws(show_identification)
def print_one(ref: str) -> ResponseReturnValue:
    """Show it for paper, in its own language or another; that is on record."""
    person = guards.current_staff()
    made = identifications.get(ref, by=person)
    asked = case_forms.one_of(Language, request.args.get("lang", made.language))
    if asked is None:
        raise NotFound("there is no paper in that language")
    package = identifications.printed(made, by=person)
    g.lang = asked
    return drawing.draw(
        "desk/identifications/print.html",
        made=made,
        package=package,
        languages=tuple(Language),
        day_of=days.read,
        now=clock.now(),
        number=person.number,
        asks=identification_words.asks(package),
        **_paper(),
    )


@bp.post("/police/<ref>/change")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_identification)
@redraws(show_identification)
@commits
def change_one(ref: str) -> ResponseReturnValue:
    """Write a draft anew."""
    case_forms.refuse_files()
    person = guards.current_staff()
    identifications.change(identifications.get(ref, by=person), _chosen(), version=case_forms.version(), by=person)
    flash(_("Written anew, with what may be told now. Read it once more."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/download")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_identification)
@redraws(show_identification)
@commits
def download_one(ref: str) -> ResponseReturnValue:
    """Hand out the file, encrypted to the unit's own key. It lies nowhere unencrypted."""
    person = guards.current_staff()
    made = identifications.get(ref, by=person)
    package = identifications.package_of(made)
    with force_locale(made.language):
        text = identification_words.as_text(package, made.language)
    answer = Response(identifications.encrypted(made, text, by=person), mimetype="application/pgp-encrypted")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{made.ref}.zip.asc")
    return answer


@bp.post("/police/<ref>/hand-over")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_identification)
@shows_newer(show_identification)
@redraws(show_identification)
@commits
def hand_over(ref: str) -> ResponseReturnValue:
    """Note that it is with its unit."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    identifications.hand_over(
        identifications.get(ref, by=person),
        typed.get("handed_by", ""),
        typed.get("handed_to", ""),
        case_forms.moment("at") or clock.now(),
        version=case_forms.version(),
        by=person,
    )
    flash(_("Noted. The word of the police is waited for from now on."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/already")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_identification)
@redraws(show_identification)
@commits
def note_already(ref: str) -> ResponseReturnValue:
    """Note that its unit has it already, whatever keeps it here now."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    made = identifications.get(ref, by=person)
    police_have_it.note(
        made,
        typed.get("handed_by", ""),
        typed.get("handed_to", ""),
        case_forms.moment("at"),
        version=case_forms.version(),
        by=person,
    )
    if made.although:
        flash(_("Noted as it happened. What has to be done now stands on this page."))
    else:
        flash(_("Noted. The word of the police is waited for from now on."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/settled")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_identification)
@commits
def settle_one(ref: str) -> ResponseReturnValue:
    """Note who was told that the police have it."""
    case_forms.refuse_files()
    person = guards.current_staff()
    police_have_it.settle(identifications.get(ref, by=person), request.form.get("settled", ""), by=person)
    flash(_("Noted. It stands out no more; the mark stays."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/withdraw")
@needs(Role.VICTIM_SUPPORT)
@commits
def withdraw_one(ref: str) -> ResponseReturnValue:
    """Take back a draft."""
    person = guards.current_staff()
    identifications.withdraw(identifications.get(ref, by=person), by=person)
    flash(_("Withdrawn. It does not go."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/acknowledge")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_identification)
@commits
def acknowledge_one(ref: str) -> ResponseReturnValue:
    """Note that the unit has it, and its case number."""
    person = guards.current_staff()
    made = identifications.get(ref, by=person)
    identifications.acknowledge(made, request.form.get("case_number", ""), by=person)
    flash(_("Noted. The unit has it."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/wait")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_identification)
@commits
def note_wait(ref: str) -> ResponseReturnValue:
    """Note that the unit asks not to contact the family before a day."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    identifications.ask_to_wait(
        identifications.get(ref, by=person),
        days.read(typed.get("hold_until", "")),
        typed.get("hold_words", ""),
        typed.get("hold_by", ""),
        by=person,
    )
    flash(_("Noted. It stands on every page of the case until that day."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/wait/end")
@needs(Role.VICTIM_SUPPORT)
@commits
def end_wait(ref: str) -> ResponseReturnValue:
    """Note that the unit lets the family be contacted again."""
    person = guards.current_staff()
    identifications.end_wait(identifications.get(ref, by=person), by=person)
    flash(_("Noted. The family may be contacted as it is safe."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/found")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_identification)
@commits
def note_found(ref: str) -> ResponseReturnValue:
    """Note what the police say they found out."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    identifications.note_found(
        identifications.get(ref, by=person),
        typed.get("found", ""),
        days.read(typed.get("found_on", "")),
        typed.get("feedback", ""),
        by=person,
    )
    flash(_("Noted. Thank you for asking."))
    return htmx.go(url_for(".show_identification", ref=ref))


@bp.post("/police/<ref>/close")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_identification)
@commits
def close_one(ref: str) -> ResponseReturnValue:
    """Put one away."""
    person = guards.current_staff()
    identifications.close(identifications.get(ref, by=person), by=person)
    flash(_("Closed. Nothing is waited for any more."))
    return htmx.go(url_for(".show_identification", ref=ref))


def _unit(ref: str) -> Recipient | None:
    return next((one for one in holds.units() if one.ref == ref), None)


def _chosen() -> Chosen:
    """Return what was ticked and typed."""
    typed = request.form
    ticked = typed.getlist("shares")
    numbers = tuple(int(one) for one in typed.getlist("people") if one.isascii() and one.isdecimal() and len(one) < 10)
    return Chosen(
        shares=tuple(one for one in Share if one in ticked),
        people=numbers,
        links=tuple(typed.getlist("links")),
        words=typed.get("words", ""),
    )


def _paper() -> dict[str, Any]:
    """Return how page and paper say what a package holds."""
    return {
        "field": victim_case_words.label,
        "value": identification_words.value,
        "about_person": identification_words.about,
    }
