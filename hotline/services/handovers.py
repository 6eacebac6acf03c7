"""Words to whoever comes next: sealed, shown for a day, and to nobody again who has read them.

What victim support leaves is for victim support, and sealed to it alone: the wall between the two stands here too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, not_, select
from sqlalchemy.orm import selectinload

from hotline import clock, vault
from hotline.errors import KeyMissing, NotFound, Refused, Unreadable
from hotline.extensions import db
from hotline.models.care import Handover, HandoverRead
from hotline.models.staff import Staff
from hotline.rules import care as rules
from hotline.transactions import writing
from hotline.vault import Lock
from hotline.vocabulary import Role

BODY = "handover.body"
SHOWN = timedelta(days=1)
MOST = 5  # on one page
READERS = (Role.ANALYST, Role.REVIEWER, Role.VICTIM_SUPPORT)
_OF_SUPPORT = Handover.person.has(Staff.role_rows.any(role=Role.VICTIM_SUPPORT))


@dataclass(frozen=True, slots=True)
class Opened:
    """One word that was left. `text` is empty where it does not open."""

    id: int
    person: Staff
    text: str
    written_at: datetime


def write(text: str, *, by: Staff) -> None:
    """Leave a word for whoever comes next. Raises Refused for none, and for a long one."""
    if code := rules.handover_fault(text):
        raise Refused(("text", code))
    body = vault.keyring().seal(BODY, text.strip(), lock=_lock(by))
    db.session.add(Handover(staff_id=by.id, body=body, written_at=clock.now()))


def list_unread(*, by: Staff) -> list[Opened]:
    """Return what others left within a day and this person has not read, the newest first; nothing for other roles."""
    if not by.has(*READERS):
        return []
    has_read = select(HandoverRead.staff_id).where(
        HandoverRead.handover_id == Handover.id, HandoverRead.staff_id == by.id
    )
    query = select(Handover).where(
        Handover.written_at >= clock.now() - SHOWN, Handover.staff_id != by.id, _is_for(by), ~has_read.exists()
    )
    found = db.session.scalars(
        query.order_by(Handover.written_at.desc(), Handover.id.desc())
        .limit(MOST)
        .options(selectinload(Handover.person))
    )
    return [Opened(one.id, one.person, _open(one, by), one.written_at) for one in found]


def mark_read(handover_id: int, *, by: Staff) -> None:
    """Show a word to this person no more. Raises NotFound where there is none; saying it twice changes nothing."""
    word = select(Handover.id).where(Handover.id == handover_id, _is_for(by))
    if not by.has(*READERS) or db.session.scalar(word) is None:
        raise NotFound("no such word")
    if db.session.get(HandoverRead, (handover_id, by.id)) is None:
        db.session.add(HandoverRead(handover_id=handover_id, staff_id=by.id))


def forget_old() -> None:
    """Remove what nobody is shown any more."""
    since = clock.now() - SHOWN
    if db.session.scalar(select(Handover.id).where(Handover.written_at < since).limit(1)) is None:
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        old = select(Handover.id).where(Handover.written_at < since)
        db.session.execute(delete(HandoverRead).where(HandoverRead.handover_id.in_(old)))
        db.session.execute(delete(Handover).where(Handover.written_at < since))


def _is_for(by: Staff) -> ColumnElement[bool]:
    """Return the condition that a word was left by somebody on this person's side of the wall."""
    return _OF_SUPPORT if by.has(Role.VICTIM_SUPPORT) else not_(_OF_SUPPORT)


def _lock(by: Staff) -> Lock:
    return Lock.CARE if by.has(Role.VICTIM_SUPPORT) else Lock.CASE


def _open(one: Handover, by: Staff) -> str:
    try:
        return vault.keyring().open(BODY, one.body, lock=_lock(by))
    except (KeyMissing, Unreadable):
        return ""
