"""What is stuck, on one page: everything that has left the queue, goes on by nothing but people, and is late.

Every part is read off a small index, the longest stuck first, and is cut: it costs the same however much there is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.clock import Clock
from hotline.models.exchange import Exchange
from hotline.models.hold import Hold
from hotline.models.iccam import IccamEntry
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReport
from hotline.models.reply import Appeal, Reply
from hotline.models.staff import Staff
from hotline.outbox import Task
from hotline.rules import follow_up
from hotline.rules.follow_up import Next, Step, Why
from hotline.services import (
    clocks,
    follow_ups,
    items,
    mailbox,
    notice_grounds,
    notices,
    police_first,
    reminders,
    replies,
    routing,
)
from hotline.vocabulary import (
    Channel,
    Direction,
    Duty,
    ExchangeStatus,
    IccamState,
    IccamStep,
    ItemStatus,
    NoticeKind,
    NoticeStatus,
    PoliceStatus,
    Role,
)

READERS = (*items.CASE_ROLES, Role.MANAGER)
MOST, MOST_ALONE = 10, 50  # lines of a part beside the others, and alone on its page
MOST_COUNTED = 99
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_WHILE = timedelta(hours=2)  # so long nobody is told that a letter waits for a person's hand
A_DAY = timedelta(days=1)
OTHERS, POLICE = "others", "police"  # who was told already of what nobody has told a host
FORGOTTEN = timedelta(days=3)  # after so long it is told that a person keeps somebody from being reminded
_FOLLOWS, _LETTER, _ITS, _BEFORE = aliased(Notice), aliased(Notice), aliased(Notice), aliased(IccamEntry)
_UNTOLD = (IccamState.DUE, IccamState.FAILED)
_ROOT = (  # the first letter of the chain whose time a clock tells
    select(func.coalesce(_LETTER.follows_id, _LETTER.id))
    .where(_LETTER.id == Clock.subject_id)
    .correlate(Clock)
    .scalar_subquery()
)
_ON_ITS_WAY = (NoticeStatus.DRAFT, NoticeStatus.APPROVED, NoticeStatus.QUEUED, NoticeStatus.FAILED)


class Part(StrEnum):
    """What is stuck."""

    LETTERS = "letters"  # they failed, are tried in vain, or came back
    BY_HAND = "by_hand"  # a person has to type them in, or take them there
    UNWRITTEN = "unwritten"  # two people agree, and nothing has left
    UNHEARD = "unheard"  # the recipient's time is over
    UNREAD = "unread"  # something came back, and nobody has read it
    POLICE_DRAFTS = "police_drafts"  # approved, and handed to nobody
    POLICE = "police"  # handed over, and not acknowledged
    HOLDS = "holds"
    OFFERS = "offers"  # let go, and they have reached no partner
    PARTNERS = "partners"
    ICCAM = "iccam"  # steps of its ledgers that nobody has told it
    LOOKS = "looks"
    APPEALS = "appeals"


class Place(NamedTuple):
    """Where a line leads: to the record `ref` of a kind."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is stuck: since when, where it leads, with whom, and what can be told of why.

    `next` says what comes after a letter, `has_nobody` that the directory names nobody to send to, or nobody who was
    not written to yet; `told` that others were told of it (`OTHERS`), or the police (`POLICE`).
    """

    since: datetime
    place: Place
    who: str = ""
    item: Item | None = None
    notice: Notice | None = None
    next: Next | None = None
    has_nobody: bool = False
    told: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a part, and the cursor of the next page (empty at the end)."""

    lines: list[Line]
    next: str


Position = tuple[datetime, int]
Lines = list[tuple[str, Line | None]]  # each with its cursor; none where it is not stuck after all
DUTIES = {
    Part.UNWRITTEN: Duty.NOTIFY,
    Part.UNHEARD: Duty.REMOVE,
    Part.POLICE: Duty.POLICE_ANSWER,
    Part.HOLDS: Duty.REVIEW_HOLD,
    Part.PARTNERS: Duty.PARTNER_ANSWER,
    Part.LOOKS: Duty.CHECK_ONLINE,
    Part.APPEALS: Duty.APPEAL,
}


def counts() -> dict[Part, int]:
    """Return how much of each part is stuck, each up to `MOST_COUNTED` + 1: it names nothing."""
    return {part: _count(_ids(part)) for part in Part}


