"""Steps of victim cases that several tests take. Their tests ask for the fixture `support`."""

from dataclasses import replace

from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Staff
from hotline.models.victim_case import CasePerson, VictimCase
from hotline.rules.victim_files import CaseFile, Person
from hotline.services import case_people, staff, victim_cases
from hotline.transactions import writing
from hotline.vocabulary import CaseSource, Language, PersonPart, Risk, Role

PASSWORD = "a long enough password"
FILE = CaseFile(
    code_name="Lotus",
    name="Chan Sreyneang",
    sex="female",
    born_on="2011-05-30",
    province="KH-12",
    story="quiet words about what happened",
    safe_when="after 16:00",
    safe_number="012 000 111",
    safe_answer="the aunt",
    safe_never="the child's own phone",
)


def officer(name: str = "kunthea") -> Staff:
    """Return somebody of victim support; they are added where nobody has the name."""
    found = db.session.scalar(select(Staff).where(Staff.name == name))
    if found is None:
        with writing():
            found = staff.add(name, PASSWORD, (Role.VICTIM_SUPPORT,), language=Language.EN, by=None, must_change=False)
    return found


def a_case(
    *, by: Staff | None = None, source: CaseSource = CaseSource.TELEPHONE, risk: Risk = Risk.HIGH, **known: str
) -> VictimCase:
    """Open a case in somebody's hands (kunthea's, unless said otherwise); `known` replaces fields of its file."""
    person = by or officer()
    with writing():
        return victim_cases.open_case(source, replace(FILE, **known), risk=risk, by=person)


def somebody(
    one: VictimCase, name: str = "the aunt", *, part: PersonPart = PersonPart.GUARDIAN, suspect: bool = False
) -> CasePerson:
    """Add somebody to a case; its officer does it."""
    with writing():
        known = Person(name=name, phone="012 000 999" if suspect else "012 000 111")
        return case_people.add(one, part, known, is_suspect=suspect, by=one.officer).person
