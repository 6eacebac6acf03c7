"""Care in a browser: a break by keyboard alone, the day beside it, and no fault for who listens to the page."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in

SCRIPT = {"with script": True, "without script": False}


@pytest.mark.browser
@pytest.mark.parametrize("has_script", SCRIPT.values(), ids=SCRIPT)
def test_a_break_is_begun_and_ended_by_keyboard_alone(browser: Browser, portal: Portal, has_script: bool) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en", java_script_enabled=has_script)
    page: Page = context.new_page()
    sign_in(page, portal, "vanna")

    page.get_by_role("button", name="Take a break").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten minutes away")
    page.get_by_role("button", name="Come back to light work").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Light work")
    page.get_by_role("button", name="Offer me hard work again").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect(page.get_by_role("button", name="Take next item")).to_be_visible()
    context.close()


@pytest.mark.browser
def test_the_pages_of_care(browser: Browser, portal: Portal) -> None:
    pages = {
        "sophea": ("/desk/", "/desk/me", "/desk/break", "/desk/light-work", "/desk/support"),
        "chantha": ("/desk/", "/desk/care", "/desk/support"),
    }
    found: list[str] = []
    for name, paths in pages.items():
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
        page = context.new_page()
        sign_in(page, portal, name)
        for path in paths:
            page.goto(f"{portal.desk}{path}")
            found += faults_in_both(page)
        context.close()

    assert found == []
