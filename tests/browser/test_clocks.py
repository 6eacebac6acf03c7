"""Limits and clocks in a browser, with script and without: changing a limit, letting a clock stand still."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in

PAGE = "/desk/clocks"


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def seen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en")
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_a_limit_is_changed_after_a_look_at_what_it_means(page: Page, portal: Portal) -> None:
    sign_in(page, portal, "vanna")
    page.goto(portal.desk + PAGE)
    page.get_by_role("link", name="Change Answer a reporter, Every message").click()
    page.get_by_label("It may take", exact=True).last.fill("3")
    page.get_by_label("Why", exact=True).fill("A week with few people")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("A week with few people")).to_be_visible()


@pytest.mark.browser
def test_a_clock_stands_still_and_goes_on_by_keyboard(page: Page, portal: Portal) -> None:
    sign_in(page, portal, "sophea")
    page.goto(portal.desk + PAGE)
    rows = page.locator("section[aria-labelledby=next-h] tbody tr", has_text="First look")
    rows.filter(has_text="left").last.locator("th a").click()
    limits = page.locator("section[id^=item-clocks]")
    summary = limits.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("A")  # «A partner was asked»
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(limits.get_by_text("A partner was asked").first).to_be_visible()

    limits.get_by_role("button", name="Let it go on").first.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("The clock goes on.")).to_be_visible()


@pytest.mark.browser
def test_nothing_keeps_anybody_out(seen: Page, portal: Portal) -> None:
    sign_in(seen, portal, "vanna")
    found = {}
    for path in (PAGE, f"{PAGE}/rules/assess/p3"):
        seen.goto(portal.desk + path)
        found[path] = faults_in_both(seen)
    seen.goto(portal.desk + PAGE)
    seen.locator("section[aria-labelledby=next-h] tbody th a").first.click()
    found["item"] = faults_in_both(seen)

    assert [one for some in found.values() for one in some] == []
