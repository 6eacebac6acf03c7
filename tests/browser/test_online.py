"""Is it still there? In a browser, with and without script, on every width; and the statistics."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in

pytestmark = pytest.mark.browser
SCRIPT = {"with script": True, "without script": False}
ITEM = re.compile("^I-.{6}$")


def open_list(page: Page, portal: Portal) -> None:
    """Open the list once the invented data has come that far: it is laid while people are at the desk already."""
    for _ in range(60):
        page.goto(f"{portal.desk}/desk/online")
        if page.get_by_role("table", name="Acted on, and not known to be gone").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("nothing was acted on")


@pytest.mark.parametrize("has_script", SCRIPT.values(), ids=SCRIPT)
def test_a_look_is_noted_and_an_item_closed_and_opened_again(
    browser: Browser, portal: Portal, has_script: bool
) -> None:
    context = browser.new_context(locale="en", java_script_enabled=has_script)
    page = context.new_page()
    sign_in(page, portal, "sophea")
    open_list(page, portal)
    acted_on = page.get_by_role("table", name="Acted on, and not known to be gone")
    ref = acted_on.get_by_role("link", name=ITEM).first.inner_text()
    acted_on.get_by_role("button", name=f"Gone {ref}").press("Enter")
    expect(page.get_by_text("Noted: it is gone.")).to_be_visible()
    page.get_by_role("table", name="Said or seen to be gone").get_by_role("link", name=ref).click()

    page.get_by_text("Close it earlier").press("Enter")
    page.get_by_role("button", name="Close it").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nobody has seen it gone twice")
    page.get_by_label("Why now").fill("Its host took all of the site down.")
    page.get_by_role("button", name="Close it").press("Enter")
    expect(page.get_by_text("Closed. Who waits for it is told.")).to_be_visible()

    page.get_by_text("It is there again").press("Enter")
    page.get_by_role("button", name="The same is there again").press("Enter")
    expect(page.get_by_text("It is open again, and its hosts have their time anew.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [1366, 320])
def test_every_page_of_it(browser: Browser, portal: Portal, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 768}, locale="en")
    page = context.new_page()
    sign_in(page, portal, "vanna")
    open_list(page, portal)
    page.get_by_role("link", name=ITEM).first.click()
    places = [page.url, *(f"{portal.desk}/desk/{one}" for one in ("online", "online/watch", "statistics"))]

    found = []
    for place in places:
        page.goto(place)
        found += faults_in_both(page)
        if page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth"):
            found.append(f"{place} scrolls sideways")
    context.close()

    assert found == []
