"""The receipt page: shown to the browser that earned it, for ten minutes, until it is confirmed."""

import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline.blueprints.public import cookies
from tests.blueprints.public.site import LANGUAGES, Reporter, build
from tests.page import read_public


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
