"""From a request for help in Khmer to a service that says yes, and to a child who takes it back; and every page of it.

Real browser, real processes, real mail server. What is clicked is found by names and addresses, never by words.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import pysequoia
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from hotline.vocabulary import Need
from tests.browser.axe import faults
from tests.browser.conftest import Portal, sign_in
from tests.deploy.processes import wait_for

pytestmark = pytest.mark.browser

CHILD, AUNT = "សុខ ស្រីពៅ", "សុខ ចន្ថា"
ASKED = "មានគេគំរាមខ្ញុំ។ ខ្ញុំចង់និយាយជាមួយនរណាម្នាក់។"
SAFE = "កុំទូរស័ព្ទមកផ្ទះ។"
WORDS = "សូមជួបនាងនៅសប្តាហ៍នេះ។"
LINK = re.compile(r'href="(/desk/victims[^"#]*)"')
NUMBER = re.compile(r"^(?:[A-Z]{1,2}-\w+|\d+)$")
DOMAINS = frozenset(Need)
STARTS = {
    "kunthea": ("cases", "links", "referrals?show=going_on"),
    "vanna": ("closures", "overrides", "approvals", "retention", "statistics", "questions", "workload"),
}
FEWEST = {"kunthea": 40, "vanna": 10}  # pages that the two come to
FORCED: tuple[Literal["active", "none"], ...] = ("active", "none")
SMALL = 320


@dataclass(frozen=True)
class Service:
    """A service that a test enters in the directory, and the key that opens what is encrypted to it."""

    mailbox: str
    key: pysequoia.Tsk


@dataclass(frozen=True)
class Desk:
    """A window at the desk, in Khmer."""

    page: Page
    portal: Portal

    def go(self, path: str) -> None:
        self.page.goto(f"{self.portal.desk}/desk/victims{path}")

    def send(self, form: str) -> None:
        """Press the button of a form that is found by the end of where it goes."""
        self.page.locator(f"main form[method=post][action$='{form}'] button").first.press("Enter")

    def unfold(self, field: str) -> None:
        """Open the fold in which a field lies, where it is shut."""
        if self.page.locator(field).is_hidden():
            self.page.locator(f"details:has({field}) > summary").last.press("Enter")

    def is_said(self) -> None:
        """Wait for the word that something was done."""
        expect(self.page.locator("main .note.done").first).to_be_visible()


def rows(portal: Portal, query: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{portal.data_dir / 'desk.sqlite3'}?mode=ro", uri=True)) as desk:
        return [str(value) for (value,) in desk.execute(query)]


def speak(page: Page, portal: Portal, language: str) -> None:
    page.goto(f"{portal.desk}/desk/me")
    page.check(f"input[name=language][value={language}]")
    page.locator("form[action$='/language'] button").press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.fixture
def in_khmer(browser: Browser, portal: Portal, script: bool) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, java_script_enabled=script)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, portal, "kunthea")
    speak(page, portal, "km")
    yield Desk(page, portal)
    speak(page, portal, "en")
    context.close()
    assert complaints == []


def ask_for_help(browser: Browser, portal: Portal, *, script: bool) -> str:
    """Ask for help on a phone; return the reference of the request at the desk."""
    known = set(rows(portal, "SELECT ref FROM help_requests"))
    phone = browser.new_page(viewport={"width": 360, "height": 640}, locale="km-KH", java_script_enabled=script)
    phone.goto(f"{portal.public}/km/help")
    phone.fill("#what", ASKED)
    phone.check("#code_only")
    phone.fill("#safe_contact", SAFE)
    phone.click("#send")
    expect(phone.locator("#receipt-code")).to_be_visible()
    phone.context.close()
    [ref] = wait_for(lambda: set(rows(portal, "SELECT ref FROM help_requests")) - known, "the request at the desk")
    return ref


def enter(desk: Desk, service: Service) -> str:
    """Enter a service with its key, checked today; return its reference."""
    page = desk.page
    desk.go("/services/new")
    page.fill("#name", service.mailbox.partition("@")[0])
    page.check(f"input[name=needs][value={Need.PSYCHOSOCIAL}]")
    page.fill("#mailbox", service.mailbox)
    desk.send("/services/new")
    page.wait_for_url(re.compile("/services/SV-"))
    ref = page.url.rpartition("/")[2].partition("?")[0]
    desk.unfold("#material")
    page.fill("#material", str(service.key.extract_certificate()))
    desk.send(f"{ref}/key")
    expect(page.locator("form[action$='/key/away']")).to_be_visible()
    desk.send(f"{ref}/verify")
    desk.is_said()
    return ref


def open_case(desk: Desk, request: str) -> str:
    """Take a request and open a case from it, with the child and an aunt who may be called; return its reference."""
    page = desk.page
    desk.go(f"/{request}")
    desk.send("/claim")
    page.click(f"main a[href*='/cases/new?request={request}']")
    expect(page.locator("#story")).to_have_value(ASKED)
    expect(page.locator("#safe_when")).to_have_value(SAFE)
    page.fill("#code_name", "Pine")
    page.fill("#name", CHILD)
    page.fill("#age", "13")
    page.fill("#safe_answer", AUNT)
    page.locator("main form.form button.go").press("Enter")
    page.wait_for_url(re.compile("/cases/VC-"))
    ref = page.url.rpartition("/")[2]
    for part, name in (("child", CHILD), ("guardian", AUNT)):
        desk.go(f"/cases/{ref}/people/new")
        page.check(f"input[name=part][value={part}]")
        page.fill("#name", name)
        page.locator("main form.form button.go").press("Enter")
        expect(page.locator("#contact option", has_text=name)).to_have_count(1)
    page.select_option("#contact", label=AUNT)
    desk.send("/contact")
    desk.is_said()
    return ref


def find_needs(desk: Desk, case: str) -> None:
    """Write an assessment whole, and hand it in."""
    page = desk.page
    desk.go(f"/cases/{case}/needs")
    desk.send("/needs")
    page.wait_for_url(re.compile(r"/needs/\d+"))
    page.fill("#with_whom", AUNT)
    desk.send("/about")
    desk.is_said()
    whole = page.url.partition("?")[0].partition("#")[0]
    page.goto(f"{whole}/{next(iter(Need))}")
    for need in Need:
        expect(page.locator(f"form[action$='/{need}']")).to_be_visible()
        page.check("input[name=level][value=high]" if need is Need.PSYCHOSOCIAL else "input[name=level][value=none]")
        page.fill("#known", "–")
        page.fill("#next", WORDS)
        desk.send(f"/{need}")
    page.goto(whole)
    desk.send("/submit")
    expect(page.locator("form[action$='/take-back']")).to_be_visible()


def agree(desk: Desk, case: str, service: str, name: str) -> None:
    """Write down that somebody agrees."""
    page = desk.page
    desk.go(f"/cases/{case}/consents/{service}")
    page.locator("#person label", has_text=name).locator("input").check()
    page.check("input[name=answer][value=agrees]")
    page.fill("#words", "យល់ព្រម")
    for share in ("name", "age", "contact", "need"):
        page.check(f"input[name=shares][value={share}]")
    page.fill("#capacity", "នាងនិយាយប្រាប់វិញ")
    page.fill("#language", "ខ្មែរ")
    page.locator("main form.form button.go").press("Enter")
    desk.is_said()


def draft(desk: Desk, case: str, service: str) -> str:
    """Draft a referral; return its reference."""
    page = desk.page
    desk.go(f"/cases/{case}/refer?need={Need.PSYCHOSOCIAL}")
    page.check(f"input[name=provider][value={service}]")
    page.fill("#words", WORDS)
    desk.send("/refer")
    page.wait_for_url(re.compile("/referrals/RF-"))
    return page.url.rpartition("/")[2]


def send_by_mail(desk: Desk, referral: str, service: Service) -> None:
    """Let it go by encrypted mail; what comes tells nothing without the service's key, and all of it with the key."""
    page, mail = desk.page, desk.portal.mail
    page.check("input[name=means][value=encrypted_mail]")
    desk.send("/go")
    desk.is_said()
    letters = wait_for(
        lambda: [one for one in list(mail.letters) if service.mailbox in one.mailboxes], "the referral by mail"
    )
    wait_for(lambda: rows(desk.portal, f"SELECT status FROM referrals WHERE ref = '{referral}'") == ["pending"], "sent")  # noqa: S608 -- ours
    [letter] = letters
    open_to_all = without_a_key(letter.message)
    assert not [word for word in (CHILD, AUNT, WORDS, "Pine") if word in open_to_all]
    [sealed] = re.findall(r"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----", open_to_all, re.S)
    told = pysequoia.decrypt(decryptor=service.key.decryptor(), bytes=sealed.encode()).bytes.decode()
    assert [word for word in (CHILD, WORDS) if word not in told] == []


