"""Ending a victim case: its officer asks, a manager answers from the checklist without the file; taking it up again.

What the records contradict cannot be said. A case that another organisation goes on with is handed over on the same
approval. That a case is another's duplicate its officer says alone: nothing is closed by it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import Model, db
from hotline.models.case_link import CaseLink
from hotline.models.consent import Consent
from hotline.models.identification import Identification
from hotline.models.needs_assessment import PlanAction
from hotline.models.referral import Referral
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseClosure, CaseErasure, CaseStepDone, VictimCase
from hotline.rules import case_closing as rules
from hotline.rules import case_work, free_text, victim_files
from hotline.rules.case_closing import Check, Facts
from hotline.rules.needs import Levels
from hotline.rules.victim_files import Note
from hotline.services import (
    audit,
    case_figures,
    case_files,
    case_notes,
    clocks,
    help_requests,
    needs_assessments,
    retention_policies,
)
from hotline.vocabulary import (
    ActionState,
    CaseFigure,
    CaseOutcome,
    CaseStatus,
    CaseStep,
    Duty,
    HelpStatus,
    IdentificationStatus,
    NoteKind,
    ReferralStatus,
    Role,
)

QUESTION = "case.closure"
ASKED, CLOSED, GAVE_BACK = "asked to close", "approved closure", "gave back closure"
TOOK_BACK, REOPENED, DUPLICATE = "took closure back", "took case up again", "said it is a duplicate"
MOST = 100  # that wait for a manager, on one page
GOING = (ReferralStatus.PENDING, ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS)
TAKEN_UP = (ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS, ReferralStatus.DONE)
WITH_POLICE = (IdentificationStatus.HANDED_OVER, IdentificationStatus.ACKNOWLEDGED)
CAN_END = (CaseStatus.CLOSED, CaseStatus.TRANSFERRED, CaseStatus.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Card:
    """What the page of a case shows of its end. `question` is what a manager asked when they gave it back last."""

    waiting: CaseClosure | None
    last: CaseClosure | None  # the newest that was decided
    question: str
    duplicate_of: str
    erasure: CaseErasure | None  # somebody asked that the file be erased


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a manager sees of a case that is to be closed: nobody's name and nobody's words."""

    closure: CaseClosure
    checks: tuple[tuple[Check, bool], ...]  # the list, and whether each line stands
    against: tuple[Check, ...]  # what the records contradict by now
    steps: tuple[CaseStepDone, ...]
    levels: Levels
    referrals: int
    actions: int
    is_own: bool  # whoever looks has asked


def card(one: VictimCase) -> Card:
    """Open what the page of a case shows. Whoever calls has the read of the case on record."""
    last = db.session.scalar(_of(one).where(CaseClosure.decided_at.is_not(None)).limit(1))
    asks = last is not None and last.question is not None and one.status is CaseStatus.OPEN
    question = case_files.unseal(QUESTION, last.question) if asks and last and last.question else ""
    other = one.duplicate_of.ref if one.duplicate_of else ""
    erasure = db.session.scalar(select(CaseErasure).where(CaseErasure.case_id == one.id))
    return Card(waiting_of(one), last, question, other, erasure)


def list_duplicates(one: VictimCase) -> list[VictimCase]:
    """Return the cases that were said to be of the same child as this one, in the order in which that was said."""
    query = select(VictimCase).where(VictimCase.duplicate_of_id == one.id, VictimCase.status == CaseStatus.DUPLICATE)
    return list(db.session.scalars(query.order_by(VictimCase.ended_at, VictimCase.id)))


def waiting_of(one: VictimCase) -> CaseClosure | None:
    """Return the closure of a case that waits for a manager."""
    return db.session.scalar(_of(one).where(CaseClosure.decided_at.is_(None)).limit(1))


def facts(one: VictimCase) -> Facts:
    """Return what the records of a case show. Opens the file for a yes or no; whoever calls is on record."""
    return _facts(one, has_safe_contact=case_files.opened(one).has_safe_contact)


