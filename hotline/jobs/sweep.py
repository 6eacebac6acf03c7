"""The sweeper's rounds: open the inbox, and make happen whatever is due, with the queue or without it."""

import time
from collections.abc import Callable

from hotline import logs, outbox
from hotline.config import settings
from hotline.extensions import db
from hotline.jobs import JOBS
from hotline.services import intake
from hotline.transactions import writing

ROUND = 2.0  # seconds between two looks at the outbox
MOST = 200  # tasks a round


def once() -> None:
    """Do everything that is due now."""
    intake.open_inbox()
    hand_out()


def forever(stopped: Callable[[], bool]) -> None:
    """Go round until `stopped`; a fault in one part is logged and never ends the rounds."""
    open_at = time.monotonic() + settings().next_inbox_delay()
    while not stopped():
        if time.monotonic() >= open_at:
            _guarded(intake.open_inbox, "opening the inbox")
            open_at = time.monotonic() + settings().next_inbox_delay()
        _guarded(hand_out, "handing out what is due")
        db.session.remove()
        time.sleep(ROUND if settings().inbox_delay[1] else ROUND / 4)


def hand_out() -> None:
    """Hint the queue about what is due; where the queue server is away, do it here."""
    with writing():
        due = outbox.take_due(db.session(), most=MOST)
    if due and not outbox.hint(due):
        for job, record_id, _ in due:
            _guarded(lambda job=job, record_id=record_id: JOBS[job](record_id), job)  # type: ignore[misc]


def _guarded(part: Callable[[], object], doing: str) -> None:
    try:
        part()
    except Exception as exc:  # the rounds must go on, whatever one part meets; the log has its shape
        logs.fault(exc, doing=doing)
        db.session.rollback()
