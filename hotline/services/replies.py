"""What comes back on a notice: noted once, read by people. An answer closes nothing by itself."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, Select, delete, func, select, tuple_, update
from sqlalchemy.orm import Session, joinedload, selectinload

from hotline import clock, logs, outbox, vault
from hotline.errors import KeyMissing, NotFound, Refused, StorageFull, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.reply import Reply, ReplyInbound
from hotline.models.staff import Staff
from hotline.rules import free_text, refs
from hotline.rules.replies import MOST_WORDS, Given
from hotline.services import appeals, audit, follow_ups, items, online, reply_box
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Answer, NoticeStatus, ReplyKind

PURPOSE = "reply.words"
BATCH = 50
UNNAMED = "?"  # in the trail: a public process that was taken over writes nothing of its own there
STUCK_AFTER = 3600.0  # seconds
MOST_UNREAD = 100  # answers from the page at one notice; then they stay in the front store until somebody reads
MOST = 100  # answers of one notice that its page shows
HAS_GONE = (NoticeStatus.SENT, NoticeStatus.ANSWERED, NoticeStatus.BOUNCED)
NOBODY_WROTE = (ReplyKind.BOUNCE, ReplyKind.OUT_OF_OFFICE)
SOMEBODY_WROTE = (ReplyKind.MAIL, ReplyKind.FORM)  # and a person has to read it


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says. `when` and `whose` are asked by our page alone. None of it where no key here opens it."""

    words: str = ""
    when: date | None = None
    whose: str = ""
    opens: bool = True


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """Notices with something unread, that which waits longest first, and the cursor of the next page."""

    rows: list[Notice]
    next: str


def record(
    notice: Notice,
    kind: ReplyKind,
    *,
    key: bytes,
    came_at: datetime,
    answer: Answer | None = None,
    words: str = "",
    code: str = "",
) -> Reply | None:
    """Note what came back on `notice`, in the caller's transaction; None where `key` is here already.

    `answer` is what a form or a person says; a mail has none until a person has read it (`sort`). `code` is a bounce's,
    such as `5.1.1`. A bounce makes a sent notice bounced, an answer answered; whatever else the notice is stays: one
    that is not known to have gone must not be called so by somebody outside, and one that was answered arrived.
    """
    if db.session.scalar(select(Reply.id).where(Reply.key == key)) is not None:
        return None
    reply = Reply(
        notice=notice,
        key=key,
        kind=kind,
        answer=answer,
        words=vault.keyring().seal(PURPOSE, words) if words else None,
        code=code,
        came_at=came_at,
    )
    db.session.add(reply)
    db.session.flush()
    audit.record(None, "came back", f"notice {notice.ref}", reply=reply.id, kind=kind, answer=answer or "")
    if kind is ReplyKind.BOUNCE and notice.status is NoticeStatus.SENT:
        notice.status = NoticeStatus.BOUNCED
    elif answer is not None:
        _take_answer(notice, answer, came_at)
    db.session.flush()
    return reply


def open_inbound() -> int:
    """Move answers from the front store, in batches. Returns how many; what meets a fault waits where it is."""
    moved, last = 0, b""
    while rows := _waiting(after=last):
        moved += sum(_moved(row) for row in rows)
        last = rows[-1].id
    return moved


def move(row: ReplyInbound) -> bool:
    """Make a reply of one row, then take it out of the front store. Safe to run twice: the row's id is its key.

    Returns whether it did: where `MOST_UNREAD` wait at a notice it stays, and the page takes no more in the end.
    """
    with writing():
        given = reply_box.opened(vault.keyring().open(reply_box.PURPOSE, row.body))
        notice = db.session.scalar(select(Notice).where(Notice.ref == row.notice_ref))
        if notice is None:
            ref = row.notice_ref if refs.is_one(row.notice_ref, "N") else UNNAMED
            audit.record(None, "answer fits nothing", f"notice {ref}")
        elif _is_full(notice, but=row.id):
            return False
        else:
            words, at = worded(given), min(row.received_at, clock.now())
            record(notice, ReplyKind.FORM, key=row.id, came_at=at, answer=given.answer, words=words)
    with apart(front_engine()) as session:
        session.execute(delete(ReplyInbound).where(ReplyInbound.id == row.id))
    return True


