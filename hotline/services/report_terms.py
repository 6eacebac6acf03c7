"""How long what reporters gave is kept: a manager wants a term, somebody else agrees, and the public site says it.

Nothing goes by itself until two people agreed once: before, nobody has decided, and the public site says so.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, joinedload

from hotline import clock
from hotline.errors import Forbidden, Overtaken, Refused
from hotline.extensions import db
from hotline.models.report_term import PublishedTerm, ReportTerm
from hotline.models.staff import Staff
from hotline.rules import case_work, free_text
from hotline.rules.report_retention import PAUSE, Term
from hotline.services import audit
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Role

READERS = (Role.MANAGER, Role.REVIEWER)
WANTED, AGREED, DECLINED = "wanted a term for reports", "agreed to a term for reports", "declined a term for reports"
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """What is in force (None: nobody has decided), what waits for another person, and what was said, newest first."""

    in_force: ReportTerm | None
    waiting: ReportTerm | None
    said: tuple[ReportTerm, ...]


def show(*, by: Staff) -> Terms:
    """Return how long things are kept, and who said so. Raises Forbidden."""
    if not by.has(*READERS):
        raise Forbidden("managers and reviewers see how long reports are kept")
    people = (joinedload(ReportTerm.made_by), joinedload(ReportTerm.decided_by))
    said = db.session.scalars(select(ReportTerm).options(*people).order_by(ReportTerm.id.desc()).limit(MOST_LISTED))
    return Terms(in_force(), waiting(), tuple(said))


def in_force() -> ReportTerm | None:
    """Return the newest term that two people agreed on; None where nobody has decided."""
    agreed = select(ReportTerm).where(ReportTerm.agreed.is_(True))
    return db.session.scalar(agreed.order_by(ReportTerm.id.desc()).limit(1))


def waiting() -> ReportTerm | None:
    """Return the term that waits for another person; None where none does."""
    undecided = select(ReportTerm).where(ReportTerm.decided_at.is_(None))
    return db.session.scalar(undecided.order_by(ReportTerm.id.desc()).limit(1))


def count_waiting(*, by: Staff) -> int:
    """Return how many terms wait for this person's word; what they asked for themselves waits for somebody else."""
    row = waiting()
    return int(row is not None and row.made_by_id != by.id and by.has(*READERS))


def of(row: ReportTerm) -> Term:
    """Return the days of a term."""
    return Term(row.contact_days, row.report_days)


def begins_at(row: ReportTerm) -> datetime:
    """Return from when on a term that was agreed on erases. Until then nothing goes, also not by the one before it."""
    assert row.decided_at is not None
    return row.decided_at + PAUSE


def want(wanted: Term, reason: str, *, by: Staff) -> ReportTerm:
    """Ask for a term. Raises Refused by field, Overtaken while another one waits, Forbidden."""
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager says how long reports are kept")
    if waiting() is not None:
        raise Overtaken("another term waits already")
    said, fault = free_text.judge(reason, case_work.MOST_REASON)
    if fault:
        raise Refused(("reason", fault))
    now_kept = in_force()
    if now_kept is not None and of(now_kept) == wanted:
        raise Refused(("reason", "nothing_new"))
    row = ReportTerm(
        contact_days=wanted.contact_days,
        report_days=wanted.report_days,
        reason=said,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, WANTED, _subject(row), contact_days=row.contact_days, report_days=row.report_days)
    return row


def agree(row_id: int, *, by: Staff) -> None:
    """Put the term that waits in force. Raises Forbidden for who asked for it, Overtaken where it waits no more."""
    row = _undecided(row_id)
    if not by.has(*READERS) or row.made_by_id == by.id:
        raise Forbidden("somebody else agrees")
    _decide(row, agreed=True, by=by)
    audit.record(by, AGREED, _subject(row))


def decline(row_id: int, *, by: Staff) -> None:
    """Leave it as it is; also whoever asked for a term may say so. Raises as `agree`."""
    row = _undecided(row_id)
    if not by.has(*READERS):
        raise Forbidden("managers and reviewers decide")
    _decide(row, agreed=False, by=by)
    audit.record(by, DECLINED, _subject(row))


def publish() -> bool:
    """Tell the public site what is in force, unless it says so already. Returns whether it was told."""
    row = in_force()
    wanted = of(row) if row is not None else None
    if published() == wanted:
        return False
    with apart(front_engine()) as session:
        session.execute(delete(PublishedTerm))
        if wanted is not None:
            days = {"contact_days": wanted.contact_days, "report_days": wanted.report_days}
            session.execute(insert(PublishedTerm), [{"id": 1, **days}])
    return True


def published() -> Term | None:
    """Return what the public site says; None where nobody has decided. For either surface. Raises StorageFull."""
    with Session(front_engine()) as session:
        row = session.get(PublishedTerm, 1)
        return Term(row.contact_days, row.report_days) if row is not None else None


def _undecided(row_id: int) -> ReportTerm:
    row = db.session.get(ReportTerm, row_id)
    if row is None or row.decided_at is not None:
        raise Overtaken("this term does not wait any more")
    return row


def _decide(row: ReportTerm, *, agreed: bool, by: Staff) -> None:
    row.decided_at, row.decided_by_id, row.agreed = clock.now(), by.id, agreed
    db.session.flush()


def _subject(row: ReportTerm) -> str:
    return f"report term {row.id}"
