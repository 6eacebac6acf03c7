"""The queue in a browser: by keyboard alone, without script, on a phone, and as axe sees it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_desk import NAMELESS, OVERFLOWS

pytestmark = pytest.mark.browser

QUEUE = "/desk/items?whose=nobody"
ROWS = "#items-rows tbody tr:not(.peek)"


@pytest.fixture
def laptop(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="en", java_script_enabled=False)
    yield context.new_page()
    context.close()


def open_queue(page: Page, portal: Portal, name: str = "dara") -> None:
    sign_in(page, portal, name)
    page.goto(portal.desk + QUEUE)


def test_by_keyboard_alone_one_moves_looks_selects_claims_and_opens(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    press = laptop.keyboard.press
    first, second = (laptop.locator(ROWS).nth(number) for number in range(2))
    ref = second.locator("th a").inner_text()

    press("j")
    expect(first.locator("th a")).to_be_focused()
    press("j")
    press("j")
    press("k")
    expect(second.locator("th a")).to_be_focused()
    expect(second).to_have_class("at")
    press("x")
    expect(second.locator("[name=item]")).to_be_checked()
    expect(laptop.locator("#live")).to_have_text("Selected: 1")
    press("x")

    press("o")
    expect(laptop.locator(f"#item-peek-{ref} .url")).to_contain_text("hxxps://")
    expect(second.locator("[data-peek]")).to_have_attribute("aria-expanded", "true")
    press("o")
    expect(laptop.locator(f"#item-peek-{ref}")).to_have_count(0)
    expect(second.locator("[data-peek]")).to_have_attribute("aria-expanded", "false")

    press("c")
    expect(laptop.locator(f"#item-row-{ref} td").last).to_contain_text("You")
    expect(laptop.locator(f"#item-row-{ref} th a")).to_be_focused()
    press("Enter")
    laptop.wait_for_url(f"**/desk/items/{ref}*")


def test_a_row_opens_once_however_quickly_one_presses(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    laptop.keyboard.press("j")
    ref = laptop.locator(ROWS).first.locator("th a").inner_text()

    with laptop.expect_response(f"**/desk/items/{ref}/peek*"):
        laptop.evaluate(
            "() => ['o', 'o', 'o'].forEach((key) =>"
            " document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })))"
        )
    expect(laptop.locator(".peek").first).to_be_visible()
    laptop.wait_for_load_state("networkidle")
    expect(laptop.locator(".peek")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False])
def test_enter_on_the_box_of_a_row_claims_nothing(browser: Browser, portal: Portal, script: bool) -> None:
    context = browser.new_context(locale="en", java_script_enabled=script)
    page = context.new_page()
    open_queue(page, portal)
    free = page.locator(f"{ROWS} [data-claim]").count()
    box = page.locator(ROWS).last.locator("[name=item]")

    box.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")

    expect(page.locator("h1")).to_have_text("Queue")
    expect(page.locator(f"{ROWS} [data-claim]")).to_have_count(free)
    expect(page.locator(".errors, .note.done")).to_have_count(0)
    context.close()


def test_keys_wait_while_somebody_types_and_are_explained(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    press = laptop.keyboard.press

    press("/")
    expect(laptop.locator("#find")).to_be_focused()
    press("j")
    press("?")
    expect(laptop.locator("#find")).to_have_value("j?")
    laptop.locator("h1").click()
    press("?")
    expect(laptop.locator("#keys")).to_be_visible()
    press("j")
    expect(laptop.locator("tr.at")).to_have_count(0)
    press("Escape")
    expect(laptop.locator("#keys")).to_be_hidden()


def test_whoever_turns_the_keys_off_has_none(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal, "vanna")
    laptop.goto(f"{portal.desk}/desk/me")
    laptop.click("button:has-text('Turn keys off')")
    laptop.goto(portal.desk + QUEUE)

    laptop.keyboard.press("j")

    expect(laptop.locator("tr.at")).to_have_count(0)
    expect(laptop.locator("kbd:visible")).to_have_count(0)
    laptop.goto(f"{portal.desk}/desk/me")
    laptop.click("button:has-text('Turn keys on')")


def test_without_script_rows_open_on_their_page_and_several_are_claimed(scriptless: Page, portal: Portal) -> None:
    open_queue(scriptless, portal, "vanna")
    row = scriptless.locator(ROWS).last
    ref = row.locator("th a").inner_text()

    row.locator("[data-peek]").click()
    scriptless.wait_for_url(f"**/desk/items/{ref}*")
    scriptless.go_back()
    row.locator("[name=item]").check()
    scriptless.click("button[value=claim]")
    expect(scriptless.locator(".note.done")).to_contain_text("1 item is in your hands now.")
    scriptless.goto(f"{portal.desk}/desk/items?whose=me")
    scriptless.check(f"[name=item][value={ref}]")
    scriptless.click("button[value=pass_on]")
    expect(scriptless.locator(".note.done")).to_contain_text("1 item is back in the queue.")


def test_what_is_done_with_a_row_is_said_and_taken_back_in_place(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    row = laptop.locator(ROWS).last
    ref = row.locator("th a").inner_text()
    row = laptop.locator(f"#item-row-{ref}")

    row.locator("[data-claim]").click()
    expect(laptop.locator("#live")).to_have_text(f"{ref} is in your hands now.")
    expect(row.locator("th a")).to_be_focused()
    laptop.locator(".toast >> text=Undo").click()
    expect(laptop.locator("#live")).to_have_text(f"{ref} is back in the queue for somebody else.")
    expect(row.locator("[data-claim]")).to_be_visible()
    expect(row.locator("th a")).to_have_attribute("href", f"/desk/items/{ref}?whose=nobody")
    laptop.locator(".toast >> text=Close").click()
    expect(laptop.locator(".toast")).to_have_count(0)
    expect(row.locator("th a")).to_be_focused()


def test_a_row_opened_in_place_passes_its_item_on_in_place(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    ref = laptop.locator(ROWS).last.locator("th a").inner_text()
    row = laptop.locator(f"#item-row-{ref}")
    row.locator("[data-claim]").click()
    expect(row.locator("td").last).to_contain_text("You")

    row.locator("[data-peek]").click()
    laptop.locator(f"#item-peek-{ref} >> text=Pass it on").click()

    expect(row.locator("[data-claim]")).to_be_visible()
    expect(laptop.locator(".peek")).to_have_count(0)
    expect(laptop.locator("h1")).to_have_text("Queue")


def test_heads_put_the_rows_in_another_order_and_the_form_knows(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)

    laptop.locator("#by-reports").focus()
    laptop.keyboard.press("Enter")

    expect(laptop.locator("[aria-sort] a")).to_have_id("by-reports")
    expect(laptop.locator("#by-reports")).to_be_focused()
    expect(laptop.locator("select[name=sort]")).to_have_value("reports")
    assert laptop.url.endswith("whose=nobody&sort=reports")
    counts = [int(one) for one in laptop.locator(f"{ROWS} td:nth-child(7)").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)


def test_two_keys_lead_past_the_filters_to_the_first_row(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)

    for key in ("Tab", "Tab", "Enter", "Tab"):
        laptop.keyboard.press(key)

    expect(laptop.locator(ROWS).first.locator("[name=item]")).to_be_focused()


def test_keeping_a_filter_moves_nothing(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    before = laptop.locator("#items-rows").bounding_box()

    laptop.click("summary:has-text('Save this filter')")

    expect(laptop.locator("#name")).to_be_visible()
    assert laptop.locator("#items-rows").bounding_box() == before
    assert laptop.locator(".icon").first.evaluate("one => getComputedStyle(one).textDecorationLine") == "none"


def test_on_a_phone_a_row_takes_no_more_than_its_lines(laptop: Page, portal: Portal) -> None:
    laptop.set_viewport_size({"width": 360, "height": 640})
    open_queue(laptop, portal)

    heights = laptop.locator(ROWS).evaluate_all("rows => rows.map(row => row.offsetHeight)")

    assert sum(heights) / len(heights) < 140


def test_the_tab_follows_the_filter(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    laptop.goto(f"{portal.desk}/desk/items")

    laptop.select_option("select[name=priority]", "1")

    expect(laptop.locator(".tabs [aria-current]")).to_contain_text("Child in danger")
    for form in laptop.locator("form[data-follows]").all():
        assert "priority=1" in form.evaluate("form => form.action")


def test_on_a_phone_nothing_sticks_out_and_each_cell_has_a_name(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    laptop.locator("[data-peek]").first.click()
    laptop.wait_for_selector("tr.peek")
    laptop.set_viewport_size({"width": 360, "height": 640})

    assert laptop.evaluate(OVERFLOWS) == []
    assert laptop.evaluate(NAMELESS) == []


def test_axe_finds_nothing_in_an_open_row_nor_in_the_help(laptop: Page, portal: Portal) -> None:
    open_queue(laptop, portal)
    laptop.locator("[data-peek]").first.click()
    laptop.wait_for_selector("tr.peek")
    laptop.locator(".tabs summary").first.click()
    laptop.locator("[name=item]").first.check()
    found = faults_in_both(laptop)
    laptop.locator("h1").click()
    laptop.keyboard.press("?")
    laptop.wait_for_selector("#keys[open]")
    found += faults_in_both(laptop)

    assert found == []
