"""The directory in a browser: a proposal is decided, an entry gets a mark and a key, an item leads to whom it names."""

import re

import pysequoia
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults, faults_in_both
from tests.browser.conftest import Portal, sign_in


def has_no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.browser
def test_a_proposal_is_approved_and_led_to_without_script_on_a_phone(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="en")
    page = context.new_page()
    sign_in(page, portal, "dara")
    page.goto(f"{portal.desk}/desk/directory")
    expect(page.get_by_role("heading", name="Named by registries, for you to decide")).to_be_visible()
    page.get_by_role("button", name="Approve Example Shield").click()

    expect(page.locator("h1")).to_have_text("Example Shield")
    expect(page.locator("main")).to_contain_text("Not verified yet")
    page.get_by_role("button", name="Verified today").click()
    page.get_by_role("link", name="Example Shield").first.click()
    expect(page.locator("main")).to_contain_text("Content delivery network")

    page.get_by_label("Kind of mark").select_option("asn")
    page.get_by_label("Mark", exact=True).fill("many")
    page.get_by_role("button", name="Add the mark").click()
    expect(page.get_by_role("alert")).to_contain_text("Write the number of a network")
    page.get_by_label("Mark", exact=True).fill("AS64511")
    page.get_by_role("button", name="Add the mark").click()
    expect(page.locator("main")).to_contain_text("as64511")

    armored = str(pysequoia.Tsk.generate("desk@shield.example").extract_certificate())
    page.get_by_label("Kind of key").select_option("openpgp")
    page.get_by_label("The public key as text").fill(armored)
    page.get_by_role("button", name="Add the key").click()
    expect(page.locator("main")).to_contain_text("desk@shield.example")
    context.close()


@pytest.mark.browser
def test_pages_of_the_directory_are_accessible_and_fit_a_phone(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en")
    page = context.new_page()
    sign_in(page, portal, "dara")
    page.goto(f"{portal.desk}/desk/directory")
    assert has_no_sideways_scroll(page)
    assert faults(page) == []

    page.get_by_role("link", name="Example Hosting B.V.").first.click()
    expect(page.get_by_role("heading", name="How it is recognised")).to_be_visible()
    assert has_no_sideways_scroll(page)
    assert faults_in_both(page) == []
    context.close()


@pytest.mark.browser
def test_a_decided_item_says_to_whom_it_goes_and_the_letter_begins_there(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="en")
    page = context.new_page()
    sign_in(page, portal, "dara")
    page.goto(f"{portal.desk}/desk/items?status=decided")
    leads = page.locator('#items-rows a[href*="/desk/items/I-"]').first.get_attribute("href") or ""
    found = re.search(r"I-[A-Z0-9]{6}", leads)
    assert found, page.content()
    page.goto(f"{portal.desk}/desk/items/{found[0]}")

    card = page.locator(f"#item-route-{found[0]}")

    expect(card).to_contain_text("Never the site’s owner")
    assert faults(page) == []
    page.goto(f"{portal.desk}/desk/notices/new?item={found[0]}")
    expect(page.locator(f"#item-route-{found[0]}")).to_contain_text("To whom it goes")
    assert faults(page) == []
    context.close()