def list_part(part: Part, *, by: Staff, most: int = MOST, after: str = "") -> Page:
    """Return the lines of one part, the longest stuck first. `after` is the cursor of the page before.

    Nobody but who works on cases sees any. Raises Refused for a cursor that is none.
    """
    if not by.has(*items.CASE_ROLES):
        return Page([], "")
    found = _LINES.get(part, _of_clocks)(part, _position(after), most + 1, by)
    shown = [line for _cursor, line in found[:most] if line is not None]
    return Page(shown, found[most - 1][0] if len(found) > most else "")


def _position(cursor: str) -> tuple[datetime, int]:
    """Read a cursor: when the last line of the page before fell due, and its id; before all where it is empty."""
    if not cursor:
        return EPOCH, 0
    at, _, number = cursor.partition(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 17 for part in (at, number)):
        raise Refused(("after", "unknown"))
    return EPOCH + timedelta(microseconds=int(at)), int(number)


def _cursor(at: datetime, number: int) -> str:
    return f"{(at - EPOCH) // timedelta(microseconds=1)}.{number}"


def _ids(part: Part) -> Any:
    """Return the query for the ids of everything in a part, unordered, for counting."""
    number, conditions = _COUNTED.get(part, (Clock.id, lambda: _stuck(part)))
    return select(number).where(*conditions())


def _count(ids: Any) -> int:
    some = ids.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _is_troubled() -> ColumnElement[bool]:
    in_vain = (Notice.status == NoticeStatus.QUEUED) & (Notice.attempts >= notices.MANY_ATTEMPTS)
    return or_(Notice.status.in_([NoticeStatus.FAILED, NoticeStatus.BOUNCED]), in_vain & Notice.kept_at.is_(None))


def _by_hand_long_ago() -> tuple[ColumnElement[bool], ...]:
    return (and_(notices.LIES_HERE, Notice.kept_at < clock.now() - A_WHILE),)


def _unread_long() -> tuple[ColumnElement[bool], ...]:
    wrote = Reply.kind.in_(replies.SOMEBODY_WROTE)
    return Reply.read_at.is_(None), Reply.came_at < clock.now() - A_DAY, wrote


def _approved_long_ago() -> tuple[ColumnElement[bool], ...]:
    return PoliceReport.status == PoliceStatus.APPROVED, PoliceReport.approved_at < clock.now() - A_DAY


def _stuck(part: Part) -> tuple[ColumnElement[bool], ...]:
    """Return which clocks of a part's duty count: those that ran out; of letters also what people keep, or have to see.

    A letter is left out while a reminder of it goes by itself, or another of its chain is written; and where nothing is
    left of what it lists, such as after a correction.
    """
    if part is not Part.UNHEARD:
        return (clocks.stuck(DUTIES[part]), Clock.paused_at.is_(None))
    goes_by_itself: ColumnElement[bool] = exists().where(
        Task.job == follow_ups.FOLLOW_UP, Task.record_id == Clock.subject_id
    )
    if mailbox.standing():  # then none goes before somebody has seen to the mailbox
        goes_by_itself = false()
    follows = (_FOLLOWS.follows_id == _ROOT, _FOLLOWS.kind.in_(follow_up.FOLLOWED))
    theirs = select(_ITS.recipient_id).where(_ITS.id == Clock.subject_id).scalar_subquery()
    goes_on = or_(_FOLLOWS.kind != NoticeKind.SUPPLEMENT, _FOLLOWS.recipient_id == theirs)  # as `reminders`
    is_written = exists().where(*follows, goes_on, _FOLLOWS.status.in_(_ON_ITS_WAY))
    told = or_(Clock.paused_at.is_(None), Clock.paused_by_id.is_(None), Clock.paused_at < clock.now() - FORGOTTEN)
    return (clocks.stuck(Duty.REMOVE), told, ~goes_by_itself, ~is_written, _has_left())


def _has_left() -> ColumnElement[bool]:
    """Return whether the chain of a clock's letter lists something still (as `follow_ups.left` of its first letter)."""
    superseded = exists().where(Verdict.supersedes_id == NoticeItem.verdict_id)
    still = Item.status.not_in(follow_ups.GONE)
    return exists().where(NoticeItem.notice_id == _ROOT, NoticeItem.item_id == Item.id, still, ~superseded)


