"""Coming back with a code."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import vault
from hotline.services import receipts
from hotline.vocabulary import ReportStatus
from tests.blueprints.public.site import LANGUAGES, Reporter
from tests.page import Page, read_public

KHMER = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")


@pytest.fixture
def ask(public_client: FlaskClient):
    def look_up(code: str, lang: str = "en", token: str | None = None, **more: str):
        sent = read_public(public_client.get(f"/{lang}/follow-up")).token if token is None else token
        return public_client.post(f"/{lang}/follow-up", data={"code": code, "csrf_token": sent, **more})

    return look_up


@pytest.fixture
def code(reporter: Reporter) -> str:
    return reporter.receipt()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_code_shows_how_far_its_report_is(ask, code: str, lang: str):
    answer = ask(code, lang)

    page = read_public(answer)

    assert answer.status_code == 200
    assert code[-4:] in page.text
    assert len(page.all("li", class_="now")) == 1


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: " ".join(code[n : n + 4] for n in range(0, 16, 4)),
        lambda code: "-".join(code[n : n + 4] for n in range(0, 16, 4)),
        lambda code: code.translate(KHMER),
        lambda code: "\u200b".join(code) + "\ufeff",
        lambda code: f"  {code}\n",
    ],
)
def test_a_code_may_be_typed_as_people_type(ask, code: str, typed):
    assert ask(typed(code)).status_code == 200


@pytest.mark.parametrize(
    "typed", ["", "1234", "1" * 17, "abcd efgh ijkl mnop", "1234 5678 9012 345x", "x" * 5000, "²" * 16]
)
def test_what_cannot_be_a_code_is_said_and_kept(ask, typed: str):
    answer = ask(typed)

    page = read_public(answer)

    assert answer.status_code == 422
    assert page.errors == {"code": "A code has 16 digits"}
    assert page.value("code") == typed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_wrong_code_is_answered_in_plain_words(ask, lang: str):
    answer = ask("0000 0000 0000 0000", lang)

    page = read_public(answer)

    assert answer.status_code == 422
    assert list(page.errors) == ["code"]
    assert page.value("code") == "0000 0000 0000 0000"


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        (ReportStatus.RECEIVED, ["now", "", "", ""]),
        (ReportStatus.CHECKING, ["past", "now", "", ""]),
        (ReportStatus.ACTION_TAKEN, ["past", "past", "now", ""]),
        (ReportStatus.CLOSED, ["past", "past", "now"]),
    ],
)
def test_each_status_shows_its_step(public_app: Flask, ask, code: str, status: ReportStatus, steps: list[str]):
    with public_app.app_context():
        keys = vault.keyring().public
        assert keys
        receipts.move_on({vault.receipt_of(keys, code).tag: status})

    page = read_public(ask(code))

    assert [step.get("class") for step in page.all("li") if step.within("ol")] == steps


def test_the_status_says_nothing_of_what_was_reported(ask, code: str):
    assert "page.example" not in ask(code).text


def test_a_bad_token_asks_to_press_again(ask, code: str):
    page = read_public(ask(code, token="x"))

    assert list(page.errors) == ["code"]
    assert page.value("code") == code


@pytest.mark.parametrize(("lang", "other"), [("en", "km"), ("km", "en")])
def test_the_form_changes_language_with_what_was_typed(public_client: FlaskClient, lang: str, other: str):
    button = read_public(public_client.get(f"/{lang}/follow-up")).one("button", class_="lang")

    page = read_public(
        public_client.post(button["formaction"], data={"code": "12 34", button["name"]: button["value"]})
    )

    assert page.lang == other
    assert page.value("code") == "12 34"


def test_the_status_changes_language(public_client: FlaskClient, ask, code: str):
    shown: Page = read_public(ask(code))
    form = shown.one("form", action="/km/follow-up")
    fields = {field["name"]: field["value"] for field in shown.all("input") if field.within("form") is form}

    page = read_public(public_client.post(form["action"], data=fields))

    assert page.lang == "km"
    assert code[-4:] in page.text


def test_the_home_page_leads_to_the_status(public_client: FlaskClient, code: str):
    home = read_public(public_client.get("/en/"))

    answer = public_client.post(home.one("form")["action"], data={"code": code, "csrf_token": home.token})

    assert answer.status_code == 200


def test_the_code_never_stands_in_an_address(ask, code: str):
    page = read_public(ask(code))

    assert not [link for link in page.all("a") if code in link["href"]]
