"""Notices: drafted behind the gate, approved by a reviewer, sent in three short steps."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from sqlalchemy import CursorResult, bindparam, case, func, or_, select, tuple_, update
from sqlalchemy.orm import joinedload, selectinload

from hotline import clock, jurisdiction, outbox, vault
from hotline.config import settings
from hotline.errors import Forbidden, GateClosed, KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import UtcTime, db
from hotline.gateways.mail import Mailer, MailFault
from hotline.models.assessment import Verdict
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.outbox import Task
from hotline.rules import addresses, gate, letters
from hotline.rules.letters import Letter
from hotline.services import assessments, audit, items, notice_checks, references
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    InhopeClass,
    ItemStatus,
    Language,
    LawVerdict,
    NoticeStatus,
    RecipientKind,
    Role,
)

__all__ = ["Letter"]

DELIVER = "hotline.jobs.notices.deliver_notice"
PURPOSE = "notice.letter"
LEASE = timedelta(minutes=5)  # longer than any sending may take (`outbox.JOB_SECONDS`)
MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
NOT_GONE = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)
STANDING = (
    NoticeStatus.DRAFT,
    NoticeStatus.APPROVED,
    NoticeStatus.QUEUED,
    NoticeStatus.SENT,
    NoticeStatus.ANSWERED,
)  # a letter that is on its way, or has arrived
KINDS = {
    Channel.HOST: (
        RecipientKind.HOSTING_PROVIDER,
        RecipientKind.PLATFORM,
        RecipientKind.CDN,
        RecipientKind.REGISTRAR,
    ),
    Channel.PARTNER: (RecipientKind.PARTNER_HOTLINE,),
    Channel.POLICE: (RecipientKind.POLICE,),
}


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, and the cursor of the next page (empty at the end)."""

    rows: list[Notice]
    next: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A notice in the hands of whoever sends it: which attempt this is, and what goes on the wire, still sealed."""

    attempt: int
    message_id: str
    letter: bytes
    dated: datetime


# built once, since they are said for every letter; `of` is the notice
_OF, _NOW = Notice.id == bindparam("of"), bindparam("now", type_=UtcTime())
_FREE = or_(Notice.leased_until.is_(None), Notice.leased_until < _NOW)
_TAKE = (
    update(Notice)
    .where(_OF, Notice.status == NoticeStatus.QUEUED, _FREE, ~outbox.put_off(DELIVER, Notice.id, _NOW))
    .values(leased_until=bindparam("until", type_=UtcTime()), attempts=Notice.attempts + 1)
    .returning(Notice.attempts, Notice.message_id, Notice.letter, func.coalesce(Notice.approved_at, Notice.drafted_at))
)
_GONE = (
    update(Notice)
    .where(_OF, Notice.status != NoticeStatus.SENT)
    .values(status=NoticeStatus.SENT, sent_at=_NOW, leased_until=None, last_fault=None)
    .returning(Notice.ref)
)
_LISTED = select(NoticeItem.item_id).where(NoticeItem.notice_id == bindparam("of"))


def recipients(channel: Channel) -> list[Recipient]:
    """Return who may get letters through `channel`, by name."""
    query = select(Recipient).where(Recipient.active, Recipient.kind.in_(KINDS[channel]))
    return list(db.session.scalars(query.order_by(Recipient.name)))


def draft(item: Item, recipient: Recipient, *, channel: Channel, language: Language, by: Staff) -> Notice:
    """Draft a letter about `item`. Raises GateClosed when two people have not agreed on what opens `channel`.

    Raises Refused for a recipient who gets no letters through `channel`, or has one about this item already.
    """
    verdict = assessments.verdict_of(item)
    template = gate.letter(channel, verdict.law) if verdict else None
    if verdict is None or template is None or channel not in ways(item):
        raise GateClosed(f"nothing about {item.ref} may leave through {channel}")
    _refuse_wrong_recipient(item, recipient, channel)
    ref = references.draw(Notice.ref, "N")
    notice = Notice(
        ref=ref,
        recipient=recipient,
        channel=channel,
        language=language,
        template=template,
        letter=_seal(_write(ref, [item], verdict, recipient, language)),
        message_id=f"<{ref.lower()}.{secrets.token_hex(8)}@{settings().mail_from.partition('@')[2]}>",
        status=NoticeStatus.DRAFT,
        drafted_by=by,
        drafted_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    db.session.add(
        NoticeItem(
            notice_id=notice.id,
            item_id=item.id,
            verdict_id=verdict.id,
            inhope_class=verdict.inhope_class,
            law=verdict.law,
            channel=channel,
        )
    )
    audit.record(by, "drafted", f"notice {ref}")
    audit.record(by, "drafted a notice", f"item {item.ref}", notice=ref)
    return notice


def get(ref: str, *, by: Staff) -> Notice:
    """Return the notice `ref`. Raises NotFound, also for people who may not see notices."""
    notice = db.session.scalar(select(Notice).where(Notice.ref == ref))
    if notice is None or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no notice {ref}")
    return notice


def read(notice: Notice, *, by: Staff) -> Letter | None:
    """Open a notice's letter for a person; the read goes into the audit trail. None where no key here opens it."""
    audit.record_read(by, "read", f"notice {notice.ref}")
    try:
        return letter_of(notice)
    except (KeyMissing, Unreadable):
        return None


