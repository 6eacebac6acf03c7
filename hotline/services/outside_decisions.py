"""The outside adviser as third person: a manager, who sees no address, records what was decided outside.

Whoever records it and has looked at the item is one of those whose looks differ: then it counts only when another of
them has confirmed the record, so that two people of the team always answer for what leaves.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, ThirdLook
from hotline.models.item import Item
from hotline.models.outside_decision import OutsideDecision
from hotline.models.staff import Staff
from hotline.rules import outside
from hotline.rules.outside import Said, Waits
from hotline.rules.standing import UNDECIDED
from hotline.services import assessments, audit, clocks, items, notice_drafting
from hotline.vocabulary import Duty, ItemStatus, Role

WORDS = "outside.words"
RECORDED, CONFIRMED = "recorded outside decision", "confirmed outside decision"
WITHDREW, REFUSED = "withdrew outside decision", "did not confirm outside decision"
SET_ASIDE = "set outside decision aside"
READ = "read outside decision"
MOST = 50  # lines of the list


class Line(NamedTuple):
    """One dispute: since when the looks differ, and what it waits for."""

    item: Item
    since: datetime | None
    waits: Waits


class Words(NamedTuple):
    """What is sealed of a decision; empty where it does not open."""

    adviser: str
    reference: str
    reasons: str


def list_waiting(*, by: Staff) -> list[Line]:
    """Return the disputes: first those a decision can be recorded of, most urgent first. None for who is no manager."""
    if not by.has(Role.MANAGER):
        return []
    disputed = select(Item).where(Item.status == ItemStatus.DISPUTED)
    query = disputed.order_by(_waits_for_third().desc(), *items.SOONEST).limit(MOST)
    return [Line(item, assessments.differs_since(item), waits(item)) for item in db.session.scalars(query)]


def count_waiting() -> int:
    """Return how many disputes wait for a third person, whom nobody is yet; it stops at `MOST`."""
    query = select(Item.id).where(Item.status == ItemStatus.DISPUTED, _waits_for_third()).limit(MOST)
    return len(db.session.scalars(query).all())


def get_item(ref: str, *, by: Staff) -> Item:
    """Return an item of which looks differ, or something was decided outside. Raises NotFound for all others."""
    item = db.session.scalar(select(Item).where(Item.ref == ref.strip().upper()))
    if item is None or not by.has(Role.MANAGER) or (item.status is not ItemStatus.DISPUTED and not of(item)):
        raise NotFound(f"no dispute at {ref}")
    return item


def of(item: Item) -> Sequence[OutsideDecision]:
    """Return what was decided outside of `item`, the newest record first; also records that were set aside."""
    query = select(OutsideDecision).where(OutsideDecision.item_id == item.id).order_by(OutsideDecision.id.desc())
    people = (OutsideDecision.recorded_by, OutsideDecision.confirmed_by, OutsideDecision.ended_by)
    return db.session.scalars(query.limit(MOST).options(*map(joinedload, people))).all()


def waits(item: Item) -> Waits:
    """Return what a disputed item waits for."""
    asked, found = db.session.get(ThirdLook, item.id), assessments.outside_of(item)
    is_taken = asked is not None and asked.taken_by_id is not None
    return outside.waits(is_asked=asked is not None, is_taken=is_taken, counts=found.counts if found else None)


def may_record(item: Item, *, by: Staff) -> bool:
    """Whether this person may record a decision now: a third person is asked, and nobody here has the look in hand."""
    return by.has(Role.MANAGER) and item.status is ItemStatus.DISPUTED and waits(item) is Waits.THIRD


def has_looked(item: Item, person: Staff) -> bool:
    """Whether a person has ever looked at `item`: then their record has to be confirmed. The database asks the same."""
    looked = select(Assessment.id).where(Assessment.item_id == item.id, Assessment.assessor_id == person.id)
    return db.session.scalar(looked.limit(1)) is not None


def may_read(decision: OutsideDecision, *, by: Staff) -> bool:
    """Whether this person may know what was decided: never who may still look third, before it is settled."""
    if decision.item.status not in UNDECIDED or decision.recorded_by_id == by.id:
        return True
    return by.id in assessments.choosers(decision.item) or not by.has(Role.REVIEWER, Role.ANALYST)


def read(decision: OutsideDecision, *, by: Staff) -> Words:
    """Open what is sealed of a decision. The read goes into the audit trail."""
    audit.record_read(by, READ, f"item {decision.item.ref}")
    return words_of(decision)


def words_of(decision: OutsideDecision) -> Words:
    """Open what is sealed of a decision, for whoever reads the item anyway."""
    opened = items.opened_or_empty(WORDS, decision.words)
    return Words(**json.loads(opened)) if opened else Words("", "", "")


def record(item: Item, said: Said, *, by: Staff) -> bool:
    """Record what an outside adviser decided. Returns whether that settles the dispute.

    Raises Refused with all that is wrong, Forbidden for who is no manager, WrongState where no third person is asked,
    or somebody here has the third look in hand.
    """
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager records what was decided outside")
    kept, wrong = outside.judge(said, since=_day(assessments.differs_since(item)), today=_day(clock.now()))
    if wrong or kept.inhope_class is None or kept.law is None or kept.decided_on is None:
        raise Refused(*wrong)
    if not may_record(item, by=by):
        raise WrongState(f"nothing is to be recorded of {item.ref} now")
    words = json.dumps(Words(kept.adviser, kept.reference, kept.reasons)._asdict(), ensure_ascii=False)
    decision = OutsideDecision(
        item_id=item.id,
        looks_after=assessments.round_begins_after(item),
        inhope_class=kept.inhope_class,
        law=kept.law,
        words=vault.keyring().seal(WORDS, words),
        decided_on=kept.decided_on,
        recorded_by_id=by.id,
        recorded_at=clock.now(),
        by_one_of_them=has_looked(item, by),
    )
    db.session.add(decision)
    db.session.execute(delete(ThirdLook).where(ThirdLook.item_id == item.id))
    db.session.flush()
    audit.record(by, RECORDED, f"item {item.ref}", decision=decision.id, one_of_them=decision.by_one_of_them)
    return _settled(item, by=by)


def confirm(item: Item, *, by: Staff) -> bool:
    """Confirm the record of a colleague who has looked too: from now on it counts. Returns whether that settles it.

    Raises Forbidden for who has not looked, or recorded it, WrongState where nothing is to be confirmed.
    """
    decision = _to_confirm(item, by=by)
    _once(decision, confirmed_by_id=by.id, confirmed_at=clock.now())
    audit.record(by, CONFIRMED, f"item {item.ref}", decision=decision.id)
    return _settled(item, by=by)


def refuse(item: Item, *, by: Staff) -> None:
    """Say that a record is not what the adviser decided: it is set aside, and a third person is asked as before.

    Raises as `confirm`.
    """
    decision = _to_confirm(item, by=by)
    _set_aside(decision, REFUSED, by=by)


def withdraw(item: Item, *, by: Staff) -> None:
    """Set a record aside, where no verdict rests on it. It stays on record.

    One's own, where it is wrong; a manager also another's, while it is not confirmed: whoever would have to confirm or
    withdraw it may have left. Raises Forbidden for all others, WrongState where none stands.
    """
    decision = assessments.outside_of(item)
    if decision is None or item.status is not ItemStatus.DISPUTED:
        raise WrongState(f"nothing that was recorded of {item.ref} can be withdrawn")
    if not _may_end(decision, by):
        raise Forbidden("whoever recorded it withdraws it, or another manager while it is not confirmed")
    _set_aside(decision, WITHDREW if decision.recorded_by_id == by.id else SET_ASIDE, by=by)


def may_withdraw(item: Item, *, by: Staff) -> bool:
    """Whether a record stands at a dispute, so that no verdict rests on it, and this person may set it aside."""
    decision = assessments.outside_of(item) if item.status is ItemStatus.DISPUTED else None
    return decision is not None and _may_end(decision, by)


def _may_end(decision: OutsideDecision, by: Staff) -> bool:
    return decision.recorded_by_id == by.id or (by.has(Role.MANAGER) and not decision.counts)


def _waits_for_third() -> ColumnElement[bool]:
    """Return the condition that a disputed `Item` waits for a third person, as `waits` says it."""
    free = select(ThirdLook.item_id).where(ThirdLook.item_id == Item.id, ThirdLook.taken_by_id.is_(None))
    return free.exists() & ~assessments.stands_outside()


def _to_confirm(item: Item, *, by: Staff) -> OutsideDecision:
    decision = assessments.outside_of(item)
    if decision is None or decision.counts or item.status is not ItemStatus.DISPUTED:
        raise WrongState(f"nothing is to be confirmed of {item.ref}")
    if by.id == decision.recorded_by_id or by.id not in assessments.choosers(item):
        raise Forbidden("another of those who looked confirms it")
    return decision


def _settled(item: Item, *, by: Staff) -> bool:
    """Settle what can be; else people get the time to talk once more before another third person is asked."""
    if not assessments.settle(item, by=by):
        clocks.restart(item, Duty.SETTLE)
        return False
    notice_drafting.prepare(item, by=by)
    return True


def _set_aside(decision: OutsideDecision, deed: str, *, by: Staff) -> None:
    _once(decision, ended_by_id=by.id, ended_at=clock.now())
    if db.session.get(ThirdLook, decision.item_id) is None:
        db.session.add(ThirdLook(item_id=decision.item_id, asked_at=clock.now(), asked_by_id=by.id))
        db.session.flush()
    audit.record(by, deed, f"item {decision.item.ref}", decision=decision.id)


def _once(decision: OutsideDecision, **values: int | datetime) -> None:
    """Write what is written once. Raises WrongState where somebody was faster."""
    still = OutsideDecision.confirmed_at if "confirmed_at" in values else OutsideDecision.ended_at
    query = update(OutsideDecision).where(
        OutsideDecision.id == decision.id, still.is_(None), OutsideDecision.ended_at.is_(None)
    )
    done: CursorResult[Any] = db.session.execute(query.values(**values))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"the decision {decision.id} has moved on")
    db.session.refresh(decision)


def _day(moment: datetime | None) -> date:
    return (moment or clock.now()).astimezone(jurisdiction.current().zone).date()
