"""Looking twice: the first look, the blind second look, and what they come to."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, tuple_, update
from sqlalchemy.orm import selectinload

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, ThirdLook, Verdict
from hotline.models.audit import AuditEntry
from hotline.models.criteria import JudgedBy
from hotline.models.item import Item, Merge
from hotline.models.notice import Notice, NoticeItem
from hotline.models.outside_decision import OutsideDecision
from hotline.models.staff import Staff
from hotline.rules import agreement, findings, gate, progress
from hotline.rules.findings import Findings
from hotline.services import (
    audit,
    care,
    claims,
    clocks,
    criteria,
    drafts,
    fallen_offers,
    figures,
    items,
    labels,
    quality,
    telling,
)
from hotline.vocabulary import (
    CorrectionReason,
    Duty,
    Figure,
    InhopeClass,
    ItemOutcome,
    ItemStatus,
    LawVerdict,
    NoticeStatus,
    Role,
)

__all__ = ["Findings"]

PURPOSE = "assessment.findings"
FIRST, SECOND, AGAIN, THIRD = "first look", "second look", "looked again", "third look"  # as the timeline has them
WITHDREW = "withdrew first look"
CORRECTED = "began a correction"
SETTLED = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING, ItemStatus.CLOSED)
ON_ITS_WAY = (NoticeStatus.APPROVED, NoticeStatus.QUEUED)
UNDECIDED = {ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED}
QUIET_OUTCOME = {
    InhopeClass.NOT_ILLEGAL: ItemOutcome.NOT_ILLEGAL,
    InhopeClass.INACCESSIBLE: ItemOutcome.UNAVAILABLE,
    InhopeClass.OUTSIDE_REMIT: ItemOutcome.OUTSIDE_REMIT,
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
    """Raise WrongState unless the looks at `item` differ, and `by` has looked or has the third look in hand.

    Forbidden for who is neither one of those nor a reviewer.
    """
    if item.status is not ItemStatus.DISPUTED:
        raise WrongState(f"{item.ref} is not disputed")
    if by.id in choosers(item):
        return
    if not by.has(Role.REVIEWER):
        raise Forbidden("a third look belongs to a reviewer")
    asked = db.session.get(ThirdLook, item.id)
    if asked is None or asked.taken_by_id != by.id:
        raise WrongState(f"the third look at {item.ref} is not in your hands")


def choosers(item: Item) -> set[int]:
    """Return who has given a look that counts for the next verdict, by staff id."""
    return {look.assessor_id for look in _of_this_round(item)}


def differs_since(item: Item) -> datetime | None:
    """Return when the second look of this round was handed in; None where there is none."""
    looks = _of_this_round(item)
    return looks[1].made_at if len(looks) > 1 else None


def round_begins_after(item: Item) -> int:
    """Return the highest id of a look that counts no more: those made since then count for the next verdict."""
    verdict = _latest_verdict(item)
    return max(item.looks_after, verdict.looks_until if verdict else 0)


def outside_of(item: Item) -> OutsideDecision | None:
    """Return the outside decision that stands beside the looks of this round; whether it counts it says itself."""
    of_round = OutsideDecision.item_id == item.id, OutsideDecision.looks_after == round_begins_after(item)
    return db.session.scalar(select(OutsideDecision).where(*of_round, OutsideDecision.ended_at.is_(None)))


def stands_outside(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that `outside_of` the `Item` of a query is one, of which `more` holds."""
    settled = select(Verdict.id).where(Verdict.item_id == Item.id, Verdict.looks_until > OutsideDecision.looks_after)
    of_round = OutsideDecision.item_id == Item.id, OutsideDecision.looks_after >= Item.looks_after
    found = select(OutsideDecision.id).where(*of_round, OutsideDecision.ended_at.is_(None), *more)
    return found.where(~settled.correlate(Item, OutsideDecision).exists()).correlate(Item).exists()


