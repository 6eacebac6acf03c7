"""What becomes of an approved letter where a real mail server refuses, puts off, hangs, hangs up, or is another's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock
from hotline.extensions import db
from hotline.gateways import mail
from hotline.gateways.mail import SmtpMailer
from hotline.models import Notice
from hotline.outbox import Task
from hotline.services import mailing, notice_sending, notices
from hotline.transactions import writing
from hotline.vocabulary import NoticeStatus
from tests.gateways import mail_server
from tests.gateways.mail_server import HANG, HANG_UP, MailServer
from tests.services.letter_steps import approved, fate

QUEUED, SENT, FAILED = NoticeStatus.QUEUED, NoticeStatus.SENT, NoticeStatus.FAILED


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server.listening() as server:
        yield server


def try_once(letter: int, server: MailServer, **limits: float) -> timedelta | None:
    """Let a try come due and be made; return how long the next one waits, None where there is none."""
    with writing():
        db.session.execute(update(Task).values(due_at=clock.now() - timedelta(seconds=1)))
    notice_sending.deliver(letter, mailer=SmtpMailer(f"smtp://127.0.0.1:{server.port}", **limits))
    db.session.remove()
    due = db.session.scalar(select(Task.due_at).where(Task.job == notices.DELIVER, Task.record_id == letter))
    return None if due is None else due - clock.now()


@pytest.mark.parametrize(
    ("step", "reply", "end"),
    [
        ("RCPT", "550 no such mailbox", (FAILED, "550")),
        ("DATA", "554 not from you", (FAILED, "unwanted")),
        ("MAIL", "552 5.3.4 larger than we take", (FAILED, "552")),
        ("RCPT", "450 4.2.0 greylisted, come back later", (QUEUED, "450")),
        ("DATA", "452 no room now", (QUEUED, "452")),
        ("MAIL", "421 going down", (QUEUED, "421")),
        ("RCPT", HANG_UP, (QUEUED, "connect")),
        ("RCPT", HANG, (QUEUED, "connect")),
        ("DATA", HANG_UP, (QUEUED, "unconfirmed")),
        ("DATA", HANG, (QUEUED, "unconfirmed")),
    ],
)
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_what_is_for_good_is_said_at_once_and_all_else_is_tried_again(
    office: Flask, server: MailServer, step: str, reply: str, end: tuple[NoticeStatus, str]
) -> None:
    letter = approved()
    server.replies[step] = reply

    pause = try_once(letter, server, giving=1.0, confirming=0.5)

    assert fate(letter) == end
    assert (pause is None) == (end[0] is FAILED)


def test_a_letter_that_is_larger_than_the_server_takes_fails_at_once(office: Flask) -> None:
    letter = approved()
    with mail_server.listening(data_size_limit=500) as small:
        assert try_once(letter, small) is None

    assert fate(letter) == (FAILED, "552")
    assert small.letters == []


def test_a_server_with_anothers_certificate_gets_nothing_and_the_letter_waits(office: Flask, tmp_path) -> None:
    letter = approved()
    _certificate, context = mail_server.make_certificate(tmp_path, "other.example")
    with mail_server.listening(tls_from_the_start=context) as other:
        with writing():
            db.session.execute(update(Task).values(due_at=clock.now() - timedelta(seconds=1)))
        notice_sending.deliver(letter, mailer=SmtpMailer(f"smtps://127.0.0.1:{other.port}"))

    assert fate(letter) == (QUEUED, "certificate")
    assert other.letters == []


def test_greylisting_costs_a_minute_and_the_letter_goes_once(office: Flask, server: MailServer) -> None:
    letter = approved()
    server.replies["RCPT"] = "450 4.2.0 greylisted"
    pause = try_once(letter, server)
    assert pause is not None
    assert timedelta(seconds=50) < pause <= mailing.FIRST_PAUSE

    server.replies.clear()
    assert try_once(letter, server) is None

    assert fate(letter) == (SENT, None)
    assert server.message_ids() == [db.session.get_one(Notice, letter).message_id]


def test_a_server_that_puts_off_is_asked_for_days_at_growing_intervals(office: Flask, server: MailServer) -> None:
    letter = approved()
    server.replies["RCPT"] = "450 4.3.2 not now"

    pauses = []
    while (pause := try_once(letter, server)) is not None:
        pauses.append(pause)

    minutes = [round(pause / timedelta(minutes=1)) for pause in pauses]
    assert minutes[:8] == [1, 2, 4, 8, 16, 32, 64, 120]
    assert set(minutes[8:]) == {120}
    assert timedelta(days=4) <= sum(pauses, timedelta()) < timedelta(days=5)
    assert fate(letter) == (FAILED, "450")
    assert server.letters == []


def test_a_connection_lost_after_acceptance_never_makes_a_second_message_id(office: Flask, server: MailServer) -> None:
    letter = approved()
    server.replies["DATA"] = HANG_UP
    assert try_once(letter, server) is not None
    assert fate(letter) == (QUEUED, mail.UNCONFIRMED)

    server.replies.clear()
    try_once(letter, server)

    assert fate(letter) == (SENT, None)
    first, second = server.letters
    assert first.content == second.content
    assert server.message_ids() == [db.session.get_one(Notice, letter).message_id] * 2


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_what_is_wrong_with_the_next_letter_does_not_undo_what_became_of_the_last(
    office: Flask, server: MailServer
) -> None:
    letter = approved()
    mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}")

    with pytest.raises(SQLAlchemyError):
        notice_sending.deliver_in_turn([letter, object()], mailer=mailer)  # type: ignore[list-item]

    db.session.remove()
    assert fate(letter)[0] is SENT
    assert len(server.letters) == 1


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_what_became_of_a_letter_stands_where_the_time_is_over_as_the_next_is_drawn(
    office: Flask, server: MailServer
) -> None:
    letter = approved()

    def drawn() -> Iterator[int]:
        yield letter
        raise JobTimeoutException

    with pytest.raises(JobTimeoutException):
        notice_sending.deliver_in_turn(drawn(), mailer=SmtpMailer(f"smtp://127.0.0.1:{server.port}"))

    db.session.remove()
    assert fate(letter)[0] is SENT


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_a_refusal_costs_patience_once_even_where_the_time_is_over_just_after_it_was_recorded(
    office: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = approved()
    server.replies["RCPT"] = "451 4.3.0 not now"
    ends = iter([None, JobTimeoutException, None])  # the letter is taken; recorded; and recorded again

    @contextmanager
    def late() -> Iterator[None]:
        with writing():
            yield
        if end := next(ends):
            raise end

    monkeypatch.setattr(notice_sending, "writing", late)
    with pytest.raises(JobTimeoutException):
        notice_sending.deliver_in_turn([letter, letter + 1], mailer=SmtpMailer(f"smtp://127.0.0.1:{server.port}"))

    db.session.remove()
    assert (fate(letter), db.session.get_one(Notice, letter).spent) == ((QUEUED, "451"), 1)
