"""The people of a victim case: who they are to the child, who may be called, and who is named as possible abuser."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import CursorResult, select, update

from hotline import clock
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.referral import Referral
from hotline.models.staff import Staff
from hotline.models.victim_case import CasePerson, VictimCase
from hotline.rules import anonymity, case_work, person_names, referrals, victim_files
from hotline.rules.victim_files import CaseFile, Person
from hotline.services import audit, case_files, consents, referral_sending
from hotline.services.referral_sending import Effects
from hotline.vocabulary import PersonPart

ADDED, CHANGED = "added a person", "changed a person"
NAMED, CLEARED = "named a possible abuser", "took back that somebody is a possible abuser"
CONTACT, NO_CONTACT = "chose who may be called", "nobody may be called"


class Added(NamedTuple):
    """Somebody who was added to a case, and what follows where they are named as possible abuser."""

    person: CasePerson
    effects: Effects


def get(one: VictimCase, person_id: int) -> CasePerson:
    """Return a person of a case that may be opened. Raises NotFound."""
    found = db.session.get(CasePerson, person_id)
    if found is None or found.case_id != one.id:
        raise NotFound(f"nobody {person_id} in case {one.ref}")
    return found


def read(person: CasePerson) -> Person:
    """Open what is known of a person. Whoever calls has the read of the case on record."""
    return victim_files.read_person(case_files.unseal(case_files.PERSON, person.body))


def contact(one: VictimCase) -> Person | None:
    """Return who may be called or written to; None where nobody may. The read of the case is on record already."""
    query = select(CasePerson).where(CasePerson.case_id == one.id, CasePerson.is_contact)
    found = db.session.scalar(query)
    return read(found) if found else None


def is_safe_in_doubt(one: VictimCase, file: CaseFile) -> bool:
    """Whether a possible abuser may answer: one was named since it was asked, or stands where it says how it is safe.

    The read of the case is on record already.
    """
    people = case_files.people(one)
    suspects = [known for row, known in people if row.is_suspect]
    others = [file.name, *file.other_names.split(","), *(known.name for row, known in people if not row.is_suspect)]
    own = {word for name in others for word in person_names.spellings(name)}
    called = [known.phone for row, known in people if row.is_contact]
    said = [file.safe_when, file.safe_number, file.safe_answer]
    phones = [known.phone for known in suspects]
    return one.ask_safe_anew or any(
        anonymity.holds_number(text, phones) or any(referrals.names(text, known.name, own) for known in suspects)
        for text in (*said, *called)
    )


def add(one: VictimCase, part: PersonPart, known: Person, *, is_suspect: bool = False, by: Staff) -> Added:
    """Add somebody to a case. Raises Refused with all that is wrong, also for the child as possible abuser."""
    known = _checked(known)
    if is_suspect and part is PersonPart.CHILD:
        raise Refused(("suspect", "child"))
    person = CasePerson(
        case_id=one.id,
        part=part,
        is_suspect=is_suspect,
        body=case_files.seal(case_files.PERSON, victim_files.written(known)),
        added_at=clock.now(),
        added_by_id=by.id,
    )
    db.session.add(person)
    db.session.flush()
    audit.record(by, ADDED, case_files.subject(one), person=person.id, part=part)
    if not is_suspect:
        return Added(person, Effects())
    return Added(person, _named(one, person, by=by))


def change(one: VictimCase, person: CasePerson, part: PersonPart, known: Person, *, version: int, by: Staff) -> Effects:
    """Write anew what is known of somebody. Raises Refused, or Overtaken where it was changed since the form showed.

    Who has answered stays who they are: in whose voice they spoke depends on it. A possible abuser who has another name
    or number is looked for anew in all that waits to leave.
    """
    known = _checked(known)
    if part is not person.part and consents.has_answered(person):
        raise Refused(("part", "answered"))
    if part is PersonPart.CHILD and person.is_suspect:
        raise Refused(("part", "suspect"))
    fresh = update(CasePerson).where(CasePerson.id == person.id, CasePerson.version == version)
    body = case_files.seal(case_files.PERSON, victim_files.written(known))
    done: CursorResult[object] = db.session.execute(  # type: ignore[assignment]
        fresh.values(part=part, body=body, version=version + 1)
    )
    if done.rowcount == 0:
        raise Overtaken(f"person {person.id} was changed meanwhile")
    db.session.refresh(person)
    audit.record(by, CHANGED, case_files.subject(one), person=person.id, part=part)
    return referral_sending.after_naming(one, by=by) if person.is_suspect else Effects()


def name_suspect(one: VictimCase, person: CasePerson, *, by: Staff) -> Effects:
    """Mark somebody as possible abuser: from now on never called, never asked, and told nothing. Returns what follows.

    What they have agreed to ends, and what waits to leave is looked through anew: their name must not stand in it. How
    it is safe to call or write has to be asked anew. Raises Refused (`mark`, `child`) for the child of the case.
    """
    if person.part is PersonPart.CHILD:
        raise Refused(("mark", "child"))
    if person.is_suspect:
        return Effects()
    stopped = consents.stop_for_person(person, by=by)  # first: nobody is named so while an answer of theirs stands
    person.is_suspect, person.is_contact = True, False
    person.version += 1
    return _named(one, person, stopped, by=by)


def clear_suspect(one: VictimCase, person: CasePerson, *, by: Staff) -> None:
    """Take back that somebody is named as possible abuser. What had ended stays ended: they are asked anew."""
    if not person.is_suspect:
        return
    person.is_suspect = False
    person.version += 1
    audit.record(by, CLEARED, case_files.subject(one), person=person.id)


def choose_contact(one: VictimCase, person: CasePerson | None, *, by: Staff) -> None:
    """Say who may be called or written to; nobody, where None. Raises WrongState for a possible abuser."""
    if person is not None and person.is_suspect:
        raise WrongState("a possible abuser is never contacted")
    before = update(CasePerson).where(CasePerson.case_id == one.id, CasePerson.is_contact)
    db.session.execute(before.values(is_contact=False))
    if person is not None:
        db.session.refresh(person)
        person.is_contact = True
        db.session.flush()
        audit.record(by, CONTACT, case_files.subject(one), person=person.id)
    else:
        audit.record(by, NO_CONTACT, case_files.subject(one))


def _named(one: VictimCase, person: CasePerson, stopped: Sequence[Referral] = (), *, by: Staff) -> Effects:
    one.ask_safe_anew = True
    db.session.flush()
    audit.record(by, NAMED, case_files.subject(one), person=person.id)
    return referral_sending.after_naming(one, stopped, by=by)


def _checked(known: Person) -> Person:
    known = victim_files.tidy(known)
    if wrong := case_work.person_faults(known):
        raise Refused(*wrong)
    return known
