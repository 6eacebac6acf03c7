"""Invented victim cases at different steps, and two services that take referrals: neutral words, no real place.

Only the desk holds the key to victim files. The invented ones are written before anybody is at the desk, so the key is
borrowed for that long; where this process may not read it, as on a server, there are none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any, NamedTuple

from sqlalchemy import select

from hotline import clock, jurisdiction, vault
from hotline.config import settings
from hotline.extensions import db
from hotline.models.consent import Consent
from hotline.models.help_request import HelpRequest
from hotline.models.item import Item
from hotline.models.needs_assessment import NeedsAssessment, PlanAction
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import CasePerson, VictimCase
from hotline.rules.case_closing import Check
from hotline.rules.consents import Reason, Said
from hotline.rules.identifications import Chosen
from hotline.rules.needs import Finding
from hotline.rules.plan_actions import Words
from hotline.rules.service_entries import ServiceEntry
from hotline.rules.victim_files import CaseFile, Note, Person
from hotline.services import (
    case_closing,
    case_files,
    case_links,
    case_notes,
    case_people,
    consents,
    holds,
    identifications,
    needs_assessments,
    overrides,
    plan_actions,
    referral_answers,
    referral_sending,
    referrals,
    service_gaps,
    service_providers,
    staff,
    victim_cases,
)
from hotline.services.consents import To, Typed
from hotline.transactions import writing
from hotline.vault import Lock
from hotline.vocabulary import (
    ActionState,
    CaseOutcome,
    CaseSource,
    CaseStep,
    ConsentAnswer,
    HandedBy,
    HelpStatus,
    KeyKind,
    Language,
    Need,
    NeedLevel,
    NoteKind,
    OverrideBasis,
    PersonPart,
    ReferralMeans,
    ReferralStatus,
    RevokeReason,
    Risk,
    Role,
    Share,
)

SHARES = (Share.NAME, Share.AGE, Share.CONTACT, Share.NEED)
OF_POLICE = (Share.NAME, Share.AGE, Share.STORY)
KEPT_FOR = timedelta(days=90)  # a referral may be used so long
HOUSE = ServiceEntry(
    "Example Quiet House",
    "ផ្ទះស្ងប់ (ឧទាហរណ៍)",
    (Need.SAFETY, Need.SHELTER, Need.PSYCHOSOCIAL),
    (),
    0,
    17,
    "Girls and boys, also with a brother or sister",
    "Six places; call first",
    Language.KM,
    "intake@quiet-house.example",
    "+855 23 000 001",
    "",
    "",
)
LEGAL = ServiceEntry(
    "Example Legal Aid",
    "ជំនួយផ្នែកច្បាប់ (ឧទាហរណ៍)",
    (Need.LEGAL, Need.DOCUMENTS),
    (),
    None,
    None,
    "Children and their families",
    "",
    Language.EN,
    "care@legal-aid.example",
    "+855 23 000 002",
    "",
    "",
)
LOTUS = CaseFile(
    code_name="Lotus",
    name="ចាន់ ស្រីនាង",
    other_names="Chan Sreyneang, នាង",
    sex="female",
    born_on="2011-05-30",
    nationality="ខ្មែរ",
    languages="ខ្មែរ",
    province="KH-12",
    school="ថ្នាក់ទី ៨",
    story="នាងសរសេរមកយើងដោយខ្លួនឯង។ មានគេគំរាមថានឹងផ្ញើរូបទៅមិត្តភក្តិ។ នាងចង់និយាយជាមួយនរណាម្នាក់។",
    safe_when="ល្ងាច ក្រោយម៉ោង ៥ តែប៉ុណ្ណោះ",
    safe_number="012 000 111 (មីង)",
    safe_answer="មីង",
    safe_never="កុំទូរស័ព្ទទៅលេខរបស់នាង។ កុំឱ្យអ្នកណានៅផ្ទះដឹង។",
    safety_plan="នាងអាចទៅផ្ទះមីងនៅពេលណាក៏បាន។",
)
KITE = CaseFile(
    code_name="Kite",
    name="Sok Pisey",
    sex="female",
    age="9",
    languages="Khmer",
    province="KH-3",
    story="A neighbour called. The girl says that somebody in the house takes pictures of her.",
    safe_when="Mornings, while he is at work",
    safe_number="016 000 222 (the neighbour)",
    safe_answer="The neighbour only",
    safe_never="Nobody goes to the house, and nobody calls there.",
)
RIVER_NOTE = "Somebody in the thread calls the child Dina and says which class she is in. There may be a school."
MANGO = CaseFile(
    code_name="Mango",
    name="លី វិបុល",
    other_names="Ly Vibol",
    sex="male",
    age="15",
    province="KH-17",
    story="សាលាបញ្ជូនគាត់មក។ គាត់ឈប់ទៅរៀនពីរសប្តាហ៍ហើយ។",
    safe_when="ថ្ងៃសៅរ៍",
    safe_number="011 000 333",
    safe_answer="ម្តាយ",
)
LAMP = CaseFile(
    code_name="Lamp",
    name="Heng Rachana",
    sex="female",
    age="16",
    languages="Khmer, English",
    province="KH-12",
    story="Referred by another organisation. Somebody asked her for pictures in a game; she told her sister at once.",
    safe_when="Any day after 16:00",
    safe_number="017 000 444",
    safe_answer="She herself, or her sister",
    safety_plan="She has blocked the account, and knows whom to call.",
)


class Team(NamedTuple):
    """Who works on the invented cases, and who else has a part in them."""

    officer: Staff
    manager: Staff
    analyst: Staff


def fill() -> None:
    """Add the services and the cases once. Nothing where somebody who is needed, or the key, is not there."""
    team = _team()
    if team is None or db.session.scalar(select(VictimCase.id).limit(1)) is not None:
        return
    with _key_to_files() as is_lent:
        if not is_lent:
            return
        with writing():
            house, legal = (_service(entry, by=team.officer) for entry in (HOUSE, LEGAL))
        with writing():
            _helped(team, house, legal)
        with writing():
            _in_danger(team, house)
        with writing():
            _told_police(team)
        with writing():
            _taken_back(team, house)
        with writing():
            _at_its_end(team, legal)


@contextmanager
def _key_to_files() -> Iterator[bool]:
    """Hold the private half of victim files, where this process may read it; given back afterwards."""
    ring = vault.keyring()
    found = vault.load(settings().keys_dir, private=[Lock.CARE], public_secrets=False, blinds=False).halves
    lent = {name: half for name, half in found.items() if name not in ring.halves}
    ring.halves.update(lent)
    try:
        yield bool(found)
    finally:
        for name in lent:
            del ring.halves[name]


def _team() -> Team | None:
    people = [one for one in staff.list_staff() if one.active]
    officer = next((one for one in people if one.has(Role.VICTIM_SUPPORT)), None)
    manager = next((one for one in people if one.has(Role.MANAGER) and one is not officer), None)
    analyst = next((one for one in people if one.has(Role.ANALYST) and one is not officer), None)
    return Team(officer, manager, analyst) if officer and manager and analyst else None


def _service(entry: ServiceEntry, *, by: Staff) -> ServiceProvider:
    added = service_providers.enter(entry, by=by)
    sequoia: Any = import_module("pysequoia")  # large: read where it is used
    key = str(sequoia.Tsk.generate(entry.mailbox).extract_certificate())
    service_providers.put_key(added, KeyKind.OPENPGP, key, by=by)
    service_providers.verify(added, by=by)
    return added


def _helped(team: Team, house: ServiceProvider, legal: ServiceProvider) -> None:
    """A request for help that became a case: needs found, a plan, one referral accepted, another waiting for a word."""
    by, request = team.officer, _request(team.officer)
    source = CaseSource.HELP_REQUEST if request else CaseSource.TELEPHONE
    one = victim_cases.open_case(source, LOTUS, risk=Risk.MEDIUM, help_request=request, by=by)
    child = _somebody(one, PersonPart.CHILD, LOTUS.name, by=by)
    aunt = _somebody(one, PersonPart.GUARDIAN, "ចាន់ សុខុម", relation="មីង", phone="012 000 111", by=by)
    case_people.choose_contact(one, aunt, by=by)
    said = Note("យើងបាននិយាយជាមួយមីង។ នាងមិនបានធ្វើអ្វីខុសទេ ហើយនាងដឹងហើយ។")
    case_notes.write(one, NoteKind.CONTACT, said, by=by)
    _assessed(
        one,
        team,
        {Need.SAFETY: NeedLevel.MEDIUM, Need.PSYCHOSOCIAL: NeedLevel.HIGH, Need.LEGAL: NeedLevel.LOW},
        "នាងភ័យ ប៉ុន្តែនៅជាមួយមីងដែលនាងទុកចិត្ត។",
    )
    victim_cases.advance(one, CaseStep.PLAN, by=by)
    _action(one, Need.PSYCHOSOCIAL, "ណាត់ជួបអ្នកប្រឹក្សា ហើយទៅជាមួយគ្នា។", days=3, by=by)
    _action(one, Need.SAFETY, "សួរមីងអំពីផែនការសុវត្ថិភាព។", days=5, by=by)
    plan_actions.complete(one, by=by)
    victim_cases.advance(one, CaseStep.IMPLEMENTATION, by=by)
    for to in (house, legal):
        for person in (child, aunt):
            _says(one, to, person, "ខ្ញុំយល់ព្រម។", by=by)
    accepted = _with_service(one, house, Need.PSYCHOSOCIAL, "សូមជួបនាងនៅសប្តាហ៍នេះ។", by=by)
    _answered(accepted, ReferralStatus.ACCEPTED, by=by)
    at = clock.this_hour() + timedelta(days=4)
    referral_answers.appoint(accepted, at, "ការិយាល័យរបស់ពួកគេ", "មីង", version=accepted.version, by=by)
    _with_service(one, legal, Need.LEGAL, "Please tell the aunt what the law gives them.", language=Language.EN, by=by)


def _in_danger(team: Team, house: ServiceProvider) -> None:
    """A child whose guardian may be the abuser: decided without consent, and a manager has to look at it."""
    by = team.officer
    one = victim_cases.open_case(CaseSource.TELEPHONE, KITE, risk=Risk.HIGH, by=by)
    child = _somebody(one, PersonPart.CHILD, KITE.name, by=by)
    suspect = Person("Sok Bora", "uncle", notes="She lives in his house.")
    case_people.add(one, PersonPart.GUARDIAN, suspect, is_suspect=True, by=by)
    neighbour = _somebody(one, PersonPart.TRUSTED, "Mao Sophal", relation="neighbour", phone="016 000 222", by=by)
    case_people.choose_contact(one, neighbour, by=by)
    victim_cases.change_file(one, KITE, version=one.version, is_safe_asked=True, by=by)
    case_notes.write(one, NoteKind.CONTACT, Note("The neighbour listened. She takes her in on school days."), by=by)
    victim_cases.advance(one, CaseStep.ASSESSMENT, by=by)
    row = needs_assessments.begin(one, by=by)
    _found(row, Need.SAFETY, NeedLevel.HIGH, "She is alone with him in the evening.", by=by)
    _says(one, house, child, "I want to sleep there.", by=by)
    why = Reason("Nobody who may decide for the child is safe to ask. The child wants a place to stay.", SHARES)
    overrides.decide(one, house, OverrideBasis.NO_SAFE_GUARDIAN, why, is_weighed=False, by=by)


def _told_police(team: Team) -> None:
    """What an analyst read of a child: a case, and the police were told."""
    by, item = team.officer, db.session.scalar(select(Item).order_by(Item.id.desc()).limit(1))
    if item is None:
        return
    link = case_links.hand_over(item, RIVER_NOTE, in_danger=True, by=team.analyst)
    one = case_links.open_case(link, "River", Risk.HIGH, by=by)
    case_links.write(link, "Is a school named anywhere?", to_support=False, by=by)
    unit = next(iter(holds.units()), None)
    if unit is None:
        return
    child = _somebody(one, PersonPart.CHILD, "Dina", by=by)
    mother = _somebody(one, PersonPart.GUARDIAN, "Keo Mealea", relation="mother", phone="010 000 555", by=by)
    case_people.choose_contact(one, mother, by=by)
    case_notes.write(one, NoteKind.CONTACT, Note("The mother wants the police to know."), by=by)
    for person in (child, mother):
        _says(one, unit, person, "Yes, tell them.", shares=OF_POLICE, by=by)
    chosen = Chosen(OF_POLICE, links=(link.ref,), words="Please tell us before you speak with the family.")
    made = identifications.draft(one, unit.ref, chosen, language=Language.EN, by=by)
    now = clock.now()
    identifications.hand_over(made, HandedBy.IN_PERSON, "Officer on duty", now, version=made.version, by=by)
    identifications.acknowledge(made, "EX-2026-21", by=by)


def _taken_back(team: Team, house: ServiceProvider) -> None:
    """A boy who changed his mind: his consent is withdrawn, the referral taken back, and for school there is nobody."""
    by = team.officer
    one = victim_cases.open_case(CaseSource.REFERRAL_IN, MANGO, risk=Risk.LOW, by=by)
    boy = _somebody(one, PersonPart.CHILD, MANGO.name, by=by)
    mother = _somebody(one, PersonPart.GUARDIAN, "លី ចន្ធូ", relation="ម្តាយ", phone="011 000 333", by=by)
    case_people.choose_contact(one, mother, by=by)
    for person in (boy, mother):
        _says(one, house, person, "យល់ព្រម។", by=by)
    referral = _with_service(one, house, Need.PSYCHOSOCIAL, "សូមហៅម្តាយគាត់នៅថ្ងៃសៅរ៍។", by=by)
    his = select(Consent).where(Consent.person_id == boy.id, Consent.ended_at.is_(None))
    consents.withdraw(db.session.scalars(his).one(), "ខ្ញុំមិនចង់ទៅទេឥឡូវនេះ។", by=by)
    referral_answers.revoke(referral, RevokeReason.CONSENT_WITHDRAWN, "", by=by)
    service_gaps.note(one, Need.EDUCATION, "គ្មាននរណាជួយគាត់ត្រឡប់ទៅសាលាវិញនៅខេត្តនេះទេ។", by=by)


def _at_its_end(team: Team, legal: ServiceProvider) -> None:
    """A girl who needs no more help: a manager has to look at the closure."""
    by = team.officer
    one = victim_cases.open_case(CaseSource.REFERRAL_IN, LAMP, risk=Risk.LOW, by=by)
    girl = _somebody(one, PersonPart.CHILD, LAMP.name, phone=LAMP.safe_number, by=by)
    sister = _somebody(one, PersonPart.GUARDIAN, "Heng Sovann", relation="sister, of age", by=by)
    case_people.choose_contact(one, girl, by=by)
    case_notes.write(one, NoteKind.CONTACT, Note("She is well, and back in her class."), by=by)
    _assessed(one, team, {Need.LEGAL: NeedLevel.LOW}, "Nothing is open.")
    for person in (girl, sister):
        _says(one, legal, person, "Yes.", by=by)
    done = _with_service(one, legal, Need.LEGAL, "One talk about her rights.", language=Language.EN, by=by)
    _answered(done, ReferralStatus.ACCEPTED, by=by)
    _answered(done, ReferralStatus.DONE, by=by)
    action = _action(one, Need.ONLINE, "Ask whether the account is gone.", days=0, by=by)
    plan_actions.end(one, action, ActionState.DONE, "It is gone.", seen=action.version, by=by)
    victim_cases.advance(one, CaseStep.REVIEW, by=by)
    ticked = (Check.CONSENTS, Check.TOLD, Check.SAFETY_PLAN, Check.SAFE_CONTACT)
    case_closing.ask(one, CaseOutcome.NEEDS_MET, ticked, "She knows how to come back to us.", by=by)


def _request(by: Staff) -> HelpRequest | None:
    """Return a request that this person has in hand."""
    theirs = select(HelpRequest).where(HelpRequest.status == HelpStatus.TAKEN, HelpRequest.taken_by_id == by.id)
    return db.session.scalar(theirs.order_by(HelpRequest.id).limit(1))


def _somebody(
    one: VictimCase, part: PersonPart, name: str, *, relation: str = "", phone: str = "", by: Staff
) -> CasePerson:
    return case_people.add(one, part, Person(name, relation, phone), by=by).person


def _assessed(one: VictimCase, team: Team, levels: dict[Need, NeedLevel], known: str) -> None:
    """Write an assessment whole, and let the manager approve it."""
    by = team.officer
    victim_cases.advance(one, CaseStep.ASSESSMENT, by=by)
    row = needs_assessments.begin(one, by=by)
    names = ", ".join(person.name for _row, person in case_files.people(one))
    needs_assessments.save_about(row, names, row.assessed_on, seen=0, by=by)
    for need in Need:
        _found(row, need, levels.get(need, NeedLevel.NONE), known if need in levels else "–", by=by)
    needs_assessments.submit(row, by=by)
    needs_assessments.approve(row, seen=row.version, by=team.manager)


def _found(row: NeedsAssessment, need: Need, level: NeedLevel, known: str, *, by: Staff) -> None:
    next_step = "" if level is NeedLevel.NONE else known
    needs_assessments.save(row, need, level, Finding(known=known, next=next_step), seen=0, by=by)


def _action(one: VictimCase, need: Need, what: str, *, days: int, by: Staff) -> PlanAction:
    due_on = jurisdiction.today() + timedelta(days=days)
    return plan_actions.add(one, need, Words(what), owner=by.number, due_on=due_on, by=by)


def _says(
    one: VictimCase, to: To, person: CasePerson, words: str, *, shares: tuple[Share, ...] = SHARES, by: Staff
) -> None:
    today = jurisdiction.today()
    said = Said(words, capacity=words, language="ខ្មែរ", shares=shares)
    typed = Typed(person.id, ConsentAnswer.AGREES, said, asked_on=today, ask_again_on=today + KEPT_FOR)
    consents.record(one, to, typed, by=by)


def _with_service(
    one: VictimCase, to: ServiceProvider, need: Need, words: str, *, language: Language = Language.KM, by: Staff
) -> Referral:
    """Draft a referral, put it on paper and hand it over."""
    until = jurisdiction.today() + KEPT_FOR
    made = referrals.draft(one, need, to.ref, words=words, use_until=until, language=language, by=by)
    referral_sending.let_go(made, ReferralMeans.PRINTED, version=made.version, by=by)
    referral_sending.hand_over(made, "Front desk", clock.now(), by=by)
    return made


def _answered(referral: Referral, status: ReferralStatus, *, by: Staff) -> None:
    referral_answers.answer(referral, status, "", "", version=referral.version, by=by)
