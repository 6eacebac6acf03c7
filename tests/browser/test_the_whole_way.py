"""The whole way of one report: from the Khmer form on a phone to the letter in a hosting provider's mail server.

Real browser, real processes, real queue server, real mail server; once with scripts and once without any.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.conftest import Portal
from tests.deploy.processes import wait_for

PHONE: ViewportSize = {"width": 360, "height": 640}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
DESCRIBED = {
    "inhope_class": "baseline",
    "law": "illegal",
    "visible": "yes",
    "naked": "yes",
    "under_18": "yes",
    "sexual": "yes",
    "age": "pre_pubescent",
    "gender": "not_determined",
    "media": "image",
    "confidence": "high",
}


@dataclass(frozen=True)
class People:
    """Whoever uses the portal, each with a browser window of their own."""

    browser: Browser
    portal: Portal
    script: bool

    @contextmanager
    def window(self, size: ViewportSize) -> Iterator[Page]:
        """Open a window; what the page complains about fails the test."""
        context = self.browser.new_context(
            viewport=size,
            locale="km-KH",
            java_script_enabled=self.script,
            ignore_https_errors=True,  # nobody knows the certificate of a test
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()
        assert complaints == []

    @contextmanager
    def at_the_desk(self, name: str) -> Iterator[Page]:
        """Open a window and sign in."""
        with self.window(LAPTOP) as page:
            self.sign_in(page, name)
            yield page

    def sign_in(self, page: Page, name: str) -> None:
        """Sign in at the desk."""
        page.goto(f"{self.portal.desk}/desk/sign-in")
        page.fill("#name", name)
        page.fill("#password", self.portal.password(name))
        page.click("main button")
        expect(page).to_have_url(f"{self.portal.desk}/desk/")

    def report(self, page: Page, address: str) -> str:
        """Report an address as a visitor on a phone does, in Khmer; return the receipt code."""
        page.goto(self.portal.public)
        page.click("main a[href='/km/report']")
        page.check("input[name=category][value=csam]")
        page.fill("textarea[name=urls]", f"សូមមើល {address}។")
        page.fill("textarea[name=details]", "ខ្ញុំបានឃើញវានៅក្នុងក្រុមជជែក។")
        page.check("input[name=in_danger][value=unsure]")
        page.click("#send")
        code = page.locator("#receipt-code").inner_text()
        page.fill("#ending", code[-4:])
        page.click("main form button[type=submit]")
        expect(page.locator("#receipt-code")).to_have_count(0)
        return code

    def find(self, page: Page, host: str) -> str:
        """Return the reference of the item on `host`, once the sweeper has brought it to the desk."""

        def look() -> str:
            page.goto(f"{self.portal.desk}/desk/items?category=csam&whose=nobody")
            row = page.locator("tr", has_text=host)
            return row.locator("th a").inner_text() if row.count() else ""

        return wait_for(look, f"an item on {host}")

    def look(self, page: Page, ref: str) -> None:
        """Claim an item in the queue and hand in the first look."""
        page.locator(f"#item-row-{ref} button").click()
        if self.script:
            expect(page.locator(f"#item-row-{ref} button")).to_have_count(0)  # claimed in place
            page.click(f"#item-row-{ref} th a")
        describe(page)
        expect(page.locator("main .note.done")).to_be_visible()

    def look_again(self, page: Page, ref: str) -> None:
        """Take the second look, which shows nothing of the first, and hand it in."""
        page.goto(f"{self.portal.desk}/desk/reviews")
        page.click(f"main a:text-is('{ref}')")
        page.click("main form[action$='/take'] button")
        expect(page.locator("form[data-class-keys]")).to_be_visible()
        assert not page.locator("form[data-class-keys] input[name=inhope_class]:checked").count()
        describe(page)
        expect(page).to_have_url(re.compile(rf"/desk/items/{ref}(#.*)?$"))

    def write(self, page: Page, ref: str) -> str:
        """Draft a letter about an item, read it and approve it; return its reference."""
        page.click(f"main a[href='/desk/notices/new?item={ref}']")
        page.locator("label", has_text="Example Hosting B.V.").locator("input").check()
        page.check("input[name=language][value=en]")
        page.click("main form.card button.go")
        expect(page.locator(".letter")).to_contain_text("BEGIN ADDRESSES")
        notice = page.url.rpartition("/")[2]
        page.check("#compared")
        page.click("#approve")
        return notice

    def letter(self, notice: str) -> EmailMessage:
        """Return a letter once it has come to the mail server."""

        def look() -> list[EmailMessage]:
            return [taken.message for taken in list(self.portal.mail.letters) if notice in taken.message["Subject"]]

        return wait_for(look, f"the letter {notice}")[0]

    def follow(self, page: Page, code: str) -> str:
        """Return how far a report is, as its reporter reads it."""
        page.goto(f"{self.portal.public}/km/follow-up")
        page.fill("#code", code)
        page.click("#follow-up-form button")
        return page.locator("li[aria-current=step] h3").inner_text()


def describe(page: Page) -> None:
    """Fill in the assessment and hand it in, opening what is folded."""
    folded = page.locator("form[data-class-keys] details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    for field, answer in DESCRIBED.items():
        page.check(f"input[name={field}][value={answer}]")
    page.select_option("select[name=site_type]", "image_board")
    page.click("form[data-class-keys] button.go")


def acted_on(data_dir: Path) -> int:
    """Return how many reporters can read that something was done."""
    with sqlite3.connect(f"file:{data_dir / 'front.sqlite3'}?mode=ro", uri=True) as front:
        return int(front.execute("SELECT count(*) FROM receipts WHERE status = 'action_taken'").fetchone()[0])


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_a_report_in_khmer_becomes_a_letter(browser: Browser, portal: Portal, script: bool) -> None:
    people = People(browser, portal, script)
    host = "with-script.example" if script else "without-script.example"
    address = f"https://{host}/t/1?page=2"
    before = acted_on(portal.data_dir)

    with people.window(PHONE) as phone:
        code = people.report(phone, address)
    with people.at_the_desk("sophea") as sophea:
        ref = people.find(sophea, host.replace(".", "[.]"))
        people.look(sophea, ref)
    with people.at_the_desk("dara") as dara:
        people.look_again(dara, ref)
        notice = people.write(dara, ref)
        letter = people.letter(notice)
        wait_for(lambda: acted_on(portal.data_dir) > before, "the reporter's status to move on")
        dara.goto(f"{portal.desk}/desk/notices/{notice}")
        expect(dara.locator("main .pill.done").first).to_be_visible()

    assert letter["To"] == "abuse@hosting.example"
    attached, _report = letter.iter_attachments()
    assert attached.get_content().split() == [address]
    assert not [name for name in ("sophea", "dara") if name in letter.as_string()]
    with people.window(PHONE) as phone:
        assert people.follow(phone, code) == "បានចាត់វិធានការ"
        assert phone.locator("html").get_attribute("lang") == "km"


@pytest.mark.browser
@pytest.mark.parametrize("path", ["", "report", "follow-up", "help", "privacy", "cookies"])
@pytest.mark.parametrize("language", ["km", "en"])
@pytest.mark.parametrize("width", [320, 360])
def test_no_public_page_is_wider_than_a_phone(
    browser: Browser, portal: Portal, language: str, path: str, width: int
) -> None:
    with People(browser, portal, script=True).window({"width": width, "height": 640}) as phone:
        phone.goto(f"{portal.public}/{language}/{path}")

        assert phone.evaluate("() => document.documentElement.scrollWidth") <= width
