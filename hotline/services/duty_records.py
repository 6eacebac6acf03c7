"""What became of the duties of the code of practice in a period, for the evidence pack: references, days, no words."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.staff import Staff
from hotline.rules.clocks import OF_PRACTICE
from hotline.services import duties, duty_names
from hotline.vocabulary import ClockEnd, Duty

COLUMNS = ("ended_at", "duty", "what", "due_at", "ended", "owner")


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield each duty that was done, in time or too late, in a period, by duty and moment: what `COLUMNS` name.

    People are numbers; an owner who left is empty.
    """
    if not by.has(*duties.READERS):
        raise NotFound("no duties")
    for duty in Duty:
        if duty not in OF_PRACTICE:
            continue
        done = select(Clock).where(Clock.duty == duty, Clock.ending.in_([ClockEnd.MET, ClockEnd.MISSED]))
        period = done.where(Clock.ended_at >= since, Clock.ended_at < until).order_by(Clock.ended_at, Clock.id)
        found = db.session.scalars(period.options(joinedload(Clock.owner))).all()
        names = duty_names.named(found)
        for one in found:
            thing = names.get((one.subject, one.subject_id))
            owner = one.owner.number if one.owner else ""
            yield _at(one.ended_at), duty, thing.ref if thing else "", _at(one.due_at), one.ending or "", owner


def _at(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
