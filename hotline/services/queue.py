"""The queue: open items, filtered and in order, page by page.

Every list here costs the same at any size: each branch of a query is read off one index in the order that is asked
for, a page begins where the last one ended (never at a row number), and counts stop at `MOST_COUNTED`. What no index
has in order is looked for among a few rows at a time.
"""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.item import SETTLED, Item
from hotline.models.notice import Notice
from hotline.models.report import UnreadReport
from hotline.models.staff import Staff
from hotline.rules import addresses
from hotline.rules.care import LIGHT
from hotline.rules.filters import UNKNOWN, Age, ClockFilter, Filter, Sort, Whose, Work
from hotline.services import assessments, audit, claims, clocks, decisions, items
from hotline.services.claims import OPEN
from hotline.vocabulary import InhopeClass, ItemStatus, NoticeStatus, Role, Urgency

HIGHEST = 2**31  # no id, no urgency and no number of reports reaches it
ROWS = 30  # of one page: it stays below 60 KB, in Khmer too
MOST_COUNTED = 1000
MOST_NEWER = 500  # rows that came since a page was drawn and are looked through
MOST_HELD = 2000
MOST_FEW = 1000  # what is no more than this is found first where several things are asked
MOST_COUNTRIES = 60
MOST_LOOKED_AT = 40  # newest items of a host whose verdicts a row tells
MOST_LOOKED_THROUGH = 500  # items of a place that one page looks through for those that fit the rest of a filter
EVERYTHING = Filter()
BY_TURN = {ClockFilter.OVER, ClockFilter.TODAY, ClockFilter.PAUSED}
Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: the item and its host, defanged; empty where it does not open.

    `since` is when the clock began that runs out first; None where none runs.
    """

    item: Item
    host: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some rows, and the cursor of the next page (empty at the end).

    `looked_through` is 0, or how many items were looked through where the page ends there and not where it is full.
    """

    rows: list[QueueRow]
    next: str
    looked_through: int = 0


@dataclass(frozen=True, slots=True)
class Peek:
    """What a row shows in place: the address in three defanged parts (empty where it does not open), and its host.

    `on_host` counts the other items there, `agreed` what two people found of the newest of them, by class.
    """

    prefix: str
    host: str
    rest: str
    on_host: int
    agreed: list[tuple[InhopeClass, int]]


