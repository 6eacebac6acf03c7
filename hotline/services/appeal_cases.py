"""Objections: opened, and decided by somebody who was not involved, or by an outside decider who is put on record."""

from typing import Any

from sqlalchemy import CursorResult, select, update

from hotline import clock, vault
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.reply import Appeal, Reply
from hotline.models.staff import Staff
from hotline.rules import free_text
from hotline.rules.replies import MOST_WORDS
from hotline.rules.standing import UNDECIDED
from hotline.services import appeals, audit, clocks, follow_ups, notices, retractions
from hotline.vocabulary import AppealDecision, Duty, ItemStatus

OPENED, DECIDED = "opened an appeal", "decided an appeal"  # in an item's timeline
MOST_OUTSIDE = 300


def open_on(item: Item, words: str, *, by: Staff, notice: Notice | None = None, reply: Reply | None = None) -> Appeal:
    """Note that somebody objects to letters about `item`, and begin the time to decide.

    `notice` is the letter it came back on, `reply` the very answer; neither where somebody called. The same answer
    opens one appeal about an item. Raises Refused by field, NotFound for an item that the letter does not list.
    """
    if not by.has(*appeals.ROLES):
        raise NotFound("no appeals for this person")
    text, fault = free_text.judge(words, MOST_WORDS)
    if fault:
        raise Refused(("words", fault))
    if notice is not None and not _lists(notice, item):
        raise NotFound(f"{notice.ref} does not list {item.ref}")
    if reply is not None and (known := appeals.find_of(reply, item)) is not None:
        return known
    appeal = Appeal(
        item=item,
        notice=notice,
        reply_id=reply.id if reply else None,
        words=vault.keyring().seal(appeals.WORDS, text),
        opened_at=clock.now(),
        opened_by=by,
    )
    db.session.add(appeal)
    db.session.flush()
    clocks.start(appeal, Duty.APPEAL)
    audit.record(by, OPENED, f"item {item.ref}", appeal=appeal.id)
    audit.record(by, "opened", appeals.subject(appeal))
    notices.stop(item)
    return appeal


def may_decide(appeal: Appeal, *, by: Staff) -> bool:
    """Whether a person may decide by themselves: who was involved only records what an outside decider says."""
    return by.has(*appeals.DECIDERS) and not appeals.was_involved(appeal.item, by)


def decide(appeal: Appeal, decision: str, reason: str, *, outside: str = "", by: Staff) -> None:
    """Decide an appeal. `outside` names who decided and their office, where that is nobody of the team.

    Where the verdict stands, what waited for it goes on. Where it is withdrawn, everybody who was told is told, and the
    item is closed. Raises Refused by field; WrongState where it is decided, or a letter is being sent right now.
    """
    if not by.has(*appeals.DECIDERS):
        raise Forbidden("a reviewer or a manager decides an appeal")
    if appeal.decided_at is not None:
        raise WrongState(f"{appeals.subject(appeal)} is decided")
    why, faulty = free_text.judge(reason, MOST_WORDS)
    who, bad_name = free_text.judge(outside, MOST_OUTSIDE)
    wrong: list[tuple[str, str]] = []
    if code := _hindrance(appeal, decision, is_outside=bool(who), by=by):
        wrong.append(("decision", code))
    if faulty:
        wrong.append(("reason", faulty))
    if bad_name and bad_name is not free_text.TextFault.MISSING:
        wrong.append(("outside", bad_name))
    if wrong:
        raise Refused(*wrong)
    seal = vault.keyring().seal
    undecided = update(Appeal).where(Appeal.id == appeal.id, Appeal.decided_at.is_(None))
    values = {
        "decision": AppealDecision(decision),
        "decided_at": clock.now(),
        "decided_by_id": by.id,
        "reason": seal(appeals.REASON, why),
        "outside": seal(appeals.OUTSIDE, who) if who else None,
    }
    done: CursorResult[Any] = db.session.execute(undecided.values(values))  # type: ignore[assignment]
    if done.rowcount == 0:  # and the database says no to whoever was involved
        raise WrongState(f"{appeals.subject(appeal)} is decided")
    db.session.refresh(appeal)
    clocks.met(appeal, Duty.APPEAL)
    told: dict[str, str | int | bool] = {"appeal": appeal.id, "decision": decision, "outside": bool(who)}
    audit.record(by, DECIDED, f"item {appeal.item.ref}", **told)
    audit.record(by, "decided", appeals.subject(appeal), decision=decision, outside=bool(who))
    if appeal.decision is AppealDecision.WITHDRAWN:
        retractions.take_back(appeal.item, by=by)
    else:
        follow_ups.look_again(appeal.item)


def _hindrance(appeal: Appeal, decision: str, *, is_outside: bool, by: Staff) -> str | None:
    """Return the code of what keeps a decision from being taken; None where nothing does."""
    if decision not in set(AppealDecision):
        return "required"
    if not is_outside and not may_decide(appeal, by=by):
        return "involved"
    if decision == AppealDecision.WITHDRAWN and appeal.item.status is ItemStatus.HELD:
        return "held"
    if decision == AppealDecision.WITHDRAWN and appeal.item.status in UNDECIDED:
        return "undecided"
    return None


def _lists(notice: Notice, item: Item) -> bool:
    query = select(NoticeItem.id).where(NoticeItem.notice_id == notice.id, NoticeItem.item_id == item.id)
    return db.session.scalar(query) is not None
