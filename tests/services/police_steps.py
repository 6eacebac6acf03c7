"""A unit of the police, and reports to it that tests need."""

from hotline import clock
from hotline.extensions import db
from hotline.models import Hold, Item, PoliceReport, Recipient
from hotline.services import directory, holds, police
from hotline.transactions import writing
from hotline.vocabulary import HandedBy, HoldReason, Language, RecipientKind
from tests.services import steps

MAILBOX = "desk@police.example"


def unit() -> Recipient:
    """Return a unit of the police, added when it is first asked for."""
    found = db.session.query(Recipient).filter_by(mailbox=MAILBOX).one_or_none()
    if found is None:
        with writing():
            found = directory.add("Example Cyber Unit", RecipientKind.POLICE, MAILBOX, "KH", Language.EN)
    return found


def drafted(*items: Item, added: str = "", named: str = "") -> PoliceReport:
    """Draft a report by the first of the team."""
    to = unit()
    with writing():
        refs = " ".join(one.ref for one in items)
        return police.draft(refs, to, added=added, named=named, by=steps.team()[0])


def approved(*items: Item) -> PoliceReport:
    """Draft a report and let the second of the team approve it."""
    report = drafted(*items)
    with writing():
        police.approve(report, seen=police.version(report), by=steps.team()[1])
    return report


def handed_over(*items: Item) -> PoliceReport:
    """Hand a report over in person."""
    report = approved(*items)
    with writing():
        police.hand_over(report, HandedBy.IN_PERSON, "Officer at the desk", clock.now(), by=steps.team()[0])
    return report


def held(item: Item, reason: HoldReason = HoldReason.POLICE_ASK) -> Hold:
    """Hold an item for the police."""
    to = unit()
    with writing():
        day = holds.first_review()
        return holds.place(item, to, reason, reference="B-17", review_on=day, by=steps.team()[0])
