"""A round of the sweeper through the clocks: reminders and breaches are marked, and what follows by itself is begun."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import Select, select

from hotline import clock, outbox
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.rules import clocks as rules
from hotline.services import audit, clocks, follow_ups
from hotline.transactions import writing
from hotline.vocabulary import Duty, Subject

BATCH = 50  # clocks marked in one transaction: people wait no longer than that for their turn to write
MOST_BATCHES = 40  # in one round of the sweeper: the inbox must not stand still behind it
RUN_OUT = {Duty.REMOVE: follow_ups.FOLLOW_UP}  # what is done at once, by itself, when a duty's time has run out
_LOOKED_THROUGH = "hotline.clocks.looked_through"


def sweep_due() -> int:
    """Mark reminders and breaches that are due, in small batches; a breach of an item's stands in its timeline.

    Safe to run at any time. Returns how many were marked; what a round leaves is marked in the next.
    """
    marked = 0
    for _batch in range(MOST_BATCHES):
        if db.session.scalar(due().with_only_columns(Clock.id).limit(1)) is None:
            break  # nearly always: nobody has to wait for a round that writes nothing
        with writing():
            found = db.session.scalars(due().limit(BATCH)).all()
            mark(found)
        marked += len(found)
    _start_missing()
    return marked


def due() -> Select[Clock]:
    """Return the query for the clocks that a round has to look at, longest due first."""
    return select(Clock).where(Clock.next_at < clock.now()).order_by(Clock.next_at, Clock.id)


def mark(found: Sequence[Clock]) -> None:
    """Note at each of these clocks that its reminder is due, or that it has run out."""
    now = clock.now()
    over = [one for one in found if rules.is_over(now, one.due_at)]
    for one in found:
        if one in over:
            one.breached_at, one.next_at = one.due_at, None
        else:
            one.reminded_at, one.next_at = now, one.due_at
    of_items = [one for one in over if one.subject is Subject.ITEM]
    named = select(Item.id, Item.ref).where(Item.id.in_([one.subject_id for one in of_items]))
    refs = dict(db.session.execute(named).all())
    for one in of_items:
        audit.record(None, "clock ran out", f"item {refs[one.subject_id]}", duty=one.duty)
    for duty, job in RUN_OUT.items():
        outbox.put(db.session(), job, *(one.subject_id for one in over if one.duty is duty))


def _start_missing() -> None:
    """Begin the clocks of items that were open before there were clocks, from this moment on: once in each process.

    In small batches and at most so many in a round; what a round leaves is begun in the next.
    """
    known = current_app.extensions
    for _batch in range(MOST_BATCHES):
        last = known.get(_LOOKED_THROUGH, 0)
        if last is None:
            return
        found = db.session.scalars(_without_clock(last).with_only_columns(Item.id).limit(BATCH)).all()
        with writing():
            for item in db.session.scalars(_without_clock(last).where(Item.id.in_(found))) if found else ():
                clocks.start(item, *clocks.DUTIES[item.status])
        known[_LOOKED_THROUGH] = found[-1] if found else None


def _without_clock(last: int) -> Select[Item]:
    """Return the query for items after an id that people have to see to, and no clock says by when."""
    of_it = select(Clock.id).where(Clock.subject == Subject.ITEM, Clock.subject_id == Item.id, Clock.ended_at.is_(None))
    return select(Item).where(Item.id > last, Item.status.in_(clocks.DUTIES), ~of_it.exists()).order_by(Item.id)
