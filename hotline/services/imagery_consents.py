"""Who agreed that pictures showing them are published: asked, answered, taken back, over their day, forgotten.

An answer is never changed: the next one in the same voice ends it. Taking an agreement back ends it too, and from then
on that voice declines. Whatever changes, publications that show the person are looked at anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import KeyMissing, NotFound, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.imagery import PersonShown, PictureConsent, Publication
from hotline.models.staff import Staff
from hotline.rules import imagery as rules
from hotline.rules.imagery import Known
from hotline.services import audit, imagery, publications, staff
from hotline.transactions import erases, writing
from hotline.vocabulary import AnswerEnd, PictureAnswer, PictureScope, Voice

EVIDENCE = "imagery.evidence"
ANSWERED, WITHDRAWN, EXPIRED = "noted an answer about pictures", "took an answer back", "an answer is over its day"
FORGOTTEN = "forgot somebody shown"
MOST_AT_ONCE = 50  # answers over their day that end in one transaction


@dataclass(frozen=True, slots=True)
class Typed:
    """An answer as it was typed; what was none of its kind is None. `asked_by` is the number of one of us."""

    voice: Voice | None
    answer: PictureAnswer | None
    scopes: tuple[PictureScope, ...]
    language: str
    asked_by: str
    asked_on: date | None
    expires_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One answer. `evidence` is where its paper lies; empty where there is none, or it may not be seen."""

    row: PictureConsent
    scopes: tuple[PictureScope, ...]
    evidence: str


def newest(person: PersonShown) -> int:
    """Return the id of the newest answer of somebody, 0 where there is none: what a form has shown."""
    query = select(func.max(PictureConsent.id)).where(PictureConsent.person_id == person.id)
    return db.session.scalar(query) or 0


def answers(person: PersonShown, *, by: Staff) -> list[Opened]:
    """Return every answer of somebody, the newest first. Whoever calls has the read of the person on record."""
    query = select(PictureConsent).where(PictureConsent.person_id == person.id).order_by(PictureConsent.id.desc())
    rows = db.session.scalars(query.options(joinedload(PictureConsent.asked_by))).all()
    may_see = by.has(*imagery.KEEPERS)
    return [Opened(row, rules.parted(row.scopes), _opened(row) if may_see else "") for row in rows]


def find(person: PersonShown, number: int) -> PictureConsent:
    """Return an answer of somebody by its id. Raises NotFound."""
    found = db.session.get(PictureConsent, number)
    if found is None or found.person_id != person.id:
        raise NotFound(f"no answer {number} of person {person.id}")
    return found


def record(person: PersonShown, typed: Typed, *, seen: int, by: Staff) -> list[Publication]:
    """Note what somebody answered. Returns the publications that have to come down now.

    Raises Refused by field; Overtaken where an answer was noted since `seen`; WrongState for who was forgotten.
    """
    imagery.require_keeper(by)
    if person.forgotten_at is not None:
        raise WrongState(f"person {person.id} was forgotten")
    language, evidence, asked_by_id = _checked(person, typed)
    if newest(person) != seen:
        raise Overtaken(f"another answer of person {person.id} was noted meanwhile")
    assert typed.voice is not None
    assert typed.answer is not None
    assert typed.asked_on is not None
    agrees = typed.answer is PictureAnswer.AGREES
    for row in _standing(person):
        if row.voice is typed.voice:
            _end(row, AnswerEnd.REPLACED, by=by)
    db.session.flush()
    db.session.add(
        PictureConsent(
            person_id=person.id,
            voice=typed.voice,
            answer=typed.answer,
            scopes=rules.joined(typed.scopes) if agrees else "",
            language=language,
            asked_by_id=asked_by_id,
            asked_on=typed.asked_on,
            expires_on=typed.expires_on if agrees else None,
            evidence=vault.keyring().seal(EVIDENCE, evidence),
            noted_at=clock.now(),
            noted_by_id=by.id,
        )
    )
    db.session.flush()
    audit.record(by, ANSWERED, imagery.subject(person.event), person=person.id, voice=typed.voice, answer=typed.answer)
    return publications.follow_people([person.id], by=by)


def withdraw(consent: PictureConsent, *, by: Staff) -> list[Publication]:
    """Take an agreement back at somebody's wish: from now on they decline. Returns what has to come down.

    Raises WrongState for what is no agreement that stands.
    """
    imagery.require_keeper(by)
    if consent.ended_at is not None or consent.answer is not PictureAnswer.AGREES:
        raise WrongState("there is no agreement to take back")
    person = consent.person
    _end(consent, AnswerEnd.WITHDRAWN, by=by)
    db.session.flush()
    db.session.add(
        PictureConsent(
            person_id=person.id,
            voice=consent.voice,
            answer=PictureAnswer.DECLINES,
            scopes="",
            language=consent.language,
            asked_by_id=by.id,
            asked_on=jurisdiction.today(),
            evidence=vault.keyring().seal(EVIDENCE, ""),
            noted_at=clock.now(),
            noted_by_id=by.id,
        )
    )
    db.session.flush()
    audit.record(by, WITHDRAWN, imagery.subject(person.event), person=person.id, voice=consent.voice)
    return publications.follow_people([person.id], by=by)


