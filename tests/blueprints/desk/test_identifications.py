"""Telling the police of a victim, in the browser."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models import AuditEntry, CasePerson, Identification, Recipient, VictimCase
from hotline.rules.consents import Reason, Said
from hotline.rules.identifications import Chosen
from hotline.rules.victim_files import Person
from hotline.services import case_people, consents, directory, identifications, overrides, recipient_keys, staff
from hotline.services import victim_cases as cases
from hotline.services.consents import Typed
from hotline.transactions import writing
from hotline.vocabulary import (
    CaseSource,
    ConsentAnswer,
    KeyKind,
    Language,
    OverrideBasis,
    PersonPart,
    RecipientKind,
    Role,
    Share,
)
from tests.blueprints.desk.desk_site import PASSWORD, DeskSite
from tests.blueprints.desk.test_case_links import bare
from tests.gateways import locksmith
from tests.gateways.locksmith import Gpg
from tests.services import consent_steps
from tests.services.case_steps import FILE

SHARES = (Share.NAME, Share.AGE, Share.PLACE, Share.CONTACT, Share.STORY, Share.FAMILY)
WORDS = "We think she is in danger at home."


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as found:
        yield found


@pytest.fixture
def case(desk: DeskSite) -> str:
    """A case of kunthea's with a child, a guardian and a possible abuser, and a unit of the police."""
    with desk.context(), writing():
        by = desk.person("kunthea")
        directory.add("Example Unit", RecipientKind.POLICE, "unit@police.example", "KH", Language.EN)
        one = cases.open_case(CaseSource.TELEPHONE, FILE, by=by)
        case_people.add(one, PersonPart.CHILD, Person(name="Chan Sreyneang"), by=by)
        case_people.add(one, PersonPart.GUARDIAN, Person(name="the aunt"), by=by)
        case_people.add(one, PersonPart.FAMILY, Person(name="Sok Piseth", relation="uncle"), is_suspect=True, by=by)
        return one.ref


def unit() -> Recipient:
    return db.session.scalars(select(Recipient).where(Recipient.mailbox == "unit@police.example")).one()


def agree(desk: DeskSite, answer: ConsentAnswer = ConsentAnswer.AGREES) -> None:
    """Let child and guardian answer about the unit."""
    with desk.context(), writing():
        one, today = db.session.scalars(select(VictimCase)).one(), jurisdiction.today()
        people = select(CasePerson).where(CasePerson.part.in_([PersonPart.CHILD, PersonPart.GUARDIAN]))
        for person in db.session.scalars(people).all():
            said = Said(words="yes", language="Khmer", shares=SHARES)
            typed = Typed(person.id, answer, said, today, today + timedelta(days=30))
            consents.record(one, unit(), typed, by=one.officer)


def suspect(desk: DeskSite) -> str:
    with desk.context():
        return str(db.session.scalars(select(CasePerson.id).where(CasePerson.is_suspect)).one())


def drafted(desk: DeskSite) -> str:
    """Draft what the unit is told, with the possible abuser; return its reference."""
    number = int(suspect(desk))
    with desk.context(), writing():
        one = db.session.scalars(select(VictimCase)).one()
        chosen = Chosen((Share.NAME, Share.AGE, Share.PLACE), (number,), (), WORDS)
        return identifications.draft(one, unit().ref, chosen, language=Language.KM, by=one.officer).ref


