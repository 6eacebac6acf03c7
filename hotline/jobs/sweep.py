"""The sweeper's rounds: open the inbox, free old claims, and make happen what is due, with the queue or without it."""

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from hotline import clock, logs, outbox
from hotline.config import settings
from hotline.extensions import db
from hotline.jobs import rows, statistics
from hotline.services import (
    care,
    case_retention,
    claims,
    clock_rounds,
    consultation_feedback,
    disputes,
    duties,
    duty_digests,
    exchange_rounds,
    expiring_keys,
    figure_publishing,
    handovers,
    heartbeats,
    imagery_consents,
    intake,
    mailbox,
    plan_actions,
    replies,
    report_retention,
    report_terms,
    security_rounds,
    sessions,
    staff,
    watches,
)
from hotline.vocabulary import Pulse

MAILBOX = 60.0  # seconds between two looks into the mailbox for reports
ROUND = 2.0  # seconds between two looks at the outbox
PATIENCE = timedelta(minutes=5)  # how long work may wait for a worker before the sweeper does it itself
FIGURES_WAIT = 60.0  # seconds that statistics let what has to go out go first, at most: both want the store and a core
BY_HAND = 20.0  # seconds a round may spend on that: the inbox must not stand still behind a slow mail server


def once() -> None:
    """Do everything that is due now."""
    _open_inbox()
    exchange_rounds.go()
    replies.open_inbound()
    mailbox.poll()
    claims.free_old_claims()
    duties.sweep()
    expiring_keys.sweep()
    clock_rounds.sweep_due()
    duty_digests.sweep()
    disputes.ask_where_due()
    sessions.forget_old()
    staff.forget_failures()
    care.forget_old()
    handovers.forget_old()
    plan_actions.leave_all_to_officers()
    statistics.roll_up()
    figure_publishing.publish()
    consultation_feedback.sweep()
    case_retention.sweep()
    report_retention.sweep()
    report_terms.publish()
    imagery_consents.sweep()
    security_rounds.go()
    watches.sweep()
    hand_out()


def forever(stopped: Callable[[], bool]) -> None:
    """Go round until `stopped`; a fault in one part is logged and never ends the rounds."""
    open_at = time.monotonic() + settings().next_inbox_delay()
    mailbox_at = time.monotonic()
    figures_at = time.monotonic() + FIGURES_WAIT
    while not stopped():
        if time.monotonic() >= open_at:
            _guarded(_open_inbox, "opening the inbox")
            _guarded(exchange_rounds.go, "moving what partners sent")
            _guarded(replies.open_inbound, "moving answers to notices")
            _guarded(claims.free_old_claims, "freeing old claims")
            _guarded(sessions.forget_old, "forgetting old sessions")
            _guarded(staff.forget_failures, "forgetting old failures to sign in")
            _guarded(care.forget_old, "forgetting old figures of care")
            _guarded(handovers.forget_old, "forgetting old words to whoever comes next")
            _guarded(plan_actions.leave_all_to_officers, "leaving actions of a plan to officers")
            _guarded(duties.sweep, "beginning duties that come round")
            _guarded(expiring_keys.sweep, "beginning clocks of keys that expire")
            _guarded(duty_digests.sweep, "writing mails of duties")
            _guarded(figure_publishing.publish, "publishing figures")
            _guarded(consultation_feedback.sweep, "publishing feedback")
            _guarded(lambda: case_retention.sweep(stopped), "erasing files whose day is over")
            _guarded(lambda: report_retention.sweep(stopped), "erasing what reporters gave")
            _guarded(report_terms.publish, "telling how long reports are kept")
            _guarded(security_rounds.go, "keeping the security protocol")
            _guarded(imagery_consents.sweep, "ending agreements to pictures")
            open_at = time.monotonic() + settings().next_inbox_delay()
        if time.monotonic() >= mailbox_at:
            _guarded(mailbox.poll, "looking into the mailbox")
            mailbox_at = time.monotonic() + MAILBOX
        _guarded(clock_rounds.sweep_due, "marking what is late")
        _guarded(disputes.ask_where_due, "asking third persons")
        _guarded(watches.sweep, "looking whether addresses are gone")
        if time.monotonic() >= figures_at or not _has_to_go_out():
            _guarded(lambda: statistics.roll_up(stopped, seconds=statistics.TURN), "rolling up statistics")
            figures_at = time.monotonic() + FIGURES_WAIT
        _guarded(lambda: hand_out(stopped), "handing out what is due")
        db.session.remove()
        time.sleep(ROUND if settings().inbox_delay[1] else ROUND / 4)


def hand_out(stopped: Callable[[], bool] = lambda: False) -> None:
    """Hint the queue about what is due; where queue server or worker do not work, do it here."""
    since = outbox.waiting_since(db.session())
    if since is None:
        heartbeats.beat(Pulse.DELIVERY)  # a round that finds nothing went through as well
        return
    hinted = outbox.hint()
    if not hinted or clock.now() - since > PATIENCE:
        rows.work_off(BY_HAND, stopped)


def _has_to_go_out() -> bool:
    """Whether something is due that nobody has taken. False where the store does not say."""
    try:
        return outbox.waiting_since(db.session()) is not None
    except SQLAlchemyError as exc:
        logs.fault(exc, doing="looking what has to go out")
        db.session.rollback()
        return False


def _open_inbox() -> None:
    intake.open_inbox()
    heartbeats.beat(Pulse.INTAKE)


def _guarded(part: Callable[[], object], doing: str) -> None:
    try:
        part()
    except Exception as exc:  # the rounds must go on, whatever one part meets; the log has its shape
        logs.fault(exc, doing=doing)
        db.session.rollback()
