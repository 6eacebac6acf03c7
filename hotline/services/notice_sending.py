"""Letters on their way: queued, taken up by one sender at a time, mailed outside any transaction, and what came of it.

Whoever takes a letter up asks in one statement whether what it rests on still stands (`notice_grounds`). A letter that
may not go any more, or has used up all patience, is left to people.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import bindparam, case, func, or_, select, union_all, update

from hotline import clock, jurisdiction, outbox
from hotline.config import settings
from hotline.errors import KeyMissing, Unreadable
from hotline.extensions import UtcTime, change_unseen, db, spelt
from hotline.gateways import mail
from hotline.gateways.mail import Handed, Mailer, MailFault
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.practice import StaffReach
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import follow_up, letters
from hotline.services import (
    audit,
    exchange_course,
    figures,
    follow_ups,
    hosting,
    mailing,
    notice_checks,
    notice_grounds,
    notices,
    police_first,
    secrecy,
    telling,
)
from hotline.transactions import writing
from hotline.vocabulary import Channel, Figure, Language, NoticeKind, NoticeStatus

MOST_SPENT = 57  # the patience with a letter: so many refusals that may pass, over four days (RFC 5321, 4.5.4.1), or
# three tries that may have arrived
LONGEST_PAUSE = timedelta(hours=2)
LOOK_PAUSE = timedelta(seconds=5)  # a letter waits so long, again and again, while its host is being looked up
MOST_DOUBLED = 8  # tries, each of which doubles the pause: from the first to beyond the longest
NAMES_US = "names_us"  # why an approved letter does not go: it names one of us who came since


@dataclass(frozen=True, slots=True)
class Lease:
    """A notice in the hands of whoever sends it: which attempt this is, and what goes on the wire, still sealed.

    `mailbox` is what the directory says now; `named_at` when somebody of us last came, or entered what they are called.
    """

    attempt: int
    message_id: str
    letter: bytes
    dated: datetime
    mailbox: str
    named_at: datetime | None = None


# built once, since they are said for every letter; `of` is the notice
_OF, _NOW = Notice.id == bindparam("of"), notice_grounds.NOW
_FREE = or_(Notice.leased_until.is_(None), Notice.leased_until < _NOW)
_MAILBOX = select(Recipient.mailbox).where(Recipient.id == Notice.recipient_id).scalar_subquery()
_NAMES_CAME = union_all(select(Staff.created_at.label("at")), select(StaffReach.changed_at)).subquery()
_NAMED_AT = select(func.max(_NAMES_CAME.c.at)).scalar_subquery()
_IN_TIME = Notice.not_before.is_(None)  # what waited for quiet hours to end is let out first (`_let_out`)
_TAKE = (
    update(Notice)
    .where(_OF, Notice.status == spelt(NoticeStatus.QUEUED), Notice.kept_at.is_(None), _FREE)
    .where(~outbox.put_off(notices.DELIVER, Notice.id, _NOW), Notice.spent < MOST_SPENT)
    .where(*notice_grounds.STANDS, _IN_TIME, *notice_grounds.WAY_STANDS)
    .values(
        leased_until=bindparam("until", type_=UtcTime()),
        attempts=Notice.attempts + 1,
        spent=Notice.spent + mail.DOUBTFUL,
        last_fault=case((Notice.leased_until.is_not(None), mail.UNCONFIRMED), else_=Notice.last_fault),
    )  # spent in advance: who is killed while sending cannot say what it cost, and leaves its lease
    .returning(
        Notice.attempts,
        Notice.message_id,
        Notice.letter,
        func.coalesce(Notice.approved_at, Notice.drafted_at),
        _MAILBOX,
        _NAMED_AT,
    )
)
_GONE = (
    update(Notice)
    .where(_OF, or_(*(Notice.status == spelt(one) for one in notices.NOT_CALLED_SENT)))
    .values(status=NoticeStatus.SENT, sent_at=_NOW, kept_at=None, leased_until=None, last_fault=None)
    .returning(Notice.ref, Notice.channel, Notice.kind, Notice.follows_id)
)
_KEPT = (
    update(Notice)
    .where(_OF, Notice.status == spelt(NoticeStatus.QUEUED), Notice.kept_at.is_(None))
    .values(kept_at=_NOW, leased_until=None, last_fault=None)
    .returning(Notice.ref)
)
_LISTED = select(NoticeItem.item_id).where(NoticeItem.notice_id == bindparam("of"))


def deliver(notice_id: int, *, mailer: Mailer) -> None:
    """Send one queued notice: claim and commit, send outside any transaction, record and commit. Safe to run twice.

    Whatever ends the sending is recorded as an attempt; what is no fault of the mail is raised again. A letter that the
    mailer only kept has not gone: it waits for people.
    """
    deliver_in_turn([notice_id], mailer=mailer)


def deliver_in_turn(notice_ids: Iterable[int], *, mailer: Mailer) -> None:
    """Send queued notices as `deliver` does, one after the other; each is recorded when the next is claimed.

    So a letter takes one transaction, not two: others wait for the store half as often. A number is drawn only once
    the letter before it is out of our hands; what raises leaves the rest undrawn, and what became of the last letter is
    recorded all the same: the queue's word that the time is over may come while a number is drawn.
    """
    record: Callable[[], None] | None = None
    try:
        for notice_id in notice_ids:
            before, record = record, None
            lease = _record_and_lease(before, notice_id)
            record = _send(notice_id, lease, mailer) if lease is not None else None
    finally:
        if record is not None:
            with writing():
                record()


def put(notice: Notice) -> None:
    """Have a queued letter sent, once quiet hours are over where it has to keep them."""
    at = clock.now()
    if notice.kind in notice_grounds.KEEPS_QUIET and notice.channel is Channel.HOST:
        in_danger = any(line.item.in_danger for line in notice.lines)
        at = follow_up.may_go_at(at, follow_ups.quiet(), in_danger=in_danger)
    notice.not_before = at if at > clock.now() else None
    db.session.flush()
    outbox.put(db.session(), notices.DELIVER, notice.id, due_at=at)


def stop(item: Item) -> None:
    """Leave letters about `item` that wait to be sent to people, since somebody objects.

    What is going now, goes; where that comes to nothing it is not tried again (`_TAKE`).
    """
    waiting = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.status == NoticeStatus.QUEUED)
    for notice in db.session.scalars(waiting.where(Notice.kept_at.is_(None)).order_by(Notice.id)).all():
        if not notices.is_being_sent(notice):
            fail(notice, notice_grounds.OBJECTED)


def fail(notice: Notice, code: str) -> None:
    """Leave a letter to people."""
    notices.keep_doubt(notice)  # the fault of the last try goes, and its lease
    notice.status, notice.leased_until, notice.last_fault = NoticeStatus.FAILED, None, code
    outbox.done(db.session(), notices.DELIVER, notice.id)
    audit.record(None, "failed", f"notice {notice.ref}", fault=code)


def leave_to_people() -> tuple[int, int]:
    """Leave everything that has not gone to people: after a restore nobody knows what has gone since the backup.

    Returns how many letters would have gone by themselves, and how many waited for people as it was. All of them are
    marked as letters that may have arrived.
    """
    not_gone = select(Notice).where(Notice.status.in_([NoticeStatus.QUEUED, NoticeStatus.FAILED])).order_by(Notice.id)
    found = db.session.scalars(not_gone).all()
    going = [one for one in found if one.status is NoticeStatus.QUEUED and not (one.is_kept or one.is_typed_in)]
    for notice in going:
        fail(notice, mail.UNCONFIRMED)
    for notice in found:
        notices.put_in_doubt(notice)
    return len(going), len(found) - len(going)


def note_gone(notice_id: int, channel: Channel, kind: NoticeKind, follows_id: int | None, *, at: datetime) -> None:
    """Count a letter that has gone, note what was done about the addresses it lists, and begin its recipient's time.

    With the letter of an offer to a partner hotline it is the offer of which all that is noted.
    """
    if channel is Channel.PARTNER and kind is NoticeKind.FIRST and exchange_course.letter_went(notice_id, at=at):
        return
    figures.count(Figure.NOTICES, channel)
    telling.act_on(db.session.scalars(_LISTED, {"of": notice_id}).all(), told_host=channel is Channel.HOST)
    follow_ups.sent(notice_id, follows_id, channel=channel, kind=kind, at=at)


def _record_and_lease(record: Callable[[], None] | None, notice_id: int) -> Lease | None:
    """Record how the letter before went, and take the next. What is wrong with the next does not undo the record."""
    try:
        with writing():
            if record is not None:
                record()
            return _lease(notice_id)
    except Exception:  # whatever it is goes on, once it is written alone that the letter before has gone
        if record is not None:
            with writing():
                record()
        raise


def _send(notice_id: int, lease: Lease, mailer: Mailer) -> Callable[[], None]:
    """Send a letter outside any transaction. Returns what there is to record, for the transaction that comes next."""
    try:
        handed = mailer.send(*_on_the_wire(lease))
    except MailFault as fault:
        return partial(_record_fault, notice_id, lease.attempt, fault)
    except Exception:  # such as the queue's word that the job has had its time
        with writing():
            _record_fault(notice_id, lease.attempt, mail.in_doubt())
        raise
    return partial(_record_kept if handed is Handed.KEPT else _record_sent, notice_id)


def _lease(notice_id: int) -> Lease | None:
    """Take the notice for `mailing.LEASE`.

    None when it is not queued, is kept here, waits for its next try, may not go any more, or somebody else is sending
    it. Whoever is killed while sending leaves the lease behind: the notice waits until it ends, since nobody can know
    whether the letter has gone.
    """
    now = clock.now()
    when = {"of": notice_id, "now": now, "until": now + mailing.LEASE, "asked_since": now - hosting.LETTER_WAITS}
    when |= police_first.told()
    row = change_unseen(db.session(), _TAKE, when).one_or_none()
    if row is None:
        _settle_row(notice_id)
        return None
    lease = Lease(*row)
    if lease.named_at is not None and lease.named_at > lease.dated and _names_us_by_now(notice_id):
        return None
    return lease


def _names_us_by_now(notice_id: int) -> bool:
    """Leave a letter to people in which somebody of us stands who was not known when people last looked through it."""
    notice = db.session.get_one(Notice, notice_id, populate_existing=True)
    try:
        found = notice_checks.found_late(notice, notices.letter_of(notice))
    except (KeyMissing, Unreadable):
        return False  # it does not go anyhow (`_on_the_wire`)
    if found:
        secrecy.count(secrecy.BY_CHANNEL[notice.channel], found)
        notice.spent -= mail.DOUBTFUL  # nothing was tried
        fail(notice, NAMES_US)
    return bool(found)


def _settle_row(notice_id: int) -> None:
    """Take away the row of a notice that needs no sending, or put it off until whoever sends it has had the time.

    A letter that may not go any more fails here; what follows another, and need not go any more, is taken back.
    """
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.status is not NoticeStatus.QUEUED or notice.is_kept:
        outbox.done(db.session(), notices.DELIVER, notice_id)
    elif notices.is_being_sent(notice):
        outbox.later(db.session(), notices.DELIVER, notice_id, due_at=notice.leased_until or clock.now())
    elif notice_grounds.is_outdated(notice):
        follow_ups.take_back(notice)
    elif code := _hindrance(notice):
        fail(notice, code)
    elif notice.not_before is not None and notice.not_before > clock.now():
        outbox.later(db.session(), notices.DELIVER, notice_id, due_at=notice.not_before)
    elif notice.not_before is not None:
        _let_out(notice)
    elif any(hosting.is_being_looked_up(line.item) for line in notice.lines):
        outbox.later(db.session(), notices.DELIVER, notice_id, due_at=clock.now() + LOOK_PAUSE)


def _let_out(notice: Notice) -> None:
    """Let go what waited for quiet hours to end, once its hosts were looked up again: they may have moved overnight."""
    approver = notice.approved_by
    assert approver is not None
    for line in notice.lines:
        hosting.ask_before_letter(line.item, by=approver)
    notice.not_before = None
    outbox.put(db.session(), notices.DELIVER, notice.id)


def _hindrance(notice: Notice) -> str | None:
    """Return why an approved letter may not go any more, as `_TAKE` sees it; None when it only waits."""
    if notice.spent >= MOST_SPENT:
        return notice.last_fault or mail.UNCONFIRMED
    return notice_grounds.fallen(notice)


def _on_the_wire(lease: Lease) -> tuple[str, str, str, bytes]:
    """Return (sender, mailbox, Message-ID, message). The date is the approval's, so a second copy is the same.

    Raises MailFault when the letter cannot be opened or written (its key may come back), and when the directory has
    another mailbox by now.
    """
    sender = settings().mail_from
    try:
        letter = notices.open_sealed(lease.letter)
        wire = letters.message(
            letter,
            message_id=lease.message_id,
            sender=sender,
            sender_name=jurisdiction.current().brand(Language.EN),
            at=lease.dated,
        )
    except (KeyMissing, Unreadable, ValueError) as exc:
        raise MailFault("letter", permanent=False) from exc
    if letter.mailbox != lease.mailbox:
        raise MailFault(notice_grounds.OTHER_RECIPIENT, permanent=True)
    return sender, letter.mailbox, lease.message_id, wire


def _record_sent(notice_id: int) -> None:
    """Note that the letter has gone, once, even if two were sending it because one took longer than its lease."""
    outbox.done(db.session(), notices.DELIVER, notice_id)
    now = clock.now()
    gone = change_unseen(db.session(), _GONE, {"of": notice_id, "now": now}).one_or_none()
    if gone is not None:
        audit.record(None, "sent", f"notice {gone.ref}")
        note_gone(notice_id, gone.channel, gone.kind, gone.follows_id, at=now)


def _record_kept(notice_id: int) -> None:
    """Note that the letter lies here, once. Nothing was done yet: nobody is told that it was."""
    outbox.done(db.session(), notices.DELIVER, notice_id)
    when = {"of": notice_id, "now": clock.now()}
    kept = change_unseen(db.session(), _KEPT, when).one_or_none()
    if kept is not None:
        audit.record(None, "kept", f"notice {kept.ref}")


def _record_fault(notice_id: int, attempt: int, fault: MailFault) -> None:
    """Note why the letter did not go and when to try again, once. An attempt that was overtaken has no say any more."""
    notice = db.session.get_one(Notice, notice_id)
    if notice.status is not NoticeStatus.QUEUED or notice.attempts != attempt or notice.leased_until is None:
        return
    if notice.last_fault == mail.UNCONFIRMED:
        notices.put_in_doubt(notice)
    notice.leased_until, notice.last_fault = None, fault.code
    notice.spent += fault.spends - mail.DOUBTFUL  # that was spent in advance
    if fault.code == mail.UNCONFIRMED:
        notices.keep_doubt(notice)
    if notice_grounds.is_outdated(notice):
        follow_ups.take_back(notice)
        return
    if notice_grounds.is_objected_to(notice):
        fail(notice, notice_grounds.OBJECTED)
        return
    if fault.permanent or notice.spent >= MOST_SPENT:
        fail(notice, fault.code)
        return
    mailing.put_off(notices.DELIVER, notice_id, tries=min(notice.attempts, MOST_DOUBLED), longest=LONGEST_PAUSE)