def note(notice: Notice, answer: str, words: str, *, by: Staff) -> Reply:
    """Note an answer that somebody of the team was told, by telephone say. It is read: by whoever heard it.

    Raises Refused by field, WrongState where the letter has not gone.
    """
    if notice.status not in HAS_GONE:
        raise WrongState(f"{notice.ref} has not gone")
    wrong = [("answer", "required")] if answer not in set(Answer) else []
    text, fault = free_text.judge(words, MOST_WORDS)
    if fault:
        wrong.append(("words", fault))
    if wrong:
        raise Refused(*wrong)
    reply = record(
        notice,
        ReplyKind.BY_HAND,
        key=secrets.token_bytes(16),
        came_at=clock.now(),
        answer=Answer(answer),
        words=text,
    )
    assert reply is not None
    reply.read_by, reply.read_at = by, reply.came_at
    audit.record(by, "noted an answer", f"notice {notice.ref}", reply=reply.id, answer=answer)
    return reply


def sort(reply: Reply, answer: str, *, by: Staff) -> None:
    """Say what a mail answers, once a person has read it; or say it anew, where it was sorted wrongly.

    What the page or a person says is sorted already. What an objection was opened of stays one: that is decided.
    """
    if answer not in set(Answer):
        raise Refused(("sort", "required"))
    if not may_sort(reply):
        raise WrongState(f"reply {reply.id} has nothing to sort")
    reply.answer = Answer(answer)
    audit.record(by, "sorted an answer", f"notice {reply.notice.ref}", reply=reply.id, answer=answer)
    _take_answer(reply.notice, reply.answer, reply.came_at)
    mark_read(reply, by=by)


def may_sort(reply: Reply) -> bool:
    """Whether a person says what something answers that came back: a mail, until an objection was opened of it."""
    return reply.kind is ReplyKind.MAIL and not appeals.of_reply(reply)


def mark_read(reply: Reply, *, by: Staff) -> None:
    """Note that a person has seen to an answer. Marked twice, it is the first who did.

    What comes next after the letter is decided anew: a reminder that waited for the reading may go.
    """
    unread = update(Reply).where(Reply.id == reply.id, Reply.read_at.is_(None))
    done: CursorResult[Any] = db.session.execute(unread.values(read_by_id=by.id, read_at=clock.now()))  # type: ignore[assignment]
    if done.rowcount:
        db.session.refresh(reply)
        audit.record(by, "saw to an answer", f"notice {reply.notice.ref}", reply=reply.id)
        outbox.put(db.session(), follow_ups.FOLLOW_UP, reply.notice.follows_id or reply.notice_id)


def get(notice: Notice, reply_id: int, *, by: Staff) -> Reply:
    """Return one answer to a notice. Raises NotFound, also for people who may not see notices."""
    reply = db.session.get(Reply, reply_id)
    if reply is None or reply.notice_id != notice.id or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no reply {reply_id}")
    return reply


def read(reply: Reply, *, by: Staff) -> Said:
    """Open what an answer says. The read goes into the audit trail."""
    audit.record_read(by, "read an answer", f"notice {reply.notice.ref}", reply=reply.id)
    return said(reply)


def said(reply: Reply) -> Said:
    """Open what an answer says. For people whose read is recorded."""
    if reply.words is None:
        return Said()
    try:
        text = vault.keyring().open(PURPOSE, reply.words)
        return _said(text) if reply.kind is ReplyKind.FORM else Said(text)
    except (KeyMissing, Unreadable, ValueError, KeyError):
        return Said(opens=False)


def list_of(notice: Notice) -> list[Reply]:
    """Return what came back on a notice, newest first, words closed."""
    query = select(Reply).where(Reply.notice_id == notice.id).options(joinedload(Reply.read_by))
    return list(db.session.scalars(query.order_by(Reply.id.desc()).limit(MOST)))


def are_unread(letters: Iterable[Notice]) -> bool:
    """Whether something that people wrote came back on one of these letters, and nobody has seen to it."""
    unread = select(Reply.id).where(Reply.notice_id.in_([one.id for one in letters]), Reply.read_at.is_(None))
    return db.session.scalar(unread.where(Reply.kind.in_(SOMEBODY_WROTE)).limit(1)) is not None


