"""Who may open a victim case beside its officer: it is shared, or opened for a reason; and into whose hands it goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseAccess, VictimCase
from hotline.rules import case_work, free_text
from hotline.services import audit, case_files, help_requests, plan_actions, staff
from hotline.vocabulary import CaseStatus, Role

REASON = "case.access"
SHARED, TOOK_BACK, FOR_REASON, HANDED = "shared", "took back access", "opened for a reason", "handed to another officer"
MOST = 50


@dataclass(frozen=True, slots=True)
class Given:
    """One time that a case was opened to somebody: the row, why, and whether it still stands."""

    row: CaseAccess
    reason: str
    stands: bool

    @property
    def is_own_doing(self) -> bool:
        """Whether they opened it themselves, for a reason."""
        return self.row.given_by_id == self.row.staff_id


def share(one: VictimCase, number: str, reason: str, *, until: datetime | None, by: Staff) -> None:
    """Let another person of victim support open a case, until a moment or until it is taken back.

    Only its officer shares it. Raises WrongState for anybody else, Refused with all that is wrong.
    """
    _require_officer(one, by)
    now, person = clock.now(), _colleague(number)
    said, fault = free_text.judge(reason, case_work.MOST_REASON)
    wrong: list[tuple[str, str]] = []
    if person is None or person.id == one.officer_id:
        wrong.append(("person", "required"))
    if fault:
        wrong.append(("reason", fault))
    if until is not None and not now < until <= now + case_work.LONGEST_SHARE:
        wrong.append(("until", "range"))
    if wrong or person is None:
        raise Refused(*wrong)
    _give(one, person, said, until=until, by=by)
    audit.record(by, SHARED, case_files.subject(one), person=person.number, open_end=until is None)


def take_back(one: VictimCase, access_id: int, *, by: Staff) -> None:
    """Let somebody open a case no more, however often it was opened to them; what they had to do in its plan goes to
    the officer. Who was given it may give it back too. Raises NotFound, WrongState.
    """
    row = db.session.get(CaseAccess, access_id)
    if row is None or row.case_id != one.id:
        raise NotFound(f"no access {access_id} to case {one.ref}")
    if by.id not in {one.officer_id, row.staff_id}:
        raise WrongState("only the officer takes it back")
    if _end(one, row.staff_id):
        audit.record(by, TOOK_BACK, case_files.subject(one), person=row.person.number)
        plan_actions.leave_to_officer(one, by=by)


def open_for_reason(ref: str, reason: str, *, by: Staff) -> VictimCase:
    """Open somebody else's case to oneself for a day, for a reason that its officer reads.

    Raises NotFound where there is none, Refused without a reason. Who may open it already is let in as they are.
    """
    one = find_closed_to(ref, by=by)
    said, fault = free_text.judge(reason, case_work.MOST_REASON)
    if fault:
        raise Refused(("reason", fault))
    until = clock.now() + case_work.OPENED_FOR
    _give(one, by, said, until=until, by=by)
    audit.record(by, FOR_REASON, case_files.subject(one), hours=case_work.OPENED_FOR // timedelta(hours=1))
    return one


def find_closed_to(ref: str, *, by: Staff) -> VictimCase:
    """Return a case that somebody else has. Raises NotFound, WrongState where `by` may open it already."""
    case_files.require(by)
    query = select(VictimCase).where(VictimCase.ref == ref, VictimCase.status != CaseStatus.ERASED)
    one = db.session.scalar(query.options(joinedload(VictimCase.officer)))
    if one is None:
        raise NotFound(f"no case {ref}")
    if may_open(one, by=by):
        raise WrongState(f"case {ref} is open to them")
    return one


def may_open(one: VictimCase, *, by: Staff) -> bool:
    """Whether `by` may open a case now."""
    if not by.has(Role.VICTIM_SUPPORT):
        return False
    given = select(VictimCase.id).where(VictimCase.id == one.id, case_files.may_open(by, clock.now()))
    return db.session.scalar(given) is not None


def list_given(one: VictimCase, *, most: int = MOST) -> list[Given]:
    """Return to whom a case was opened, newest first. Whoever calls has the read of the case on record."""
    now = clock.now()
    query = select(CaseAccess).where(CaseAccess.case_id == one.id).options(joinedload(CaseAccess.person))
    rows = db.session.scalars(query.order_by(CaseAccess.id.desc()).limit(most))
    return [
        Given(row, case_files.unseal(REASON, row.reason), row.until_at is None or row.until_at > now) for row in rows
    ]


def count_people(one: VictimCase) -> int:
    """Return how many people can open a case: its officer and to whom it is open now."""
    stands = or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > clock.now())
    query = select(func.count(CaseAccess.staff_id.distinct())).where(CaseAccess.case_id == one.id, stands)
    return 1 + (db.session.scalar(query.where(CaseAccess.staff_id != one.officer_id)) or 0)


def list_opened_by_others(*, by: Staff) -> list[CaseAccess]:
    """Return who has opened a case of this officer for a reason, where that still stands, newest first."""
    query = (
        select(CaseAccess)
        .join(VictimCase, VictimCase.id == CaseAccess.case_id)
        .where(VictimCase.officer_id == by.id, CaseAccess.staff_id == CaseAccess.given_by_id)
        .where(CaseAccess.until_at > clock.now())
        .options(joinedload(CaseAccess.person), joinedload(CaseAccess.case))
    )
    return list(db.session.scalars(query.order_by(CaseAccess.id.desc()).limit(MOST)))


def list_colleagues(one: VictimCase | None = None) -> list[Staff]:
    """Return whose hands a case may go into or be shared with: victim support, but the officer of `one`."""
    return [
        person
        for person in staff.list_staff()
        if person.active and person.has(Role.VICTIM_SUPPORT) and (one is None or person.id != one.officer_id)
    ]


def hand_over(one: VictimCase, number: str, *, by: Staff) -> Staff:
    """Put a case into another officer's hands: its officer does it, or a manager by the reference alone.

    The request for help it came from goes with it, and what of the plan the officer before may not open any more.

    Raises WrongState for anybody else, Refused where nobody of victim support is named.
    """
    if not by.has(Role.MANAGER):
        _require_officer(one, by)
    person = _colleague(number)
    if person is None or person.id == one.officer_id:
        raise Refused(("officer", "required"))
    before, one.officer_id = one.officer_id, person.id
    _end(one, person.id)  # it is theirs now
    db.session.flush()
    db.session.expire(one, ["officer"])
    audit.record(by, HANDED, case_files.subject(one), person=person.number, by_manager=by.id != before)
    if one.help_request is not None:
        help_requests.go_with_case(one.help_request, person, by=by)
    plan_actions.leave_to_officer(one, by=by)
    return person


def _end(one: VictimCase, staff_id: int) -> bool:
    """End each time a case stands open to somebody; return whether it did."""
    now = clock.now()
    query = select(CaseAccess).where(CaseAccess.case_id == one.id, CaseAccess.staff_id == staff_id)
    standing = db.session.scalars(query.where(or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > now))).all()
    for row in standing:
        row.until_at = now
    db.session.flush()
    return bool(standing)


def _give(one: VictimCase, person: Staff, reason: str, *, until: datetime | None, by: Staff) -> None:
    db.session.add(
        CaseAccess(
            case_id=one.id,
            staff_id=person.id,
            reason=case_files.seal(REASON, reason),
            given_by_id=by.id,
            given_at=clock.now(),
            until_at=until,
        )
    )
    db.session.flush()


def _colleague(number: str) -> Staff | None:
    return next((one for one in list_colleagues() if one.number == number), None)


def _require_officer(one: VictimCase, by: Staff) -> None:
    if one.officer_id != by.id:
        raise WrongState(f"case {one.ref} is another officer's")
