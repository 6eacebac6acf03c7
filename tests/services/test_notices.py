"""A letter goes while what it rests on stands, once as far as anybody can know, and is tried as long as that helps."""

from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException
from sqlalchemy import select, update

from hotline import clock, outbox
from hotline.errors import GateClosed, Refused
from hotline.extensions import db
from hotline.gateways import mail
from hotline.gateways.mail import Handed, MailFault
from hotline.jobs import rows, sweep
from hotline.models import Item, Notice, Recipient
from hotline.outbox import Task
from hotline.services import audit, directory, items, notices
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemOutcome, ItemStatus, Language, NoticeStatus
from tests.services import steps

QUEUED, SENT, FAILED = NoticeStatus.QUEUED, NoticeStatus.SENT, NoticeStatus.FAILED
AWAY = MailFault("connect", permanent=False, spends=0)
PUT_OFF = MailFault("451", permanent=False)
REFUSED = MailFault("550", permanent=True)


class Post:
    """A mailer that ends each try as the test says, and counts them."""

    def __init__(self) -> None:
        self.tries = 0
        self.end: Exception | None = None

    def send(self, *_: object) -> Handed:
        self.tries += 1
        if self.end:
            raise self.end
        return Handed.ON


@pytest.fixture
def post() -> Post:
    return Post()


def approved() -> int:
    """Bring a letter to where it waits to be sent; return its id."""
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        notice = notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notices.approve(notice, by=second)
    return notice.id


def failed(post: Post) -> int:
    """Bring a letter to where the mail server has refused it; return its id."""
    letter = approved()
    post.end = REFUSED
    deliver(letter, post)
    post.end = None
    return letter


def deliver(letter: int, post: Post, *, times: int = 1) -> None:
    """Try so many times, each after every pause and every lease is over; what is no fault of the mail is let go by."""
    for _ in range(times):
        past = clock.now() - timedelta(hours=1)
        with writing():
            db.session.execute(update(Task).values(due_at=past))
            db.session.execute(update(Notice).where(Notice.leased_until.is_not(None)).values(leased_until=past))
        with suppress(JobTimeoutException):
            notices.deliver(letter, mailer=post)
        db.session.remove()


def fate(letter: int) -> tuple[NoticeStatus, str | None]:
    notice = db.session.get_one(Notice, letter)
    return notice.status, notice.last_fault


def put(model: type, **values: object) -> None:
    with writing():
        db.session.execute(update(model).values(**values))


def no_rows_of(letter: int) -> bool:
    row = select(Task.id).where(Task.job == notices.DELIVER, Task.record_id == letter)
    return db.session.scalar(row) is None


# --- What it rests on


@pytest.mark.parametrize(
    ("model", "change", "code"),
    [
        (Recipient, {"active": False}, "recipient"),
        (Recipient, {"verified_on": None}, "recipient"),
        (Recipient, {"mailbox": "elsewhere@hosting.example"}, "recipient"),
        (Item, {"status": ItemStatus.HELD}, "verdict"),
        (Item, {"status": ItemStatus.ASSESSING}, "verdict"),
        (Item, {"status": ItemStatus.CLOSED}, "verdict"),
    ],
)
def test_an_approved_letter_does_not_go_once_what_it_rests_on_has_fallen(office: Flask, post, model, change, code):
    letter = approved()
    put(model, **change)

    deliver(letter, post, times=2)

    assert post.tries == 0
    assert fate(letter) == (FAILED, code)
    assert no_rows_of(letter)


@pytest.mark.parametrize("status", [ItemStatus.ACTING, ItemStatus.MONITORING])
def test_a_letter_about_an_item_that_is_acted_on_goes(office: Flask, post: Post, status: ItemStatus) -> None:
    letter = approved()
    put(Item, status=status)

    deliver(letter, post)

    assert fate(letter) == (SENT, None)


def test_a_letter_whose_item_stands_again_may_be_tried_again(office: Flask, post: Post) -> None:
    letter = approved()
    put(Item, status=ItemStatus.HELD)
    deliver(letter, post)
    put(Item, status=ItemStatus.DECIDED)

    with writing():
        notices.try_again(db.session.get_one(Notice, letter), by=steps.team()[0])
    deliver(letter, post)

    assert fate(letter) == (SENT, None)