def first_look(item: Item, found: Findings, *, by: Staff, judged_by: str = "") -> None:
    """Hand in the first finding. It goes to a second person; only a sample does where nothing could leave anyway.

    `judged_by` is the version of the criteria that its form showed; none: the one in force.

    What was settled once and is looked at anew is never settled by one person: that would undo what two agreed. Nor is
    what was withdrawn, or people could hand it in until it falls out of the sample; nor is what others were merged
    into, or one person could merge an address away and close it.
    """
    require_first_look(item, by=by)
    _write(item, found, judged_by, by=by)
    drafts.drop(item)  # of whoever had it before, too
    clocks.met(item, Duty.ASSESS)
    audit.record(by, FIRST, f"item {item.ref}")
    needs_two = gate.needs_two(found.inhope_class, found.law, in_danger=item.in_danger)
    needs_two = needs_two or _was_looked_at(item) or _took_in_others(item)
    if needs_two or secrets.randbelow(settings().second_look_sample) == 0:
        item.status = ItemStatus.IN_REVIEW
        clocks.start(item, Duty.SECOND_LOOK)
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
    clocks.void(item, Duty.SECOND_LOOK)
    clocks.unmet(item, Duty.ASSESS)
    has_it = claims.give_back(item)
    telling.moved(item)
    return has_it


def withdrawn(entries: Iterable[AuditEntry]) -> set[int]:
    """Return the ids of the looks that were withdrawn, from the timeline of their item."""
    return {json.loads(one.details or "{}").get("look", 0) for one in entries if one.action == WITHDREW}


def list_reviews(*, by: Staff, most: int, after: tuple[Any, ...] | None = None) -> list[Item]:
    """Return what this reviewer can look at a second time, most urgent first; never their own first looks.

    `after` is the place (as `items.SOONEST`) of the item that ended the page before.
    """
    if not by.has(Role.REVIEWER):
        return []
    query = select(Item).where(
        Item.status == ItemStatus.IN_REVIEW,
        Item.assessor_id != by.id,
        or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id),
    )
    if after is not None:
        query = query.where(tuple_(*items.SOONEST) > after)
    people = selectinload(Item.assessor), selectinload(Item.reviewer)
    return list(db.session.scalars(query.order_by(*items.SOONEST).limit(most).options(*people)))


def get_review(ref: str, *, by: Staff) -> Item:
    """Return an item for a second look. Raises NotFound for one's own first look."""
    item = items.get(ref, by=by)
    if not by.has(Role.REVIEWER) or item.assessor_id == by.id:
        raise NotFound(f"no second look at {ref} for this person")
    return item


def take_review(item: Item, *, by: Staff) -> None:
    """Give the second look to `by`. Raises WrongState when someone else has it, LightWorkOnly as `claims.claim`."""
    if not by.has(Role.REVIEWER) or item.assessor_id == by.id:
        raise Forbidden("the second look belongs to another reviewer")
    care.require_hard_work(by, item)
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
    care.require_hard_work(by, item)
    item.reviewer, item.review_claimed_at = by, clock.now()
    audit.record(by, "took second look over", f"item {item.ref}", holder=holder.number)


def pass_review_on(item: Item, *, by: Staff) -> None:
    """Put a second look back for another reviewer, no reason asked. Raises WrongState when it is not in one's hands."""
    if item.reviewer_id != by.id or item.status is not ItemStatus.IN_REVIEW:
        raise WrongState(f"the second look at {item.ref} is not yours to pass on")
    item.reviewer_id, item.review_claimed_at = None, None
    drafts.drop(item, by=by)
    audit.record(by, "passed second look on", f"item {item.ref}")


def second_look(item: Item, found: Findings, *, by: Staff, judged_by: str = "") -> bool:
    """Hand in the second, blind finding. Returns whether the two agree."""
    require_second_look(item, by=by)
    firsts = [one for one in _of_this_round(item) if one.assessor_id == item.assessor_id]
    _write(item, found, judged_by, by=by)
    clocks.met(item, Duty.SECOND_LOOK)
    if firsts:
        quality.note(findings_of(firsts[-1]), found)
    audit.record(by, SECOND, f"item {item.ref}")
    return settle(item, by=by)


