"""Words across the wall in the browser: what each side is shown, and that analysts see nothing of cases."""

import re

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import CaseLink, Report, VictimCase
from hotline.services import case_links
from hotline.transactions import writing
from tests.blueprints.desk.desk_site import Browser, DeskSite

NOTE = "She is called Neang and goes to school near the river."
URL = "https://img-board.example/t/1"


@pytest.fixture
def item(desk: DeskSite) -> str:
    return desk.report(URL)[0]


def handed(desk: DeskSite, item: str, *, in_danger: bool = False) -> str:
    """Let sophea hand something of an item to victim support; return its reference."""
    with desk.context(), writing():
        by = desk.person("sophea")
        return case_links.hand_over(desk.item(item), NOTE, in_danger=in_danger, by=by).ref


def a_case(desk: DeskSite, browser: Browser, link: str) -> str:
    """Let somebody open a case from a link; return its reference."""
    browser.page(f"/desk/victims/links/{link}")
    answer = browser.post(f"/desk/victims/links/{link}/open", code_name="Lotus", risk="1")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with desk.context():
        return db.session.scalars(select(VictimCase.ref).order_by(VictimCase.id.desc())).first() or ""


def bare(html: str) -> str:
    """Return a page without what is drawn by chance: the tokens of its forms."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", html)


@pytest.mark.parametrize("htmx", [False, True])
def test_an_analyst_hands_over_what_they_know_and_reads_it_no_more(desk: DeskSite, item: str, htmx: bool) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/support/new?item={item}")

    answer = browser.post(f"/desk/support/new?item={item}", htmx=htmx, note=NOTE, in_danger="yes")

    assert answer.status_code == (204 if htmx else 303)
    shown = browser.page(f"/desk/items/{item}")
    with desk.context():
        ref = db.session.scalars(select(CaseLink.ref)).one()
    assert ref in shown.text
    assert "Neang" not in shown.text
    assert "Neang" not in browser.page(f"/desk/support/{ref}").text


def test_a_report_is_handed_over_from_its_page(desk: DeskSite, item: str) -> None:
    browser = desk.sign_in("rith")
    with desk.context():
        report = db.session.scalars(select(Report.ref)).one()
    browser.page(f"/desk/support/new?report={report}")

    answer = browser.post(f"/desk/support/new?report={report}", note=NOTE)

    assert answer.headers["Location"] == f"/desk/messages/{report}"
    assert "Handed to victim support" in browser.page(f"/desk/messages/{report}").text


@pytest.mark.parametrize(("note", "said"), [("", "Write what you know"), (f"at {URL}", "This holds a web address")])
def test_what_may_not_cross_is_drawn_again_with_what_was_typed(desk: DeskSite, item: str, note: str, said: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/support/new?item={item}")

    answer = browser.post(f"/desk/support/new?item={item}", note=note)

    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in html
    assert note in html


def test_victim_support_reads_it_and_opens_a_case(desk: DeskSite, item: str) -> None:
    ref, browser = handed(desk, item, in_danger=True), desk.sign_in("kunthea")
    assert ref in browser.page("/desk/victims/links").text
    assert NOTE in browser.page(f"/desk/victims/links/{ref}").text

    case = a_case(desk, browser, ref)

    shown = browser.page(f"/desk/victims/cases/{case}")
    assert ref in shown.text
    assert "The hotline checks it" in shown.text
    assert ref not in browser.page("/desk/victims/links").text
    assert ref in browser.page("/desk/victims/links?show=in_cases").text


def test_no_page_of_victim_support_shows_address_host_or_item(desk: DeskSite, item: str) -> None:
    ref, browser = handed(desk, item), desk.sign_in("kunthea")
    case = a_case(desk, browser, ref)

    for path in ("/desk/victims/links?show=in_cases", f"/desk/victims/links/{ref}", f"/desk/victims/cases/{case}"):
        html = browser.get(path).get_data(as_text=True)
        assert not [word for word in ("img-board", item, "hxxp") if word in html], path


def test_it_is_put_to_a_case(desk: DeskSite, item: str) -> None:
    first, second, browser = handed(desk, item), handed(desk, item), desk.sign_in("kunthea")
    case = a_case(desk, browser, first)
    browser.page(f"/desk/victims/links/{second}")

    wrong = browser.post(f"/desk/victims/links/{second}/put", case="VC-222222")
    right = browser.post(f"/desk/victims/links/{second}/put", case=case)

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert second in browser.page(f"/desk/victims/cases/{case}").text


def test_both_sides_ask_and_answer(desk: DeskSite, item: str) -> None:
    ref, officer, analyst = handed(desk, item), desk.sign_in("kunthea"), desk.sign_in("rith")
    officer.page(f"/desk/victims/links/{ref}")
    officer.post(f"/desk/victims/links/{ref}/write", text="Quiet question?")

    assert ref in analyst.page("/desk/messages").text
    assert "Quiet question?" in analyst.page(f"/desk/items/{item}").text
    analyst.page(f"/desk/support/{ref}")
    analyst.post(f"/desk/support/{ref}/write", text="Quiet answer.")

    assert "Quiet answer." in officer.page(f"/desk/victims/links/{ref}").text
    assert "Quiet answer." not in analyst.page(f"/desk/support/{ref}").text
    assert ref not in analyst.page("/desk/messages").text
    assert "1 not read" in officer.page(f"/desk/victims/links/{ref}").text
    assert officer.post(f"/desk/victims/links/{ref}/read").status_code == 303
    assert "1 not read" not in officer.page(f"/desk/victims/links/{ref}").text


@pytest.mark.parametrize("path", ["/desk/victims/links/{}/write", "/desk/support/{}/write"])
def test_a_question_that_may_not_cross_is_drawn_again(desk: DeskSite, item: str, path: str) -> None:
    ref, browser = handed(desk, item), desk.sign_in("kunthea" if "victims" in path else "rith")
    browser.page(path.format(ref).removesuffix("/write"))

    answer = browser.post(path.format(ref), text="see img-board.example")

    assert answer.status_code == 422
    assert "see img-board.example" in answer.get_data(as_text=True)


def test_a_case_that_was_opened_changes_no_byte_of_what_analysts_see(desk: DeskSite, item: str) -> None:
    ref, analyst, officer = handed(desk, item), desk.sign_in("rith"), desk.sign_in("kunthea")
    of_item = (f"/desk/items/{item}", f"/desk/items/{item}/timeline")
    paths = (*of_item, f"/desk/support/{ref}", "/desk/messages", "/desk/items")
    for path in paths:  # what reading itself leaves on a page is the same both times
        analyst.get(path)
    before = {path: _without_reads(analyst.get(path).get_data(as_text=True)) for path in paths}

    case = a_case(desk, officer, ref)
    after = {path: _without_reads(analyst.get(path).get_data(as_text=True)) for path in paths}

    assert before == after
    assert not [path for path, html in after.items() if case in html]


def _without_reads(html: str) -> str:
    """Return a page without tokens, and without how often this very person has read it."""
    return re.sub(r"(?s)<details[^>]*>\s*<summary>Read \d+ time.*?</details>", "", bare(html))


@pytest.mark.parametrize("name", ["sophea", "rith", "vanna", "lina", "admin", "audit"])
def test_others_do_not_open_the_side_of_victim_support(desk: DeskSite, item: str, name: str) -> None:
    ref, browser = handed(desk, item), desk.sign_in(name)

    there, nowhere = browser.get(f"/desk/victims/links/{ref}"), browser.get("/desk/victims/links/L-222222")

    assert (there.status_code, nowhere.status_code) == (403, 403)
    assert bare(there.get_data(as_text=True)) == bare(nowhere.get_data(as_text=True))


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_others_do_not_open_the_side_of_analysts(desk: DeskSite, item: str, name: str) -> None:
    ref, browser = handed(desk, item), desk.sign_in(name)

    assert browser.get(f"/desk/support/{ref}").status_code == 403
    assert browser.get(f"/desk/support/new?item={item}").status_code == 403


def test_nobody_hands_over_what_is_not_there(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")

    assert browser.get("/desk/support/new?item=I-222222").status_code == 404
    assert browser.get("/desk/support/new").status_code == 404
    assert browser.get("/desk/support/L-222222").status_code == 404


def test_who_is_not_signed_in_is_asked_to(desk: DeskSite) -> None:
    assert desk.browser().get("/desk/victims/links").status_code == 303
