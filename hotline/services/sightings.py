"""When somebody last saw that addresses were there: a letter says no older time than is known, and none for another."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from hotline.extensions import db
from hotline.models.online import OnlineCheck
from hotline.vocabulary import CheckMeans, CheckResult


def newest(agreed: Sequence[tuple[int, datetime]]) -> list[datetime]:
    """Return for each item, by id and when two people agreed on it, when a person last saw it there.

    That is when the second of them looked, or a look since then that found it still there; never one by a program,
    which sees nothing.
    """
    seen = _still_there(number for number, _at in agreed)
    return [max(at, seen.get(number, at)) for number, at in agreed]


def _still_there(item_ids: Iterable[int]) -> dict[int, datetime]:
    query = select(OnlineCheck.item_id, func.max(OnlineCheck.id)).where(OnlineCheck.item_id.in_(list(item_ids)))
    query = query.where(OnlineCheck.means == CheckMeans.PERSON, OnlineCheck.result == CheckResult.UP)
    last = query.group_by(OnlineCheck.item_id).subquery()
    found = select(OnlineCheck).join(last, OnlineCheck.id == last.c[1])
    return {one.item_id: one.checked_at for one in db.session.scalars(found)}
