"""Notes of a victim case: what was said and seen, who was spoken with, the safety plan, conferences, supervision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.case_note import CaseNote
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import case_work, victim_files
from hotline.rules.victim_files import Note
from hotline.services import audit, case_figures, case_files, clocks
from hotline.services.victim_cases import NOTE
from hotline.vocabulary import CaseFigure, Duty, NoteKind

WROTE = "wrote a case note"
MOST = 50  # on one page


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """One note and what it says."""

    row: CaseNote
    note: Note


def write(one: VictimCase, kind: NoteKind, note: Note, *, happened_at: datetime | None = None, by: Staff) -> CaseNote:
    """Write a note down; it is never changed. The first time somebody was spoken with ends the clock for that.

    `happened_at` is now where None. Raises Refused with all that is wrong.
    """
    note, now = victim_files.tidy(note), clock.now()
    at = happened_at or now
    wrong = [*case_work.note_faults(kind, note), *case_work.moment_faults(at, opened_at=one.opened_at, now=now)]
    if wrong:
        raise Refused(*wrong)
    row = CaseNote(
        case_id=one.id,
        kind=kind,
        body=case_files.seal(NOTE, victim_files.written(note)),
        happened_at=at,
        written_at=now,
        written_by_id=by.id,
    )
    db.session.add(row)
    db.session.flush()
    if kind is NoteKind.CONTACT and one.contacted_at is None:
        one.contacted_at = at
        clocks.met(one, Duty.FIRST_CONTACT)
        case_figures.count(CaseFigure.FIRST_CONTACT, case_work.contacted(at - one.opened_at))
    audit.record(by, WROTE, case_files.subject(one), kind=kind)
    return row


def list_notes(one: VictimCase, *, most: int = MOST, before: int | None = None) -> list[OpenedNote]:
    """Return the newest notes that were written, newest first; with `before`, older than the note of that number.

    Whoever calls has the read of the case on record.
    """
    query = _of(one).order_by(CaseNote.id.desc()).limit(most)
    if before is not None:
        query = query.where(CaseNote.id < before)
    return [_opened(row) for row in db.session.scalars(query)]


def last_of(one: VictimCase, kind: NoteKind) -> OpenedNote | None:
    """Return the newest note of a kind, such as when the safety plan was looked at last."""
    found = db.session.scalar(_of(one).where(CaseNote.kind == kind).order_by(CaseNote.id.desc()).limit(1))
    return _opened(found) if found else None


def list_all(one: VictimCase) -> list[OpenedNote]:
    """Return every note, oldest first, for paper."""
    return [_opened(row) for row in db.session.scalars(_of(one).order_by(CaseNote.id))]


def _of(one: VictimCase) -> Select[CaseNote]:
    return select(CaseNote).where(CaseNote.case_id == one.id).options(joinedload(CaseNote.written_by))


def _opened(row: CaseNote) -> OpenedNote:
    return OpenedNote(row, victim_files.read_note(case_files.unseal(NOTE, row.body)))
