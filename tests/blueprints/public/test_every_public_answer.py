"""What every answer of the public site keeps to beside its headers: no other origin, its charset, nothing unserved."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import create_app
from hotline.vocabulary import Surface

UNSERVED = [
    "/.git/config",
    "/.env",
    "/static/",
    "/static/public.js",
    "/../app.py",
    "/%2e%2e/app.py",
    "/metrics",
    "/desk/",
]
FOREIGN = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}


def addresses(app: Flask) -> list[str]:
    """Return every address that can be asked for without anything to put in but a language."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.arguments <= {"lang"}]
    return [rule.rule.replace("<any(km, en):lang>", lang) for rule in rules for lang in ("km", "en")]


def test_every_body_says_what_it_is_and_in_which_letters(public_app: Flask, public_client: FlaskClient) -> None:
    asked = addresses(public_app)
    assert len(asked) > 20

    kinds = {path: (answer := public_client.get(path)).data and answer.content_type for path in asked}

    wrong = {
        path: kind for path, kind in kinds.items() if kind and not re.search(r"; charset=utf-8$|^\w+/\S*json$", kind)
    }
    assert wrong == {}


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_no_other_origin_is_ever_let_in(public_app: Flask, public_client: FlaskClient, method: str) -> None:
    let_in = [
        path
        for path in [*addresses(public_app), "/exchange/v1/offers", "/nothing"]
        for name in public_client.open(path, method=method, headers=FOREIGN).headers.keys()  # noqa: SIM118
        if name.startswith("Access-Control")
    ]

    assert let_in == []


@pytest.mark.parametrize("path", UNSERVED)
def test_no_file_listing_or_door_is_served(public_client: FlaskClient, path: str) -> None:
    answer = public_client.get(path)

    assert answer.status_code == 404
    assert "create_app" not in answer.text


def test_a_request_is_never_sent_back(public_client: FlaskClient) -> None:
    answer = public_client.open("/en/report", method="TRACE", headers={"X-Secret": "narwhal"})

    assert answer.status_code == 405
    assert "narwhal" not in answer.text


def test_over_tls_every_answer_asks_for_tls_from_then_on(public_client: FlaskClient) -> None:
    over_tls = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}

    for path in ("/", "/en/", "/en/report", "/nothing", "/healthz", "/exchange/v1/nothing", "/site.js"):
        answer = public_client.get(path, headers=over_tls)
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains", path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
    assert "Strict-Transport-Security" not in public_client.get("/en/").headers


def test_debugging_is_off(public_app: Flask) -> None:
    assert not create_app(
        Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(public_app.extensions["hotline.settings"].data_dir)}
    ).debug
