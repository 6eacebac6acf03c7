"""Objections to letters about an item: whether one is open, who was involved, what they say (`appeal_cases` decides).

A room low down: what follows a letter asks here whether it has to wait.
"""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.audit import AuditEntry
from hotline.models.exchange import Exchange
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.outside_decision import OutsideDecision
from hotline.models.reply import Appeal, Reply
from hotline.models.staff import Staff
from hotline.services import audit, items
from hotline.vocabulary import Direction, Role

WORDS, REASON, OUTSIDE = "appeal.words", "appeal.reason", "appeal.outside"
ROLES = (Role.ANALYST, Role.REVIEWER, Role.MANAGER)
DECIDERS = (Role.REVIEWER, Role.MANAGER)
TOLD = "told the objector"
REMINDED, TYPED_IN, BY_HAND = "let a reminder go", "typed in", "sent by hand"  # in a letter's trail
MOST = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed of an appeal; empty where it does not open."""

    words: str
    reason: str
    outside: str


def subject(appeal: Appeal) -> str:
    """Return how the audit trail calls an appeal."""
    return f"appeal {appeal.id}"


def is_open(item: Item) -> bool:
    """Whether somebody objects to letters about `item` and nobody has decided yet: nothing new leaves meanwhile."""
    query = select(Appeal.id).where(Appeal.item_id == item.id, Appeal.decided_at.is_(None))
    return db.session.scalar(query.limit(1)) is not None


def get(number: int, *, by: Staff) -> Appeal:
    """Return an appeal. Raises NotFound, also for people who may not see appeals."""
    appeal = db.session.get(Appeal, number)
    if appeal is None or not by.has(*ROLES):
        raise NotFound(f"no appeal {number}")
    return appeal


def find_item(ref: str) -> Item:
    """Return the item that somebody typed. Raises Refused (`item`, `letter` or `unknown`) where there is none.

    Whoever calls has a letter of ours at hand, and tells its number.
    """
    if ref.strip().upper().startswith("N-"):
        raise Refused(("item", "letter"))
    found = db.session.scalar(select(Item).where(Item.ref == ref.strip().upper()))
    if found is None:
        raise Refused(("item", "unknown"))
    return found


def of_item(item: Item) -> list[Appeal]:
    """Return the appeals about an item, newest first."""
    query = select(Appeal).where(Appeal.item_id == item.id).order_by(Appeal.id.desc()).limit(MOST)
    return list(db.session.scalars(query))


def of_reply(reply: Reply) -> list[Appeal]:
    """Return the appeals that an answer has opened, in their order."""
    query = select(Appeal).where(Appeal.notice_id == reply.notice_id, Appeal.reply_id == reply.id)
    return list(db.session.scalars(query.order_by(Appeal.id)))


def list_open(*, by: Staff) -> list[Appeal]:
    """Return the appeals that wait for a decision, that which waits longest first."""
    if not by.has(*ROLES):
        return []
    query = select(Appeal).where(Appeal.decided_at.is_(None)).options(joinedload(Appeal.item))
    return list(db.session.scalars(query.order_by(Appeal.opened_at, Appeal.id).limit(MOST)))


def list_decided(*, by: Staff, before: int | None = None) -> list[Appeal]:
    """Return decided appeals, newest first; only those with a lower number than `before`."""
    if not by.has(*ROLES):
        return []
    query = select(Appeal).where(Appeal.decided_at.is_not(None)).options(joinedload(Appeal.item))
    if before is not None:
        query = query.where(Appeal.id < before)
    return list(db.session.scalars(query.order_by(Appeal.id.desc()).limit(MOST + 1)))


def count_open() -> int:
    """Return how many appeals wait for a decision, counted up to `MOST`."""
    query = select(Appeal.id).where(Appeal.decided_at.is_(None)).limit(MOST)
    return len(db.session.scalars(query).all())


def read(appeal: Appeal, *, by: Staff) -> Opened:
    """Open what is sealed of an appeal. The read goes into the audit trail."""
    audit.record_read(by, "read", subject(appeal))
    return Opened(
        *(
            items.opened_or_empty(purpose, sealed) if sealed else ""
            for purpose, sealed in ((WORDS, appeal.words), (REASON, appeal.reason), (OUTSIDE, appeal.outside))
        )
    )


def was_involved(item: Item, person: Staff) -> bool:
    """Whether a person has looked at `item`, recorded what was decided of it outside, or had a part in what left of it.

    That is whoever drafted or approved a letter, had a reminder go, typed one in or took one there, and whoever
    drafted, approved or handed over an offer to a partner. The database asks for looks, records, drafts, approvals.
    """
    looked = select(Assessment.id).where(Assessment.item_id == item.id, Assessment.assessor_id == person.id)
    wrote = (
        select(Notice.id)
        .join(NoticeItem, NoticeItem.notice_id == Notice.id)
        .where(
            NoticeItem.item_id == item.id,
            or_(Notice.drafted_by_id == person.id, Notice.approved_by_id == person.id),
        )
    )
    letters_about = select(Notice.ref).join(NoticeItem, NoticeItem.notice_id == Notice.id)
    its_letters = [f"notice {ref}" for ref in db.session.scalars(letters_about.where(NoticeItem.item_id == item.id))]
    had_it_go = select(AuditEntry.id).where(
        AuditEntry.record.in_(its_letters),
        AuditEntry.action.in_((REMINDED, TYPED_IN, BY_HAND)),
        AuditEntry.actor == person.number,
    )
    offered = select(Exchange.id).where(
        Exchange.item_id == item.id,
        Exchange.direction == Direction.OUT,
        or_(*(who == person.id for who in (Exchange.drafted_by_id, Exchange.approved_by_id, Exchange.handed_by_id))),
    )
    recorded = select(OutsideDecision.id).where(
        OutsideDecision.item_id == item.id,
        OutsideDecision.recorded_by_id == person.id,
        OutsideDecision.ended_at.is_(None),
    )
    return any(db.session.scalar(query.limit(1)) is not None for query in (looked, wrote, recorded, had_it_go, offered))


def is_told(appeal: Appeal) -> bool:
    """Whether somebody has noted that whoever objected knows what was decided."""
    return audit.count(subject(appeal), TOLD) > 0


def record_told(appeal: Appeal, *, by: Staff) -> None:
    """Note that whoever objected was told what was decided. Raises WrongState while nothing is."""
    if appeal.decided_at is None:
        raise WrongState(f"{subject(appeal)} is not decided")
    if not is_told(appeal):
        audit.record(by, TOLD, subject(appeal))


def find_of(reply: Reply, item: Item) -> Appeal | None:
    """Return the appeal about an item that an answer has opened; None where it has opened none."""
    return next((one for one in of_reply(reply) if one.item_id == item.id), None)
