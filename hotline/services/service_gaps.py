"""Needs for which there was no service: noted with their case, counted without it."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline import clock
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.referral import ServiceGap
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import referrals as rules
from hotline.services import audit, case_figures, case_files
from hotline.vocabulary import CaseFigure, Need

GAP = "case.gap"
NOTED, FOUND = "noted a missing service", "found a service after all"


@dataclass(frozen=True, slots=True)
class Missing:
    """A need for which there is no service yet, and what was noted about it; empty where nothing was."""

    gap: ServiceGap
    words: str


def list_open(one: VictimCase) -> list[Missing]:
    """Open what is missing in a case, the oldest first. Whoever calls has the read of the case on record."""
    query = select(ServiceGap).where(ServiceGap.case_id == one.id, ServiceGap.closed_at.is_(None))
    found = db.session.scalars(query.order_by(ServiceGap.id))
    return [Missing(gap, case_files.unseal(GAP, gap.body)) for gap in found]


def note(one: VictimCase, need: str, words: str, *, by: Staff) -> ServiceGap:
    """Note that no service fits a need. Raises Refused with all that is wrong."""
    kept, wrong = rules.judge_text("gap", words, rules.MOST_SAID, required=False)
    faults = list(wrong)
    if need not in set(Need):
        faults.append(("need", "required"))
    if faults:
        raise Refused(*faults)
    gap = ServiceGap(
        case_id=one.id,
        need=Need(need),
        province=case_files.opened(one).province,
        body=case_files.seal(GAP, kept),
        noted_at=clock.now(),
        noted_by_id=by.id,
    )
    db.session.add(gap)
    db.session.flush()
    case_figures.count(CaseFigure.GAP, need)
    audit.record(by, NOTED, case_files.subject(one), need=need)
    return gap


def close(one: VictimCase, gap_id: int, *, by: Staff) -> None:
    """Note that a service was found after all. The figure stays. Raises NotFound, and WrongState where it is so."""
    gap = db.session.get(ServiceGap, gap_id)
    if gap is None or gap.case_id != one.id:
        raise NotFound(f"no gap {gap_id}")
    if gap.closed_at is not None:
        raise WrongState(f"gap {gap_id} is closed")
    gap.closed_at = clock.now()
    audit.record(by, FOUND, case_files.subject(one), need=gap.need)
