"""How long files of victims are kept: policies in versions, what a new one would change, and the day that follows.

The day a file goes is stored in clear at its case, so that the sweeper, which opens no file, can keep to it. A new
policy counts from the moment it is published. The days of ended cases are moved after that, a few in a transaction, so
that nobody waits for it; killed in between, `move_days` goes on. Beside its day each case keeps by which policy it was
worked out, and the sweeper erases by a day of the policy in force alone: in between, a file whose day was not moved yet
stays, whatever its old day says. So none goes earlier than the policy in force allows.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ScalarSelect, Select, func, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, KeyMissing, Overtaken, Refused, Unreadable
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import RetentionPolicy, VictimCase
from hotline.rules import case_work, free_text, retention, victim_files
from hotline.rules.retention import Kept, Term
from hotline.services import audit, case_files
from hotline.transactions import writing
from hotline.vocabulary import CaseStatus, Role

PUBLISHED = "put retention policy in force"
SOON = timedelta(days=30)
ENDED = (CaseStatus.CLOSED, CaseStatus.TRANSFERRED, CaseStatus.DUPLICATE)
BATCH = 500  # files in memory at a time
MOVED = "moved the days of files"
MOVED_AT_ONCE = 100  # files in one transaction; they are opened before it begins
BUDGET = 20.0  # seconds after which no further transaction is begun: a page must not wait for ever


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


def newest() -> ScalarSelect[int]:
    """Return the id of the policy in force, as a part of a query."""
    return select(func.max(RetentionPolicy.id)).scalar_subquery()


def count_behind() -> int:
    """Return how many files of ended cases still have the day of an earlier policy."""
    return (
        db.session.scalar(select(func.count()).select_from(_behind().with_only_columns(VictimCase.id).subquery())) or 0
    )


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
    """Put a policy in force; `move_days` gives every file its new day after that. `based_on` is what the form showed.

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
    audit.record(by, PUBLISHED, f"retention policy {row.id}", years=row.years)
    return row


def put_in_force(wanted: Term, reason: str, *, based_on: int | None, by: Staff) -> RetentionPolicy:
    """Publish a policy in a transaction of its own, and give every file its new day in short ones. As `publish`."""
    with writing():
        row = publish(wanted, reason, based_on=based_on, by=by)
    move_days(by=by)
    return row


def move_days(*, by: Staff) -> int:
    """Give files of ended cases their day by the policy in force, in short transactions. Returns how many got one.

    It ends after `BUDGET` seconds; whoever calls looks at `count_behind` and goes on. Safe to be killed, and to run
    twice at once. It needs the key to files, so the desk does it, not the sweeper.
    """
    _require_manager(by)
    policy, count, over = in_force(), 0, time.monotonic() + BUDGET
    wanted, number = term(policy), policy.id
    while time.monotonic() < over and (found := db.session.scalars(_behind().limit(MOVED_AT_ONCE)).all()):
        days = {one.id: (one.ended_at, day_of(one, wanted)) for one in found}  # opened before the transaction begins
        with writing():
            if in_force().id != number:
                break  # another policy came meanwhile: whoever published it moves the days
            still = _behind().where(VictimCase.id.in_(days)).with_only_columns(VictimCase.id, VictimCase.ended_at)
            same = [one for one, ended_at in db.session.execute(still) if days[one][0] == ended_at]
            fresh = [{"id": one, "keep_until": days[one][1], "kept_by_id": number} for one in same]
            if fresh:
                db.session.execute(update(VictimCase), fresh)
        count += len(same)
    if count:
        with writing():
            audit.record(by, MOVED, f"retention policy {number}", files=count)
    return count


def _behind() -> Select[VictimCase]:
    other = or_(VictimCase.kept_by_id.is_(None), VictimCase.kept_by_id != newest())
    return select(VictimCase).where(VictimCase.status.in_(ENDED), other).order_by(VictimCase.id)


def _ended() -> Iterator[VictimCase]:
    query = select(VictimCase).where(VictimCase.status.in_(ENDED)).order_by(VictimCase.id)
    return iter(db.session.scalars(query.execution_options(yield_per=BATCH)))


def _require_manager(by: Staff) -> None:
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager says how long files are kept")