def reconsider(item: Item, found: Findings, *, by: Staff, judged_by: str = "") -> bool:
    """Add a finding to a dispute: who has chosen thinks again, or a third person looks. Originals stay.

    Raises as `require_dispute`.
    """
    require_dispute(item, by=by)
    is_again = by.id in choosers(item)
    _write(item, found, judged_by, by=by)
    if not is_again:
        db.session.execute(delete(ThirdLook).where(ThirdLook.item_id == item.id))
    audit.record(by, AGAIN if is_again else THIRD, f"item {item.ref}")
    agreed = settle(item, by=by)
    if not agreed and not is_again:  # the three get the time to talk that the two had, before another is asked
        clocks.restart(item, Duty.SETTLE)
    return agreed


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
        set_aside = withdrawn(audit.of_action(f"item {item.ref}", WITHDREW)) & {item.looks_after}
        own = [one for one in _all(item) if one.id in set_aside and one.assessor_id == by.id]
    else:
        own = []
    return findings_of(own[-1]) if own else None


def findings_of(assessment: Assessment) -> Findings:
    """Open one assessment's findings. What was not asked when they were made is not answered."""
    facts = json.loads(vault.keyring().open(PURPOSE, assessment.findings))
    values: dict[str, Any] = {name: facts.get(name, "") for name in findings.TEXTS}
    for name, word in findings.WORDS.items():
        values[name] = word(facts[name]) if facts.get(name) else None
    for name, word in findings.SETS.items():
        values[name] = tuple(word(one) for one in facts.get(name, ()))
    return Findings(**values, labels=tuple(facts.get(findings.LABELS, ())))


def agreed_by(*verdicts: Verdict) -> list[tuple[Findings, Findings]]:
    """Return what the two sides of each verdict say. An outside decision says class and law, and nothing else."""
    ids = [look for one in verdicts for look in one.look_ids]
    found = db.session.scalars(select(Assessment).where(Assessment.id.in_(ids)))
    said = {look.id: findings_of(look) for look in found}
    outside = [Findings(one.inhope_class, one.law) for one in verdicts]
    return [
        (said[one.first_id], said[one.second_id] if one.second_id is not None else other)
        for one, other in zip(verdicts, outside, strict=True)
    ]


def verdict_of(item: Item) -> Verdict | None:
    """Return the agreed verdict that holds now; None while people are still looking, or looking anew."""
    return None if item.status in UNDECIDED else _latest_verdict(item)


def is_anew(item: Item) -> bool:
    """Whether people look at `item` again because the adviser has answered what their verdict asked."""
    verdict = _latest_verdict(item)
    asked = item.status in UNDECIDED and verdict is not None and not _came_back_since(item, verdict)
    return asked and correction_of(item) is None


def correction_of(item: Item) -> CorrectionReason | None:
    """Return why people look anew at what was settled; None where they do not, or for another reason."""
    if item.status not in UNDECIDED:
        return None
    entry = audit.last_of(f"item {item.ref}", CORRECTED, "agreed", "adviser answered", items.CLOSED)
    if entry is None or entry.action != CORRECTED:
        return None
    return CorrectionReason(json.loads(entry.details or "{}")["reason"])


def standing_letters(item: Item) -> list[Notice]:
    """Return the letters about `item` that keep a correction from beginning: they are on their way, or lie here."""
    return [one for one in _letters(item) if one.status in ON_ITS_WAY]


def may_correct(item: Item) -> bool:
    """Whether what was settled can be looked at anew, letters aside. An adviser who was asked is waited for first."""
    verdict = verdict_of(item)
    waits = item.status is ItemStatus.DECIDED and verdict is not None and verdict.law is LawVerdict.ADVISER
    is_merged = db.session.get(Merge, item.id) is not None
    return item.status in SETTLED and not waits and not is_merged and bool(_all(item))


