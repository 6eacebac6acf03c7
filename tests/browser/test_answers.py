"""A host answers by the link in our letter, on a small screen without script, and people at the desk see to it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Portal, sign_in
from tests.deploy.processes import wait_for


@pytest.fixture
def host(browser: Browser) -> Iterator[Page]:
    """Open the browser of somebody at an abuse desk: a small screen, no script."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False, locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def looked_at(browser: Browser) -> Iterator[Page]:
    """Open the same with script, for what looks at a page's accessibility."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 700}, locale="en")
    yield context.new_page()
    context.close()


def link_in_a_letter(portal: Portal) -> tuple[str, str]:
    """Return the link that a letter names which was mailed, and our reference of its notice."""
    found: list[tuple[str, str]] = []

    def has_come() -> bool:
        for taken in list(portal.mail.letters):
            body = taken.message.get_body(("plain",))
            text = body.get_content() if body is not None else ""
            found.extend(
                (one[0], one[2]) for one in re.finditer(r"(http\S+/reply/)(N-\w{6})\S+", text) if one is not None
            )
        return bool(found)

    wait_for(has_come, "a letter with a link")
    return found[0]


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.browser
def test_from_the_link_in_a_letter_to_the_desk(host: Page, looked_at: Page, desk: Page, portal: Portal) -> None:
    link, ref = link_in_a_letter(portal)
    looked_at.goto(link)
    assert faults(looked_at) == []
    assert fits(looked_at)

    host.goto(link)
    expect(host.locator("h1")).to_have_text(f"Answer our notice {ref}")
    host.get_by_label("We do not remove it").check()
    host.get_by_role("button", name="Send answer").click()
    expect(host.locator("#errors")).to_contain_text("Say it in a few words")
    host.locator("#words").fill("It is a school play.")
    host.get_by_role("button", name="ខ្មែរ").click()
    expect(host.locator("html")).to_have_attribute("lang", "km")
    expect(host.locator("#words")).to_have_value("It is a school play.")
    host.get_by_role("button", name="English").click()
    host.get_by_role("button", name="Send answer").click()
    expect(host.locator("h1")).to_have_text("Your answer has arrived")

    looked_at.goto(link[:-1] + "!")
    expect(looked_at.locator("h1")).to_have_text("This link does not work (any more)")
    assert faults(looked_at) == []

    sign_in(desk, portal, "vanna")
    wait_for(lambda: _stands(desk, portal, ref), "the answer at the desk")
    assert faults(desk) == []
    assert fits(desk)
    desk.locator(f"#notice-answers-{ref} a", has_text="They do not remove it").click()
    expect(desk.locator(".said")).to_have_text("It is a school play.")
    assert faults(desk) == []

    desk.get_by_role("link", name="Open an appeal").click()
    expect(desk.locator("#words")).to_have_value("It is a school play.")
    assert faults(desk) == []
    desk.get_by_role("button", name="Open it").click()
    expect(desk.locator("h1")).to_contain_text("Appeal")
    assert faults(desk) == []
    assert fits(desk)

    desk.get_by_label("The verdict is withdrawn").check()
    desk.locator("#reason").fill("A school play, looked at again.")
    desk.get_by_role("button", name="Decide it so").click()
    expect(desk.locator("#tell-h")).to_be_visible()
    desk.get_by_role("button", name="Approve them and send").click()
    wait_for(lambda: _taken_back(portal, ref), "the letter that takes it back")
    assert faults(desk) == []
    desk.goto(f"{portal.desk}/desk/appeals")
    assert faults(desk) == []
    assert fits(desk)


def _stands(desk: Page, portal: Portal, ref: str) -> bool:
    desk.goto(f"{portal.desk}/desk/notices/{ref}")
    return desk.locator(f"#notice-answers-{ref} .pill").count() > 0


def _taken_back(portal: Portal, ref: str) -> bool:
    return any(f"We take back our notice {ref}" in taken.message["Subject"] for taken in list(portal.mail.letters))
