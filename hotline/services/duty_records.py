"""What became of the duties of the code of practice in a period, for the evidence pack: references, days, no words."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.staff import Staff
from hotline.rules.clocks import OF_PRACTICE
from hotline.services import duties, duty_names
from hotline.vocabulary import ClockEnd, Duty

BATCH = 500  # names asked for at once
BATCH = 500  # names asked for at once
COLUMNS = ("ended_at", "duty", "what", "due_at", "ended", "owner")


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield what `COLUMNS` name of each duty that ended in a period, or ran out before its end and was still not done.

    `ended` says how it ended (`met`, `missed`, `void`), or that it has not (`late`, `paused`). People are numbers; an
    owner who left is empty.
    """
    if not by.has(*duties.READERS):
        raise NotFound("no duties")
    for duty in Duty:
        if duty not in OF_PRACTICE:
            continue
        ended = select(Clock).where(Clock.duty == duty, Clock.ending.in_(list(ClockEnd)))
        open_ = select(Clock).where(Clock.duty == duty, Clock.ending.is_(None))
        yield from _rows(ended.where(Clock.ended_at >= since, Clock.ended_at < until))
        yield from _rows(ended.where(Clock.ended_at >= until, Clock.due_at < until))
        yield from _rows(open_.where(Clock.due_at < until))


def _rows(query: Select[Clock]) -> Iterator[tuple[str, ...]]:
    found = db.session.scalars(query.order_by(Clock.due_at, Clock.id).options(joinedload(Clock.owner))).all()
    for some in (found[begin : begin + BATCH] for begin in range(0, len(found), BATCH)):
        names = duty_names.named(some)
        for one in some:
            thing = names.get((one.subject, one.subject_id))
            how = one.ending or ("paused" if one.paused_at else "late")
            owner = one.owner.number if one.owner else ""
            yield _at(one.ended_at), one.duty, thing.ref if thing else "", _at(one.due_at), how, owner


def _at(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