def ask(one: VictimCase, outcome: CaseOutcome, ticked: Collection[Check], reason: str, *, by: Staff) -> CaseClosure:
    """Ask a manager to close a case, with its outcome and what a person says of the checklist.

    `reason` says who goes on with it where no referral does; it becomes a note. Raises Refused with all that is missing
    or that the records contradict, WrongState where one waits already or the case has ended.
    """
    case_files.require_open(one)
    if waiting_of(one) is not None:
        raise WrongState(f"a closure of {one.ref} waits already")
    said, fault = free_text.judge(reason, case_work.MOST_REASON) if reason.strip() else ("", None)
    known = facts(one)
    checks, wrong = rules.judge(known, outcome, ticked, reason=said)
    if fault:
        wrong = (*wrong, ("reason", str(fault)))
    if wrong:
        raise Refused(*wrong)
    if said:
        case_notes.write(one, NoteKind.NOTE, Note(said=said), by=by)
    closure = CaseClosure(
        case=one,
        outcome=outcome,
        checklist=rules.written(checks),
        age_band=victim_files.age_band(case_files.opened(one), jurisdiction.today()),
        asked_by=by,
        asked_at=clock.now(),
    )
    db.session.add(closure)
    db.session.flush()
    audit.record(by, ASKED, case_files.subject(one), outcome=outcome, closure=closure.id, lines=len(checks))
    return closure


def take_back(one: VictimCase, *, by: Staff) -> None:
    """Ask no more: nobody has answered yet. Raises WrongState where none waits."""
    closure = waiting_of(one)
    if closure is None:
        raise WrongState(f"no closure of {one.ref} waits")
    number = closure.id
    db.session.delete(closure)
    db.session.flush()
    audit.record(by, TOOK_BACK, case_files.subject(one), closure=number)


def list_waiting(*, by: Staff) -> list[CaseClosure]:
    """Return the closures that wait for a manager, in the order they were asked for."""
    _require_manager(by)
    waiting = select(CaseClosure).where(CaseClosure.decided_at.is_(None)).order_by(CaseClosure.id).limit(MOST)
    return list(db.session.scalars(waiting.options(joinedload(CaseClosure.case), joinedload(CaseClosure.asked_by))))


def count_waiting(*, by: Staff) -> int:
    """Return how many closures wait for a person's answer, those they asked for left out."""
    if not by.has(Role.MANAGER):
        return 0
    waiting = select(func.count()).select_from(CaseClosure).where(CaseClosure.decided_at.is_(None))
    return db.session.scalar(waiting.where(CaseClosure.asked_by_id != by.id)) or 0


def get_waiting(number: int, *, by: Staff) -> CaseClosure:
    """Return a closure that waits, for a manager. Raises NotFound."""
    _require_manager(by)
    found = db.session.get(CaseClosure, number)
    if found is None or found.decided_at is not None:
        raise NotFound(f"no closure {number} waits")
    return found


def sheet(closure: CaseClosure, *, by: Staff) -> Sheet:
    """Return what a manager sees. No seal is broken for it."""
    _require_manager(by)
    one, stands = closure.case, rules.read(closure.checklist)
    steps = select(CaseStepDone).where(CaseStepDone.case_id == one.id).order_by(CaseStepDone.id)
    return Sheet(
        closure,
        checks=tuple((check, check in stands) for check in rules.asked(closure.outcome)),
        against=_against(closure),
        steps=tuple(db.session.scalars(steps)),
        levels=needs_assessments.last_levels(one),
        referrals=_count(Referral, Referral.case_id == one.id, Referral.status != ReferralStatus.DRAFT),
        actions=_count(PlanAction, PlanAction.case_id == one.id),
        is_own=closure.asked_by_id == by.id,
    )


