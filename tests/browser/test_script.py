"""What the public site's script does in a real browser, what it leaves behind, and that nothing needs it."""

import sqlite3
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from hotline.rules import proof
from tests.browser import states
from tests.browser.axe import faults
from tests.browser.conftest import Portal
from tests.browser.open_site import OpenSite, visiting
from tests.deploy.processes import wait_for

ADDRESS = "https://seen.example/t/1"
LEFT = "**://www.google.com/**"
KEPT = """async () => [
    ...(await navigator.serviceWorker.getRegistrations()).map(one => new URL(one.scope).pathname),
    ...await caches.keys(), ...(await indexedDB.databases()).map(one => one.name),
    ...Object.keys(localStorage), ...Object.keys(sessionStorage)]"""


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="km-KH")
    context.route(LEFT, lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))
    yield context
    context.close()


@pytest.fixture
def phone(window: BrowserContext) -> Page:
    return window.new_page()


@pytest.fixture
def typed(phone: Page, portal: Portal) -> Page:
    """A report that is ready to be sent."""
    phone.goto(f"{portal.public}/en/")
    phone.click("main a[href='/en/report']")
    phone.check("input[name=category][value=other]")
    phone.fill("#urls", ADDRESS)
    phone.fill("#details", "In a group chat.")
    return phone


def receipts(portal: Portal) -> int:
    """Return how many reports have been stored so far."""
    with sqlite3.connect(f"file:{portal.data_dir / 'front.sqlite3'}?mode=ro", uri=True) as front:
        return int(front.execute("SELECT count(*) FROM receipts").fetchone()[0])


# --- Leave now --------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("way", ["the link", "Esc three times"])
def test_leaving_takes_the_place_of_the_form_in_the_history(typed: Page, way: str) -> None:
    if way == "the link":
        typed.click("a.exit")
    else:
        typed.focus("#details")
        for _ in range(3):
            typed.keyboard.press("Escape")
    typed.wait_for_url(LEFT)

    typed.go_back()

    assert typed.url.endswith("/en/")
    typed.go_forward()
    assert "google" in typed.url


@pytest.mark.browser
def test_esc_pressed_twice_or_slowly_stays(typed: Page) -> None:
    typed.keyboard.press("Escape")
    typed.keyboard.press("Escape")
    typed.wait_for_timeout(2_100)
    typed.keyboard.press("Escape")

    typed.wait_for_timeout(200)

    assert typed.input_value("#urls") == ADDRESS


@pytest.mark.browser
def test_leaving_empties_the_page_before_the_next_one_comes(typed: Page, portal: Portal) -> None:
    typed.evaluate("""() => {
        const urls = document.getElementById("urls");
        const said = () => `[${document.body.textContent}${document.title}${urls.value}]`;
        addEventListener("pagehide", () => sessionStorage.setItem("seen", said()));
    }""")

    typed.click("a.exit")
    typed.wait_for_url(LEFT)

    typed.goto(f"{portal.public}/en/")
    assert typed.evaluate("() => sessionStorage.getItem('seen')") == "[]"


@pytest.mark.browser
def test_leaving_a_receipt_forgets_it(typed: Page, portal: Portal) -> None:
    typed.click("#send")
    typed.wait_for_selector("#receipt-code")
    typed.click("a.exit")
    typed.wait_for_url(LEFT)

    def forgotten() -> bool:
        typed.goto(f"{portal.public}/en/report/receipt")
        return typed.locator("#receipt-code").count() == 0

    assert wait_for(forgotten, "the receipt to be forgotten")


# --- What a code shows ------------------------------------------------------------------------------------------------


def read_back(page: Page) -> str:
    """Go back as far as it goes; return everything that was shown on the way, spaces taken out of codes."""
    seen = []
    while page.go_back():
        page.wait_for_selector("h1")
        seen += [page.content(), *(field.input_value() for field in page.locator("input[type=text]").all())]
    return "".join(seen).replace(" ", "")


