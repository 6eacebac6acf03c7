"""Notices: drafted behind the gate, approved by a reviewer, sent in three short steps."""

import json
import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import render_template
from sqlalchemy import CursorResult, or_, select, update

from hotline import clock, jurisdiction, outbox, vault
from hotline.config import settings
from hotline.errors import Forbidden, GateClosed, NotFound, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Mailer, MailFault
from hotline.models.assessment import Verdict
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import addresses, gate, letters, refs
from hotline.rules.letters import Letter
from hotline.services import assessments, audit, items
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
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
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


def recipients(channel: Channel) -> list[Recipient]:
    """Return who may get letters through `channel`, by name."""
    query = select(Recipient).where(Recipient.active, Recipient.kind.in_(KINDS[channel]))
    return list(db.session.scalars(query.order_by(Recipient.name)))


def draft(item: Item, recipient: Recipient, *, channel: Channel, language: Language, by: Staff) -> Notice:
    """Draft a letter about `item`. Raises GateClosed when two people have not agreed on what opens `channel`."""
    verdict = assessments.verdict_of(item)
    template = gate.letter(channel, verdict.law) if verdict else None
    if verdict is None or template is None or channel not in gate.channels(verdict.inhope_class, verdict.law):
        raise GateClosed(f"nothing about {item.ref} may leave through {channel}")
    ref = refs.draw("N")
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


def list_all(*, by: Staff, limit: int = 200) -> list[Notice]:
    """Return notices, newest first."""
    return list(db.session.scalars(select(Notice).order_by(Notice.id.desc()).limit(limit)))


def list_waiting(*, by: Staff) -> list[Notice]:
    """Return drafts that wait for a reviewer, oldest first."""
    return list(db.session.scalars(select(Notice).where(Notice.status == NoticeStatus.DRAFT).order_by(Notice.id)))


def letter_of(notice: Notice) -> Letter:
    """Open the letter exactly as it is sent."""
    facts = json.loads(vault.keyring().open(PURPOSE, notice.letter))
    return Letter(facts["mailbox"], facts["subject"], facts["text"], tuple(facts["addresses"]))


def approve(notice: Notice, *, by: Staff) -> None:
    """Let a draft go: it is queued in this transaction and sent soon after. Only a reviewer may."""
    if not by.has(Role.REVIEWER):
        raise Forbidden("only a reviewer approves a notice")
    if notice.status is not NoticeStatus.DRAFT:
        raise WrongState(f"{notice.ref} is not a draft")
    notice.approved_by, notice.approved_at, notice.status = by, clock.now(), NoticeStatus.QUEUED
    audit.record(by, "approved", f"notice {notice.ref}")
    db.session.flush()
    outbox.put(db.session(), DELIVER, notice.id)


def withdraw(notice: Notice, *, by: Staff) -> None:
    """Take back a letter that has not gone."""
    untouched = update(Notice).where(
        Notice.id == notice.id,
        Notice.status.in_([NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED]),
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
        notice = _lease(notice_id)
        wire = _on_the_wire(notice) if notice else None
    if wire is None:
        return
    try:
        mailer.send(*wire)
    except MailFault as fault:
        with writing():
            _record_fault(notice_id, fault)
        return
    with writing():
        _record_sent(notice_id)


def _lease(notice_id: int) -> Notice | None:
    """Take the notice for five minutes; None when it is not queued, or somebody else is sending it."""
    free = update(Notice).where(
        Notice.id == notice_id,
        Notice.status == NoticeStatus.QUEUED,
        or_(Notice.leased_until.is_(None), Notice.leased_until < clock.now()),
    )
    values = {"leased_until": clock.now() + LEASE, "attempts": Notice.attempts + 1}
    taken: CursorResult[Any] = db.session.execute(free.values(values))  # type: ignore[assignment]
    if taken.rowcount:
        return db.session.get(Notice, notice_id)
    if db.session.scalar(select(Notice.status).where(Notice.id == notice_id)) is not NoticeStatus.QUEUED:
        outbox.done(db.session(), DELIVER, notice_id)
    return None


def _on_the_wire(notice: Notice) -> tuple[str, str, str, bytes]:
    """Return (sender, mailbox, Message-ID, message). The date is the approval's, so a second copy is the same."""
    letter, sender = letter_of(notice), settings().mail_from
    name = jurisdiction.current().brand(Language.EN)
    wire = letters.message(
        letter,
        message_id=notice.message_id,
        sender=sender,
        sender_name=name,
        at=notice.approved_at or notice.drafted_at,
    )
    return sender, letter.mailbox, notice.message_id, wire


def _record_sent(notice_id: int) -> None:
    notice = db.session.get_one(Notice, notice_id)
    notice.status, notice.sent_at, notice.leased_until, notice.last_fault = NoticeStatus.SENT, clock.now(), None, None
    outbox.done(db.session(), DELIVER, notice_id)
    audit.record(None, "sent", f"notice {notice.ref}")
    for line in notice.lines:
        if line.item.status is ItemStatus.DECIDED:
            line.item.status = ItemStatus.ACTING
            items.moved(line.item)


def _record_fault(notice_id: int, fault: MailFault) -> None:
    notice = db.session.get_one(Notice, notice_id)
    notice.leased_until, notice.last_fault = None, fault.code
    if fault.permanent or notice.attempts >= MOST_ATTEMPTS:
        notice.status = NoticeStatus.FAILED
        outbox.done(db.session(), DELIVER, notice_id)
        audit.record(None, "failed", f"notice {notice.ref}", fault=fault.code)
        return
    pause = min(FIRST_PAUSE * 2 ** (notice.attempts - 1), LONGEST_PAUSE)
    outbox.later(db.session(), DELIVER, notice_id, due_at=clock.now() + pause)


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
        phone=place.hotline_phone.number,
    )
    subject = f"URGENT: child sexual abuse material on your network, please remove [{ref}]"
    if language is Language.KM:
        subject = f"បន្ទាន់៖ សម្ភារៈរំលោភបំពានផ្លូវភេទលើកុមារលើបណ្តាញរបស់លោកអ្នក សូមលុបចេញ [{ref}]"
    return Letter(recipient.mailbox, subject, text, exact)


def _seal(letter: Letter) -> bytes:
    return vault.keyring().seal(PURPOSE, json.dumps(asdict(letter), ensure_ascii=False))
