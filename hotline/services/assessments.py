"""Looking twice: the first look, the blind second look, and what they come to."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import CursorResult, or_, select, update

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, Verdict
from hotline.models.audit import AuditEntry
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.staff import Staff
from hotline.rules import agreement, findings, gate, progress
from hotline.rules.findings import Findings
from hotline.services import audit, claims, figures, items, telling
from hotline.vocabulary import (
    AgeGroup,
    Conduct,
    Confidence,
    Extent,
    Figure,
    Gender,
    InhopeClass,
    ItemOutcome,
    ItemStatus,
    LawVerdict,
    Media,
    NoticeStatus,
    Reason,
    Role,
    SiteType,
    TestAnswer,
    YesNo,
)

__all__ = ["Findings"]

PURPOSE = "assessment.findings"
WITHDREW = "withdrew first look"
UNDECIDED = {ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED}
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


def require_first_look(item: Item, *, by: Staff) -> None:
    """Raise WrongState unless the first look at `item` is in this person's hands."""
    if item.assessor_id != by.id or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not in your hands")


def require_second_look(item: Item, *, by: Staff) -> None:
    """Raise WrongState unless the second look at `item` is in this person's hands, and the first was another's."""
    if item.status is not ItemStatus.IN_REVIEW or item.reviewer_id != by.id or item.assessor_id == by.id:
        raise WrongState(f"the second look at {item.ref} is not in your hands")


def require_dispute(item: Item, *, by: Staff) -> None:
    """Raise WrongState unless the looks at `item` differ, Forbidden for who is neither of the two nor a reviewer."""
    if item.status is not ItemStatus.DISPUTED:
        raise WrongState(f"{item.ref} is not disputed")
    if by.id not in {item.assessor_id, item.reviewer_id} and not by.has(Role.REVIEWER):
        raise Forbidden("a third look belongs to a reviewer")


def first_look(item: Item, found: Findings, *, by: Staff) -> None:
    """Hand in the first finding. It goes to a second person; only a sample does where nothing could leave anyway.

    What was settled once and is looked at anew is never settled by one person: that would undo what two agreed. Nor is
    what was withdrawn, or people could hand it in until it falls out of the sample.
    """
    require_first_look(item, by=by)
    _write(item, found, by=by)
    audit.record(by, "first look", f"item {item.ref}")
    needs_two = gate.needs_two(found.inhope_class, found.law, in_danger=item.in_danger)
    if needs_two or _was_looked_at(item) or secrets.randbelow(settings().second_look_sample) == 0:
        item.status = ItemStatus.IN_REVIEW
        telling.moved(item)
    else:
        items.close(item, QUIET_OUTCOME[found.inhope_class], by=by)


def require_own_waiting_look(item: Item, *, by: Staff) -> None:
    """Raise WrongState unless this person gave the first look at `item`, and nobody has begun the second."""
    if item.status is not ItemStatus.IN_REVIEW or item.assessor_id != by.id or item.reviewer_id is not None:
        raise WrongState(f"the first look at {item.ref} is not yours to withdraw, or no more")


def withdraw_first_look(item: Item, *, by: Staff) -> bool:
    """Set one's own first look aside while nobody has begun the second. It stays on record and counts for nothing.

    Returns whether the person has the item again; False where their hands are full and it is in the queue.
    """
    require_own_waiting_look(item, by=by)
    look = _of_this_round(item)[-1]
    item.looks_after = look.id
    audit.record(by, WITHDREW, f"item {item.ref}", look=look.id)
    has_it = claims.give_back(item)
    telling.moved(item)
    return has_it


def withdrawn(entries: Iterable[AuditEntry]) -> set[int]:
    """Return the ids of the looks that were withdrawn, from the timeline of their item."""
    return {json.loads(one.details or "{}").get("look", 0) for one in entries if one.action == WITHDREW}


def list_reviews(*, by: Staff) -> list[Item]:
    """Return what this reviewer can look at a second time, most urgent first; never their own first looks."""
    if not by.has(Role.REVIEWER):
        return []
    query = select(Item).where(
        Item.status == ItemStatus.IN_REVIEW,
        Item.assessor_id != by.id,
        or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id),
    )
    return list(db.session.scalars(query.order_by(*items.SOONEST)))


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
    taken: CursorResult[Any] = db.session.execute(free.values(reviewer_id=by.id, review_claimed_at=clock.now()))  # type: ignore[assignment]
    if taken.rowcount == 0:
        raise WrongState(f"somebody else has the second look at {item.ref}")
    db.session.refresh(item)
    audit.record(by, "took second look", f"item {item.ref}")