def approve(closure: CaseClosure, *, by: Staff) -> None:
    """Close a case as it was asked for: its clocks end, and the day is set until which its file is kept.

    Raises Forbidden for whoever asked, WrongState where the records contradict the list by now.
    """
    _require_decision(closure, by)
    if _against(closure):
        raise WrongState(f"the records of {closure.case.ref} say otherwise by now")
    one, now = closure.case, clock.now()
    counted_before = select(CaseClosure.id).where(CaseClosure.case_id == one.id, CaseClosure.approved.is_(True))
    is_first = db.session.scalar(counted_before.limit(1)) is None
    closure.approved, closure.decided_by, closure.decided_at = True, by, now
    db.session.flush()
    _end(one, rules.status_after(closure.outcome))
    _stand_at_closure(one, closure.asked_by)
    case_figures.count(CaseFigure.OUTCOME, closure.outcome)
    if is_first:
        case_figures.count(CaseFigure.AGE, closure.age_band)
    _move_request_on(one)
    audit.record(by, CLOSED, case_files.subject(one), closure=closure.id, outcome=closure.outcome)


def give_back(closure: CaseClosure, question: str, *, by: Staff) -> None:
    """Give a closure back with a question; the case goes on. Raises as `approve`, Refused where nothing is asked."""
    _require_decision(closure, by)
    said, fault = free_text.judge(question, case_work.MOST_REASON)
    if fault:
        raise Refused(("question", fault))
    closure.question = case_files.seal(QUESTION, said)
    closure.approved, closure.decided_by, closure.decided_at = False, by, clock.now()
    db.session.flush()
    audit.record(by, GAVE_BACK, case_files.subject(closure.case), closure=closure.id)


def reopen(one: VictimCase, reason: str, *, by: Staff) -> None:
    """Take a case up again that has ended, for a reason, which becomes a note. A closed one stands at its review then.

    Raises Refused without a reason, WrongState for one that is open or whose erasure is asked for.
    """
    if one.status not in CAN_END:
        raise WrongState(f"case {one.ref} has not ended")
    if db.session.scalar(select(CaseErasure.id).where(CaseErasure.case_id == one.id)) is not None:
        raise WrongState(f"the file of {one.ref} is to be erased")
    said, fault = free_text.judge(reason, case_work.MOST_REASON)
    if fault:
        raise Refused(("reason", fault))
    now = clock.now()
    undone = update(CaseClosure).where(CaseClosure.case_id == one.id, CaseClosure.undone_at.is_(None))
    db.session.execute(undone.where(CaseClosure.approved.is_(True)).values(undone_at=now))
    one.status, one.ended_at, one.keep_until, one.duplicate_of_id = CaseStatus.OPEN, None, None, None
    one.kept_by_id = None
    if one.step is CaseStep.CLOSURE:
        one.step = CaseStep.REVIEW
        db.session.add(CaseStepDone(case_id=one.id, step=one.step, begun_at=now))
    db.session.flush()
    if duty := case_work.DUTY.get(one.step):
        clocks.start(one, duty)
    case_notes.write(one, NoteKind.NOTE, Note(said=said), by=by)
    audit.record(by, REOPENED, case_files.subject(one))


def mark_duplicate(one: VictimCase, other_ref: str, *, by: Staff) -> VictimCase:
    """Say that a case is of the same child as another open one, which they may open too; return that one.

    Its people and notes stay with it; what came across the wall goes over. Raises Refused (`other`, code), WrongState
    while anything of it waits for somebody outside.
    """
    case_files.require_open(one)
    try:
        other = case_files.get_open(other_ref.strip().upper(), by=by)
    except (NotFound, WrongState) as fault:
        raise Refused(("other", "unknown")) from fault
    if other.id == one.id:
        raise Refused(("other", "same"))
    known = _facts(one, has_safe_contact=True)
    if known.open_referrals or known.open_packages:
        raise Refused(("other", "waits"))
    if waiting_of(one) is not None:
        take_back(one, by=by)
    db.session.execute(update(CaseLink).where(CaseLink.case_id == one.id).values(case_id=other.id))
    one.duplicate_of = other
    _end(one, CaseStatus.DUPLICATE)
    audit.record(by, DUPLICATE, case_files.subject(one), of=other.ref)
    return other


