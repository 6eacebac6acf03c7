"""A case's plan: what is done for which need, by whom and until when; saying that it is complete; reviewing it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.needs_assessment import PlanAction
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseAccess, VictimCase
from hotline.rules import needs, plan_actions
from hotline.rules.plan_actions import Words
from hotline.rules.victim_files import Note
from hotline.services import audit, case_files, case_notes, clock_rules, clocks, needs_assessments
from hotline.transactions import writing
from hotline.vocabulary import ActionState, CaseStatus, Duty, Need, NoteKind, Role

BODY = "case.action"
COMPLETED, REVIEWED, PASSED = "said plan is complete", "reviewed plan", "action left to officer"
ENDS = (ActionState.DONE, ActionState.DROPPED)


@dataclass(frozen=True, slots=True)
class Shown:
    """An action that was opened."""

    row: PlanAction
    words: Words
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """That somebody said the plan is complete. `holds` not: an assessment was approved since."""

    by: str
    at: datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What the page of a case shows of its plan. `due` and `review` are clocks, while they run."""

    todo: tuple[Shown, ...]  # what is open, due first
    ended: int
    uncovered: tuple[Need, ...]  # high or medium needs that no action sees to
    completed: Completed | None
    due: Clock | None
    review: Clock | None


@dataclass(frozen=True, slots=True)
class Due:
    """An open action of somebody's, for their day: no word of it."""

    ref: str
    risk: int
    need: Need
    due_on: date | None
    is_overdue: bool


def card(one: VictimCase) -> Card:
    """Open what the page of a case shows. Whoever calls has the read of the case on record."""
    found = list_all(one)
    todo = tuple(shown for shown in found if shown.row.state is ActionState.OPEN)
    return Card(
        todo,
        len(found) - len(todo),
        _uncovered(one, [shown.row for shown in found]),
        completed(one),
        _running(one, Duty.PLAN_HELP),
        _running(one, Duty.REVIEW_CASE),
    )


def list_all(one: VictimCase) -> list[Shown]:
    """Open all actions of a case: the open ones first, due first, then those that ended, newest first.

    Whoever calls has the read of the case on record.
    """
    rows = _rows(one)
    todo = sorted((row for row in rows if row.state is ActionState.OPEN), key=_first_due)
    ended = sorted((row for row in rows if row.ended_at), key=lambda row: row.ended_at or row.made_at, reverse=True)
    return [opened(row) for row in (*todo, *ended)]


def get(one: VictimCase, number: int) -> PlanAction:
    """Return an action of a case that `case_files` returned. Raises NotFound."""
    found = db.session.get(PlanAction, number)
    if found is None or found.case_id != one.id:
        raise NotFound(f"no action {number} of {one.ref}")
    return found


def opened(row: PlanAction) -> Shown:
    """Open an action. Whoever calls has the read of the case on record."""
    words = plan_actions.read(case_files.unseal(BODY, row.body))
    return Shown(row, words, plan_actions.is_overdue(row.state, row.due_on, jurisdiction.today()))


def list_owners(one: VictimCase) -> list[Staff]:
    """Return who may see to an action: those who may open the case, its officer first, then by name."""
    until = or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > clock.now())
    given = select(CaseAccess.staff_id).where(CaseAccess.case_id == one.id, until)
    found = db.session.scalars(select(Staff).where(or_(Staff.id == one.officer_id, Staff.id.in_(given)))).all()
    return sorted(
        (person for person in found if person.has(Role.VICTIM_SUPPORT)),
        key=lambda person: (person.id != one.officer_id, person.name),
    )


def list_due(by: Staff, limit: int) -> list[Due]:
    """Return the open actions that `by` sees to, due first, those without a day last; no word of them is opened."""
    if not by.has(Role.VICTIM_SUPPORT):
        return []
    query = (
        select(PlanAction.need, PlanAction.due_on, PlanAction.state, VictimCase.ref, VictimCase.risk)
        .join(VictimCase, VictimCase.id == PlanAction.case_id)
        .where(PlanAction.owner_id == by.id, PlanAction.state == ActionState.OPEN)
        .where(VictimCase.status == CaseStatus.OPEN, case_files.may_open(by, clock.now()))
        .order_by(PlanAction.due_on.asc().nulls_last(), PlanAction.id)
        .limit(limit)
    )
    today = jurisdiction.today()
    return [
        Due(ref, risk, need, due_on, plan_actions.is_overdue(state, due_on, today))
        for need, due_on, state, ref, risk in db.session.execute(query)
    ]


