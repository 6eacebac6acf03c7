"""axe finds nothing on any page, light or dark; to those of the public site `test_small_screens` takes it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in

DESK = (
    "/desk/",
    "/desk/items",
    "/desk/items?category=other&whose=me",
    "/desk/reviews",
    "/desk/notices",
    "/desk/notices/kept",
    "/desk/messages",
    "/desk/reports/unread",
    "/desk/intake",
    "/desk/intake/new",
    "/desk/intake/lists",
    "/desk/intake/mailbox",
    "/desk/directory",
    "/desk/directory/new",
    "/desk/me",
    "/desk/nothing-here",
)
STATES = ("new", "assessing", "in_review", "disputed", "decided")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    yield context.new_page()
    context.close()


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_a_report_with_faults_and_one_without(phone: Page, portal: Portal, language: str) -> None:
    phone.goto(f"{portal.public}/{language}/report")
    phone.click("#send")
    phone.wait_for_selector("#errors")
    found = faults_in_both(phone)
    phone.check("input[name=category][value=other]")
    phone.fill("textarea[name=urls]", "https://seen.example/1")
    phone.click("#send")
    phone.wait_for_selector("#receipt-code")

    assert found + faults_in_both(phone) == []


@pytest.mark.browser
def test_pages_of_the_desk(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    found = []
    for path in DESK:
        laptop.goto(portal.desk + path)
        found += faults_in_both(laptop)

    assert found == []


@pytest.mark.browser
def test_pages_of_victim_support(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "kunthea")
    found = []
    for path in ("/desk/", "/desk/victims?show=closed", "/desk/victims"):
        laptop.goto(portal.desk + path)
        found += faults_in_both(laptop)

    assert found == []


@pytest.mark.browser
def test_each_request_for_help_a_refused_answer_and_a_closed_one(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "kunthea")
    laptop.goto(f"{portal.desk}/desk/victims")
    pages = [one.get_attribute("href") for one in laptop.locator("tbody th a").all()]
    found = []
    for path in pages:
        laptop.goto(f"{portal.desk}{path}")
        expect(laptop.get_by_role("heading", level=1)).to_contain_text("Request H-")
        found += faults_in_both(laptop)
    if laptop.get_by_role("button", name="Take this request").is_visible():
        laptop.get_by_role("button", name="Take this request").click()
    expect(laptop.get_by_role("button", name="Close")).to_be_visible()
    laptop.locator("form:has(textarea[name=text]) button").first.click()
    expect(laptop.locator(".errors")).to_be_visible()
    found += faults_in_both(laptop)
    laptop.goto(f"{portal.desk}{pages[-1]}")
    laptop.get_by_role("button", name="Close").click()
    laptop.goto(f"{portal.desk}{pages[-1]}")
    expect(laptop.get_by_role("button", name="Take up again")).to_be_visible()
    found += faults_in_both(laptop)
    laptop.get_by_role("button", name="Take up again").click()

    assert found == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_a_request_for_help_with_faults_and_one_without(phone: Page, portal: Portal, language: str) -> None:
    phone.goto(f"{portal.public}/{language}/help")
    phone.click("#send")
    phone.wait_for_selector("#errors")
    found = faults_in_both(phone)
    phone.fill("#what", "some words")
    phone.check("#code_only")
    phone.click("#send")
    phone.wait_for_selector("#receipt-code")

    assert found + faults_in_both(phone) == []


@pytest.mark.browser
@pytest.mark.parametrize("state", STATES)
def test_an_item_in_each_state(laptop: Page, portal: Portal, state: str) -> None:
    sign_in(laptop, portal, "sophea")
    laptop.goto(f"{portal.desk}/desk/items?status={state}")
    laptop.locator("#items-rows tbody th a").first.click()
    laptop.wait_for_url("**/desk/items/I-*")  # or axe reads a page that is just being left

    assert faults_in_both(laptop) == []


@pytest.mark.browser
def test_an_assessment_with_faults_goes_to_the_summary(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    laptop.goto(f"{portal.desk}/desk/items?status=assessing&whose=me")
    laptop.locator("#items-rows tbody th a").first.click()
    laptop.click("form[data-ctrl-enter] button.go")

    laptop.wait_for_selector(".errors")

    assert laptop.evaluate("() => document.activeElement.className") == "errors"
    assert faults_in_both(laptop) == []


@pytest.mark.browser
def test_pages_of_the_admin_and_the_door(laptop: Page, portal: Portal) -> None:
    laptop.goto(f"{portal.desk}/desk/sign-in")
    found = faults_in_both(laptop)
    sign_in(laptop, portal, "admin")
    for path in ("/desk/", "/desk/admin", "/desk/admin/new", "/desk/items"):
        laptop.goto(portal.desk + path)
        found += faults_in_both(laptop)

    assert found == []
