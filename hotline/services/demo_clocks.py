"""The demo's clocks as in an ordinary week: most in time, a few late, one standing still."""

import random
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.services import clock_pauses, clocks, staff
from hotline.transactions import writing
from hotline.vocabulary import PauseReason, Role, Subject

LATE = 3  # so many clocks stay late
SOONEST = 10  # minutes that a moved clock has left at least
MINUTE = timedelta(minutes=1)


def spread() -> None:
    """Move limits of items that lie behind, in the caller's transaction: the demo's reports came over days.

    What runs for anything else is left alone, and so is a limit that has no room to be moved in.
    """
    chance = random.Random(LATE)  # noqa: S311 -- invented, and the same each time
    now = clock.now()
    behind = select(Clock).where(Clock.subject == Subject.ITEM, Clock.ended_at.is_(None), Clock.due_at < now)
    for one in db.session.scalars(behind.order_by(Clock.due_at.desc(), Clock.id)).all()[LATE:]:
        whole = (one.due_at - one.started_at) // MINUTE
        if whole <= SOONEST:
            continue
        left = chance.randrange(SOONEST, whole) * MINUTE
        one.started_at, one.due_at = one.started_at + (now + left - one.due_at), now + left
        one.next_at = one.due_at
    for item in db.session.scalars(select(Item)):
        clocks.keep_due(item)


def fill() -> None:
    """Let one clock of an item stand still, where none does."""
    of_items = select(Clock).where(Clock.subject == Subject.ITEM, Clock.ended_at.is_(None))
    with writing():
        if db.session.scalar(of_items.where(Clock.paused_at.is_not(None)).limit(1)) is not None:
            return
        waits = db.session.scalar(of_items.where(Clock.due_at > clock.now()).order_by(Clock.due_at.desc()).limit(1))
        by = next((one for one in staff.list_staff() if one.active and one.has(Role.ANALYST)), None)
        if waits and by:
            clock_pauses.pause(waits, PauseReason.PARTNER, by=by)
