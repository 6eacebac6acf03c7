"""Consultations with stakeholders: planned, held, put on record; and which sector was last met when.

What a consultation's record says in words is sealed. Who is consulted counts by who really came: a sector nobody of
attended stays due.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.consultation import (
    ActionPoint,
    Attendance,
    Consultation,
    ConsultationMove,
    Invitation,
)
from hotline.models.practice import StandingDuty
from hotline.models.staff import Staff
from hotline.models.stakeholder import Agreement, Organisation, OrganisationPerson
from hotline.rules import consultations as rules
from hotline.rules import stakeholders as words_rules
from hotline.rules.consultations import Plan, Present
from hotline.services import audit, duties, holds, references, secrecy, staff, stakeholders
from hotline.services.duties import Thing
from hotline.vocabulary import (
    AgreementState,
    ConsultationState,
    Duty,
    PointState,
    Sector,
    Subject,
    WayOut,
)

READERS, KEEPERS = duties.READERS, duties.KEEPERS
MOST = 100
YEAR = timedelta(days=365)
READ = "read who came"
COLUMNS = (
    *("reference", "planned_for", "held", "way", "state", "sectors_met", "organisations_met", "people_present"),
    *("lead", "invited", "moved", "actions_open", "actions_done", "actions_dropped"),
)


@dataclass(frozen=True, slots=True)
class Came:
    """Who came from one organisation: names of people, how many whose names were erased, and how many others."""

    organisation: Organisation
    names: tuple[str, ...]
    erased: int
    others: int

    @property
    def count(self) -> int:
        """How many people that were."""
        return len(self.names) + self.erased + self.others


@dataclass(frozen=True, slots=True)
class Heads:
    """How many people came from one organisation."""

    name: str
    sector: Sector
    people: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sector stands: when it was last met, with whom, and by when it is met next. None where it never was."""

    sector: Sector
    ref: str | None
    last_at: datetime | None
    met: tuple[Organisation, ...]
    started_at: datetime | None
    due_at: datetime | None
    owner: Staff | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the clause on consultations is kept, in counts and dates.

    `in_time` and `overdue` are the sectors whose limit lies ahead or is over; `never` those of whom nobody was ever
    met (they stand in one of the others too). `next_due` is the soonest limit that lies ahead, of `next_sector`.
    `held_in_a_year` counts the last 365 days; `points_overdue` are open action points past their day;
    `agreements_expired` have run out, and nobody has renewed or ended them.
    """

    in_time: tuple[Sector, ...]
    overdue: tuple[Sector, ...]
    never: tuple[Sector, ...]
    next_sector: Sector | None
    next_due: datetime | None
    last_held_at: datetime | None
    held_in_a_year: int
    planned: int
    points_open: int
    points_overdue: int
    agreements_in_force: int
    agreements_expired: int


def get(ref: str, *, by: Staff) -> Consultation:
    """Return the consultation `ref`. Raises NotFound, also for people who may not see any."""
    found = db.session.scalar(select(Consultation).where(Consultation.ref == ref.strip().upper()))
    if found is None or not by.has(*READERS):
        raise NotFound(f"no consultation {ref}")
    return found


def list_all(*, by: Staff, state: ConsultationState | None = None, most: int = MOST) -> list[Consultation]:
    """Return consultations, those that lie farthest ahead first; of one state where it is named."""
    if not by.has(*READERS):
        raise NotFound("no consultations")
    query = select(Consultation).order_by(Consultation.starts_at.desc(), Consultation.id.desc()).limit(most)
    query = query.where(Consultation.state == state) if state else query
    return list(db.session.scalars(query.options(joinedload(Consultation.lead))))


def of_organisation(organisation: Organisation, *, by: Staff, most: int) -> list[Consultation]:
    """Return the consultations an organisation was invited to or took part in, newest first."""
    if not by.has(*READERS):
        return []
    invited = select(Invitation.consultation_id).where(Invitation.organisation_id == organisation.id)
    came = select(Attendance.consultation_id).where(Attendance.organisation_id == organisation.id)
    query = select(Consultation).where(or_(Consultation.id.in_(invited), Consultation.id.in_(came)))
    return list(db.session.scalars(query.order_by(Consultation.starts_at.desc(), Consultation.id.desc()).limit(most)))


def leads() -> list[Staff]:
    """Return who may lead a consultation."""
    return [one for one in staff.list_staff() if one.active and one.has(*KEEPERS)]


def count_to_record(*, by: Staff) -> int:
    """Return how many planned consultations that this person leads have begun and are not on record."""
    query = select(func.count()).select_from(Consultation).where(Consultation.state == ConsultationState.PLANNED)
    query = query.where(Consultation.starts_at <= clock.now(), Consultation.lead_id == by.id)
    return db.session.scalar(query) or 0


def plan(wanted: Plan, *, lead: str, by: Staff) -> Consultation:
    """Plan a consultation. `lead` is the number of one of us. Its clock runs out as its day is over.

    Raises Refused for organisations that are not there, for a lead who keeps no duty, and for words that name one of
    us: they stand on the invitation. One that is put on record late begins no clock: nothing can be held in time any
    more.
    """
    require_keeper(by)
    _refuse_names(wanted)
    invited, leader, now = stakeholders.chosen(wanted.invited, "invited"), _lead(lead), clock.now()
    added = Consultation(
        ref=references.draw(Consultation.ref, "CS"),
        starts_at=wanted.starts_at,
        lead_id=leader.id,
        state=ConsultationState.PLANNED,
        made_at=now,
        made_by_id=by.id,
    )
    _fill(added, wanted, invited)
    db.session.add(added)
    db.session.flush()
    due = _end_of_day(wanted.starts_at)
    if due > now:
        duties.begin(_thing(added), Duty.HOLD_MEETING, owner_id=leader.id, due=due)
    audit.record(by, "planned a consultation", subject(added), lead=leader.number)
    return added


def change(one: Consultation, wanted: Plan, *, lead: str, version: int, by: Staff) -> None:
    """Change a plan, all but its day. Raises Overtaken where somebody changed it since `version` was shown."""
    require_keeper(by)
    require_state(one, ConsultationState.PLANNED)
    _require_version(one, version)
    _refuse_names(wanted)
    leader = _lead(lead, kept=one.lead_id)
    _fill(one, wanted, stakeholders.chosen(wanted.invited, "invited"))
    if leader.id != one.lead_id:
        one.lead_id = leader.id
        duties.hand(_thing(one), leader.id)
    one.version += 1
    db.session.flush()
    audit.record(by, "changed a plan", subject(one), lead=leader.number)


def move(one: Consultation, to: datetime | None, why: str, *, by: Staff) -> None:
    """Move a planned consultation to another moment, with a reason. One that lies ahead has a clock from then on."""
    require_keeper(by)
    require_state(one, ConsultationState.PLANNED)
    faults = [*rules.moment_faults("starts_on", to, clock.now()), *_reason_faults(why)]
    if to == one.starts_at:
        faults.append(("starts_on", "same"))
    if faults or to is None:
        raise Refused(*faults)
    now = clock.now()
    db.session.add(
        ConsultationMove(
            consultation_id=one.id,
            was_at=one.starts_at,
            now_at=to,
            why=words_rules.one_line(why),
            moved_at=now,
            moved_by_id=by.id,
        )
    )
    one.starts_at, one.version = to, one.version + 1
    if (due := _end_of_day(to)) > now:
        duties.begin(_thing(one), Duty.HOLD_MEETING, owner_id=one.lead_id, due=due)
    else:
        duties.fall_due(_thing(one), Duty.HOLD_MEETING, due)
    db.session.flush()
    audit.record(by, "moved a consultation", subject(one))


def moves_of(one: Consultation) -> list[ConsultationMove]:
    """Return when a consultation was moved, oldest first."""
    query = select(ConsultationMove).where(ConsultationMove.consultation_id == one.id).order_by(ConsultationMove.id)
    return list(db.session.scalars(query.options(joinedload(ConsultationMove.moved_by))))


def cancel(one: Consultation, why: str, *, by: Staff) -> None:
    """Cancel a planned consultation, with a reason. Its sectors stay due."""
    require_keeper(by)
    require_state(one, ConsultationState.PLANNED)
    if faults := _reason_faults(why):
        raise Refused(*faults)
    one.state, one.cancelled_why = ConsultationState.CANCELLED, words_rules.one_line(why)
    one.ended_at, one.ended_by_id = clock.now(), by.id
    duties.void(_thing(one))
    db.session.flush()
    audit.record(by, "cancelled a consultation", subject(one))


def note_invited(one: Consultation, *, by: Staff) -> None:
    """Note that the invitation has gone, by hand. Raises WrongState where that is noted."""
    require_keeper(by)
    require_state(one, ConsultationState.PLANNED)
    if one.invited_at is not None:
        raise WrongState(f"the invitation to {one.ref} has gone already")
    one.invited_at = clock.now()
    db.session.flush()
    audit.record(by, "invited to a consultation", subject(one), organisations=len(one.invitations))


def hold(
    one: Consultation, held_at: datetime | None, present: Sequence[Present], *, version: int, by: Staff
) -> tuple[Sector, ...]:
    """Note that a consultation was held, when, and who came. Returns the sectors whose duty that meets.

    Raises Overtaken where somebody changed it since `version` was shown.
    """
    require_keeper(by)
    require_state(one, ConsultationState.PLANNED)
    _require_version(one, version)
    faults = rules.held_faults(held_at, present, clock.now())
    if faults or held_at is None:
        raise Refused(*faults)
    one.state, one.held_at, one.noted_at = ConsultationState.HELD, held_at, clock.now()
    one.version += 1
    db.session.flush()
    came = _note_present(one, present)
    duties.met(_thing(one), Duty.HOLD_MEETING)
    audit.record(by, "held a consultation", subject(one), organisations=len(came))
    return _mark(one, came, by=by)


def add_present(one: Consultation, present: Sequence[Present], *, version: int, by: Staff) -> tuple[Sector, ...]:
    """Note who else came, while the record is open. Returns the sectors whose duty that meets.

    Who came is never taken back, so raises Overtaken where anybody was noted since `version` was shown.
    """
    require_keeper(by)
    require_state(one, ConsultationState.HELD)
    _require_version(one, version)
    assert one.held_at is not None
    if faults := rules.held_faults(one.held_at, present, clock.now()):
        raise Refused(*(fault for fault in faults if fault[0] == "present"))
    one.version += 1
    came = _note_present(one, present)
    audit.record(by, "noted who else came", subject(one), organisations=len(came))
    return _mark(one, came, by=by)


def attendance_of(one: Consultation, *, by: Staff, with_names: bool = True) -> list[Came]:
    """Return who came, by organisation; the names of people only to those who keep the record, which is then recorded.

    Without names they are counted as those are whose names were erased. With names never inside `writing()`.
    """
    sees = with_names and by.has(*KEEPERS)
    query = select(Attendance).where(Attendance.consultation_id == one.id).order_by(Attendance.id)
    rows: dict[int, list[Attendance]] = {}
    for row in db.session.scalars(query):
        rows.setdefault(row.organisation_id, []).append(row)
    came = [_came(those, sees=sees) for those in rows.values()]
    if names := sum(len(each.names) for each in came):
        audit.record_read(by, READ, subject(one), people=names)
    return came


def sectors() -> list[Standing]:
    """Return how every sector stands, in their order."""
    standing = _standing_duties()
    running = duties.running(Subject.STANDING_DUTY, [one.id for one in standing.values()])
    last = _last_met()
    found = []
    for sector in Sector:
        duty = standing.get(sector)
        going = running.get(duty.id) if duty else None
        at, met = last.get(sector, (None, None))
        found.append(
            Standing(
                sector,
                met.ref if met else None,
                at,
                tuple(_of_sector(met, sector)) if met else (),
                going.started_at if going else None,
                going.due_at if going else None,
                duty.owner if duty else None,
            )
        )
    return found


def evidence() -> Evidence:
    """Return how the clause on consultations is kept: counts and dates alone."""
    now, those = clock.now(), sectors()
    ahead = sorted((one.due_at, one.sector) for one in those if one.due_at is not None and one.due_at > now)
    open_points = ActionPoint.state == PointState.OPEN
    in_force = Agreement.state == AgreementState.IN_FORCE
    today = jurisdiction.today()
    return Evidence(
        in_time=tuple(sector for _due, sector in ahead),
        overdue=tuple(one.sector for one in those if one.due_at is not None and one.due_at <= now),
        never=tuple(one.sector for one in those if one.last_at is None),
        next_sector=ahead[0][1] if ahead else None,
        next_due=ahead[0][0] if ahead else None,
        last_held_at=db.session.scalar(select(func.max(Consultation.held_at))),
        held_in_a_year=_count(Consultation, Consultation.held_at > now - YEAR),
        planned=_count(Consultation, Consultation.state == ConsultationState.PLANNED),
        points_open=_count(ActionPoint, open_points),
        points_overdue=_count(ActionPoint, open_points, ActionPoint.due_on < today),
        agreements_in_force=_count(
            Agreement, in_force, or_(Agreement.expires_on.is_(None), Agreement.expires_on >= today)
        ),
        agreements_expired=_count(Agreement, in_force, Agreement.expires_on < today),
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield a row of `COLUMNS` for each consultation held in a period, or planned for it; no words of anybody."""
    if not by.has(*READERS):
        raise NotFound("no consultations")
    moment = func.coalesce(Consultation.held_at, Consultation.starts_at)
    query = select(Consultation).where(moment >= since, moment < until).order_by(moment, Consultation.id)
    found = list(
        db.session.scalars(query.options(joinedload(Consultation.lead), selectinload(Consultation.invitations)))
    )
    points = _points_of([one.id for one in found])
    moved = _moves_of([one.id for one in found])
    heads = _heads_of([one.id for one in found])
    for one in found:
        came = heads.get(one.id, [])
        met = {each.sector for each in came}
        yield (
            one.ref,
            one.starts_at.isoformat(),
            one.held_at.isoformat() if one.held_at else "",
            one.way,
            one.state,
            " ".join(sector for sector in Sector if sector in met),
            "; ".join(each.name for each in came),
            str(sum(each.people for each in came)),
            one.lead.number,
            str(len(one.invitations)),
            str(moved.get(one.id, 0)),
            *(str(points.get((one.id, state), 0)) for state in PointState),
        )


