"""Figures: counted in the transaction of what happens, published for the public site when a month is over."""

from typing import Any, cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import clock, jurisdiction
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.models.figure import PublishedFigure, Tally
from hotline.rules import figures
from hotline.rules.figures import Cell
from hotline.services import year_freezes
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Figure

KEY = ["month", "figure", "part"]


def _one_more(insert_into: Any) -> Any:
    table = cast(Table, Tally.__table__)
    return insert_into.on_conflict_do_update(index_elements=KEY, set_={"count": table.c.count + 1})


# built once: a letter that goes must not wait for a statement to be put together
_COUNT = {
    one.__module__.split(".")[2]: _one_more(one(cast(Table, Tally.__table__)))
    for one in (sqlite.insert, postgresql.insert)
}


def count(figure: Figure, part: str = "") -> None:
    """Count once more in this month, in the caller's transaction. What is undone with it was never counted."""
    session = db.session()
    now = clock.now().astimezone(jurisdiction.current().zone)
    row = {"month": figures.month_of(now), "figure": figure, "part": part, "count": 1}
    session.execute(_COUNT[session.get_bind(Tally).dialect.name], row)


def publish() -> bool:
    """Publish every month and year that is over, unless the last of them is published. Returns whether it did.

    Once a year is frozen, how long it took until something was gone follows. What was published before is replaced as a
    whole, so that running it twice, or after the front store was lost, leaves the same. A month does not change any
    more once it is over.
    """
    last = figures.last_over(clock.now().astimezone(jurisdiction.current().zone))
    frozen = year_freezes.list_frozen()
    if _is_published(last, frozen):
        return False
    counted = db.session.scalars(select(Tally).where(Tally.month <= last))
    tallies = {(row.month, row.figure, row.part): row.count for row in counted}
    cells = figures.publish(tallies, last=last, frozen=year_freezes.public_times())
    if not cells:
        return False
    with apart(front_engine()) as session:
        session.execute(delete(PublishedFigure))
        session.execute(
            insert(PublishedFigure),
            [{"month": one.period, "figure": one.figure, "part": one.part, "count": one.count} for one in cells],
        )
    return True


def list_published() -> tuple[Cell, ...]:
    """Return what the public may see, by period. Raises StorageFull when it cannot be read."""
    try:
        with Session(front_engine()) as session:
            rows = session.scalars(select(PublishedFigure).order_by(*(getattr(PublishedFigure, one) for one in KEY)))
            return tuple(Cell(row.month, row.figure, row.part, row.count) for row in rows)
    except SQLAlchemyError as exc:
        raise StorageFull("the front store cannot be read") from exc


def _is_published(month: str, frozen: list[int]) -> bool:
    with Session(front_engine()) as session:
        there = select(PublishedFigure.month).where(PublishedFigure.month == month).limit(1)
        timed = select(PublishedFigure.month).where(PublishedFigure.figure == Figure.REMOVAL).distinct()
        return session.scalar(there) is not None and set(session.scalars(timed)) >= {f"{year:04}" for year in frozen}
