"""The people of a victim case: added, changed, named as possible abuser, chosen as whom to call."""

from dataclasses import asdict

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, drawing, exposure, numbers, victim_case_words, victim_cases
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.rules import case_work
from hotline.rules.victim_files import Person
from hotline.services import case_files, case_people
from hotline.transactions import commits
from hotline.vocabulary import PersonPart, Role

bp = Blueprint("case_people", __name__, url_prefix="/victims/cases/<ref>")


@bp.get("/people/new")
@needs(Role.VICTIM_SUPPORT)
def new_person(ref: str) -> ResponseReturnValue:
    """Ask who somebody is to the child."""
    return _draw(ref, None)


@bp.post("/people/new")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_person)
@commits
def add_person(ref: str) -> ResponseReturnValue:
    """Add somebody to a case."""
    staff = guards.current_staff()
    one, known = case_files.get_open(ref, by=staff), case_forms.words(Person)
    part, is_suspect = case_forms.one_of(PersonPart, request.form.get("part", "")), request.form.get("suspect") == "yes"
    if part is None:
        raise Refused(("part", "required"), *case_work.person_faults(known))
    added = case_people.add(one, part, known, is_suspect=is_suspect, by=staff)
    flash(_("Added."))
    case_forms.say_what_follows(added.effects)
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


@bp.get("/people/<int(max=2147483647):person_id>")
@needs(Role.VICTIM_SUPPORT)
def show_person(ref: str, person_id: int) -> ResponseReturnValue:
    """Show what is known of somebody, to be changed."""
    return _draw(ref, person_id)


@bp.post("/people/<int(max=2147483647):person_id>")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_person)
@shows_newer(show_person)
@commits
def change_person(ref: str, person_id: int) -> ResponseReturnValue:
    """Write anew what is known of somebody."""
    staff = guards.current_staff()
    one, known = case_files.get_open(ref, by=staff), case_forms.words(Person)
    person, part = case_people.get(one, person_id), case_forms.choice(PersonPart, "part")
    effects = case_people.change(one, person, part, known, version=case_forms.version(), by=staff)
    flash(_("Saved."))
    case_forms.say_what_follows(effects)
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


@bp.post("/people/<int(max=2147483647):person_id>/mark")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_person)
@commits
def mark_person(ref: str, person_id: int) -> ResponseReturnValue:
    """Name somebody as possible abuser, or take that back."""
    staff = guards.current_staff()
    one = case_files.get_open(ref, by=staff)
    person = case_people.get(one, person_id)
    if request.form.get("suspect") == "no":
        case_people.clear_suspect(one, person, by=staff)
        flash(_("Taken back. Who may be called, and what they agree to, is asked anew."))
    else:
        effects = case_people.name_suspect(one, person, by=staff)
        flash(_("Named as possible abuser. What they had agreed to has ended."))
        case_forms.say_what_follows(effects)
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


def _show_case(ref: str) -> ResponseReturnValue:
    return victim_cases.show_case(ref)


@bp.post("/contact")
@needs(Role.VICTIM_SUPPORT)
@redraws(_show_case)
@commits
def choose_contact(ref: str) -> ResponseReturnValue:
    """Say who may be called or written to, or that nobody may."""
    staff = guards.current_staff()
    one = case_files.get_open(ref, by=staff)
    chosen, number = request.form.get("contact", ""), request.form.get("contact", type=numbers.read)
    if chosen and number is None:
        raise Refused(("contact", "unknown"))
    case_people.choose_contact(one, case_people.get(one, number) if number is not None else None, by=staff)
    flash(_("Noted who may be called.") if chosen else _("Noted that nobody may be called."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))


def _draw(ref: str, person_id: int | None) -> str:
    staff = guards.current_staff()
    one = case_files.get_open(ref, by=staff)
    file = case_files.read(one, by=staff)
    exposure.looking()
    person = case_people.get(one, person_id) if person_id is not None else None
    known = case_people.read(person) if person else None
    stored = asdict(known) | {"part": person.part} if person and known else {}
    return drawing.draw(
        "desk/victim_cases/person.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        person=person,
        known=known,
        parts=tuple(PersonPart),
        typed=request.form.to_dict() or stored,
        overtaken=guards.overtaken(),
        say=victim_case_words.say,
    )
