"""Letters in a browser: a text written anew and looked at, and a notice that a person types into a form."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from hotline.rules.letter_texts import BEGIN, END
from tests.browser.axe import faults
from tests.browser.conftest import Portal, sign_in


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 700}, locale="en", forced_colors="active")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="en")
    yield context.new_page()
    context.close()


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.browser
def test_a_letter_is_looked_at_before_it_counts(narrow: Page, portal: Portal) -> None:
    sign_in(narrow, portal, "vanna")
    narrow.goto(f"{portal.desk}/desk/notices/templates")
    assert faults(narrow) == []
    narrow.locator("a[href$='/reminder/en']").click()
    assert faults(narrow) == []
    assert fits(narrow)

    narrow.locator("#body").fill("No place stands here.")
    narrow.get_by_role("button", name="Preview").click()
    expect(narrow.locator(".errors")).to_contain_text("has to stand in this text")
    expect(narrow.locator("#body")).to_have_value("No place stands here.")

    narrow.locator("#body").fill(f"{{ref}} {{earlier}} {{finding}}\n{BEGIN}\n{{addresses}}\n{END}\n")
    narrow.get_by_role("button", name="Preview").click()
    expect(narrow.locator("#preview-h")).to_be_visible()
    expect(narrow.locator(".letter").first).to_contain_text("hxxps://img-board[.]example")
    assert faults(narrow) == []


@pytest.mark.browser
def test_a_notice_is_typed_into_a_form_and_its_answer_noted(narrow: Page, without_script: Page, portal: Portal) -> None:
    sign_in(narrow, portal, "dara")
    narrow.goto(f"{portal.desk}/desk/notices?status=kept")
    narrow.locator("tr", has_text="Example Pictures Inc.").locator("th a").click()
    notice = narrow.url
    assert faults(narrow) == []
    assert fits(narrow)

    narrow.get_by_text("Show what to type in").click()
    narrow.get_by_role("button", name="Show it").click()
    expect(narrow.locator("#fields-h")).to_be_focused()
    narrow.get_by_role("button", name="Copy The addresses").click()
    expect(narrow.locator("#live")).to_have_text("Copied.")
    assert narrow.evaluate("navigator.clipboard.readText()") == narrow.locator("#field-1").inner_text()
    assert faults(narrow) == []

    sign_in(without_script, portal, "dara")
    without_script.goto(notice)
    without_script.get_by_text("Show what to type in").click()
    without_script.get_by_role("button", name="Show it").click()
    expect(without_script.locator("#field-1")).to_contain_text("https://")
    without_script.get_by_role("link", name="Back to the notice").click()
    without_script.get_by_role("button", name="It is typed in").click()
    expect(without_script.locator(".errors")).to_contain_text("Write the number or word")
    without_script.locator("#reference").fill("AB-991")
    without_script.get_by_role("button", name="It is typed in").click()
    expect(without_script.locator("body")).to_contain_text("AB-991")
    expect(without_script.locator("body")).to_contain_text("Typed into the recipient")