def correct(item: Item, reason: CorrectionReason, *, by: Staff) -> None:
    """Let people look anew at what was settled. Looks and verdict stay on record until the next verdict.

    Drafts of letters, and letters that failed, are withdrawn. Raises Forbidden for who is no reviewer, WrongState where
    nothing is settled, or while a letter is on its way.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("a reviewer begins a correction")
    if not may_correct(item) or standing_letters(item):
        raise WrongState(f"{item.ref} cannot be corrected now")
    for letter in _letters(item):
        if letter.status in {NoticeStatus.DRAFT, NoticeStatus.FAILED}:
            letter.status = NoticeStatus.WITHDRAWN
            audit.record(by, "withdrew", f"notice {letter.ref}")
    item.looks_after, item.outcome = _all(item)[-1].id, None
    items.undo_ending(item, at=clock.now())
    drafts.drop(item)
    items.forget_watch(item)
    claims.give_back(item)
    clocks.void(item, Duty.NOTIFY, Duty.CHECK_ONLINE)
    clocks.start(item, Duty.ASSESS)
    audit.record(by, CORRECTED, f"item {item.ref}", reason=reason)
    fallen_offers.take_back(item)
    telling.moved(item)


def _letters(item: Item) -> list[Notice]:
    query = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id)
    return list(db.session.scalars(query.order_by(Notice.id)))


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
    clocks.void(item, Duty.NOTIFY)
    clocks.start(item, Duty.ASSESS)
    audit.record(by, "adviser answered", f"item {item.ref}")
    telling.moved(item)


def _write(item: Item, found: Findings, judged_by: str = "", *, by: Staff) -> Assessment:
    if wrong := findings.faults(found):
        raise Refused(*wrong)
    labels.require_known(found.labels)
    version = criteria.row_of(judged_by)
    look = Assessment(
        item_id=item.id,
        assessor_id=by.id,
        inhope_class=found.inhope_class,
        law=found.law,
        findings=vault.keyring().seal(PURPOSE, json.dumps(asdict(found), ensure_ascii=False)),
        made_at=clock.now(),
    )
    db.session.add(look)
    db.session.flush()
    db.session.add(JudgedBy(assessment_id=look.id, criteria_id=version.id))
    drafts.drop(item, by=by)
    return look


def settle(item: Item, *, by: Staff) -> bool:
    """Make the verdict where two people agree, or one agrees with an outside decision that counts; else: disputed."""
    looks = _of_this_round(item)
    pair, outside = agreement.pair(looks), outside_of(item)
    lone = agreement.same_as(looks, outside.inhope_class, outside.law) if outside and outside.counts else None
    first, second = pair or (lone, None)
    if first is None:
        item.status = ItemStatus.DISPUTED
        clocks.start(item, Duty.SETTLE)
        telling.moved(item)
        return False
    before = _latest_verdict(item)
    clocks.met(item, Duty.SETTLE)
    db.session.execute(delete(ThirdLook).where(ThirdLook.item_id == item.id))
    db.session.add(
        Verdict(
            item_id=item.id,
            first_id=first.id,
            first_by=first.assessor_id,
            second_id=second.id if second else None,
            second_by=second.assessor_id if second else None,
            outside_id=outside.id if outside and second is None else None,
            inhope_class=first.inhope_class,
            law=first.law,
            agreed_at=clock.now(),
            supersedes_id=before.id if before else None,
            looks_until=looks[-1].id,
        )
    )
    drafts.drop(item)
    _count(item, first)
    audit.record(by, "agreed", f"item {item.ref}", **({} if second else {"outside": True}))
    opened = gate.channels(first.inhope_class, first.law, in_danger=item.in_danger)
    if opened or first.law is LawVerdict.ADVISER:
        item.status = ItemStatus.DECIDED
        if opened:
            clocks.start(item, Duty.NOTIFY)
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
    return _all(item, after=round_begins_after(item))


def _came_back_since(item: Item, verdict: Verdict) -> bool:
    """Whether it was closed and reported again since the verdict; known to the hour only where a look was withdrawn."""
    if item.reopened_at is None or verdict.looks_until > item.looks_after:
        return False
    return item.reopened_at + progress.HOUR > verdict.agreed_at


def _was_looked_at(item: Item) -> bool:
    """Whether there has been a verdict, a look was withdrawn, or one person has closed it and it was reported again."""
    return item.reopened_at is not None or item.looks_after > 0 or _latest_verdict(item) is not None


def _took_in_others(item: Item) -> bool:
    return db.session.scalar(select(Merge.item_id).where(Merge.into_id == item.id).limit(1)) is not None


def _latest_verdict(item: Item) -> Verdict | None:
    query = select(Verdict).where(Verdict.item_id == item.id)
    return db.session.scalar(query.order_by(Verdict.id.desc()).limit(1))
