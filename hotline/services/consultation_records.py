"""The record of a consultation in words: views, decisions, minutes, additions. All of it is sealed.

While the record is open its words may be changed; once it is closed they are only added to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, vault
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.consultation import Attendance, Consultation, ConsultationWords
from hotline.models.staff import Staff
from hotline.models.stakeholder import Organisation
from hotline.rules import consultations as rules
from hotline.rules import stakeholders as words_rules
from hotline.services import audit, items, secrecy
from hotline.services.consultations import KEEPERS, require_keeper, require_state, subject
from hotline.services.secrecy import Stood
from hotline.transactions import erases
from hotline.vocabulary import ConsultationPart, ConsultationState, SecrecyResult, WayOut

WORDS = "consultation.words"
PRINTED = "printed minutes"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One piece of a record, opened; `text` is empty where it does not open."""

    id: int
    part: ConsultationPart
    organisation: Organisation | None
    text: str
    by: Staff
    written_at: datetime
    version: int


def write(one: Consultation, part: str, text: str, *, organisation: str = "", by: Staff) -> ConsultationWords:
    """Write a view (of an organisation that came), a decision, minutes, or once it is closed an addition.

    Raises Refused for words that are missing, too long or bear an address, WrongState for a part that is not open.
    """
    require_keeper(by)
    if part not in rules.parts_open(one.state):
        raise WrongState(f"the record of {one.ref} takes no such words now")
    text = words_rules.text(text)
    whose = _who_came(one, organisation) if part == ConsultationPart.VIEW else None
    _refuse_words(part, text)
    added = ConsultationWords(
        consultation_id=one.id,
        part=ConsultationPart(part),
        organisation_id=whose,
        body=vault.keyring().seal(WORDS, text),
        written_at=clock.now(),
        written_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "wrote to a record", subject(one), part=part)
    return added


def rewrite(one: Consultation, number: int, text: str, *, version: int, by: Staff) -> None:
    """Change a piece of an open record. Raises Overtaken where somebody changed it since `version` was shown."""
    found = _piece(one, number, by=by)
    if found.version != version:
        raise Overtaken("the words were changed meanwhile")
    text = words_rules.text(text)
    _refuse_words("text", text)
    found.body, found.version = vault.keyring().seal(WORDS, text), found.version + 1
    found.written_at, found.written_by_id = clock.now(), by.id
    db.session.flush()
    audit.record(by, "changed a record", subject(one), part=found.part)


def strike(one: Consultation, number: int, *, by: Staff) -> None:
    """Take a piece out of an open record."""
    found = _piece(one, number, by=by)
    part = found.part
    db.session.delete(found)
    erases()
    db.session.flush()
    audit.record(by, "struck from a record", subject(one), part=part)


def words_of(one: Consultation, *, by: Staff) -> list[Spoken]:
    """Return what the record says, opened, in the order it was written. Nothing for people who only read."""
    if not by.has(*KEEPERS):
        return []
    query = select(ConsultationWords).where(ConsultationWords.consultation_id == one.id)
    found = db.session.scalars(query.order_by(ConsultationWords.id).options(joinedload(ConsultationWords.written_by)))
    return [
        Spoken(
            row.id,
            row.part,
            row.organisation,
            items.opened_or_empty(WORDS, row.body),
            row.written_by,
            row.written_at,
            row.version,
        )
        for row in found
    ]


def close(one: Consultation, *, by: Staff) -> None:
    """Close the record: from now on it is only added to. Raises Refused where it has neither minutes nor decision."""
    require_keeper(by)
    require_state(one, ConsultationState.HELD)
    written = select(ConsultationWords.id).where(
        ConsultationWords.consultation_id == one.id,
        ConsultationWords.part.in_((ConsultationPart.MINUTES, ConsultationPart.DECISION)),
    )
    if db.session.scalar(written.limit(1)) is None:
        raise Refused(("close", "no_minutes"))
    one.state, one.ended_at, one.ended_by_id = ConsultationState.CLOSED, clock.now(), by.id
    db.session.flush()
    audit.record(by, "closed a record", subject(one))


def note_printed(one: Consultation, *, for_partners: bool, by: Staff) -> None:
    """Put on record that somebody opened minutes to print them. Raises WrongState before it was held."""
    if not by.has(*KEEPERS):
        raise Forbidden("minutes are read by those who keep them")
    if one.held_at is None:
        raise WrongState(f"{one.ref} has no minutes")
    audit.record_read(by, PRINTED, subject(one), partners=for_partners)


def on_paper(texts: Iterable[str]) -> tuple[dict[str, str], tuple[Stood, ...]]:
    """Return texts as they stand on paper for partners, each by how it was written, and what our numbers stand for.

    Names may be known by now that were not when the words were written; a closed record cannot be changed any more, so
    our numbers are put in their places. The check is counted.
    """
    clean: dict[str, str] = {}
    stood: list[Stood] = []
    for text in texts:
        clean[text], found = secrecy.with_numbers(text)
        stood += found
    secrecy.count_read(WayOut.MINUTES, SecrecyResult.HIT if stood else SecrecyResult.CLEAN)
    return clean, tuple(dict.fromkeys(stood))


def reach_fault(text: str) -> str | None:
    """Return a code where words that stand in minutes hold a full name, a mailbox or a number of one of us.

    The names of accounts may stand there: for partners they are printed as numbers. Only inside `writing()`.
    """
    found = [leak for leak in secrecy.check(WayOut.MINUTES, text) if leak.is_ours]
    known = set(db.session.scalars(select(Staff.name)))
    return "reach_of_us" if any(leak.found not in known for leak in found) else None


def _who_came(one: Consultation, ref: str) -> int:
    """Return the id of an organisation that came. Raises Refused (`organisation`, `required`) for any other."""
    query = select(Organisation.id).join(Attendance, Attendance.organisation_id == Organisation.id)
    found = db.session.scalar(query.where(Attendance.consultation_id == one.id, Organisation.ref == ref).limit(1))
    if found is None:
        raise Refused(("organisation", "required"))
    return found


def _piece(one: Consultation, number: int, *, by: Staff) -> ConsultationWords:
    require_keeper(by)
    found = db.session.get(ConsultationWords, number)
    if found is None or found.consultation_id != one.id:
        raise NotFound(f"no words {number} of {one.ref}")
    require_state(one, ConsultationState.HELD)
    return found


def _refuse_words(field: str, text: str) -> None:
    fault = words_rules.fault_in(text, words_rules.LONGEST_RECORD, required=True) or reach_fault(text)
    if fault:
        raise Refused((field, fault))
