"""Pictures of events: events, photographs by reference, who is shown, what they agreed to, what was published."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, imagery_words, numbers
from hotline.blueprints.guards import needs, redraws, says_what_is_missing, shows_newer
from hotline.errors import Refused
from hotline.models.imagery import Photograph, Publication
from hotline.rules import imagery as rules
from hotline.rules.imagery import Known
from hotline.services import imagery, imagery_consents, publications, staff
from hotline.services.imagery import EventEntry
from hotline.services.imagery_consents import Typed
from hotline.transactions import commits
from hotline.vocabulary import EventHost, PictureAnswer, PictureScope, ShownEnd, Voice

bp = Blueprint("imagery", __name__, url_prefix="/practice/imagery")
READERS, KEEPERS = imagery.READERS, imagery.KEEPERS
NUMBER = "int(max=2147483647)"


@bp.get("")
@needs(*READERS)
def show_events() -> ResponseReturnValue:
    """Show the events, the newest first, and how the people shown stand."""
    before = imagery.find(request.args.get("before", ""))
    rows = imagery.list_events(before=before)
    last = rows[-1].event.ref if len(rows) == imagery.MOST_LISTED else ""
    return _draw("desk/imagery/list.html", rows=rows, next_page=url_for(".show_events", before=last) if last else "")


@bp.get("/new")
@needs(*KEEPERS)
def new_event() -> ResponseReturnValue:
    """Ask for a new event."""
    return _draw("desk/imagery/new.html", hosts=tuple(EventHost), typed=request.form)


@bp.post("/new")
@needs(*KEEPERS)
@redraws(new_event)
@commits
def add_event() -> ResponseReturnValue:
    """Note an event."""
    added = imagery.add(_event_entry(), by=guards.current_staff())
    flash(_("Noted. Now add its photographs by name, and who is shown."))
    return htmx.go(url_for(".show_event", ref=added.ref))


@bp.get("/<ref>")
@needs(*READERS)
def show_event(ref: str) -> ResponseReturnValue:
    """Show one event: its photographs, and everybody shown."""
    person = guards.current_staff()
    event = imagery.get(ref, by=person)
    people = imagery.people(event, by=person)
    kept = {name: str(getattr(event, name)) for name in ("name_en", "name_km", "held_on", "place", "organiser", "host")}
    return _draw(
        "desk/imagery/page.html",
        event=event,
        people=people,
        summary=rules.summary([one.shown for one in people], jurisdiction.today()),
        pictures=publications.pictures(imagery.photographs(event)),
        hosts=tuple(EventHost),
        typed=kept | request.form.to_dict() if "name_en" in request.form else kept,
        sent=request.form,
        overtaken=guards.overtaken(),
        stand_of=lambda one: rules.stand(one.shown, jurisdiction.today()),
    )


@bp.post("/<ref>")
@needs(*KEEPERS)
@redraws(show_event)
@shows_newer(show_event)
@commits
def change_event(ref: str) -> ResponseReturnValue:
    """Write an event anew."""
    person = guards.current_staff()
    event = imagery.get(ref, by=person)
    imagery.change(event, _event_entry(), version=case_forms.version(), by=person)
    flash(_("Saved."))
    return htmx.go(url_for(".show_event", ref=ref))


@bp.post("/<ref>/photographs")
@needs(*KEEPERS)
@redraws(show_event)
@commits
def add_photograph(ref: str) -> ResponseReturnValue:
    """Note a photograph by its reference."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    event = imagery.get(ref, by=person)
    added = imagery.add_photograph(event, typed.get("reference", ""), typed.get("description", ""), by=person)
    flash(_("Noted. Say who is shown on it."))
    return htmx.go(url_for(".show_photograph", ref=ref, number=added.id))


@bp.post("/<ref>/people")
@needs(*KEEPERS)
@redraws(show_event)
@commits
def add_person(ref: str) -> ResponseReturnValue:
    """Note somebody who is shown on pictures of an event."""
    case_forms.refuse_files()
    person = guards.current_staff()
    event = imagery.get(ref, by=person)
    added = imagery.add_person(event, _known(), is_child=_is_child(), by=person)
    flash(_("Noted. Write down what they answered."))
    return htmx.go(url_for(".show_person", ref=ref, number=added.id))


@bp.get(f"/<ref>/photographs/<{NUMBER}:number>")
@needs(*READERS)
def show_photograph(ref: str, number: int) -> ResponseReturnValue:
    """Show one photograph by its reference: who is shown, where it may be published, and where it was."""
    person, typed = guards.current_staff(), request.form
    event = imagery.get(ref, by=person)
    photograph = imagery.get_photograph(event, number)
    picture = publications.picture(photograph)
    people = {one.row.id: one for one in imagery.people(event, by=person)}
    kept = {"reference": photograph.reference, "description": photograph.description}
    asked = case_forms.one_of(PictureScope, typed.get("scope", ""))
    day = days.read(typed.get("published_on", ""))
    return _draw(
        "desk/imagery/photograph.html",
        event=event,
        picture=picture,
        people=people,
        others=[one for one in people.values() if one.row.forgotten_at is None and one.row.id not in _on(picture)],
        typed=kept | typed.to_dict(),
        today=jurisdiction.today().isoformat(),
        why=tuple(ShownEnd),
        missing=picture.lacking(asked, day) if guards.gate_shut() and asked and day else (),
        gate_shut=guards.gate_shut(),
    )


