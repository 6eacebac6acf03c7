"""An item's page in a browser: its reports' words, notes and merging, by keyboard, and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Portal
from tests.browser.test_accessibility import faults, sign_in

NOTHING_HIDDEN_SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".card")]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.id || one.className || one.tagName)"""


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def laptop(browser: Browser, script: bool) -> Iterator[Page]:
    size = {"width": 1366, "height": 768}
    context = browser.new_context(viewport=size, java_script_enabled=script, locale="en")
    yield context.new_page()
    context.close()


def open_one_of_a_pair(page: Page, portal: Portal) -> str:
    """Open an item beside which another may show the same; return its address."""
    page.goto(f"{portal.desk}/desk/items?whose=nobody&sort=oldest&category=csam")
    for link in [one.get_attribute("href") for one in page.locator("#items-rows th a").all()]:
        page.goto(portal.desk + str(link))
        if page.get_by_role("heading", name="Perhaps the same").count():
            return page.url
    pytest.fail("the demo has no two items that may show the same")


@pytest.mark.browser
def test_words_a_note_and_a_merge_by_keyboard(laptop: Page, portal: Portal, script: bool) -> None:
    look = faults if script else lambda _page: []  # axe waits for timers, which never ring where scripts are off
    sign_in(laptop, portal, "sophea")
    item = open_one_of_a_pair(laptop, portal)
    assert laptop.get_by_role("heading", name="Earlier decisions").is_visible()

    laptop.locator("a[href*='/words/']").first.press("Enter")
    expect(laptop.get_by_text("Typed as")).to_be_visible()
    if laptop.url != item:
        laptop.get_by_role("link", name="Back to the item").press("Enter")
    laptop.get_by_label("Write a note").fill("Seen on two pages.")
    laptop.get_by_role("button", name="Save the note").press("Enter")
    expect(laptop.locator(".talk .ours").first).to_contain_text("Seen on two pages.")
    assert look(laptop) == []
    laptop.set_viewport_size({"width": 320, "height": 640})
    assert laptop.evaluate(NOTHING_HIDDEN_SIDEWAYS) == []

    laptop.get_by_role("link", name="Compare").first.press("Enter")
    assert look(laptop) == []
    laptop.get_by_role("button", name="Yes, merge it").press("Enter")
    expect(laptop.get_by_role("heading", name="Merged into this item")).to_be_visible()
    assert look(laptop) == []
    laptop.locator(".sure summary", has_text="Undo").press("Enter")
    laptop.get_by_role("button", name="Yes, undo the merge").press("Enter")
    expect(laptop.get_by_role("heading", name="Nobody has this item")).to_be_visible()
