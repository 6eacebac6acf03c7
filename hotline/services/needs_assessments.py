"""Needs assessments: written as one goes, handed in, approved by another person, made again; what a case page shows.

Who approves wrote nothing in it: another of victim support who may open the case, or a manager, who sees domains and
levels and never a word. The duty to assess is met with the approval, so that nothing waits without a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.needs_assessment import NeedFound, NeedsAssessment
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import needs
from hotline.rules.needs import Finding, Levels, Proposal, Trend, Written
from hotline.services import audit, case_figures, case_files, clocks, question_sets
from hotline.vocabulary import AssessmentState, CaseFigure, CaseStatus, Duty, Need, NeedLevel, Role, Subject

BODY, QUESTION = "case.assessment", "case.assessment.question"
APPROVERS = (Role.VICTIM_SUPPORT, Role.MANAGER)
SAVED = "saved assessment"
MOST = 100  # that wait for approval, on one page
IN_HAND = frozenset({AssessmentState.DRAFT, AssessmentState.RETURNED})  # still written in


@dataclass(frozen=True, slots=True)
class Line:
    """One domain as the case page shows it. `trend` is None where there was no assessment before."""

    need: Need
    level: NeedLevel
    finding: Finding
    trend: Trend | None
    was: NeedLevel | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An assessment that was opened: what is written, its levels, and how these went since the one before."""

    row: NeedsAssessment
    written: Written
    lines: tuple[Line, ...]
    proposal: Proposal
    question: str  # of whoever gave it back

    @property
    def levels(self) -> Levels:
        """The levels by domain."""
        return levels_of(self.row)


@dataclass(frozen=True, slots=True)
class Card:
    """What the page of a case shows of needs. `due` is the clock of the duty to assess, while it runs."""

    last: Shown | None  # the newest approved one
    current: NeedsAssessment | None  # the one that is written or waits
    due: Clock | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One assessment that waits for approval, as its list shows it. Nobody's words."""

    row: NeedsAssessment
    due_at: datetime | None
    since: datetime | None
    is_own: bool  # whoever looks wrote in it
    may_open: bool  # whoever looks may read it whole


def card(one: VictimCase) -> Card:
    """Open what the page of a case shows. Whoever calls has the read of the case on record."""
    last = _newest(one, AssessmentState.APPROVED)
    return Card(opened(last) if last else None, current(one), running(one))


def current(one: VictimCase) -> NeedsAssessment | None:
    """Return the assessment of a case that is written, waits or was given back; None where all are approved."""
    return _newest(one, AssessmentState.DRAFT, AssessmentState.SUBMITTED, AssessmentState.RETURNED)


def last_levels(one: VictimCase) -> Levels:
    """Return the levels of the newest approved assessment; none where there is none."""
    last = _newest(one, AssessmentState.APPROVED)
    return levels_of(last) if last else {}


def running(one: VictimCase) -> Clock | None:
    """Return the clock of the duty to assess a case, while it runs."""
    found = clocks.newest_of(one, Duty.ASSESS_NEEDS)
    return found if found and found.ended_at is None else None


def list_approved(one: VictimCase) -> list[NeedsAssessment]:
    """Return the approved assessments of a case, the newest first."""
    query = _of_case(one).where(NeedsAssessment.state == AssessmentState.APPROVED)
    return list(db.session.scalars(query.options(joinedload(NeedsAssessment.made_by))))


def get(one: VictimCase, number: int) -> NeedsAssessment:
    """Return an assessment of a case that `case_files` returned. Raises NotFound."""
    found = db.session.get(NeedsAssessment, number)
    if found is None or found.case_id != one.id:
        raise NotFound(f"no assessment {number} of {one.ref}")
    return found


def opened(row: NeedsAssessment) -> Shown:
    """Open an assessment, beside the approved one before it. Whoever calls has the read of the case on record."""
    earlier = _of_case(row.case).where(NeedsAssessment.state == AssessmentState.APPROVED, NeedsAssessment.id < row.id)
    last = db.session.scalar(earlier.limit(1))
    words, levels, before = _read(row), levels_of(row), levels_of(last) if last else {}
    lines = tuple(
        Line(
            need,
            levels[need],
            words.of(need),
            needs.trend(before.get(need), levels[need]) if last else None,
            before.get(need),
        )
        for need in Need
        if need in levels
    )
    question = case_files.unseal(QUESTION, row.question) if row.question else ""
    return Shown(row, words, lines, needs.proposal(levels), question)