def subject(one: Consultation) -> str:
    """Return the name of a consultation in the audit trail."""
    return f"consultation {one.ref}"


def _mark(one: Consultation, came: Iterable[Organisation], *, by: Staff) -> tuple[Sector, ...]:
    """Note that the duty of every sector of whom somebody came was done."""
    assert one.held_at is not None
    standing = _standing_duties()
    done = duties.last_done(standing.values())
    last = {sector: done[duty.id] for sector, duty in standing.items() if duty.id in done}
    met = rules.newly_met((each.sector for each in came), last, one.held_at)
    for sector in met:
        if sector in standing:
            duties.mark(standing[sector], worked=True, note=one.ref, done_at=one.held_at, by=by)
    return met


def _standing_duties() -> dict[Sector, StandingDuty]:
    return {one.sector: one for one in duties.list_standing() if one.duty is Duty.CONSULT and one.sector is not None}


def _last_met() -> dict[Sector, tuple[datetime, Consultation]]:
    """Return when each sector was last met, and in which consultation."""
    join = select(Organisation.sector, Consultation.id, Consultation.held_at).select_from(Attendance)
    join = join.join(Organisation, Organisation.id == Attendance.organisation_id)
    join = join.join(Consultation, Consultation.id == Attendance.consultation_id)
    newest = func.row_number().over(
        partition_by=Organisation.sector, order_by=(Consultation.held_at.desc(), Consultation.id.desc())
    )
    ranked = join.add_columns(newest.label("place")).subquery()
    query = select(ranked.c.sector, Consultation).join(Consultation, Consultation.id == ranked.c.id)
    found = db.session.execute(query.where(ranked.c.place == 1))
    return {Sector(sector): (one.held_at, one) for sector, one in found if one.held_at is not None}


