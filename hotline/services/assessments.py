"""Looking twice: the first look, the blind second look, and what they come to."""

import json
import secrets
from dataclasses import asdict
from typing import Any

from sqlalchemy import CursorResult, or_, select, update

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, Verdict
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import agreement, findings, gate
from hotline.rules.findings import Findings
from hotline.services import audit, items
from hotline.vocabulary import (
    AgeGroup,
    Conduct,
    Confidence,
    Extent,
    Gender,
    InhopeClass,
    ItemOutcome,
    ItemStatus,
    LawVerdict,
    Media,
    Reason,
    Role,
    SiteType,
    TestAnswer,
    YesNo,
)

__all__ = ["Findings"]

PURPOSE = "assessment.findings"
QUIET_OUTCOME = {
    InhopeClass.NOT_ILLEGAL: ItemOutcome.NOT_ILLEGAL,
    InhopeClass.INACCESSIBLE: ItemOutcome.UNAVAILABLE,
    InhopeClass.OUTSIDE_REMIT: ItemOutcome.OUTSIDE_REMIT,
}
WORDS = {
    "inhope_class": InhopeClass,
    "law": LawVerdict,
    **dict.fromkeys(findings.QUESTIONS, TestAnswer),
    "reason": Reason,
    "age": AgeGroup,
    "gender": Gender,
    "media": Media,
    "site_type": SiteType,
    "ai": Extent,
    "self_generated": YesNo,
    "commercial": YesNo,
    "confidence": Confidence,
}


def first_look(item: Item, found: Findings, *, by: Staff) -> None:
    """Hand in the first finding. It goes to a second person; only a sample does where nothing could leave anyway."""
    if item.assessor_id != by.id or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not in your hands")
    _write(item, found, by=by)
    audit.record(by, "first look", f"item {item.ref}")
    if gate.needs_two(found.inhope_class, found.law) or secrets.randbelow(settings().second_look_sample) == 0:
        item.status = ItemStatus.IN_REVIEW
        items.moved(item)
    else:
        items.close(item, QUIET_OUTCOME[found.inhope_class], by=by)


def list_reviews(*, by: Staff) -> list[Item]:
    """Return what this reviewer can look at a second time, most urgent first; never their own first looks."""
    if not by.has(Role.REVIEWER):
        return []
    query = select(Item).where(
        Item.status == ItemStatus.IN_REVIEW,
        Item.assessor_id != by.id,
        or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id),
    )
    return list(db.session.scalars(query.order_by(Item.urgency, Item.created_at, Item.id)))


def get_review(ref: str, *, by: Staff) -> Item:
    """Return an item for a second look. Raises NotFound for one's own first look."""
    item = items.get(ref, by=by)
    if not by.has(Role.REVIEWER) or item.assessor_id == by.id:
        raise NotFound(f"no second look at {ref} for this person")
    return item


def take_review(item: Item, *, by: Staff) -> None:
    """Give the second look to `by`. Raises WrongState when someone else has it."""
    if not by.has(Role.REVIEWER) or item.assessor_id == by.id:
        raise Forbidden("the second look belongs to another reviewer")
    free = update(Item).where(
        Item.id == item.id,
        Item.status == ItemStatus.IN_REVIEW,
        or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id),
    )
    taken: CursorResult[Any] = db.session.execute(free.values(reviewer_id=by.id))  # type: ignore[assignment]
    if taken.rowcount == 0:
        raise WrongState(f"somebody else has the second look at {item.ref}")
    db.session.refresh(item)
    audit.record(by, "took second look", f"item {item.ref}")


def second_look(item: Item, found: Findings, *, by: Staff) -> bool:
    """Hand in the second, blind finding. Returns whether the two agree."""
    if item.status is not ItemStatus.IN_REVIEW or item.reviewer_id != by.id or item.assessor_id == by.id:
        raise WrongState(f"the second look at {item.ref} is not in your hands")
    _write(item, found, by=by)
    audit.record(by, "second look", f"item {item.ref}")
    return _settle(item, by=by)


def reconsider(item: Item, found: Findings, *, by: Staff) -> bool:
    """Add a finding to a dispute: one of the two thinks again, or a third reviewer looks. Originals stay."""
    involved = by.id in {item.assessor_id, item.reviewer_id}
    if item.status is not ItemStatus.DISPUTED:
        raise WrongState(f"{item.ref} is not disputed")
    if not involved and not by.has(Role.REVIEWER):
        raise Forbidden("a third look belongs to a reviewer")
    _write(item, found, by=by)
    audit.record(by, "looked again", f"item {item.ref}")
    return _settle(item, by=by)


def shown(item: Item, *, by: Staff) -> list[Assessment]:
    """Return the findings this person may see: their own, and others' once they have chosen or it is decided."""
    every = _all(item)
    if item.status in {ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED}:
        chosen = any(one.assessor_id == by.id for one in every)
        blind = not chosen or item.status is not ItemStatus.DISPUTED
        return [one for one in every if one.assessor_id == by.id] if blind else every
    return every


def findings_of(assessment: Assessment) -> Findings:
    """Open one assessment's findings."""
    facts = json.loads(vault.keyring().open(PURPOSE, assessment.findings))
    values: dict[str, Any] = {name: word(facts[name]) if facts[name] else None for name, word in WORDS.items()}
    return Findings(**values, conduct=tuple(Conduct(one) for one in facts["conduct"]), note=facts["note"])


def verdict_of(item: Item) -> Verdict | None:
    """Return the agreed verdict, if two people agreed."""
    return db.session.scalar(select(Verdict).where(Verdict.item_id == item.id))


def _write(item: Item, found: Findings, *, by: Staff) -> None:
    if wrong := findings.faults(found):
        raise Refused(*wrong)
    db.session.add(
        Assessment(
            item_id=item.id,
            assessor_id=by.id,
            inhope_class=found.inhope_class,
            law=found.law,
            findings=vault.keyring().seal(PURPOSE, json.dumps(asdict(found), ensure_ascii=False)),
            made_at=clock.now(),
        )
    )
    db.session.flush()


def _settle(item: Item, *, by: Staff) -> bool:
    agreed = agreement.pair(_all(item))
    if agreed is None:
        item.status = ItemStatus.DISPUTED
        items.moved(item)
        return False
    first, second = agreed
    db.session.add(
        Verdict(
            item_id=item.id,
            first_id=first.id,
            first_by=first.assessor_id,
            second_id=second.id,
            second_by=second.assessor_id,
            inhope_class=first.inhope_class,
            law=first.law,
            agreed_at=clock.now(),
        )
    )
    audit.record(by, "agreed", f"item {item.ref}")
    if gate.channels(first.inhope_class, first.law) or first.law is LawVerdict.ADVISER:
        item.status = ItemStatus.DECIDED
        items.moved(item)
    else:
        items.close(item, QUIET_OUTCOME[first.inhope_class], by=by)
    return True


def _all(item: Item) -> list[Assessment]:
    return list(db.session.scalars(select(Assessment).where(Assessment.item_id == item.id).order_by(Assessment.id)))