@dataclass(frozen=True, slots=True)
class _Order:
    """Columns that a list is ordered by, all in one direction; the last one is the id."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False

    @property
    def clauses(self) -> list[ColumnElement[Any]]:
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    @property
    def backwards(self) -> "_Order":
        return replace(self, descending=not self.descending)

    def place_of(self, item: Item) -> tuple[Any, ...]:
        return tuple(getattr(item, column.key) for column in self.columns)


MOST_URGENT = _Order(items.SOONEST)
MOST_URGENT_OLDEST = _Order((Item.urgency, Item.opened_at, Item.id))
NEWEST = _Order((Item.id,), descending=True)
ORDERS = {
    Sort.OLDEST: _Order((Item.opened_at, Item.id)),
    Sort.REPORTS: _Order((Item.report_count, Item.id), descending=True),
    Sort.DUE: _Order((Item.turn_at, Item.id)),
}


def list_queue(asked: Filter = EVERYTHING, *, by: Staff, after: str = "", limit: int = ROWS) -> QueuePage:
    """Return the items that `asked` is about, open ones unless it says otherwise; what is due first, first.

    `after` is a cursor of the page before. Raises Refused for one that nobody has given.
    """
    order = _order_of(asked)
    place = _position(after, order) if after else None
    window = _window(asked, place)
    ids = _ids(asked, order, place, by=by, limit=limit + 1, among=window)
    people = selectinload(Item.assessor), selectinload(Item.reviewer)
    found = {item.id: item for item in db.session.scalars(select(Item).where(Item.id.in_(ids)).options(*people))}
    page = [found[one] for one in ids[:limit]]
    if len(ids) > limit:
        return QueuePage(rows_of(page), _cursor(order.place_of(page[-1])))
    if window is None or len(window) < MOST_LOOKED_THROUGH:
        return QueuePage(rows_of(page), "")
    return QueuePage(rows_of(page), _cursor(window[-1:]), len(window))


def beside(item: Item, asked: Filter, *, by: Staff) -> tuple[str | None, str | None]:
    """Return the references of the items before and after one in the order of a filter; None where there is none."""
    order = _order_of(asked)
    place = order.place_of(item)
    before, after = (
        _ids(asked, way, place, by=by, limit=1, among=_window(asked, place, backwards=way is not order))
        for way in (order.backwards, order)
    )
    named = select(Item.id, Item.ref).where(Item.id.in_([*before, *after]))
    refs = {found.id: found.ref for found in db.session.execute(named)}
    return refs[before[0]] if before else None, refs[after[0]] if after else None


def list_reviews(*, by: Staff, after: str = "", limit: int = ROWS) -> QueuePage:
    """Return what this reviewer can look at a second time, most urgent first. `after` is as for `list_queue`."""
    place = _position(after, MOST_URGENT) if after else None
    found = assessments.list_reviews(by=by, most=limit + 1, after=place)
    page = found[:limit]
    return QueuePage(rows_of(page), _cursor(MOST_URGENT.place_of(page[-1])) if len(found) > limit else "")


def rows_of(found: Sequence[Item]) -> list[QueueRow]:
    """Return the queue's lines for some items."""
    since = clocks.first_began(found)
    return [
        QueueRow(item, addresses.defang_host(items.opened_or_empty("item.host", item.host)), since.get(item.id))
        for item in found
    ]


def row_of(item: Item) -> QueueRow:
    """Return the queue's line for one item."""
    return rows_of([item])[0]


def peek(item: Item, *, by: Staff) -> Peek:
    """Open what a row shows in place. It is a read like any other, and goes into the audit trail."""
    audit.record_read(by, "read", f"item {item.ref}")
    there = select(Item).where(Item.host_index == item.host_index, SETTLED, Item.id != item.id)
    settled = list(db.session.scalars(there.order_by(Item.id.desc()).limit(MOST_LOOKED_AT)))
    agreed = Counter(verdict.inhope_class for verdict in assessments.verdicts_of(settled).values())
    return Peek(
        *addresses.split_defanged(items.opened_or_empty("item.address", item.address)),
        on_host=decisions.count_on_host(item),
        agreed=agreed.most_common(),
    )


def count_of(several: Sequence[Filter], *, by: Staff) -> list[int | None]:
    """Return how many items each filter finds, in one question; one above `MOST_COUNTED` stands for all above it.

    None stands for a filter whose place is no item's. Of a place, what else a filter asks is counted among its newest
    `MOST_LOOKED_THROUGH`.
    """
    known = _known_places(several)
    readable = [{one.host_of, one.path_of} - {""} <= known for one in several]
    counted = [_counted(_some(one, by=by)) for one, is_readable in zip(several, readable, strict=True) if is_readable]
    counts = iter(db.session.execute(select(*counted)).one() if counted else ())
    return [(next(counts) or 0) if is_readable else None for is_readable in readable]


def require_place(asked: Filter) -> None:
    """Raise NotFound where the host or path that `asked` is about is no item's."""
    if unknown := {asked.host_of, asked.path_of} - {""} - _known_places([asked]):
        raise NotFound(f"no item {min(unknown)}")


def newest() -> int:
    """Return a mark of what stands in the queue now, for `count_newer`."""
    return db.session.scalar(select(func.max(Item.id))) or 0


