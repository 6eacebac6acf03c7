"""The portal as every server runs it: over TLS, behind a proxy, with cookies bound to their host."""

import re

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.conftest import Portal
from tests.browser.test_the_whole_way import LAPTOP, PHONE, People

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def people(browser: Browser, secure_portal: Portal, request: pytest.FixtureRequest) -> People:
    return People(browser, secure_portal, request.param)


@pytest.fixture
def scripted(browser: Browser, secure_portal: Portal) -> People:
    return People(browser, secure_portal, script=True)


def cookies(page: Page) -> dict[str, tuple[bool, bool, str]]:
    """Return of each cookie whether it is secure, whether scripts are kept from it, and to which other site it goes."""
    return {one["name"]: (one["secure"], one["httpOnly"], one["sameSite"]) for one in page.context.cookies()}


def test_a_report_becomes_a_letter(people: People) -> None:
    host = f"secure-{people.script}.example".lower()

    with people.window(PHONE) as phone:
        code = people.report(phone, f"https://{host}/t/1")
    with people.at_the_desk("sophea") as sophea:
        ref = people.find(sophea, host.replace(".", "[.]"))
        people.look(sophea, ref)
    with people.at_the_desk("dara") as dara:
        people.look_again(dara, ref)
        letter = people.letter(people.write(dara, ref))

    assert letter["To"] == "abuse@hosting.example"
    with people.window(PHONE) as phone:
        assert people.follow(phone, code)


def test_people_come_and_go(people: People) -> None:
    with people.at_the_desk("sophea") as page:
        assert cookies(page) == {"__Host-desk": (True, True, "Strict")}
        page.click("form[action$='/sign-out'] button")
        expect(page).to_have_url(f"{people.portal.desk}/desk/sign-in")
        page.goto(f"{people.portal.desk}/desk/items")
        expect(page).to_have_url(re.compile(f"^{people.portal.desk}/desk/sign-in"))


def test_the_receipt_travels_in_a_cookie_of_this_host_alone(scripted: People) -> None:
    with scripted.window(PHONE) as phone:
        phone.goto(f"{scripted.portal.public}/en/report")
        phone.check("input[name=category][value=csam]")
        phone.fill("textarea[name=urls]", "https://cookie.example/t/1")
        phone.click("#send")

        expect(phone).to_have_url(f"{scripted.portal.public}/en/report/receipt")
        code = phone.locator("#receipt-code").inner_text()
        assert cookies(phone)["__Host-receipt"] == (True, True, "Strict")
        phone.goto(f"{scripted.portal.public}/en/follow-up")
        phone.fill("#code", code)
        phone.click("#follow-up-form button")
        expect(phone.locator("li[aria-current=step] h3")).to_have_count(1)


def test_a_session_that_is_over_leads_to_sign_in_from_within_a_page(scripted: People) -> None:
    with scripted.browser.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        scripted.sign_in(page, "sophea")
        page.goto(f"{scripted.portal.desk}/desk/items?whose=nobody")
        context.clear_cookies()
        page.locator("tr[id^=item-row-] button").first.click()

        expect(page).to_have_url(re.compile(re.escape(f"{scripted.portal.desk}/desk/sign-in?next=/desk/items/")))


def test_every_answer_keeps_to_tls(scripted: People) -> None:
    seen: list[Response] = []
    with scripted.window(LAPTOP) as page:
        page.on("response", lambda answer: seen.extend([answer]))
        for address in (f"{scripted.portal.public}/", f"{scripted.portal.desk}/"):
            page.goto(address)

    assert {answer.url.partition(":")[0] for answer in seen} == {"https"}
    assert all("max-age" in answer.headers.get("strict-transport-security", "") for answer in seen)
