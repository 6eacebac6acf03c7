"""Incidents: recorded by anybody, led by somebody who keeps the code of practice, told in time, and learnt from.

Time counts from when an incident was noticed, however late it was recorded. Of a drill the clocks are void from their
beginning: they show how much time would be left, and nothing counts them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.incident import Incident, IncidentAction, IncidentCall, IncidentEntry, IncidentLetter
from hotline.models.staff import Staff
from hotline.rules import incidents as rules
from hotline.rules.incidents import Standing
from hotline.services import audit, duties, references, staff
from hotline.services.duties import Thing
from hotline.vocabulary import (
    ClockEnd,
    Duty,
    IncidentEntryKind,
    IncidentKind,
    IncidentLetterState,
    OfficialPart,
    Pulse,
    Role,
    Subject,
)

READERS, KEEPERS = duties.READERS, duties.KEEPERS
REPORTERS = tuple(Role)  # whoever is signed in may record one
BODY, ENTRY, ACTION = "incident.body", "incident.entry", "incident.action"
MOST = 30  # incidents on one page of the register
MOST_TODAY = 6
MOST_COUNTED = 500
TELLING = tuple(rules.DUTIES.values())
GONE = (IncidentLetterState.SENT, IncidentLetterState.PLAYED)  # letters that tell somebody, unless they come back
COLUMNS = (
    *("reference", "kind", "drill", "noticed at", "recorded at", "contained at"),
    *("data protection officer told at", "secretariat told at", "closed at"),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How clauses 8 and 9 are kept; drills are in none of it. Counts stop at `MOST_COUNTED`.

    `open`: incidents that are not closed. `untold`: how many officials must still be told, also of a closed incident
    whose letter came back; `overdue` of them too late already. `dpo_in_time`, `dpo_late`: how often the data
    protection officer was told this year in time, and late; late is also what was too late when it was named otherwise.
    `dpo_shortest`, `dpo_longest`: after how long, from when it was noticed; None where nobody was told.
    `last_interruption_at`: when the last serious interruption was noticed, ever; None where there was none;
    `last_interruption_told_after`: after how long the secretariat was told of it, or of its last stop; None where it
    was not.
    """

    open: int
    untold: int
    overdue: int
    dpo_in_time: int
    dpo_late: int
    dpo_shortest: timedelta | None
    dpo_longest: timedelta | None
    last_interruption_at: datetime | None
    last_interruption_told_after: timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """One incident in a list: the clock of whoever has to be told first, and whether a letter about it went wrong."""

    incident: Incident
    clock: Clock | None
    is_troubled: bool


@dataclass(frozen=True, slots=True)
class Today:
    """What a person's first page says: incidents that press (for keepers), and their own actions to be done."""

    pressing: list[Row]
    actions: list[IncidentAction]


