"""Notes of a victim case: read, newest first, and written."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, drawing, exposure, numbers, victim_case_words
from hotline.blueprints.guards import needs, redraws
from hotline.rules.victim_files import Note
from hotline.services import case_files, case_notes, case_people
from hotline.transactions import commits
from hotline.vocabulary import NoteKind, Role

bp = Blueprint("case_notes", __name__, url_prefix="/victims/cases/<ref>/notes")


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def show_notes(ref: str) -> ResponseReturnValue:
    """Show what was written down, newest first, and the form for a note."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    notes = case_notes.list_notes(one, most=case_notes.MOST + 1, before=request.args.get("before", type=numbers.read))
    shown = notes[: case_notes.MOST]
    return drawing.draw(
        "desk/victim_cases/note.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        notes=shown,
        older=shown[-1].row.id if len(notes) > case_notes.MOST else None,
        kinds=tuple(NoteKind),
        typed=request.form,
        say=victim_case_words.say,
    )


@bp.post("")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_notes)
@commits
def write_note(ref: str) -> ResponseReturnValue:
    """Write a note down."""
    person = guards.current_staff()
    one, note = case_files.get_open(ref, by=person), case_forms.words(Note)
    kind, at = case_forms.choice(NoteKind, "kind"), case_forms.moment("happened_at")
    case_notes.write(one, kind, note, happened_at=at, by=person)
    flash(_("Written down."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=ref))
