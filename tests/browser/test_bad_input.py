"""What should not come in, and what breaks meanwhile, as a real browser and the real processes meet it.

Whatever happens: no receipt without its report, no report twice, nothing typed is lost, and a way on is shown.
"""

import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from os import kill
from pathlib import Path
from urllib.parse import quote

import pytest
from itsdangerous import TimestampSigner
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from hotline import create_app, vault
from hotline.blueprints.public import tokens
from hotline.extensions import db
from hotline.models import Item, Report
from hotline.services import items
from tests.browser.open_site import visiting
from tests.deploy.processes import wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import CODE, Reporter
from tests.jobs.office import Office

pytestmark = pytest.mark.browser

LANGUAGES = ("km", "en")
SCRIPT = {"with script": True, "without script": False}
WORDS = "ពាក្យ\u200bរបស់\u200bខ្ញុំ “my words”"
BLOB = "QUJD" * 400  # looks like a file, and is none
NOT_ADDRESSES = {
    "script": "javascript:alert(1)",
    "file": "file:///etc/hostname",
    "picture": f"data:image/png;base64,{BLOB}",
    "own network": "http://192.168.1.1/admin",
    "this machine": "http://127.0.0.1:8000/",
    "name of a machine": "http://localhost/",
    "others' metadata": "http://169.254.169.254/latest",
    "twenty-one": "\n".join(f"https://seen.example/t/{number}" for number in range(21)),
    "too long": "https://seen.example/" + "x" * 8200,
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("bad-input") / "data", HOTLINE_TRUSTED_PROXIES="1")
    yield portal
    portal.stop()


@pytest.fixture
def receipts(portal: Portal) -> "Receipts":
    return Receipts(portal)


class Receipts:
    """The receipts of the running portal, counted from where a test began."""

    def __init__(self, portal: Portal) -> None:
        self._store = portal.data_dir / "front.sqlite3"
        self._office = Office(portal.data_dir)
        self._before = self._count()

    def new(self) -> int:
        """Return how many receipts this test has brought."""
        return self._count() - self._before

    def all_are_reports(self) -> bool:
        """Wait until the desk has a report for each receipt, and no other."""

        def matched() -> bool:
            with self._office.here():
                reports = db.session.scalars(select(Report.receipt_tag)).all()
            return sorted(reports) == sorted(self._tags())

        return wait_for(matched, "a report at the desk for each receipt")

    def address(self, host: str) -> str:
        """Return the only address at the desk whose host that is."""

        def look() -> list[str]:
            with self._office.here():
                addresses = [items.address_of(item) for item in db.session.scalars(select(Item))]
            return [one for one in addresses if f"//{host}/" in one]

        (address,) = wait_for(look, f"an item on {host}")
        return address

    def details(self) -> list[str]:
        """Return what reporters at the desk have written."""
        with self._office.here():
            sealed = db.session.scalars(select(Report.details)).all()
            return [vault.keyring().open("report.details", one) for one in sealed if one]

    def _count(self) -> int:
        return len(self._tags())

    def _tags(self) -> list[bytes]:
        with closing(sqlite3.connect(f"file:{self._store}?mode=ro", uri=True)) as front:
            return [tag for (tag,) in front.execute("SELECT tag FROM receipts")]


def fill(page: Page, portal: Portal, lang: str = "en", urls: str = "https://seen.example/t/1") -> None:
    """Open the form and fill it in."""
    page.goto(f"http://127.0.0.1:{portal.port}/{lang}/report")
    page.check("input[name=category][value=csam]")
    page.fill("#urls", urls)
    page.fill("#details", WORDS)


