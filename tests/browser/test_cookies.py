"""What a real browser keeps of the site, beside what the page about cookies says."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from hotline.blueprints.public import cookies
from tests.browser.axe import faults
from tests.browser.conftest import Portal

DAY = 24 * 60 * 60
WIDTHS = (360, 320)
SIZES = ("normal", "large", "largest")
WIDE = ("", "report", "help", "follow-up", "cookies", "accessibility")


@pytest.fixture(params=WIDTHS)
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 640}, locale="en")
    yield context.new_page()
    context.close()


def kept(context: BrowserContext) -> dict[str, float | None]:
    """Return the cookies a browser holds, and in how many days each ends; None: when the browser closes."""
    return {
        cookie["name"]: None if cookie["expires"] == -1 else round((cookie["expires"] - time.time()) / DAY, 2)
        for cookie in context.cookies()
    }


def press(page: Page, answer: str) -> None:
    with page.expect_navigation():
        page.click(f"button[name=cookies][value={answer}]")


def size(page: Page, name: str) -> None:
    page.check(f"#size-{name}")
    with page.expect_navigation():
        page.click("form[action$='/text-size'] button")


def report(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.public}/en/report")
    page.check("input[name=category][value=other]")
    page.fill("textarea[name=urls]", "https://seen.example/1")
    page.click("#send")
    page.wait_for_selector("#receipt-code")


def reach_by_keyboard(page: Page, selector: str) -> None:
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the Tab key")


@pytest.mark.browser
def test_a_browser_keeps_what_the_page_about_cookies_says_and_nothing_else(phone: Page, portal: Portal) -> None:
    context, seen = phone.context, set()

    phone.goto(f"{portal.public}/en/")
    assert kept(context) == {}

    report(phone, portal)
    assert set(kept(context)) == {"probe", "receipt"}
    assert kept(context)["probe"] is None
    assert kept(context)["receipt"] == pytest.approx(10 / 60 / 24, abs=0.01)
    seen |= set(kept(context))

    phone.fill("#ending", phone.inner_text("#receipt-code")[-4:])
    with phone.expect_navigation():
        phone.press("#ending", "Enter")
    assert set(kept(context)) == {"probe"}

    phone.goto(f"{portal.public}/en/privacy")
    press(phone, "all")
    assert kept(context) == {"probe": None, "choice": pytest.approx(180, abs=0.1), "lang": pytest.approx(180, abs=0.1)}
    phone.goto(f"{portal.public}/en/accessibility")
    size(phone, "large")
    assert kept(context)["size"] == pytest.approx(180, abs=0.1)
    seen |= set(kept(context))

    phone.goto(f"{portal.public}/en/cookies")
    assert phone.locator("h3").all_inner_texts() == [kind.name for kind in cookies.KINDS]
    press(phone, "needed")
    assert kept(context) == {"probe": None, "choice": None}
    assert seen == {kind.name for kind in cookies.KINDS}
    assert phone.evaluate("() => [document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_the_notice_is_reached_by_keyboard_says_its_name_and_goes(phone: Page, portal: Portal, language: str) -> None:
    phone.goto(f"{portal.public}/{language}/privacy")
    form = phone.locator("form[action$='/cookies']")
    named = phone.get_by_role("form", name=form.locator("h2").inner_text())
    buttons = [button.bounding_box() for button in form.locator("button").all()]

    assert named.count() == 1
    assert all(box and box["height"] >= 44 for box in buttons)
    assert len({(box["width"], box["height"]) for box in buttons if box}) == 1
    reach_by_keyboard(phone, "button[value=needed]")
    with phone.expect_navigation():
        phone.keyboard.press("Enter")

    assert phone.url == f"{portal.public}/{language}/privacy"
    assert phone.locator("button[name=cookies]").count() == 0


@pytest.mark.browser
def test_the_notice_covers_nothing_and_is_not_printed(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/en/")
    form = phone.locator("form[action$='/cookies']")
    content, box = phone.locator("main").bounding_box(), form.bounding_box()

    assert content
    assert box
    assert box["y"] >= content["y"] + content["height"]
    phone.emulate_media(media="print")
    assert not form.is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
@pytest.mark.parametrize("name", SIZES)
def test_no_text_size_makes_a_page_wider_than_the_phone(phone: Page, portal: Portal, language: str, name: str) -> None:
    phone.goto(f"{portal.public}/{language}/accessibility")
    size(phone, name)
    press_if_asked(phone)
    wide = []
    for path in WIDE:
        phone.goto(f"{portal.public}/{language}/{path}")
        wide += [path] if phone.evaluate("() => document.documentElement.scrollWidth > innerWidth") else []

    pixels = phone.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert pixels == {"normal": 17, "large": 20, "largest": 24}[name]
    assert wide == []


def press_if_asked(page: Page) -> None:
    if page.locator("button[name=cookies]").count():
        press(page, "all")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_on_the_choices_in_any_state(phone: Page, portal: Portal, language: str) -> None:
    found = []

    def look(*paths: str) -> None:
        for path in paths:
            phone.goto(f"{portal.public}/{language}/{path}")
            found.extend(faults(phone))

    look("privacy", "cookies", "accessibility")
    press(phone, "needed")
    look("cookies", "accessibility")
    size(phone, "largest")
    look("", "cookies", "accessibility")
    phone.emulate_media(forced_colors="active")
    look("cookies", "accessibility")

    assert found == []
