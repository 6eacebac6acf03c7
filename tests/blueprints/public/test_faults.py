"""When something breaks: a kind page for the visitor, a shape for the log, no value for anybody."""

import logging
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader

from hotline.blueprints.public import report
from tests.blueprints.public.site import LANGUAGES
from tests.page import read_public

SECRET = "https://page.example/secret-words"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(submission, *, nonce):
        raise RuntimeError(f"could not store {submission.urls}")

    monkeypatch.setattr(report.submissions, "take", fail)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fault_of_ours_shows_a_way_on_and_no_detail(reporter, broken, lang: str):
    answer = reporter.send(lang, urls=SECRET)

    page = read_public(answer)

    assert answer.status_code == 500
    assert page.lang == lang
    assert {"tel:1288", "tel:+85592311511"} <= {link["href"] for link in page.all("a")}
    assert "secret" not in page.html
    assert "Traceback" not in page.html
    assert not [element for element in page.elements if element.get("id") == "receipt-code"]


def test_a_fault_is_logged_by_its_shape_alone(reporter, broken, caplog: pytest.LogCaptureFixture):
    log = logging.getLogger("hotline")
    log.addHandler(caplog.handler)
    try:
        reporter.send(urls=SECRET, headers={"User-Agent": "phone-of-somebody"})
    finally:
        log.removeHandler(caplog.handler)

    said = caplog.text
    assert "RuntimeError" in said
    assert "report.py:" in said
    for trace in ("secret", "page.example", "127.0.0.1", "phone-of-somebody", "/en/report"):
        assert trace not in said


class Broken:
    """A body in chunks that are none, as gunicorn's own reader meets it."""

    def __init__(self, sent: bytes) -> None:
        unread = IterUnreader(iter([sent]))
        self.body = Body(ChunkedReader(None, unread))

    def read(self, *most: int) -> bytes:
        return cast(bytes, self.body.read(*most))

    def readline(self, *most: int) -> bytes:
        return cast(bytes, self.body.readline(*most))


@pytest.mark.parametrize("path", ["/en/report", "/km/help", "/en/follow-up", "/exchange/v1/referrals"])
@pytest.mark.parametrize("sent", [b"secret\r\n", b"0x5\r\nsecret", b"9\r\nsecret", b"5\r\nsecret\r\n"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
def test_a_body_in_broken_chunks_is_a_fault_of_its_sender_and_leaves_no_line(
    public_client: FlaskClient, caplog: pytest.LogCaptureFixture, path: str, kind: str, sent: bytes
):
    log = logging.getLogger("hotline")
    log.addHandler(caplog.handler)
    body = {"wsgi.input": Broken(sent), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    try:
        answer = public_client.post(path, content_type=kind, environ_overrides=body)
    finally:
        log.removeHandler(caplog.handler)

    assert answer.status_code == 400
    assert caplog.text == ""


def test_good_requests_leave_no_line_at_all(public_app: Flask, public_client: FlaskClient, caplog, capfd):
    caplog.set_level(logging.DEBUG)

    public_client.get("/en/help", headers={"User-Agent": "phone-of-somebody", "Referer": "https://page.example/x"})
    public_client.get("/en/nope", headers={"User-Agent": "phone-of-somebody"})

    said = caplog.text + "".join(capfd.readouterr())
    for trace in ("phone-of-somebody", "page.example", "127.0.0.1", "/en/"):
        assert trace not in said


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/desk/sign-in", "/desk/items/I-222222", "/static/desk.css"])
def test_whoever_looks_for_the_desk_here_finds_the_public_page_for_what_is_missing(public_client, path: str):
    for answer in (public_client.get(path), public_client.post(path, data={})):
        assert answer.status_code == 404
        assert "desk" not in read_public(answer).text.lower()
