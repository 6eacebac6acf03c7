"""Giving a new record a reference that no other has."""

from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute

from hotline.extensions import db
from hotline.rules import refs

TRIES = 20


def draw(column: InstrumentedAttribute[str], prefix: str) -> str:
    """Return a reference that is still free in `column`. Only inside `writing()`: there nobody else takes it meanwhile.

    With a million rows every sixtieth draw is taken already. Should none of many be free, the database says no.
    """
    for _ in range(TRIES):
        ref = refs.draw(prefix)
        if db.session.scalar(_taken(column), {"ref": ref}) is None:
            break
    return ref


@cache
def _taken(column: InstrumentedAttribute[str]) -> Select[str]:
    """Return the question whether a reference is taken, put together once a column."""
    return select(column).where(column == bindparam("ref"))
