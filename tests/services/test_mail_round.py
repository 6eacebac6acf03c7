"""The whole round by real mail servers: a notice through Postfix, and what comes back on it through Dovecot."""

import dataclasses
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline.extensions import db
from hotline.gateways.mail import SmtpMailer
from hotline.models import Notice, Recipient, Reply
from hotline.rules import letters
from hotline.services import mailbox, notice_approval, notice_drafting, notice_sending, notices
from hotline.transactions import writing
from hotline.vocabulary import Channel, Language, NoticeStatus, ReplyKind
from tests.deploy.processes import wait_for
from tests.gateways import imap_server, postfix_server
from tests.gateways.imap_server import Dovecot
from tests.gateways.postfix_server import Postfix
from tests.services import steps

OURS, HOSTS = "notices@hotline.example", "abuse@hosting.example"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Postfix, Dovecot, Path]]:
    """Postfix, the Dovecot that holds our mailbox, and the Maildir of the recipient."""
    if not imap_server.has_dovecot():
        pytest.fail(imap_server.MISSING, pytrace=False)
    with imap_server.dovecot() as dovecot:
        theirs = dovecot.mail / ".Theirs"
        with postfix_server.postfix({OURS: dovecot.mail, HOSTS: theirs}) as postfix:
            yield postfix, dovecot, theirs


@pytest.fixture
def mailed(office: Flask, servers: tuple[Postfix, Dovecot, Path]) -> Iterator[tuple[Postfix, Path]]:
    postfix, dovecot, theirs = servers
    settings = office.extensions["hotline.settings"]
    office.extensions["hotline.settings"] = dataclasses.replace(
        settings, mail_from=OURS, imap_url=dovecot.url(), imap_authserv="mx.hotline.example"
    )
    yield postfix, theirs
    for one in [*dovecot.mail.rglob("new/*"), *dovecot.mail.rglob("cur/*")]:
        one.unlink(missing_ok=True)


def send_notice(postfix: Postfix, to: str = HOSTS) -> Notice:
    """Approve a notice and let the mailer hand it to Postfix."""
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        db.session.execute(update(Recipient).where(Recipient.id == steps.recipient().id).values(mailbox=to))
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
    notice_sending.deliver(notice.id, mailer=SmtpMailer(postfix.url))
    return db.session.get_one(Notice, notice.id)


def delivered(place: Path) -> bytes:
    """Wait for a letter in a Maildir."""
    return wait_for(lambda: next((one.read_bytes() for one in place.glob("new/*")), b""), "a letter")


def replies_by_poll() -> list[Reply]:
    """Look into the mailbox until something was filed."""

    def look() -> list[Reply]:
        mailbox.poll()
        db.session.rollback()
        return list(db.session.scalars(select(Reply).order_by(Reply.id)))

    return wait_for(look, "an answer that is filed")


def test_a_notice_arrives_byte_for_byte_through_a_real_mail_server(mailed: tuple[Postfix, Path]) -> None:
    postfix, theirs = mailed
    notice = send_notice(postfix)
    assert notice.status is NoticeStatus.SENT

    came = delivered(theirs)

    head, _, body = came.partition(b"\n\n")
    lease = notice_sending.Lease(1, notice.message_id, notice.letter, notice.approved_at, HOSTS)
    sender, _mailbox, message_id, wire = notice_sending._on_the_wire(lease)
    ours_head, _, ours_body = wire.replace(b"\r\n", b"\n").partition(b"\n\n")
    assert body.rstrip(b"\n") == ours_body.rstrip(b"\n")
    assert set(ours_head.split(b"\n")) <= set(head.split(b"\n"))  # the server puts its own lines above
    message = message_from_bytes(came, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert (message["Message-ID"], message["From"].addresses[0].addr_spec) == (message_id, sender)
    assert message["Return-Path"] == f"<{OURS}>"  # where bounces go
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert files[letters.ATTACHED].splitlines() == list(notices.letter_of(notice).addresses)


def test_the_bounce_of_a_real_mail_server_lands_at_its_notice(mailed: tuple[Postfix, Path]) -> None:
    postfix, _theirs = mailed
    notice = send_notice(postfix, to="nobody@hosting.example")
    assert notice.status is NoticeStatus.SENT  # it was taken, and came back later

    (reply,) = replies_by_poll()

    assert (reply.notice_id, reply.kind, reply.code, reply.words) == (notice.id, ReplyKind.BOUNCE, "5.1.1", None)
    assert reply.notice.status is NoticeStatus.BOUNCED
    assert reply.notice.recipient.verified_on is None


@pytest.mark.parametrize(
    ("sender", "more", "kind"),
    [("", "Auto-Submitted: auto-replied", ReplyKind.OUT_OF_OFFICE), (HOSTS, "X-Mailer: a person's", ReplyKind.MAIL)],
)
def test_an_answer_through_a_real_mail_server_is_threaded(mailed, sender: str, more: str, kind: ReplyKind) -> None:
    postfix, theirs = mailed
    notice = send_notice(postfix)
    came = message_from_bytes(delivered(theirs), policy=policy.default)
    answer = (
        f"From: Abuse desk <{HOSTS}>\nTo: {OURS}\nSubject: Re: {came['Subject']}\nMessage-ID: <a@hosting.example>\n"
    )
    answer += f"In-Reply-To: {came['Message-ID']}\nReferences: {came['Message-ID']}\n{more}\n\nWe removed it.\n"

    postfix.post(sender, OURS, answer.encode())

    (reply,) = replies_by_poll()
    assert (reply.notice_id, reply.kind, reply.answer) == (notice.id, kind, None)
    assert reply.code == ("" if sender else "unconfirmed")  # nobody vouches for a letter without a sender


def test_a_letter_over_the_limit_of_a_real_mail_server_fails_at_once(office: Flask, tmp_path: Path) -> None:
    with postfix_server.postfix({HOSTS: tmp_path / "theirs"}, size_limit=2_000) as small:
        notice = send_notice(small)

    assert (notice.status, notice.last_fault) == (NoticeStatus.FAILED, "552")
