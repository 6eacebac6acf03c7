"""What analysts hand to victim support, and what the police are told, as several tests need it.

Their tests ask for the fixture `support`.
"""

from hotline.extensions import db
from hotline.models import CaseLink, CasePerson, Identification, Item, Recipient, VictimCase
from hotline.models.report import Report
from hotline.rules.identifications import Chosen
from hotline.services import case_links, identifications
from hotline.transactions import writing
from hotline.vocabulary import Language, PersonPart, Share
from tests.services import case_steps, consent_steps, police_steps, steps

NOTE = "She is called Neang and goes to school near the river."
WORDS = "We think the child is in danger at home."
SHARES = (Share.NAME, Share.AGE, Share.STORY, Share.FAMILY)


def handed(thing: Item | Report | None = None, *, note: str = NOTE, in_danger: bool = False) -> CaseLink:
    """Let an analyst hand something of an item to victim support."""
    about = thing or steps.new_item()
    by = steps.team()[0]
    with writing():
        return case_links.hand_over(about, note, in_danger=in_danger, by=by)


def in_case(link: CaseLink) -> VictimCase:
    """Open a case from a link."""
    by = case_steps.officer()
    with writing():
        return case_links.open_case(db.session.get_one(CaseLink, link.id), "Lotus", case_steps.Risk.HIGH, by=by)


def agreed(one: VictimCase, unit: Recipient, *, shares: tuple[Share, ...] = SHARES) -> None:
    """Let the child and a guardian agree that a unit of the police is told."""
    child = case_steps.somebody(one, "Chan Sreyneang", part=PersonPart.CHILD)
    for person in (child, case_steps.somebody(one)):
        consent_steps.says(one, person, unit, shares=shares)


def drafted(
    one: VictimCase,
    *,
    shares: tuple[Share, ...] = SHARES,
    people: tuple[CasePerson, ...] = (),
    links: tuple[str, ...] = (),
    words: str = WORDS,
) -> Identification:
    """Draft what the unit is told."""
    unit = police_steps.unit()
    chosen = Chosen(shares, tuple(person.id for person in people), links, words)
    with writing():
        return identifications.draft(one, unit.ref, chosen, language=Language.EN, by=one.officer)
