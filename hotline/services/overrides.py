"""Telling a recipient although consent is missing: decided by name, and looked at by a second person within the limit.

The second person is another of victim support who may open the case, or a manager, who sees the reference, the
recipient, the ground and the reason, never the file. A danger now does not wait for them; everything else does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.consent import Override
from hotline.models.referral import Referral
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import consents as rules
from hotline.rules.consents import Reason
from hotline.services import audit, case_files, clocks, consents
from hotline.services.consents import REASON, To
from hotline.vocabulary import ConsentAnswer, Duty, OverrideBasis, OverrideDecision, Role

ROLES = (Role.VICTIM_SUPPORT, Role.MANAGER)
DECIDED, READ, REVIEWED = "decided without consent", "read a decision without consent", "looked at a decision"
MOST = 100
WHOM = (
    joinedload(Override.case),
    joinedload(Override.provider),
    joinedload(Override.unit),
    joinedload(Override.decided_by),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One decision in the list, and when the second person's time to look at it runs out."""

    row: Override
    due_at: datetime | None
    started_at: datetime | None


def decide(
    one: VictimCase, to: To, basis: OverrideBasis | None, reason: Reason, *, is_weighed: bool, by: Staff
) -> Override:
    """Decide, by name, that a recipient may be told of the victim although consent is missing.

    `is_weighed`: where the victim says no, that these words were weighed. Raises WrongState where consent is there,
    Refused by field.
    """
    stands = consents.standing(one, to)
    if stands.by_consent:
        raise WrongState("everybody who has to agree does: nothing is to be decided without them")
    file = case_files.opened(one)
    kept, wrong = rules.judge_reason(
        reason,
        basis=basis,
        names=rules.names_in(file, (person for _row, person in case_files.people(one))),
        is_refused=is_refused(one, to),
        is_weighed=is_weighed,
        age=consents.age_of(one),
        to_police=consents.is_police(to),
    )
    if wrong or basis is None:
        raise Refused(*wrong)
    made = Override(
        case_id=one.id,
        provider_id=None if consents.is_police(to) else to.id,
        unit_id=to.id if consents.is_police(to) else None,
        basis=basis,
        body=case_files.seal(REASON, rules.written(kept)),
        decided_by_id=by.id,
        decided_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    clocks.start(made, Duty.REVIEW_OVERRIDE)
    audit.record(by, DECIDED, case_files.subject(one), to=to.ref, basis=basis, decision=made.id)
    return made


def is_refused(one: VictimCase, to: To) -> bool:
    """Whether the victim's own answer about a recipient is no. Whoever calls is on record."""
    answers = consents.heard(one, to)
    return any(said.voice in rules.OWN_VOICES and said.answer is ConsentAnswer.DECLINES for said in answers)


def get(override_id: int, *, by: Staff) -> Override:
    """Return a decision: to managers any, to victim support those of cases they may open. Raises NotFound."""
    query = select(Override).join(Override.case).where(Override.id == override_id, _may_see(by))
    found: Override | None = db.session.scalar(query)
    if found is None:
        raise NotFound("no such decision")
    return found


def may_open(override: Override, *, by: Staff) -> bool:
    """Whether this person may open the case that a decision is about, and not the decision alone."""
    if not by.has(Role.VICTIM_SUPPORT):
        return False
    query = select(VictimCase.id).where(VictimCase.id == override.case_id, case_files.may_open(by, clock.now()))
    return db.session.scalar(query) is not None


def read(override: Override, *, by: Staff) -> Reason:
    """Open why somebody decided without consent; the read goes into the audit trail first."""
    audit.record_read(by, READ, case_files.subject(override.case), decision=override.id)
    return rules.read_reason(case_files.unseal(REASON, override.body))


def list_waiting(*, by: Staff) -> list[Waiting]:
    """Return the decisions that nobody has looked at yet, those decided first that wait the longest."""
    query = select(Override).join(Override.case).where(Override.decision.is_(None), _may_see(by))
    found = db.session.scalars(query.options(*WHOM).order_by(Override.id).limit(MOST))
    return [_waiting(row) for row in found]


def list_reviewed(*, by: Staff) -> Sequence[Override]:
    """Return the decisions that were looked at, the newest first."""
    query = select(Override).join(Override.case).where(Override.decision.is_not(None), _may_see(by))
    return db.session.scalars(query.options(*WHOM).order_by(Override.reviewed_at.desc()).limit(MOST)).all()


def count_waiting(*, by: Staff) -> int:
    """Return how many decisions wait for this person: never their own."""
    query = select(func.count()).select_from(Override).join(Override.case)
    query = query.where(Override.decision.is_(None), Override.decided_by_id != by.id, _may_see(by))
    return db.session.scalar(query) or 0


def review(override: Override, *, upheld: bool, by: Staff) -> list[Referral]:
    """Uphold or end what somebody else decided. Returns the letters that stop because it is ended.

    Raises Refused (`decision`, `same_person`) for whoever decided it, WrongState where it was looked at already.
    """
    if override.decision is not None:
        raise WrongState("somebody has looked at this decision already")
    if override.decided_by_id == by.id:
        raise Refused(("decision", "same_person"))
    override.decision = OverrideDecision.UPHELD if upheld else OverrideDecision.ENDED
    override.reviewed_by_id, override.reviewed_at = by.id, clock.now()
    db.session.flush()
    clocks.met(override, Duty.REVIEW_OVERRIDE)
    audit.record(by, REVIEWED, case_files.subject(override.case), decision=override.id, answer=str(override.decision))
    return [] if upheld else consents.stop_resting_on(override, by=by)


def proposes(age: int | None) -> tuple[OverrideBasis, ...]:
    """Return the grounds that a form offers for a victim of this age."""
    return rules.bases(age)


def _waiting(row: Override) -> Waiting:
    running = clocks.newest_of(row, Duty.REVIEW_OVERRIDE)
    return Waiting(row, running.due_at if running else None, running.started_at if running else None)


def _may_see(by: Staff) -> ColumnElement[bool]:
    if by.has(Role.MANAGER):
        return true()
    case_files.require(by)
    return case_files.may_open(by, clock.now())
