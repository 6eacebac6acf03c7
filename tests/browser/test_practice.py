"""The code of practice kept in Khmer and by keyboard alone, from an incident to its evidence; and every page of it.

Real browser, real processes, real mail server. What is reached is found by names and addresses, never by words.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.axe import faults, faults_in_both
from tests.browser.conftest import Portal, sign_in
from tests.browser.test_victim_support import rows, speak, without_a_key
from tests.deploy.processes import wait_for

pytestmark = pytest.mark.browser

HAPPENED = "កំណត់ត្រាមួយត្រូវបានផ្ញើទៅបណ្តាញខុស។"
WHY = "អាសយដ្ឋានពីរស្រដៀងគ្នា។"
OFFICER = "dpo@office.example"  # of the invented data
CLAUSE = "cooperation"  # which nobody answers for there
HERE = ZoneInfo("Asia/Phnom_Penh")
SMALL, USUAL = 320, 1366
FEWEST = 55  # pages; a walk that finds fewer has lost its way
LINK = re.compile(r'href="(/desk/(?:practice|statistics)[^"#]*)"')
NUMBER = re.compile(r"^(?:[A-Z]{1,2}-\w+|\d+|\d+\.\d+|(?:check_clause|consult)\.\w+)$")
CLAUSES = "/desk/practice/clauses/"
MOST_TABS = 150
FORMS = (  # each with something that has to be there
    "practice/incidents/new",
    "practice/evidence",
    f"practice/clauses/{CLAUSE}",
    "practice/duties/give",
    "practice/officials/dpo",
    "practice/contact/new",
    "practice/contact/change",
    "practice/consultations/new",
    "practice/stakeholders/new",
    "practice/agreements/new",
    "practice/imagery/new",
    "practice/security/documents/new",
    "practice/security/restore",
    "practice/security/room",
    "practice/security/access/new",
)
SEND_EMPTY = """() => {
    const form = document.querySelector("main form[method=post]");
    for (const one of form.elements) {
        if (one.matches("[type=hidden], button")) continue;
        if (one.matches("[type=radio], [type=checkbox]")) one.checked = false; else one.value = "";
    }
    form.noValidate = true;
    HTMLFormElement.prototype.submit.call(form);
}"""
# What makes a page wider than the screen, and a card that hides a part of what it holds.
TOO_WIDE = """() => [document.scrollingElement, ...document.querySelectorAll(".card")].filter(
    one => one.scrollWidth > one.clientWidth + 1).map(one => one.id || one.className || one.tagName)"""


@dataclass(frozen=True)
class Keyboard:
    """A page that nobody touches but by its keys."""

    page: Page

    def start(self) -> None:
        """Go past the rail, as the first key leads."""
        self.page.keyboard.press("Tab")
        expect(self.page.locator(".skip")).to_be_focused()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#main")).to_be_focused()

    def reach(self, selector: str) -> None:
        """Press Tab until something has the focus, and make sure that it is to be seen."""
        expect(self.page.locator(selector).first).to_be_attached()
        for _ in range(MOST_TABS):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                expect(self.page.locator(":focus")).to_be_visible()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by the Tab key")

    def press(self, selector: str, key: str = "Enter") -> None:
        self.reach(selector)
        self.page.keyboard.press(key)

    def write(self, selector: str, words: str) -> None:
        self.reach(selector)
        self.page.keyboard.insert_text(words)

    def choose(self, selector: str, value: str) -> None:
        """Go through what a list offers until `value` is chosen."""
        self.reach(selector)
        for _ in range(self.page.locator(f"{selector} option").count()):
            if self.page.locator(selector).input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{selector} does not offer {value}")

    def follow(self, selector: str) -> None:
        """Press a link or a button that leads to another page, and begin there."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.start_again()

    def start_again(self) -> None:
        """Begin on a new page: where it says something, it is read first; else from the top."""
        said = self.page.locator("main [data-focus]")
        if said.count():
            expect(said.first).to_be_focused()
        else:
            self.start()

    def said(self) -> str:
        """Return the word that something was done: it has the focus, and is announced."""
        note = self.page.locator("main .note.done")
        expect(note).to_be_focused()
        expect(note).to_have_attribute("role", "status")
        return note.inner_text()

    def download(self, selector: str) -> bytes:
        self.reach(selector)
        with self.page.expect_download() as coming:
            self.page.keyboard.press("Enter")
        return Path(coming.value.path()).read_bytes()


