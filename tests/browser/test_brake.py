"""What somebody on a phone meets while the site is flooded: with script a second's work, without it a minute's wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from hotline import clock
from hotline.blueprints.public import brake
from hotline.blueprints.public.brake import Brake
from hotline.extensions import limiter
from hotline.services import reply_links
from tests.blueprints.public.site import LANGUAGES, build
from tests.browser.axe import faults

WORDS = "ពាក្យរបស់ខ្ញុំ “my words”"


@dataclass
class Flooded:
    """A public site whose brake is on, and whose clock can be put forward."""

    url: str = ""
    reply: str = ""  # the page on which a letter is answered
    ahead: float = 0.0

    def now(self) -> float:
        return clock.now().timestamp() + self.ahead


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Flooded]:
    app = build(tmp_path)
    limiter.reset()
    site = Flooded()
    brakes = (Brake(1, site.now), Brake(1, site.now))
    for one in brakes:
        one.count()
        one.count()
    app.extensions[brake.BRAKES] = brakes
    server = make_server("127.0.0.1", 0, app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    with app.app_context():
        site.reply = f"{site.url}/reply/{reply_links.token_of('N-7GQ4M2')}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    limiter.reset()


@contextmanager
def phone(browser: Browser, *, script: bool, width: int = 360) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 640}, java_script_enabled=script)
    yield context.new_page()
    context.close()


def report(page: Page, site: Flooded, lang: str) -> None:
    """Fill in the form and send it."""
    page.goto(f"{site.url}/{lang}/report")
    page.check("input[name=category][value=csam]")
    page.fill("textarea[name=urls]", "https://seen.example/1")
    page.fill("textarea[name=details]", WORDS)
    page.click("#send")


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_script_pressing_again_after_a_minute_sends_it(browser: Browser, site: Flooded, lang: str) -> None:
    with phone(browser, script=False) as page:
        report(page, site, lang)
        expect(page.locator("#errors a[href^='tel:']")).to_be_visible()
        expect(page.locator("textarea[name=details]")).to_have_value(WORDS)
        expect(page.locator("input[name=category]:checked")).to_have_value("csam")
        page.click("#send")
        expect(page.locator("#errors")).to_be_visible()  # too early

        site.ahead = brake.PATIENCE + 1
        page.click("#send")

        expect(page.locator("#receipt-code")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_with_script_it_sends_itself_once_its_work_is_done(browser: Browser, site: Flooded, lang: str) -> None:
    with phone(browser, script=True) as page:
        report(page, site, lang)

        expect(page.locator("#receipt-code")).to_be_visible(timeout=30_000)


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["report", "follow-up"])
def test_a_held_page_is_open_to_everybody(browser: Browser, site: Flooded, lang: str, path: str) -> None:
    with phone(browser, script=True, width=320) as page:
        page.route("**/proof.js", lambda route: route.abort())  # so that the page stays
        if path == "report":
            report(page, site, lang)
        else:
            page.goto(f"{site.url}/{lang}/follow-up")
            page.fill("#code", "1234 5678 9012 3456")
            page.click("#follow-up-form button[type=submit]")
        expect(page.locator("form[data-proof]")).to_be_visible()

        assert faults(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
def test_with_script_an_answer_to_our_letter_may_go_after_a_second(site: Flooded, browser: Browser) -> None:
    with phone(browser, script=True) as page:
        page.goto(site.reply)
        page.get_by_label("We do not remove it").check()
        page.fill("#words", WORDS)
        page.get_by_role("button", name="Send answer").click()
        expect(page.locator("#errors")).to_be_visible()
        expect(page.get_by_text("Ready. You can send this now.")).to_be_visible(timeout=30_000)
        assert faults(page) == []
        assert page.input_value("#words") == WORDS

        page.get_by_role("button", name="Send answer").click()

        expect(page.locator("h1")).to_have_text("Your answer has arrived")