def levels_of(row: NeedsAssessment) -> dict[Need, NeedLevel]:
    """Return the levels of an assessment by domain, as far as they are chosen."""
    return {one.need: one.level for one in row.levels}


def begin(one: VictimCase, *, by: Staff) -> NeedsAssessment:
    """Begin an assessment of an open case, by the questions in force now.

    What is known from the last approved one is carried over to be looked at anew; no level is. Raises WrongState where
    one is in hand already.
    """
    case_files.require_open(one)
    if current(one) is not None:
        raise WrongState(f"an assessment of {one.ref} is not approved yet")
    last, version = _newest(one, AssessmentState.APPROVED), question_sets.in_force().version
    words = _read(last) if last else Written()
    carried = {need: Finding(known=found.known, version=1) for need, found in words.findings.items() if found.known}
    row = NeedsAssessment(
        case=one,
        questions_version=version,
        body=case_files.seal(BODY, needs.written(Written(findings=carried))),
        assessed_on=jurisdiction.today(),
        made_by=by,
        made_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    clocks.start(one, Duty.ASSESS_NEEDS)
    audit.record(by, "began assessment", case_files.subject(one), assessment=row.id, questions=version)
    return row


def save_about(row: NeedsAssessment, with_whom: str, assessed_on: date | None, *, seen: int, by: Staff) -> None:
    """Keep with whom and on which day an assessment is made.

    `seen` is the version of these two that the form showed. Raises Refused by field, Overtaken, WrongState.
    """
    _require_in_hand(row)
    text, code = needs.kept(with_whom)
    wrong = [("with_whom", code)] if code else []
    if assessed_on is None:
        wrong.append(("assessed_on", "required"))
    elif assessed_on > jurisdiction.today():
        wrong.append(("assessed_on", "ahead"))
    if wrong or assessed_on is None:
        raise Refused(*wrong)
    words = _read(row)
    if words.version != seen:
        raise Overtaken(f"assessment {row.id} was changed meanwhile")
    row.assessed_on = assessed_on
    _write(row, replace(words, with_whom=text, version=seen + 1), by=by)


def save(row: NeedsAssessment, need: Need, level: str, typed: Finding, *, seen: int, by: Staff) -> None:
    """Keep what is written about one domain, and its level; an empty `level` leaves it open.

    `seen` is the version of this domain that the form showed: two people may write in two domains. Raises Refused by
    field, Overtaken, WrongState.
    """
    _require_in_hand(row)
    found, wrong = needs.judged(typed)
    if level and level not in set(NeedLevel):
        wrong = (("level", "required"), *wrong)
    if wrong:
        raise Refused(*wrong)
    words = _read(row)
    if words.of(need).version != seen:
        raise Overtaken(f"{need} of assessment {row.id} was changed meanwhile")
    most = question_sets.get(row.questions_version).asks(need)
    kept = replace(found, answers=found.answers[:most], version=seen + 1)
    _set_level(row, need, NeedLevel(level) if level else None)
    _write(row, replace(words, findings={**words.findings, need: kept}), by=by)


def submit(row: NeedsAssessment, *, by: Staff) -> None:
    """Hand an assessment in. Whoever does answers for it. Raises Refused with all that is missing, WrongState."""
    _require_in_hand(row)
    if wrong := needs.missing(_read(row), levels_of(row), row.assessed_on, jurisdiction.today()):
        raise Refused(*wrong)
    row.state, row.submitted_at, row.made_by = AssessmentState.SUBMITTED, clock.now(), by
    row.version += 1
    db.session.flush()
    audit.record(by, SAVED, subject(row))
    audit.record(by, "handed in assessment", case_files.subject(row.case), assessment=row.id)


def take_back(row: NeedsAssessment, *, by: Staff) -> None:
    """Take back what waits, to write on; that it was handed in stands. Raises WrongState once it is approved."""
    case_files.require_open(row.case)
    if row.state is not AssessmentState.SUBMITTED:
        raise WrongState(f"assessment {row.id} does not wait")
    row.state = AssessmentState.DRAFT
    row.version += 1
    db.session.flush()
    audit.record(by, "took back assessment", case_files.subject(row.case), assessment=row.id)


def discard(row: NeedsAssessment, *, by: Staff) -> None:
    """Drop a draft that was begun by mistake; one that was ever handed in stays. Raises WrongState."""
    case_files.require_open(row.case)
    if not may_discard(row):
        raise WrongState(f"assessment {row.id} was handed in")
    one, number = row.case, row.id
    db.session.delete(row)
    db.session.flush()
    if _newest(one, AssessmentState.APPROVED) is not None:
        clocks.void(one, Duty.ASSESS_NEEDS)
    audit.record(by, "dropped assessment", case_files.subject(one), assessment=number)


def may_discard(row: NeedsAssessment) -> bool:
    """Whether an assessment may be dropped: a draft that nobody ever handed in."""
    return row.state is AssessmentState.DRAFT and row.submitted_at is None


def list_waiting(*, by: Staff) -> list[Waiting]:
    """Return what waits for approval, overdue first: all of it for a manager, else of the cases `by` may open."""
    if not by.has(*APPROVERS):
        return []
    runs = and_(
        Clock.subject == Subject.VICTIM_CASE,
        Clock.subject_id == NeedsAssessment.case_id,
        Clock.duty == Duty.ASSESS_NEEDS,
        Clock.ended_at.is_(None),
    )
    may_open = and_(case_files.may_open(by, clock.now()), true() if by.has(Role.VICTIM_SUPPORT) else false())
    query = select(NeedsAssessment, Clock, may_open.label("may_open")).join(NeedsAssessment.case).outerjoin(Clock, runs)
    query = query.order_by(Clock.due_at.asc().nulls_last(), NeedsAssessment.id).limit(MOST)
    query = query.where(*_waits_for(by)).options(
        contains_eager(NeedsAssessment.case).joinedload(VictimCase.officer),
        joinedload(NeedsAssessment.made_by),
        selectinload(NeedsAssessment.levels),
    )
    found = db.session.execute(query).all()
    written = audit.done_by(by, SAVED, [subject(row) for row, _runs_out, _is_theirs in found])
    return [
        Waiting(
            row,
            runs_out.due_at if runs_out else None,
            runs_out.started_at if runs_out else None,
            is_own=row.made_by_id == by.id or subject(row) in written,
            may_open=bool(is_theirs),
        )
        for row, runs_out, is_theirs in found
    ]


def count_waiting(*, by: Staff) -> int:
    """Return how many assessments wait for a person's approval, those they wrote in left out."""
    if not by.has(*APPROVERS):
        return 0
    waiting = select(NeedsAssessment).join(NeedsAssessment.case).options(contains_eager(NeedsAssessment.case))
    others = db.session.scalars(waiting.where(*_waits_for(by), NeedsAssessment.made_by_id != by.id))
    names = [subject(row) for row in others]
    return len(names) - len(audit.done_by(by, SAVED, names))


def get_waiting(number: int, *, by: Staff) -> NeedsAssessment:
    """Return an assessment that waits and that `by` may approve or has to leave to others. Raises NotFound."""
    found = next((one.row for one in list_waiting(by=by) if one.row.id == number), None)
    if found is None:
        raise NotFound(f"no assessment {number} waits")
    return found


def levels_before(row: NeedsAssessment) -> Mapping[Need, NeedLevel]:
    """Return the levels of the approved assessment before; none where there was none."""
    query = _of_case(row.case).where(NeedsAssessment.state == AssessmentState.APPROVED, NeedsAssessment.id < row.id)
    last = db.session.scalar(query.limit(1))
    return levels_of(last) if last else {}


def wrote_in(row: NeedsAssessment, person: Staff) -> bool:
    """Whether a person made an assessment, or wrote anything in it."""
    return row.made_by_id == person.id or any(
        entry.actor == person.number for entry in audit.of_action(subject(row), SAVED)
    )


def may_decide(row: NeedsAssessment, *, by: Staff) -> bool:
    """Whether a person who sees an assessment may approve it or give it back."""
    waits = row.state is AssessmentState.SUBMITTED and row.case.status is CaseStatus.OPEN
    return waits and by.has(*APPROVERS) and not wrote_in(row, by)


def approve(row: NeedsAssessment, *, seen: int, by: Staff) -> None:
    """Approve an assessment as version `seen` showed it: from now on nobody changes it.

    Raises Forbidden for whoever wrote in it, Overtaken where it was changed since, WrongState where it does not wait.
    """
    _require_decision(row, seen=seen, by=by)
    levels, before = levels_of(row), [levels_of(one) for one in list_approved(row.case)]
    row.approved_by, row.approved_at = by, clock.now()
    row.state = AssessmentState.APPROVED
    row.version += 1
    db.session.flush()
    clocks.met(row.case, Duty.ASSESS_NEEDS)
    for need in needs.newly_found(levels, before):
        case_figures.count(CaseFigure.NEED, need)
    found = needs.pressing(levels)
    audit.record(by, "approved assessment", case_files.subject(row.case), assessment=row.id, high_or_medium=len(found))


def give_back(row: NeedsAssessment, question: str, *, seen: int, by: Staff) -> None:
    """Give an assessment back with a question. Raises as `approve`, and Refused where nothing is asked."""
    _require_decision(row, seen=seen, by=by)
    text, code = needs.kept(question)
    if code or not text:
        raise Refused(("question", code or "required"))
    row.question, row.state = case_files.seal(QUESTION, text), AssessmentState.RETURNED
    row.version += 1
    db.session.flush()
    audit.record(by, "gave back assessment", case_files.subject(row.case), assessment=row.id)


def subject(row: NeedsAssessment) -> str:
    """Return the name of an assessment in the audit trail: there stands who wrote in it."""
    return f"assessment {row.id} of {row.case.ref}"


def _require_in_hand(row: NeedsAssessment) -> None:
    case_files.require_open(row.case)
    if row.state not in IN_HAND:
        raise WrongState(f"assessment {row.id} is handed in")


def _require_decision(row: NeedsAssessment, *, seen: int, by: Staff) -> None:
    if not by.has(*APPROVERS) or wrote_in(row, by):
        raise Forbidden("another person approves")
    case_files.require_open(row.case)
    if row.state is not AssessmentState.SUBMITTED:
        raise WrongState(f"assessment {row.id} does not wait")
    if row.version != seen:
        raise Overtaken(f"assessment {row.id} was changed meanwhile")


def _read(row: NeedsAssessment) -> Written:
    return needs.read(case_files.unseal(BODY, row.body))


def _write(row: NeedsAssessment, words: Written, *, by: Staff) -> None:
    row.body = case_files.seal(BODY, needs.written(words))
    row.version += 1
    db.session.flush()
    audit.record(by, SAVED, subject(row))


def _set_level(row: NeedsAssessment, need: Need, level: NeedLevel | None) -> None:
    found = next((one for one in row.levels if one.need is need), None)
    if level is None:
        if found is not None:
            row.levels.remove(found)
    elif found is None:
        row.levels.append(NeedFound(need=need, level=level))
    else:
        found.level = level


def _of_case(one: VictimCase) -> Select[NeedsAssessment]:
    query = select(NeedsAssessment).where(NeedsAssessment.case_id == one.id).order_by(NeedsAssessment.id.desc())
    return query.options(selectinload(NeedsAssessment.levels))


def _newest(one: VictimCase, *states: AssessmentState) -> NeedsAssessment | None:
    return db.session.scalar(_of_case(one).where(NeedsAssessment.state.in_(states)).limit(1))


def _waits_for(by: Staff) -> list[ColumnElement[bool]]:
    """Return the conditions that an assessment of a case waits and `by` may know of it."""
    waits = [NeedsAssessment.state == AssessmentState.SUBMITTED, VictimCase.status == CaseStatus.OPEN]
    return waits if by.has(Role.MANAGER) else [*waits, case_files.may_open(by, clock.now())]