def list_page(*, by: Staff, status: NoticeStatus | None = None, after: str = "", limit: int = 50) -> NoticePage:
    """Return notices: drafts first, the oldest on top, then all others, newest first. `after` is the page before's."""
    settled = Notice.status != NoticeStatus.DRAFT
    rank, place = case((settled, 1), else_=0), case((settled, -Notice.id), else_=Notice.id)
    query = select(Notice).order_by(rank, place).limit(limit + 1)
    query = query.options(joinedload(Notice.recipient), selectinload(Notice.lines).joinedload(NoticeItem.item))
    if status:
        query = query.where(Notice.status == status)
    if after:
        query = query.where(tuple_(rank, place) > _position(after))
    found = list(db.session.scalars(query))
    return NoticePage(found[:limit], _cursor(found[limit - 1]) if len(found) > limit else "")


def ways(item: Item) -> tuple[Channel, ...]:
    """Return the channels a letter about `item` may take: none before two people agreed, none while it is held."""
    verdict = assessments.verdict_of(item)
    if verdict is None or item.status not in {ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING}:
        return ()
    return tuple(one for one in gate.channels(verdict.inhope_class, verdict.law) if gate.letter(one, verdict.law))


def is_being_sent(notice: Notice) -> bool:
    """Whether the letter is in somebody's hands right now."""
    until = notice.leased_until
    return notice.status is NoticeStatus.QUEUED and until is not None and until > clock.now()


def may_withdraw(notice: Notice) -> bool:
    """Whether a letter can still be taken back."""
    return notice.status in NOT_GONE and not is_being_sent(notice)


def next_try_at(notice: Notice) -> datetime | None:
    """Return when a letter that is on its way is tried next; None when it is not on its way."""
    return db.session.scalar(select(Task.due_at).where(Task.job == DELIVER, Task.record_id == notice.id))


def list_waiting(*, by: Staff) -> list[Notice]:
    """Return drafts that wait for a reviewer, oldest first."""
    return list(db.session.scalars(select(Notice).where(Notice.status == NoticeStatus.DRAFT).order_by(Notice.id)))


def list_troubled(*, by: Staff) -> list[Notice]:
    """Return letters that did not get through and need a person, oldest first."""
    troubled = Notice.status.in_([NoticeStatus.FAILED, NoticeStatus.BOUNCED])
    return list(db.session.scalars(select(Notice).where(troubled).order_by(Notice.id)))


def letter_of(notice: Notice) -> Letter:
    """Open the letter exactly as it is sent."""
    return _opened(notice.letter)


