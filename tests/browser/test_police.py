"""A police report in a browser: approved, on paper, handed over; each page for who listens or has little room."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in

pytestmark = pytest.mark.browser
SCRIPT = {"with script": True, "without script": False}
REPORT = re.compile("P-.{6}")


def a_report(page: Page, portal: Portal, show: str) -> str:
    """Go to the first report of a list; return its address."""
    page.goto(f"{portal.desk}/desk/police?show={show}")
    page.locator("#police-rows").get_by_role("link", name=REPORT).first.click()
    return page.url


def an_item(page: Page, portal: Portal) -> None:
    """Open an item of a report whose verdict stands: in this portal an objection may have had another one withdrawn."""
    for show in ("waiting", "drafts"):
        a_report(page, portal, show)
        page.get_by_role("link", name=re.compile("^I-")).first.click()
        expect(page.locator("#work-h")).to_be_visible()
        if page.locator("header:has(#work-h) .pill", has_text="Withdrawn").count() == 0:
            return
    pytest.fail("the verdicts on all of them were withdrawn")


@pytest.mark.parametrize("has_script", SCRIPT.values(), ids=SCRIPT)
def test_a_report_is_written_approved_put_on_paper_and_handed_over(
    browser: Browser, portal: Portal, has_script: bool
) -> None:
    people = [browser.new_context(locale="en", java_script_enabled=has_script).new_page() for _ in range(2)]
    for page, name in zip(people, ("sophea", "dara"), strict=True):
        sign_in(page, portal, name)
    first, second = people
    an_item(first, portal)
    first.get_by_role("link", name="Write a police report").click()
    first.get_by_label("Unit of the police").select_option(label="Example Cyber Unit, KH")
    first.get_by_label("What the police have to know besides").fill("A quiet line.")
    first.get_by_role("button", name="Draft the report").press("Enter")
    first.wait_for_url(re.compile("/desk/police/P-"))
    expect(first.get_by_text("A quiet line.").first).to_be_visible()

    second.goto(first.url)
    second.get_by_role("button", name="Approve it").press("Enter")
    second.get_by_role("link", name=re.compile("English")).click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Report to the police")
    second.emulate_media(media="print")
    expect(second.get_by_role("link")).to_have_count(0)
    assert second.pdf().startswith(b"%PDF")

    first.reload()
    first.get_by_label("In person").check()
    first.get_by_label("Who took it").fill("Officer on duty")
    first.get_by_role("button", name="It was handed over").press("Enter")
    expect(first.get_by_text("Officer on duty")).to_be_visible()
    for page in people:
        page.context.close()


@pytest.mark.parametrize("width", [1366, 320])
def test_every_page_of_the_police(browser: Browser, portal: Portal, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 768}, locale="en")
    page = context.new_page()
    sign_in(page, portal, "sophea")
    report = a_report(page, portal, "waiting")
    page.goto(f"{portal.desk}/desk/holds")
    page.get_by_role("link", name=re.compile("^I-")).last.click()
    places = [report, f"{report}/print?lang=en", f"{report}/print?lang=km", page.url]
    places += [f"{portal.desk}/desk/{one}" for one in ("police", "police/new", "holds", "holds/new", "clocks", "")]

    found = []
    for place in places:
        page.goto(place)
        found += faults_in_both(page)
        if page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth"):
            found.append(f"{place} scrolls sideways")
    context.close()

    assert found == []
