"""Figures: counted in the transaction of what happens, and read as they are published (`figure_publishing`)."""

from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import clock, jurisdiction
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.models.figure import PublishedFigure, Tally
from hotline.rules import figures
from hotline.rules.figures import Cell
from hotline.transactions import front_engine
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


def list_published() -> tuple[Cell, ...]:
    """Return what the public may see, by period. Raises StorageFull when it cannot be read."""
    try:
        with Session(front_engine()) as session:
            rows = session.scalars(select(PublishedFigure).order_by(*(getattr(PublishedFigure, one) for one in KEY)))
            return tuple(Cell(row.month, row.figure, row.part, row.count) for row in rows)
    except SQLAlchemyError as exc:
        raise StorageFull("the front store cannot be read") from exc
