"""Every page of the public site, and every state of one that somebody can bring about."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.open_site import REPORTED, OpenSite

PUBLIC = (
    "",
    "report",
    "help",
    "follow-up",
    "how-we-work",
    "code-of-practice",
    "statistics",
    "contact",
    "privacy",
    "cookies",
    "accessibility",
    "about",
    "find-link",
    "safety",
    "phone",
    "nothing-here",
)
PAGES_TO_FIND = PUBLIC[:-1]  # by links, from the first page
LANGUAGES = ("km", "en")
Bring = Callable[[Page, OpenSite, str], None]

LONG = "https://a-very-long-name-without-any-hyphen-or-break.example/" + "x" * 300
WORDS = "ពាក្យរបស់ខ្ញុំ, in my own words"


def goes_to(path: str) -> Bring:
    """Return the state of a page just opened."""

    def bring(page: Page, site: OpenSite, lang: str) -> None:
        page.goto(f"{site.url}/{lang}/{path}")

    return bring


def fill_report(page: Page, site: OpenSite, lang: str, urls: str = REPORTED) -> None:
    """Open the report form and answer the first two questions."""
    page.goto(f"{site.url}/{lang}/report")
    page.check("input[name=category][value=other]")
    page.fill("#urls", urls)


def _report_with_every_fault(page: Page, site: OpenSite, lang: str) -> None:
    page.goto(f"{site.url}/{lang}/report")
    page.fill("#urls", "javascript:alert(1)")
    page.fill("#details", "x" * 4001)
    page.click("summary >> nth=-1")
    page.fill("#contact", "x" * 201)
    page.click("#send")
    page.wait_for_selector("#errors")


def _report_without_a_link(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang, "a game, I do not know its address")
    page.click("#send")
    page.wait_for_selector("button[name=to_help]")


def _report_in_danger(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang, LONG)
    page.check("#in_danger-yes")
    for summary in page.locator("summary").all():
        summary.click()


def _receipt(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang)
    page.click("#send")
    page.wait_for_selector("#receipt-code")


def _receipt_in_danger_with_remarks(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang, f"{LONG}\nno address \u0001 here")
    page.check("#in_danger-yes")
    page.click("#send")
    page.wait_for_selector("#receipt-code")


def _receipt_with_wrong_digits(page: Page, site: OpenSite, lang: str) -> None:
    _receipt(page, site, lang)
    page.fill("#ending", "x")
    page.press("#ending", "Enter")
    page.wait_for_selector("#errors")


def _receipt_of_sextortion(page: Page, site: OpenSite, lang: str) -> None:
    page.goto(f"{site.url}/{lang}/help")
    page.click("main a.go[href*=category]")
    page.fill("#urls", REPORTED)
    page.click("#send")
    page.wait_for_selector("#threat-h")


def _receipt_kept(page: Page, site: OpenSite, lang: str) -> None:
    _receipt(page, site, lang)
    page.fill("#ending", page.inner_text("#receipt-code")[-4:])
    page.press("#ending", "Enter")
    page.wait_for_selector("#receipt-code", state="detached")


def _receipt_at_once(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang)
    page.context.clear_cookies()
    page.click("#send")
    page.wait_for_selector("#receipt-code")


def _fill_help(page: Page, site: OpenSite, lang: str) -> None:
    page.goto(f"{site.url}/{lang}/help")
    page.check("input[name=for_whom] >> nth=0")
    page.fill("#what", WORDS)


def _help_with_every_fault(page: Page, site: OpenSite, lang: str) -> None:
    page.goto(f"{site.url}/{lang}/help")
    page.fill("#safe_contact", "x" * 301)
    page.click("#send")
    page.wait_for_selector("#errors")


def _help_from_a_report(page: Page, site: OpenSite, lang: str) -> None:
    _report_without_a_link(page, site, lang)
    page.click("button[name=to_help]")
    page.wait_for_selector("#help-form")


def _receipt_of_help(page: Page, site: OpenSite, lang: str) -> None:
    _fill_help(page, site, lang)
    page.check("#code_only")
    page.click("#send")
    page.wait_for_selector("#receipt-code")


def _look_up(page: Page, site: OpenSite, lang: str, code: str) -> None:
    page.goto(f"{site.url}/{lang}/follow-up")
    page.fill("#code", code)
    page.press("#code", "Enter")


def _wrong_code(page: Page, site: OpenSite, lang: str) -> None:
    _look_up(page, site, lang, "0000 0000 0000 0000")
    page.wait_for_selector("#errors")


def _status(page: Page, site: OpenSite, lang: str) -> None:
    _look_up(page, site, lang, site.code())
    page.wait_for_selector("#message-form")


def _status_with_messages(page: Page, site: OpenSite, lang: str) -> None:
    _look_up(page, site, lang, site.converse())
    page.wait_for_selector(".msgs")
    page.click("summary")


def _message_sent(page: Page, site: OpenSite, lang: str) -> None:
    _status(page, site, lang)
    page.fill("#message", LONG)
    page.click("#message-form [type=submit]")
    page.wait_for_selector(".good")


def _message_too_long(page: Page, site: OpenSite, lang: str) -> None:
    _status(page, site, lang)
    page.fill("#message", "x" * 2001)
    page.click("#message-form [type=submit]")
    page.wait_for_selector("#errors")


def _status_of_help(page: Page, site: OpenSite, lang: str) -> None:
    _receipt_of_help(page, site, lang)
    _look_up(page, site, lang, page.inner_text("#receipt-code"))
    page.wait_for_selector("#message-form")


def _contact_forgotten(page: Page, site: OpenSite, lang: str) -> None:
    _status(page, site, lang)
    page.click("summary")
    page.click("details button")
    page.wait_for_selector(".good")


def choose_cookies(page: Page, site: OpenSite, lang: str, answer: str) -> None:
    """Answer the question about cookies on a page to read."""
    page.goto(f"{site.url}/{lang}/privacy")
    with page.expect_navigation():
        page.click(f"button[name=cookies][value={answer}]")


def _cookies_refused(page: Page, site: OpenSite, lang: str) -> None:
    choose_cookies(page, site, lang, "needed")
    page.goto(f"{site.url}/{lang}/cookies")


def _home_in_the_largest_text(page: Page, site: OpenSite, lang: str) -> None:
    page.goto(f"{site.url}/{lang}/accessibility")
    page.check("#size-largest")
    with page.expect_navigation():
        page.click("form[action$='/text-size'] button")
    page.goto(f"{site.url}/{lang}/")


def _without_a_network(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang)
    page.context.set_offline(True)
    page.click("#send")
    page.wait_for_selector("#again:visible")
    page.context.set_offline(False)
    page.wait_for_selector("[data-back]:visible")


def _phone_emptied(page: Page, site: OpenSite, lang: str) -> None:
    page.goto(f"{site.url}/{lang}/phone")
    page.click("main form button")
    page.wait_for_selector(".good")


def _too_much(page: Page, site: OpenSite, lang: str) -> None:
    fill_report(page, site, lang)
    page.fill("#details", "a word, and " * 6000)
    page.click("#send")
    page.wait_for_selector("#report-form", state="detached")


STATES: dict[str, Bring] = {
    "report, every fault": _report_with_every_fault,
    "report without a link": _report_without_a_link,
    "report, child in danger, all open": _report_in_danger,
    "report without a network": _without_a_network,
    "receipt": _receipt,
    "receipt, child in danger, remarks": _receipt_in_danger_with_remarks,
    "receipt, wrong digits": _receipt_with_wrong_digits,
    "receipt of sextortion": _receipt_of_sextortion,
    "receipt kept": _receipt_kept,
    "receipt at once": _receipt_at_once,
    "receipt gone": goes_to("report/receipt"),
    "receipt of help": _receipt_of_help,
    "help, every fault": _help_with_every_fault,
    "help from a report": _help_from_a_report,
    "follow-up, wrong code": _wrong_code,
    "status": _status,
    "status with messages": _status_with_messages,
    "status of help": _status_of_help,
    "message sent": _message_sent,
    "message too long": _message_too_long,
    "contact forgotten": _contact_forgotten,
    "cookies refused": _cookies_refused,
    "home in the largest text": _home_in_the_largest_text,
    "phone emptied": _phone_emptied,
    "too much at once": _too_much,
}
PAGES: dict[str, Bring] = {path or "home": goes_to(path) for path in PUBLIC}
