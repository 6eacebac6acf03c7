"""Ending a case at the desk: the officer's checklist, the manager's sheet, reopening and duplicates."""

from io import BytesIO

import pytest

from hotline.vocabulary import CaseStatus
from tests.blueprints.desk import closing_site
from tests.blueprints.desk.closing_site import CASES, CLOSURES, TICKS, ClosingSite
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import read_desk
from tests.services import case_steps

SAID = ("Chan Sreyneang", "Lotus", "quiet words about what happened", "012 000 111", "the aunt")


@pytest.fixture
def site(desk: DeskSite) -> ClosingSite:
    return closing_site.lay(desk)


def test_an_officer_asks_and_a_manager_closes(site: ClosingSite) -> None:
    kunthea = site.sign_in()
    kunthea.page(site.path)
    assert kunthea.post(site.path, outcome="declined", checks=list(TICKS)).status_code == 303
    assert "A manager answers from the checklist" in kunthea.page(f"{CASES}/{site.ref}").text

    vanna = site.sign_in("vanna")
    listed = vanna.page(CLOSURES)
    sheet = next(link["href"] for link in listed.all("a") if link.text == site.ref)
    vanna.page(sheet)
    assert vanna.post(f"{sheet}/approve").status_code == 303

    assert site.status() == CaseStatus.CLOSED
    page = kunthea.page(site.path)
    assert "It has ended" in page.text
    assert "2036" in page.text


def test_a_manager_sees_no_name_and_no_word(site: ClosingSite) -> None:
    sheet, vanna = site.asked(), site.sign_in("vanna")

    for page in (vanna.page(sheet), vanna.page(CLOSURES)):
        assert site.ref in page.text
        assert [word for word in SAID if word in page.text] == []
    text = vanna.page(sheet).text
    assert "Child or guardian know that it ends" in text
    assert "15 to 17" in text or "15–17" in text
    assert "kunthea" not in text
    assert vanna.get(site.path).status_code == 403


def test_what_is_missing_is_said_and_what_was_ticked_stays(site: ClosingSite) -> None:
    kunthea = site.sign_in()
    kunthea.page(site.path)

    answer = kunthea.post(site.path, outcome="needs_met", checks=["told"])

    page = read_desk(answer)
    assert answer.status_code == 422
    summary = page.one("div", role="alert").text
    assert "the assessment is approved" in summary
    assert "The safety plan is in their hands" in summary
    assert {box["value"] for box in page.all("input") if "checked" in box.attrs} >= {"told", "needs_met"}
    assert kunthea.post(site.path, checks=list(TICKS)).status_code == 422
    assert site.status() == CaseStatus.OPEN


def test_a_file_is_refused(site: ClosingSite) -> None:
    kunthea = site.sign_in()
    kunthea.page(site.path)

    answer = kunthea.client.post(
        site.path,
        data={"csrf_token": kunthea.token, "outcome": "declined", "upload": (BytesIO(b"words"), "a.txt")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 422
    assert "words and references only" in answer.get_data(as_text=True)


def test_a_question_goes_back_to_the_officer(site: ClosingSite) -> None:
    sheet, vanna = site.asked(), site.sign_in("vanna")
    vanna.page(sheet)
    assert vanna.post(f"{sheet}/give-back", question="").status_code == 422
    assert vanna.post(f"{sheet}/give-back", question="Does the aunt know?").status_code == 303

    assert "Does the aunt know?" in site.sign_in().page(f"{CASES}/{site.ref}").text
    assert vanna.get(sheet).status_code == 404


def test_what_waits_can_be_taken_back_with_htmx_too(site: ClosingSite) -> None:
    site.asked()
    kunthea = site.sign_in()
    assert "It waits for a manager" in kunthea.page(site.path).text

    answer = kunthea.post(f"{site.path}/back", htmx=True)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, site.path)
    assert kunthea.post(f"{site.path}/back").status_code == 409


def test_a_case_is_taken_up_again_with_a_reason(site: ClosingSite) -> None:
    site.closed()
    kunthea = site.sign_in()
    kunthea.page(site.path)

    assert kunthea.post(f"{CASES}/{site.ref}/reopen", reason="").status_code == 422
    assert kunthea.post(f"{CASES}/{site.ref}/reopen", reason="She called.").status_code == 303
    assert site.status() == CaseStatus.OPEN


def test_a_duplicate_leads_to_the_other_case(site: ClosingSite) -> None:
    with site.desk.context():
        other = case_steps.a_case(code_name="Jasmine").ref
    kunthea = site.sign_in()
    kunthea.page(site.path)
    assert kunthea.post(f"{CASES}/{site.ref}/duplicate", other="VC-999999").status_code == 422

    answer = kunthea.post(f"{CASES}/{site.ref}/duplicate", other=other)

    assert answer.headers["Location"] == f"{CASES}/{other}"
    assert other in kunthea.page(site.path).text


def test_a_case_that_goes_on_points_to_the_other_file_of_the_child(site: ClosingSite) -> None:
    with site.desk.context():
        other = case_steps.a_case(code_name="Jasmine").ref
    kunthea = site.sign_in()
    kunthea.page(site.path)
    assert "Perhaps the same child" in kunthea.page(f"{CASES}/{other}").text

    assert kunthea.post(f"{CASES}/{site.ref}/duplicate", other=other).status_code == 303

    goes_on, ended = kunthea.page(f"{CASES}/{other}"), kunthea.page(f"{CASES}/{site.ref}")
    assert "The same child has another file" in goes_on.text
    assert f"{CASES}/{site.ref}" in [link.get("href") for link in goes_on.all("a")]
    assert "Perhaps the same child" not in goes_on.text + ended.text


@pytest.mark.parametrize("path", ["close", "reopen", "duplicate", "close/back", "erase"])
def test_a_strangers_case_is_not_there_and_wrong_roles_learn_nothing(site: ClosingSite, path: str) -> None:
    here = f"{CASES}/{site.ref}/{path}"
    chenda = site.sign_in("chenda")
    assert chenda.post(here).status_code == 404
    for name in ("vanna", "rith", "lina", "admin", "audit"):
        assert site.sign_in(name).post(here).status_code == 403
    browser = site.desk.browser()
    browser.get("/desk/sign-in")
    assert browser.post(here).status_code in {303, 401}


@pytest.mark.parametrize("name", ["kunthea", "rith", "lina", "admin", "audit"])
def test_a_closure_opens_to_managers_alone(site: ClosingSite, name: str) -> None:
    sheet, browser = site.asked(), site.sign_in(name)

    assert browser.get(sheet).status_code == 403
    assert browser.get(f"{CLOSURES}/999").status_code == 403
    assert site.sign_in("vanna").get(f"{CLOSURES}/999").status_code == 404
