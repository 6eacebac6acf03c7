"""Is it still there? What people see of an address, what hosts say, and how an item ends, or comes back.

The portal never opens the address: a person looks in the hotline's own way, outside it. What a program may do where
that was switched on is in `watches`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, or_, select

from hotline import clock
from hotline.errors import Forbidden, Refused, WrongState
from hotline.extensions import db
from hotline.models.exchange import Exchange
from hotline.models.item import FAR_DAY, OPEN, Item, Merge, Step
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import Ending, OnlineCheck
from hotline.models.staff import Staff
from hotline.rules import exchange as exchange_rules
from hotline.rules import gate
from hotline.rules import online as rules
from hotline.rules.standing import UNDECIDED
from hotline.services import (
    assessments,
    audit,
    clocks,
    endings,
    exchange,
    fallen_offers,
    follow_ups,
    hosting,
    iccam,
    items,
    notes,
    notice_approval,
    notices,
    police_first,
    watch_rows,
)
from hotline.services.endings import Times
from hotline.services.items import Opened
from hotline.vocabulary import (
    Answer,
    CheckMeans,
    CheckResult,
    Direction,
    Duty,
    ExchangeStatus,
    IccamAction,
    ItemOutcome,
    ItemStatus,
    NoticeStatus,
    ReportStatus,
    Role,
    Urgency,
)

SAW = {  # in an item's timeline
    CheckResult.UP: "saw it online",
    CheckResult.GONE: "saw it gone",
    CheckResult.UNSURE: "could not tell whether it is gone",
}
HOST_SAYS, SAW_BACK, SAW_OTHER = "host says it is gone", "saw it back", "saw something else there"
LOOKED_AT = "read addresses to look whether they are gone"
MAY_BE_SEEN = (ItemStatus.DECIDED, ItemStatus.HELD, ItemStatus.ACTING, ItemStatus.MONITORING)
MAY_END = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING)
UNSENT = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)
SHOWN = 6  # looks on an item's page
MOST = 30  # items of each list


@dataclass(frozen=True, slots=True)
class Card:
    """What an item's page says of whether it is gone. `looks` are the newest, newest first.

    `ending` stands while the item is closed; then `times` are those that were kept. `confirmed`: it may be closed
    without a reason, and `suggested` is how. `may_be_back`: it was closed as gone, and somebody may have seen it again.
    """

    looks: list[OnlineCheck]
    times: Times
    ending: Ending | None
    confirmed: bool
    suggested: ItemOutcome
    look_by: datetime | None
    may_look: bool
    may_close: bool
    may_be_back: bool
    may_be_same: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One address to look at, defanged, with the newest look at it (None: nobody looked yet)."""

    item: Item
    opened: Opened
    newest: OnlineCheck | None


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """What waits for a person's eyes: said or seen gone, most urgent first; seen gone twice, to be closed; acted on.

    Of each `MOST` at most; what comes last was acted on longest ago.
    """

    again: list[Row]
    to_close: list[Row]
    acted_on: list[Row]


def card(item: Item) -> Card | None:
    """Return what an item's page says; None while people look (it would tell what was found), and before a verdict."""
    if item.status in UNDECIDED or assessments.verdict_of(item) is None:
        return None
    found, ending = endings.looks(item), endings.last(item)
    gone = endings.run(found)
    may_be_back = item.status is ItemStatus.CLOSED and item.outcome in rules.ENDS and not _is_merged(item)
    running = [one for one in clocks.of(item) if one.duty is Duty.CHECK_ONLINE and one.ended_at is None]
    return Card(
        looks=found[:SHOWN],
        times=endings.of_ending(ending) if ending else endings.times(item, gone),
        ending=ending,
        confirmed=rules.is_confirmed(gone),
        suggested=rules.suggested(gone),
        look_by=running[0].due_at if running else None,
        may_look=item.status in MAY_BE_SEEN,
        may_close=item.status in MAY_END,
        may_be_back=may_be_back,
        may_be_same=may_be_back and _opens_something(item),
    )


def to_look_at(*, by: Staff) -> ToLookAt:
    """Return what waits for a person's eyes. Reading it goes into the audit trail with the number of addresses."""
    if not by.has(*items.CASE_ROLES):
        return ToLookAt([], [], [])
    monitored = select(Item).where(Item.status == ItemStatus.MONITORING)
    again = _most_urgent(monitored.where(Item.turn_at < FAR_DAY).order_by(Item.turn_at, Item.id))
    to_close = _most_urgent(monitored.where(Item.turn_at == FAR_DAY).order_by(Item.id))
    acting = select(Item).where(OPEN, Item.status == ItemStatus.ACTING)
    acted_on = _most_urgent(acting.order_by(Item.opened_at, Item.id))
    every = [*again, *to_close, *acted_on]
    if every:
        audit.record_read(by, LOOKED_AT, "items", count=len(every))
    newest = _newest_looks(every)
    return ToLookAt(*(_rows(those, newest) for those in (again, to_close, acted_on)))