def add(one: VictimCase, need: str, typed: Words, *, owner: str, due_on: date | None, by: Staff) -> PlanAction:
    """Add an action for a need. `owner` is the number of who of us sees to it. Raises Refused by field, WrongState."""
    case_files.require_open(one)
    words, person = _judged(one, need, typed, owner, plan_actions.due_faults(due_on, jurisdiction.today()))
    row = PlanAction(
        case_id=one.id,
        need=Need(need),
        body=case_files.seal(BODY, plan_actions.written(replace(words, ended=""))),
        owner=person,
        due_on=due_on,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, "added action", case_files.subject(one), number=row.id, need=need)
    return row


def change(
    one: VictimCase, row: PlanAction, need: str, typed: Words, *, owner: str, due_on: date | None, seen: int, by: Staff
) -> None:
    """Change an open action. `seen` is its version that the form showed. Raises Refused, Overtaken, WrongState."""
    _require_todo(one, row)
    wrong = plan_actions.due_faults(due_on, jurisdiction.today(), was=row.due_on)
    words, person = _judged(one, need, typed, owner, wrong)
    _require_seen(row, seen)
    row.need, row.owner, row.due_on = Need(need), person, due_on
    _write(row, replace(words, ended=""))
    audit.record(by, "changed action", case_files.subject(one), number=row.id, need=need)


def end(one: VictimCase, row: PlanAction, state: str, words: str, *, seen: int, by: Staff) -> None:
    """Note that an action is done or dropped, with a word about it. Raises Refused by field, Overtaken, WrongState."""
    _require_todo(one, row)
    text, code = needs.kept(words, plan_actions.MOST_WORDS)
    wrong = [("state", "required")] if state not in ENDS else []
    if code or not text:
        wrong.append(("ended", code or "required"))
    if wrong:
        raise Refused(*wrong)
    _require_seen(row, seen)
    row.state, row.ended_at = ActionState(state), clock.now()
    _write(row, replace(opened(row).words, ended=text))
    audit.record(by, f"action {state}", case_files.subject(one), number=row.id)


def take_up(one: VictimCase, row: PlanAction, *, seen: int, by: Staff) -> None:
    """Take an action up again that had ended; what was said of its end stays until it ends anew."""
    case_files.require_open(one)
    if row.state is ActionState.OPEN:
        raise WrongState(f"action {row.id} is open")
    _require_seen(row, seen)
    row.state, row.ended_at = ActionState.OPEN, None
    row.version += 1
    db.session.flush()
    audit.record(by, "took up action", case_files.subject(one), number=row.id)


def complete(one: VictimCase, *, by: Staff) -> None:
    """Say that the plan is complete: for now nothing is missing in it.

    Raises Refused where there is no approved assessment (`plan`, "unassessed"), no action (`plan`, "empty"), or where a
    high or medium need has none (`need-<domain>`, "uncovered").
    """
    case_files.require_open(one)
    rows = _rows(one)
    if not needs_assessments.last_levels(one):
        raise Refused(("plan", "unassessed"))
    if not rows:
        raise Refused(("plan", "empty"))
    if missing := _uncovered(one, rows):
        raise Refused(*((f"need-{need}", "uncovered") for need in missing))
    clocks.met(one, Duty.PLAN_HELP)
    audit.record(by, COMPLETED, case_files.subject(one), actions=len(rows))


def completed(one: VictimCase) -> Completed | None:
    """Return who said last that the plan is complete; None where nobody has."""
    said = audit.last_of(case_files.subject(one), COMPLETED)
    if said is None:
        return None
    approved = needs_assessments.list_approved(one)
    since = approved[0].approved_at if approved else None
    name = db.session.scalar(select(Staff.name).where(Staff.number == said.actor))
    return Completed(name or said.actor, said.at, holds=since is None or since <= said.at)


def latest_review(one: VictimCase) -> date:
    """Return the last day on which the next review may be, by the limit of the case's risk."""
    limit = clock_rules.rule_for(Duty.REVIEW_CASE, one.risk).limit
    return clock_rules.would_end(limit).astimezone(jurisdiction.current().zone).date()


