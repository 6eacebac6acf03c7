"""Between hotlines in a browser: offers and ICCAM's list, with script and without; pages that keep nobody out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in

PAGE = "/desk/exchange"


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def seen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en", viewport={"width": 320, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_an_offer_is_read_and_cannot_be_let_go_by_who_drafted_it(page: Page, portal: Portal) -> None:
    sign_in(page, portal, "sophea")
    page.goto(portal.desk + PAGE)
    row = page.locator("tr", has_text="Through the interface").first
    row.get_by_role("link").click()

    expect(page.get_by_text("You drafted it yourself.")).to_be_visible()
    expect(page.get_by_text("hxxps://")).to_be_visible()
    expect(page.get_by_text("Key it is sealed to")).to_be_visible()


@pytest.mark.browser
def test_what_iccam_is_told_is_shown_to_copy(page: Page, portal: Portal) -> None:
    sign_in(page, portal, "sophea")
    page.goto(portal.desk + PAGE)
    page.locator("tr", has_text="Through the interface").first.get_by_role("link").click()
    page.locator("main a[href^='/desk/items/']").first.click()
    page.get_by_role("link", name="See what ICCAM is told").click()
    page.get_by_role("button", name="Show the block").click()

    expect(page.locator("#iccam-block")).to_contain_text("classification: 1")


@pytest.mark.browser
def test_nothing_keeps_anybody_out(seen: Page, portal: Portal) -> None:
    sign_in(seen, portal, "dara")
    found = {}
    seen.goto(portal.desk + PAGE)
    exchange = seen.locator("th a").first.get_attribute("href")
    for path in (PAGE, f"{PAGE}/new", exchange, "/desk/exchange-partners/new"):
        seen.goto(portal.desk + path)
        found[path] = faults_in_both(seen)
        assert seen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

    assert not any(found.values()), found
