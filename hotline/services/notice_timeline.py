"""What happened to a letter and to those that belong to it: deeds, answers, looks at its addresses, and its time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.clock import Clock
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import OnlineCheck
from hotline.models.reply import Reply
from hotline.services import audit
from hotline.vocabulary import Duty, Subject

READS = ("read", "read kept letter", "read an answer")
CAME = "came back"  # the answers themselves are told
MOST = 60  # the newest of each kind


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: exactly one of `deed`, `reply` and `look` is set, or none where a time ran out."""

    at: datetime
    notice: Notice | None = None
    deed: AuditEntry | None = None
    reply: Reply | None = None
    look: OnlineCheck | None = None


def of(letters: Sequence[Notice]) -> list[Event]:
    """Return what happened to the letters of one chain, newest first."""
    found = [*_deeds(letters), *_replies(letters), *_looks(letters), *_ran_out(letters)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _deeds(letters: Sequence[Notice]) -> Iterator[Event]:
    for one in letters:
        for entry in audit.newest(f"notice {one.ref}", most=MOST, without=(*READS, CAME)):
            yield Event(entry.at, one, deed=entry)


def _replies(letters: Sequence[Notice]) -> Iterator[Event]:
    by_id = {one.id: one for one in letters}
    query = select(Reply).where(Reply.notice_id.in_(by_id)).order_by(Reply.id.desc()).limit(MOST)
    for reply in db.session.scalars(query):
        yield Event(reply.came_at, by_id[reply.notice_id], reply=reply)


def _looks(letters: Sequence[Notice]) -> Iterator[Event]:
    """Yield the newest looks at the addresses of the first letter, from when it was drafted on."""
    listed = select(NoticeItem.item_id).where(NoticeItem.notice_id == letters[0].id)
    query = select(OnlineCheck).where(OnlineCheck.item_id.in_(listed))
    query = query.where(OnlineCheck.checked_at >= letters[0].drafted_at).order_by(OnlineCheck.id.desc()).limit(MOST)
    for look in db.session.scalars(query.options(joinedload(OnlineCheck.item))):
        yield Event(look.checked_at, look=look)


def _ran_out(letters: Sequence[Notice]) -> Iterator[Event]:
    by_id = {one.id: one for one in letters}
    query = select(Clock).where(Clock.subject == Subject.NOTICE, Clock.subject_id.in_(by_id))
    query = query.where(Clock.duty == Duty.REMOVE, Clock.breached_at.is_not(None))
    for one in db.session.scalars(query.order_by(Clock.id.desc()).limit(MOST)):
        assert one.breached_at is not None
        yield Event(one.breached_at, by_id[one.subject_id])
