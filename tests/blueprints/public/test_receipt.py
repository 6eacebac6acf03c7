"""The receipt page: shown to the browser that earned it, for ten minutes, until it is confirmed."""

import base64
import json
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline.blueprints.public import cookies
from tests.blueprints.public.site import LANGUAGES, Reporter, build
from tests.page import Page, read_public


def set_cookies(answer) -> dict[str, str]:
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


def test_the_form_leaves_a_probe_that_ends_with_the_browser(public_client: FlaskClient):
    (line,) = set_cookies(public_client.get("/en/report")).values()

    assert line == "probe=1; Path=/; HttpOnly; SameSite=Strict"


def test_the_receipt_travels_locked_and_for_ten_minutes(reporter: Reporter):
    answer = reporter.send()

    line = set_cookies(answer)["receipt"]
    code = read_public(reporter.client.get(answer.location)).by_id("receipt-code").text.replace(" ", "")

    assert answer.location == "/en/report/receipt"
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=600"} <= set(line.split("; "))
    assert "Domain" not in line
    assert code not in line
    assert code not in answer.text


def test_under_tls_cookies_are_bound_to_the_host(tmp_path: Path):
    app = build(tmp_path, HOTLINE_PUBLIC_URL="https://hotline.example")
    reporter = Reporter(app.test_client())
    base = {"base_url": "https://hotline.example"}

    form = reporter.client.get("/en/report", **base)
    data = {"csrf_token": read_public(form).token, "category": "csam", "urls": "https://page.example"}
    answer = reporter.client.post("/en/report", data=data, **base)

    (probe,), (receipt,) = set_cookies(form).values(), set_cookies(answer).values()
    assert probe.startswith("__Host-probe=1; ")
    assert receipt.startswith("__Host-receipt=")
    assert probe.endswith("; Secure")
    assert "; Secure" in receipt
    assert form.headers["Strict-Transport-Security"].startswith("max-age=")
    assert reporter.client.get(answer.location, **base).status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_receipt_shows_the_code_in_groups_and_what_was_taken(reporter: Reporter, lang: str):
    answer = reporter.send(lang, urls="https://page.example/1\nhttps://page.example/2")

    page = read_public(reporter.client.get(answer.location))

    assert '<output id="receipt-code">' in page.html
    assert [len(group) for group in page.by_id("receipt-code").text.split(" ")] == [4, 4, 4, 4]
    assert "2" in page.one("li", class_="past").text


def test_the_receipt_can_be_read_in_the_other_language(reporter: Reporter):
    answer = reporter.send("en")
    english = read_public(reporter.client.get(answer.location))

    khmer = read_public(reporter.client.get(english.one("a", class_="lang")["href"]))

    assert khmer.lang == "km"
    assert khmer.by_id("receipt-code").text == english.by_id("receipt-code").text


def test_once_confirmed_the_code_is_gone(reporter: Reporter):
    shown = reporter.client.get(reporter.send().location)
    form = read_public(shown).one("form")

    answer = reporter.client.post(form["action"])

    assert answer.status_code == 303
    assert answer.location == "/en/"
    assert "Max-Age=0" in set_cookies(answer)["receipt"]
    assert reporter.client.get("/en/report/receipt").status_code == 410


def links_of(page: Page) -> set[str]:
    return {link["href"] for link in page.all("a") if link.within("main") is not None}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_last_digits_are_answered_by_a_page_without_the_code(reporter: Reporter, lang: str):
    code = reporter.receipt(lang)

    answer = reporter.client.post(f"/{lang}/report/receipt", data={"ending": code[-4:]})

    page = read_public(answer)
    assert answer.status_code == 200
    assert "Max-Age=0" in set_cookies(answer)["receipt"]
    assert code not in answer.text.replace(" ", "")
    assert links_of(page) >= {f"/{lang}/", f"/{lang}/help", f"/{lang}/follow-up"}
    assert page.all("a", class_="lang") == []  # nothing in the other language could say the same
    assert reporter.client.get(f"/{lang}/report/receipt").status_code == 410