@pytest.mark.browser
def test_closing_what_a_code_shows_leaves_nothing_of_it_to_go_back_to(typed: Page, portal: Portal) -> None:
    typed.click("#send")
    code = typed.locator("#receipt-code").inner_text()
    typed.click("button[name=skip]")
    typed.wait_for_url(f"{portal.public}/en/")
    typed.fill("#code", code)
    typed.press("#code", "Enter")
    typed.fill("#message", "It was a group.")
    typed.click("#message-form [type=submit]")
    expect(typed.locator(".msgs .you")).to_have_count(1)
    posts: list[str] = []
    typed.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    typed.wait_for_load_state()  # until then the page is one without script

    typed.click("form[data-close] button")

    typed.wait_for_url(f"{portal.public}/en/")
    seen = read_back(typed)
    assert code.replace(" ", "") not in seen
    assert "Codeending" not in seen
    assert posts == []


@pytest.mark.browser
@pytest.mark.parametrize("lang", states.LANGUAGES)
def test_without_script_the_form_of_a_closed_view_is_sent_again_in_vain(
    browser: Browser, open_site: OpenSite, lang: str
) -> None:
    with visiting(browser, script=False) as page:
        states.STATES["status"](page, open_site, lang)
        page.wait_for_timeout(1100)  # a form's age is known in whole seconds
        page.click("form[data-close] button")
        page.wait_for_url(f"{open_site.url}/{lang}/")
        with pytest.raises(Error, match="ERR_CACHE_MISS"):
            page.go_back()
        page.wait_for_timeout(500)

        page.reload()  # the browser asks a person first, and sends the form once more

        expect(page.locator("#errors")).to_be_visible()
        assert page.input_value("#code") == ""
        assert page.locator("#message-form").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("wrong_first", [True, False])
def test_once_the_code_is_on_paper_going_back_does_not_show_it(typed: Page, wrong_first: bool) -> None:
    typed.click("#send")
    code = typed.locator("#receipt-code").inner_text()
    if wrong_first:
        typed.fill("#ending", "x")
        typed.press("#ending", "Enter")
        typed.wait_for_selector("#errors")
    typed.fill("#ending", code[-4:])
    typed.press("#ending", "Enter")

    expect(typed.locator("h1")).to_have_text("Good. You have the code.")
    seen = read_back(typed)
    assert code.replace(" ", "") not in seen


# --- Sending ----------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_form_with_faults_begins_at_their_summary(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/km/report")
    phone.click("#send")

    phone.wait_for_selector("#errors")

    assert phone.evaluate("() => document.activeElement.id") == "errors"


@pytest.mark.browser
def test_a_double_click_sends_one_report_and_going_back_sends_none(typed: Page, portal: Portal) -> None:
    before = receipts(portal)
    posts: list[str] = []
    typed.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)

    typed.dblclick("#send")
    typed.wait_for_selector("#receipt-code")
    typed.go_back()
    typed.wait_for_selector("#report-form")
    typed.go_forward()
    typed.wait_for_selector("#receipt-code")

    assert len(posts) == 1
    assert receipts(portal) == before + 1


@pytest.mark.browser
def test_the_button_says_that_it_is_sending_and_takes_its_words_back(typed: Page, portal: Portal) -> None:
    typed.context.route("**/healthz", lambda route: None)  # never answered

    typed.click("#send")

    expect(typed.locator("#send")).to_have_text("Sending…")
    expect(typed.locator("#say")).to_have_text("Sending…")
    assert not typed.locator("#send").is_disabled()
    typed.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(typed.locator("#send")).to_have_text("Send report")


@pytest.mark.browser
def test_without_a_network_nothing_typed_is_lost_and_it_is_sent_later(typed: Page, portal: Portal) -> None:
    before = receipts(portal)
    typed.context.set_offline(True)
    notice = typed.locator("#offline")
    expect(notice).to_be_visible()  # said at once, to somebody who has begun to write
    expect(typed.locator("#again")).to_be_hidden()

    typed.click("#send")
    expect(typed.locator("#again")).to_be_visible()
    assert typed.evaluate("() => document.activeElement.id") == "offline"
    assert notice.get_attribute("role") == "alert"
    assert notice.locator("a[href='tel:1280']").is_visible()
    expect(typed.locator("#send")).to_have_text("Send report")
    assert (typed.input_value("#urls"), typed.input_value("#details")) == (ADDRESS, "In a group chat.")
    typed.click("#again")
    expect(typed.locator("#again")).to_have_text("Send again")

    typed.context.set_offline(False)
    expect(typed.locator("[data-back]")).to_be_visible()
    typed.click("#again")
    typed.wait_for_selector("#receipt-code")
    assert receipts(portal) == before + 1