def take_review_over(item: Item, *, held_by: str, by: Staff) -> None:
    """Give a second look that another reviewer has to `by`. `held_by` is the number of who was seen to have it.

    Raises Forbidden for who gave the first look, WrongState when it is not that reviewer's any more.
    """
    if not by.has(Role.REVIEWER) or item.assessor_id == by.id:
        raise Forbidden("the second look belongs to another reviewer")
    holder = item.reviewer
    if holder is None or holder.id == by.id or holder.number != held_by or item.status is not ItemStatus.IN_REVIEW:
        raise WrongState(f"the second look at {item.ref} is not in the hands of {held_by}")
    item.reviewer, item.review_claimed_at = by, clock.now()
    audit.record(by, "took second look over", f"item {item.ref}", holder=holder.number)


def pass_review_on(item: Item, *, by: Staff) -> None:
    """Put a second look back for another reviewer, no reason asked. Raises WrongState when it is not in one's hands."""
    if item.reviewer_id != by.id or item.status is not ItemStatus.IN_REVIEW:
        raise WrongState(f"the second look at {item.ref} is not yours to pass on")
    item.reviewer_id, item.review_claimed_at = None, None
    audit.record(by, "passed second look on", f"item {item.ref}")


def second_look(item: Item, found: Findings, *, by: Staff) -> bool:
    """Hand in the second, blind finding. Returns whether the two agree."""
    require_second_look(item, by=by)
    _write(item, found, by=by)
    audit.record(by, "second look", f"item {item.ref}")
    return _settle(item, by=by)


def reconsider(item: Item, found: Findings, *, by: Staff) -> bool:
    """Add a finding to a dispute: one of the two thinks again, or a third reviewer looks. Originals stay."""
    require_dispute(item, by=by)
    _write(item, found, by=by)
    audit.record(by, "looked again", f"item {item.ref}")
    return _settle(item, by=by)


def shown(item: Item, *, by: Staff) -> list[Assessment]:
    """Return the findings this person may see, oldest first: all once it is decided, before that only their own.

    In a dispute whoever has chosen sees the others' too.
    """
    if item.status not in UNDECIDED:
        return _all(item)
    looks = _of_this_round(item)
    own = [one for one in looks if one.assessor_id == by.id]
    return looks if own and item.status is ItemStatus.DISPUTED else own


def earlier(item: Item, *, by: Staff) -> Findings | None:
    """Return a person's own answers that they may think again about: withdrawn ones, or those that others differ from.

    None for whoever looks for the first time: nobody begins with somebody else's answers.
    """
    if item.status is ItemStatus.DISPUTED:
        own = [one for one in _of_this_round(item) if one.assessor_id == by.id]
    elif item.status is ItemStatus.ASSESSING and item.assessor_id == by.id:
        set_aside = withdrawn(items.timeline(item)) & {item.looks_after}
        own = [one for one in _all(item) if one.id in set_aside and one.assessor_id == by.id]
    else:
        own = []
    return findings_of(own[-1]) if own else None


def findings_of(assessment: Assessment) -> Findings:
    """Open one assessment's findings."""
    facts = json.loads(vault.keyring().open(PURPOSE, assessment.findings))
    values: dict[str, Any] = {name: word(facts[name]) if facts[name] else None for name, word in WORDS.items()}
    conduct = tuple(Conduct(one) for one in facts["conduct"])
    return Findings(**values, conduct=conduct, note=facts["note"], doubt=facts.get("doubt", ""))


def verdict_of(item: Item) -> Verdict | None:
    """Return the agreed verdict that holds now; None while people are still looking, or looking anew."""
    return None if item.status in UNDECIDED else _latest_verdict(item)


def is_anew(item: Item) -> bool:
    """Whether people look at `item` again because the adviser has answered what their verdict asked."""
    verdict = _latest_verdict(item)
    return item.status in UNDECIDED and verdict is not None and not _came_back_since(item, verdict)