def _letters(_part: Part, after: Position, most: int, by: Staff) -> Lines:
    found = notices.list_troubled(by=by, most=most, after=after[1])
    return [(_cursor(EPOCH, one.id), _of_letter(one, one.approved_at)) for one in found]


def _by_hand(_part: Part, after: Position, most: int, _by: Staff) -> Lines:
    query = select(Notice).where(*_by_hand_long_ago(), Notice.id > after[1])
    found = db.session.scalars(query.order_by(Notice.id).limit(most))
    return [(_cursor(EPOCH, one.id), _of_letter(one, one.kept_at)) for one in found]


def _of_letter(one: Notice, since: datetime | None) -> Line:
    return Line(since or one.drafted_at, Place("notice", one.ref), who=one.recipient.name, notice=one)


def _let_go_long_ago() -> tuple[ColumnElement[bool], ...]:
    """Return which offers count: two people let them go, and a day later they have reached no partner."""
    is_ours = (Exchange.direction == Direction.OUT, Exchange.status == ExchangeStatus.OFFERED)
    return (*is_ours, Exchange.offered_at.is_(None), Exchange.approved_at < clock.now() - A_DAY)


def _untold_long_ago() -> tuple[ColumnElement[bool], ...]:
    """Return which steps count: the next of each item that ICCAM may be told, due for more than a day."""
    is_open = or_(*(IccamEntry.state == one for one in _UNTOLD))
    is_open_before = or_(*(_BEFORE.state == one for one in _UNTOLD))
    same = (_BEFORE.item_id == IccamEntry.item_id, _BEFORE.verdict_id == IccamEntry.verdict_id)
    comes_later = exists().where(*same, is_open_before, _BEFORE.place < IccamEntry.place)
    superseded = exists().where(Verdict.supersedes_id == IccamEntry.verdict_id)
    is_told_of = or_(
        Item.status.in_(notice_grounds.LETS_GO),
        and_(Item.status == ItemStatus.CLOSED, IccamEntry.step == IccamStep.ACTION),
    )
    may_be_told = select(Item.id).where(Item.id == IccamEntry.item_id, is_told_of).correlate(IccamEntry).exists()
    return (is_open, IccamEntry.due_at < clock.now() - A_DAY, ~comes_later, ~superseded, may_be_told)


def _offers(_part: Part, after: Position, most: int, _by: Staff) -> Lines:
    query = select(Exchange).where(*_let_go_long_ago(), Exchange.id > after[1]).order_by(Exchange.id).limit(most)
    return [(_cursor(EPOCH, one.id), _of_offer(one)) for one in db.session.scalars(query)]


def _of_offer(one: Exchange) -> Line:
    return Line(one.approved_at or one.begun_at, Place("exchange", one.ref), who=one.recipient.name, item=one.item)


def _iccam(_part: Part, after: Position, most: int, _by: Staff) -> Lines:
    query = select(IccamEntry, Item).join(Item, Item.id == IccamEntry.item_id)
    query = query.where(*_untold_long_ago(), IccamEntry.id > after[1]).order_by(IccamEntry.id).limit(most)
    found = db.session.execute(query)
    return [(_cursor(EPOCH, one.id), Line(one.due_at, Place("iccam", item.ref), item=item)) for one, item in found]


def _unread(_part: Part, after: Position, most: int, _by: Staff) -> Lines:
    query = select(Reply).where(*_unread_long(), tuple_(Reply.came_at, Reply.id) > after)
    query = query.options(joinedload(Reply.notice).joinedload(Notice.recipient))
    found = db.session.scalars(query.order_by(Reply.came_at, Reply.id).limit(most))
    return [(_cursor(one.came_at, one.id), _of_letter(one.notice, one.came_at)) for one in found]


def _police_drafts(_part: Part, after: Position, most: int, _by: Staff) -> Lines:
    query = select(PoliceReport).where(*_approved_long_ago(), PoliceReport.id > after[1])
    found = db.session.scalars(query.order_by(PoliceReport.id).limit(most))
    return [
        (
            _cursor(EPOCH, one.id),
            Line(one.approved_at or one.drafted_at, Place("police", one.ref), who=one.unit.name),
        )
        for one in found
    ]