@pytest.mark.browser
def test_a_network_that_only_seems_to_be_there_keeps_the_page(typed: Page) -> None:
    typed.context.route("**/healthz", lambda route: route.abort())

    typed.click("#send")

    expect(typed.locator("#again")).to_be_visible()
    assert typed.input_value("#urls") == ADDRESS
    typed.context.unroute("**/healthz")
    typed.click("#again")
    typed.wait_for_selector("#receipt-code")


@pytest.mark.browser
def test_a_network_that_swallows_the_question_stops_nobody(typed: Page) -> None:
    typed.context.route("**/healthz", lambda route: None)
    typed.evaluate("""() => {
        const patience = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, "timeout");
        Object.defineProperty(XMLHttpRequest.prototype, "timeout", { set() { patience.set.call(this, 300); } });
    }""")

    typed.click("#send")
    expect(typed.locator("#again")).to_be_visible()
    typed.click("#again")

    typed.wait_for_selector("#receipt-code")


@pytest.mark.browser
def test_the_language_switch_keeps_what_was_typed_and_asks_nothing(typed: Page) -> None:
    asked: list[str] = []
    typed.on("request", lambda sent: asked.append(sent.url) if "healthz" in sent.url else None)

    typed.click("header button.lang")

    typed.wait_for_url("**/km/report")
    assert typed.input_value("#urls") == ADDRESS
    assert asked == []


@pytest.mark.browser
def test_a_proof_of_work_is_found_and_sent(phone: Page, portal: Portal) -> None:
    def ask_for_one(route: Route) -> None:
        page = route.fetch()
        asking = 'id="report-form" data-proof="a challenge that is as long as a token" data-proof-bits="14"'
        script = '<script src="/proof.js" defer></script></head>'
        body = page.text().replace('id="report-form"', asking).replace("</head>", script)
        route.fulfill(response=page, body=body)

    sent: list[str] = []
    phone.context.route("**/en/report", ask_for_one, times=1)
    phone.on("request", lambda one: sent.append(one.post_data or "") if one.method == "POST" else None)
    phone.goto(f"{portal.public}/en/report")

    phone.wait_for_selector("#errors")  # it went by itself; nothing was filled in

    found = parse_qs(sent[0])["proof"][0]
    assert proof.is_solved("a challenge that is as long as a token", found, bits=14)
    assert not any(proof.is_solved("a challenge that is as long as a token", str(n), 14) for n in range(int(found)))


@pytest.mark.browser
def test_the_receipt_can_be_copied_and_printed(typed: Page) -> None:
    typed.context.grant_permissions(["clipboard-read", "clipboard-write"])
    typed.click("#send")
    code = typed.locator("#receipt-code").inner_text()
    typed.evaluate("() => { window.print = () => { window.printed = true } }")

    typed.dblclick("[data-copy]")
    typed.click("[data-print]")

    expect(typed.locator("#say")).to_have_text("Copied.")
    expect(typed.locator("[data-copy]")).to_have_text("Copied.")
    assert typed.evaluate("() => navigator.clipboard.readText()") == code
    assert typed.evaluate("() => window.printed")
    expect(typed.locator("[data-copy]")).to_have_text("Copy the code")


@pytest.mark.browser
def test_a_browser_without_a_clipboard_still_copies(typed: Page) -> None:
    typed.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    typed.click("#send")

    typed.click("[data-copy]")

    expect(typed.locator("[data-copy]")).to_have_text("Copied.")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["km", "en"])
def test_what_the_script_shows_is_open_to_everybody(phone: Page, portal: Portal, language: str) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.goto(f"{portal.public}/{language}/phone")
    phone.wait_for_selector("#keep:visible")
    found = faults(phone)
    phone.goto(f"{portal.public}/{language}/follow-up")
    phone.fill("#code", "1234")
    phone.context.set_offline(True)
    phone.click("#follow-up-form [type=submit]")
    phone.wait_for_selector("#again:visible")

    assert found + faults(phone) == []
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= 320


# --- On a phone of one's own ------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_nothing_is_kept_before_somebody_asks_for_it(typed: Page, portal: Portal) -> None:
    typed.click("#send")
    typed.wait_for_selector("#receipt-code")
    for path in ("help", "follow-up", "phone"):
        typed.goto(f"{portal.public}/en/{path}")
    expect(typed.locator("#keep")).to_be_visible()

    assert typed.evaluate(KEPT) == []


