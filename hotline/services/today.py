"""What today's page tells of the whole hotline. Each number stops at `MOST_COUNTED`: none grows with the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from hotline import clock
from hotline.extensions import db
from hotline.models.assessment import Assessment, Verdict
from hotline.models.item import Item
from hotline.models.message import Message
from hotline.models.notice import Notice
from hotline.models.staff import Staff
from hotline.services import items
from hotline.vocabulary import Author, Concern, ItemStatus, Role

MOST_COUNTED = 500  # the newest rows of each kind that are looked through
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a moment: new items, verdicts agreed on, letters sent, reporters' messages answered.

    A number that is `MOST_COUNTED` stands for that many or more.
    """

    since: datetime
    new: int
    decided: int
    letters: int
    answered: int


def list_second_looks(*, by: Staff, most: int) -> list[Item]:
    """Return what this reviewer could look at a second time and nobody has, most urgent first."""
    if not by.has(Role.REVIEWER):
        return []
    free = select(Item).where(
        Item.status == ItemStatus.IN_REVIEW,
        Item.reviewer_id.is_(None),
        or_(Item.assessor_id.is_(None), Item.assessor_id != by.id),
    )
    return list(db.session.scalars(free.order_by(*items.SOONEST).limit(most)))


def looked_at(found: Sequence[Item]) -> dict[int, datetime]:
    """Return when the first look at each of a few items was given, by the item's id."""
    first = select(Assessment.item_id, func.min(Assessment.made_at)).join(Item, Item.id == Assessment.item_id)
    standing = first.where(Item.id.in_([one.id for one in found]), Assessment.id > Item.looks_after)
    return dict(db.session.execute(standing.group_by(Assessment.item_id)).all())


def changes(*, since: datetime | None = None, most: int = MOST_COUNTED) -> Changes:
    """Return what happened since a moment (within a day, where None).

    Of each kind the newest `most` rows are looked through, by number, and no others.
    """
    since = since or clock.now() - A_DAY
    answers = select(Message.written_at).where(Message.author == Author.HOTLINE, Message.concern == Concern.REPORT)
    counted = (
        _newer(select(Item.created_at), Item.id, since, most),
        _newer(select(Verdict.agreed_at), Verdict.id, since, most),
        _newer(select(Notice.sent_at), Notice.id, since, most),
        _newer(answers, Message.id, since, most),
    )
    return Changes(since, *(count or 0 for count in db.session.execute(select(*counted)).one()))


def _newer(moments: Any, number: InstrumentedAttribute[int], since: datetime, most: int) -> ScalarSelect[Any]:
    newest = moments.order_by(number.desc()).limit(most).subquery()
    return select(func.count()).select_from(newest).where(newest.c[0] >= since).scalar_subquery()