def _of_sector(one: Consultation, sector: Sector) -> list[Organisation]:
    query = select(Organisation).join(Attendance, Attendance.organisation_id == Organisation.id).distinct()
    query = query.where(Attendance.consultation_id == one.id, Organisation.sector == sector)
    return list(db.session.scalars(query.order_by(Organisation.id)))


def _note_present(one: Consultation, present: Sequence[Present]) -> list[Organisation]:
    """Note who came, each person once. Raises Refused for organisations and people that are not there."""
    there = [each for each in present if each.is_anybody]
    refs = [each.organisation for each in there]
    found = {each.ref: each for each in db.session.scalars(select(Organisation).where(Organisation.ref.in_(refs)))}
    rows = select(Attendance.person_id).where(Attendance.consultation_id == one.id)
    known = set(db.session.scalars(rows))
    for each in there:
        organisation = found.get(each.organisation)
        if organisation is None:
            raise Refused(("present", "unknown"))
        for number in each.people:
            person = db.session.get(OrganisationPerson, number)
            if person is None or person.organisation_id != organisation.id or person.forgotten_at is not None:
                raise Refused(("present", "unknown"))
            if number not in known:
                known.add(number)
                db.session.add(
                    Attendance(consultation_id=one.id, organisation_id=organisation.id, person_id=number, others=0)
                )
        if each.others:
            db.session.add(Attendance(consultation_id=one.id, organisation_id=organisation.id, others=each.others))
    db.session.flush()
    return list(found.values())