def review(one: VictimCase, words: str, next_on: date | None, *, by: Staff) -> None:
    """Note what a review of the plan found, and when the next one is. Raises Refused by field, WrongState."""
    case_files.require_open(one)
    text, code = needs.kept(words)
    wrong = [("said", code or "required")] if code or not text else []
    wrong += plan_actions.review_faults(next_on, jurisdiction.today(), latest_review(one))
    if wrong or next_on is None:
        raise Refused(*wrong)
    case_notes.write(one, NoteKind.NOTE, Note(said=text), by=by)
    clocks.met(one, Duty.REVIEW_CASE)
    db.session.flush()
    clocks.start(one, Duty.REVIEW_CASE)
    ends = datetime.combine(next_on + timedelta(days=1), time(), jurisdiction.current().zone)
    clocks.fall_due(one, Duty.REVIEW_CASE, ends.astimezone(UTC))
    audit.record(by, REVIEWED, case_files.subject(one))


def leave_to_officer(one: VictimCase, *, by: Staff | None) -> None:
    """Give what is open in a plan, and is seen to by nobody who may open the case any more, to the case's officer."""
    may_open = [person.id for person in list_owners(one)]
    query = select(PlanAction).where(PlanAction.case_id == one.id, PlanAction.state == ActionState.OPEN)
    for row in db.session.scalars(query.where(PlanAction.owner_id.not_in([one.officer_id, *may_open]))).all():
        row.owner_id = one.officer_id
        row.version += 1  # a form that is open shows whose it was
        audit.record(by, PASSED, case_files.subject(one), number=row.id)
    db.session.flush()


def leave_all_to_officers() -> None:
    """Do so in every open case: a share ends on its day without anybody doing anything. In transactions of its own."""
    stands = or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > clock.now())
    given = exists().where(CaseAccess.case_id == VictimCase.id, CaseAccess.staff_id == PlanAction.owner_id, stands)
    left = (
        select(VictimCase)
        .join(PlanAction, PlanAction.case_id == VictimCase.id)
        .where(VictimCase.status == CaseStatus.OPEN, PlanAction.state == ActionState.OPEN)
        .where(PlanAction.owner_id != VictimCase.officer_id, ~given)
        .distinct()
    )
    if db.session.scalar(left.with_only_columns(VictimCase.id).limit(1)) is None:
        return  # nearly always: no lock is taken then
    with writing():
        for one in db.session.scalars(left).all():
            leave_to_officer(one, by=None)


def _judged(one: VictimCase, need: str, typed: Words, owner: str, wrong: needs.Faults) -> tuple[Words, Staff]:
    suspects = [person.name for row, person in case_files.people(one) if row.is_suspect]
    words, of_words = plan_actions.judged(typed, suspects)
    person = next((person for person in list_owners(one) if person.number == owner), None)
    wrong = (*wrong, *of_words)
    if need not in set(Need):
        wrong = (("need", "required"), *wrong)
    if person is None:
        wrong = (*wrong, ("owner", "required"))
    if wrong or person is None:
        raise Refused(*wrong)
    return words, person


def _uncovered(one: VictimCase, rows: list[PlanAction]) -> tuple[Need, ...]:
    pressing = needs.pressing(needs_assessments.last_levels(one))
    return plan_actions.uncovered(pressing, [(row.need, row.state) for row in rows])


def _rows(one: VictimCase) -> list[PlanAction]:
    query = select(PlanAction).where(PlanAction.case_id == one.id).order_by(PlanAction.id)
    return list(db.session.scalars(query.options(joinedload(PlanAction.owner))))


def _first_due(row: PlanAction) -> tuple[bool, date, int]:
    return row.due_on is None, row.due_on or date.max, row.id


def _running(one: VictimCase, duty: Duty) -> Clock | None:
    found = clocks.newest_of(one, duty)
    return found if found and found.ended_at is None else None


def _require_todo(one: VictimCase, row: PlanAction) -> None:
    case_files.require_open(one)
    if row.state is not ActionState.OPEN:
        raise WrongState(f"action {row.id} has ended")


def _require_seen(row: PlanAction, seen: int) -> None:
    if row.version != seen:
        raise Overtaken(f"action {row.id} was changed meanwhile")


def _write(row: PlanAction, words: Words) -> None:
    row.body = case_files.seal(BODY, plan_actions.written(words))
    row.version += 1
    db.session.flush()
