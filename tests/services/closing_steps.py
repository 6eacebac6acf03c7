"""Ended cases that several tests need. Their tests ask for the fixture `support`."""

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseClosure, VictimCase
from hotline.rules.case_closing import BY_PERSON
from hotline.services import case_closing, staff
from hotline.transactions import writing
from hotline.vocabulary import CaseOutcome, Language, Role
from tests.services import case_steps, needs_steps


def boss(name: str = "boss", *more: Role) -> Staff:
    """Return a manager; they are added where nobody has the name."""
    known = db.session.scalar(select(Staff).where(Staff.name == name))
    if known is None:
        with writing():
            roles = (Role.MANAGER, *more)
            known = staff.add(name, case_steps.PASSWORD, roles, language=Language.EN, by=None, must_change=False)
    return known


def asked(one: VictimCase, outcome: CaseOutcome = CaseOutcome.DECLINED, reason: str = "") -> CaseClosure:
    """Ask to close a case, with everything ticked that a person ticks."""
    with writing():
        return case_closing.ask(one, outcome, BY_PERSON, reason, by=one.officer)


def closed(one: VictimCase | None = None, outcome: CaseOutcome = CaseOutcome.DECLINED) -> VictimCase:
    """Close a case: its officer asks, a manager approves."""
    one = one or case_steps.a_case()
    closure, manager = asked(one, outcome), boss()
    with writing():
        case_closing.approve(closure, by=manager)
    return one


def met(one: VictimCase) -> VictimCase:
    """Close a case whose needs were looked at again."""
    needs_steps.approved(one)
    return closed(one, CaseOutcome.NEEDS_MET)