def list_unread(*, by: Staff, most: int) -> list[Reply]:
    """Return answers that nobody has seen to, that which waits longest first."""
    if not by.has(*items.CASE_ROLES):
        return []
    query = _unread().options(joinedload(Reply.notice).joinedload(Notice.recipient))
    return list(db.session.scalars(query.limit(most)))


def list_unread_notices(*, by: Staff, after: str = "", limit: int = 50) -> UnreadPage:
    """Return notices with something that nobody has seen to, each once a page. `after` is the page before's cursor."""
    if not by.has(*items.CASE_ROLES):
        return UnreadPage([], "")
    query = _unread()
    if after:
        query = query.where(tuple_(Reply.came_at, Reply.id) > _position(after))
    of_notice = joinedload(Reply.notice)
    lines = of_notice.selectinload(Notice.lines).joinedload(NoticeItem.item)
    query = query.options(of_notice.joinedload(Notice.recipient), lines).limit(limit + 1)
    found = list(db.session.scalars(query))
    cursor = str(found[limit - 1].id) if len(found) > limit else ""
    return UnreadPage(list(dict.fromkeys(one.notice for one in found[:limit])), cursor)


def of_items(notice: Notice) -> list[Item]:
    """Return the items a notice lists, in its order."""
    query = select(NoticeItem).where(NoticeItem.notice_id == notice.id).order_by(NoticeItem.id)
    return [line.item for line in db.session.scalars(query.options(selectinload(NoticeItem.item)))]


def count_stuck() -> int:
    """Return how many answers wait in the front store although an hour is over: they do not open."""
    waits = select(func.count()).select_from(ReplyInbound).where(ReplyInbound.received_at < clock.in_(-STUCK_AFTER))
    with front_engine().connect() as connection:
        return connection.scalar(waits) or 0


def worded(given: Given) -> str:
    """Return what is sealed of an answer from the page; empty where it says no more than its answer."""
    facts = {"when": given.when.isoformat() if given.when else "", "whose": given.whose, "words": given.words}
    return json.dumps(facts, ensure_ascii=False) if any(facts.values()) else ""


def _take_answer(notice: Notice, answer: Answer, came_at: datetime) -> None:
    """Let what a recipient says stand at the notice. It closes nothing: people look, write or decide.

    Rows of the front store have no order: what was said before what is known already changes nothing.
    """
    if notice.answered_at is not None and came_at < notice.answered_at:
        return
    notice.answer, notice.answered_at = answer, came_at
    if notice.status not in HAS_GONE:
        return
    notice.status = NoticeStatus.ANSWERED
    db.session.flush()
    follow_ups.answered(notice)
    if answer is Answer.REMOVED:
        online.host_says_gone(notice)


def _said(text: str) -> Said:
    facts = json.loads(text)
    return Said(facts["words"], date.fromisoformat(facts["when"]) if facts["when"] else None, facts["whose"])


def _is_full(notice: Notice, *, but: bytes) -> bool:
    """Whether enough answers from the page wait at a notice, unless that with the key `but` is here already."""
    if db.session.scalar(select(Reply.id).where(Reply.key == but)) is not None:
        return False
    unread = select(Reply.id).where(Reply.notice_id == notice.id, Reply.kind == ReplyKind.FORM, Reply.read_at.is_(None))
    return len(db.session.scalars(unread.limit(MOST_UNREAD)).all()) >= MOST_UNREAD


def _unread() -> Select[Reply]:
    return select(Reply).where(Reply.read_at.is_(None)).order_by(Reply.came_at, Reply.id)


def _position(cursor: str) -> tuple[datetime, int]:
    reply = db.session.get(Reply, int(cursor)) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else None
    if reply is None:
        raise Refused(("after", "unknown"))
    return reply.came_at, reply.id


def _moved(row: ReplyInbound) -> bool:
    try:
        return move(row)
    except StorageFull:
        raise
    except Exception as exc:  # whatever it is, it holds up no other; the row stays, and the desk says that it does
        logs.fault(exc, doing="reading an answer to a notice")
        return False


def _waiting(*, after: bytes) -> list[ReplyInbound]:
    query = select(ReplyInbound).where(ReplyInbound.id > after).order_by(ReplyInbound.id).limit(BATCH)
    with Session(front_engine(), expire_on_commit=False) as session:
        return list(session.scalars(query))