@contextmanager
def in_khmer(browser: Browser, portal: Portal, name: str) -> Iterator[Keyboard]:
    """Let somebody work at the desk in Khmer; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": USUAL, "height": 768}, locale="en-US")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, portal, name)
    speak(page, portal, "km")
    yield Keyboard(page)
    speak(page, portal, "en")
    context.close()
    assert complaints == []


def note_time(keys: Keyboard, selector: str) -> None:
    """Type the time it is now into a field for days and times, as its parts follow each other."""
    now = datetime.now(HERE)
    keys.reach(selector)
    keys.page.keyboard.type(f"{now:%m%d%Y}")
    keys.page.keyboard.press("Tab")  # a year may have more digits
    keys.page.keyboard.type(f"{now:%I%M%p}")
    expect(keys.page.locator(selector)).to_have_value(f"{now:%Y-%m-%dT%H:%M}")


def record(keys: Keyboard, *, drill: bool = False) -> str:
    """Record an incident; return its reference."""
    keys.press("input[name=kind][value=breach]", "Space")
    note_time(keys, "#noticed_at")
    keys.write("#body", HAPPENED)
    if drill:
        keys.press("input[name=drill]", "Space")
    keys.follow("main form.form button.go")
    [ref] = set(re.findall(r"IN-\w+", keys.said() if not drill else keys.page.url))
    return ref


def lead(keys: Keyboard, portal: Portal, ref: str) -> None:
    """Take the lead of an incident, and note that it is contained."""
    [number] = rows(portal, "SELECT number FROM staff WHERE name = 'vanna'")
    keys.press("details:has(#lead) > summary")
    keys.choose("#lead", number)
    keys.follow(f"form[action$='/{ref}/lead'] button")
    note(keys, ref, "containment", contains=True)


def note(keys: Keyboard, ref: str, kind: str, *, contains: bool = False) -> None:
    """Write a line of the timeline."""
    keys.reach("input[name=entry_kind]:checked")
    while not keys.page.evaluate("kind => document.activeElement.value === kind", kind):
        keys.page.keyboard.press("ArrowRight")
    keys.write("#words", WHY)
    if contains:
        keys.press("input[name=contains]", "Space")
    keys.follow(f"form[action$='/{ref}/entries'] button")


def tell(keys: Keyboard, ref: str) -> None:
    """Draft the letter to the officer in Khmer, read it, and let it go."""
    keys.follow(f"form[action$='/{ref}/letters'] button[value=km]")
    expect(keys.page.locator("#text")).to_have_value(re.compile(HAPPENED))
    keys.press("#has_read", "Space")
    keys.follow("#send")


def letters(portal: Portal, ref: str) -> list[str]:
    """Return how far the letters about an incident are."""
    of = f"incident_letters JOIN incidents ON incidents.id = incident_id WHERE ref = '{ref}'"
    return rows(portal, f"SELECT status FROM {of}")  # noqa: S608 -- ours


def test_an_incident_is_recorded_told_to_the_officer_and_closed_by_keyboard(browser: Browser, portal: Portal) -> None:
    with in_khmer(browser, portal, "sophea") as keys:
        keys.page.goto(f"{portal.desk}/desk/me")
        keys.start()
        keys.follow("main a[href$='/incidents/new']")
        ref = record(keys)

    with in_khmer(browser, portal, "vanna") as keys:
        page = keys.page
        page.goto(f"{portal.desk}/desk/practice")
        keys.start()
        keys.follow(f"main a[href$='/incidents/{ref}']")
        lead(keys, portal, ref)
        tell(keys, ref)
        [letter] = wait_for(
            lambda: [one for one in list(portal.mail.letters) if ref in str(one.message["Subject"])], "it"
        )
        wait_for(lambda: letters(portal, ref) == ["sent"], "the letter on record as sent")
        page.goto(f"{portal.desk}/desk/practice/incidents/{ref}")
        keys.start()
        note(keys, ref, "lesson")
        keys.follow("#close")
        expect(page.locator("#close")).to_have_count(0)

        page.goto(f"{portal.desk}/desk/practice/incidents/new")
        keys.start()
        drill = record(keys, drill=True)
        tell(keys, drill)
        expect(page.locator("main .pill.held").first).to_be_visible()
        assert letters(portal, drill) == ["played"]

    told = without_a_key(letter.message)
    assert letter.mailboxes == (OFFICER,)
    assert HAPPENED in told
    assert not [name for name in ("sophea", "vanna") if name in told.lower()]
    assert not [one for one in list(portal.mail.letters) if drill in str(one.message["Subject"])]


def test_a_clause_is_given_its_evidence_taken_and_figures_read_by_keyboard(browser: Browser, portal: Portal) -> None:
    with in_khmer(browser, portal, "vanna") as keys:
        page = keys.page
        [number] = rows(portal, "SELECT number FROM staff WHERE name = 'vanna'")
        page.goto(f"{portal.desk}/desk/practice")
        keys.start()
        keys.follow(f"main th a[href$='/clauses/{CLAUSE}']")
        keys.press("main a[href*='#give-h']")
        page.wait_for_url("**/duties/**")
        keys.choose("#owner", number)
        keys.follow("form[action$='/owner'] button")
        assert "vanna" in keys.said()
        page.goto(f"{portal.desk}{CLAUSES}{CLAUSE}")
        expect(page.locator("section[aria-labelledby=own-h]")).to_contain_text("vanna")

        page.goto(f"{portal.desk}/desk/practice")
        keys.start()
        keys.follow("main a[href$='/practice/evidence']")
        pack = keys.download("main form button.go")

        page.goto(f"{portal.desk}/desk/statistics")
        keys.start()
        year = str(datetime.now(HERE).year)
        keys.choose("#period", year)
        keys.follow("form.filters button")
        keys.press("main section:has(.bars) summary")
        expect(page.locator("main section details table").first).to_be_visible()
        assert f"period={year}" in page.url
        keys.page.reload()
        keys.start()
        figures = keys.download("main a[href*='statistics.csv']").decode("utf-8-sig")

    with zipfile.ZipFile(io.BytesIO(pack)) as files:
        listed = dict(reversed(line.split("  ")) for line in files.read("SHA256SUMS").decode().splitlines())
        assert {name: hashlib.sha256(files.read(name)).hexdigest() for name in listed} == listed
        assert set(files.namelist()) == {*listed, "SHA256SUMS"}
        assert '<html lang="km">' in files.read("index.html").decode()
    lines = figures.splitlines()
    assert lines[0] == "month,source,class,figure,part,count"
    assert {line[:5] for line in lines[1:]} == {f"{year}-"}


def kind(path: str) -> str:
    """Return what page an address is of: references, numbers, one clause for all twelve; what is asked for left out."""
    path = path.partition("?")[0]
    clause = CLAUSES + "*" if path.startswith(CLAUSES) else path
    return "/".join("*" if NUMBER.match(part) else part for part in clause.split("/"))


def visited(page: Page, portal: Portal) -> Iterator[str]:
    """Go to one address of each page of the code of practice and of the statistics; stop at each."""
    todo = ["/desk/practice", "/desk/statistics"]
    found: set[str] = set()
    while todo:
        path = todo.pop(0)
        if kind(path) in found:
            continue
        found.add(kind(path))
        try:
            answer = page.goto(portal.desk + path)
        except Error as fault:
            if "Download is starting" not in str(fault):
                raise
            continue  # a file, and no page
        assert answer
        assert answer.ok, f"{path}: {answer.status}"
        todo += [link.replace("&amp;", "&") for link in LINK.findall(answer.text())]
        yield path


@pytest.fixture
def phone(browser: Browser, portal: Portal) -> Iterator[Page]:
    """A narrow window of somebody who may do most there."""
    context = browser.new_context(viewport={"width": SMALL, "height": 768})
    page = context.new_page()
    sign_in(page, portal, "vanna")
    yield page
    speak(page, portal, "en")
    context.close()


def test_axe_finds_nothing_and_every_page_fits_a_narrow_screen(phone: Page, portal: Portal) -> None:
    speak(phone, portal, "km")
    places: list[str] = []
    found: list[str] = []
    rooms: set[str] = (
        set()
    )  # whatever the dark could change is held by `structure/test_colours`: one page of each is seen
    for place in visited(phone, portal):
        places.append(place)
        room = "/".join(place.partition("?")[0].split("/")[:4])
        found += faults(phone) if room in rooms else faults_in_both(phone)
        rooms.add(room)
        found += [f"{place}, Khmer, is too wide: {one}" for one in phone.evaluate(TOO_WIDE)]
    speak(phone, portal, "en")
    for place in places:
        phone.goto(portal.desk + place)
        found += [f"{place}, English, is too wide: {one}" for one in phone.evaluate(TOO_WIDE)]

    assert len(places) > FEWEST
    assert not found, "\n".join(found)


def test_forms_with_faults_say_so_to_everybody(phone: Page, portal: Portal) -> None:
    speak(phone, portal, "km")
    found = []
    for path in FORMS:
        phone.goto(f"{portal.desk}/desk/{path}")
        with phone.expect_navigation() as answered:
            phone.evaluate(SEND_EMPTY)
        if answered.value.status != 422:
            found.append(f"{path}: {answered.value.status}")
            continue
        expect(phone.locator(".errors")).to_be_focused()
        found += [f"{path} is too wide: {one}" for one in phone.evaluate(TOO_WIDE)]
        found += faults(phone)

    assert found == []
