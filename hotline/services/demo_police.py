"""An invented unit of the police, one report to be approved, one with the unit, and one hold to be reviewed."""

from collections.abc import Sequence

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules.entries import Entry
from hotline.services import directory, holds, police, staff
from hotline.transactions import writing
from hotline.vocabulary import HandedBy, HoldReason, ItemStatus, Language, RecipientKind, Role

UNIT = Entry(
    "Example Cyber Unit", RecipientKind.POLICE, "desk@police.example", "KH", Language.EN, phone="+855 00 000 011"
)
SETTLED = (ItemStatus.ACTING, ItemStatus.DECIDED)


def fill() -> None:
    """Report what two people decided on, and hold one of it."""
    people = [one for one in staff.list_staff() if one.active and one.has(Role.REVIEWER)]
    with writing():
        if len(people) < 2 or holds.list_standing(by=people[0], most=1):
            return
        found = _settled()
        unit = directory.enter(UNIT, by=None)
        directory.verify(unit, by=people[0])
        if found:
            _with_the_unit(found[0], unit, people)
        if len(found) > 1:
            police.draft(found[1].ref, unit, added="", named="", by=people[1])
        if len(found) > 2:
            day = holds.first_review()
            holds.place(found[-1], unit, HoldReason.POLICE_ASK, reference="EX-17", review_on=day, by=people[0])


def _settled() -> Sequence[Item]:
    query = select(Item).where(Item.status.in_(SETTLED)).order_by(Item.id)
    return [one for one in db.session.scalars(query) if police.may_report(one)][:3]


def _with_the_unit(item: Item, unit: Recipient, people: Sequence[Staff]) -> None:
    first, second = people[:2]
    report = police.draft(item.ref, unit, added="The page names a town.", named="", by=first)
    police.approve(report, seen=police.version(report), by=second)
    police.hand_over(report, HandedBy.IN_PERSON, "Officer on duty", clock.now(), by=first)