def approve(notice: Notice, *, by: Staff) -> None:
    """Let a draft go: it is queued in this transaction and sent soon after. Only a reviewer may.

    Raises Refused for what the reviewer's checks found wrong (`approve`, code), and GateClosed when what was agreed no
    longer stands: the item was taken up again, held or closed after the letter was drafted.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("only a reviewer approves a notice")
    if notice.status is not NoticeStatus.DRAFT:
        raise WrongState(f"{notice.ref} is not a draft")
    if wrong := _wrong_with(notice, by=by):
        raise Refused(("approve", wrong))
    if not all(_stands(line, notice.channel) for line in notice.lines):
        raise GateClosed(f"what {notice.ref} rests on no longer stands")
    notice.approved_by, notice.approved_at, notice.status = by, clock.now(), NoticeStatus.QUEUED
    audit.record(by, "approved", f"notice {notice.ref}")
    db.session.flush()
    outbox.put(db.session(), DELIVER, notice.id)


def withdraw(notice: Notice, *, by: Staff) -> None:
    """Take back a letter that has not gone."""
    untouched = update(Notice).where(
        Notice.id == notice.id,
        Notice.status.in_(NOT_GONE),
        or_(Notice.leased_until.is_(None), Notice.leased_until < clock.now()),
    )
    done: CursorResult[Any] = db.session.execute(untouched.values(status=NoticeStatus.WITHDRAWN))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{notice.ref} has gone, or is going now")
    outbox.done(db.session(), DELIVER, notice.id)
    db.session.refresh(notice)
    audit.record(by, "withdrew", f"notice {notice.ref}")


def try_again(notice: Notice, *, by: Staff) -> None:
    """Queue a letter that failed for good, once the cause is mended."""
    if notice.status is not NoticeStatus.FAILED:
        raise WrongState(f"{notice.ref} has not failed")
    notice.status, notice.attempts, notice.last_fault = NoticeStatus.QUEUED, 0, None
    audit.record(by, "queued again", f"notice {notice.ref}")
    db.session.flush()
    outbox.put(db.session(), DELIVER, notice.id)


def deliver(notice_id: int, *, mailer: Mailer) -> None:
    """Send one queued notice: claim and commit, send outside any transaction, record and commit. Safe to run twice."""
    with writing():
        lease = _lease(notice_id)
    if lease is None:
        return
    try:
        mailer.send(*_on_the_wire(lease))
    except MailFault as fault:
        with writing():
            _record_fault(notice_id, lease.attempt, fault)
        return
    with writing():
        _record_sent(notice_id)


def _lease(notice_id: int) -> Lease | None:
    """Take the notice for `LEASE`.

    None when it is not queued, waits for its next try, or somebody else is sending it. Whoever is killed while sending
    leaves the lease behind: the notice waits until it ends, since nobody can know whether the letter has gone.
    """
    now = clock.now()
    when = {"of": notice_id, "now": now, "until": now + LEASE}
    row = db.session.execute(_TAKE, when, execution_options=outbox.UNSEEN).one_or_none()
    if row is None:
        _settle_row(notice_id)
        return None
    return Lease(*row)


def _settle_row(notice_id: int) -> None:
    """Take away the row of a notice that needs no sending, or put it off until whoever sends it has had the time."""
    held = select(Notice.status, Notice.leased_until).where(Notice.id == notice_id)
    status, until = db.session.execute(held).one_or_none() or (None, None)
    if status is not NoticeStatus.QUEUED:
        outbox.done(db.session(), DELIVER, notice_id)
    elif until is not None:
        outbox.later(db.session(), DELIVER, notice_id, due_at=until)


def _on_the_wire(lease: Lease) -> tuple[str, str, str, bytes]:
    """Return (sender, mailbox, Message-ID, message). The date is the approval's, so a second copy is the same.

    Raises MailFault when the letter cannot be opened or written; its key may come back.
    """
    sender = settings().mail_from
    try:
        letter = _opened(lease.letter)
        wire = letters.message(
            letter,
            message_id=lease.message_id,
            sender=sender,
            sender_name=jurisdiction.current().brand(Language.EN),
            at=lease.dated,
        )
    except (KeyMissing, Unreadable, ValueError) as exc:
        raise MailFault("letter", permanent=False) from exc
    return sender, letter.mailbox, lease.message_id, wire


def _record_sent(notice_id: int) -> None:
    """Note that the letter has gone, once, even if two were sending it because one took longer than its lease."""
    outbox.done(db.session(), DELIVER, notice_id)
    ref = db.session.scalar(_GONE, {"of": notice_id, "now": clock.now()}, execution_options=outbox.UNSEEN)
    if ref is not None:
        audit.record(None, "sent", f"notice {ref}")
        items.act_on(db.session.scalars(_LISTED, {"of": notice_id}).all())


def _record_fault(notice_id: int, attempt: int, fault: MailFault) -> None:
    """Note why the letter did not go and when to try again. An attempt that was overtaken has no say any more."""
    notice = db.session.get_one(Notice, notice_id)
    if notice.status is not NoticeStatus.QUEUED or notice.attempts != attempt:
        return
    notice.leased_until, notice.last_fault = None, fault.code
    if fault.permanent or notice.attempts >= MOST_ATTEMPTS:
        notice.status = NoticeStatus.FAILED
        outbox.done(db.session(), DELIVER, notice_id)
        audit.record(None, "failed", f"notice {notice.ref}", fault=fault.code)
        return
    pause = min(FIRST_PAUSE * 2 ** (notice.attempts - 1), LONGEST_PAUSE)
    outbox.later(db.session(), DELIVER, notice_id, due_at=clock.now() + pause)


def _wrong_with(notice: Notice, *, by: Staff) -> str | None:
    checks = notice_checks.of(notice, letter_of(notice), by=by)
    found = {
        "second_person": checks.needs_another,
        "mailbox": not checks.mailbox_is_current,
        "addresses": not checks.addresses_are_exact,
    }
    return next((code for code, is_wrong in found.items() if is_wrong), None)


def _stands(line: NoticeItem, channel: Channel) -> bool:
    """Whether the verdict that let an address into a letter is still the one in force, and still opens the way."""
    verdict = assessments.verdict_of(line.item)
    return verdict is not None and verdict.id == line.verdict_id and channel in ways(line.item)


def _refuse_wrong_recipient(item: Item, recipient: Recipient, channel: Channel) -> None:
    if not recipient.active or recipient.kind not in KINDS[channel]:
        raise Refused(("recipient", "wrong"))
    same = select(Notice.id).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.status.in_(STANDING))
    if db.session.scalar(same.where(Notice.recipient_id == recipient.id).limit(1)) is not None:
        raise Refused(("recipient", "has_one"))


def _cursor(notice: Notice) -> str:
    return f"{'d' if notice.status is NoticeStatus.DRAFT else 's'}{notice.id}"


def _position(cursor: str) -> tuple[int, int]:
    kind, number = cursor[:1], cursor[1:]
    if kind not in {"d", "s"} or not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Refused(("after", "unknown"))
    return (0, int(number)) if kind == "d" else (1, -int(number))


def _write(ref: str, about: list[Item], verdict: Verdict, recipient: Recipient, language: Language) -> Letter:
    place = jurisdiction.current()
    exact = tuple(items.address_of(item) for item in about)
    text = render_template(
        f"letters/notice_host.{language}.txt",
        ref=ref,
        addresses=[addresses.defang(address) for address in exact],
        baseline=verdict.inhope_class is InhopeClass.BASELINE,
        law_title=place.law_title(language) if verdict.law is LawVerdict.ILLEGAL else "",
        brand=place.brand(language),
        phone=place.hotline_phone.international,
    )
    subject = f"URGENT: child sexual abuse material on your network, please remove [{ref}]"
    if language is Language.KM:
        subject = f"បន្ទាន់៖ សម្ភារៈរំលោភបំពានផ្លូវភេទលើកុមារលើបណ្តាញរបស់លោកអ្នក សូមលុបចេញ [{ref}]"
    return Letter(recipient.mailbox, subject, text, exact)


def _opened(sealed: bytes) -> Letter:
    facts = json.loads(vault.keyring().open(PURPOSE, sealed))
    return Letter(facts["mailbox"], facts["subject"], facts["text"], tuple(facts["addresses"]))


def _seal(letter: Letter) -> bytes:
    return vault.keyring().seal(PURPOSE, json.dumps(asdict(letter), ensure_ascii=False))
