"""An item's page in a browser: its reports' words, notes and merging, by keyboard, and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_desk import first_in_hand

NOTHING_HIDDEN_SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".card")]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.id || one.className || one.tagName)"""
COVERED = """() => {
    const at = document.activeElement, bar = document.querySelector("form.long > .save");
    if (!at.closest("form.long") || bar.contains(at)) return "";
    const field = at.getBoundingClientRect(), over = bar.getBoundingClientRect();
    const free = field.bottom <= over.top + 1 || field.top >= over.bottom;
    return free && field.top >= 0 && field.bottom <= innerHeight ? "" : at.name || at.textContent;
}"""


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
    for link in [one.get_attribute("href") for one in page.locator("#items-rows tbody th a").all()]:
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
    laptop.locator("summary", has_text="Write a note").press("Enter")
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


@pytest.mark.browser
def test_keys_press_what_stands_on_the_page_and_a_class_opens_what_it_needs(browser: Browser, portal: Portal) -> None:
    may = ["clipboard-read", "clipboard-write"]
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en", permissions=may).new_page()
    sign_in(page, portal, "sophea")
    item = first_in_hand(page, portal)
    described = page.locator("details", has=page.locator("#age"))
    reason = page.locator("details", has=page.locator("#reason"))
    assert page.locator("form.long").evaluate("form => form.offsetHeight") < 1700
    assert faults(page) == []

    page.locator("h1").click()
    page.keyboard.press("1")
    expect(described).to_have_attribute("open", "")
    expect(reason).not_to_have_attribute("open", "")
    page.keyboard.press("3")
    expect(reason).to_have_attribute("open", "")
    page.locator("form.long details").evaluate_all("all => all.forEach(one => (one.open = true))")
    page.locator("form.long [name=inhope_class]").first.focus()
    for _ in range(70):
        assert page.evaluate(COVERED) == ""
        page.keyboard.press("Tab")

    page.locator("h1").click()
    page.keyboard.press("y")
    expect(page.locator("#live")).to_have_text("The safe link is copied.")
    page.locator("#note").fill("j")
    assert page.url.partition("?")[0] == item
    page.locator("h1").click()
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url.partition("?")[0] != item)
    page.context.close()
