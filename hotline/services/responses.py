"""How recipients have answered: counted from their newest letters when somebody asks, kept nowhere."""

import statistics
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.notice import Notice
from hotline.models.recipient import Recipient
from hotline.vocabulary import NoticeStatus

NEWEST = 200  # letters of one recipient that are looked at, so that it costs the same however many there are


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a recipient's newest letters. `median` is from sending to the first answer; None without any."""

    sent: int
    answered: int
    bounced: int
    median: timedelta | None
    is_cut: bool  # there are more letters than were looked at


def of(recipient: Recipient) -> Record:
    """Return how a recipient has answered."""
    newest = (
        select(Notice.status, Notice.sent_at, Notice.answered_at)
        .where(Notice.recipient_id == recipient.id)
        .order_by(Notice.id.desc())
        .limit(NEWEST + 1)
    )
    rows = db.session.execute(newest).all()
    seen = rows[:NEWEST]
    waits = [row.answered_at - row.sent_at for row in seen if row.sent_at and row.answered_at]
    return Record(
        sent=sum(row.sent_at is not None for row in seen),
        answered=len(waits),
        bounced=sum(row.status is NoticeStatus.BOUNCED for row in seen),
        median=statistics.median(waits) if waits else None,
        is_cut=len(rows) > NEWEST,
    )
