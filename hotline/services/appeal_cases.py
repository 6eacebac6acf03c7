"""Objections: opened, and decided by somebody who was not involved, or by an outside decider who is put on record.

What an outside decider said is put on record by one person, and counts once another has confirmed the record: two
people of the team always answer for what leaves, and for what is given up.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, select, update

from hotline import clock, vault
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.reply import Appeal, Reply
from hotline.models.staff import Staff
from hotline.rules import free_text
from hotline.rules.replies import MOST_WORDS
from hotline.rules.standing import UNDECIDED
from hotline.services import appeals, audit, clocks, follow_ups, notice_sending, retractions
from hotline.transactions import erases
from hotline.vocabulary import AppealDecision, Duty, ItemStatus

OPENED, DECIDED = "opened an appeal", "decided an appeal"  # in an item's timeline
NOTED, SET_ASIDE = "noted", "set aside"  # in the appeal's own
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
    notice_sending.stop(item)
    return appeal


def may_decide(appeal: Appeal, *, by: Staff) -> bool:
    """Whether a person may decide by themselves: who was involved only records what an outside decider says."""
    return by.has(*appeals.DECIDERS) and not appeals.was_involved(appeal.item, by)


def may_confirm(appeal: Appeal, *, by: Staff) -> bool:
    """Whether a record of what an outside decider said waits for this person, who did not write it."""
    return waits_for_second(appeal) and by.has(*appeals.ROLES) and by.id != appeal.noted_by_id


def may_set_aside(appeal: Appeal, *, by: Staff) -> bool:
    """Whether this person may set such a record aside: who wrote it too, where it is wrong."""
    return waits_for_second(appeal) and by.has(*appeals.ROLES)


def waits_for_second(appeal: Appeal) -> bool:
    """Whether an outside decision is on record that nobody else has confirmed yet."""
    return appeal.noted_at is not None and appeal.decided_at is None


def decide(appeal: Appeal, decision: str, reason: str, *, outside: str = "", by: Staff) -> bool:
    """Decide an appeal. Returns whether it is decided now.

    `outside` names who decided and their office, where that is nobody of the team: then it waits until somebody else
    confirms what was put on record. Where the verdict stands, what waited for it goes on. Where it is withdrawn,
    everybody who was told is told, and the item is closed. Raises Refused by field; WrongState where it is decided,
    a record waits to be confirmed, or a letter is being sent right now.
    """
    if not by.has(*appeals.DECIDERS):
        raise Forbidden("a reviewer or a manager decides an appeal")
    if appeal.decided_at is not None or appeal.noted_at is not None:
        raise WrongState(f"{appeals.subject(appeal)} is decided, or what was decided waits to be confirmed")
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
    if who:
        noted = {"noted_decision": AppealDecision(decision), "noted_at": clock.now(), "noted_by_id": by.id}
        sealed = {"reason": seal(appeals.REASON, why), "outside": seal(appeals.OUTSIDE, who)}
        _once(appeal, noted | sealed)
        audit.record(by, NOTED, appeals.subject(appeal), decision=decision)
        return False
    taken = {"decision": AppealDecision(decision), "decided_at": clock.now(), "decided_by_id": by.id}
    _once(appeal, taken | {"reason": seal(appeals.REASON, why)})  # and the database says no to whoever was involved
    _follow(appeal, by=by)
    return True


def record_of(appeal: Appeal) -> str:
    """Return what says which record waits: it may be set aside, and another written, while somebody reads it."""
    return appeal.noted_at.isoformat() if appeal.noted_at is not None else ""


def confirm(appeal: Appeal, *, seen: str, by: Staff) -> None:
    """Confirm what somebody else put on record of an outside decision: now it is decided, as `decide` says.

    `seen` is what `record_of` said when it was read. Raises Forbidden for whoever wrote the record, WrongState where
    none waits, Overtaken where another does, Refused (`decision`) where the item is held or looked at anew meanwhile.
    """
    if not waits_for_second(appeal) or appeal.noted_decision is None:
        raise WrongState(f"nothing is to be confirmed of {appeals.subject(appeal)}")
    if not may_confirm(appeal, by=by):
        raise Forbidden("somebody else confirms it than whoever wrote the record")
    _require_read(appeal, seen)
    if code := _hindrance(appeal, appeal.noted_decision, is_outside=True, by=by):
        raise Refused(("decision", code))
    taken = {"decision": appeal.noted_decision, "decided_at": clock.now(), "decided_by_id": by.id}
    _once(appeal, taken)
    _follow(appeal, by=by)


def set_aside(appeal: Appeal, *, seen: str, by: Staff) -> None:
    """Take back a record of an outside decision that is not right. The appeal waits for a decision as before.

    What was written is erased; that it was, and by whom, stays in the audit trail. Raises Forbidden, WrongState where
    none waits, Overtaken where another does than was read (`seen`, as of `confirm`).
    """
    if not waits_for_second(appeal):
        raise WrongState(f"nothing is to be set aside of {appeals.subject(appeal)}")
    if not may_set_aside(appeal, by=by):
        raise Forbidden("people who may see appeals set it aside")
    _require_read(appeal, seen)
    erases()
    blank = dict.fromkeys(("noted_decision", "noted_at", "noted_by_id", "reason", "outside"))
    _once(appeal, blank)
    audit.record(by, SET_ASIDE, appeals.subject(appeal))


def _require_read(appeal: Appeal, seen: str) -> None:
    if seen != record_of(appeal):
        raise Overtaken(f"another record of {appeals.subject(appeal)} waits than was read")


def _once(appeal: Appeal, values: Mapping[str, object]) -> None:
    """Write what is written once, into an appeal with the record it has here. Raises WrongState where somebody was
    faster."""
    as_it_was = Appeal.noted_at == appeal.noted_at if appeal.noted_at is not None else Appeal.noted_at.is_(None)
    undecided = update(Appeal).where(Appeal.id == appeal.id, Appeal.decided_at.is_(None), as_it_was)
    done: CursorResult[Any] = db.session.execute(undecided.values(values))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{appeals.subject(appeal)} has moved on")
    db.session.refresh(appeal)


def _follow(appeal: Appeal, *, by: Staff) -> None:
    """Do what a decision asks for."""
    assert appeal.decision is not None
    decision, outside = str(appeal.decision), appeal.outside is not None
    clocks.met(appeal, Duty.APPEAL)
    told: dict[str, str | int | bool] = {"appeal": appeal.id, "decision": decision, "outside": outside}
    audit.record(by, DECIDED, f"item {appeal.item.ref}", **told)
    audit.record(by, "decided", appeals.subject(appeal), decision=decision, outside=outside)
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