def evidence() -> Evidence:
    """Return how incidents were told of, for the page of clauses."""
    now = clock.now()
    beginning = datetime.combine(date(jurisdiction.today().year, 1, 1), time(), jurisdiction.current().zone)
    real = Incident.is_drill == false()
    running = and_(Clock.duty.in_(TELLING), Clock.ending.is_(None))
    ended = or_(and_(*_ended(ClockEnd.MET, beginning)), and_(*_ended(ClockEnd.MISSED, beginning)))
    told = select(Clock.started_at, Clock.ended_at).join(Incident, Incident.id == Clock.subject_id)
    told = told.where(ended, Clock.subject == Subject.INCIDENT, Incident.dpo_told_at.is_not(None))
    newest = told.order_by(Clock.ended_at.desc()).limit(MOST_COUNTED)
    waits = sorted(max(timedelta(), at - began) for began, at in db.session.execute(newest) if at)
    interruption = select(Incident).where(Incident.kind == IncidentKind.INTERRUPTION, real)
    last = db.session.scalar(interruption.order_by(Incident.noticed_at.desc(), Incident.id.desc()).limit(1))
    told_at = told_first(last, OfficialPart.SECRETARIAT) if last else None
    return Evidence(
        open=_count(Incident.id, Incident.closed_at.is_(None), real),
        untold=_count(Clock.id, running),
        overdue=_count(Clock.id, running, Clock.due_at < now),
        dpo_in_time=_count(Clock.id, *_ended(ClockEnd.MET, beginning)),
        dpo_late=_count(Clock.id, *_ended(ClockEnd.MISSED, beginning)),
        dpo_shortest=waits[0] if waits else None,
        dpo_longest=waits[-1] if waits else None,
        last_interruption_at=last.noticed_at if last else None,
        last_interruption_told_after=told_at - counts_from(last) if last and told_at else None,
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield what was noticed in a period, oldest first, as `COLUMNS` say: references, kinds, moments; no words."""
    _require_reader(by)
    query = select(Incident).where(Incident.noticed_at >= since, Incident.noticed_at < until)
    for one in db.session.scalars(query.order_by(Incident.noticed_at, Incident.id)):
        moments = (one.noticed_at, one.recorded_at, one.contained_at)
        ends = (*(told_first(one, part) for part in (OfficialPart.DPO, OfficialPart.SECRETARIAT)), one.closed_at)
        yield (
            one.ref,
            str(one.kind),
            "yes" if one.is_drill else "no",
            *(at.isoformat(timespec="minutes") if at else "" for at in (*moments, *ends)),
        )


def record(
    kind: str, words: str, noticed_at: datetime | None, *, is_drill: bool, lead: Staff | None, by: Staff
) -> Incident:
    """Record an incident. Whoever keeps no duty names no lead, and plays no drill.

    Raises Refused (`kind`, `body`, `noticed_at` or `lead`, code) with all that is wrong.
    """
    now, is_keeper = clock.now(), by.has(*KEEPERS)
    text, wrong = rules.judge_words("body", words, rules.LONGEST)
    faults = [*wrong, *rules.moment_faults("noticed_at", noticed_at, now=now)]
    if kind not in set(IncidentKind):
        faults.insert(0, ("kind", "required"))
    if is_keeper and lead is not None and not may_lead(lead):
        faults.append(("lead", "unknown"))
    if faults or noticed_at is None:
        raise Refused(*faults)
    noticed_at = min(noticed_at, now)
    added = Incident(
        ref=references.draw(Incident.ref, "IN"),
        kind=IncidentKind(kind),
        is_drill=is_drill and is_keeper,
        body=vault.keyring().seal(BODY, text),
        noticed_at=noticed_at,
        recorded_at=now,
        recorded_by_id=by.id,
        lead_id=lead.id if lead and is_keeper else None,
    )
    db.session.add(added)
    db.session.flush()
    _begin(added)
    audit.record(by, "recorded", subject(added), kind=added.kind, drill=added.is_drill)
    return added


def stopped(pulse: Pulse, since: datetime) -> Incident:
    """Note that rounds of a pulse went through no more since a moment: in its open incident, or in one of its own.

    What was told of an earlier stop does not tell of this one. An incident that was named otherwise meanwhile, and is
    over, says nothing of this stop: it gets one of its own.
    """
    one, now = _open_of(pulse), clock.now()
    if one is not None and one.back_at is None:
        return one
    if one is None:
        one = Incident(
            ref=references.draw(Incident.ref, "IN"),
            kind=IncidentKind.INTERRUPTION,
            noticed_at=now,
            recorded_at=now,
            pulse=pulse,
        )
        db.session.add(one)
    one.stopped_at, one.back_at, one.contained_at, one.secretariat_told_at = since, None, None, None
    db.session.flush()
    _write(one, IncidentEntryKind.STOPPED, since)
    db.session.flush()  # time counts from this line
    _begin(one)
    audit.record(None, "stopped", subject(one), pulse=pulse)
    return one


def back(pulse: Pulse, at: datetime) -> Incident | None:
    """Note that rounds of a pulse go through again; None where nothing stood still. A person closes the incident."""
    one = _open_of(pulse)
    if one is None or one.back_at is not None:
        return None
    one.back_at = one.contained_at = at
    _write(one, IncidentEntryKind.BACK, at)
    audit.record(None, "went on", subject(one), pulse=pulse)
    return one


def stands_still(pulse: Pulse) -> bool:
    """Whether an open incident says already that a pulse has stopped."""
    one = _open_of(pulse)
    return one is not None and one.back_at is None


def get(ref: str, *, by: Staff) -> Incident:
    """Return an incident. Raises Forbidden for people who may not read any, NotFound."""
    _require_reader(by)
    found = db.session.scalar(select(Incident).where(Incident.ref == ref))
    if found is None:
        raise NotFound(f"no incident {ref}")
    return found


def read(one: Incident, *, by: Staff) -> str | None:
    """Open what happened; that is on record. None where the portal recorded it, or it does not open."""
    audit.record_read(by, "read", subject(one))
    return opened(BODY, one.body)


def list_page(show: str, *, before: int | None, by: Staff) -> tuple[list[Row], int | None]:
    """Return incidents, newest first, and from which number the next page goes on (None at the end).

    `show` is `open`, `closed` or `drills`; all else is `open`.
    """
    _require_reader(by)
    query = select(Incident).where(_shown(show)).options(joinedload(Incident.lead))
    if before is not None:
        query = query.where(Incident.id < before)
    found = list(db.session.scalars(query.order_by(Incident.id.desc()).limit(MOST + 1)))
    return rows_of(found[:MOST]), found[MOST - 1].id if len(found) > MOST else None


def rows_of(found: Sequence[Incident]) -> list[Row]:
    """Return incidents as a list shows them."""
    bad = _troubled(found)
    return [Row(one, deadline(one), one.id in bad) for one in found]


def deadline(one: Incident) -> Clock | None:
    """Return the clock of whoever must still be told and is due first; of a drill, that which would run."""
    wanted = {rules.DUTIES[part] for part in untold(one)}
    newest = {found.duty: found for found in duties.of(thing(one)) if found.duty in wanted}
    return min(newest.values(), key=lambda found: found.due_at, default=None)


def untold(one: Incident) -> tuple[OfficialPart, ...]:
    """Return who must still be told: also of a closed incident, where what told them came back since."""
    must = rules.MUST_BE_TOLD[one.kind]
    if one.closed_at is None:
        return tuple(part for part in must if one.told_at(part) is None)
    runs = {found.duty for found in duties.of(thing(one)) if found.ended_at is None}
    return tuple(part for part in must if rules.DUTIES[part] in runs)


def told_first(one: Incident, part: OfficialPart) -> datetime | None:
    """Return when an official was told, by what proves it now: the first call, or letter that did not come back.

    Of rounds that stopped more than once it counts what told of the last stop.
    """
    since = counts_from(one) if one.pulse else one.noticed_at
    letters = select(IncidentLetter.sent_at, IncidentLetter.queued_at).where(
        IncidentLetter.incident_id == one.id, IncidentLetter.part == part, IncidentLetter.status.in_(GONE)
    )
    if one.pulse:  # what was on its way when it stopped once more does not tell of that
        letters = letters.where(IncidentLetter.queued_at >= since)
    phoned = select(func.min(IncidentCall.called_at)).where(
        IncidentCall.incident_id == one.id, IncidentCall.part == part, IncidentCall.called_at >= since
    )
    moments = [sent or queued for sent, queued in db.session.execute(letters)]
    return min((at for at in (*moments, db.session.scalar(phoned)) if at is not None), default=None)


def counts_from(one: Incident) -> datetime:
    """Return from when time counts: from noticing it; where something stopped once more, from noticing that."""
    if one.pulse is None:
        return one.noticed_at
    stops = select(func.max(IncidentEntry.written_at)).where(
        IncidentEntry.incident_id == one.id, IncidentEntry.kind == IncidentEntryKind.STOPPED
    )
    return db.session.scalar(stops) or one.noticed_at


def today(person: Staff) -> Today:
    """Return what a person's first page says of incidents."""
    pressing: list[Row] = []
    if person.has(*KEEPERS):
        query = select(Incident).where(_presses()).order_by(Incident.id.desc()).limit(MOST_TODAY)
        pressing = rows_of(db.session.scalars(query).all())
    mine = select(IncidentAction).where(IncidentAction.owner_id == person.id, IncidentAction.done_at.is_(None))
    own = db.session.scalars(mine.order_by(IncidentAction.due_on).limit(MOST_TODAY)).all()
    return Today(pressing, list(own))


def told_next(rows: Sequence[Row]) -> Row | None:
    """Return of some incidents the one of which somebody must be told first, where the clock for it runs."""
    running = [(row.clock.due_at, row) for row in rows if row.clock and row.clock.ended_at is None]
    return min(running, key=lambda found: found[0])[1] if running else None


def list_troubled() -> list[Incident]:
    """Return incidents, newest first, of which a letter did not arrive and whose official is not told.

    A letter may come back after its incident was closed.
    """
    newest = db.session.scalars(select(Incident).where(_presses()).order_by(Incident.id.desc()).limit(MOST)).all()
    bad = _troubled(newest)
    return [one for one in newest if one.id in bad]


def count_waiting() -> int:
    """Return of how many officials who must be told none was yet."""
    return _count(Clock.id, Clock.duty.in_(TELLING), Clock.ending.is_(None))


def entries(one: Incident) -> list[IncidentEntry]:
    """Return the timeline of an incident, as it was written."""
    query = select(IncidentEntry).where(IncidentEntry.incident_id == one.id)
    return list(db.session.scalars(query.order_by(IncidentEntry.id).options(joinedload(IncidentEntry.written_by))))


def actions(one: Incident) -> list[IncidentAction]:
    """Return what has to be done after an incident, soonest first."""
    query = select(IncidentAction).where(IncidentAction.incident_id == one.id)
    return list(db.session.scalars(query.order_by(IncidentAction.due_on, IncidentAction.id)))


def leads() -> list[Staff]:
    """Return who may lead an incident, by number."""
    return [one for one in staff.list_staff() if may_lead(one)]


def may_lead(person: Staff) -> bool:
    """Whether somebody may answer for an incident: an open account that keeps the code of practice."""
    return person.active and person.has(*KEEPERS)


def write(one: Incident, kind: str, words: str, happened_at: datetime | None, *, contains: bool, by: Staff) -> None:
    """Add a line to the timeline; with `contains` it says that the incident is contained.

    Raises Forbidden, WrongState where it is closed, Refused (`entry_kind`, `words` or `happened_at`, code).
    """
    require_keeper(by)
    require_open(one)
    now = clock.now()
    at = happened_at or now
    text, wrong = rules.judge_words("words", words, rules.LONGEST)
    faults = [*wrong, *rules.moment_faults("happened_at", at, now=now)]
    if kind not in set(rules.TYPED):
        faults.insert(0, ("entry_kind", "required"))
    if faults:
        raise Refused(*faults)
    at = min(at, now)
    _write(one, IncidentEntryKind(kind), at, text, by=by)
    if contains and kind == IncidentEntryKind.CONTAINMENT and one.contained_at is None:
        one.contained_at = max(at, one.noticed_at)
        audit.record(by, "contained", subject(one))


def give(one: Incident, lead: Staff | None, *, by: Staff) -> None:
    """Say who leads an incident from now on, and so answers for its clocks; None: nobody.

    Raises Forbidden, WrongState where it is closed, Refused for who may not lead one.
    """
    require_keeper(by)
    require_open(one)
    if lead is not None and not may_lead(lead):
        raise Refused(("lead", "unknown"))
    one.lead_id = lead.id if lead else None
    duties.hand(thing(one), one.lead_id)
    audit.record(by, "gave", subject(one), to=lead.number if lead else "nobody")


def call_it(one: Incident, kind: str, words: str, *, by: Staff) -> None:
    """Say that an incident is of another kind, and why: whoever must be told follows from it.

    Raises Forbidden, WrongState where it is closed, Refused (`kind` or `why`, code).
    """
    require_keeper(by)
    require_open(one)
    text, wrong = rules.judge_words("why", words, rules.LONGEST)
    faults = list(wrong)
    if kind not in set(IncidentKind) or kind == one.kind:
        faults.insert(0, ("kind", "required"))
    elif kind == IncidentKind.INTERRUPTION and one.pulse is not None and _open_of(one.pulse) not in {None, one}:
        faults.insert(0, ("kind", "stopped_again"))
    if faults:
        raise Refused(*faults)
    one.kind = IncidentKind(kind)
    _write(one, IncidentEntryKind.NOTE, clock.now(), text, by=by)
    must = {rules.DUTIES[part] for part in rules.MUST_BE_TOLD[one.kind]}
    duties.void(thing(one), *(set(TELLING) - must))
    _begin(one)
    audit.record(by, "named otherwise", subject(one), kind=one.kind)


def add_action(one: Incident, words: str, owner: Staff | None, due_on: date | None, *, by: Staff) -> IncidentAction:
    """Have something done after an incident, by somebody, until a day. Of a drill its clock is void.

    Raises Forbidden, Refused (`action`, `owner` or `due_on`, code).
    """
    require_keeper(by)
    require_open(one)
    text, wrong = rules.judge_words("action", words, rules.LONGEST_ACTION)
    faults, first = list(wrong), jurisdiction.today()
    if owner is None or not owner.active:
        faults.append(("owner", "required"))
    if due_on is None or not first <= due_on <= first + timedelta(days=rules.MOST_DAYS):
        faults.append(("due_on", "range"))
    if faults or owner is None or due_on is None:
        raise Refused(*faults)
    added = IncidentAction(
        incident_id=one.id,
        body=vault.keyring().seal(ACTION, text),
        owner_id=owner.id,
        due_on=due_on,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    its = Thing(Subject.INCIDENT_ACTION, added.id)
    end = datetime.combine(due_on, time(23, 59, 59), jurisdiction.current().zone)
    duties.begin(its, Duty.DO_ACTION, owner_id=owner.id, due=end)
    if one.is_drill:
        duties.drop(its)
    audit.record(by, "asked for", subject(one), number=added.id, of=owner.number)
    return added


def get_action(action_id: int, *, by: Staff) -> IncidentAction:
    """Return an action. Raises NotFound, also where it is not this person's to see."""
    found = db.session.get(IncidentAction, action_id)
    if found is None or not (by.has(*READERS) or found.owner_id == by.id):
        raise NotFound(f"no action {action_id}")
    return found


def did(action: IncidentAction, *, by: Staff) -> None:
    """Note that an action was done. Its owner says so, or who keeps the code of practice. Raises WrongState."""
    if not (by.has(*KEEPERS) or action.owner_id == by.id):
        raise Forbidden("its owner says that it was done")
    if action.done_at is not None:
        raise WrongState(f"action {action.id} was done")
    action.done_at, action.done_by_id = clock.now(), by.id
    duties.met(Thing(Subject.INCIDENT_ACTION, action.id))
    audit.record(by, "did", subject(action.incident), number=action.id)


def hand_action(action: IncidentAction, owner: Staff | None, *, by: Staff) -> None:
    """Let somebody else do an action, such as where its owner's account is closed.

    Raises Forbidden, WrongState where it was done, Refused (`owner`, code).
    """
    require_keeper(by)
    if action.done_at is not None:
        raise WrongState(f"action {action.id} was done")
    if owner is None or not owner.active:
        raise Refused(("owner", "required"))
    action.owner_id = owner.id
    duties.hand(Thing(Subject.INCIDENT_ACTION, action.id), owner.id)
    audit.record(by, "gave", subject(action.incident), number=action.id, to=owner.number)


def close(one: Incident, *, by: Staff) -> None:
    """Close an incident that is contained, told where it must be, and learnt from.

    Raises Forbidden, WrongState where it is closed, Refused (`close`, code) with what is missing.
    """
    require_keeper(by)
    require_open(one)
    written = {entry.kind for entry in entries(one)}
    queued = select(IncidentLetter.id).where(
        IncidentLetter.incident_id == one.id, IncidentLetter.status == IncidentLetterState.QUEUED
    )
    is_writing = db.session.scalar(queued.limit(1)) is not None
    if faults := rules.close_faults(Standing(one.contained_at is not None, untold(one), written, is_writing)):
        raise Refused(*faults)
    duties.void(thing(one))
    one.closed_at, one.closed_by_id = clock.now(), by.id
    audit.record(by, "closed", subject(one))


def follow(one: Incident, part: OfficialPart) -> None:
    """Hold an official's clock to what proves now that they were told: it ended then, or goes on.

    Whoever calls has added or changed a letter or a call, and writes the audit line. The row of a closed incident stays
    as it is, and its clock goes on all the same.
    """
    db.session.flush()
    at = told_first(one, part)
    if one.closed_at is None:
        _set_told(one, part, at)
        db.session.flush()
    if one.is_drill or part not in rules.MUST_BE_TOLD[one.kind]:
        return
    duties.unmet(thing(one), rules.DUTIES[part])
    db.session.flush()
    if at is not None:
        duties.met(thing(one), rules.DUTIES[part], at=at)
    else:
        _begin_one(one, part)


def opened(purpose: str, sealed: bytes | None) -> str | None:
    """Open a text; None where there is none, or it does not open."""
    if sealed is None:
        return None
    try:
        return vault.keyring().open(purpose, sealed)
    except (KeyMissing, Unreadable):
        return None


def subject(one: Incident) -> str:
    """Return how the audit trail names an incident."""
    return f"incident {one.ref}"


def thing(one: Incident) -> Thing:
    """Return what clocks run for."""
    return Thing(Subject.INCIDENT, one.id)


def require_keeper(by: Staff) -> None:
    """Raise Forbidden for people who keep no duty."""
    if not by.has(*KEEPERS):
        raise Forbidden("incidents are kept by others")


def require_open(one: Incident) -> None:
    """Raise WrongState for what is closed."""
    if one.closed_at is not None:
        raise WrongState(f"{one.ref} is closed")


def is_tellable(one: Incident) -> bool:
    """Whether officials can be told of an incident: it is open, or what told one of them came back since."""
    return one.closed_at is None or bool(untold(one))


def require_tellable(one: Incident) -> None:
    """Raise WrongState for what is closed, unless what told an official of it came back since."""
    if not is_tellable(one):
        raise WrongState(f"{one.ref} is closed")


def _begin(one: Incident) -> None:
    """Begin the clocks of who must be told and was not. Of a drill they are void at once."""
    for part in untold(one):
        _begin_one(one, part)
    if one.is_drill:
        duties.drop(thing(one))


def _begin_one(one: Incident, part: OfficialPart) -> None:
    lead = db.session.get(Staff, one.lead_id) if one.lead_id is not None else None
    owner_id = lead.id if lead and lead.active else None
    duties.begin(thing(one), rules.DUTIES[part], owner_id=owner_id, at=counts_from(one))


def _set_told(one: Incident, part: OfficialPart, at: datetime | None) -> None:
    if part is OfficialPart.DPO:
        one.dpo_told_at = at
    else:
        one.secretariat_told_at = at


def _write(
    one: Incident, kind: IncidentEntryKind, at: datetime, text: str | None = None, *, by: Staff | None = None
) -> None:
    db.session.add(
        IncidentEntry(
            incident_id=one.id,
            kind=kind,
            body=None if text is None else vault.keyring().seal(ENTRY, text),
            happened_at=at,
            written_at=clock.now(),
            written_by_id=by.id if by else None,
        )
    )
    if by is not None:
        audit.record(by, "wrote", subject(one), kind=kind)


def _open_of(pulse: Pulse) -> Incident | None:
    """Return what a pulse's stop is, or would be, recorded in: its interruption, or what it was named instead while it
    still stands still.
    """
    query = select(Incident).where(Incident.pulse == pulse, Incident.closed_at.is_(None), Incident.pulse.is_not(None))
    is_its = or_(Incident.kind == IncidentKind.INTERRUPTION, Incident.back_at.is_(None))
    return db.session.scalar(query.where(is_its).order_by(Incident.id.desc()))


def _presses() -> ColumnElement[bool]:
    """What people have to see to: what is open, and what is closed and of which somebody must be told anew."""
    running = select(Clock.subject_id).where(
        Clock.duty.in_(TELLING), Clock.ending.is_(None), Clock.subject == Subject.INCIDENT
    )
    return and_(or_(Incident.closed_at.is_(None), Incident.id.in_(running)), Incident.is_drill == false())


def _shown(show: str) -> ColumnElement[bool]:
    if show == "drills":
        return Incident.is_drill == true()
    state = Incident.closed_at.is_not(None) if show == "closed" else Incident.closed_at.is_(None)
    return and_(state, Incident.is_drill == false())


def _troubled(found: Sequence[Incident]) -> set[int]:
    """Return which of some incidents have a letter that did not go, or came back, while its official is not told."""
    wrong = (IncidentLetterState.FAILED, IncidentLetterState.BOUNCED)
    waits = {one.id: untold(one) for one in found}
    query = select(IncidentLetter.incident_id, IncidentLetter.part).where(
        IncidentLetter.incident_id.in_(waits),
        or_(IncidentLetter.status.in_(wrong), IncidentLetter.last_fault.is_not(None)),
    )
    return {number for number, part in db.session.execute(query) if part in waits[number]} if found else set()


def _ended(how: ClockEnd, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return Clock.duty == Duty.TELL_DPO, Clock.ending == how, Clock.ended_at >= since


def _count(column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    some = select(column).where(*conditions).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _require_reader(by: Staff) -> None:
    if not by.has(*READERS):
        raise Forbidden("incidents are read by those who keep the code of practice")
