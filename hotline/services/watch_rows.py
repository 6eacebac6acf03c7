"""Which addresses a program is to look at: a row each, begun in the transaction in which an item is first acted on.

A room low down: `telling` and `online` write the rows, `watches` looks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hotline import clock
from hotline.config import settings
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.online import Watch, WatchSwitch
from hotline.rules import online as rules

# built once, since letters that go come here; two who begin at the same moment begin once
_BEGIN = {
    one.__module__.split(".")[2]: cast(Any, one)(cast(Table, Watch.__table__)).on_conflict_do_nothing()
    for one in (sqlite.insert, postgresql.insert)
}


@dataclass(frozen=True, slots=True)
class State:
    """Whether a proxy is set, whether people have switched the looks on, and when that was said (None: never).

    `asks_names`: whether resolvers are set, so that a look asks them first (`watches.look`).
    """

    is_possible: bool
    is_on: bool
    since: datetime | None = None
    asks_names: bool = False


def state() -> State:
    """Return whether a program may look now."""
    if not settings().check_proxy:
        return State(is_possible=False, is_on=False)
    newest = db.session.scalar(select(WatchSwitch).order_by(WatchSwitch.id.desc()).limit(1))
    is_on, since = newest is not None and newest.is_on, newest.set_at if newest else None
    return State(is_possible=True, is_on=is_on, since=since, asks_names=bool(settings().dns_servers))


def begin(item_ids: Iterable[int]) -> None:
    """Have a program look at items from now on, if it looks at all; those it looks at already stay as they are."""
    now = clock.now()
    rows = [{"item_id": one, "began_at": now, "next_at": now, "gone_in_a_row": 0} for one in item_ids]
    if rows and state().is_on:
        session = db.session()
        session.execute(_BEGIN[session.get_bind(Watch).dialect.name], rows)


def begin_anew(item: Item) -> None:
    """Have a program look at an item as if for the first time: it is there again, or people look at it again."""
    begin([item.id])
    now = clock.now()
    fresh = {"began_at": now, "next_at": now + rules.SOON, "gone_in_a_row": 0}
    mine = update(Watch).where(Watch.item_id == item.id)
    db.session.execute(mine.values(**fresh, first_gone_at=None, last_gone_at=None))


def hurry(item_ids: Sequence[int]) -> None:
    """Have a program look at items at once, where it looks at them."""
    some = update(Watch).where(Watch.item_id.in_(item_ids), Watch.next_at > clock.now())
    db.session.execute(some.values(next_at=clock.now()))


def end(item: Item) -> None:
    """Have no program look at an item any more."""
    db.session.execute(update(Watch).where(Watch.item_id == item.id).values(next_at=None))
