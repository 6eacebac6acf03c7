"""Invented agreement of the months before, and a draft that somebody has begun, so that both screens look lived-in."""

from itertools import product

from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.criteria import AgreementTally
from hotline.models.item import Item
from hotline.rules import figures
from hotline.services import criteria, drafts
from hotline.services.drafts import Window
from hotline.transactions import writing
from hotline.vocabulary import AgeGroup, Gender, InhopeClass, ItemStatus, LawVerdict, Media

MONTHS = 3
ANSWERS = {  # two answers a question, and how often out of 20 the second person gives another than the first
    "inhope_class": ((InhopeClass.BASELINE, InhopeClass.NATIONAL), 3),
    "law": ((LawVerdict.ILLEGAL, LawVerdict.ADVISER), 4),
    "age": ((AgeGroup.PRE_PUBESCENT, AgeGroup.PUBESCENT), 6),
    "gender": ((Gender.FEMALE, Gender.MALE), 1),
    "media": ((Media.IMAGE, Media.VIDEO), 0),
}
BEGUN = (
    ("inhope_class", InhopeClass.NATIONAL),
    ("age", AgeGroup.PUBESCENT),
    ("note", "Two reports name the same page."),
)


def fill() -> None:
    """Add agreement of three months that are over, and one draft. Nothing where a month before was counted."""
    last = figures.last_over(clock.now().astimezone(jurisdiction.current().zone))
    with writing():
        if db.session.scalar(select(AgreementTally.month).where(AgreementTally.month <= last).limit(1)) is None:
            for month in figures.months_until(last, MONTHS):
                _agree(month)
        _begin()


def _agree(month: str) -> None:
    for question, (answers, apart) in ANSWERS.items():
        for first, second in product(answers, answers):
            count = 10 - apart // 2 if first == second else (apart + 1) // 2
            if count:
                row = {"month": month, "question": question, "first": first, "second": second, "count": count}
                db.session.add(AgreementTally(**row))


def _begin() -> None:
    item = db.session.scalar(select(Item).where(Item.status == ItemStatus.ASSESSING).order_by(Item.id.desc()).limit(1))
    if item and item.assessor and drafts.find(item, by=item.assessor) is None:
        drafts.save(item, BEGUN, window=Window("demo", 0, criteria.in_force().version), by=item.assessor)
