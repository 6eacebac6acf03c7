"""Steps that tests of clocks take: a report is filed at an hour of a day in March, and its clocks are read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from hotline import clock
from hotline.extensions import db
from hotline.models import Item
from hotline.models.clock import Clock
from hotline.services import clocks, intake
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, ClockEnd, Danger, Duty, Language

HOUR = timedelta(hours=1)
HOURLY = datetime(2026, 3, 2, 3, tzinfo=UTC)
At = Callable[..., datetime]
ACKNOWLEDGE, ASSESS, SECOND_LOOK = Duty.ACKNOWLEDGE, Duty.ASSESS, Duty.SECOND_LOOK


def filed(
    url: str = "https://img-board.example/t/1", *, category: Category = Category.CSAM, danger: Danger | None = None
) -> Item:
    """File a report of this hour and return its item."""
    said = Submission(category, url, None, "", danger, "", Language.EN)
    key = func.count(Item.id)
    with writing():
        number = db.session.scalar(select(key)) or 0
        tag = f"{url} {clock.now()} {number}".encode()
        intake.file_report(said, inbox_id=tag, receipt_tag=tag, received_at=clock.this_hour())
    return db.session.scalars(select(Item).order_by(Item.id.desc())).first()


def running(item: Item) -> dict[Duty, Clock]:
    db.session.rollback()
    return {one.duty: one for one in clocks.of(item) if one.ended_at is None}


def ended(item: Item) -> dict[Duty, ClockEnd | None]:
    db.session.rollback()
    return {one.duty: one.ending for one in clocks.of(item) if one.ended_at}


def in_transaction(deed: Callable[[], object]) -> None:
    with writing():
        deed()


def first_due(item: Item) -> datetime | None:
    return min((one.due_at for one in running(item).values() if not one.paused_at), default=None)
