"""The demo's letters as after a few days: one whose recipient does nothing, one nobody typed in, one nobody wrote."""

from datetime import timedelta

from sqlalchemy import Select, select

from hotline import clock
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.notice import Notice
from hotline.services import clock_rounds
from hotline.transactions import writing
from hotline.vocabulary import Delivery, Duty, NoticeStatus

LATE = timedelta(hours=3)
BY_A_PERSON = (Delivery.WEB_FORM, Delivery.PORTAL)


def fill() -> None:
    """Let the time of one letter and of one decided item have run out, and a form have waited for hours."""
    with writing():
        typed_in = select(Notice.id).where(Notice.delivery.in_(BY_A_PERSON))  # so that nobody is reminded by itself
        for query in (_running(Duty.REMOVE).where(Clock.subject_id.in_(typed_in)), _running(Duty.NOTIFY)):
            for one in db.session.scalars(query.limit(1)):
                _let_run_out(one)
        waits = select(Notice).where(Notice.status == NoticeStatus.QUEUED, Notice.kept_at.is_not(None))
        for letter in db.session.scalars(waits.where(Notice.delivery.in_(BY_A_PERSON)).limit(1)):
            letter.kept_at = clock.now() - LATE


def _running(duty: Duty) -> Select[Clock]:
    running = select(Clock).where(Clock.duty == duty, Clock.ended_at.is_(None), Clock.paused_at.is_(None))
    return running.order_by(Clock.id)


def _let_run_out(one: Clock) -> None:
    back = one.due_at - clock.now() + LATE
    one.started_at, one.due_at, one.next_at = one.started_at - back, one.due_at - back, one.due_at - back
    db.session.flush()
    clock_rounds.mark([one])
