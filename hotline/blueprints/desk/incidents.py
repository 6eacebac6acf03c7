"""Incidents: anybody records one; who keeps the code of practice leads it, tells officials, and closes it."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, incident_words, numbers, words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import NotFound, Refused
from hotline.gateways.mail import UNCONFIRMED
from hotline.models.incident import Incident, IncidentLetter
from hotline.models.staff import Staff
from hotline.rules import incidents as rules
from hotline.services import incident_letters, incidents, officials, staff
from hotline.services.officials import Reached
from hotline.transactions import commits
from hotline.vocabulary import (
    IncidentEntryKind,
    IncidentKind,
    IncidentLetterState,
    Language,
    OfficialPart,
)

bp = Blueprint("incidents", __name__, url_prefix="/practice/incidents")
READERS, KEEPERS = incidents.READERS, incidents.KEEPERS
LISTS = ("open", "closed", "drills")


@bp.get("")
@needs(*READERS)
def show_incidents() -> ResponseReturnValue:
    """Show the register: what is open, closed, or was a drill."""
    asked = request.args.get("show", LISTS[0])
    show = asked if asked in LISTS else LISTS[0]
    before = request.args.get("before", type=numbers.read)
    rows, following = incidents.list_page(show, before=before, by=guards.current_staff())
    return drawing.draw(
        "desk/incidents/list.html",
        rows=rows,
        following=following,
        show=show,
        lists=LISTS,
        shown=incident_words.shown,
        is_late=rules.is_late,
        evidence=incidents.evidence(),
        duration=incident_words.duration,
    )


@bp.get("/new")
@needs(*incidents.REPORTERS)
def new_incident() -> ResponseReturnValue:
    """Ask what happened. Everybody may say so; who keeps no duty sees only that it was taken."""
    return drawing.draw(
        "desk/incidents/new.html",
        typed=request.form,
        kinds=tuple(IncidentKind),
        leads=incidents.leads() if guards.current_staff().has(*KEEPERS) else (),
        may_lead=guards.current_staff().has(*KEEPERS),
        may_read=guards.current_staff().has(*READERS),
        longest=rules.LONGEST,
        say=incident_words.say,
    )


@bp.post("/new")
@needs(*incidents.REPORTERS)
@redraws(new_incident)
@commits
def record_incident() -> ResponseReturnValue:
    """Record an incident."""
    person, form = guards.current_staff(), request.form
    added = incidents.record(
        form.get("kind", ""),
        form.get("body", ""),
        case_forms.moment("noticed_at"),
        is_drill=form.get("drill") == "yes",
        lead=_lead() if person.has(*KEEPERS) else None,
        by=person,
    )
    if person.has(*READERS):
        flash(_("Recorded. Time counts from when it was noticed."))
        return htmx.go(url_for(".show_incident", ref=added.ref))
    flash(_("Taken as %(ref)s. Who keeps the code of practice sees it now.", ref=added.ref))
    return htmx.go(url_for("desk.today.show_today"))


@bp.get("/<ref>")
@needs(*READERS)
def show_incident(ref: str) -> ResponseReturnValue:
    """Show an incident: the time that is left, how far it is, what was done. That it was read is on record."""
    person = guards.current_staff()
    one = incidents.get(ref, by=person)
    return drawing.draw(
        "desk/incidents/page.html",
        one=one,
        body=incidents.read(one, by=person),
        due=incidents.deadline(one),
        must=rules.MUST_BE_TOLD[one.kind],
        untold=incidents.untold(one),
        told_at={part: incidents.told_first(one, part) for part in OfficialPart},
        is_tellable=incidents.is_tellable(one),
        duty_of=rules.DUTIES,
        is_late=rules.is_late(one.noticed_at, one.recorded_at),
        entries=[(entry, incidents.opened(incidents.ENTRY, entry.body)) for entry in incidents.entries(one)],
        actions=[(each, incidents.opened(incidents.ACTION, each.body)) for each in incidents.actions(one)],
        letters=incident_letters.of(one),
        doubted=incident_letters.in_doubt(one),
        doubt=incident_words.doubt(),
        calls=incident_letters.calls(one),
        officials={part: _reached(part) for part in OfficialPart},
        typed=request.form,
        **_choices(person),
    )


@bp.post("/<ref>/entries")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def write_entry(ref: str) -> ResponseReturnValue:
    """Add a line to the timeline."""
    form = request.form
    incidents.write(
        _incident(ref),
        form.get("entry_kind", ""),
        form.get("words", ""),
        case_forms.moment("happened_at"),
        contains=form.get("contains") == "yes",
        by=guards.current_staff(),
    )
    flash(_("Written down. It is not changed any more."))
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.post("/<ref>/lead")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def give_incident(ref: str) -> ResponseReturnValue:
    """Say who leads an incident."""
    incidents.give(_incident(ref), _lead(), by=guards.current_staff())
    flash(_("Saved. Its clocks go with it."))
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.post("/<ref>/kind")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def name_kind(ref: str) -> ResponseReturnValue:
    """Say that an incident is of another kind."""
    form = request.form
    incidents.call_it(_incident(ref), form.get("kind", ""), form.get("why", ""), by=guards.current_staff())
    flash(_("Saved. Who must be told follows from it."))
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.post("/<ref>/calls")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def note_call(ref: str) -> ResponseReturnValue:
    """Note that an official was told by telephone."""
    form = request.form
    incident_letters.call(
        _incident(ref),
        form.get("part", ""),
        form.get("whom", ""),
        form.get("said", ""),
        case_forms.moment("called_at"),
        by=guards.current_staff(),
    )
    flash(_("Noted: told by telephone."))
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.post("/<ref>/actions")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def add_action(ref: str) -> ResponseReturnValue:
    """Have something done, by somebody, until a day."""
    form = request.form
    incidents.add_action(
        _incident(ref),
        form.get("action", ""),
        _somebody(form.get("owner", "")),
        days.sent("due_on"),
        by=guards.current_staff(),
    )
    flash(_("Added. Its owner sees it on their first page."))
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.post("/<ref>/close")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def close_incident(ref: str) -> ResponseReturnValue:
    """Close an incident."""
    incidents.close(_incident(ref), by=guards.current_staff())
    flash(_("Closed."))
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.get("/actions/<int(max=2147483647):action_id>")
@needs(*incidents.REPORTERS)
def show_action(action_id: int) -> ResponseReturnValue:
    """Show one action to its owner, and to those who keep the code of practice."""
    person = guards.current_staff()
    action = incidents.get_action(action_id, by=person)
    return drawing.draw(
        "desk/incidents/action.html",
        action=action,
        words=incidents.opened(incidents.ACTION, action.body),
        people=[one for one in staff.list_staff() if one.active] if person.has(*KEEPERS) else (),
        may_read=person.has(*READERS),
        is_mine=person.has(*KEEPERS) or action.owner_id == person.id,
        typed=request.form,
        say=incident_words.say,
    )


@bp.post("/actions/<int(max=2147483647):action_id>/done")
@needs(*incidents.REPORTERS)
@commits
def do_action(action_id: int) -> ResponseReturnValue:
    """Note that an action was done."""
    person = guards.current_staff()
    incidents.did(incidents.get_action(action_id, by=person), by=person)
    flash(_("Done, and noted."))
    return htmx.go(url_for(".show_action", action_id=action_id))


@bp.post("/actions/<int(max=2147483647):action_id>/owner")
@needs(*KEEPERS)
@redraws(show_action)
@commits
def hand_action(action_id: int) -> ResponseReturnValue:
    """Let somebody else do an action."""
    person = guards.current_staff()
    action = incidents.get_action(action_id, by=person)
    incidents.hand_action(action, _somebody(request.form.get("owner", "")), by=person)
    flash(_("Saved."))
    return htmx.go(url_for(".show_action", action_id=action_id))


@bp.post("/<ref>/letters")
@needs(*KEEPERS)
@redraws(show_incident)
@commits
def draft_letter(ref: str) -> ResponseReturnValue:
    """Draft a letter to an official from what is on record."""
    form = request.form
    added = incident_letters.draft(
        _incident(ref), form.get("part", ""), form.get("language", ""), by=guards.current_staff()
    )
    return htmx.go(url_for(".show_letter", ref=ref, letter_id=added.id))


@bp.get("/<ref>/letters/<int(max=2147483647):letter_id>")
@needs(*READERS)
def show_letter(ref: str, letter_id: int) -> ResponseReturnValue:
    """Show a letter: to be read, changed and sent, or what left and what proves it. That it was read is on record."""
    one = _incident(ref)
    letter = incident_letters.get(one, letter_id)
    kept = incident_letters.read(letter, by=guards.current_staff())
    is_edited = letter.status in incident_letters.EDITED and incidents.is_tellable(one)
    return drawing.draw(
        "desk/incidents/letter.html",
        one=one,
        letter=letter,
        words=kept,
        typed=request.form if "text" in request.form else {"subject": kept.subject, "text": kept.text},
        to=_reached(letter.part),
        is_encrypted=(held := officials.current(letter.part)) is not None and officials.has_key(held),
        leaks=incident_letters.leaks_in(kept) if is_edited else (),
        is_edited=is_edited and guards.current_staff().has(*KEEPERS),
        has_proof=letter.proof is not None,
        fault=incident_words.fault,
        doubt=incident_words.doubt() if _says_doubt(letter) else "",
        nobody=incident_words.nobody,
        overtaken=guards.overtaken(),
        say=incident_words.say,
    )


@bp.post("/<ref>/letters/<int(max=2147483647):letter_id>")
@needs(*KEEPERS)
@redraws(show_letter)
@shows_newer(show_letter)
@commits
def save_letter(ref: str, letter_id: int) -> ResponseReturnValue:
    """Change a letter that has not left."""
    form = request.form
    letter = incident_letters.get(_incident(ref), letter_id)
    incident_letters.save(
        letter,
        form.get("subject", ""),
        form.get("text", ""),
        version=case_forms.version(),
        by=guards.current_staff(),
    )
    flash(_("Saved. Read it once more before you send it."))
    return htmx.go(url_for(".show_letter", ref=ref, letter_id=letter_id))


@bp.post("/<ref>/letters/<int(max=2147483647):letter_id>/send")
@needs(*KEEPERS)
@redraws(show_letter)
@shows_newer(show_letter)
@commits
def send_letter(ref: str, letter_id: int) -> ResponseReturnValue:
    """Send a letter that was read, or ask a second person to."""
    letter = incident_letters.get(_incident(ref), letter_id)
    state = incident_letters.send(
        letter,
        version=case_forms.version(),
        has_read=request.form.get("has_read") == "yes",
        by=guards.current_staff(),
    )
    if state in incident_letters.EDITED:
        flash(_("It points at somebody of the team. A second person has to let it go, or you take it out."), "due")
        return htmx.go(url_for(".show_letter", ref=ref, letter_id=letter_id))
    flash(
        _("It would have left now. It is a drill, so it does not.")
        if state is IncidentLetterState.PLAYED
        else _("On its way. The clock ends once the mail server has taken it.")
    )
    return htmx.go(url_for(".show_incident", ref=ref))


@bp.get("/<ref>/letters/<int(max=2147483647):letter_id>/proof")
@needs(*READERS)
def show_proof(ref: str, letter_id: int) -> ResponseReturnValue:
    """Show what proves that a letter was sent. That it was read is on record."""
    one = _incident(ref)
    letter = incident_letters.get(one, letter_id)
    return drawing.draw(
        "desk/incidents/proof.html",
        one=one,
        letter=letter,
        proof=incident_letters.proof_of(letter, by=guards.current_staff()),
    )


def _reached(part: OfficialPart) -> Reached | None:
    """Return how who is in office is reached; None where nobody is entered."""
    held = officials.current(part)
    return officials.reached(held) if held is not None else None


def _says_doubt(letter: IncidentLetter) -> bool:
    """Whether a page has to say that a letter may have arrived; its last fault may say so already."""
    return letter.last_fault != UNCONFIRMED and letter.id in incident_letters.in_doubt(letter.incident)


def _choices(person: Staff) -> dict[str, Any]:
    """Return what the forms of an incident's page offer and say."""
    is_keeper = person.has(*KEEPERS)
    return {
        "is_keeper": is_keeper,
        "leads": incidents.leads() if is_keeper else (),
        "people": [one for one in staff.list_staff() if one.active] if is_keeper else (),
        "may_lead": incidents.may_lead,
        "named_kinds": [(one, words.of(one)) for one in IncidentKind],
        "entry_kinds": rules.TYPED,
        "contained_by": IncidentEntryKind.CONTAINMENT,
        "parts": tuple(OfficialPart),
        "languages": (Language.EN, Language.KM),
        "edited": incident_letters.EDITED,
        "longest_line": rules.LONGEST_LINE,
        "now": clock.now(),
        "tell": incident_words.told,
        "left": incident_words.left,
        "nobody": incident_words.nobody,
        "stopped": incident_words.stopped,
        "duration": incident_words.duration,
        "fault": incident_words.fault,
        "say": incident_words.say,
    }


def _incident(ref: str) -> Incident:
    return incidents.get(ref, by=guards.current_staff())


def _lead() -> Staff | None:
    """Return who was chosen to lead. Raises Refused for nobody that is known."""
    number = request.form.get("lead", "")
    found = _somebody(number)
    if number and found is None:
        raise Refused(("lead", "unknown"))
    return found


def _somebody(number: str) -> Staff | None:
    try:
        return staff.get(number)
    except NotFound:
        return None
