"""axe finds nothing on any page, in either language, light or dark."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import states
from tests.browser.conftest import Portal
from tests.browser.open_site import OpenSite, visiting

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
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCHEMES = ("light", "dark")


def faults(page: Page) -> list[str]:
    """Return what axe finds on the page: the rule, and where."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']} at {node['target']}" for one in found for node in one["nodes"]]


@pytest.fixture(params=SCHEMES)
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 640}, color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture(params=SCHEMES)
def laptop(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=request.param, locale="en")
    yield context.new_page()
    context.close()


def sign_in(page: Page, portal: Portal, name: str) -> None:
    page.goto(f"{portal.desk}/desk/sign-in")
    page.fill("#name", name)
    page.fill("#password", portal.password(name))
    page.click("main button")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_public_pages(phone: Page, portal: Portal, language: str) -> None:
    found = []
    for path in states.PUBLIC:
        phone.goto(f"{portal.public}/{language}/{path}")
        found += faults(phone)

    assert found == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_a_report_with_faults_and_one_without(phone: Page, portal: Portal, language: str) -> None:
    phone.goto(f"{portal.public}/{language}/report")
    phone.click("#send")
    phone.wait_for_selector("#errors")
    found = faults(phone)
    phone.check("input[name=category][value=other]")
    phone.fill("textarea[name=urls]", "https://seen.example/1")
    phone.click("#send")
    phone.wait_for_selector("#receipt-code")

    assert found + faults(phone) == []


@pytest.mark.browser
@pytest.mark.parametrize("language", states.LANGUAGES)
def test_every_state_of_the_public_site(browser: Browser, open_site: OpenSite, language: str) -> None:
    found = []
    for name, bring in states.STATES.items():
        with visiting(browser) as page:
            bring(page, open_site, language)
            page.evaluate("() => scrollTo(0, 0)")  # what the sticky header covers is no target there
            found += [f"{name}: {fault}" for fault in faults(page)]

    assert found == []


@pytest.mark.browser
def test_pages_of_the_desk(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    found = []
    for path in DESK:
        laptop.goto(portal.desk + path)
        found += faults(laptop)

    assert found == []


@pytest.mark.browser
def test_pages_of_victim_support(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "kunthea")
    found = []
    for path in ("/desk/", "/desk/victims?show=closed", "/desk/victims"):
        laptop.goto(portal.desk + path)
        found += faults(laptop)

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
        found += faults(laptop)
    if laptop.get_by_role("button", name="Take this request").is_visible():
        laptop.get_by_role("button", name="Take this request").click()
    expect(laptop.get_by_role("button", name="Close")).to_be_visible()
    laptop.locator("form:has(textarea[name=text]) button").first.click()
    expect(laptop.locator(".errors")).to_be_visible()
    found += faults(laptop)
    laptop.goto(f"{portal.desk}{pages[-1]}")
    laptop.get_by_role("button", name="Close").click()
    laptop.goto(f"{portal.desk}{pages[-1]}")
    expect(laptop.get_by_role("button", name="Take up again")).to_be_visible()
    found += faults(laptop)
    laptop.get_by_role("button", name="Take up again").click()

    assert found == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_a_request_for_help_with_faults_and_one_without(phone: Page, portal: Portal, language: str) -> None:
    phone.goto(f"{portal.public}/{language}/help")
    phone.click("#send")
    phone.wait_for_selector("#errors")
    found = faults(phone)
    phone.fill("#what", "some words")
    phone.check("#code_only")
    phone.click("#send")
    phone.wait_for_selector("#receipt-code")

    assert found + faults(phone) == []


@pytest.mark.browser
@pytest.mark.parametrize("state", STATES)
def test_an_item_in_each_state(laptop: Page, portal: Portal, state: str) -> None:
    sign_in(laptop, portal, "sophea")
    laptop.goto(f"{portal.desk}/desk/items?status={state}")
    laptop.locator("#items-rows tbody th a").first.click()
    laptop.wait_for_url("**/desk/items/I-*")  # or axe reads a page that is just being left

    assert faults(laptop) == []


@pytest.mark.browser
def test_an_assessment_with_faults_goes_to_the_summary(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    laptop.goto(f"{portal.desk}/desk/items?status=assessing&whose=me")
    laptop.locator("#items-rows tbody th a").first.click()
    laptop.click("form[data-ctrl-enter] button.go")

    laptop.wait_for_selector(".errors")

    assert laptop.evaluate("() => document.activeElement.className") == "errors"
    assert faults(laptop) == []


@pytest.mark.browser
def test_pages_of_the_admin_and_the_door(laptop: Page, portal: Portal) -> None:
    laptop.goto(f"{portal.desk}/desk/sign-in")
    found = faults(laptop)
    sign_in(laptop, portal, "admin")
    for path in ("/desk/", "/desk/admin", "/desk/admin/new", "/desk/items"):
        laptop.goto(portal.desk + path)
        found += faults(laptop)

    assert found == []
