"""The time a host has, from the moment a letter about an address has left until the address is gone.

A letter, its reminder and those that rise from it are one chain: at its root stands the first letter, and all others
follow that one. One clock runs for a chain at most: of the newest letter that has gone. What comes when it runs out is
decided in `reminders`, which stands above `notice_sending`; here only time begins, stands still and ends.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select

from hotline import clock, jurisdiction, outbox
from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.rules import clocks as rules
from hotline.rules import follow_up
from hotline.rules.follow_up import Quiet
from hotline.services import audit, clocks
from hotline.vocabulary import Channel, ClockEnd, Duty, ItemStatus, NoticeKind, NoticeStatus, PauseReason, Subject

FOLLOW_UP = "hotline.jobs.follow_ups.follow_up"
GONE = (ItemStatus.MONITORING, ItemStatus.CLOSED)  # said or seen to be gone, or ended in another way
UNSENT = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)
OUTDATED = "withdrew what lists a gone address"
NOT_NOW = "withdrew a reminder that is not to go now"


def sent(notice_id: int, root_id: int | None, *, channel: Channel, kind: NoticeKind, at: datetime) -> None:
    """Begin the time of the host that a letter went to at a moment; for every letter that is sent.

    `root_id` is the letter that it follows. What ran for the chain ends: its time is over, or somebody else has it now.
    Who only gets an answer to what it asked takes nobody else's time away.
    """
    if channel is not Channel.HOST or kind not in follow_up.FOLLOWED:
        return
    if root_id is not None:
        runs = _running(_ids_of_chain(root_id))
        if kind is NoticeKind.SUPPLEMENT and not _are_of_recipient_of(notice_id, runs):
            return
        for one in runs:
            is_over = one.paused_at is None and rules.is_over(clock.now(), one.due_at)
            clocks.finish(one, None if is_over else ClockEnd.VOID)  # nobody has done anything in time yet
    clocks.start_of(Subject.NOTICE, notice_id, Duty.REMOVE, at=at)


def answered(notice: Notice) -> None:
    """Let the time of a recipient end or stand still, as what it answers says; the answer stands at `notice` already.

    An answer by somebody to whom the chain does not belong any more changes no clock.
    """
    if notice.answer is None:
        return
    mine = [one for one in chain(notice) if one.recipient_id == notice.recipient_id]
    take_back_reminders(mine)
    for one in mine:
        if follow_up.ends_time(notice.answer):
            clocks.met(one, Duty.REMOVE)
        else:
            clocks.stand_still(one, Duty.REMOVE, PauseReason.OTHER)


def gone(item: Item) -> None:
    """Note that an address is gone, or is over for us in another way: the caller has set the item's status.

    The time of a letter ends once nothing that it lists is left. A reminder that lists the address and has not gone is
    taken back; another one follows where something is left.
    """
    db.session.flush()
    over = item.status is ItemStatus.CLOSED and item.outcome not in follow_up.OF_THE_HOST
    for notice in _about(item):
        _take_back_unsent(notice, item)
        if left(notice):
            continue
        ended = _running([notice.id])
        _finish(ended, ClockEnd.VOID if over else None)
        if ended and notice.follows is not None and left(notice.follows):  # it listed only a part of what is left
            clocks.start(notice.follows, Duty.REMOVE)


def take_back_reminders(letters: Iterable[Notice]) -> None:
    """Take back reminders that wait to be sent: the recipient has answered, or a person lets nobody be reminded.

    What is in somebody's hands goes; where that comes to nothing, it is not tried again (`notice_sending`).
    """
    for notice in letters:
        if notice.kind is NoticeKind.REMINDER and notice.status is NoticeStatus.QUEUED and not _is_leased(notice):
            _withdraw(notice, NOT_NOW)


def take_back(notice: Notice) -> None:
    """Take back a letter that follows another and need not go any more; what comes next is decided anew."""
    _withdraw(notice, OUTDATED if any(line.item.status in GONE for line in notice.lines) else NOT_NOW)
    _decide([notice])


def came_back(item: Item) -> None:
    """Give whoever had time last, of each chain about an address, its whole time once more: the address is there again.

    The caller has set the item's status. What was answered before counts no more.
    """
    db.session.flush()
    roots = dict.fromkeys(one.follows_id or one.id for one in _about(item))
    for root_id in roots:
        letters = db.session.scalars(_chain(root_id)).all()
        heads = [one for one in letters if one.status in follow_up.HAS_GONE]
        if heads:
            _finish(_running([one.id for one in letters]), ClockEnd.VOID)
            db.session.flush()
            head = whose_time_was_last(heads) or heads[-1]
            clocks.start_of(Subject.NOTICE, head.id, Duty.REMOVE, at=clock.now())


def look_again(item: Item) -> None:
    """Have what comes next for the letters about an item decided anew, such as when a hold has ended."""
    db.session.flush()
    _decide(_about(item))


def quiet() -> Quiet | None:
    """Return when nobody is reminded, as the running app's country says; None where it names no such hours."""
    place = jurisdiction.current()
    hours = place.quiet
    return Quiet(place.zone, hours.begins, hours.ends, hours.days) if hours else None