def without_a_key(letter: EmailMessage) -> str:
    """Return all that a letter says to somebody without a key."""
    parts = (part.get_payload(decode=True) for part in letter.walk() if not part.is_multipart())
    heads = "\n".join(str(value) for value in letter.values())
    return "\n".join([heads, *(part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))])


def hand_over_on_paper(desk: Desk, referral: str) -> None:
    """Print it, and note who took it."""
    page = desk.page
    page.check("input[name=means][value=printed]")
    desk.send("/go")
    page.click("main a[href*='/print?lang=km']")
    expect(page.locator("main")).to_contain_text(WORDS)
    expect(page.locator("main")).to_contain_text(CHILD)
    assert page.pdf().startswith(b"%PDF")
    desk.go(f"/referrals/{referral}")
    page.fill("#handed_to", "Front desk")
    desk.send("/hand-over")
    desk.is_said()


@pytest.mark.parametrize("script", [True, False], ids=["with scripts, by mail", "without scripts, on paper"])
def test_a_request_for_help_becomes_an_accepted_referral_until_the_child_takes_it_back(
    browser: Browser, portal: Portal, in_khmer: Desk, script: bool
) -> None:
    desk, page = in_khmer, in_khmer.page
    name = "by-mail" if script else "on-paper"
    service = Service(f"{name}@care.example", pysequoia.Tsk.generate(f"{name}@care.example"))
    to = enter(desk, service)
    case = open_case(desk, ask_for_help(browser, portal, script=script))
    find_needs(desk, case)

    referral = draft(desk, case, to)
    expect(page.locator("input[name=means]")).to_have_count(0)  # nobody has agreed
    for who in (CHILD, AUNT):
        agree(desk, case, to, who)
    desk.go(f"/referrals/{referral}")
    desk.unfold("#words")
    desk.send("/change")  # with what may be told now
    if script:
        send_by_mail(desk, referral, service)
    else:
        hand_over_on_paper(desk, referral)
    desk.go(f"/referrals/{referral}")
    page.check("input[name=status][value=accepted]")
    desk.send("/answer")
    desk.is_said()
    assert rows(portal, f"SELECT status FROM referrals WHERE ref = '{referral}'") == ["accepted"]  # noqa: S608 -- ours

    desk.go(f"/cases/{case}/consents/{to}")
    form = page.locator("details:has(form[action$='/withdraw'])").first
    form.locator("summary").press("Enter")
    form.locator("form button").press("Enter")
    expect(page.locator(f"main .note.alert a[href$='/referrals/{referral}']")).to_be_visible()
    second = draft(desk, case, to)
    expect(page.locator("input[name=means]")).to_have_count(0)
    desk.go(f"/referrals/{referral}")
    desk.unfold("#revoke_reason")
    page.select_option("#revoke_reason", "consent_withdrawn")
    desk.send("/revoke")
    page.fill("#told", "ពួកគេបានបំផ្លាញវាហើយ។")
    desk.send("/told")
    desk.is_said()
    assert second != referral
    expect(page.locator("#told")).to_have_count(0)


