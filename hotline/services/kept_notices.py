"""Approved notices that lie here and go to nobody by themselves, until a person takes them along.

Either there is no mail server, and the letter is a sealed file (`kept_letters`): it is mailed by hand, or released once
there is a server. Or its recipient takes only a form or portal of its own: a person types it in, and notes the answer.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, update

from hotline import clock, jurisdiction, vault
from hotline.config import settings
from hotline.errors import KeyMissing, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.notice import Notice
from hotline.models.staff import Staff
from hotline.rules import web_forms
from hotline.rules.clocks import SLOW_CLOCK
from hotline.services import (
    appeals,
    audit,
    items,
    notice_approval,
    notice_checks,
    notice_grounds,
    notice_sending,
    notices,
)
from hotline.vocabulary import Language, NoticeStatus

PROOF = "notice.proof"
COPIED = "was shown what to type in"
_WENT_BY_HAND = and_(Notice.status.in_([NoticeStatus.QUEUED, NoticeStatus.WITHDRAWN]), Notice.kept_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Proof:
    """What a form or portal answered whoever typed a notice in: its reference, when, and that person's number."""

    reference: str
    at: datetime
    by: str


def release(notice: Notice, *, by: Staff) -> None:
    """Let a kept letter go by mail, since there is a mail server now. Checked like a draft that is approved.

    Raises Refused (`release`, code) and GateClosed as `notice_approval.approve` does.
    """
    if not settings().smtp_url:
        raise Refused(("release", "no_server"))
    _refuse_unless_kept(notice)
    _refuse_typed_in(notice)
    notice_grounds.check("release", notice, by=by)
    notices.keep_doubt(notice)
    notice_approval.count_let_go(notice)
    _take_from_here(notice, ~notices.NOT_HERE, kept_at=None, attempts=0, spent=0, last_fault=None)
    audit.record(by, notice_checks.RELEASED, f"notice {notice.ref}")
    notice_sending.put(notice)


def record_by_hand(notice: Notice, *, by: Staff) -> None:
    """Note that `by` has sent a kept letter by hand: from now on it counts as sent. Once.

    That it went is the truth, whatever may have become of its item or recipient since, or of the letter itself:
    somebody may have withdrawn it while another was mailing it.
    """
    _refuse_typed_in(notice)
    _take_from_here(notice, _WENT_BY_HAND, status=NoticeStatus.SENT, sent_at=clock.now())
    audit.record(by, appeals.BY_HAND, f"notice {notice.ref}")
    notice_sending.note_gone(notice.id, notice.channel, notice.kind, notice.follows_id, at=clock.now())


def check(notice: Notice, *, by: Staff) -> None:
    """Raise Refused (`download`, code) or GateClosed unless a kept letter may still be taken to its recipient."""
    _refuse_unless_kept(notice)
    _refuse_typed_in(notice)
    notice_grounds.check("download", notice, by=by)


def show_fields(notice: Notice, *, by: Staff) -> tuple[web_forms.Field, ...]:
    """Return what a person copies into a recipient's form, with live addresses: the trail tells each time.

    Raises WrongState unless it is approved and waits for it; Refused (`copy`, code) and GateClosed where it may not go.
    """
    _refuse_unless_kept(notice)
    if not notice.is_typed_in:
        raise WrongState(f"{notice.ref} goes by mail")
    notice_grounds.check("copy", notice, by=by)
    audit.record(by, COPIED, f"notice {notice.ref}")
    for line in notice.lines:
        items.live_address(line.item, by=by)
    place = jurisdiction.current()
    letter = notices.letter_of(notice)
    contact = web_forms.Contact(place.brand(Language.EN), settings().mail_from, place.country)
    return web_forms.fields(
        letter.mailbox, addresses=letter.addresses, text=letter.text, contact=contact, ref=notice.ref
    )


def times_copied(notice: Notice) -> int:
    """Return how often somebody was shown what goes into the form."""
    return audit.count(f"notice {notice.ref}", COPIED)


def record_proof(notice: Notice, reference: str, at: datetime | None, *, by: Staff) -> None:
    """Note that `by` has typed a notice into a form or portal, with what it answered. From now on it counts as sent.

    That it went is the truth, whatever may have become of it since. Raises Refused by field.
    """
    if not notice.is_typed_in:
        raise WrongState(f"{notice.ref} goes by mail")
    now, reference = clock.now(), reference.strip()
    if wrong := _proof_faults(notice, reference, at, now=now):
        raise Refused(*wrong)
    assert at is not None
    proof = json.dumps({"reference": reference, "at": at.isoformat(), "by": by.number}, ensure_ascii=False)
    sealed = vault.keyring().seal(PROOF, proof)
    _take_from_here(notice, _WENT_BY_HAND, status=NoticeStatus.SENT, sent_at=at, proof=sealed)
    audit.record(by, appeals.TYPED_IN, f"notice {notice.ref}")
    notice_sending.note_gone(notice.id, notice.channel, notice.kind, notice.follows_id, at=at)


def proof_of(notice: Notice) -> Proof | None:
    """Open what a form or portal answered; None where there is none, or no key here opens it."""
    if notice.proof is None:
        return None
    try:
        facts = json.loads(vault.keyring().open(PROOF, notice.proof))
    except (KeyMissing, Unreadable):
        return None
    return Proof(facts["reference"], datetime.fromisoformat(facts["at"]), facts["by"])


def _refuse_unless_kept(notice: Notice) -> None:
    if not notice.is_kept:
        raise WrongState(f"{notice.ref} is not kept here")


def _refuse_typed_in(notice: Notice) -> None:
    if notice.is_typed_in:
        raise WrongState(f"{notice.ref} goes by no mail")


def _proof_faults(notice: Notice, reference: str, at: datetime | None, *, now: datetime) -> tuple[tuple[str, str], ...]:
    found = []
    if not reference:
        found.append(("reference", "required"))
    elif len(reference) > web_forms.LONGEST_REFERENCE:
        found.append(("reference", "too_long"))
    if at is None:
        found.append(("at", "required"))
    elif at > now + SLOW_CLOCK:
        found.append(("at", "later"))
    elif notice.approved_at is not None and at < notice.approved_at - SLOW_CLOCK:
        found.append(("at", "earlier"))
    return tuple(found)


def _take_from_here(notice: Notice, where: ColumnElement[bool], **values: object) -> None:
    """Write `values` into a kept letter, if it still is one. Raises WrongState when somebody was faster."""
    still = update(Notice).where(Notice.id == notice.id, where)
    done: CursorResult[Any] = db.session.execute(still.values(**values))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{notice.ref} is not kept here any more")
    db.session.refresh(notice)
