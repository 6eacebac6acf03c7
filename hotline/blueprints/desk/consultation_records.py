"""The record of a consultation: who came, what was said, what has to be done; closed, added to, and printed."""

from flask import Blueprint, Response, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import consultation_words, days, drawing, numbers, stakeholder_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import NotFound, Refused
from hotline.models.consultation import Consultation
from hotline.models.stakeholder import Organisation
from hotline.rules import consultations as rules
from hotline.services import action_points, consultation_records, consultations, duties, staff, stakeholders
from hotline.services.consultation_records import Spoken
from hotline.transactions import commits
from hotline.vocabulary import ConsultationPart, ConsultationState, Language, Subject

bp = Blueprint("consultation_records", __name__, url_prefix="/practice/consultations")
READERS, KEEPERS = consultations.READERS, consultations.KEEPERS
PIECE = "/<ref>/words/<int(max=2147483647):number>"
PARTNERS, OURS = "partners", "file"  # for whom minutes are printed


@bp.get("/<ref>")
@needs(*READERS)
def show_consultation(ref: str) -> ResponseReturnValue:
    """Show a consultation: its plan, and its record as far as this person may read it."""
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    came = consultations.attendance_of(one, by=person)
    return drawing.draw(
        "desk/consultations/page.html",
        one=one,
        came=came,
        moves=consultations.moves_of(one),
        clock=duties.running(Subject.CONSULTATION, [one.id]).get(one.id),
        words=consultation_records.words_of(one, by=person),
        parts=rules.parts_open(one.state),
        points=action_points.of(one, by=person),
        owners=stakeholder_words.people(action_points.owners()),
        organisations=[(each.organisation.ref, stakeholder_words.name(each.organisation)) for each in came],
        invitation="" if consultations.names_us(one) else consultation_words.invitation(one, person),
        contacts=_to_write_to(one) if one.state is ConsultationState.PLANNED else [],
        may_keep=person.has(*KEEPERS),
        typed=request.form,
        name_of=stakeholder_words.name,
        who=consultation_words.who,
        say=consultation_words.say,
    )


@bp.post("/<ref>/words")
@needs(*KEEPERS)
@redraws(show_consultation)
@commits
def write_words(ref: str) -> ResponseReturnValue:
    """Write to the record."""
    person, part = guards.current_staff(), request.form.get("part", "")
    one = consultations.get(ref, by=person)
    text, whose = request.form.get(part, ""), request.form.get("organisation", "")
    consultation_records.write(one, part, text, organisation=whose, by=person)
    flash(_("Written, and kept sealed."))
    return _back(ref)


@bp.get(PIECE)
@needs(*KEEPERS)
def show_words(ref: str, number: int) -> ResponseReturnValue:
    """Show a piece of an open record, to be changed or taken out."""
    one = consultations.get(ref, by=guards.current_staff())
    said = _said(one, number)
    return drawing.draw(
        "desk/consultations/words.html",
        one=one,
        said=said,
        typed=request.form or {"text": said.text},
        is_open=said.part in rules.parts_open(one.state),
        overtaken=guards.overtaken(),
        name_of=stakeholder_words.name,
        say=consultation_words.say,
    )


@bp.post(PIECE)
@needs(*KEEPERS)
@redraws(show_words)
@shows_newer(show_words)
@commits
def change_words(ref: str, number: int) -> ResponseReturnValue:
    """Change a piece of an open record."""
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    version = request.form.get("version", 0, type=numbers.read)
    consultation_records.rewrite(one, number, request.form.get("text", ""), version=version, by=person)
    flash(_("Saved."))
    return _back(ref)


@bp.post(f"{PIECE}/strike")
@needs(*KEEPERS)
@commits
def strike_words(ref: str, number: int) -> ResponseReturnValue:
    """Take a piece out of an open record."""
    person = guards.current_staff()
    consultation_records.strike(consultations.get(ref, by=person), number, by=person)
    flash(_("Taken out."))
    return _back(ref)


@bp.post("/<ref>/points")
@needs(*KEEPERS)
@redraws(show_consultation)
@commits
def add_point(ref: str) -> ResponseReturnValue:
    """Note what has to be done, by whom and by which day."""
    person, typed = guards.current_staff(), request.form
    action_points.add(
        consultations.get(ref, by=person),
        typed.get("point", ""),
        owner=typed.get("owner", ""),
        due_on=days.read(typed.get("due_on", "")),
        by=person,
    )
    flash(_("Noted. Its clock runs."))
    return _back(ref)


@bp.post("/<ref>/close")
@needs(*KEEPERS)
@redraws(show_consultation)
@commits
def close_record(ref: str) -> ResponseReturnValue:
    """Close the record."""
    person = guards.current_staff()
    consultation_records.close(consultations.get(ref, by=person), by=person)
    flash(_("On record. From now on it is only added to."))
    return _back(ref)


@bp.get("/<ref>/minutes")
@needs(*KEEPERS)
@redraws(show_consultation)
def print_minutes(ref: str) -> ResponseReturnValue:
    """Show minutes for paper, in a language, for partners or for our own file; that is on record.

    For partners nobody who came stands there by name, and our numbers stand in the places of our accounts' names. Full
    names, mailboxes and telephone numbers of us were refused when the words were written, and title, place and agenda
    bear no name of us at all; who entered theirs since then is looked for here, and their number put there too.
    """
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    asked, reader = request.args.get("lang", one.language), request.args.get("for", PARTNERS)
    if asked not in set(Language) or reader not in (PARTNERS, OURS):
        raise Refused(("print", "unknown"))
    for_partners = reader == PARTNERS
    people = staff.list_staff() if for_partners else []
    said, points = consultation_records.words_of(one, by=person), action_points.of(one, by=person)
    texts = [one.title, one.place, one.agenda, *(each.text for each in said), *(each.words for each in points)]
    named = {text: consultation_words.without_names(text, people) for text in texts}
    clean, stood = consultation_records.on_paper(named.values()) if for_partners else ({}, ())
    consultation_records.note_printed(one, for_partners=for_partners, by=person)
    g.lang = Language(asked)
    return drawing.draw(
        "desk/consultations/minutes.html",
        one=one,
        came=consultations.attendance_of(one, by=person, with_names=not for_partners),
        words=said,
        points=points,
        stood=stood,
        for_partners=for_partners,
        reader=reader,
        readers=(PARTNERS, OURS),
        languages=tuple(Language),
        clean=lambda text: clean.get(named[text], text),
        parts=tuple(ConsultationPart),
        name_of=stakeholder_words.name,
        who=consultation_words.who,
        of_whom=consultation_words.of_whom,
        now=clock.now(),
    )


def _to_write_to(one: Consultation) -> list[tuple[Organisation, list[str]]]:
    """Return of each that is invited where its people who agreed to it are written to, or called."""
    subject = consultations.subject(one)
    known = stakeholders.people_of_each(one.invited, about=subject, by=guards.current_staff())
    return [
        (
            each,
            [who.mailbox or who.phone for who in known[each.id] if who.may_be_contacted and (who.mailbox or who.phone)],
        )
        for each in one.invited
    ]


def _said(one: Consultation, number: int) -> Spoken:
    found = consultation_records.words_of(one, by=guards.current_staff())
    said = next((each for each in found if each.id == number), None)
    if said is None:
        raise NotFound(f"no words {number} of {one.ref}")
    return said


def _back(ref: str) -> Response:
    return htmx.go(url_for(".show_consultation", ref=ref))
