"""A desk with a case of kunthea's that can be closed; vanna is a manager."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline import jurisdiction
from hotline.extensions import db
from hotline.models.victim_case import CaseClosure, VictimCase
from hotline.services import case_closing, staff
from hotline.transactions import writing
from hotline.vocabulary import CaseOutcome
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.services import case_steps, closing_steps

CASES, CLOSURES, RETENTION = "/desk/victims/cases", "/desk/victims/closures", "/desk/victims/retention"
TICKS = ("consents", "told", "safety_plan", "safe_contact")


@dataclass
class ClosingSite:
    """The desk and the reference of its case."""

    desk: DeskSite
    ref: str

    @property
    def path(self) -> str:
        return f"{CASES}/{self.ref}/close"

    def sign_in(self, name: str = "kunthea") -> Browser:
        return self.desk.sign_in(name)

    def asked(self, outcome: CaseOutcome = CaseOutcome.DECLINED) -> str:
        """Ask to close the case; return the address of what a manager sees."""
        with self.desk.context():
            return f"{CLOSURES}/{closing_steps.asked(self.case(), outcome).id}"

    def closed(self) -> None:
        """Close the case."""
        self.asked()
        with self.desk.context(), writing():
            case_closing.approve(db.session.scalar(select(CaseClosure)), by=staff.get_by_name("vanna"))

    def over(self) -> None:
        """Let the day of the file be over."""
        with self.desk.context(), writing():
            self.case().keep_until = jurisdiction.today().replace(year=2020)

    def status(self) -> str:
        with self.desk.context():
            return self.case().status

    def case(self) -> VictimCase:
        return db.session.scalar(select(VictimCase).where(VictimCase.ref == self.ref))


def lay(desk: DeskSite) -> ClosingSite:
    """Open a case in kunthea's hands."""
    with desk.context():
        case_steps.officer("chenda")
        return ClosingSite(desk, case_steps.a_case().ref)