def test_digits_that_come_too_late_are_not_called_right(reporter: Reporter):
    code = reporter.receipt()
    reporter.client.post("/en/report/receipt", data={"ending": code[-4:]})

    answer = reporter.client.post("/en/report/receipt", data={"ending": "0000"})

    assert answer.status_code == 410
    assert "You have the code" not in read_public(answer).text


def test_wrong_digits_show_the_code_again(reporter: Reporter):
    code = reporter.receipt()

    answer = reporter.client.post("/en/report/receipt", data={"ending": "x"})

    assert answer.status_code == 422
    assert read_public(answer).by_id("receipt-code").text.replace(" ", "") == code


def test_going_on_without_checking_leads_to_the_first_page(reporter: Reporter):
    reporter.receipt()

    answer = reporter.client.post("/en/report/receipt", data={"ending": "x", "skip": "1"})

    assert (answer.status_code, answer.location) == (303, "/en/")
    assert reporter.client.get("/en/report/receipt").status_code == 410


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_receipt_of_sextortion_says_what_to_do_now(reporter: Reporter, lang: str):
    pages = [
        read_public(reporter.client.get(reporter.send(lang, category=category).location))
        for category in ("sextortion", "csam")
    ]

    assert [f"/{lang}/help#ask" in links_of(page) for page in pages] == [True, False]
    assert [page.all("section", class_="warn") != [] for page in pages] == [True, False]


@pytest.mark.parametrize("keeps_cookies", [True, False])
def test_the_receipt_leads_to_the_report(public_app: Flask, keeps_cookies: bool):
    reporter = Reporter(public_app.test_client(use_cookies=keeps_cookies))
    answer = reporter.send()

    page = read_public(reporter.client.get(answer.location) if keeps_cookies else answer)

    assert page.one("a", class_="go alt", href="/en/follow-up").text.startswith("See my report")


def test_a_receipt_from_before_an_update_is_still_shown(public_app: Flask):
    """The cookie that an older version sealed says less."""
    with public_app.test_request_context():
        old = {"code": "1234567890123456", "links": 1, "kept": False, "mended": False}
        sealed = cookies._box().encrypt(json.dumps([time.time() + 60, old]).encode())
    client = public_app.test_client()
    client.set_cookie("receipt", base64.urlsafe_b64encode(sealed).decode().rstrip("="))

    assert "1234 5678 9012 3456" in read_public(client.get("/en/report/receipt")).text


def test_another_site_cannot_make_the_code_go_away(reporter: Reporter):
    reporter.send()

    answer = reporter.client.post("/en/report/receipt", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert read_public(answer).lang == "en"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_cookie_there_is_no_code_but_a_way_on(public_client: FlaskClient, lang: str):
    answer = public_client.get(f"/{lang}/report/receipt")

    page = read_public(answer)

    assert answer.status_code == 410
    assert {f"/{lang}/report", f"/{lang}/follow-up"} <= {link["href"] for link in page.all("a", class_="go")} | {
        link["href"] for link in page.all("a", class_="go alt")
    }


def test_after_ten_minutes_a_kept_cookie_shows_nothing(reporter: Reporter, monkeypatch: pytest.MonkeyPatch):
    answer = reporter.send()
    now = time.time()
    monkeypatch.setattr(cookies.time, "time", lambda: now + 601)

    assert reporter.client.get(answer.location).status_code == 410


@pytest.mark.parametrize("value", ["", "x", "AAAA", "a" * 200, "ក", "%%%", "=" * 9])
def test_a_forged_cookie_shows_nothing(public_app: Flask, value: str):
    client = public_app.test_client(use_cookies=False)

    answer = client.get("/en/report/receipt", headers={"Cookie": f"receipt={value}".encode().decode("latin-1")})

    assert answer.status_code == 410
