"""How a worker mails a letter that waits as a row: claim it, send it outside any transaction, record what came of it.

The three steps are short. Whoever is killed between them leaves the claim behind, and the same letter goes again once
that has run out, under its one Message-ID. What may go, and what follows, is each letter's own (`incident_letters`,
`referral_sending`, `duty_digests`); letters about items are sent in turn (`notice_sending`).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, bindparam, or_, update

from hotline import clock, outbox
from hotline.config import settings
from hotline.extensions import UtcTime, change_unseen, db
from hotline.gateways import mail
from hotline.gateways.mail import Handed, Mailer, MailFault
from hotline.models.digest import Digest
from hotline.models.incident import IncidentLetter
from hotline.models.referral import Referral
from hotline.transactions import writing

# How long a letter may be in somebody's hands, added up here and nowhere else. One sending takes 90 s until the letter
# is given, and 600 s to confirm it, at most (`mail.LONGEST`: 690 s), in the worker and in the sweeper alike. A round of
# the rows begins nothing more after 45 s (`rows.LONGEST`; in the sweeper 20 s, `sweep.BY_HAND`), so it ends within
# 735 s. The queue allows a job 780 s (`outbox.JOB_SECONDS`), which leaves 45 s for looking up names and recording. The
# lease outlives the sending and the job: nobody takes a letter that another may still be handing over.
LEASE = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=1)
_NOW = bindparam("now", type_=UtcTime())

T = TypeVar("T", IncidentLetter, Referral, Digest)


@dataclass(frozen=True, slots=True)
class Lease:
    """A letter in a worker's hands: which try this is, and what goes on the wire."""

    attempt: int
    message_id: str
    mailbox: str
    message: bytes


def message_id(ref: str) -> str:
    """Return a new Message-ID that begins with a record's reference, by which an answer is known."""
    return f"<{ref.lower()}.{secrets.token_hex(8)}@{settings().mail_from.partition('@')[2]}>"


def claim(model: type[T], record_id: int, job: str, *waits: ColumnElement[bool]) -> tuple[T | None, bool]:
    """Take a letter for `LEASE` where it `waits`, is not put off and nobody else has it.

    Returns it as it stands then (None where it is gone), and whether it was taken. Only inside `writing()`.
    """
    now = clock.now()
    free = or_(model.leased_until.is_(None), model.leased_until < now)
    take = update(model).where(model.id == record_id, *waits, free, ~outbox.put_off(job, model.id, _NOW))
    take = take.values(leased_until=now + LEASE, tries=model.tries + 1)
    taken = change_unseen(db.session(), take, {"now": now})
    return db.session.get(model, record_id, populate_existing=True), taken.rowcount > 0


def send(lease: Lease, *, mailer: Mailer, record_fault: Callable[[MailFault], None]) -> Handed | None:
    """Mail what was claimed, outside any transaction. Returns what became of it; None where that is a fault, recorded.

    Whatever breaks it off is recorded as a try that may have arrived, and raised again.
    """
    try:
        return mailer.send(settings().mail_from, lease.mailbox, lease.message_id, lease.message)
    except MailFault as fault:
        with writing():
            record_fault(fault)
        return None
    except Exception:  # such as the queue's word that the job has had its time
        with writing():
            record_fault(mail.in_doubt())
        raise


def put_off(job: str, record_id: int, *, tries: int, longest: timedelta) -> None:
    """Let a letter be tried again after a pause that doubles with each try, up to the longest."""
    pause = min(FIRST_PAUSE * 2 ** (tries - 1), longest)
    outbox.later(db.session(), job, record_id, due_at=clock.now() + pause)
