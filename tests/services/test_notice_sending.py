"""A letter goes once as far as anybody can know, and is tried as long as that helps."""

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException

from hotline import clock, outbox
from hotline.extensions import db
from hotline.gateways import mail
from hotline.jobs import rows, sweep
from hotline.models import Notice
from hotline.services import mailing, notice_sending, notices
from tests.services import steps
from tests.services.letter_steps import AWAY, FAILED, PUT_OFF, QUEUED, SENT, Post, approved, deliver, fate, no_rows_of


def test_a_mail_server_that_is_away_for_days_uses_up_no_letter(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = AWAY
    deliver(letter, post, times=40)
    assert fate(letter) == (QUEUED, "connect")
    due = notices.next_try_at(db.session.get_one(Notice, letter))
    assert due <= clock.now() + notice_sending.LONGEST_PAUSE
    assert [one.id for one in notices.list_troubled(by=steps.team()[0], most=9)] == [letter]

    post.end = None
    deliver(letter, post)

    assert fate(letter) == (SENT, None)


def test_a_letter_that_is_put_off_again_and_again_is_given_to_people(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = PUT_OFF

    deliver(letter, post, times=notice_sending.MOST_SPENT + 3)

    assert post.tries == notice_sending.MOST_SPENT
    assert fate(letter) == (FAILED, "451")
    assert no_rows_of(letter)


@pytest.mark.parametrize("end", [mail.in_doubt(), JobTimeoutException("time is up")])
def test_a_letter_that_may_have_arrived_is_sent_three_times_at_most(office: Flask, post: Post, end: Exception) -> None:
    letter = approved()
    post.end = end

    deliver(letter, post, times=10)

    assert post.tries == 3
    assert fate(letter) == (FAILED, "unconfirmed")
    assert no_rows_of(letter)


def test_what_is_no_fault_of_the_mail_is_recorded_and_told(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = RuntimeError("a mistake of ours")

    with pytest.raises(RuntimeError, match="mistake"):
        notice_sending.deliver(letter, mailer=post)

    notice = db.session.get_one(Notice, letter)
    assert (notice.status, notice.last_fault, notice.leased_until) == (QUEUED, "unconfirmed", None)


class KilledError(BaseException):
    """What nobody can catch."""


def test_a_worker_killed_at_every_try_does_not_try_for_ever(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = KilledError()
    for _ in range(3):
        with pytest.raises(KilledError):
            deliver(letter, post)

    deliver(letter, post, times=3)

    assert post.tries == 3
    assert fate(letter) == (FAILED, "unconfirmed")


def test_no_sending_outlives_its_job_or_its_lease() -> None:
    round_and_last_letter = max(rows.LONGEST, sweep.BY_HAND) + mail.LONGEST

    assert round_and_last_letter < outbox.JOB_SECONDS < mailing.LEASE.total_seconds()
    assert mail.TIMEOUT < mail.GIVING
