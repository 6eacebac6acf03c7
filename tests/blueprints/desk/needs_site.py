"""Cases at the desk, with two of victim support and what they have written."""

from dataclasses import dataclass

from hotline.services import case_files, needs_assessments
from hotline.vocabulary import NeedLevel
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.services import case_steps, needs_steps

CASES = "/desk/victims/cases"
OTHER, STRANGER = "bopha", "chenda"


@dataclass
class CaseSite:
    """A desk with one case: kunthea is its officer, bopha may open it, chenda may not."""

    desk: DeskSite
    ref: str

    @property
    def needs(self) -> str:
        return f"{CASES}/{self.ref}/needs"

    @property
    def plan(self) -> str:
        return f"{CASES}/{self.ref}/plan"

    def sign_in(self, name: str = "kunthea") -> Browser:
        return self.desk.sign_in(name)

    def begun(self) -> int:
        """Begin an assessment; return its number."""
        with self.desk.context():
            return needs_steps.begun(self._case()).id

    def filled(self, **levels: NeedLevel) -> int:
        """Write an assessment whole; return its number."""
        with self.desk.context():
            return needs_steps.filled(self._case(), **levels).id

    def submitted(self, **levels: NeedLevel) -> int:
        """Hand an assessment in; return its number."""
        with self.desk.context():
            return needs_steps.submitted(self._case(), **levels).id

    def approved(self, **levels: NeedLevel) -> int:
        """Let bopha approve an assessment; return its number."""
        with self.desk.context():
            return needs_steps.approved(self._case(), by=case_steps.officer(OTHER), **levels).id

    def state(self, number: int) -> str:
        """Return the state of an assessment."""
        with self.desk.context():
            return needs_assessments.get(self._case(), number).state

    def _case(self):
        return case_files.get(self.ref, by=case_steps.officer())


def lay(desk: DeskSite) -> CaseSite:
    """Open a case in kunthea's hands, and share it with bopha."""
    with desk.context():
        one = case_steps.a_case()
        needs_steps.colleague(one, OTHER)
        case_steps.officer(STRANGER)
        return CaseSite(desk, one.ref)