def verdicts_of(several: Iterable[Item]) -> dict[int, Verdict]:
    """Return the verdict that holds now for each of `several` items that has one, by the item's id."""
    decided = [item.id for item in several if item.status not in UNDECIDED]
    found = db.session.scalars(select(Verdict).where(Verdict.item_id.in_(decided)).order_by(Verdict.id))
    return {verdict.item_id: verdict for verdict in found}


def letters_about(item: Item) -> list[Notice]:
    """Return the letters that stand on the item's newest verdict, oldest first; withdrawn ones left out."""
    verdict = _latest_verdict(item)
    if verdict is None:
        return []
    query = select(Notice).join(NoticeItem).where(NoticeItem.verdict_id == verdict.id)
    return list(db.session.scalars(query.where(Notice.status != NoticeStatus.WITHDRAWN).order_by(Notice.id)))


def adviser_answered(item: Item, *, by: Staff) -> None:
    """Let people look anew once the legal adviser has answered. The verdict stays on record until the next one.

    Whoever gave the first look has it again; who is no longer here, or has enough in hand, has not, and the item goes
    back into the queue.
    Raises WrongState where no adviser was asked, or while a letter stands on the verdict.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("a reviewer records that the adviser has answered")
    verdict = verdict_of(item)
    asked = verdict is not None and verdict.law is LawVerdict.ADVISER
    if not asked or item.status is not ItemStatus.DECIDED or letters_about(item):
        raise WrongState(f"{item.ref} does not wait for the adviser")
    claims.give_back(item)
    audit.record(by, "adviser answered", f"item {item.ref}")
    telling.moved(item)


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
    before = _latest_verdict(item)
    agreed = agreement.pair(_of_this_round(item))
    if agreed is None:
        item.status = ItemStatus.DISPUTED
        telling.moved(item)
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
            supersedes_id=before.id if before else None,
        )
    )
    _count(item, first)
    audit.record(by, "agreed", f"item {item.ref}")
    opened = gate.channels(first.inhope_class, first.law, in_danger=item.in_danger)
    if opened or first.law is LawVerdict.ADVISER:
        item.status = ItemStatus.DECIDED
        telling.moved(item)
    else:
        items.close(item, QUIET_OUTCOME[first.inhope_class], by=by)
    return True


def _count(item: Item, found: Assessment) -> None:
    """Count what two people agreed on, once an item: at the first verdict that says what the law is."""
    said = select(Verdict.id).where(Verdict.item_id == item.id, Verdict.law != LawVerdict.ADVISER).limit(2)
    if found.law is not LawVerdict.ADVISER and len(db.session.scalars(said).all()) == 1:
        figures.count(Figure.ASSESSED, found.inhope_class)
        figures.count(Figure.LAW, found.law)


def _all(item: Item, *, after: int = 0) -> list[Assessment]:
    """Return the findings on an item whose id is higher than `after`, oldest first."""
    query = select(Assessment).where(Assessment.item_id == item.id, Assessment.id > after)
    return list(db.session.scalars(query.order_by(Assessment.id)))


def _of_this_round(item: Item) -> list[Assessment]:
    """Return the findings that count for the next verdict: those made since the last one, and since it was reopened."""
    verdict = _latest_verdict(item)
    return _all(item, after=max(item.looks_after, _last_look(verdict) if verdict else 0))


def _last_look(verdict: Verdict) -> int:
    return max(verdict.first_id, verdict.second_id)  # whatever made the verdict was handed in last


def _came_back_since(item: Item, verdict: Verdict) -> bool:
    """Whether it was closed and reported again since the verdict; known to the hour only where a look was withdrawn."""
    if item.reopened_at is None or _last_look(verdict) > item.looks_after:
        return False
    return item.reopened_at + progress.HOUR > verdict.agreed_at


def _was_looked_at(item: Item) -> bool:
    """Whether there has been a verdict, a look was withdrawn, or one person has closed it and it was reported again."""
    return item.reopened_at is not None or item.looks_after > 0 or _latest_verdict(item) is not None


def _latest_verdict(item: Item) -> Verdict | None:
    query = select(Verdict).where(Verdict.item_id == item.id)
    return db.session.scalar(query.order_by(Verdict.id.desc()).limit(1))
