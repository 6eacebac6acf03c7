"""Stakeholders: organisations by sector, and the people there whom we know."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import days, drawing, numbers, stakeholder_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.models.stakeholder import Organisation, OrganisationPerson
from hotline.rules import stakeholders as rules
from hotline.rules.stakeholders import OrganisationEntry, PersonEntry
from hotline.services import agreements, consultations, stakeholders
from hotline.services.stakeholders import Known
from hotline.transactions import commits
from hotline.vocabulary import ContactConsent, OrganisationKind, Sector

bp = Blueprint("stakeholders", __name__, url_prefix="/practice/stakeholders")
READERS, KEEPERS = stakeholders.READERS, stakeholders.KEEPERS
MOST = 20  # consultations of one organisation
PERSON = "/<ref>/people/<int(max=2147483647):number>"


@bp.get("")
@needs(*READERS)
def show_organisations() -> ResponseReturnValue:
    """Show the organisations by name. Sector and a part of a name in the address."""
    typed, like = request.args.get("sector", ""), request.args.get("like", "").strip()
    sector = Sector(typed) if typed in set(Sector) else None
    return drawing.draw(
        "desk/stakeholders/list.html",
        rows=stakeholders.list_all(by=guards.current_staff(), sector=sector, like=like),
        sector=sector,
        like=like,
        sectors=tuple(Sector),
        name_of=stakeholder_words.name,
    )


@bp.get("/new")
@needs(*KEEPERS)
def new_organisation() -> ResponseReturnValue:
    """Ask for a new organisation."""
    return _form("desk/stakeholders/new.html", request.form)


@bp.post("/new")
@needs(*KEEPERS)
@redraws(new_organisation)
@commits
def add_organisation() -> ResponseReturnValue:
    """Add an organisation."""
    added = stakeholders.enter(_typed(), by=guards.current_staff())
    flash(_("%(name)s stands among the stakeholders.", name=added.name))
    return htmx.go(url_for(".show_organisation", ref=added.ref))


@bp.get("/<ref>")
@needs(*READERS)
def show_organisation(ref: str) -> ResponseReturnValue:
    """Show one organisation: its people, consultations and agreements."""
    person = guards.current_staff()
    one = stakeholders.get(ref, by=person)
    return _form(
        "desk/stakeholders/page.html",
        request.form or _kept(one),
        one,
        people=stakeholders.people_of(one, by=person),
        consultations=consultations.of_organisation(one, by=person, most=MOST),
        agreements=agreements.with_organisation(one, by=person),
        may_change=person.has(*KEEPERS),
        overtaken=guards.overtaken(),
    )


@bp.post("/<ref>")
@needs(*KEEPERS)
@redraws(show_organisation)
@shows_newer(show_organisation)
@commits
def change_organisation(ref: str) -> ResponseReturnValue:
    """Change an organisation."""
    person = guards.current_staff()
    one = stakeholders.get(ref, by=person)
    changed = stakeholders.change(one, _typed(), version=_version(), by=person)
    flash(_("Saved.") if changed else _("Nothing was changed."))
    return htmx.go(url_for(".show_organisation", ref=ref))


@bp.post("/<ref>/off")
@needs(*KEEPERS)
@commits
def switch_off(ref: str) -> ResponseReturnValue:
    """Invite an organisation no longer."""
    person = guards.current_staff()
    stakeholders.switch(stakeholders.get(ref, by=person), on=False, by=person)
    flash(_("It is invited no longer. What is on record stays."))
    return htmx.go(url_for(".show_organisation", ref=ref))


@bp.post("/<ref>/on")
@needs(*KEEPERS)
@commits
def switch_on(ref: str) -> ResponseReturnValue:
    """Invite an organisation again."""
    person = guards.current_staff()
    stakeholders.switch(stakeholders.get(ref, by=person), on=True, by=person)
    flash(_("It may be invited again."))
    return htmx.go(url_for(".show_organisation", ref=ref))


@bp.get("/<ref>/people/new")
@needs(*KEEPERS)
def new_person(ref: str) -> ResponseReturnValue:
    """Ask for a person of an organisation."""
    one = stakeholders.get(ref, by=guards.current_staff())
    return _person_form(one, None, request.form)


@bp.post("/<ref>/people/new")
@needs(*KEEPERS)
@redraws(new_person)
@commits
def add_person(ref: str) -> ResponseReturnValue:
    """Add a person of an organisation."""
    person = guards.current_staff()
    stakeholders.add_person(stakeholders.get(ref, by=person), _typed_person(), by=person)
    flash(_("Noted. What is known of a person is kept sealed."))
    return htmx.go(url_for(".show_organisation", ref=ref))


@bp.get(PERSON)
@needs(*KEEPERS)
def show_person(ref: str, number: int) -> ResponseReturnValue:
    """Show a person of an organisation, to be changed."""
    one, found = _person(ref, number)
    known = stakeholders.read_person(found, by=guards.current_staff())
    return _person_form(one, known, request.form or _kept_person(known))


@bp.post(PERSON)
@needs(*KEEPERS)
@redraws(show_person)
@shows_newer(show_person)
@commits
def change_person(ref: str, number: int) -> ResponseReturnValue:
    """Change what is known of a person."""
    found = _person(ref, number)[1]
    stakeholders.change_person(found, _typed_person(), version=_version(), by=guards.current_staff())
    flash(_("Saved."))
    return htmx.go(url_for(".show_organisation", ref=ref))


@bp.post(f"{PERSON}/left")
@needs(*KEEPERS)
@commits
def note_left(ref: str, number: int) -> ResponseReturnValue:
    """Note that a person left the organisation."""
    stakeholders.leave(_person(ref, number)[1], by=guards.current_staff())
    flash(_("Noted. Nobody writes to them any more."))
    return htmx.go(url_for(".show_organisation", ref=ref))


@bp.post(f"{PERSON}/forget")
@needs(*KEEPERS)
@commits
def forget_person(ref: str, number: int) -> ResponseReturnValue:
    """Erase what is known of a person, as they asked."""
    stakeholders.forget(_person(ref, number)[1], by=guards.current_staff())
    flash(_("Erased. Where they came to a consultation, it says “a person” now."))
    return htmx.go(url_for(".show_organisation", ref=ref))


def _form(template: str, typed: Any, one: Organisation | None = None, **more: Any) -> str:
    return drawing.draw(
        template,
        one=one,
        typed=typed,
        sectors=stakeholder_words.choices(Sector),
        kinds=stakeholder_words.choices(OrganisationKind),
        places=stakeholders.places(),
        say=stakeholder_words.say,
        name_of=stakeholder_words.name,
        **more,
    )


def _person_form(one: Organisation, found: Known | None, typed: Any) -> str:
    return drawing.draw(
        "desk/stakeholders/person.html",
        one=one,
        found=found,
        typed=typed,
        consents=stakeholder_words.choices(ContactConsent),
        say=stakeholder_words.say,
        name_of=stakeholder_words.name,
        overtaken=guards.overtaken(),
    )


def _person(ref: str, number: int) -> tuple[Organisation, OrganisationPerson]:
    person = guards.current_staff()
    one = stakeholders.get(ref, by=person)
    return one, stakeholders.get_person(one, number, by=person)


def _kept(one: Organisation) -> Mapping[str, str]:
    kept = {name: str(getattr(one, name)) for name in stakeholders.LINES}
    return kept | {"place": stakeholders.place_of(one)}


def _kept_person(known: Known) -> Mapping[str, str]:
    kept = {field: getattr(known, field) for field in stakeholders.SEALED}
    since = known.contact_since.isoformat() if known.contact_since else ""
    return kept | {"contact_since": since, "contact_by": str(known.contact_by or "")}


def _typed() -> OrganisationEntry:
    fields = ("name", "name_km", "sector", "kind", "notes", "place")
    entry = rules.judge_organisation(**{name: request.form.get(name, "") for name in fields})
    if not isinstance(entry, OrganisationEntry):
        raise Refused(*entry)
    return entry


def _typed_person() -> PersonEntry:
    fields = (*stakeholders.SEALED, "contact_by")
    entry = rules.judge_person(
        **{name: request.form.get(name, "") for name in fields},
        contact_since=days.sent("contact_since"),
        today=jurisdiction.today(),
    )
    if not isinstance(entry, PersonEntry):
        raise Refused(*entry)
    return entry


def _version() -> int:
    return request.form.get("version", 0, type=numbers.read)
