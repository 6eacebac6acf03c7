"""Every page and state of the public site on small screens, in large text and forced colours, and by keyboard alone.

What each looked like at 360 pixels is kept under `var/screens/`, for people; where something is wrong, that too.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import states
from tests.browser.axe import faults_in_both
from tests.browser.open_site import REPORTED, OpenSite, visiting

pytestmark = pytest.mark.browser

SCREENS = Path(__file__).parents[2] / "var" / "screens"
EVERYTHING = states.PAGES | states.STATES
PICTURED = 360
BROWSERS_OWN = 212.5  # per cent: our 106.25, twice

# What sticks out of the screen to either side, what is cut off or set small, and a way out that is not in sight.
# Left out is what is only there for screen readers (.vh), for programs (.trap) or for the Tab key (.skip).
LOOK = """() => {
    const faults = [], wide = innerWidth, root = document.scrollingElement;
    const box = one => one.getBoundingClientRect();
    const name = one => one.tagName.toLowerCase() + (one.id && `#${one.id}`) + (one.className && `.${one.className}`);
    const small = 0.8 * parseFloat(getComputedStyle(document.documentElement).fontSize);
    scrollTo(0, 0);
    if (root.scrollWidth > wide) faults.push(`scrolls sideways by ${root.scrollWidth - wide}`);
    for (const one of document.body.querySelectorAll("*")) {
        if (one.closest(".vh, .trap, .skip, svg") || !one.checkVisibility()) continue;
        const { width, left, right } = box(one);
        if (width && (right > wide + 1 || left < -1)) faults.push(`${name(one)} sticks out: ${left} to ${right}`);
        if (parseFloat(getComputedStyle(one).fontSize) < small) faults.push(`${name(one)} is set too small to read`);
        if (getComputedStyle(one).overflowX === "visible" || one.matches("textarea, input")) continue;
        const cut = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
        if (cut) faults.push(`${name(one)} is cut off`);
    }
    const out = box(document.querySelector("a.exit"));
    const seen = out.width && out.top >= 0 && out.bottom <= innerHeight && out.left >= 0 && out.right <= wide;
    return seen ? faults : [...faults, "the way out is not in sight"];
}"""


@pytest.fixture(scope="module")
def screens() -> Iterator[Path]:
    """An empty folder for what was seen."""
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True)
    return SCREENS


class Looking:
    """Looks at a page in one way after another, and keeps a picture of the first and of whatever is wrong."""

    def __init__(self, page: Page, name: str, screens: Path) -> None:
        self.faults: list[str] = []
        self._page = page
        self._name = name
        self._screens = screens

    def at(self, width: int, *, text: float | None = None, forced: bool = False) -> None:
        """Look at the page in a window of `width` pixels, its root set in `text` per cent of the browser's size."""
        page = self._page
        page.set_viewport_size({"width": width, "height": 640})
        page.emulate_media(forced_colors="active" if forced else "none")
        page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{text}%" if text else "")
        how = f"{width}" + (" large text" if text else "") + (" forced colours" if forced else "")
        found = page.evaluate(LOOK)
        self.faults += [f"{self._name}, {how}: {fault}" for fault in found]
        if found or width == PICTURED:
            file = re.sub(r"[^a-z0-9]+", "-", f"{self._name} {how}")
            page.screenshot(path=self._screens / f"{file}.jpeg", full_page=True, quality=40, type="jpeg")


@pytest.fixture(scope="module", params=[(name, lang) for name in EVERYTHING for lang in states.LANGUAGES], ids=" ".join)
def brought(browser: Browser, open_site: OpenSite, request: pytest.FixtureRequest) -> Iterator[tuple[str, Page]]:
    """A page or state of one, brought about once for all that is to be seen of it: its name and language, and it."""
    name, lang = request.param
    with visiting(browser) as page:
        EVERYTHING[name](page, open_site, lang)
        yield f"{name} {lang}", page


def test_axe_finds_nothing(brought: tuple[str, Page]) -> None:
    _, page = brought
    page.evaluate("() => scrollTo(0, 0)")  # what the sticky header covers is no target there

    assert faults_in_both(page) == []


def test_nothing_sticks_out_is_cut_off_or_hides_the_way_out(brought: tuple[str, Page], screens: Path) -> None:
    name, page = brought
    looking = Looking(page, name, screens)
    looking.at(360)
    looking.at(320)
    looking.at(320, text=BROWSERS_OWN)
    looking.at(320, forced=True)

    assert looking.faults == []


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("size", ["large", "largest"])
@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_in_large_text_the_header_leaves_room_and_the_way_out_stays(
    browser: Browser, open_site: OpenSite, lang: str, size: str, width: int
) -> None:
    with visiting(browser, width=width) as page:
        page.goto(f"{open_site.url}/{lang}/accessibility")
        page.check(f"#size-{size}")
        with page.expect_navigation():
            page.click("form[action$='/text-size'] button")
        page.goto(f"{open_site.url}/{lang}/help")
        lines = page.evaluate("""() => {
            const name = document.createRange();
            name.selectNodeContents(document.querySelector(".brand span"));
            return new Set([...name.getClientRects()].map(one => one.top)).size;
        }""")
        page.evaluate("() => scrollTo(0, 1500)")
        header = page.locator("header").bounding_box()
        out = page.locator("a.exit").bounding_box()

    assert header
    assert out
    assert lines == 1
    assert out["y"] >= 0
    assert header["y"] + header["height"] < 640 / 8


