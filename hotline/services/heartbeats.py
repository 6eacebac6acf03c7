"""Heartbeats: when rounds of intake and of delivery last went through, and what is recorded where they stop.

A beat is a round that went through, not a report that came: a quiet night is no stop. A sweeper that has stopped cannot
say so, so the desk looks when people open pages; and the first round after a gap says from when until when it was.
"""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from hotline import clock
from hotline.config import settings
from hotline.extensions import db
from hotline.models.incident import Heartbeat
from hotline.rules import incidents as rules
from hotline.services import incidents
from hotline.transactions import writing
from hotline.vocabulary import Pulse

EVERY = timedelta(minutes=1)  # a beat is written, and looked for, at most so often in one process
_BEATEN = "hotline.heartbeats.beaten"
_LOOKED = "hotline.heartbeats.looked"


def beat(pulse: Pulse) -> None:
    """Note that a round went through. After a gap this records the interruption, and that it is over."""
    now = clock.now()
    beaten: dict[Pulse, datetime] = current_app.extensions.setdefault(_BEATEN, {})
    if _is_just_now(beaten.get(pulse), now):
        return
    with writing():
        row = db.session.get(Heartbeat, pulse, populate_existing=True)
        if row is None:
            db.session.add(Heartbeat(pulse=pulse, beat_at=now))
        else:
            if rules.has_stopped(row.beat_at, now, _limit()):
                incidents.stopped(pulse, row.beat_at)
            incidents.back(pulse, now)
            row.beat_at = now
    beaten[pulse] = now


def look() -> None:
    """Record an interruption where rounds have stopped, and nothing says so yet. Writes nothing otherwise."""
    now = clock.now()
    if _is_just_now(current_app.extensions.get(_LOOKED), now):
        return
    current_app.extensions[_LOOKED] = now
    if not any(map(_is_news, _stopped(now))):
        return
    with writing():
        for row in _stopped(now):
            incidents.stopped(row.pulse, row.beat_at)


def have_begun() -> bool:
    """Whether intake and delivery have both gone round, ever."""
    return set(db.session.scalars(select(Heartbeat.pulse))) == set(Pulse)


def _stopped(now: datetime) -> list[Heartbeat]:
    return [one for one in db.session.scalars(select(Heartbeat)) if rules.has_stopped(one.beat_at, now, _limit())]


def _is_news(row: Heartbeat) -> bool:
    return not incidents.stands_still(row.pulse)


def _limit() -> timedelta:
    return timedelta(minutes=settings().interruption_after)


def _is_just_now(at: datetime | None, now: datetime) -> bool:
    """Whether a moment is less than `EVERY` ago; one that lies ahead, since a clock was set back, is not."""
    return at is not None and timedelta() <= now - at < EVERY
