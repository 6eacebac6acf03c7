"""How long files of victims are kept: policies in versions, what a new one would change, and the day that follows.

The day a file goes is stored in clear at its case, so that the sweeper, which opens no file, can keep to it. A new
policy moves the days of all ended cases in the transaction that brings it: no file goes by one that holds no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, KeyMissing, Overtaken, Refused, Unreadable
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import RetentionPolicy, VictimCase
from hotline.rules import case_work, free_text, retention, victim_files
from hotline.rules.retention import Kept, Term
from hotline.services import audit, case_files
from hotline.vocabulary import CaseStatus, Role

PUBLISHED = "put retention policy in force"
SOON = timedelta(days=30)
ENDED = (CaseStatus.CLOSED, CaseStatus.TRANSFERRED, CaseStatus.DUPLICATE)
BATCH = 500  # files in memory at a time


@dataclass(frozen=True, slots=True)
class Preview:
    """What a policy would mean. `soon` are due within 30 days, those that are due by now among them."""

    ended: int
    soon: int
    soon_now: int  # the same by the policy in force
    earlier: int  # files that would go earlier than now
    later: int


def in_force() -> RetentionPolicy:
    """Return the policy in force. One came with the portal."""
    return list_all()[0]


def list_all() -> list[RetentionPolicy]:
    """Return every policy, the newest first."""
    query = select(RetentionPolicy).options(joinedload(RetentionPolicy.made_by)).order_by(RetentionPolicy.id.desc())
    return list(db.session.scalars(query))


def term(policy: RetentionPolicy) -> Term:
    """Return how long a policy keeps a file."""
    return Term(policy.years, policy.until_age)


def day_of(one: VictimCase, kept: Term) -> date:
    """Return until which day the file of a case that has ended is kept. Opens it for its age alone.

    A file that does not open counts as a newborn's: it is kept the longest.
    """
    assert one.ended_at is not None
    ended_on = one.ended_at.astimezone(jurisdiction.current().zone).date()
    try:
        file = case_files.opened(one)
    except (KeyMissing, Unreadable):
        return retention.keep_until(Kept(ended_on, None, None), kept)
    born, age = victim_files.born_on(file), victim_files.age(file, ended_on)
    return retention.keep_until(Kept(ended_on, born, age), kept)


def preview(wanted: Term, *, by: Staff) -> Preview:
    """Return what a policy would change. Nothing is kept, and no file is shown."""
    _require_manager(by)
    until = jurisdiction.today() + SOON
    days = [(one.keep_until or date.max, day_of(one, wanted)) for one in _ended()]
    return Preview(
        ended=len(days),
        soon=sum(after <= until for _before, after in days),
        soon_now=sum(before <= until for before, _after in days),
        earlier=sum(after < before for before, after in days),
        later=sum(after > before for before, after in days),
    )


def publish(wanted: Term, reason: str, *, based_on: int | None, by: Staff) -> RetentionPolicy:
    """Put a policy in force, and move the day of every case that has ended. `based_on` is the one the form showed.

    Raises Refused by field, also where nothing differs (`reason`, "nothing_new"); Overtaken where another came
    meanwhile.
    """
    _require_manager(by)
    last = in_force()
    if last.id != based_on:
        raise Overtaken(f"retention policy {last.id} is newer")
    said, fault = free_text.judge(reason, case_work.MOST_REASON)
    if fault:
        raise Refused(("reason", fault))
    if term(last) == wanted:
        raise Refused(("reason", "nothing_new"))
    now = clock.now()
    row = RetentionPolicy(
        years=wanted.years, until_age=wanted.until_age, valid_from=now, made_at=now, made_by=by, reason=said
    )
    db.session.add(row)
    db.session.flush()
    moved = [{"id": one.id, "keep_until": day} for one in _ended() if (day := day_of(one, wanted)) != one.keep_until]
    if moved:
        db.session.execute(update(VictimCase), moved)
    audit.record(by, PUBLISHED, f"retention policy {row.id}", years=row.years, files=len(moved))
    return row


def _ended() -> Iterator[VictimCase]:
    query = select(VictimCase).where(VictimCase.status.in_(ENDED)).order_by(VictimCase.id)
    return iter(db.session.scalars(query.execution_options(yield_per=BATCH)))


def _require_manager(by: Staff) -> None:
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager says how long files are kept")
