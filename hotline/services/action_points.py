"""Action points of consultations: what one of us, or an organisation, does by a day. The words are sealed."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.consultation import ActionPoint, Consultation
from hotline.models.staff import Staff
from hotline.models.stakeholder import Organisation
from hotline.rules import stakeholders as words_rules
from hotline.services import audit, consultation_records, consultations, duties, holds, items, staff
from hotline.services.duties import Thing
from hotline.vocabulary import ConsultationState, Duty, PointState, Subject

WORDS, NOTE = "consultation.point", "consultation.point_note"
MOST = 100


@dataclass(frozen=True, slots=True)
class Point:
    """One action point, opened."""

    row: ActionPoint
    words: str
    note: str


def add(one: Consultation, words: str, *, owner: str, due_on: date | None, by: Staff) -> ActionPoint:
    """Note what has to be done, by whom and by which day, while the record is open.

    `owner` is the number of one of us, or the reference of an organisation; for an organisation whoever leads the
    consultation is asked. Raises Refused with all that is wrong.
    """
    _require(by)
    if one.state is not ConsultationState.HELD:
        raise WrongState(f"the record of {one.ref} is not open")
    words = words_rules.text(words)
    person, organisation = _owner(owner)
    faults = []
    fault = words_rules.fault_in(words, words_rules.LONGEST_TEXT, required=True)
    if fault := fault or consultation_records.reach_fault(words):
        faults.append(("point", fault))
    if person is None and organisation is None:
        faults.append(("owner", "required"))
    if due_on is None:
        faults.append(("due_on", "required"))
    elif due_on < jurisdiction.today():
        faults.append(("due_on", "past"))
    if faults or due_on is None:
        raise Refused(*faults)
    added = ActionPoint(
        consultation_id=one.id,
        body=vault.keyring().seal(WORDS, words),
        owner_id=person.id if person else one.lead_id,
        organisation_id=organisation.id if organisation else None,
        due_on=due_on,
        state=PointState.OPEN,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    duties.begin(_thing(added), Duty.DO_ACTION, owner_id=added.owner_id, due=holds.end_of(due_on))
    audit.record(by, "noted an action", consultations.subject(one), point=added.id)
    return added


def get(number: int, *, by: Staff) -> ActionPoint:
    """Return an action point of this person's, or any to who keeps consultations. Raises NotFound."""
    found = db.session.get(ActionPoint, number)
    if found is None or not (found.owner_id == by.id or by.has(*duties.KEEPERS)):
        raise NotFound(f"no action point {number}")
    return found


def end(point: ActionPoint, state: str, note: str, *, by: Staff) -> None:
    """Note that an action was done, or dropped (then with a note). Its owner may, and who keeps consultations."""
    if not (point.owner_id == by.id or by.has(*duties.KEEPERS)):
        raise Forbidden("this is somebody else's to do")
    if point.state is not PointState.OPEN:
        raise WrongState("that is noted already")
    note, ended = words_rules.text(note), (PointState.DONE, PointState.DROPPED)
    faults = [] if state in ended else [("state", "required")]
    if fault := words_rules.fault_in(note, words_rules.LONGEST_TEXT, required=state == PointState.DROPPED):
        faults.append(("note", fault))
    if faults:
        raise Refused(*faults)
    point.state, point.note = PointState(state), vault.keyring().seal(NOTE, note)
    point.ended_at, point.ended_by_id = clock.now(), by.id
    (duties.met if state == PointState.DONE else duties.void)(_thing(point), Duty.DO_ACTION)
    db.session.flush()
    audit.record(by, f"ended an action: {state}", consultations.subject(point.consultation), point=point.id)


def hand(point: ActionPoint, owner: str, *, by: Staff) -> None:
    """Let another of us do it, such as once an account was closed. Raises Refused for nobody."""
    _require(by)
    if point.state is not PointState.OPEN:
        raise WrongState("that is noted already")
    person, organisation = _owner(owner)
    if person is None and organisation is None:
        raise Refused(("owner", "required"))
    point.owner_id = person.id if person else point.consultation.lead_id
    point.organisation_id = organisation.id if organisation else None
    duties.hand(_thing(point), point.owner_id)
    db.session.flush()
    audit.record(by, "handed an action over", consultations.subject(point.consultation), point=point.id)


def of(one: Consultation, *, by: Staff) -> list[Point]:
    """Return the action points of a consultation, opened; nothing for people who only read."""
    if not by.has(*duties.KEEPERS):
        return []
    query = (
        select(ActionPoint).where(ActionPoint.consultation_id == one.id).order_by(ActionPoint.due_on, ActionPoint.id)
    )
    return [
        opened(row)
        for row in db.session.scalars(
            query.options(joinedload(ActionPoint.owner), joinedload(ActionPoint.organisation))
        )
    ]


def mine(*, by: Staff) -> list[Point]:
    """Return what this person has to do, soonest first."""
    query = select(ActionPoint).where(ActionPoint.owner_id == by.id, ActionPoint.state == PointState.OPEN)
    query = query.order_by(ActionPoint.due_on, ActionPoint.id).limit(MOST)
    return [opened(row) for row in db.session.scalars(query.options(joinedload(ActionPoint.consultation)))]


def open_ones(*, by: Staff) -> list[Point]:
    """Return all that is to be done, soonest first; nothing for people who only read."""
    if not by.has(*duties.KEEPERS):
        return []
    query = select(ActionPoint).where(ActionPoint.state == PointState.OPEN)
    query = query.order_by(ActionPoint.due_on, ActionPoint.id).limit(MOST)
    loads = (joinedload(ActionPoint.consultation), joinedload(ActionPoint.owner), joinedload(ActionPoint.organisation))
    return [opened(row) for row in db.session.scalars(query.options(*loads))]


def opened(row: ActionPoint) -> Point:
    """Return an action point with its words; empty where they do not open."""
    note = items.opened_or_empty(NOTE, row.note) if row.note else ""
    return Point(row, items.opened_or_empty(WORDS, row.body), note)


def clock_of(point: ActionPoint) -> Clock | None:
    """Return the clock that runs for an action point, if one does."""
    return duties.running(Subject.ACTION_POINT, [point.id]).get(point.id)


def owners() -> list[Staff]:
    """Return who of us may be asked to do something: everybody whose account is open."""
    return [one for one in staff.list_staff() if one.active]


def _owner(typed: str) -> tuple[Staff | None, Organisation | None]:
    typed = typed.strip()
    person = next((one for one in owners() if one.number == typed), None)
    if person or not typed:
        return person, None
    return None, db.session.scalar(select(Organisation).where(Organisation.ref == typed, Organisation.active))


def _thing(point: ActionPoint) -> Thing:
    return Thing(Subject.ACTION_POINT, point.id)


def _require(by: Staff) -> None:
    if not by.has(*duties.KEEPERS):
        raise Forbidden("consultations are kept by others")