def _of_clocks(part: Part, after: Position, most: int, _by: Staff) -> Lines:
    query = select(Clock).where(*_stuck(part), tuple_(Clock.due_at, Clock.id) > after)
    found = db.session.scalars(query.order_by(Clock.due_at, Clock.id).limit(most)).all()
    about = _ABOUT[part]({one.subject_id for one in found})
    made = ((one, about.get(one.subject_id)) for one in found)
    return [(_cursor(one.due_at, one.id), line(one) if line is not None else None) for one, line in made]


def _items(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    found = db.session.scalars(select(Item).where(Item.id.in_(ids)))
    return {item.id: _line_of(Place("item", item.ref), item=item) for item in found}


def _unwritten(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    found = db.session.scalars(select(Item).where(Item.id.in_(ids))).all()
    acting = [item.id for item in found if item.status is ItemStatus.ACTING]
    given = select(Item.id).where(Item.id.in_(acting), police_first.given().exists())
    told = dict.fromkeys(acting, OTHERS) | dict.fromkeys(db.session.scalars(given), POLICE)
    return {
        item.id: _line_of(
            Place("item", item.ref), item=item, has_nobody=not _has_somebody(item), told=told.get(item.id, "")
        )
        for item in found
    }


def _has_somebody(item: Item) -> bool:
    """Whether the directory knows somebody on the way of an item."""
    guide = routing.guide(item)
    return guide is not None and any(step.candidates for step in guide.route.steps)


def _unheard(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    """Return lines for letters whose recipients' time is over, unless something that is written comes next."""
    found = db.session.scalars(select(Notice).where(Notice.id.in_(ids), Notice.channel == Channel.HOST)).all()
    lines = {}
    for one in found:
        course = reminders.course(one)
        comes = course.next
        if comes.step not in {Step.WAIT, Step.REMIND, Step.SEND, Step.NOTHING}:
            has_nobody = comes.why is Why.STUCK and reminders.has_nobody_above(course)
            place = Place("notice", one.ref)
            lines[one.id] = _line_of(place, who=one.recipient.name, notice=one, next=comes, has_nobody=has_nobody)
    return lines


def _police(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    found = db.session.scalars(select(PoliceReport).where(PoliceReport.id.in_(ids)))
    return {one.id: _line_of(Place("police", one.ref), who=one.unit.name) for one in found}


def _holds(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    found = db.session.scalars(select(Hold).where(Hold.id.in_(ids)))
    return {one.id: _line_of(Place("hold", one.item.ref), who=one.unit.name) for one in found}


def _partners(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    found = db.session.scalars(select(Exchange).where(Exchange.id.in_(ids)))
    return {one.id: _line_of(Place("exchange", one.ref), who=one.recipient.name, item=one.item) for one in found}


def _appeals(ids: Iterable[int]) -> Mapping[int, Callable[[Clock], Line]]:
    found = db.session.scalars(select(Appeal).where(Appeal.id.in_(ids)))
    return {one.id: _line_of(Place("appeal", str(one.id)), item=one.item) for one in found}


def _line_of(place: Place, **told: Any) -> Callable[[Clock], Line]:
    def line(one: Clock) -> Line:
        return Line(one.paused_at or one.due_at, place, **told)

    return line


_COUNTED: dict[Part, tuple[InstrumentedAttribute[int], Callable[[], tuple[ColumnElement[bool], ...]]]] = {
    Part.LETTERS: (Notice.id, lambda: (_is_troubled(),)),
    Part.BY_HAND: (Notice.id, _by_hand_long_ago),
    Part.UNREAD: (Reply.id, _unread_long),
    Part.POLICE_DRAFTS: (PoliceReport.id, _approved_long_ago),
    Part.OFFERS: (Exchange.id, _let_go_long_ago),
    Part.ICCAM: (IccamEntry.id, _untold_long_ago),
}
_LINES: dict[Part, Callable[[Part, Position, int, Staff], Lines]] = {
    Part.LETTERS: _letters,
    Part.BY_HAND: _by_hand,
    Part.UNREAD: _unread,
    Part.OFFERS: _offers,
    Part.ICCAM: _iccam,
    Part.POLICE_DRAFTS: _police_drafts,
}
_ABOUT: dict[Part, Callable[[Iterable[int]], Mapping[int, Callable[[Clock], Line]]]] = {
    Part.UNWRITTEN: _unwritten,
    Part.UNHEARD: _unheard,
    Part.POLICE: _police,
    Part.HOLDS: _holds,
    Part.PARTNERS: _partners,
    Part.LOOKS: _items,
    Part.APPEALS: _appeals,
}