def _end(one: VictimCase, status: CaseStatus) -> None:
    one.status, one.ended_at = status, clock.now()
    one.keep_until, one.kept_by_id = keep_until(one), retention_policies.in_force().id
    db.session.flush()
    clocks.void(one)
    for consent in db.session.scalars(select(Consent).where(Consent.case_id == one.id, Consent.ended_at.is_(None))):
        clocks.void(consent, Duty.ASK_AGAIN)


def keep_until(one: VictimCase) -> date:
    """Return until which day the file of a case that has ended is kept, by the policy in force."""
    return retention_policies.day_of(one, retention_policies.term(retention_policies.in_force()))


def _stand_at_closure(one: VictimCase, officer: Staff) -> None:
    """Note the last step as done by whoever asked for it."""
    now = clock.now()
    undone = update(CaseStepDone).where(CaseStepDone.case_id == one.id, CaseStepDone.done_at.is_(None))
    db.session.execute(undone.values(done_at=now, done_by_id=officer.id))
    if one.step is not CaseStep.CLOSURE:
        one.step = CaseStep.CLOSURE
        last = CaseStepDone(case_id=one.id, step=one.step, begun_at=now, done_at=now, done_by_id=officer.id)
        db.session.add(last)
        db.session.flush()


def _move_request_on(one: VictimCase) -> None:
    """Close the request for help a case came from, where its officer has it in hand: they asked for this."""
    asked = one.help_request
    if asked is not None and asked.status is HelpStatus.TAKEN and asked.taken_by_id == one.officer_id:
        help_requests.close(asked, by=one.officer)


def _facts(one: VictimCase, *, has_safe_contact: bool) -> Facts:
    going = or_(Referral.status.in_(GOING), Referral.queued_at.is_not(None) & (Referral.status == ReferralStatus.DRAFT))
    return Facts(
        assessed=bool(needs_assessments.list_approved(one)) and needs_assessments.current(one) is None,
        open_referrals=_count(Referral, Referral.case_id == one.id, going),
        open_actions=_count(PlanAction, PlanAction.case_id == one.id, PlanAction.state == ActionState.OPEN),
        open_packages=_count(Identification, Identification.case_id == one.id, Identification.status.in_(WITH_POLICE)),
        standing_consents=_count(Consent, Consent.case_id == one.id, Consent.ended_at.is_(None)),
        has_safe_contact=has_safe_contact,
        taken_up=_count(Referral, Referral.case_id == one.id, Referral.status.in_(TAKEN_UP)) > 0,
    )


def _against(closure: CaseClosure) -> tuple[Check, ...]:
    """Return what of the list that was handed in the records contradict by now."""
    wrong = rules.contradicted(_facts(closure.case, has_safe_contact=True))
    stands = rules.read(closure.checklist)
    return tuple(check for check in rules.asked(closure.outcome) if check in stands & wrong)


def _of(one: VictimCase) -> Select[CaseClosure]:
    query = select(CaseClosure).where(CaseClosure.case_id == one.id).order_by(CaseClosure.id.desc())
    return query.options(joinedload(CaseClosure.asked_by), joinedload(CaseClosure.decided_by))


def _count(model: type[Model], *conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def _require_manager(by: Staff) -> None:
    if not by.has(Role.MANAGER):
        raise NotFound("no such closure")


def _require_decision(closure: CaseClosure, by: Staff) -> None:
    _require_manager(by)
    if closure.asked_by_id == by.id:
        raise Forbidden("another person answers")
    if closure.decided_at is not None or closure.case.status is not CaseStatus.OPEN:
        raise WrongState(f"closure {closure.id} is decided")