def expect_refusal(page: Page, lang: str) -> None:
    """Hold a refusal to its promise: said in the same language, above the form, with every word still there."""
    expect(page.locator("#errors")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == lang
    assert page.locator("#receipt-code").count() == 0
    assert page.input_value("#details") == WORDS
    assert page.is_checked("input[name=category][value=csam]")


# --- What should not come in ------------------------------------------------------------------------------------------


def test_what_is_no_address_is_explained_and_not_taken(browser: Browser, portal: Portal, receipts: Receipts) -> None:
    for lang, urls in zip(cycle(LANGUAGES), NOT_ADDRESSES.values()):
        with visiting(browser, script=False) as page:
            fill(page, portal, lang, urls)
            page.click("#send")

            expect_refusal(page, lang)
            expect(page.locator("#errors a[href='#urls']")).to_have_count(1)
            assert BLOB not in page.content()
    assert receipts.new() == 0


@pytest.mark.parametrize("field", ["urls", "details"])
def test_a_file_pasted_as_text_is_refused_and_not_shown_again(
    browser: Browser, portal: Portal, receipts: Receipts, field: str
) -> None:
    with visiting(browser) as page:
        fill(page, portal)
        page.fill(f"#{field}", f"my own words\n{BLOB}")
        page.click("#send")

        expect(page.locator(f"#errors a[href='#{field}']")).to_be_visible()
        assert page.input_value(f"#{field}") == "my own words"
    assert receipts.new() == 0


@pytest.mark.parametrize("script", SCRIPT.values(), ids=SCRIPT)
def test_a_file_by_a_forged_form_is_refused_and_kept_nowhere(
    browser: Browser, portal: Portal, receipts: Receipts, script: bool
) -> None:
    mark = b"a file that nobody asked for " * 40

    def forge(route: Route) -> None:
        page = route.fetch()
        body = page.text().replace('id="report-form"', 'id="report-form" enctype="multipart/form-data"')
        field = '<label for="file">File</label><input type="file" id="file" name="file"><p><button type="submit"'
        route.fulfill(response=page, body=body.replace('<p><button type="submit"', field))

    with visiting(browser, script=script) as page:
        page.route("**/en/report", forge, times=1)
        fill(page, portal)
        page.set_input_files("#file", {"name": "notes.bin", "mimeType": "application/octet-stream", "buffer": mark})
        page.click("#send")

        expect_refusal(page, "en")
    assert receipts.new() == 0
    assert not [path for path in portal.data_dir.rglob("*") if path.is_file() and mark[:60] in path.read_bytes()]


@pytest.mark.parametrize(("lang", "script"), [("km", True), ("en", False)])
def test_a_megabyte_of_text_is_answered_with_a_number_to_call(
    browser: Browser, portal: Portal, receipts: Receipts, lang: str, script: bool
) -> None:
    with visiting(browser, script=script) as page:
        fill(page, portal, lang)
        page.fill("#details", "a word and " * 95_000)
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            page.click("#send")

        expect(page.locator("main a[href^='tel:']").first).to_be_visible()
        assert answered.value.status == 413
        assert page.locator("html").get_attribute("lang") == lang
        page.go_back()
        expect(page.locator("#report-form")).to_be_visible()
    assert receipts.new() == 0


def test_characters_nobody_types_are_replaced_and_said(browser: Browser, portal: Portal, receipts: Receipts) -> None:
    with visiting(browser) as page:
        fill(page, portal, "en", "https://nul.example/t/1")
        page.evaluate("() => { document.getElementById('details').value = 'before \\0 after' }")
        page.click("#send")

        expect(page.locator("#receipt-code")).to_be_visible()
        expect(page.get_by_text("Some characters could not be read.")).to_be_visible()
    receipts.address("nul.example")
    assert "before \ufffd after" in receipts.details()


@pytest.mark.parametrize("broken", [b"%ff%c3%28", b"\xff\xc3\x28"], ids=["encoded", "raw"])
def test_broken_bytes_are_replaced_and_said(portal: Portal, receipts: Receipts, broken: bytes) -> None:
    host = f"broken-{len(broken)}.example"
    reporter = Reporter(portal.port)
    body = b"csrf_token=%s&category=csam&urls=https://%s/t&details=before%s" % (
        quote(reporter.form("en")).encode(),
        host.encode(),
        broken,
    )
    head = f"POST /en/report HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60, source_address=(reporter.address, 0)) as line:
        line.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: line.recv(65_536), b"")).decode()

    assert answer.startswith("HTTP/1.1 200 ")
    assert CODE.search(answer)
    assert "Some characters could not be read." in answer
    receipts.address(host)
    assert "before\ufffd\ufffd(" in receipts.details()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_khmer_with_its_word_marks_and_a_very_long_address_come_to_the_desk_as_typed(
    browser: Browser, portal: Portal, receipts: Receipts, lang: str
) -> None:
    host = f"long-{lang}.example"
    address = f"https://{host}/" + "x" * (8_000 - len(host) - 9)
    with visiting(browser) as page:
        fill(page, portal, lang, address)
        page.click("#send")

        expect(page.locator("#receipt-code")).to_be_visible()
    assert receipts.address(host) == address
    assert len(address) == 8_000
    assert WORDS in receipts.details()


# --- Sent too late, or twice ------------------------------------------------------------------------------------------


