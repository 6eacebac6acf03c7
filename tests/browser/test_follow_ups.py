"""What is stuck, and what comes after a letter, in a browser: on a narrow screen, and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_letters import fits
from tests.deploy.processes import wait_for


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 700}, locale="en", forced_colors="active")
    yield context.new_page()
    context.close()


@pytest.fixture
def without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="en")
    yield context.new_page()
    context.close()


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    return page


@pytest.mark.browser
def test_what_is_stuck_leads_to_what_comes_next(narrow: Page, without_script: Page, portal: Portal) -> None:
    sign_in(narrow, portal, "dara")
    wait_for(lambda: opened(narrow, f"{portal.desk}/desk/stuck").locator("#unheard-h").count() > 0, "invented letters")
    assert faults(narrow) == []
    assert fits(narrow)

    narrow.locator("section", has=narrow.locator("#unheard-h")).locator("td a").first.click()
    expect(narrow.locator("#next-h")).to_be_visible()
    assert faults(narrow) == []
    assert fits(narrow)
    letter = narrow.url

    sign_in(without_script, portal, "dara")
    without_script.goto(letter)
    go_on = without_script.locator("#go-on")
    if go_on.count():  # it was answered: people have seen to it
        go_on.click()
        expect(without_script.locator("body")).to_contain_text("Their time goes on.")
    without_script.get_by_text("Do not remind").click()
    without_script.get_by_label("Why nobody reminds them").select_option("police")
    without_script.get_by_role("button", name="Yes, let their time stand still").click()
    expect(without_script.locator("body")).to_contain_text("Nobody reminds them")
    without_script.locator("#go-on").click()
    expect(without_script.locator("#next-h")).to_be_visible()