def _came(rows: list[Attendance], *, sees: bool) -> Came:
    people = [row.person for row in rows if row.person is not None]
    named = [one for one in people if sees and one.forgotten_at is None]
    names = tuple(stakeholders.opened(one).name for one in named)
    return Came(rows[0].organisation, names, len(people) - len(named), sum(row.others for row in rows))


def _fill(one: Consultation, wanted: Plan, invited: Sequence[Organisation]) -> None:
    one.title, one.way, one.place = wanted.title, wanted.way, wanted.place
    one.agenda, one.language = wanted.agenda, wanted.language
    kept = {row.organisation_id: row for row in one.invitations}
    one.invitations = [kept.get(each.id) or Invitation(organisation_id=each.id) for each in invited]


def _lead(number: str, *, kept: int | None = None) -> Staff:
    """Return who leads, by number; whoever led until now may go on, though the roles have changed."""
    found = next((one for one in staff.list_staff() if one.number == number.strip()), None)
    if found is None or not (found.id == kept or (found.active and found.has(*KEEPERS))):
        raise Refused(("lead", "required"))
    return found


def _require_version(one: Consultation, version: int) -> None:
    if one.version != version:
        raise Overtaken(f"{one.ref} was changed meanwhile")


def names_us(one: Consultation) -> bool:
    """Whether title, place or agenda name one of us by now: such an invitation goes to nobody."""
    return secrecy.names_one_of_us("\n".join((one.title, one.place, one.agenda)))