def seen(item: Item, result: CheckResult, *, by: Staff, moved: bool = False) -> None:
    """Note what a person has seen of an address. `moved`: it is gone there, and stands somewhere else.

    Gone: it is watched, and somebody looks again. Still there although it was thought gone: everything goes on.
    Raises WrongState for what nobody decided on, or is closed.
    """
    _require_role(by)
    if item.status not in MAY_BE_SEEN:
        raise WrongState(f"{item.ref} is not one to look at")
    _note(item, result, rules.MOVED if moved and result is CheckResult.GONE else "", by=by)
    audit.record(by, SAW[result], f"item {item.ref}")
    if result is CheckResult.UP:
        _is_up(item)
    elif result is CheckResult.GONE:
        is_gone(item)
    elif item.status is ItemStatus.MONITORING:
        _look_again(item)


def is_gone(item: Item) -> None:
    """Let an item be watched that was seen gone, and have somebody look again until that is confirmed."""
    if item.status is ItemStatus.ACTING:
        item.status = ItemStatus.MONITORING
        clocks.void(item, Duty.NOTIFY)  # of what is gone nobody is told; should it be back, somebody is
        follow_ups.gone(item)
    if item.status is not ItemStatus.MONITORING:
        return
    if rules.is_confirmed(endings.run(endings.looks(item))):
        clocks.met(item, Duty.CHECK_ONLINE)
    else:
        _look_again(item)


def host_says_gone(notice: Notice) -> None:
    """Take a host at its word as far as that goes: what the notice lists is watched, and somebody is to look.

    What is held stays as it is until it is let go (`host_said_gone`).
    """
    _take_at_word(notice, [line.item for line in notice.lines if line.item.status is ItemStatus.ACTING])


def host_said_gone(item: Item, since: datetime) -> None:
    """Take a host at its word that said since a moment, while `item` was held, that it is gone."""
    said = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.answer == Answer.REMOVED)
    notice = db.session.scalar(said.where(Notice.answered_at >= since).order_by(Notice.answered_at.desc()).limit(1))
    if notice is not None and item.status is ItemStatus.ACTING:
        _take_at_word(notice, [item])


def _take_at_word(notice: Notice, said: Sequence[Item]) -> None:
    for item in said:
        item.status = ItemStatus.MONITORING
    for item in said:
        clocks.void(item, Duty.NOTIFY)  # a host that says so was told
        follow_ups.gone(item)
        clocks.start(item, Duty.CHECK_ONLINE)
        audit.record(None, HOST_SAYS, f"item {item.ref}", notice=notice.ref)
    watch_rows.hurry([item.id for item in said])


def close(item: Item, outcome: str, reason: str, *, by: Staff) -> Ending:
    """Close an item as gone. Before it was seen gone twice, that takes a `reason`, which becomes a note.

    Raises Refused (`ending`, `ending_reason`) with what is wrong.
    """
    _require_role(by)
    reason = " ".join(reason.split())
    chosen = ItemOutcome(outcome) if outcome in set(ItemOutcome) else None
    confirmed = rules.is_confirmed(endings.run(endings.looks(item)))
    if wrong := rules.end_faults(chosen, reason, confirmed=confirmed):
        raise Refused(*wrong)
    assert chosen is not None
    if reason:
        _note_reason(item, reason, by=by)
    return end(item, chosen, by=by)


def end(item: Item, outcome: ItemOutcome, *, by: Staff) -> Ending:
    """End an item that was acted on: keep its times, end what still runs for it, and tell those who wait for it.

    A withdrawn one may have been closed already; how it ended then does not stand any more. Raises WrongState while it
    is held, being looked at, or merged.
    """
    again = outcome is ItemOutcome.WITHDRAWN and item.status is ItemStatus.CLOSED
    if (item.status not in MAY_END and not again) or _is_merged(item):
        raise WrongState(f"{item.ref} cannot be closed now")
    items.undo_ending(item, at=clock.now())
    ending = endings.keep(item, outcome, by=by)
    if outcome in rules.ENDS:
        clocks.met(item, Duty.CHECK_ONLINE)
    else:
        watch_rows.end(item)
    items.close(item, outcome, by=by)
    _withdraw_unsent(item, by=by)
    _tell_partners(item, outcome, by=by)
    _add_to_iccam(item, outcome, by=by)
    return ending


def is_back(item: Item, *, same: bool, by: Staff) -> None:
    """Open an item again that was closed as gone and has been seen since.

    `same`: a person sees what two people decided on, so what they agreed still holds, and hosts get their time anew.
    Else people look as at something new. Raises WrongState where it was not closed as gone, or nothing holds of it.
    """
    _require_role(by)
    shut = item.status is not ItemStatus.CLOSED or item.outcome not in rules.ENDS or _is_merged(item)
    if shut or (same and not _opens_something(item)):
        raise WrongState(f"{item.ref} cannot come back")
    _note(item, CheckResult.UP, "", by=by)
    audit.record(by, SAW_BACK if same else SAW_OTHER, f"item {item.ref}")
    if same:
        reopen(item, ItemStatus.ACTING)
        follow_ups.came_back(item)
        police_first.go_on_to_host(item)
    else:
        items.reopen(item, at=clock.this_hour())
        hosting.ask_for(item)
        clocks.start(item, Duty.ACKNOWLEDGE, Duty.ASSESS)