@pytest.mark.browser
def test_only_the_page_for_it_may_keep_something(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/en/help")

    refused = phone.evaluate("() => navigator.serviceWorker.register('/site-worker.js').then(() => '', e => e.name)")

    assert refused == "SecurityError"


@pytest.mark.browser
def test_the_help_page_opens_offline_for_who_asked_until_it_is_removed(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/en/phone")
    phone.click("#keep")
    phone.wait_for_selector("#remove:visible")
    assert phone.evaluate(KEPT) == ["/km/help", "/en/help", "help"]
    assert phone.evaluate(
        "async () => (await (await caches.open('help')).keys()).map(one => new URL(one.url).pathname).sort()"
    ) == ["/en/help", "/km/help", "/site.js"]

    phone.context.set_offline(True)
    for language in ("km", "en"):
        phone.goto(f"{portal.public}/{language}/help")
        assert phone.locator("a[href='tel:1280']").first.is_visible()
        assert phone.locator("html").get_attribute("lang") == language
    phone.fill("#what", "Please call me.")
    phone.click("#send")
    expect(phone.locator("#again")).to_be_visible()
    assert phone.input_value("#what") == "Please call me."
    for path in ("", "report", "phone"):
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            phone.goto(f"{portal.public}/en/{path}")

    phone.context.set_offline(False)
    phone.goto(f"{portal.public}/en/phone")
    phone.click("#remove")
    phone.wait_for_selector("#keep:visible")
    assert phone.evaluate(KEPT) == []
    phone.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        phone.goto(f"{portal.public}/en/help")


@pytest.mark.browser
def test_everything_can_be_taken_away_without_a_script_of_ours(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/en/report")  # leaves a cookie
    phone.goto(f"{portal.public}/en/phone")
    phone.click("#keep")
    phone.wait_for_selector("#remove:visible")

    phone.click("main form button")

    expect(phone.locator("main .good")).to_be_visible()
    expect(phone.locator("#keep")).to_be_visible()
    assert phone.evaluate(KEPT) == []
    assert phone.context.cookies() == []


@pytest.mark.browser
def test_the_page_can_be_installed_under_a_name_that_tells_nothing(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/en/phone")
    phone.wait_for_selector("link[rel=manifest]", state="attached")  # asked for once the page has been drawn

    found = phone.context.new_cdp_session(phone).send("Page.getAppManifest")

    assert found["errors"] == []
    assert '"name": "Links"' in found["data"]
    errors = phone.context.new_cdp_session(phone).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_opt_in_page_says_what_to_do_without(browser: Browser, portal: Portal, script: bool) -> None:
    context = browser.new_context(java_script_enabled=script, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'serviceWorker', { value: undefined })")
    page.goto(f"{portal.public}/en/phone")

    expect(page.locator("[data-state=none]")).to_be_visible()
    assert not [one for one in page.locator("main button").all() if one.is_visible()][1:]
    context.close()


@pytest.mark.browser
def test_what_another_app_shares_fills_the_form(phone: Page, portal: Portal) -> None:
    before = receipts(portal)
    phone.goto(f"{portal.public}/en/phone")
    phone.evaluate("""() => {
        const form = Object.assign(document.createElement("form"), { method: "post", action: "/en/share" });
        const shared = { title: "A video", text: "Look: https://seen.example/v/2", url: "" };
        for (const name in shared) {
            form.append(Object.assign(document.createElement("input"), { name, value: shared[name] }));
        }
        document.body.append(form);
        HTMLFormElement.prototype.submit.call(form);
    }""")
    phone.wait_for_selector("#report-form")

    assert phone.input_value("#urls") == "https://seen.example/v/2"
    assert phone.input_value("#details") == "Look:\nA video"
    phone.click("header button.lang")
    phone.wait_for_url("**/km/report")
    assert phone.input_value("#urls") == "https://seen.example/v/2"
    assert receipts(portal) == before
    phone.check("input[name=category][value=other]")
    phone.click("#send")
    phone.wait_for_selector("#receipt-code")


@pytest.mark.browser
def test_the_manifest_comes_when_the_page_stands_already(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.public}/km/phone")

    link = phone.wait_for_selector("link[rel=manifest]", state="attached")

    assert link.get_attribute("href") == "/km/site.webmanifest"
