"""The demo's clocks as in an ordinary week: most in time, a few late, one standing still."""

import random
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.services import clocks, staff
from hotline.transactions import writing
from hotline.vocabulary import PauseReason, Role, Subject

LATE = 3  # so many clocks stay late
MINUTE = timedelta(minutes=1)


def spread() -> None:
    """Move limits that lie behind, in the caller's transaction: the demo's reports came over days."""
    chance = random.Random(LATE)  # noqa: S311 -- invented, and the same each time
    now = clock.now()
    behind = select(Clock).where(Clock.ended_at.is_(None), Clock.due_at < now).order_by(Clock.due_at.desc(), Clock.id)
    for one in db.session.scalars(behind).all()[LATE:]:
        left = chance.randrange(10, (one.due_at - one.started_at) // MINUTE) * MINUTE
        one.started_at, one.due_at = one.started_at + (now + left - one.due_at), now + left
        one.next_at = one.due_at
    for item in db.session.scalars(select(Item)):
        clocks.keep_due(item)


def fill() -> None:
    """Let one clock stand still."""
    first = select(Clock).where(Clock.subject == Subject.ITEM, Clock.ended_at.is_(None), Clock.due_at > clock.now())
    with writing():
        waits = db.session.scalar(first.order_by(Clock.due_at.desc()).limit(1))
        by = next((one for one in staff.list_staff() if one.active and one.has(Role.ANALYST)), None)
        if waits and by:
            clocks.pause(waits, PauseReason.PARTNER, by=by)
