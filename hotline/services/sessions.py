"""Sessions of the desk: one row a browser, found by the hash of a random token that only its cookie holds."""

import hashlib
import json
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.errors import StorageFull
from hotline.models.session import DeskSession
from hotline.transactions import apart, desk_engine

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=5)
TOKEN_BYTES = 32


def find(token: str, *, in_use: bool = True) -> dict[str, Any] | None:
    """Return what the session of `token` holds; None when there is none, or it has been left alone too long.

    Notes that the session is in use, at most every five minutes, so that reading a page hardly ever writes; not where
    a page asks by itself (`in_use` is false), or one that was left open would keep its session for ever.
    """
    with Session(desk_engine()) as session:
        row = session.get(DeskSession, _hash(token))
        if row is None or _is_over(row):
            return None
        data, seen_at = json.loads(row.data), row.seen_at
    if in_use and clock.now() - seen_at >= TOUCH_EVERY:
        _touch(token)
    return data if isinstance(data, dict) else None


def begin(data: dict[str, Any], *, staff_id: int | None) -> str:
    """Store a new session and whose it is; return its token."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), clock.now()
    row = DeskSession(token_hash=_hash(token), staff_id=staff_id, data=json.dumps(data), created_at=now, seen_at=now)
    with apart(desk_engine()) as session:
        session.add(row)
    return token


def keep(token: str, data: dict[str, Any], *, staff_id: int | None) -> None:
    """Store what a session holds now. One that has been ended meanwhile stays ended."""
    with apart(desk_engine()) as session:
        row = session.get(DeskSession, _hash(token))
        if row is not None:
            row.data, row.staff_id, row.seen_at = json.dumps(data), staff_id, clock.now()


def end(token: str) -> None:
    """Forget a session."""
    with apart(desk_engine()) as session:
        session.execute(delete(DeskSession).where(DeskSession.token_hash == _hash(token)))


def end_all() -> None:
    """Sign everybody out."""
    with apart(desk_engine()) as session:
        session.execute(delete(DeskSession))


def end_of(session: Session, staff_id: int) -> None:
    """End every session of a person, in the caller's transaction."""
    session.execute(delete(DeskSession).where(DeskSession.staff_id == staff_id))


def forget_old() -> None:
    """Remove the sessions that nobody can use any more."""
    now = clock.now()
    over = or_(DeskSession.seen_at < now - IDLE, DeskSession.created_at < now - LONGEST)
    with apart(desk_engine()) as session:
        session.execute(delete(DeskSession).where(over))


def count_of(staff_id: int) -> int:
    """Return in how many browsers a person is signed in."""
    now = clock.now()
    alive = (DeskSession.seen_at >= now - IDLE, DeskSession.created_at >= now - LONGEST)
    query = select(func.count()).where(DeskSession.staff_id == staff_id, *alive)
    with Session(desk_engine()) as session:
        return session.scalar(query) or 0


def _touch(token: str) -> None:
    """Note that a session is in use. A store that cannot be written now is no reason to fail who only reads."""
    with suppress(StorageFull), apart(desk_engine()) as session:
        row = session.get(DeskSession, _hash(token))
        if row is not None:
            row.seen_at = clock.now()


def _is_over(row: DeskSession) -> bool:
    now = clock.now()
    return now - row.seen_at > IDLE or now - row.created_at > LONGEST


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
