"""A desk with a unit of the police, reports to it, and items that are held for it."""

from sqlalchemy import select, update

from hotline import clock
from hotline.extensions import db
from hotline.models import PoliceReport, Recipient
from hotline.services import directory, holds, police
from hotline.transactions import writing
from hotline.vocabulary import HandedBy, HoldReason, Language, RecipientKind
from tests.blueprints.desk.desk_site import DeskSite

UNIT = "desk@police.example"
LIVE = "https://img-board.example/t/1"
DEFANGED = "hxxps://img-board[.]example/t/1"


class PoliceSite(DeskSite):
    """A desk whose people report to the police."""

    def unit(self) -> str:
        """Return the reference of the unit, added when it is first asked for."""
        with self.context():
            found = db.session.scalars(select(Recipient.ref).where(Recipient.mailbox == UNIT)).one_or_none()
            if found:
                return found
            with writing():
                return directory.add("Example Cyber Unit", RecipientKind.POLICE, UNIT, "KH", Language.EN).ref

    def give_number(self, number: str) -> None:
        """Write the unit's telephone number into the directory."""
        with self.context(), writing():
            db.session.execute(update(Recipient).where(Recipient.mailbox == UNIT).values(phone=number))

    def drafted(self, url: str = LIVE, *, by: str = "sophea", added: str = "", named: str = "") -> str:
        """Draft a report about an address that two people found illegal; return its reference."""
        item, unit = self.decided(url), self.unit()
        with self.context(), writing():
            return police.draft(item, directory.get(unit), added=added, named=named, by=self.person(by)).ref

    def approved(self, url: str = LIVE) -> str:
        """Draft a report and let another approve it."""
        ref = self.drafted(url)
        with self.context(), writing():
            report = self.police_report(ref)
            police.approve(report, seen=police.version(report), by=self.person("dara"))
        return ref

    def handed_over(self, url: str = LIVE) -> str:
        """Hand a report over in person."""
        ref = self.approved(url)
        with self.context(), writing():
            report = self.police_report(ref)
            police.hand_over(report, HandedBy.IN_PERSON, "Officer", clock.now(), by=self.person("sophea"))
        return ref

    def held(self, url: str = LIVE) -> str:
        """Hold an item that two people found illegal; return its reference."""
        ref, unit = self.decided(url), self.unit()
        with self.context(), writing():
            holds.place(
                self.item(ref),
                directory.get(unit),
                HoldReason.POLICE_ASK,
                reference="B-17",
                review_on=holds.first_review(),
                by=self.person("sophea"),
            )
        return ref

    def police_report(self, ref: str) -> PoliceReport:
        """Return a police report; only within `context()`."""
        return db.session.scalars(select(PoliceReport).where(PoliceReport.ref == ref)).one()

    def status(self, ref: str) -> str:
        """Return how far a police report is."""
        with self.context():
            return self.police_report(ref).status
