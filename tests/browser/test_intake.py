"""Other ways in, in a browser: a report written down by keyboard, and a list that says how far it is."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults_in_both
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_desk import OVERFLOWS

WITH_SCRIPT = {"with script": True, "without script": False}


@pytest.fixture(params=WITH_SCRIPT.values(), ids=WITH_SCRIPT)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, locale="en")
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_a_list_is_uploaded_and_its_end_is_seen(page: Page, portal: Portal) -> None:
    sign_in(page, portal, "sophea")
    page.goto(f"{portal.desk}/desk/intake/lists")
    data = f"url,note\nhttps://list-{secrets.token_hex(4)}.example/1,x\n=2+2,y\n".encode()
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": data})
    page.select_option("#source", "partner")
    page.select_option("#category", "csam")
    page.fill("#origin", "A partner, letter 9")
    page.get_by_role("button", name="Take the list").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("List L-")
    done = page.get_by_text("2 of 2 lines")
    for _ in range(60):
        if done.is_visible():
            break
        page.wait_for_timeout(1000)
        if page.get_by_role("link", name="Look again").is_visible():
            page.get_by_role("link", name="Look again").click()
    expect(done).to_be_visible()
    expect(page.get_by_role("row", name="No address")).to_be_visible()


@pytest.mark.browser
def test_a_report_is_written_down_by_keyboard(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(locale="en")
    page = context.new_page()
    sign_in(page, portal, "sophea")
    page.goto(f"{portal.desk}/desk/intake/new")
    page.focus("#source")
    page.keyboard.type("Tele")
    page.keyboard.press("Tab")
    page.keyboard.type("Abuse")
    page.keyboard.press("Tab")
    page.keyboard.type(f"https://told-{secrets.token_hex(4)}.example/1")
    page.get_by_role("button", name="File the report").press("Enter")

    expect(page.get_by_text("What became of each line")).to_be_visible()
    assert faults_in_both(page) == []
    context.close()


@pytest.mark.browser
def test_a_list_says_why_a_line_failed_and_fits_a_small_screen(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en")
    page = context.new_page()
    sign_in(page, portal, "sophea")
    page.goto(f"{portal.desk}/desk/intake/lists")
    long = "https://a-column-with-a-very-long-name-without-a-break.example/" + "x" * 60
    data = f"category,url,{long}\ncsam,ftp://{secrets.token_hex(4)}.example/1,x\n,=2+2,y\n".encode()
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": data})
    page.select_option("#source", "partner")
    page.select_option("#category", "csam")
    page.fill("#origin", "A partner, letter 10")
    page.get_by_role("button", name="Take the list").click()

    expect(page.get_by_text("2 of 2 lines")).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.get_by_text("It does not lead to a web page.")).to_be_visible()
    expect(page.get_by_role("heading", name="How the file was read")).to_be_visible()
    assert page.evaluate(OVERFLOWS) == []
    assert faults_in_both(page) == []
    context.close()
