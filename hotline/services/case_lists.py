"""Lists of victim cases: one's own and those shared, all of them by reference, found ones, and who has how many.

Each page asks a few indexes for a few rows, however many cases there are. What names a case is opened only to people
who may open its file, and that a list was shown is in the audit trail first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select, tuple_, type_coerce
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseAccess, CaseName, VictimCase
from hotline.rules import refs
from hotline.services import audit, case_files, victim_cases
from hotline.vocabulary import CaseStatus, CaseStep, Risk, Role, Subject

PAGE = 50
MOST_FOUND = 50
LISTED, SEARCHED, SUBJECT = "listed", "searched by name", "victim cases"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows. `everybodys` are all cases, others' too: by reference, step and risk, never more."""

    everybodys: bool = False
    status: CaseStatus = CaseStatus.OPEN
    risk: Risk | None = None
    step: CaseStep | None = None
    officer: str = ""  # a number, such as `A-04`
    after: str = ""  # the reference that ended the page before


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line: the case, what the team calls it (None where it is not theirs to open), and the clock that is first."""

    case: VictimCase
    code_name: str | None
    due_at: datetime | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some rows, and the reference after which the next page begins (empty at the end)."""

    rows: list[CaseRow]
    next: str


@dataclass(frozen=True, slots=True)
class Load:
    """How many open cases one officer has, of these at high risk, and how many with a clock that has run out."""

    officer: Staff
    open: int
    high: int
    late: int


def list_page(wanted: Wanted, *, by: Staff) -> CasePage:
    """Return cases by risk, the highest first, then in the order they came. Raises Refused for a place nobody knows."""
    case_files.require(by)
    found = _everybodys(wanted) if wanted.everybodys else _own(wanted, by)
    rows = _rows(found[:PAGE], by=by)
    named = sum(row.code_name is not None for row in rows)
    if named:
        audit.record_read(by, LISTED, SUBJECT, count=named)
    return CasePage([_opened(row) for row in rows], rows[-1].case.ref if len(found) > PAGE else "")


def list_managed(wanted: Wanted, *, by: Staff) -> CasePage:
    """Return open cases for whoever shares out the work: by reference alone, whoever asks, so nothing is opened."""
    found = _everybodys(replace(wanted, status=CaseStatus.OPEN))
    rows = [replace(row, code_name=None) for row in _rows(found[:PAGE], by=None)]
    return CasePage(rows, rows[-1].case.ref if len(found) > PAGE else "")


def find(typed: str, *, by: Staff) -> list[CaseRow]:
    """Return the case with a reference, or those that `by` may open in which a child bears a name, however spelled.

    Another's case is found by its reference alone. Only inside a transaction that commits: a search by name, and what
    it shows, is in the audit trail. Raises Refused where nothing was typed.
    """
    case_files.require(by)
    asked = typed.strip()
    if not asked:
        raise Refused(("q", "required"))
    query = select(VictimCase).where(VictimCase.status != CaseStatus.ERASED).options(joinedload(VictimCase.officer))
    ref = asked.upper()
    if refs.is_one(ref, "VC"):
        query = query.where(VictimCase.ref == ref)
    else:
        named = select(CaseName.case_id).where(CaseName.name_index == victim_cases.mark_of(asked))
        query = query.where(VictimCase.id.in_(named), case_files.may_open(by, clock.now()))
        query = query.order_by(VictimCase.risk, VictimCase.id).limit(MOST_FOUND)
    rows = _rows(db.session.scalars(query).all(), by=by)
    if not refs.is_one(ref, "VC"):
        audit.record(by, SEARCHED, SUBJECT, count=len(rows))
    elif any(row.code_name is not None for row in rows):
        audit.record(by, LISTED, SUBJECT, count=1)
    return [_opened(row) for row in rows]


def list_mine(*, by: Staff, most: int) -> CasePage:
    """Return one's own open cases for the first page of the desk, by reference: nothing of them is opened."""
    found = db.session.scalars(_ordered(Wanted(), VictimCase.officer_id == by.id).limit(most + 1)).all()
    rows = [replace(row, code_name=None) for row in _rows(found[:most], by=None)]
    return CasePage(rows, rows[-1].case.ref if len(found) > most else "")


def list_due(*, by: Staff, most: int) -> list[tuple[VictimCase, Clock]]:
    """Return the clocks of one's own open cases that run out first, soonest first. Nothing is opened."""
    mine = select(VictimCase.id).where(VictimCase.officer_id == by.id, VictimCase.status == CaseStatus.OPEN)
    running = select(Clock).where(Clock.subject == Subject.VICTIM_CASE, Clock.subject_id.in_(mine))
    running = running.where(Clock.ended_at.is_(None), Clock.paused_at.is_(None))
    found = db.session.scalars(running.order_by(Clock.due_at, Clock.id).limit(most)).all()
    query = select(VictimCase).where(VictimCase.id.in_([one.subject_id for one in found]))
    cases = {one.id: one for one in db.session.scalars(query)}
    return [(cases[one.subject_id], one) for one in found]