def _show_photograph_again(ref: str, number: int, **_which: object) -> ResponseReturnValue:
    return show_photograph(ref, number)


@bp.post(f"/<ref>/photographs/<{NUMBER}:number>")
@needs(*KEEPERS)
@redraws(show_photograph)
@commits
def change_photograph(ref: str, number: int) -> ResponseReturnValue:
    """Write anew what a photograph is known by, while it was not published."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    photograph = _photograph(ref, number)
    imagery.change_photograph(photograph, typed.get("reference", ""), typed.get("description", ""), by=person)
    flash(_("Saved."))
    return htmx.go(url_for(".show_photograph", ref=ref, number=number))


@bp.post(f"/<ref>/photographs/<{NUMBER}:number>/shown")
@needs(*KEEPERS)
@redraws(show_photograph)
@commits
def add_showing(ref: str, number: int) -> ResponseReturnValue:
    """Note that somebody is on a photograph."""
    photograph, chosen = _photograph(ref, number), request.form.get("person", type=numbers.read)
    if chosen is None:
        raise Refused(("person", "required"))
    person = imagery.get_person(photograph.event, chosen)
    to_come_down = publications.show(photograph, person, by=guards.current_staff())
    flash(_("Noted."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_photograph", ref=ref, number=number))


@bp.post(f"/<ref>/photographs/<{NUMBER}:number>/shown/<{NUMBER}:showing>/strike")
@needs(*KEEPERS)
@redraws(_show_photograph_again)
@commits
def strike_showing(ref: str, number: int, showing: int) -> ResponseReturnValue:
    """Note that somebody is not on a photograph after all, or can be recognised no more."""
    found = publications.get_showing(_photograph(ref, number), showing)
    to_come_down = publications.strike(found, request.form.get("why", ""), by=guards.current_staff())
    flash(_("Noted."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_photograph", ref=ref, number=number))


@bp.post(f"/<ref>/photographs/<{NUMBER}:number>/nobody")
@needs(*KEEPERS)
@commits
def note_nobody(ref: str, number: int) -> ResponseReturnValue:
    """Note that nobody on a photograph can be recognised, or take that back."""
    is_so = request.form.get("nobody") == "yes"
    to_come_down = publications.say_nobody(_photograph(ref, number), is_so=is_so, by=guards.current_staff())
    flash(_("Noted."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_photograph", ref=ref, number=number))


@bp.post(f"/<ref>/photographs/<{NUMBER}:number>/publish")
@needs(*KEEPERS)
@redraws(show_photograph)
@says_what_is_missing(show_photograph)
@commits
def publish_photograph(ref: str, number: int) -> ResponseReturnValue:
    """Put down that a photograph was published: only where everybody shown agreed to that use before."""
    case_forms.refuse_files()
    typed = request.form
    publications.publish(
        _photograph(ref, number),
        case_forms.one_of(PictureScope, typed.get("scope", "")),
        typed.get("place", ""),
        days.sent("published_on"),
        by=guards.current_staff(),
    )
    flash(_("Put down as published."))
    return htmx.go(url_for(".show_photograph", ref=ref, number=number))


@bp.post(f"/<ref>/photographs/<{NUMBER}:number>/publications/<publication>/down")
@needs(*KEEPERS)
@redraws(_show_photograph_again)
@commits
def take_down(ref: str, number: int, publication: str) -> ResponseReturnValue:
    """Note that a publication is down, and where else the picture may still be."""
    case_forms.refuse_files()
    person = guards.current_staff()
    found = publications.get(imagery.get(ref, by=person), publication)
    publications.take_down(found, request.form.get("copies", ""), by=person)
    flash(_("Noted that it is down."))
    return htmx.go(url_for(".show_photograph", ref=ref, number=number))


@bp.get(f"/<ref>/people/<{NUMBER}:number>")
@needs(*READERS)
def show_person(ref: str, number: int) -> ResponseReturnValue:
    """Show one person who is shown: what they answered, and the form for an answer."""
    person, typed = guards.current_staff(), request.form
    event = imagery.get(ref, by=person)
    row = imagery.get_person(event, number)
    known = imagery.name_of(row, by=person)
    kept = {"name": known.name, "reach": known.reach, "guardian": known.guardian} if known else {}
    kept["child"] = "yes" if row.is_child else ""
    return _draw(
        "desk/imagery/person.html",
        event=event,
        row=row,
        known=known,
        answers=imagery_consents.answers(row, by=person),
        voices=rules.voices(is_child=row.is_child),
        answer_words=tuple(PictureAnswer),
        typed=typed.to_dict() if "name" in typed else kept,
        sent=typed,
        ticked=typed.getlist("scopes"),
        seen=imagery_consents.newest(row),
        askers=[one for one in staff.list_staff() if one.active],
        today=jurisdiction.today().isoformat(),
        overtaken=guards.overtaken(),
    )


def _show_person_again(ref: str, number: int, **_which: object) -> ResponseReturnValue:
    return show_person(ref, number)


@bp.post(f"/<ref>/people/<{NUMBER}:number>")
@needs(*KEEPERS)
@redraws(show_person)
@shows_newer(show_person)
@commits
def change_person(ref: str, number: int) -> ResponseReturnValue:
    """Write anew what is known of somebody. Who turns out to be a child is asked anew, and a guardian too."""
    case_forms.refuse_files()
    person = guards.current_staff()
    row = imagery.get_person(imagery.get(ref, by=person), number)
    to_come_down = imagery_consents.change_person(
        row, _known(), is_child=_is_child(), version=case_forms.version(), by=person
    )
    flash(_("Saved."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_person", ref=ref, number=number))


@bp.post(f"/<ref>/people/<{NUMBER}:number>/answers")
@needs(*KEEPERS)
@redraws(show_person)
@shows_newer(show_person)
@commits
def note_answer(ref: str, number: int) -> ResponseReturnValue:
    """Write down what somebody answered."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    row = imagery.get_person(imagery.get(ref, by=person), number)
    answer = Typed(
        voice=case_forms.one_of(Voice, typed.get("voice", "")),
        answer=case_forms.one_of(PictureAnswer, typed.get("answer", "")),
        scopes=tuple(one for one in PictureScope if one in typed.getlist("scopes")),
        language=typed.get("language", ""),
        asked_by=typed.get("asked_by", ""),
        asked_on=days.sent("asked_on"),
        expires_on=days.sent("expires_on"),
        evidence=typed.get("evidence", ""),
    )
    to_come_down = imagery_consents.record(row, answer, seen=typed.get("seen", -1, type=numbers.read), by=person)
    flash(_("Written down."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_person", ref=ref, number=number))


@bp.post(f"/<ref>/people/<{NUMBER}:number>/answers/<{NUMBER}:answer>/withdraw")
@needs(*KEEPERS)
@redraws(_show_person_again)
@commits
def withdraw_answer(ref: str, number: int, answer: int) -> ResponseReturnValue:
    """Take an agreement back, at once."""
    person = guards.current_staff()
    row = imagery.get_person(imagery.get(ref, by=person), number)
    to_come_down = imagery_consents.withdraw(imagery_consents.find(row, answer), by=person)
    flash(_("Taken back. Nothing new is published."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_person", ref=ref, number=number))


@bp.post(f"/<ref>/people/<{NUMBER}:number>/forget")
@needs(*KEEPERS)
@commits
def forget_person(ref: str, number: int) -> ResponseReturnValue:
    """Forget somebody at their wish: what they agreed to is taken back, and their name is gone for good."""
    person = guards.current_staff()
    row = imagery.get_person(imagery.get(ref, by=person), number)
    to_come_down = imagery_consents.forget(row, by=person)
    flash(_("Forgotten. Their answers stay as numbers, without a name."))
    _say_what_comes_down(to_come_down)
    return htmx.go(url_for(".show_event", ref=ref))


def _draw(template: str, **context: Any) -> str:
    return drawing.draw(
        template,
        may_change=guards.current_staff().has(*KEEPERS),
        scopes=tuple(PictureScope),
        say=imagery_words.say,
        voice=imagery_words.voice,
        cleared=imagery_words.cleared,
        cleared_tone=imagery_words.cleared_tone,
        name_in=imagery_words.name_in,
        lengths=imagery_words.LENGTHS,
        longest_name=rules.LONGEST_NAME,
        **context,
    )


def _photograph(ref: str, number: int) -> Photograph:
    return imagery.get_photograph(imagery.get(ref, by=guards.current_staff()), number)


def _on(picture: publications.Picture) -> set[int]:
    return {one.person_id for one in picture.showings}


def _event_entry() -> EventEntry:
    case_forms.refuse_files()
    typed = request.form
    return imagery.judge_event(
        name_en=typed.get("name_en", ""),
        name_km=typed.get("name_km", ""),
        held_on=days.sent("held_on"),
        place=typed.get("place", ""),
        organiser=typed.get("organiser", ""),
        host=typed.get("host", ""),
    )


def _known() -> Known:
    return Known(*(request.form.get(name, "") for name in ("name", "reach", "guardian")))


def _is_child() -> bool:
    return request.form.get("child") == "yes"


def _say_what_comes_down(those: Sequence[Publication]) -> None:
    if those:
        flash(imagery_words.come_down([one.ref for one in those]), "due")