def count_newer(asked: Filter, since: int, *, by: Staff) -> int:
    """Return how many items that `asked` is about came after the mark `since`; it stops at `MOST_NEWER`."""
    if not 0 <= since < HIGHEST:
        raise Refused(("since", "unknown"))
    ids = list(db.session.scalars(select(Item.id).where(Item.id > since).order_by(Item.id).limit(MOST_NEWER)))
    if not ids:
        return 0
    return db.session.scalar(select(_counted(_some(asked, by=by, among=ids)))) or 0


def countries() -> list[str]:
    """Return the countries in which something open is hosted, each found by one step into the index."""
    first = select(Item.country).where(OPEN, Item.country.is_not(None)).order_by(Item.country).limit(1)
    found = select(first.scalar_subquery().label("country")).cte("countries", recursive=True)
    onward = select(Item.country).where(OPEN, Item.country > found.c.country).order_by(Item.country).limit(1)
    found = found.union_all(select(onward.scalar_subquery()).where(found.c.country.is_not(None)))
    named = select(found.c.country).where(found.c.country.is_not(None)).limit(MOST_COUNTRIES)
    return list(db.session.scalars(named))


def counts(*, by: Staff) -> dict[str, int]:
    """Return how much waits, for the rail: `queue`, `reviews`, `notices`, `unread`; each stops above `MOST_COUNTED`."""
    free = or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id)
    some = {
        "queue": select(Item.id).where(OPEN),
        "reviews": select(Item.id).where(Item.status == ItemStatus.IN_REVIEW, Item.assessor_id != by.id, free),
        "notices": select(Notice.id).where(Notice.status == NoticeStatus.DRAFT),
        "unread": select(UnreadReport.inbox_id),
    }
    if not by.has(Role.REVIEWER):
        some["reviews"] = some["reviews"].where(literal(False))
    counted = [_counted(one.limit(MOST_COUNTED + 1).subquery()) for one in some.values()]
    return dict(zip(some, (count or 0 for count in db.session.execute(select(*counted)).one()), strict=True))


def _counted(some: Subquery) -> ColumnElement[int]:
    return select(func.count()).select_from(some).scalar_subquery()


def _some(asked: Filter, *, by: Staff, among: list[int] | None = None) -> Subquery:
    """Return a query of what a filter finds, no more than are counted."""
    branches = _branches(replace(asked, sort=None), by=by)
    among = _window(asked, None) if among is None else among
    more: Conditions = [] if among is None else [Item.id.in_(among)]
    found = [select(Item.id.label("id")).where(*branch, *more).limit(MOST_COUNTED + 1) for _, branch in branches]
    counted: Subquery = _together(found).limit(MOST_COUNTED + 1).subquery()
    return counted


def _ids(
    asked: Filter,
    order: _Order,
    place: tuple[Any, ...] | None,
    *,
    by: Staff,
    limit: int,
    among: list[int] | None,
) -> list[int]:
    """Return the ids of one page. Each branch gives as many as the page has; the best of all of them are on it."""
    found = []
    more: Conditions = [] if among is None else [Item.id.in_(among)]
    for priority, branch in _branches(asked, by=by):
        onward = _onward(order, place, priority)
        if onward is None:
            continue
        # PostgreSQL takes no column for constant that is NULL, and would sort: so it is named in the order
        before = [Item.country] if asked.country == UNKNOWN else []
        keys = [column.label(f"key_{number}") for number, column in enumerate(order.columns)]
        query = select(Item.id.label("id"), *keys).where(*branch, *onward, *more)
        found.append(query.order_by(*before, *order.clauses).limit(limit))
    if not found:
        return []
    if len(found) == 1:
        return [row.id for row in db.session.execute(found[0])]
    merged = _together(found).subquery()
    keys = [merged.c[f"key_{number}"] for number in range(len(order.columns))]
    in_order = [key.desc() if order.descending else key.asc() for key in keys]
    return list(db.session.scalars(select(merged.c.id).order_by(*in_order).limit(limit)))


def _together(found: list[Select[Any]]) -> Any:
    if len(found) == 1:
        return found[0]
    return union_all(*(select(one.subquery()) for one in found))


