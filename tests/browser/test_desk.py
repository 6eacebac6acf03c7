"""The desk in a browser: on a phone, by keyboard, with script and without."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Portal, sign_in

LISTS = {
    "sophea": (
        "/desk/",
        "/desk/items",
        "/desk/reviews",
        "/desk/notices",
        "/desk/messages",
        "/desk/reports/unread",
        "/desk/intake",
        "/desk/intake/lists",
        "/desk/intake/mailbox",
        "/desk/directory",
        "/desk/me/password",
    ),
    "vanna": ("/desk/", "/desk/practice", "/desk/statistics"),
    "kunthea": ("/desk/victims",),
    "admin": ("/desk/admin",),
}
OVERFLOWS = """() => [document.documentElement, ...document.querySelectorAll(".card")]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className || one.tagName)"""
NAMELESS = """() => [...document.querySelectorAll("tbody td")]
    .filter(cell => cell.checkVisibility())
    .filter(cell => cell.textContent.trim() && cell.colSpan === 1 && !cell.querySelector("button, .p"))
    .filter(cell => cell.parentElement.querySelector("th")?.compareDocumentPosition(cell) & 4)
    .filter(cell => !cell.querySelector(".lab")?.checkVisibility()).map(cell => cell.textContent.trim())"""
WITHOUT_SCRIPT = {"with script": True, "without script": False}


@pytest.fixture(params=WITHOUT_SCRIPT.values(), ids=WITHOUT_SCRIPT)
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, java_script_enabled=request.param, locale="en"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    yield context.new_page()
    context.close()


def first_in_hand(page: Page, portal: Portal) -> str:
    """Open an item to assess; return its address."""
    page.goto(f"{portal.desk}/desk/items?status=assessing&whose=me")
    page.locator("#items-rows tbody th a").first.click()
    page.wait_for_selector("form.long")
    return page.url.partition("?")[0]


# --- On narrow screens ------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1280, 1366])
@pytest.mark.parametrize("name", list(LISTS))
def test_no_column_is_out_of_sight(laptop: Page, portal: Portal, name: str, width: int) -> None:
    sign_in(laptop, portal, name)
    laptop.set_viewport_size({"width": width, "height": 640})
    found = []
    for path in LISTS[name]:
        laptop.goto(portal.desk + path)
        for opener in laptop.locator("details.sure > summary").all()[:2]:
            opener.click()
        found += [f"{path}: {one}" for one in laptop.evaluate(OVERFLOWS)]
        if width < 1200:
            found += [f"{path}, no name of its column: {one}" for one in laptop.evaluate(NAMELESS)]

    assert found == []


@pytest.mark.browser
@pytest.mark.parametrize("name", list(LISTS))
def test_axe_finds_nothing_on_a_phone(laptop: Page, portal: Portal, name: str) -> None:
    sign_in(laptop, portal, name)
    laptop.set_viewport_size({"width": 360, "height": 640})
    found = []
    for path in LISTS[name]:
        laptop.goto(portal.desk + path)
        for opener in laptop.locator("details.sure > summary").all()[:2]:
            opener.click()
        found += faults(laptop)

    assert found == []


# --- The rail ---------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 768), (1366, 768), (1440, 900), (853, 512)])
def test_care_and_the_way_out_are_in_sight_however_long_the_rail(
    laptop: Page, portal: Portal, width: int, height: int
) -> None:
    sign_in(laptop, portal, "vanna")
    laptop.set_viewport_size({"width": width, "height": height})

    for path in ("/desk/", "/desk/statistics"):
        laptop.goto(portal.desk + path)
        assert laptop.evaluate(
            "() => { const nav = document.querySelector('.rail nav'); return nav.scrollHeight > nav.clientHeight }"
        )
        for part in ("#care-box button", ".rail .me button", ".rail [aria-current]"):
            expect(laptop.locator(part)).to_be_in_viewport(ratio=1)
        covered = laptop.locator(".rail [aria-current]").evaluate(
            "one => one.getBoundingClientRect().bottom > document.querySelector('.well').getBoundingClientRect().top"
        )
        assert not covered
    laptop.locator(".rail nav a").last.focus()
    expect(laptop.locator(".rail nav a").last).to_be_in_viewport(ratio=1)


# --- Where the keyboard is --------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_after_a_claim_the_keyboard_is_on_its_row(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "vanna")
    laptop.goto(f"{portal.desk}/desk/items?whose=nobody")
    row = laptop.locator("#items-rows tbody tr").first
    ref = row.locator("th a").inner_text()

    row.locator("button").press("Enter")

    expect(laptop.locator(f"#item-row-{ref} td").last).to_contain_text("You")
    expect(laptop.locator(f"#item-row-{ref} th a")).to_be_focused()


@pytest.mark.browser
def test_a_filter_keeps_the_keyboard_and_says_what_it_found(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    laptop.goto(f"{portal.desk}/desk/items")
    laptop.locator("select[name=category]").focus()

    laptop.select_option("select[name=category]", "csam")

    expect(laptop.locator("#live")).to_have_text(re.compile(r"^\d+ items?$"))
    expect(laptop.locator("select[name=category]")).to_be_focused()


@pytest.mark.browser
def test_a_page_that_says_what_was_done_begins_there(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "dara")
    laptop.goto(f"{portal.desk}/desk/directory")
    laptop.get_by_role("region", name="Entries").locator("tbody th a").first.click()  # what is proposed others decide

    laptop.click("main form button.go")

    expect(laptop.locator(".note.done")).to_be_focused()


@pytest.mark.browser
def test_who_types_is_not_disturbed_by_what_comes_in_meanwhile(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    first_in_hand(laptop, portal)
    laptop.locator("#note").focus()

    laptop.evaluate("""() => htmx.ajax("GET", "/desk/items/I-222222", { source: "#live", target: "#trouble" })""")

    expect(laptop.locator("#trouble .errors")).to_be_visible()
    expect(laptop.locator("#note")).to_be_focused()


# --- Asked about first ------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_new_password_takes_two_steps_and_is_the_persons_own_in_the_end(phone: Page, portal: Portal) -> None:
    sign_in(phone, portal, "admin")
    phone.goto(f"{portal.desk}/desk/admin/new")
    phone.fill("#name", "A newcomer")
    phone.check("input[name=roles][value=auditor]")
    phone.check("input[name=language][value=en]")
    phone.click("form.card .go")
    if phone.locator(".errors").count():  # the other run of this test has added her
        phone.goto(f"{portal.desk}/desk/admin")
    else:
        phone.click("main a.btn")
    row = phone.locator("tbody tr", has_text="A newcomer")
    row.locator("button", has_text="Yes, a new password").wait_for(state="hidden")
    row.locator("summary", has_text="New password").click()
    row.locator("button", has_text="Yes, a new password").click()
    given = phone.inner_text("#new-password")
    phone.click(".me button")

    phone.fill("#name", "a newcomer")
    phone.fill("#password", given)
    phone.click("main button")
    expect(phone.locator("h1")).to_have_text("Change my password")
    phone.goto(f"{portal.desk}/desk/")
    expect(phone.locator("h1")).to_have_text("Change my password")
    phone.fill("#old", given)
    phone.fill("#password", "seven quiet lamps on a shelf")
    phone.click("form.card .go")

    expect(phone.locator("[role=status]")).to_contain_text("Your new password holds from now on.")
    phone.fill("#name", "a newcomer")
    phone.fill("#password", "seven quiet lamps on a shelf")
    phone.click("main button")
    expect(phone.locator("h1")).to_have_text("Today")


# --- After the session ------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_an_assessment_sent_too_late_leads_back_to_its_item(phone: Page, portal: Portal) -> None:
    sign_in(phone, portal, "sophea")
    item = first_in_hand(phone, portal)
    phone.context.clear_cookies()

    phone.click("form[data-class-keys] button.go")

    expect(phone.get_by_text("You were signed out before this was sent")).to_be_visible()
    phone.fill("#name", "sophea")
    phone.fill("#password", portal.password("sophea"))
    phone.click("main button")
    phone.wait_for_url(re.compile(re.escape(item) + r"(\?|$)"))  # and to the list it was opened from
    expect(phone.locator("form[data-class-keys]")).to_be_visible()


@pytest.mark.browser
def test_a_letter_on_its_way_waits_while_somebody_is_asked(laptop: Page, portal: Portal) -> None:
    sign_in(laptop, portal, "sophea")
    laptop.goto(f"{portal.desk}/desk/notices?status=draft")
    laptop.locator("#notices-rows th a").first.click()
    laptop.evaluate("""() => {
        const part = document.querySelector("[id^=notice-status]");
        part.setAttribute("hx-get", location.pathname + "?looks=1");
        part.setAttribute("hx-trigger", "every 300ms");
        part.setAttribute("hx-swap", "outerHTML");
        htmx.process(part);
    }""")

    laptop.locator(".sure summary", has_text="Withdraw").click()
    laptop.wait_for_timeout(1000)

    expect(laptop.locator(".sure[open] button")).to_be_visible()
    expect(laptop.locator(".sure summary")).to_be_focused()