def chain(notice: Notice) -> list[Notice]:
    """Return a letter with those it belongs to, the first on top; withdrawn ones and retractions left out."""
    return list(db.session.scalars(_chain(notice.follows_id or notice.id)))


def of_whom_time_runs(letters: Sequence[Notice]) -> Notice | None:
    """Return the letter of a chain whose recipient has time now, be it run out or standing still; None where none."""
    running = {one.subject_id for one in _running([one.id for one in letters])}
    return next((one for one in letters[::-1] if one.id in running), None)


def whose_time_was_last(letters: Sequence[Notice]) -> Notice | None:
    """Return the letter whose recipient had time last: not always the newest, since who asks for more is answered
    while somebody above has the time. None where nobody had any."""
    query = select(Clock.subject_id).where(Clock.subject == Subject.NOTICE, Clock.duty == Duty.REMOVE)
    query = query.where(Clock.subject_id.in_([one.id for one in letters])).order_by(Clock.id.desc())
    last = db.session.scalar(query.limit(1))
    return next((one for one in letters if one.id == last), None)


def left(notice: Notice) -> list[Item]:
    """Return the items of a letter that are not known to be gone, and of which still holds what it went on."""
    superseded = select(Verdict.id).where(Verdict.supersedes_id == NoticeItem.verdict_id)
    query = select(Item).join(NoticeItem, NoticeItem.item_id == Item.id).where(NoticeItem.notice_id == notice.id)
    query = query.where(Item.status.not_in(GONE), ~superseded.exists())
    return list(db.session.scalars(query.order_by(NoticeItem.id)))


def _chain(root_id: int) -> Select[Notice]:
    query = select(Notice).where(or_(Notice.id == root_id, Notice.follows_id == root_id))
    query = query.where(Notice.kind.in_(follow_up.FOLLOWED), Notice.status != NoticeStatus.WITHDRAWN)
    return query.order_by(Notice.id)


def _ids_of_chain(root_id: int) -> Sequence[int]:
    return db.session.scalars(_chain(root_id).with_only_columns(Notice.id)).all()


def _about(item: Item) -> Sequence[Notice]:
    """Return the letters to hosts about an item that stand, oldest first."""
    query = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.channel == Channel.HOST)
    query = query.where(Notice.kind.in_(follow_up.FOLLOWED), Notice.status != NoticeStatus.WITHDRAWN)
    return db.session.scalars(query.order_by(Notice.id)).all()


def _running(notice_ids: Sequence[int]) -> Sequence[Clock]:
    query = select(Clock).where(Clock.subject == Subject.NOTICE, Clock.subject_id.in_(notice_ids))
    return db.session.scalars(query.where(Clock.ended_at.is_(None), Clock.duty == Duty.REMOVE)).all()


def _are_of_recipient_of(notice_id: int, those: Iterable[Clock]) -> bool:
    """Whether clocks of letters are all of the recipient of one letter."""
    ids = {notice_id, *(one.subject_id for one in those)}
    return len(set(db.session.scalars(select(Notice.recipient_id).where(Notice.id.in_(ids))))) == 1


def _finish(those: Iterable[Clock], how: ClockEnd | None = None) -> None:
    """End clocks: what stands still has nothing left to do, what runs was done in time or too late."""
    for one in those:
        clocks.finish(one, how or (ClockEnd.VOID if one.paused_at else None))


def _take_back_unsent(notice: Notice, item: Item) -> None:
    """Take back a letter that follows another and lists a gone address, unless it is in somebody's hands."""
    if notice.follows_id is None or notice.status not in UNSENT or _is_leased(notice):
        return
    _withdraw(notice, OUTDATED)
    _decide([notice])


def _is_leased(notice: Notice) -> bool:
    return notice.leased_until is not None and notice.leased_until > clock.now()


def _withdraw(notice: Notice, why: str) -> None:
    notice.status, notice.leased_until = NoticeStatus.WITHDRAWN, None
    outbox.done(db.session(), "hotline.jobs.notices.deliver_notice", notice.id)
    audit.record(None, why, f"notice {notice.ref}")
    db.session.flush()


def _decide(those: Iterable[Notice]) -> None:
    roots = dict.fromkeys(one.follows_id or one.id for one in those)
    outbox.put(db.session(), FOLLOW_UP, *roots)