def _onward(order: _Order, place: tuple[Any, ...] | None, priority: Urgency | None) -> Conditions | None:
    """Return what lies behind `place` in a branch; None where nothing of that branch does.

    In a branch of one urgency it is compared beforehand: a comparison of rows that begins with it would read the branch
    from its beginning.
    """
    if place is None:
        return []
    columns, values = order.columns, place
    if priority is not None and columns[0] is Item.urgency:
        if priority != place[0]:
            return [] if (priority < place[0]) is order.descending else None
        columns, values = columns[1:], values[1:]
    bound = [literal(value, column.type) for column, value in zip(columns, values, strict=True)]
    here = tuple_(*columns)
    return [here < tuple_(*bound) if order.descending else here > tuple_(*bound)]


def _order_of(asked: Filter) -> _Order:
    if asked.is_of_a_place:
        return NEWEST
    if asked.sort is not None:
        return ORDERS[asked.sort]
    return MOST_URGENT_OLDEST if asked.age and asked.clock not in BY_TURN else MOST_URGENT


def _is_looked_for(asked: Filter) -> bool:
    """Whether a filter asks more than a place of what is there: no index has that in order, and of one host there may
    be very many. What a person has in hand is few, wherever it is."""
    rest = replace(asked.without_place(), sort=None)
    return asked.is_of_a_place and rest != EVERYTHING and asked.whose is not Whose.ME


def _window(asked: Filter, place: tuple[Any, ...] | None, *, backwards: bool = False) -> list[int] | None:
    """Return the ids of the next `MOST_LOOKED_THROUGH` items of a filter's place; None where nothing is looked for."""
    if not _is_looked_for(asked):
        return None
    order = NEWEST.backwards if backwards else NEWEST
    there = select(Item.id).where(*_place(asked), *(_onward(order, place, None) or ()))
    return list(db.session.scalars(there.order_by(*order.clauses).limit(MOST_LOOKED_THROUGH)))


def _branches(asked: Filter, *, by: Staff) -> list[tuple[Urgency | None, Conditions]]:
    """Return the filter as queries that have nothing in common, each read off an index, and the urgency of each.

    An age, a clock and an order without urgency need one urgency at a time: in every index it stands before the time.
    """
    every = [*_state(asked), *_plain(asked), *_place(asked), *_times(asked)]
    kinds = _light() if asked.work == Work.LIGHT else [[]]
    ids = _held(asked, by=by) or _few(asked)
    if ids is not None:
        return [(asked.priority, [*every, *kind, *ids]) for kind in kinds]
    by_turn = asked.clock in {ClockFilter.OVER, ClockFilter.TODAY}
    by_time = asked.age or by_turn or asked.sort in {Sort.OLDEST, Sort.DUE}
    splits = by_time and not asked.priority and not asked.is_of_a_place
    priorities = list(Urgency) if splits else [asked.priority]
    return [
        (priority, [*every, *kind, *([Item.urgency == int(priority)] if priority else [])])
        for kind, priority in product(kinds, priorities)
    ]


def _state(asked: Filter) -> Conditions:
    """Return which states are meant: one, or all that are open; of one place also what is closed."""
    if asked.status is not None:
        return [Item.status == asked.status, *([] if asked.status is ItemStatus.CLOSED else [OPEN])]
    if asked.is_of_a_place:
        return []
    return [OPEN, Item.status == ItemStatus.NEW] if asked.whose == Whose.NOBODY else [OPEN]


def _plain(asked: Filter) -> Conditions:
    found: Conditions = []
    if asked.category:
        found.append(Item.category == asked.category)
    if asked.country:
        found.append(Item.country.is_(None) if asked.country == UNKNOWN else Item.country == asked.country)
    if asked.whose == Whose.NOBODY:
        second = asked.status is ItemStatus.IN_REVIEW
        found.append(Item.reviewer_id.is_(None) if second else Item.assessor_id.is_(None))
    return found