def reopen(item: Item, status: ItemStatus) -> None:
    """Let an item that was closed as gone be acted on, or looked at, again. Its verdict stands."""
    items.undo_ending(item, at=clock.now())
    item.status, item.outcome = status, None
    db.session.execute(delete(Step).where(Step.item_id == item.id, Step.status == ReportStatus.CLOSED))
    watch_rows.begin_anew(item)


def _is_up(item: Item) -> None:
    if item.status is not ItemStatus.MONITORING:
        return
    item.status = ItemStatus.ACTING
    clocks.met(item, Duty.CHECK_ONLINE)
    follow_ups.came_back(item)
    police_first.go_on_to_host(item)
    watch_rows.begin_anew(item)


def _look_again(item: Item) -> None:
    """Note that somebody has looked, and have somebody look once more."""
    clocks.met(item, Duty.CHECK_ONLINE)
    clocks.start(item, Duty.CHECK_ONLINE)


def _note(item: Item, result: CheckResult, code: str, *, by: Staff) -> None:
    look = OnlineCheck(
        item_id=item.id,
        means=CheckMeans.PERSON,
        result=result,
        code=code,
        checked_by_id=by.id,
        checked_at=clock.now(),
    )
    db.session.add(look)
    db.session.flush()


def _note_reason(item: Item, reason: str, *, by: Staff) -> None:
    try:
        notes.add(item, reason, by=by)
    except Refused as fault:
        raise Refused(*(("ending_reason", code) for _field, code in fault.faults)) from fault


def _withdraw_unsent(item: Item, *, by: Staff) -> None:
    """Take back letters that list nothing but what is closed and have not gone, unless one is going this moment."""
    listed = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.status.in_(UNSENT))
    for notice in db.session.scalars(listed.order_by(Notice.id)).all():
        is_over = all(line.item.status is ItemStatus.CLOSED for line in notice.lines)
        if is_over and notices.may_withdraw(notice):
            notice_approval.withdraw(notice, by=by)


def _tell_partners(item: Item, outcome: ItemOutcome, *, by: Staff) -> None:
    """Tell the hotlines whose offers we took what became of it, and take back ours that nobody has fetched."""
    merged = select(Merge.item_id).where(Merge.into_id == item.id)
    taken = select(Exchange).where(
        or_(Exchange.item_id == item.id, Exchange.item_id.in_(merged)),
        Exchange.direction == Direction.IN,
        Exchange.status == ExchangeStatus.ACCEPTED,
    )
    for one in db.session.scalars(taken.order_by(Exchange.id)).all():
        exchange.answer(one, exchange_rules.Answer(ExchangeStatus.DONE, "", None, outcome, ""), by=by)
    fallen_offers.take_back(item)


def _add_to_iccam(item: Item, outcome: ItemOutcome, *, by: Staff) -> None:
    """Let ICCAM's list say how it ended. What wants a reason is left to a person: it stands among the suggestions."""
    done = iccam.ENDS.get(outcome)
    if done in {IccamAction.REMOVED, IccamAction.MOVED} and iccam.find(item) and done in iccam.suggested(item):
        iccam.add_action(item, done, "", by=by)


def _is_merged(item: Item) -> bool:
    return db.session.get(Merge, item.id) is not None


def _opens_something(item: Item) -> bool:
    verdict = assessments.verdict_of(item)
    return verdict is not None and bool(gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger))


def _most_urgent(of_any: Select[Item]) -> list[Item]:
    """Return `MOST` items of a query, the most urgent first. For each urgency it is one stretch of an index."""
    found: list[Item] = []
    for urgency in Urgency:
        found += db.session.scalars(of_any.where(Item.urgency == urgency).limit(MOST - len(found))).all()
    return found


def _newest_looks(found: Sequence[Item]) -> dict[int, OnlineCheck]:
    newest = select(OnlineCheck.id).where(OnlineCheck.item_id == Item.id).order_by(OnlineCheck.id.desc()).limit(1)
    ids = select(newest.correlate(Item).scalar_subquery()).where(Item.id.in_([one.id for one in found]))
    return {one.item_id: one for one in db.session.scalars(select(OnlineCheck).where(OnlineCheck.id.in_(ids)))}


def _rows(those: Sequence[Item], newest: dict[int, OnlineCheck]) -> list[Row]:
    return [Row(one, items.opened(one), newest.get(one.id)) for one in those]


def _require_role(by: Staff) -> None:
    if not by.has(Role.ANALYST, Role.REVIEWER):
        raise Forbidden("looking whether something is gone is not this person's")
