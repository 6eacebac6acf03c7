"""What somebody may put on a phone of their own, and the door of its share menu."""

import struct
import zlib
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from hotline.blueprints.public import limits
from hotline.services.submissions import Submission
from tests.blueprints.public.site import LANGUAGES
from tests.page import read_public


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_warns_first_and_works_without_script(public_client: FlaskClient, lang: str):
    page = read_public(public_client.get(f"/{lang}/phone"))

    states = {part["data-state"] for part in page.elements if "data-state" in part.attrs and "hidden" not in part.attrs}

    assert page.all("div", class_="warn")
    assert states == {"none"}
    assert page.one("script", src="/phone.js")["data-manifest"] == f"/{lang}/site.webmanifest"
    assert page.by_id("copy")["data-scopes"] == "/km/help /en/help"
    assert page.one("a", class_="lang")["href"] == f"/{'en' if lang == 'km' else 'km'}/phone"


@pytest.mark.parametrize("path", ["", "report", "help", "share", "follow-up"])
def test_no_other_page_offers_to_be_installed(public_client: FlaskClient, path: str):
    page = read_public(public_client.get(f"/en/{path}", follow_redirects=True))

    assert [link["rel"] for link in page.all("link")] == ["icon"]
    assert "/phone.js" not in {script["src"] for script in page.all("script")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forgetting_clears_what_the_browser_keeps(public_client: FlaskClient, lang: str):
    answer = public_client.post(f"/{lang}/phone/forget")

    page = read_public(answer)

    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert page.all("div", class_="good")
    assert public_client.get(page.one("a", class_="lang")["href"]).status_code == 200


def test_another_site_cannot_make_a_browser_forget(public_client: FlaskClient):
    answer = public_client.post("/en/phone/forget", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert "Clear-Site-Data" not in answer.headers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_manifest_tells_nothing_and_shares_by_post(public_client: FlaskClient, lang: str):
    answer = public_client.get(f"/{lang}/site.webmanifest")

    told = answer.get_json(force=True)

    assert answer.mimetype == "application/manifest+json"
    assert told["share_target"] == {
        "action": f"/{lang}/share",
        "method": "POST",
        "enctype": "application/x-www-form-urlencoded",
        "params": {"title": "title", "text": "text", "url": "url"},
    }
    assert not {"report", "hotline", "child", "abuse"} & set(answer.text.lower().replace('"', " ").split())
    assert public_client.get(told["start_url"], follow_redirects=True).status_code == 200
    assert {public_client.get(icon["src"]).mimetype for icon in told["icons"]} == {"image/png"}


@pytest.mark.parametrize("size", [192, 512])
def test_the_picture_is_a_small_good_png(public_client: FlaskClient, size: int):
    picture = public_client.get(f"/icon-{size}.png").data

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (size, size)
    data = picture[picture.index(b"IDAT") + 4 : picture.index(b"IEND") - 8]
    assert len(zlib.decompress(data)) == size * (size + 1)
    assert len(picture) < 1_000


def test_there_are_no_other_sizes(public_client: FlaskClient):
    assert public_client.get("/icon-193.png").status_code == 404


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_shared_link_fills_the_form_and_nothing_is_stored(
    public_client: FlaskClient, stored: Callable[[], list[Submission]], lang: str
):
    shared = {"title": "A video", "text": "Look at this https://seen.example/v/2", "url": ""}

    answer = public_client.post(f"/{lang}/share", data=shared)
    page = read_public(answer)

    assert answer.status_code == 200
    assert page.value("urls") == "https://seen.example/v/2"
    assert page.value("details") == "Look at this\nA video"
    assert page.errors == {}
    assert page.by_id("report-form")["action"] == f"/{lang}/report"
    switch = page.one("button", name="switch")
    assert switch["formaction"] == f"/{'en' if lang == 'km' else 'km'}/report"
    assert stored() == []


def test_a_form_that_was_filled_by_sharing_can_be_sent(
    public_client: FlaskClient, stored: Callable[[], list[Submission]]
):
    page = read_public(public_client.post("/en/share", data={"url": "https://seen.example/v/2"}))
    answers = {"category": "other", "urls": page.value("urls"), "csrf_token": page.token}

    answer = public_client.post("/en/report", data=answers)

    assert answer.status_code == 303
    assert [one.urls for one in stored()] == ["https://seen.example/v/2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text=%00%ff",
        b"url=javascript:alert(1)",
        b"text=" + b"a" * 20_000,
        b"text=%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_sharing_takes_anything(public_client: FlaskClient, body: bytes):
    answer = public_client.post("/en/share", data=body, content_type="application/x-www-form-urlencoded")

    assert read_public(answer).by_id("report-form")
    assert b"<script>" not in answer.data


def test_opening_the_entry_by_itself_leads_to_the_form(public_client: FlaskClient):
    answer = public_client.get("/km/share")

    assert (answer.status_code, answer.location) == (302, "/km/report")


def test_sharing_too_often_asks_for_patience(public_client: FlaskClient, monkeypatch):
    monkeypatch.setattr(limits, "BEYOND", 1)
    answers = [public_client.post("/en/share", data={"url": "https://seen.example/"}) for _ in range(61)]

    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert read_public(answers[-1]).lang == "en"