def _refuse_names(wanted: Plan) -> None:
    """Refuse a plan that names one of us, or says how to reach one: it goes into invitations and minutes as it is."""
    said = {"title": wanted.title, "place": wanted.place, "agenda": wanted.agenda}
    faults = [(field, "names_us") for field, words in said.items() if secrecy.check_names(WayOut.MINUTES, words)]
    if faults:
        raise Refused(*faults)


def _reason_faults(why: str) -> list[tuple[str, str]]:
    fault = words_rules.fault_in(words_rules.one_line(why), words_rules.LONGEST_LINE, required=True)
    return [("why", fault)] if fault else []


def _end_of_day(at: datetime) -> datetime:
    return holds.end_of(at.astimezone(jurisdiction.current().zone).date())


def _thing(one: Consultation) -> Thing:
    return Thing(Subject.CONSULTATION, one.id)


def _points_of(ids: Sequence[int]) -> dict[tuple[int, PointState], int]:
    query = select(ActionPoint.consultation_id, ActionPoint.state, func.count()).where(
        ActionPoint.consultation_id.in_(ids)
    )
    found = db.session.execute(query.group_by(ActionPoint.consultation_id, ActionPoint.state))
    return {(number, state): count for number, state, count in found}


def _heads_of(ids: Sequence[int]) -> dict[int, list[Heads]]:
    """Return how many came to each of some consultations, by organisation in the order they were noted."""
    people = func.count(Attendance.person_id) + func.sum(Attendance.others)
    query = select(Attendance.consultation_id, Organisation.name, Organisation.sector, people)
    query = query.join(Organisation, Organisation.id == Attendance.organisation_id)
    query = query.where(Attendance.consultation_id.in_(ids)).order_by(func.min(Attendance.id))
    found: dict[int, list[Heads]] = {}
    for number, name, sector, count in db.session.execute(
        query.group_by(Attendance.consultation_id, Organisation.id, Organisation.name, Organisation.sector)
    ):
        found.setdefault(number, []).append(Heads(name, sector, count))
    return found


def _moves_of(ids: Sequence[int]) -> dict[int, int]:
    query = select(ConsultationMove.consultation_id, func.count()).where(ConsultationMove.consultation_id.in_(ids))
    return {number: count for number, count in db.session.execute(query.group_by(ConsultationMove.consultation_id))}  # noqa: C416 -- rows


def _count(model: type[Consultation] | type[ActionPoint] | type[Agreement], *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def require_state(one: Consultation, state: ConsultationState) -> None:
    """Raise WrongState where a consultation stands otherwise."""
    if one.state is not state:
        raise WrongState(f"{one.ref} is not {state}")


def require_keeper(by: Staff) -> None:
    """Raise Forbidden for people who keep no consultations."""
    if not by.has(*KEEPERS):
        raise Forbidden("consultations are kept by others")
