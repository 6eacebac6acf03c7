"""A desk that cannot be reached: the page says so, keeps every word, and goes on by itself once the desk is back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_desk import first_in_hand

WORDS = "typed while the desk was away"
AWAY = "No connection"
OF_DRAFT = "A draft is saved"
BACK = 30_000  # ms: it asks every ten seconds


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en")
    yield context.new_page()
    context.close()


def away(route: Route, status: int | None) -> None:
    """Answer as a network does that leads nowhere, or as a proxy whose desk is away."""
    if status is None:
        route.abort("connectionrefused")
    else:
        route.fulfill(status=status, content_type="text/html", body="<h1>Bad Gateway</h1>")


@pytest.mark.browser
@pytest.mark.parametrize("status", [None, 502], ids=["no network", "a proxy answers"])
def test_what_is_typed_while_the_desk_is_away_stays_and_is_saved_later(
    phone: Page, portal: Portal, status: int | None
) -> None:
    sign_in(phone, portal, "sophea")
    item = first_in_hand(phone, portal)
    phone.route("**/*", lambda route: away(route, status))
    phone.locator("#note").fill(WORDS)

    expect(phone.locator("#away")).to_be_visible()
    expect(phone.locator("#away")).to_contain_text(AWAY)
    expect(phone.locator("#live")).to_contain_text(AWAY)
    expect(phone.locator("#live")).to_contain_text(OF_DRAFT)
    expect(phone.locator("[data-of-draft]")).to_be_visible()
    expect(phone.locator("#note")).to_have_value(WORDS)
    expect(phone.locator("#trouble")).to_be_empty()
    with phone.expect_response(lambda answer: "/draft" in answer.url and answer.ok, timeout=BACK):
        phone.unroute("**/*")  # axe reads no network; what it finds is of the page as it stands
        assert faults_in_both(phone) == []
        expect(phone.locator("#away")).to_be_hidden(timeout=BACK)
    expect(phone.locator("#live")).to_have_text("Connected again.")
    expect(phone.locator("[data-draft]")).to_contain_text("Draft saved")
    phone.goto(item)
    expect(phone.locator("#note")).to_have_value(WORDS)
    phone.locator("#note").fill("")
    expect(phone.locator("[data-draft]")).to_contain_text("Draft saved")


@pytest.mark.browser
def test_a_deed_that_takes_long_is_not_called_no_connection(phone: Page, portal: Portal) -> None:
    sign_in(phone, portal, "sophea")
    phone.goto(f"{portal.desk}/desk/directory")
    phone.evaluate("htmx.config.timeout = 300")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    phone.route("**/verify", hold)  # the desk answers, but not to this
    phone.get_by_role("button", name="Verified today").first.click()

    expect(phone.locator("#slow")).to_be_focused()
    expect(phone.locator("#slow")).to_contain_text("takes longer than usual")
    expect(phone.locator("#live")).to_contain_text("it may be done all the same")
    expect(phone.locator("#away")).to_be_hidden()
    assert faults_in_both(phone) == []
    phone.unroute("**/verify")
    phone.locator("#slow").get_by_role("button").click()
    expect(phone.locator("#slow")).to_be_hidden()
    assert waiting


@pytest.mark.browser
def test_no_form_leaves_the_page_while_the_desk_is_away(phone: Page, portal: Portal) -> None:
    sign_in(phone, portal, "sophea")
    phone.goto(f"{portal.desk}/desk/intake/new")
    phone.fill("#details", WORDS)
    phone.context.set_offline(True)
    phone.get_by_role("button", name="File the report").click()

    expect(phone.locator("#away")).to_be_focused()
    expect(phone.locator("#live")).to_contain_text(AWAY)
    expect(phone.locator("#live")).not_to_contain_text(OF_DRAFT)
    expect(phone.locator("[data-of-draft]")).to_be_hidden()  # no draft is on this page
    expect(phone.locator("#details")).to_have_value(WORDS)
    phone.context.set_offline(False)
    expect(phone.locator("#away")).to_be_hidden(timeout=BACK)
    phone.get_by_role("button", name="File the report").click()
    expect(phone.locator(".errors")).to_be_visible()
    expect(phone.locator("#details")).to_have_value(WORDS)


@pytest.mark.browser
def test_a_part_that_looks_by_itself_says_so_and_a_press_does_not(phone: Page, portal: Portal) -> None:
    sign_in(phone, portal, "sophea")
    phone.clock.install()
    asked = []
    phone.on("request", lambda one: asked.append(one) if "hx-request" in one.headers else None)
    phone.goto(f"{portal.desk}/desk/items")
    phone.clock.run_for(61_000)
    phone.wait_for_timeout(500)
    phone.locator("select[name=category]").first.select_option("csam")
    phone.wait_for_timeout(500)

    found = {"/fresh" in one.url: "x-by-itself" in one.headers for one in asked}
    assert found == {True: True, False: False}