def count_mine(*, by: Staff) -> int:
    """Return how many open cases are in a person's hands."""
    mine = select(func.count()).select_from(VictimCase).where(VictimCase.officer_id == by.id)
    return db.session.scalar(mine.where(VictimCase.status == CaseStatus.OPEN)) or 0


def list_loads() -> list[Load]:
    """Return who has how many open cases: all of victim support, and whoever has any though the account is closed."""
    people = db.session.scalars(select(Staff).order_by(Staff.id)).all()  # by officer: the index holds all that is asked
    counted = (
        select(VictimCase.officer_id, VictimCase.risk, func.count())
        .where(VictimCase.officer_id.in_([one.id for one in people]), VictimCase.status == CaseStatus.OPEN)
        .group_by(VictimCase.officer_id, VictimCase.risk)
    )
    held: dict[int, dict[int, int]] = {}
    for officer_id, risk, count in db.session.execute(counted):
        held.setdefault(officer_id, {})[risk] = count
    late = _late_by_officer()
    return [
        Load(one, sum(risks.values()), risks.get(Risk.HIGH, 0), late.get(one.id, 0))
        for one in people
        if (risks := held.get(one.id, {})) or (one.active and one.has(Role.VICTIM_SUPPORT))
    ]


def _late_by_officer() -> dict[int, int]:
    """Return how many open cases of each officer have a clock that has run out."""
    subject = type_coerce(Clock.subject, String).concat("")  # SQLite would read every clock there is by its subject
    late = (
        select(VictimCase.officer_id, func.count(VictimCase.id.distinct()))
        .join(Clock, Clock.subject_id == VictimCase.id)
        .where(subject == str(Subject.VICTIM_CASE), Clock.ended_at.is_(None), Clock.paused_at.is_(None))
        .where(Clock.due_at < clock.now(), VictimCase.status == CaseStatus.OPEN)
        .group_by(VictimCase.officer_id)
    )
    return {officer_id: count for officer_id, count in db.session.execute(late)}  # noqa: C416 -- typed rows


def _everybodys(wanted: Wanted) -> Sequence[VictimCase]:
    return db.session.scalars(_ordered(wanted).limit(PAGE + 1)).all()


def _own(wanted: Wanted, by: Staff) -> list[VictimCase]:
    """Return one's own cases and those that are open to one, in one order; each by the index made for it."""
    stands = or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > clock.now())
    given = db.session.scalars(select(CaseAccess.case_id).where(CaseAccess.staff_id == by.id, stands)).all()
    mine = db.session.scalars(_ordered(wanted, VictimCase.officer_id == by.id).limit(PAGE + 1)).all()
    opened = and_(VictimCase.id.in_(given), VictimCase.officer_id != by.id)
    shared = db.session.scalars(_ordered(wanted, opened).limit(PAGE + 1)).all() if given else []
    return sorted((*mine, *shared), key=lambda one: (one.risk, one.id))


def _ordered(wanted: Wanted, *which: ColumnElement[bool]) -> Select[VictimCase]:
    query = select(VictimCase).where(VictimCase.status == wanted.status, *which)
    query = query.options(joinedload(VictimCase.officer)).order_by(VictimCase.risk, VictimCase.id)
    if wanted.risk is not None:
        query = query.where(VictimCase.risk == wanted.risk)
    if wanted.step is not None:
        query = query.where(VictimCase.step == wanted.step)
    if wanted.officer:
        query = query.where(VictimCase.officer_id.in_(select(Staff.id).where(Staff.number == wanted.officer)))
    if wanted.after:
        query = query.where(tuple_(VictimCase.risk, VictimCase.id) > _place(wanted.after))
    return query


def _place(ref: str) -> tuple[int, int]:
    found = db.session.execute(select(VictimCase.risk, VictimCase.id).where(VictimCase.ref == ref)).one_or_none()
    if found is None:
        raise Refused(("after", "unknown"))
    return found[0], found[1]


def _rows(found: Iterable[VictimCase], *, by: Staff | None) -> list[CaseRow]:
    """Return lines with their first clocks. Those of cases that `by` may open have an empty name until it is opened."""
    cases = list(found)
    ids = [one.id for one in cases]
    running = select(Clock.subject_id, Clock.due_at, Clock.started_at).where(
        Clock.subject == Subject.VICTIM_CASE,
        Clock.subject_id.in_(ids),
        Clock.ended_at.is_(None),
        Clock.paused_at.is_(None),
    )
    first: dict[int, tuple[datetime, datetime]] = {}
    for case_id, due_at, since in db.session.execute(running.order_by(Clock.due_at.desc())):
        first[case_id] = due_at, since
    open_to: set[int] = set()
    if by is not None and ids:
        may = select(VictimCase.id).where(VictimCase.id.in_(ids), case_files.may_open(by, clock.now()))
        open_to = set(db.session.scalars(may))
    return [
        CaseRow(one, "" if one.id in open_to and one.file else None, *first.get(one.id, (None, None))) for one in cases
    ]


def _opened(row: CaseRow) -> CaseRow:
    return row if row.code_name is None else replace(row, code_name=case_files.opened(row.case).code_name)
