"""A recipient asked for more: a person tells it in a letter of its own, which another approves.

It belongs to the chain of the letter that was answered, lists what is left of that, and goes the way of any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from hotline.errors import KeyMissing, Refused, Unreadable
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.reply import Reply
from hotline.models.staff import Staff
from hotline.rules import follow_up, free_text, letter_texts
from hotline.services import (
    assessments,
    follow_ups,
    letter_writing,
    notice_drafting,
    notice_grounds,
    notices,
    replies,
)
from hotline.vocabulary import Answer, Channel, ItemStatus, NoticeKind, NoticeStatus

MOST_WORDS = 3_000  # in characters
ON_ITS_WAY = (NoticeStatus.DRAFT, NoticeStatus.APPROVED, NoticeStatus.QUEUED, NoticeStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a letter that tells more would be about. `hindrance` is why none may be written; None where one may."""

    left: Sequence[Item]
    hindrance: str | None


def asked(reply: Reply) -> Asked:
    """Return what an answer that asks for more asks it about, and what keeps anybody from telling it."""
    notice = reply.notice
    left = follow_ups.left(notice)
    theirs = [one for one in follow_ups.chain(notice) if one.recipient_id == notice.recipient_id]
    return Asked(left, _no_question(reply, theirs) or _stops(notice, theirs, left))


def find_question(letters: Sequence[Notice], recipient_id: int) -> Reply | None:
    """Return the newest answer of a recipient to letters of one chain, if that asks for more."""
    ids = [one.id for one in letters if one.recipient_id == recipient_id]
    newest = select(Reply).where(Reply.notice_id.in_(ids), Reply.answer.is_not(None))
    found = db.session.scalar(newest.order_by(Reply.came_at.desc(), Reply.id.desc()).limit(1))
    return found if found is not None and found.answer is Answer.NEED_MORE else None


def words_before(reply: Reply) -> str:
    """Return what was typed of the newest letter of this kind that was taken back, for whoever writes the next one.

    As it was typed, links and all: for the field of a form alone.
    """
    notice = reply.notice
    query = select(Notice).where(
        Notice.follows_id == (notice.follows_id or notice.id),
        Notice.recipient_id == notice.recipient_id,
        Notice.kind == NoticeKind.SUPPLEMENT,
        Notice.drafted_at >= reply.came_at,
    )
    newest = db.session.scalar(query.order_by(Notice.id.desc()).limit(1))
    if newest is None or newest.status is not NoticeStatus.WITHDRAWN or notices.is_closed(newest):
        return ""
    try:
        return notices.letter_of(newest).typed
    except (KeyMissing, Unreadable):
        return ""


def draft(reply: Reply, words: str, *, by: Staff) -> Notice:
    """Draft a letter that tells a recipient more, in a person's words. The answer counts as seen to.

    In the letter links in the words are written so that nothing opens them. Raises Refused (`words`, code) for words
    that cannot be taken and where nothing may be told (any more); (`recipient`, code) as `notice_drafting.draft`.
    """
    found = asked(reply)
    if found.hindrance:
        raise Refused(("words", found.hindrance))
    text, fault = free_text.judge(words, MOST_WORDS)
    if fault:
        raise Refused(("words", fault))
    if letter_texts.BEGIN in text or letter_texts.END in text:
        raise Refused(("words", "marks"))
    root = follow_ups.chain(reply.notice)[0]
    replies.mark_read(reply, by=by)
    return notice_drafting.draft_supplement(root, reply.notice, found.left, text, by=by)


def _no_question(reply: Reply, theirs: Sequence[Notice]) -> str | None:
    """Return why an answer is no question (any more): it asks for nothing, or something newer came."""
    if reply.answer is not Answer.NEED_MORE or reply.notice not in theirs:
        return "not_asked"
    if reply.notice.channel is not Channel.HOST or reply.notice.status not in follow_up.HAS_GONE:
        return "not_asked"
    if any(one.answered_at is not None and one.answered_at > reply.came_at for one in theirs):
        return "overtaken"
    others = select(Reply.id).where(Reply.notice_id.in_([one.id for one in theirs]), Reply.id != reply.id)
    others = others.where(Reply.read_at.is_(None), Reply.kind.in_(replies.SOMEBODY_WROTE))
    return "unread" if db.session.scalar(others.limit(1)) is not None else None


def _stops(notice: Notice, theirs: Sequence[Notice], left: Sequence[Item]) -> str | None:
    """Return what keeps a question from being answered."""
    if any(one.kind is NoticeKind.SUPPLEMENT and one.status in ON_ITS_WAY for one in theirs):
        return "has_one"
    if not left:
        return "nothing_left"
    if any(line.item.status is ItemStatus.HELD or assessments.correction_of(line.item) for line in notice.lines):
        return "stopped"
    if any(notice_grounds.letter_about(one, notice.channel) is None for one in left):
        return "stopped"
    if notice_grounds.is_objected_to(notice):
        return "appeal"
    return _unreachable(notice)


def _unreachable(notice: Notice) -> str | None:
    recipient = notice.recipient
    if not recipient.active:
        return "wrong"
    if not letter_writing.has_a_way(recipient):
        return "no_way"
    try:
        letter_writing.usable_key(recipient)
    except Refused as fault:
        return fault.faults[0][1]
    return None
