"""Words to whoever comes next: sealed, shown for a day, and to nobody again who has read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from hotline import clock, vault
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.care import Handover, HandoverRead
from hotline.models.staff import Staff
from hotline.rules import care as rules
from hotline.services import items
from hotline.transactions import writing
from hotline.vocabulary import Role

BODY = "handover.body"
SHOWN = timedelta(days=1)
MOST = 5  # on one page
READERS = (Role.ANALYST, Role.REVIEWER)


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
    body = vault.keyring().seal(BODY, text.strip())
    db.session.add(Handover(staff_id=by.id, body=body, written_at=clock.now()))


def list_unread(*, by: Staff) -> list[Opened]:
    """Return what others left within a day and this person has not read, the newest first; nothing for other roles."""
    if not by.has(*READERS):
        return []
    has_read = select(HandoverRead.staff_id).where(
        HandoverRead.handover_id == Handover.id, HandoverRead.staff_id == by.id
    )
    query = select(Handover).where(
        Handover.written_at >= clock.now() - SHOWN, Handover.staff_id != by.id, ~has_read.exists()
    )
    found = db.session.scalars(
        query.order_by(Handover.written_at.desc(), Handover.id.desc())
        .limit(MOST)
        .options(selectinload(Handover.person))
    )
    return [Opened(one.id, one.person, items.opened_or_empty(BODY, one.body), one.written_at) for one in found]


def mark_read(handover_id: int, *, by: Staff) -> None:
    """Show a word to this person no more. Raises NotFound where there is none; saying it twice changes nothing."""
    if not by.has(*READERS) or db.session.get(Handover, handover_id) is None:
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