@pytest.mark.parametrize("window", [(360, 640), (640, 360)])
@pytest.mark.parametrize(("size", "stays"), [(16, True), (32, False)])
def test_in_the_browsers_own_large_text_the_header_covers_nothing(
    browser: Browser, open_site: OpenSite, window: tuple[int, int], size: int, stays: bool
) -> None:
    with visiting(browser) as page:
        page.set_viewport_size({"width": window[0], "height": window[1]})
        page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": size}})
        page.goto(f"{open_site.url}/km/help")
        page.evaluate("() => scrollTo(0, 1500)")
        header = page.locator("header").bounding_box()

    assert header
    assert (header["y"] == 0) is stays
    assert stays or header["y"] + header["height"] < 0


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("size", [None, 150.0, BROWSERS_OWN])
def test_no_word_of_the_name_is_broken(browser: Browser, open_site: OpenSite, width: int, size: float | None) -> None:
    with visiting(browser, width=width) as page:
        page.goto(f"{open_site.url}/km/")
        page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{size}%" if size else "")
        broken = page.evaluate("""() => {
            const text = document.querySelector(".brand span").firstChild, one = document.createRange();
            const words = [...text.data.matchAll(/\\S+/g)];
            return words.filter(word => {
                one.setStart(text, word.index);
                one.setEnd(text, word.index + word[0].length);
                return new Set([...one.getClientRects()].map(part => part.top)).size > 1;
            }).length;
        }""")

    assert broken == 0


@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_zoomed_twice_a_page_is_that_of_a_narrow_screen(browser: Browser, open_site: OpenSite, lang: str) -> None:
    with visiting(browser, width=320, device_scale_factor=2) as page:  # what zooming a window of 640 pixels makes
        found = []
        for name, bring in states.PAGES.items():
            bring(page, open_site, lang)
            found += [f"{name}: {fault}" for fault in page.evaluate(LOOK)]

    assert found == []


# --- By keyboard alone ------------------------------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; fail when it never does, or when it is not to be seen then."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            seen = (
                "() => { const b = document.activeElement.getBoundingClientRect(); return b.width > 0 && b.height > 0 }"
            )
            assert page.evaluate(seen), f"{selector} has the focus and is not seen"
            return
    raise AssertionError(f"{selector} is not reached by the Tab key")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_a_report_is_filled_in_and_sent_by_keyboard(
    browser: Browser, open_site: OpenSite, lang: str, script: bool
) -> None:
    before = open_site.reports()
    with visiting(browser, script=script) as page:
        page.goto(f"{open_site.url}/{lang}/report")
        tab_to(page, "input[name=category]")
        page.keyboard.press("Space")
        tab_to(page, "#urls")
        page.keyboard.type(REPORTED)
        tab_to(page, "input[name=seen]")
        page.keyboard.press("Space")
        tab_to(page, "#details")
        page.keyboard.type("In a group chat.")
        tab_to(page, "input[name=in_danger]")
        page.keyboard.press("Space")
        tab_to(page, "#report-form > details > summary")
        page.keyboard.press("Enter")
        tab_to(page, "#contact")
        page.keyboard.type("somebody@mail.example")
        tab_to(page, "#send")
        page.keyboard.press("Enter")

        expect(page.locator("#receipt-code")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == lang
        tab_to(page, "#ending")
        page.keyboard.type(page.inner_text("#receipt-code")[-4:])
        page.keyboard.press("Enter")
        expect(page.locator("#receipt-code")).to_have_count(0)
        expect(page.locator("main .good")).to_be_visible()
        tab_to(page, f"main a[href='/{lang}/']")
    assert open_site.reports() == before + 1


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_enter_in_a_field_sends_the_form_and_changes_no_language(
    browser: Browser, open_site: OpenSite, lang: str, script: bool
) -> None:
    with visiting(browser, script=script) as page:
        states.fill_report(page, open_site, lang)
        page.click("#report-form > details > summary")
        page.press("#contact", "Enter")
        expect(page.locator("#receipt-code")).to_be_visible()
        code = page.inner_text("#receipt-code")
        assert page.locator("html").get_attribute("lang") == lang

        page.goto(f"{open_site.url}/{lang}/help")
        page.fill("#what", states.WORDS)
        page.fill("#contact", "somebody@mail.example")
        page.press("#contact", "Enter")
        expect(page.locator("#receipt-code")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == lang

        for path in ("follow-up", ""):
            page.goto(f"{open_site.url}/{lang}/{path}")
            page.fill("#code", code)
            page.press("#code", "Enter")
            expect(page.locator("#message-form")).to_be_visible()
            assert page.locator("html").get_attribute("lang") == lang


def test_what_a_fault_is_about_is_reached_from_the_summary(browser: Browser, open_site: OpenSite) -> None:
    with visiting(browser) as page:
        page.goto(f"{open_site.url}/km/report")
        page.click("#send")
        page.wait_for_selector("#errors")
        tab_to(page, "#errors li:nth-child(2) a")
        page.keyboard.press("Enter")

        expect(page.locator("#urls")).to_be_focused()