def change_person(person: PersonShown, known: Known, *, is_child: bool, version: int, by: Staff) -> list[Publication]:
    """Write anew what is known of somebody. Who turns out to be a child, or none, is asked anew; their answers end.

    Returns what has to come down. Raises Refused, or Overtaken where it was changed since `version`.
    """
    imagery.require_keeper(by)
    if person.is_child == is_child:
        imagery.write_person(person, known, is_child=is_child, version=version, by=by)
        return []
    for row in _standing(person):
        _end(row, AnswerEnd.REPLACED, by=by)
    db.session.flush()
    imagery.write_person(person, known, is_child=is_child, version=version, by=by)
    return publications.follow_people([person.id], by=by)


def forget(person: PersonShown, *, by: Staff) -> list[Publication]:
    """Forget somebody at their wish: name, way to reach them and where papers lie are erased, answers stay as counts.

    What they agreed to is taken back: nobody could tell any more whose agreement it was. Returns what has to come down.
    Raises WrongState where they were forgotten already.
    """
    imagery.require_keeper(by)
    if person.forgotten_at is not None:
        raise WrongState(f"person {person.id} was forgotten")
    for row in _standing(person):
        _end(row, AnswerEnd.WITHDRAWN, by=by)
    db.session.flush()
    erases()
    person.body, person.forgotten_at = None, clock.now()
    person.version += 1
    db.session.flush()
    papers = update(PictureConsent).where(PictureConsent.person_id == person.id)
    db.session.execute(papers.values(evidence=None))
    audit.record(by, FORGOTTEN, imagery.subject(person.event), person=person.id)
    return publications.follow_people([person.id], by=by)


def sweep() -> None:
    """End agreements whose last day is over: what they allowed has to come down. Nearly always writes nothing."""
    while db.session.scalar(_over().with_only_columns(PictureConsent.id).limit(1)) is not None:
        with writing():
            rows = db.session.scalars(_over().limit(MOST_AT_ONCE)).all()
            for row in rows:
                _end(row, AnswerEnd.EXPIRED, by=None)
                audit.record(None, EXPIRED, imagery.subject(row.person.event), person=row.person_id)
            db.session.flush()
            publications.follow_people(sorted({row.person_id for row in rows}), by=None)


def _over() -> Select[PictureConsent]:
    over = (PictureConsent.ended_at.is_(None), PictureConsent.expires_on < jurisdiction.today())
    return select(PictureConsent).where(*over).order_by(PictureConsent.expires_on, PictureConsent.id)


def _checked(person: PersonShown, typed: Typed) -> tuple[str, str, int]:
    """Return language, evidence and who asked. Raises Refused with all that is wrong."""
    agrees = typed.answer is PictureAnswer.AGREES
    language, language_fault = rules.judge_line(typed.language, rules.LONGEST_LANGUAGE)
    evidence, evidence_fault = rules.judge_line(typed.evidence, rules.LONGEST_LINE, required=agrees)
    asker = next((one for one in staff.list_staff() if one.number == typed.asked_by), None)
    wrong = [
        *rules.answer_faults(
            typed.voice,
            typed.answer,
            typed.scopes,
            typed.asked_on,
            typed.expires_on,
            is_child=person.is_child,
            today=jurisdiction.today(),
        ),
        *((field, code) for field, code in (("language", language_fault), ("evidence", evidence_fault)) if code),
    ]
    if asker is None:
        wrong.append(("asked_by", "required"))
    if wrong or asker is None:
        raise Refused(*wrong)
    return language, evidence, asker.id


def _standing(person: PersonShown) -> Sequence[PictureConsent]:
    query = select(PictureConsent).where(PictureConsent.person_id == person.id, PictureConsent.ended_at.is_(None))
    return db.session.scalars(query.order_by(PictureConsent.id)).all()


def _end(row: PictureConsent, how: AnswerEnd, *, by: Staff | None) -> None:
    row.ended_at, row.ended_how, row.ended_by_id = clock.now(), how, by.id if by else None


def _opened(row: PictureConsent) -> str:
    try:
        return vault.keyring().open(EVIDENCE, row.evidence) if row.evidence is not None else ""
    except (KeyMissing, Unreadable):
        return ""
