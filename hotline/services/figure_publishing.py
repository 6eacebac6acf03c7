"""Figures are published: of every month and year that is over, into the front store, where the public site reads it."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.figure import PublishedFigure, Tally
from hotline.rules import figures
from hotline.services import year_freezes
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Figure


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


def _is_published(month: str, frozen: list[int]) -> bool:
    with Session(front_engine()) as session:
        there = select(PublishedFigure.month).where(PublishedFigure.month == month).limit(1)
        timed = select(PublishedFigure.month).where(PublishedFigure.figure == Figure.REMOVAL).distinct()
        return session.scalar(there) is not None and set(session.scalars(timed)) >= {f"{year:04}" for year in frozen}