def test_while_a_letter_that_failed_may_be_tried_again_there_is_no_second_one(office: Flask, post: Post) -> None:
    letter = failed(post)
    item = db.session.get_one(Notice, letter).lines[0].item

    with pytest.raises(Refused, match="recipient:has_one"), writing():
        notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])

    with writing():
        notices.withdraw(db.session.get_one(Notice, letter), by=steps.team()[0])
        notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])


def test_a_letter_that_failed_is_checked_like_a_draft_before_it_goes_again(office: Flask, post: Post) -> None:
    letter = failed(post)
    by = steps.team()[0]

    with writing():
        directory.switch(steps.recipient(), on=False, by=by)
    with pytest.raises(Refused, match="try-again:mailbox"), writing():
        notices.try_again(db.session.get_one(Notice, letter), by=by)
    with writing():
        directory.switch(steps.recipient(), on=True, by=by)
        items.close(db.session.scalars(select(Item)).one(), ItemOutcome.REMOVED, by=by)
    with pytest.raises(GateClosed), writing():
        notices.try_again(db.session.get_one(Notice, letter), by=by)

    assert fate(letter) == (FAILED, "550")


# --- How often it is tried


def test_a_mail_server_that_is_away_for_days_uses_up_no_letter(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = AWAY
    deliver(letter, post, times=40)
    assert fate(letter) == (QUEUED, "connect")
    due = notices.next_try_at(db.session.get_one(Notice, letter))
    assert due <= clock.now() + notices.LONGEST_PAUSE
    assert [one.id for one in notices.list_troubled(by=steps.team()[0], most=9)] == [letter]

    post.end = None
    deliver(letter, post)

    assert fate(letter) == (SENT, None)


def test_of_letters_in_trouble_and_of_drafts_no_more_are_read_than_are_shown(office: Flask, post: Post) -> None:
    by = steps.team()[0]
    letters = []
    for number in range(3):
        item = steps.looked_at_twice(url=f"https://host-{number}.example/")
        with writing():
            letters.append(notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by).id)
    assert [one.id for one in notices.list_waiting(by=by, most=2)] == letters[:2]
    put(Notice, approved_by_id=by.id, approved_at=clock.now(), status=QUEUED)
    put(Notice, status=FAILED)

    assert [one.id for one in notices.list_troubled(by=by, most=2)] == letters[:2]
    assert [one.id for one in notices.list_troubled(by=by, most=9)] == letters
    assert notices.list_waiting(by=by, most=9) == []


def test_a_letter_that_is_put_off_again_and_again_is_given_to_people(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = PUT_OFF

    deliver(letter, post, times=notices.MOST_SPENT + 3)

    assert post.tries == notices.MOST_SPENT
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


def test_that_a_letter_may_have_arrived_stays_on_record_when_it_is_tried_again(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = mail.in_doubt()
    deliver(letter, post, times=10)
    notice = db.session.get_one(Notice, letter)
    with writing():
        notices.try_again(notice, by=steps.team()[0])
    post.end = PUT_OFF
    deliver(letter, post)

    notice = db.session.get_one(Notice, letter)
    assert (notice.last_fault, notice.spent) == ("451", 1)
    assert notices.was_in_doubt(notice)
    assert notices.may_have_arrived(notice)
    assert audit.count(f"notice {notice.ref}", notices.DOUBTED) == 1


def test_of_a_letter_that_was_refused_nobody_says_that_it_may_have_arrived(office: Flask, post: Post) -> None:
    letter = failed(post)
    with writing():
        notices.try_again(db.session.get_one(Notice, letter), by=steps.team()[0])

    assert not notices.may_have_arrived(db.session.get_one(Notice, letter))


def test_what_is_no_fault_of_the_mail_is_recorded_and_told(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = RuntimeError("a mistake of ours")

    with pytest.raises(RuntimeError, match="mistake"):
        notices.deliver(letter, mailer=post)

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


def test_who_lets_a_letter_be_tried_again_has_patience_with_it_anew(office: Flask, post: Post) -> None:
    letter = failed(post)
    with writing():
        notices.try_again(db.session.get_one(Notice, letter), by=steps.team()[0])
    post.end = PUT_OFF

    deliver(letter, post, times=notices.MOST_SPENT - 1)

    assert fate(letter) == (QUEUED, "451")


def test_no_sending_outlives_its_job_or_its_lease() -> None:
    round_and_last_letter = max(rows.LONGEST, sweep.BY_HAND) + mail.LONGEST

    assert round_and_last_letter < outbox.JOB_SECONDS < notices.LEASE.total_seconds()
    assert mail.TIMEOUT < mail.GIVING