def kind(path: str) -> str:
    """Return what page an address is of: references, numbers, domains and what is asked for left out."""
    parts = path.partition("?")[0].split("/")
    return "/".join("*" if part in DOMAINS or NUMBER.match(part) else part for part in parts)


def visited(page: Page, portal: Portal, starts: Iterable[str]) -> Iterator[str]:
    """Go to one address of each page that is reached by links, and to every case and referral; stop at each."""
    todo = [f"/desk/victims/{one}" for one in starts]
    found: set[str] = set()
    seen: set[str] = set()
    while todo:
        path = todo.pop(0)
        of = path if re.search(r"/(?:cases/VC|referrals/RF)-\w+$", path) else kind(path)
        if of in found or path in seen:
            continue
        seen.add(path)
        try:
            answer = page.goto(portal.desk + path)
        except Error as fault:
            if "Download is starting" not in str(fault):
                raise
            continue  # a file, and no page
        assert answer
        found.add(of)
        todo += [link.replace("&amp;", "&") for link in LINK.findall(answer.text())]
        yield path


@pytest.mark.parametrize(
    ("name", "language", "width"), [("kunthea", "km", 320), ("kunthea", "en", 1366), ("vanna", "km", 320)]
)
def test_every_page_for_who_listens_or_has_little_room(
    browser: Browser, portal: Portal, name: str, language: str, width: int
) -> None:
    scheme: Literal["light", "dark"] = "light" if width == SMALL else "dark"
    context = browser.new_context(viewport={"width": width, "height": 768}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, portal, name)
    speak(page, portal, language)
    places: list[str] = []
    found: list[str] = []
    for place in visited(page, portal, STARTS[name]):
        places.append(place)
        found += faults(page)
        for colours in FORCED:
            page.emulate_media(forced_colors=colours)
            if page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth"):
                found.append(f"{place} scrolls sideways, forced colours: {colours}")
    speak(page, portal, "en")
    context.close()

    assert len(places) > FEWEST[name]
    assert found == []