@pytest.fixture
def old_token(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a form token as the running portal makes them, with a clock that is a day behind."""
    app = create_app("public", {"HOTLINE_DATA_DIR": str(portal.data_dir)})
    now = TimestampSigner.get_timestamp
    with app.app_context(), monkeypatch.context() as yesterday:
        yesterday.setattr(TimestampSigner, "get_timestamp", lambda signer: now(signer) - 24 * 60 * 60)
        return tokens.fresh()


@pytest.mark.parametrize(("lang", "script"), [("km", True), ("km", False), ("en", True)])
def test_a_form_that_was_open_for_too_long_keeps_every_word_and_is_sent_by_pressing_again(
    browser: Browser, portal: Portal, old_token: str, lang: str, script: bool
) -> None:
    receipts = Receipts(portal)

    def age(route: Route) -> None:
        page = route.fetch()
        body = page.text()
        fresh = body.partition('csrf_token" value="')[2].partition('"')[0]
        route.fulfill(response=page, body=body.replace(fresh, old_token))

    with visiting(browser, script=script) as page:
        page.route(f"**/{lang}/report", age, times=1)
        fill(page, portal, lang)
        assert page.input_value("input[name=csrf_token]") == old_token
        page.click("#send")
        expect_refusal(page, lang)
        assert receipts.new() == 0
        page.click("#send")

        expect(page.locator("#receipt-code")).to_be_visible()
    assert receipts.new() == 1


@pytest.mark.parametrize("script", SCRIPT.values(), ids=SCRIPT)
def test_a_double_click_sends_one_report_and_going_back_none(
    browser: Browser, portal: Portal, receipts: Receipts, script: bool
) -> None:
    with visiting(browser, script=script) as page:
        page.goto(f"http://127.0.0.1:{portal.port}/en/")
        fill(page, portal)
        page.dblclick("#send")
        expect(page.locator("#receipt-code")).to_be_visible()
        assert receipts.new() == 1
        page.go_back()
        expect(page.locator("#report-form")).to_be_visible()
        page.go_forward()
        expect(page.locator("#receipt-code")).to_be_visible()

    assert receipts.new() == 1
    assert receipts.all_are_reports()


def test_without_cookies_loading_the_receipt_again_sends_no_second_report(
    browser: Browser, portal: Portal, receipts: Receipts
) -> None:
    with visiting(browser) as page:
        fill(page, portal)
        page.context.clear_cookies()
        page.click("#send")
        code = page.inner_text("#receipt-code")
        page.reload()

        assert page.inner_text("#receipt-code") == code
    assert receipts.new() == 1


# --- What breaks meanwhile --------------------------------------------------------------------------------------------


@contextmanager
def locked(store: Path) -> Iterator[sqlite3.Connection]:
    """Hold a store's write lock as another program may; a test may let go of it before the end."""
    with closing(sqlite3.connect(store, timeout=60, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_store_that_is_locked_for_long_gives_a_number_to_call_and_no_receipt(
    browser: Browser, portal: Portal, receipts: Receipts
) -> None:
    lang = "km"
    with visiting(browser) as page, visiting(browser) as other:
        fill(page, portal, lang)
        with (
            locked(portal.data_dir / "front.sqlite3"),
            page.expect_response(lambda answer: answer.request.method == "POST") as answered,
        ):
            page.click("#send", no_wait_after=True)
            for path in ("", "help", "report", "follow-up"):
                assert other.goto(f"http://127.0.0.1:{portal.port}/{lang}/{path}").status == 200  # type: ignore[union-attr]
        assert answered.value.status == 503
        expect_refusal(page, lang)
        expect(page.locator("#errors a[href^='tel:']")).to_be_visible()
        assert receipts.new() == 0
        page.click("#send")

        expect(page.locator("#receipt-code")).to_be_visible()
    assert receipts.new() == 1
    assert receipts.all_are_reports()


def test_a_store_that_is_locked_for_a_while_only_takes_longer(
    browser: Browser, portal: Portal, receipts: Receipts
) -> None:
    store = portal.data_dir / "front.sqlite3"
    with visiting(browser) as page, visiting(browser) as other, locked(store) as lock:
        fill(page, portal)
        with page.expect_request(lambda request: request.method == "POST"):
            page.click("#send", no_wait_after=True)
        other.goto(f"http://127.0.0.1:{portal.port}/en/")  # meanwhile the report waits
        lock.execute("ROLLBACK")

        expect(page.locator("#receipt-code")).to_be_visible(timeout=30_000)
    assert receipts.new() == 1
    assert receipts.all_are_reports()


@pytest.mark.parametrize("how", ["hangs", "is killed again and again"])
def test_without_a_queue_server_pages_and_reports_go_on(
    browser: Browser, portal: Portal, receipts: Receipts, how: str
) -> None:
    (queue,) = wait_for(lambda: portal.living().get("valkey-server"), "the queue server to run")
    kill(queue, signal.SIGSTOP if how == "hangs" else signal.SIGKILL)
    with visiting(browser) as page:
        for path in ("", "help", "statistics", "follow-up"):
            page.goto(f"http://127.0.0.1:{portal.port}/km/{path}")
            expect(page.locator("h1")).to_be_visible()
        fill(page, portal)
        for pid in portal.living().get("valkey-server", []) if how != "hangs" else []:
            kill(pid, signal.SIGKILL)
        page.click("#send")
        code = page.inner_text("#receipt-code")
        page.goto(f"http://127.0.0.1:{portal.port}/km/follow-up")
        page.fill("#code", code)
        page.press("#code", "Enter")
        expect(page.locator("#message-form")).to_be_visible()

    assert receipts.new() == 1
    if how == "hangs":
        kill(queue, signal.SIGKILL)
    wait_for(
        lambda: portal.is_whole() and portal.living().get("valkey-server", [queue]) != [queue],
        "another queue server",
    )
    assert receipts.all_are_reports()
