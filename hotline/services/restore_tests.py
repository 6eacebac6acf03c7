"""Restoring a backup as a test: what was restored, whether it worked, and how long it took."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.practice import DutyMark, StandingDuty
from hotline.models.protocol import RestoreTest
from hotline.models.staff import Staff
from hotline.rules import clear_words
from hotline.services import duties

KEY = "restore_test"
LONGEST_MINUTES = 7 * 24 * 60
COLUMNS = ("done_at", "worked", "what", "minutes", "noted_by")


@dataclass(frozen=True, slots=True)
class Evidence:
    """When a backup was last restored with success, and how many minutes that took; None where it never was."""

    worked_at: datetime | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """One test: what is noted at the duty, and how many minutes it took; None where that was not noted."""

    mark: DutyMark
    minutes: int | None


def duty(*, by: Staff) -> StandingDuty:
    """Return the duty itself, with who answers for it. Raises NotFound for people who may not see it."""
    return duties.get(KEY, by=by)


def record(*, what: str, minutes: int | None, worked: bool, done_at: datetime | None, by: Staff) -> None:
    """Note a test. Raises Refused((field, code), ...); Forbidden for people who keep no duty."""
    words, fault = clear_words.judge(what, duties.LONGEST_NOTE)
    wrong = [("what", fault)] if fault else []
    if minutes is None or not 1 <= minutes <= LONGEST_MINUTES:
        wrong.append(("minutes", "number"))
    if wrong:
        raise Refused(*wrong)
    duties.require_lately(done_at)
    mark = duties.mark(duty(by=by), worked=worked, note=words, done_at=done_at, by=by)
    db.session.flush()
    db.session.add(RestoreTest(mark_id=mark.id, minutes=minutes))


def history(*, by: Staff, most: int) -> list[Done]:
    """Return the tests, newest first."""
    marks = duties.history(duty(by=by), most=most)
    query = select(RestoreTest).where(RestoreTest.mark_id.in_([one.id for one in marks]))
    minutes = {one.mark_id: one.minutes for one in db.session.scalars(query)}
    return [Done(one, minutes.get(one.id)) for one in marks]


def evidence() -> Evidence:
    """Return when a backup was last restored, and how long it took."""
    query = select(DutyMark, RestoreTest.minutes).join(StandingDuty, StandingDuty.id == DutyMark.standing_id)
    query = query.join(RestoreTest, RestoreTest.mark_id == DutyMark.id, isouter=True)
    worked = query.where(StandingDuty.key == KEY, DutyMark.worked).order_by(DutyMark.done_at.desc(), DutyMark.id.desc())
    found = db.session.execute(worked.limit(1)).first()
    return Evidence(found[0].done_at, found[1]) if found else Evidence(None, None)


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the tests of a period, in the order of time. See `COLUMNS`."""
    if not by.has(*duties.READERS):
        raise NotFound("no tests")
    query = select(DutyMark, RestoreTest.minutes).join(StandingDuty, StandingDuty.id == DutyMark.standing_id)
    query = query.join(RestoreTest, RestoreTest.mark_id == DutyMark.id, isouter=True)
    period = StandingDuty.key == KEY, DutyMark.done_at >= since, DutyMark.done_at < until
    found = query.where(*period).order_by(DutyMark.done_at, DutyMark.id).options(joinedload(DutyMark.noted_by))
    for mark, minutes in db.session.execute(found):
        at, worked = mark.done_at.astimezone(UTC).isoformat(timespec="seconds"), "yes" if mark.worked else "no"
        yield at, worked, mark.note, str(minutes or ""), mark.noted_by.number
