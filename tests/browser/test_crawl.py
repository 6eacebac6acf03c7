"""Somebody without script who follows every link of the public site, and sends every form, empty and filled in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser import states
from tests.browser.open_site import REPORTED, OpenSite, visiting

pytestmark = pytest.mark.browser

ANSWERS = {
    "urls": REPORTED,
    "details": "In a group chat.",
    "contact": "somebody@mail.example",
    "what": "Somebody asks a child for money.",
    "safe_contact": "By message only.",
    "code": "0000 0000 0000 0000",
    "ending": "0000",
    "message": "One thing more.",
}
FILES = {".csv", ".webmanifest"}  # what is loaded instead of shown
LEAST = 15 * 2  # pages; a crawl that finds fewer has lost its way
PROMISES = {"h1": 1, "title": 1, "a.exit[href^='https://']": 1, "[lang='']": 0}
COUNT = """promises => [
    document.documentElement.lang, promises.map(one => document.querySelectorAll(one).length)]"""
LINKS = """() => [...document.querySelectorAll("a[href], link[href]:not([href='data:,'])")].map(one => {
    const [page, place] = one.href.split("#");
    return [page, place || "", page !== location.href.split("#")[0] || !place || !!document.getElementById(place)];
})"""
BUTTONS = """[...document.querySelectorAll("form [type=submit], [type=submit][form]")]"""
KINDS = f"() => {BUTTONS}.map(one => [one.form.action, one.formAction, one.name, one.value])"
PRESS = f"number => {BUTTONS}[number].click()"  # the hidden ones too: Enter presses them
FILL = """answers => {
    for (const one of document.querySelectorAll("textarea, [type=text]")) one.value = answers[one.name] || "";
    for (const one of document.querySelectorAll("fieldset [type=radio]:first-of-type")) one.checked = true;
}"""


@dataclass
class Crawl:
    """What was visited and what was wrong with it."""

    page: Page
    site: OpenSite
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    forms: set[tuple[str, ...]] = field(default_factory=set)

    def from_(self, path: str) -> None:
        """Visit a page and all that can be reached from it."""
        waiting = [path]
        while waiting:
            path = waiting.pop()
            if path in self.seen:
                continue
            self.seen.add(path)
            self.page.context.clear_cookies()
            found = self.visit(path)
            if found:
                self.judge(found, path, allowed={200})
                waiting += self.links()
                self.send_every_form(path)

    def visit(self, path: str) -> Response | None:
        """Open a page; a file is only asked for. Returns the page's answer."""
        if any(path.endswith(ending) for ending in FILES):
            answer = self.page.request.get(self.site.url + path)
            if answer.status != 200:
                self.faults.append(f"{path}: {answer.status}")
            return None
        return self.page.goto(self.site.url + path)

    def judge(self, answer: Response | None, where: str, *, allowed: set[int]) -> None:
        """Hold an answer to what every page promises."""
        status = answer.status if answer else 0
        if status not in allowed:
            self.faults.append(f"{where}: {status}")
        promises = PROMISES | {f"header a[href='/{urlsplit(self.page.url).path[1:3]}/']": 1}
        lang, counts = self.page.evaluate(COUNT, list(promises))
        if lang != urlsplit(self.page.url).path[1:3]:
            self.faults.append(f"{where}: its language is {lang}")
        wrong = [what for what, count in zip(promises, counts, strict=True) if count != promises[what]]
        self.faults += [f"{where}: not {promises[what]} of {what}" for what in wrong]

    def links(self) -> list[str]:
        """Return the paths that the page leads to; a place on this page has to be there."""
        paths = []
        for target, place, is_there in self.page.evaluate(LINKS):
            if target.startswith(self.site.url):
                paths.append(target.removeprefix(self.site.url))
                self.faults += [] if is_there else [f"{self.page.url}: no place {target}#{place}"]
            elif urlsplit(target).scheme not in {"https", "tel", "mailto"}:
                self.faults.append(f"{self.page.url}: a link to {target}")
        return paths

    def send_every_form(self, path: str) -> None:
        """Send each form of a page, empty and filled in, by each of its buttons; what stands on many pages, once."""
        for number, key in enumerate(map(tuple, self.page.evaluate(KINDS))):
            if key not in self.forms:
                self.forms.add(key)
                self.press(number, str(key), lambda: self.page.goto(self.site.url + path))

    def press(self, number: int, what: str, bring: Callable[[], object]) -> None:
        """Press a button of the page that `bring` brings, once with every field empty and once with answers."""
        for how in (leave, fill):
            self.page.context.clear_cookies()
            bring()
            how(self.page)
            with self.page.expect_navigation() as answered:
                self.page.evaluate(PRESS, number)
            self.judge(answered.value, f"{what} {how.__name__}", allowed={200, 410, 422})


def leave(page: Page) -> None:
    """Leave every field as it is, and let the browser stop nothing."""
    page.evaluate("() => { for (const one of document.forms) one.noValidate = true }")


def fill(page: Page) -> None:
    """Answer everything that can be answered; the trap is left alone."""
    leave(page)
    page.evaluate(FILL, ANSWERS)


def test_every_link_leads_somewhere_and_every_form_is_answered(browser: Browser, open_site: OpenSite) -> None:
    with visiting(browser, script=False) as page:
        crawl = Crawl(page, open_site)
        crawl.from_("/km/")

    assert crawl.faults == []
    assert len(crawl.seen) >= LEAST
    assert {path[1:3] for path in crawl.seen} == set(states.LANGUAGES)
    assert {f"/{one}/{path}" for one in states.LANGUAGES for path in states.PAGES_TO_FIND} <= crawl.seen


@pytest.mark.parametrize(
    ("state", "lang"),
    [
        ("receipt", "km"),
        ("receipt", "en"),
        ("receipt of help", "km"),
        ("receipt of sextortion", "km"),
        ("report without a link", "en"),
        ("status with messages", "km"),
        ("status of help", "en"),
    ],
)
def test_what_only_one_person_sees_leads_on_too(browser: Browser, open_site: OpenSite, lang: str, state: str) -> None:
    with visiting(browser, script=False) as page:
        crawl = Crawl(page, open_site)

        def bring() -> None:
            states.STATES[state](page, open_site, lang)

        bring()
        links, buttons = set(crawl.links()), len(page.evaluate(KINDS))
        for number in range(buttons):
            crawl.press(number, f"{state}, button {number}", bring)
        for path in links:
            crawl.judge(crawl.visit(path), path, allowed={200, 410})

    assert crawl.faults == []
    assert links
    assert buttons


@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_from_the_first_address_a_browser_comes_to_its_language(
    browser: Browser, open_site: OpenSite, lang: str
) -> None:
    with visiting(browser, script=False, locale=lang) as page:
        page.goto(open_site.url)

        assert page.url == f"{open_site.url}/{lang}/"
