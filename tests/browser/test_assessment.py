"""A look in a browser: typed, kept as one types, and found again; with script and without."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_desk import first_in_hand

NOTE = "two windows saw this"


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="en")
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_a_draft_is_kept_as_one_types_and_two_windows_see_both(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    item = first_in_hand(laptop, portal)
    other = laptop.context.new_page()
    other.goto(item)

    laptop.locator("#note").press_sequentially(NOTE)
    expect(laptop.locator("[data-draft]")).to_contain_text(re.compile(r"Draft saved \d\d:\d\d"), timeout=15000)
    expect(laptop.locator("#note")).to_be_focused()
    other.locator("#note").fill("and this was typed elsewhere")

    expect(other.locator("[data-draft]")).to_contain_text("Nothing was overwritten", timeout=15000)
    expect(other.locator("[data-draft]")).to_contain_text(NOTE)
    expect(other.locator("#note")).to_have_value("and this was typed elsewhere")
    assert faults_in_both(other) == []
    other.locator("[data-draft] button").click()
    expect(other.locator("[data-draft]")).not_to_contain_text("Nothing was overwritten", timeout=15000)
    laptop.goto(item)
    expect(laptop.locator("#note")).to_have_value("and this was typed elsewhere")
    laptop.locator("#note").fill("")


@pytest.mark.browser
def test_without_script_a_button_keeps_it_and_a_session_that_ends_loses_nothing(
    without_script: Page, portal: Portal
) -> None:
    page = without_script
    sign_in(page, portal, "sophea")
    item = first_in_hand(page, portal)
    page.fill("#note", "kept by hand")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("[data-draft]")).to_contain_text("Draft saved")
    page.fill("#note", "sent too late")
    kept = next(one for one in page.context.cookies() if one["name"] == "desk")
    page.context.add_cookies([kept | {"value": "of-a-session-that-is-over"}])
    page.locator("form[data-ctrl-enter] button.go").click()
    page.fill("#name", "sophea")
    page.fill("#password", portal.password("sophea"))
    page.click("main button")

    page.wait_for_url(re.compile(re.escape(item) + r"(\?|$)"))
    expect(page.locator("#note")).to_have_value("sent too late")


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/desk/criteria", "/desk/criteria/law", "/desk/criteria/new", "/desk/quality"])
def test_axe_finds_nothing_about_criteria_and_agreement(laptop: Page, portal: Portal, path: str) -> None:
    sign_in(laptop, portal, "vanna")
    laptop.goto(portal.desk + path)

    assert faults_in_both(laptop) == []
