"""A second factor turned on and used in a browser: in Khmer, at 320 pixels, by keyboard, with script and without."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in
from tests.services.factor_steps import code

OWN = "seven quiet lamps on a shelf"
OVERFLOWS = """() => [document.documentElement, ...document.querySelectorAll(".card")]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className || one.tagName)"""


@dataclass(frozen=True)
class Window:
    """A narrow window, and what was found wrong in it. Without script axe cannot look."""

    page: Page
    script: bool
    wrong: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Look what does not fit a narrow screen and, where scripts run, what axe finds."""
        assert self.page.get_attribute("html", "lang") == "km"
        self.wrong.extend(self.page.evaluate(OVERFLOWS))
        if self.script:
            self.wrong.extend(faults_in_both(self.page))


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Window]:
    size = {"width": 320, "height": 640}
    context = browser.new_context(viewport=size, java_script_enabled=request.param, locale="km-KH")
    yield Window(context.new_page(), request.param)
    context.close()


@pytest.fixture
def bopha(browser: Browser, portal: Portal) -> tuple[str, str]:
    """A new person of the demo, whose desk speaks Khmer: the name, and the password the admin was shown."""
    name = f"bopha {secrets.token_hex(4)}"
    context = browser.new_context(locale="en")
    page = context.new_page()
    sign_in(page, portal, "admin")
    page.goto(f"{portal.desk}/desk/admin/new")
    page.fill("#name", name)
    page.check("input[value=analyst]")
    page.check("input[name=language][value=km]")
    page.click("main form .go")
    password = page.inner_text("#new-password")
    context.close()
    return name, password


def enter(page: Page, portal: Portal, name: str, password: str) -> None:
    page.goto(f"{portal.desk}/desk/sign-in")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/desk/sign-in?" not in url and not url.endswith("/desk/sign-in"))


def leave(page: Page) -> None:
    page.click("form[action='/desk/sign-out'] button")
    page.wait_for_url("**/desk/sign-in")


@pytest.mark.browser
def test_it_is_turned_on_used_and_replaced_by_a_recovery_code(
    window: Window, portal: Portal, bopha: tuple[str, str]
) -> None:
    phone, (name, first) = window.page, bopha
    enter(phone, portal, name, first)
    phone.fill("#old", first)
    phone.fill("#password", OWN)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/desk/sign-in?why=new_password")
    enter(phone, portal, name, OWN)
    phone.goto(f"{portal.desk}/desk/me/second-factor")
    window.look()
    phone.fill("#password", OWN)
    phone.keyboard.press("Enter")
    secret = re.sub(r"\s", "", phone.inner_text("#secret"))
    window.look()
    assert phone.locator("main svg[role=img]").bounding_box()["width"] >= 200  # type: ignore[index]

    phone.fill("#code", "000000")
    phone.keyboard.press("Enter")
    expect(phone.locator(".errors")).to_be_visible()
    window.look()
    phone.fill("#code", code(secret))
    phone.keyboard.press("Enter")
    expect(phone.locator("#codes li")).to_have_count(10)
    codes = phone.locator("#codes li").all_inner_texts()
    window.look()
    phone.goto(f"{portal.desk}/desk/me")
    leave(phone)

    enter(phone, portal, name, OWN)
    expect(phone.locator("h1")).to_have_text("បញ្ចូលលេខកូដ")
    window.look()
    phone.fill("#code", code(secret, 1))
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{portal.desk}/desk/")
    phone.goto(f"{portal.desk}/desk/me/second-factor")
    window.look()
    leave(phone)

    enter(phone, portal, name, OWN)
    phone.locator("summary").last.click()
    phone.fill("#recovery", "b4dk-b4dk-b4dk")
    phone.keyboard.press("Enter")
    expect(phone.locator(".errors a")).to_have_attribute("href", "#recovery")
    expect(phone.locator("#recovery")).to_be_visible()
    window.look()
    phone.fill("#recovery", codes[0].upper())
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{portal.desk}/desk/")

    assert window.wrong == []
