"""What comes back on notices by mail: found by our Message-ID or reference, and noted at its notice."""

import json
from dataclasses import dataclass

from sqlalchemy import func, select

from hotline import clock, vault
from hotline.extensions import db
from hotline.gateways.imap import Mailbox
from hotline.models.notice import Notice
from hotline.models.recipient import Recipient
from hotline.models.reply import Reply
from hotline.rules import domains, mail_answers
from hotline.rules.mail_answers import Answer
from hotline.rules.mailbox import Header
from hotline.services import audit, directory, duty_digests, incident_letters, referral_sending, replies
from hotline.vault import Blind
from hotline.vocabulary import MailMark, NoticeStatus, ReplyKind

NO_SUCH_MAILBOX = ("5.1.1", "5.1.6", "5.1.10")  # RFC 3463 and 7505: what was verified is wrong, or is so no more
MOST_AT_A_NOTICE = 100  # then they stay in the mailbox: a program that writes for ever fills no store
MOST_BY_ITS_ID = 500  # of all that came, also of what names the Message-ID that the recipient alone was told
MOST_BOUNCES = 20
OTHERS = ("rf-", "in-", "duties.", "week.")  # how Message-IDs of referrals, of incidents and of mail to us begin
NOTE_BOUNCE = (referral_sending.note_bounce, incident_letters.note_bounce, duty_digests.note_bounce)
HELD = "left mails in the mailbox"  # in a letter's trail, once


@dataclass(frozen=True, slots=True)
class Found:
    """A mail that answers a notice, and what whoever reads it should know. Holds no connection to the store."""

    notice_id: int | None  # None: something else than a notice came back
    answer: Answer
    marks: frozenset[MailMark]
    by_message_id: bool = True
    """Whether it names what only the recipient was told; else it names the reference alone, which proves nothing."""


def find(box: Mailbox, uid: int, raw: bytes, header: Header | None) -> Found | None:
    """Return what a mail (`raw` is its header) answers; None where that is no notice of ours.

    Its body is fetched only where the header gives reason to (it names a notice, a server wrote it, or somebody at a
    recipient's domain did), and no more of it than is read. `header` is None where it could not be read otherwise. Ends
    the transaction that reads: a slow server must not keep an old view open.
    """
    glance = mail_answers.glance(raw)
    worth_while = glance.from_a_server or _known(glance.ids, glance.refs) is not None or _is_a_recipients(header)
    db.session.rollback()
    if not worth_while:
        return None
    answer = mail_answers.read(box.beginning(uid, mail_answers.MAX_READ))
    notice = _known(answer.ids, answer.refs)
    by_id = _by_message_id(answer.ids) is not None
    found = None if notice is None else Found(notice.id, answer, answer.marks | _about_sender(notice, header), by_id)
    if found is None and answer.kind is ReplyKind.BOUNCE and any(one.startswith(OTHERS) for one in answer.ids):
        found = Found(None, answer, answer.marks)
    db.session.rollback()
    return found


def file(found: Found) -> Reply | None:
    """Note at its notice what came, in the caller's transaction.

    None where nothing was to be noted, it was noted before, or there is so much at that notice that it stays in the
    mailbox, of which the letter's trail tells once. Bounces are counted by themselves, and what names the Message-ID
    that its recipient alone was told is noted for longer than what does not: strangers crowd out neither. A mailbox
    that does not exist has to be verified anew.
    """
    answer = found.answer
    if found.notice_id is None:
        any(note(answer.ids, answer.code) for note in NOTE_BOUNCE)
        return None
    notice = db.session.get_one(Notice, found.notice_id)
    is_bounce = answer.kind is ReplyKind.BOUNCE
    if answer.kind is None:
        return None
    if _is_full(notice, is_bounce=is_bounce, by_message_id=found.by_message_id):
        _hold(notice)
        return None
    reply = replies.record(
        notice,
        answer.kind,
        key=_key(notice, answer),
        came_at=clock.now(),
        words=answer.words,
        code=answer.code if is_bounce else " ".join(sorted(found.marks)),
    )
    recipient = notice.recipient
    if reply is not None and answer.code in NO_SUCH_MAILBOX and answer.bounced == recipient.mailbox.lower():
        directory.have_verified_anew(recipient)
    return reply


def _known(ids: tuple[str, ...], refs: tuple[str, ...]) -> Notice | None:
    """Return the first notice that is named: by what only its recipient was told, else by its reference."""
    return _by_message_id(ids) or next((notice for one in refs if (notice := _by_ref(one)) is not None), None)


def _by_message_id(ids: tuple[str, ...]) -> Notice | None:
    for one in ids:
        notice = _by_ref(one.partition(".")[0].upper())
        if notice is not None and notice.message_id.lower().startswith(f"<{one}@"):
            return notice
    return None


def _by_ref(ref: str) -> Notice | None:
    return db.session.scalar(select(Notice).where(Notice.ref == ref, Notice.status != NoticeStatus.DRAFT))


def _is_a_recipients(header: Header | None) -> bool:
    """Whether it says that somebody at the domain of a recipient wrote it: the number may then stand in its words."""
    domain = domains.registrable(header.sender.rpartition("@")[2]) if header else ""
    if not domain:
        return False
    at = func.lower(Recipient.mailbox)
    there = at.endswith(f"@{domain}", autoescape=True) | at.endswith(f".{domain}", autoescape=True)
    return db.session.scalar(select(Recipient.id).where(there).limit(1)) is not None


def _about_sender(notice: Notice, header: Header | None) -> frozenset[MailMark]:
    """Say what is in doubt about who wrote: whether our server confirms it, and whether they say they are the host."""
    ours, theirs = (
        domains.registrable(mailbox.rpartition("@")[2])
        for mailbox in (notice.recipient.mailbox, header.sender if header else "")
    )
    is_confirmed = header is not None and header.confirmed
    marks = {MailMark.UNCONFIRMED: not is_confirmed, MailMark.STRANGER: not theirs or ours != theirs}
    return frozenset(mark for mark, applies in marks.items() if applies)


def _is_full(notice: Notice, *, is_bounce: bool, by_message_id: bool) -> bool:
    """Whether so much of its kind is noted at a notice already that another mail stays in the mailbox."""
    kinds = [ReplyKind.BOUNCE] if is_bounce else [ReplyKind.MAIL, ReplyKind.OUT_OF_OFFICE]
    most = MOST_BOUNCES if is_bounce else MOST_BY_ITS_ID if by_message_id else MOST_AT_A_NOTICE
    there = select(Reply.id).where(Reply.notice_id == notice.id, Reply.kind.in_(kinds)).limit(most).subquery()
    return (db.session.scalar(select(func.count()).select_from(there)) or 0) >= most


def _hold(notice: Notice) -> None:
    """Tell once that more came than is noted: the mails themselves lie in a folder of the mailbox, none is lost."""
    if not audit.count(f"notice {notice.ref}", HELD):
        audit.record(None, HELD, f"notice {notice.ref}")


def _key(notice: Notice, answer: Answer) -> bytes:
    """Return what tells that this mail was noted, under whatever number it comes again. By key, as for reports."""
    facts = json.dumps([notice.ref, answer.message_id, answer.kind, answer.code, answer.words])
    return vault.keyring().blind(Blind.ADDRESS, f"answer by mail:{facts}")