def handed_over(desk: DeskSite) -> str:
    agree(desk)
    ref, browser = drafted(desk), desk.sign_in("kunthea")
    browser.page(f"/desk/victims/police/{ref}")
    answer = browser.post(
        f"/desk/victims/police/{ref}/hand-over", handed_by="in_person", handed_to="Captain", version="1"
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return ref


@pytest.mark.parametrize("htmx", [False, True])
def test_an_officer_drafts_and_reads_exactly_what_leaves(desk: DeskSite, case: str, htmx: bool) -> None:
    agree(desk)
    browser = desk.sign_in("kunthea")
    with desk.context():
        to = unit().ref
    assert "Sok Piseth" in browser.page(f"/desk/victims/cases/{case}/police?unit={to}").text

    answer = browser.post(
        f"/desk/victims/cases/{case}/police",
        htmx=htmx,
        unit=to,
        language="en",
        words=WORDS,
        shares=["name", "story"],
        people=[suspect(desk)],
    )

    assert answer.status_code == (204 if htmx else 303)
    with desk.context():
        ref = db.session.scalars(select(Identification.ref)).one()
    shown = browser.page(f"/desk/victims/police/{ref}")
    for words in (WORDS, "Chan Sreyneang", "quiet words about what happened", "Sok Piseth", "Named as possible abuser"):
        assert words in shown.text
    assert ref in browser.page(f"/desk/victims/cases/{case}").text
    assert ref in browser.page("/desk/victims/police").text


def test_a_form_that_is_wrong_is_drawn_again(desk: DeskSite, case: str) -> None:
    browser = desk.sign_in("kunthea")
    with desk.context():
        to = unit().ref
    browser.page(f"/desk/victims/cases/{case}/police?unit={to}")

    answer = browser.post(f"/desk/victims/cases/{case}/police", unit=to, language="en", words="Ask kunthea for Kunthea")

    assert answer.status_code == 422
    assert "names somebody of our team" in answer.get_data(as_text=True)
    assert "Ask kunthea for Kunthea" in answer.get_data(as_text=True)


def test_a_decision_that_nobody_looked_at_in_time_is_led_to(desk: DeskSite, case: str) -> None:
    with desk.context(), writing():
        one, reason = db.session.scalars(select(VictimCase)).one(), Reason("It cannot wait.", (Share.NAME, Share.STORY))
        overrides.decide(one, unit(), OverrideBasis.DANGER_NOW, reason, is_weighed=False, by=one.officer)
    ref = drafted(desk)
    with desk.context():
        consent_steps.second_person_is_late()

    shown = desk.sign_in("kunthea").page(f"/desk/victims/police/{ref}")

    assert "No second person looked in time" in shown.text
    assert 'href="/desk/victims/overrides/1"' in shown.html
    assert f"/desk/victims/police/{ref}/hand-over" not in shown.html


@pytest.mark.parametrize("deed", ["hand-over", "download"])
def test_without_consent_it_does_not_go_and_the_page_says_why(desk: DeskSite, case: str, deed: str) -> None:
    ref, browser = drafted(desk), desk.sign_in("kunthea")
    browser.page(f"/desk/victims/police/{ref}")

    answer = browser.post(f"/desk/victims/police/{ref}/{deed}", handed_by="in_person", handed_to="Captain", version="1")
    paper = browser.get(f"/desk/victims/police/{ref}/print")

    assert (answer.status_code, paper.status_code) == (409, 409)
    assert "It does not go" in answer.get_data(as_text=True)
    assert "police.css" not in paper.get_data(as_text=True)


def test_what_the_police_have_already_is_noted_and_a_manager_sees_it(desk: DeskSite, case: str) -> None:
    ref, browser = drafted(desk), desk.sign_in("kunthea")
    base = f"/desk/victims/police/{ref}"
    with desk.context():
        now = clock.now().astimezone(jurisdiction.current().zone).strftime("%Y-%m-%dT%H:%M")
    assert "The police have it already" in browser.page(base).text
    told = {"already": "yes", "handed_by": "in_person", "handed_to": "Captain", "version": "1"}

    empty = browser.post(f"{base}/already", **told)
    noted = browser.post(f"{base}/already", **told, at=now)

    assert (empty.status_code, noted.status_code) == (422, 303)
    assert "Write the day and the time" in empty.get_data(as_text=True)
    assert "Handed over although it was not allowed" in browser.page(base).text
    manager = desk.sign_in("vanna")
    assert "The police had it already" in manager.page("/desk/").text
    seen = manager.page("/desk/victims/overrides")
    assert (ref in seen.text, base in seen.html, "Captain" in seen.text) == (True, False, False)
    browser = desk.sign_in("kunthea")
    browser.page(base)
    assert browser.post(f"{base}/settled", settled="").status_code == 422
    assert browser.post(f"{base}/settled", settled="The aunt knows.").status_code == 303
    assert "What has to be done now" not in browser.page(base).text


def test_paper_in_no_language_of_ours_is_not_there(desk: DeskSite, case: str) -> None:
    agree(desk)
    ref, browser = drafted(desk), desk.sign_in("kunthea")

    assert browser.get(f"/desk/victims/police/{ref}/print?lang=xx").status_code == 404


@pytest.mark.parametrize(("lang", "heading"), [("en", "Information about a victim"), ("km", "Sok Piseth")])
def test_it_is_printed_in_both_languages_by_number_only(desk: DeskSite, case: str, lang: str, heading: str) -> None:
    agree(desk)
    ref, browser = drafted(desk), desk.sign_in("kunthea")

    paper = browser.get(f"/desk/victims/police/{ref}/print?lang={lang}").get_data(as_text=True)

    assert f'<html lang="{lang}">' in paper
    assert heading in paper
    assert WORDS in paper
    assert "kunthea" not in paper.lower()
    with desk.context():
        assert "printed" in db.session.scalars(select(AuditEntry.action).where(AuditEntry.record.like("ident%"))).all()


def test_the_file_is_encrypted_to_the_unit(desk: DeskSite, case: str, gpg: Gpg) -> None:
    agree(desk)
    ref, browser = drafted(desk), desk.sign_in("kunthea")
    with desk.context(), writing():
        recipient_keys.add(unit(), KeyKind.OPENPGP, gpg.public, by=desk.person("sophea"))
    browser.page(f"/desk/victims/police/{ref}")

    answer = browser.post(f"/desk/victims/police/{ref}/download")

    assert answer.headers["Content-Disposition"] == f"attachment; filename={ref}.zip.asc"
    inside = zipfile.ZipFile(io.BytesIO(gpg.open(answer.get_data())))
    assert json.loads(inside.read("victim.json"))["named"][0]["name"] == "Sok Piseth"
    said = inside.read("victim.txt").decode()
    assert WORDS in said
    assert "ភ្នំពេញ" in said  # the province by its name in the language of the paper
    assert "kunthea" not in said.lower()


def test_who_writes_what_somebody_else_changed_sees_both(desk: DeskSite, case: str) -> None:
    agree(desk)
    ref, browser = drafted(desk), desk.sign_in("kunthea")
    browser.page(f"/desk/victims/police/{ref}")
    browser.post(f"/desk/victims/police/{ref}/change", words="first words", chosen="yes", version="1")

    answer = browser.post(f"/desk/victims/police/{ref}/change", words="second words", chosen="yes", version="1")

    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "first words" in html
    assert "second words" in html


def test_what_came_back_is_noted_and_the_wait_stands_on_every_page(desk: DeskSite, case: str) -> None:
    ref, browser = handed_over(desk), desk.sign_in("kunthea")
    with desk.context():
        day = (jurisdiction.today() + timedelta(days=3)).isoformat()
        today = jurisdiction.today().isoformat()
    browser.page(f"/desk/victims/police/{ref}")
    base = f"/desk/victims/police/{ref}"

    assert browser.post(f"{base}/acknowledge", case_number="B-17").status_code == 303
    assert browser.post(f"{base}/wait", hold_until=day, hold_by="the captain", hold_words="").status_code == 303
    for path in (f"/desk/victims/cases/{case}", f"/desk/victims/cases/{case}/notes", base):
        assert "asks not to contact the family before" in browser.page(path).text, path
    assert browser.post(f"{base}/wait/end").status_code == 303
    assert "asks not to contact the family before" not in browser.page(f"/desk/victims/cases/{case}").text
    browser.page(base)
    assert browser.post(f"{base}/close").status_code == 422
    assert browser.post(f"{base}/found", found="safeguarded", found_on=today, feedback="").status_code == 303
    assert browser.post(f"{base}/close").status_code == 303
    assert "The child is identified and safe" in browser.page(base).text


@pytest.mark.parametrize(
    ("deed", "fields"),
    [
        ("wait", {"hold_until": "2020-01-01", "hold_by": ""}),
        ("found", {"found": "", "found_on": ""}),
        ("hand-over", {"version": "1"}),
    ],
)
def test_what_is_wrong_with_a_note_is_said(desk: DeskSite, case: str, deed: str, fields: dict[str, str]) -> None:
    if deed == "hand-over":
        agree(desk)
    ref = drafted(desk) if deed == "hand-over" else handed_over(desk)
    browser = desk.sign_in("kunthea")
    browser.page(f"/desk/victims/police/{ref}")

    answer = browser.post(f"/desk/victims/police/{ref}/{deed}", **fields)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


def test_the_clock_of_the_polices_word_leads_there(desk: DeskSite, case: str) -> None:
    ref = handed_over(desk)

    links = [link["href"] for link in desk.sign_in("kunthea").page("/desk/clocks").all("a") if "href" in link.attrs]

    assert f"/desk/victims/police/{ref}" in links


def test_a_draft_is_withdrawn(desk: DeskSite, case: str) -> None:
    ref, browser = drafted(desk), desk.sign_in("kunthea")
    browser.page(f"/desk/victims/police/{ref}")

    assert browser.post(f"/desk/victims/police/{ref}/withdraw").status_code == 303
    assert ref in browser.page("/desk/victims/police?show=closed").text


@pytest.mark.parametrize("name", ["sophea", "rith", "vanna", "lina", "admin", "audit"])
def test_other_roles_learn_nothing(desk: DeskSite, case: str, name: str) -> None:
    ref, browser = drafted(desk), desk.sign_in(name)

    for path in ("", "/print"):
        there = browser.get(f"/desk/victims/police/{ref}{path}")
        nowhere = browser.get(f"/desk/victims/police/VP-222222{path}")
        assert (there.status_code, nowhere.status_code) == (403, 403)
        assert bare(there.get_data(as_text=True)) == bare(nowhere.get_data(as_text=True))
    assert browser.get(f"/desk/victims/cases/{case}/police").status_code == 403


def test_somebody_elses_case_is_not_there(desk: DeskSite, case: str) -> None:
    ref = drafted(desk)
    with desk.context(), writing():
        staff.add("chanthy", PASSWORD, (Role.VICTIM_SUPPORT,), language=Language.EN, by=None, must_change=False)
    browser = desk.sign_in("chanthy")

    assert browser.get(f"/desk/victims/police/{ref}").status_code == 404
    assert browser.get(f"/desk/victims/cases/{case}/police").status_code == 404


def test_who_is_not_signed_in_is_asked_to(desk: DeskSite) -> None:
    assert desk.browser().get("/desk/victims/police").status_code == 303
