"""Invented notes, and items that show the same: one pair to be compared, one that is merged."""

import secrets
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.item import Item, Merge
from hotline.models.staff import Staff
from hotline.services import intake, merges, notes, staff
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, ItemStatus, Language, Role, Seen

PAIRS = (
    ("https://img-board.example/t/90311?page=1", "https://img-board.example/t/90311?page=1&lang=km"),
    ("https://files.example/d/90417?view=list", "https://files.example/d/90417?view=all"),
)
NOTES = (
    "The board has a contact form at the foot of its first page; it answered us twice.",
    "A second report names the same page in other words. Nothing new in it.",
)


def fill() -> None:
    """Report two pairs of addresses, merge one of them, and write notes on what somebody has in hand."""
    people = [one for one in staff.list_staff() if one.active and one.has(Role.REVIEWER)]
    if not people or db.session.scalar(select(Merge.item_id).limit(1)) is not None:
        return  # nobody who could, or a demo before has done it
    with writing():
        pairs = [[_reported(url, hours_ago=3 + number) for number, url in enumerate(pair)] for pair in PAIRS]
        merges.merge(pairs[1][0], pairs[1][1].ref, by=people[0])
    with writing():
        for text, item in zip(NOTES, _in_hand(people[0]), strict=False):
            notes.add(item, text, by=people[0])


def _in_hand(person: Staff) -> list[Item]:
    mine = select(Item).where(Item.assessor_id == person.id, Item.status == ItemStatus.ASSESSING)
    return list(db.session.scalars(mine.order_by(Item.id).limit(len(NOTES))))


def _reported(url: str, *, hours_ago: int) -> Item:
    intake.file_report(
        Submission(Category.CSAM, url, Seen.WEEK, "", None, "", Language.EN),
        inbox_id=secrets.token_bytes(16),
        receipt_tag=secrets.token_bytes(32),
        received_at=clock.this_hour() - timedelta(hours=hours_ago),
    )
    return db.session.scalars(select(Item).order_by(Item.id.desc()).limit(1)).one()
