"""What people decide about a letter: it is approved, taken back, tried again, or its recipient is reminded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, or_, update

from hotline import clock, outbox
from hotline.errors import Forbidden, Refused, WrongState
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.staff import Staff
from hotline.services import (
    appeals,
    audit,
    clocks,
    exchange_course,
    follow_ups,
    hosting,
    notice_checks,
    notice_drafting,
    notice_grounds,
    notice_sending,
    notices,
    secrecy,
)
from hotline.vocabulary import Duty, NoticeKind, NoticeStatus, PauseReason, Role


def approve(notice: Notice, *, by: Staff) -> None:
    """Let a draft go: it is queued in this transaction and sent soon after. Only a reviewer may.

    Raises Refused for what the reviewer's checks found wrong (`approve`, code), and GateClosed when what was agreed no
    longer stands: the item was taken up again, held or closed after the letter was drafted.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("only a reviewer approves a notice")
    if notice.status is not NoticeStatus.DRAFT:
        raise WrongState(f"{notice.ref} is not a draft")
    notice_grounds.check("approve", notice, by=by)
    for line in notice.lines:
        hosting.ask_before_letter(line.item, by=by)
    if notice.drafted_by_id != by.id and secrecy.leaks_in(notices.letter_of(notice)):
        secrecy.let_go(secrecy.BY_CHANNEL[notice.channel])
    _queue(notice, by)
    audit.record(by, "approved", f"notice {notice.ref}")


def withdraw(notice: Notice, *, by: Staff | None) -> None:
    """Take back a letter that has not gone, with the offer that it belongs to; `by` is None where the portal does."""
    untouched = update(Notice).where(
        Notice.id == notice.id,
        Notice.status.in_(notices.NOT_GONE),
        or_(Notice.leased_until.is_(None), Notice.leased_until < clock.now()),
    )
    done: CursorResult[Any] = db.session.execute(untouched.values(status=NoticeStatus.WITHDRAWN))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{notice.ref} has gone, or is going now")
    outbox.done(db.session(), notices.DELIVER, notice.id)
    db.session.refresh(notice)
    audit.record(by, "withdrew", f"notice {notice.ref}")
    exchange_course.letter_taken_back(notice, by=by)
    if notice.kind is NoticeKind.REMINDER and notice.follows is not None:  # no other goes by itself in its place
        running = follow_ups.of_whom_time_runs(follow_ups.chain(notice))
        clocks.stand_still(running or notice.follows, Duty.REMOVE, PauseReason.OTHER, by=by)


def try_again(notice: Notice, *, by: Staff) -> None:
    """Queue a letter that failed for good, once the cause is mended. Checked like a draft that is approved.

    Raises Refused (`try-again`, code) and GateClosed as `approve` does.
    """
    if notice.status is not NoticeStatus.FAILED:
        raise WrongState(f"{notice.ref} has not failed")
    notice_grounds.check("try-again", notice, by=by)
    notices.keep_doubt(notice)
    count_let_go(notice)
    notice.status, notice.attempts, notice.spent, notice.last_fault = NoticeStatus.QUEUED, 0, 0, None
    audit.record(by, notice_checks.QUEUED_AGAIN, f"notice {notice.ref}")
    notice_sending.put(notice)


def remind(root: Notice, about: Sequence[Item], *, by: Staff | None) -> Notice:
    """Let a reminder go with the approval that the letter itself has: its drafter and approver stand at both.

    `by` is who had it go now; None: the portal, by its rule. Whoever calls has found that nothing has changed since
    (`reminders`). Raises as `approve`, and Refused where the letter as it was written now needs a person's eyes.
    """
    approver = root.approved_by
    assert approver is not None
    notice = notice_drafting.draft_reminder(root, about, by=root.drafted_by, actor=by)
    if notice_checks.of(notice, notices.letter_of(notice), by=approver).leaks:
        raise Refused(("approve", "second_person"))
    notice_grounds.check("approve", notice, by=approver)
    _queue(notice, approver)
    audit.record(by, appeals.REMINDED, f"notice {notice.ref}")
    return notice


def count_let_go(notice: Notice) -> None:
    """Count that somebody let a letter go in which one of us was found since it was last looked through."""
    if notice_checks.found_late(notice, notices.letter_of(notice)):
        secrecy.let_go(secrecy.BY_CHANNEL[notice.channel])


def _queue(notice: Notice, approver: Staff) -> None:
    """Let a checked draft go, with somebody's approval."""
    notice.approved_by, notice.approved_at, notice.status = approver, clock.now(), NoticeStatus.QUEUED
    if notice.is_typed_in:
        notice.kept_at = clock.now()  # it lies here until a person has typed it in
        db.session.flush()
    else:
        notice_sending.put(notice)