def _place(asked: Filter) -> Conditions:
    found: Conditions = []
    if asked.host_of:
        found.append(Item.host_index == _marks(asked.host_of).host_index)
    if asked.path_of:
        found.append(Item.path_index == _marks(asked.path_of).path_index)
    return found


def _times(asked: Filter) -> Conditions:
    found: Conditions = []
    now = clock.now()
    today = datetime.combine(now.astimezone(jurisdiction.current().zone).date(), time(), jurisdiction.current().zone)
    match asked.age:
        case Age.TODAY:
            found.append(Item.opened_at >= today)
        case Age.DAYS:
            found += [Item.opened_at < today, Item.opened_at >= now - timedelta(days=3)]
        case Age.OVER_3:
            found.append(Item.opened_at < now - timedelta(days=3))
        case Age.OVER_7:
            found.append(Item.opened_at < now - timedelta(days=7))
    if asked.clock == ClockFilter.OVER:
        found.append(Item.turn_at < now)
    elif asked.clock == ClockFilter.TODAY:
        found.append(Item.turn_at < today + timedelta(days=1))
    elif asked.clock == ClockFilter.PAUSED:
        found.append(Item.stands_still == true())
    return found


def _light() -> list[Conditions]:
    hard = Item.category.not_in(LIGHT)
    return [*([Item.category == one] for one in LIGHT), [Item.status == ItemStatus.DECIDED, hard]]


def _held(asked: Filter, *, by: Staff) -> Conditions | None:
    """Return the few items that a person has in hand, by id; None where they are not asked for.

    No index has them in order. So few are found first and put in order afterwards: a database that is asked for both
    at once may read through everything open to find them in order.
    """
    if asked.whose != Whose.ME:
        return None
    return [Item.id.in_(sorted(db.session.scalars(select(Item.id).where(claims.in_hand(by)).limit(MOST_HELD))))]


def _few(asked: Filter) -> Conditions | None:
    """Return the items of the rarest of several things that are asked of open items, by id; None where none is rare.

    An index has one of them in order. Whichever a database takes, it may read all of that one to find a page of what
    is as the others say; so what is rare is found first, and put in order afterwards.
    """
    several: Conditions = [*([Item.status == asked.status] if asked.status else []), *_plain(asked)]
    if len(several) < 2 or asked.is_of_a_place or asked.status is ItemStatus.CLOSED:
        return None
    for one in several:
        ids = db.session.scalars(select(Item.id).where(OPEN, one).limit(MOST_FEW + 1)).all()
        if len(ids) <= MOST_FEW:
            return [Item.id.in_(sorted(ids))]
    return None


def _known_places(several: Sequence[Filter]) -> set[str]:
    """Return those references in some filters' places that are of an item."""
    named = {ref for one in several for ref in (one.host_of, one.path_of) if ref}
    return set(db.session.scalars(select(Item.ref).where(Item.ref.in_(named)))) if named else set()


def _marks(ref: str) -> Item:
    item = db.session.scalar(select(Item).where(Item.ref == ref))
    if item is None:
        raise NotFound(f"no item {ref}")
    return item


def _cursor(values: Sequence[Any]) -> str:
    place = " ".join(one.isoformat() if isinstance(one, datetime) else str(int(one)) for one in values)
    return base64.urlsafe_b64encode(place.encode()).decode()


def _position(cursor: str, order: _Order) -> tuple[Any, ...]:
    try:
        words = base64.urlsafe_b64decode(cursor).decode().split(" ")
        pairs = zip(order.columns, words, strict=True)
        return tuple(
            _moment(word) if column in {Item.opened_at, Item.turn_at} else _number(word) for column, word in pairs
        )
    except (ValueError, OverflowError) as exc:
        raise Refused(("after", "unknown")) from exc


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number < HIGHEST:
        raise ValueError("no such number")
    return number


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)
