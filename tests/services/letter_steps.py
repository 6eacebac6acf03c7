"""Steps that tests of letters take: one is drafted and approved, and each try ends as the test says."""

from contextlib import suppress
from datetime import timedelta

from rq.timeouts import JobTimeoutException
from sqlalchemy import select, update

from hotline import clock
from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault
from hotline.models import Notice, Recipient
from hotline.outbox import Task
from hotline.services import notice_approval, notice_drafting, notice_sending, notices
from hotline.transactions import writing
from hotline.vocabulary import Channel, Delivery, Language, NoticeStatus
from tests.services import steps

FORM = "https://forms.example/report"
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


def approved() -> int:
    """Bring a letter to where it waits to be sent; return its id."""
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
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
            notice_sending.deliver(letter, mailer=post)
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


def reached(**facts: object) -> Recipient:
    """Say how the recipient is reached."""
    with writing():
        db.session.execute(update(Recipient).where(Recipient.id == steps.recipient().id).values(**facts))
    return steps.recipient()


def typed_in() -> Notice:
    """Draft a notice to a recipient who takes only a form of its own."""
    item = steps.looked_at_twice()
    reached(delivery=Delivery.WEB_FORM, form_url=FORM)
    with writing():
        return notice_drafting.draft(
            item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0]
        )


def approve(notice: Notice) -> Notice:
    """Let a draft go, with another person's approval."""
    with writing():
        notice_approval.approve(notice, by=steps.team()[1])
    return notice
