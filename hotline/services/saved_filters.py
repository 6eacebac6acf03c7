"""Filters of the queue that people keep, each for themselves."""

from sqlalchemy import select

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.saved_filter import SavedFilter
from hotline.models.staff import Staff
from hotline.rules import filters
from hotline.rules.filters import Filter
from hotline.services import queue

MOST = 8  # a person's own


def list_of(person: Staff) -> list[tuple[SavedFilter, Filter | None]]:
    """Return what a person keeps, the oldest first; None is the filter of what was kept with words that are gone."""
    kept = db.session.scalars(select(SavedFilter).where(SavedFilter.staff_id == person.id).order_by(SavedFilter.id))
    return [(one, _read(one)) for one in kept.all()]


def _read(kept: SavedFilter) -> Filter | None:
    try:
        return filters.from_query(kept.query)
    except Refused:
        return None


def keep(asked: Filter, name: str, *, by: Staff) -> SavedFilter:
    """Keep a filter under a name. Raises Refused for a name that is empty, too long or taken, and for one too many.

    Raises NotFound for a filter of a place that is no item's.
    """
    queue.require_place(asked)
    tidy = filters.name_of(name)
    names = set(db.session.scalars(select(SavedFilter.name).where(SavedFilter.staff_id == by.id)))
    if tidy in names:
        raise Refused(("name", "taken"))
    if len(names) >= MOST:
        raise Refused(("name", "too_many"))
    kept = SavedFilter(staff_id=by.id, name=tidy, query=asked.query, saved_at=clock.now())
    db.session.add(kept)
    return kept


def forget(number: int, *, by: Staff) -> None:
    """Forget a filter of one's own. Raises NotFound for anybody else's."""
    kept = db.session.get(SavedFilter, number)
    if kept is None or kept.staff_id != by.id:
        raise NotFound("no such filter")
    db.session.delete(kept)
