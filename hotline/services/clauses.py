"""The clauses of the code of practice: how each is worded, who answers for it, and what the records say of it now.

Nothing here opens what is sealed or names a case: evidence is counts, days and versions.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.models.clock import Clock, ClockRule
from hotline.models.practice import ClauseText, DutyMark, StandingDuty
from hotline.models.staff import Staff
from hotline.rules import clauses as rules
from hotline.rules.clauses import Check, Facts, Pressed, Running
from hotline.services import (
    access_reviews,
    audit,
    consultations,
    contact_points,
    criteria,
    duties,
    exchange,
    heartbeats,
    imagery,
    incidents,
    networks,
    officials,
    protocols,
    restore_tests,
    room_entries,
    secrecy,
    trainings,
)
from hotline.services.clock_tallies import MOST_COUNTED
from hotline.vocabulary import Clause, ClauseState, ClockEnd, Direction, Duty, ExchangeStatus, OfficialPart, Pulse, Role

WRITERS = (Role.LIAISON, Role.MANAGER)  # who words a clause anew
NOT_HANDED = {ExchangeStatus.DRAFT, ExchangeStatus.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Row:
    """One clause as it stands now. `number` counts from 1; `facts` are what `rules/clauses.py` judged by."""

    number: int
    clause: Clause
    wording: ClauseText
    standing: StandingDuty
    facts: Facts
    checks: list[Check]
    clocks: Pressed
    state: ClauseState


def list_rows(*, by: Staff) -> list[Row]:
    """Return every clause in the order of the code, as it stands now. Raises NotFound for people who may not see it."""
    _require(by)
    wordings, standing, clocks = _wordings(), _standing(), _clocks()
    return [
        _row(number, clause, wordings[clause], standing[clause], clocks)
        for number, clause in enumerate(Clause, start=1)
    ]


def get(clause: str, *, by: Staff) -> Row:
    """Return one clause as it stands now. Raises NotFound for what is none, and for people who may not see any."""
    _require(by)
    if clause not in set(Clause):
        raise NotFound(f"no clause {clause}")
    wanted = Clause(clause)
    return _row(list(Clause).index(wanted) + 1, wanted, _wordings()[wanted], _standing()[wanted], _clocks())


def wordings(clause: Clause) -> list[ClauseText]:
    """Return how a clause was worded, the newest first."""
    query = select(ClauseText).where(ClauseText.clause == clause).options(joinedload(ClauseText.made_by))
    return list(db.session.scalars(query.order_by(ClauseText.id.desc())))


def reword(clause: Clause, *, text_en: str, text_km: str, doubt: str, reason: str, seen: int, by: Staff) -> ClauseText:
    """Word a clause anew; what it said before stays on record. `seen` is the id of the wording that the form showed.

    Raises Forbidden for people who may not, Refused((field, code), ...) for what is missing or too long, Overtaken
    where somebody worded it meanwhile.
    """
    if not by.has(*WRITERS):
        raise Forbidden("the liaison or a manager words a clause")
    text_en, text_km, doubt, reason = (" ".join(one.split()) for one in (text_en, text_km, doubt, reason))
    typed = {"text_en": text_en, "text_km": text_km, "doubt": doubt}
    ours = [(field, "ours") for field, text in typed.items() if secrecy.leaks_in_words(text)]
    if wrong := (*rules.faults(text_en, text_km, doubt, reason), *ours):
        raise Refused(*wrong)
    if _wordings()[clause].id != seen:
        raise Overtaken(f"clause {clause} was worded meanwhile")
    added = ClauseText(
        clause=clause,
        text_en=text_en,
        text_km=text_km,
        doubt=doubt,
        reason=reason,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "worded clause", f"clause {clause}", wording=added.id)
    return added


def _require(by: Staff) -> None:
    if not by.has(*duties.READERS):
        raise NotFound("no clauses")


def _row(
    number: int,
    clause: Clause,
    wording: ClauseText,
    standing: StandingDuty,
    clocks: tuple[Mapping[Clause, Pressed], Mapping[Duty, int]],
) -> Row:
    pressing, running = clocks[0][clause], clocks[1]
    facts = {**_FACTS[clause](), "waiting": sum(running.get(duty, 0) for duty in rules.DUTIES[clause])}
    checks = rules.found(clause, facts)
    owner = standing.owner
    owned = owner is not None and owner.active
    state = rules.state_of(checks, pressing, in_doubt=bool(wording.doubt), owned=owned)
    return Row(number, clause, wording, standing, facts, checks, pressing, state)


def _wordings() -> dict[Clause, ClauseText]:
    newest = select(func.max(ClauseText.id)).group_by(ClauseText.clause)
    query = select(ClauseText).where(ClauseText.id.in_(newest)).options(joinedload(ClauseText.made_by))
    return {one.clause: one for one in db.session.scalars(query)}


def _standing() -> dict[Clause, StandingDuty]:
    query = select(StandingDuty).where(StandingDuty.duty == Duty.CHECK_CLAUSE)
    found = db.session.scalars(query.options(joinedload(StandingDuty.owner)))
    return {one.clause: one for one in found if one.clause is not None}


def _clocks() -> tuple[dict[Clause, Pressed], Mapping[Duty, int]]:
    """Return how the clocks of each clause stand, and how many run for each duty. Of what has ended nothing is read."""
    asked = {duty for those in rules.DUTIES.values() for duty in those} | {Duty.CHECK_CLAUSE}
    query = (
        select(Clock.duty, StandingDuty.clause, Clock.due_at, ClockRule.remind_minutes, Clock.paused_at)
        .join(ClockRule, ClockRule.id == Clock.rule_id)
        .join(StandingDuty, (StandingDuty.id == Clock.subject_id) & (StandingDuty.duty == Clock.duty), isouter=True)
        .where(Clock.duty.in_(asked), Clock.ending.is_(None))
    )
    of_duty: dict[Duty, list[Running]] = defaultdict(list)
    of_clause: dict[Clause, list[Running]] = defaultdict(list)
    for duty, about, due, remind, paused_at in db.session.execute(query):
        (of_clause[about] if about else of_duty[duty]).append((due, remind, paused_at is not None))
    now = clock.now()
    pressing = {
        clause: rules.pressed([*of_clause[clause], *(row for duty in those for row in of_duty[duty])], now)
        for clause, those in rules.DUTIES.items()
    }
    return pressing, {duty: len(those) for duty, those in of_duty.items()}


def _of_law() -> Facts:
    version = criteria.in_force()
    return {"version": version.version, "since": version.made_at, "looked_at": _looked_at(Clause.LAW)}


def _of_cooperation() -> Facts:
    counted = exchange.counts()

    def handed(direction: Direction) -> int:
        return sum(one.number for one in counted if one.direction is direction and one.status not in NOT_HANDED)

    late = select(Clock.id).where(Clock.duty == Duty.PARTNER_ANSWER, Clock.ending.is_(None), Clock.due_at < clock.now())
    return {
        "sent": handed(Direction.OUT),
        "received": handed(Direction.IN),
        "partners": len({one.partner for one in counted}),
        "silent": _count(late),
    }


def _of_protocol() -> Facts:
    held, restored = protocols.evidence(), restore_tests.evidence()
    last = _last_mark("restore_test")
    return {
        "documents": held.documents,
        "late_readers": sum(one.late for one in held.documents),
        "asked": sum(one.asked for one in held.documents),
        "read": sum(one.read for one in held.documents),
        "restored_at": restored.worked_at,
        "restore_worked": last.worked if last else None,
    }


def _of_room() -> Facts:
    return {
        **asdict(room_entries.evidence()),
        "networks": len(networks.evidence().networks),
        "reviewed_at": access_reviews.evidence().done_at,
    }


def _of_exposure() -> Facts:
    return {**asdict(access_reviews.evidence()), **asdict(trainings.evidence())}


def _of_interruption() -> Facts:
    still = any(incidents.stands_still(pulse) for pulse in Pulse)
    reached = officials.current(OfficialPart.SECRETARIAT) is not None
    return {
        **asdict(incidents.evidence()),
        "secretariat": reached,
        "stands_still": still,
        "beats": heartbeats.have_begun(),
        "told_late": _missed_this_year(Duty.TELL_SECRETARIAT),
    }


def _of_officer() -> Facts:
    reached = officials.current(OfficialPart.DPO) is not None
    return {**asdict(incidents.evidence()), "officer": reached, "told_late": _missed_this_year(Duty.TELL_DPO)}


def _of_policy() -> Facts:
    return {"looked_at": _looked_at(Clause.EXCHANGE_POLICY)}


def _looked_at(clause: Clause) -> datetime | None:
    last = _last_mark(f"check_clause.{clause}", DutyMark.worked == true())
    return last.done_at if last else None


def _of_contact() -> Facts:
    last = _last_mark("test_contact")
    tested = {"tested_at": last.done_at if last else None, "test_worked": last.worked if last else None}
    return asdict(contact_points.evidence()) | tested


def _last_mark(key: str, *which: ColumnElement[bool]) -> DutyMark | None:
    """Return the mark of the last time, which need not be the one that was noted last."""
    query = select(DutyMark).join(StandingDuty, StandingDuty.id == DutyMark.standing_id)
    query = query.where(StandingDuty.key == key, *which)
    return db.session.scalar(query.order_by(DutyMark.done_at.desc(), DutyMark.id.desc()).limit(1))


def _missed_this_year(duty: Duty) -> int:
    beginning = datetime.combine(date(jurisdiction.today().year, 1, 1), time(), jurisdiction.current().zone)
    missed = select(Clock.id).where(Clock.duty == duty, Clock.ending == ClockEnd.MISSED, Clock.ended_at >= beginning)
    return _count(missed)


def _count(query: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.limit(MOST_COUNTED + 1).subquery())) or 0


_FACTS: dict[Clause, Callable[[], Any]] = {
    Clause.LAW: _of_law,
    Clause.COOPERATION: _of_cooperation,
    Clause.CONTACT_POINT: _of_contact,
    Clause.SECURITY_PROTOCOL: _of_protocol,
    Clause.SECURE_ROOM: _of_room,
    Clause.EXPOSURE: _of_exposure,
    Clause.EXCHANGE_POLICY: _of_policy,
    Clause.INTERRUPTION: _of_interruption,
    Clause.OFFICER_TOLD: _of_officer,
    Clause.IMAGERY: lambda: asdict(imagery.evidence()),
    Clause.CONFIDENTIALITY: lambda: asdict(secrecy.evidence()),
    Clause.CONSULTATION: lambda: asdict(consultations.evidence()),
}
