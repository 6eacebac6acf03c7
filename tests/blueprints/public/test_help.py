"""The form that asks for help: what is taken, what is refused kindly, and who can open it."""

import base64
import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hotline import vault
from hotline.blueprints.public import brake, help, tokens
from hotline.errors import KeyMissing, StorageFull
from hotline.models.report import Inbox, ReceiptRow
from hotline.services import help_requests
from hotline.services.help_requests import Asked
from hotline.transactions import front_engine
from hotline.vault import Lock
from hotline.vocabulary import Concern, ForWhom, InboxKind, Language
from tests.blueprints.public.site import LANGUAGES
from tests.page import Page, read_public

TYPED = {
    "for_whom": "other",
    "what": '<b>he said & wrote</b>\n  "so"',
    "contact": "@someone '\"",
    "safe_contact": "only <after> school",
}
BLOB = base64.b64encode(bytes(range(256)) * 8).decode()
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ask(public_client: FlaskClient) -> Callable[..., TestResponse]:
    """Open the form and send it; what is not given is answered sensibly."""

    def send(lang: str = "en", *, token: str | None = None, headers: dict[str, str] | None = None, **fields: str):
        fresh = read_public(public_client.get(f"/{lang}/help")).token
        answers = {"what": "some words", "contact": "@someone", "website": ""} | fields
        answers["csrf_token"] = fresh if token is None else token
        return public_client.post(f"/{lang}/help", data=answers, headers=headers)

    return send


@pytest.fixture
def asked(public_app: Flask) -> Callable[[], list[tuple[Asked, str | None]]]:
    """Return every stored request and its contact, opened with the key that only victim support's desk holds."""

    def opened() -> list[tuple[Asked, str | None]]:
        with public_app.app_context(), front_engine().connect() as connection:
            rows = connection.execute(select(Inbox.kind, Inbox.body, Inbox.contact)).all()
        keys_dir = public_app.extensions["hotline.settings"].keys_dir
        ring = vault.load(keys_dir, private=[Lock.CARE], public_secrets=False, blinds=False)
        assert {kind for kind, *_ in rows} <= {InboxKind.HELP}
        return [
            (
                help_requests.asked_in(ring.open(help_requests.BODY, body, lock=Lock.CARE)),
                ring.open(help_requests.CONTACT, contact, lock=Lock.CARE) if contact else None,
            )
            for _, body, contact in rows
        ]

    return opened


def refused(answer: TestResponse, status: int = 422) -> Page:
    page = read_public(answer)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_request_is_stored_and_answered_with_a_receipt(public_client: FlaskClient, ask, asked, lang: str):
    answer = ask(lang, for_whom="child", what="words\nmore", contact=" 092 000 000 ", safe_contact="by message")

    page = read_public(public_client.get(answer.location))
    assert answer.status_code == 303
    assert len(page.by_id("receipt-code").text.replace(" ", "")) == 16
    assert asked() == [(Asked(ForWhom.CHILD, "words\nmore", False, "by message", Language(lang)), "092 000 000")]


def test_whoever_comes_back_by_code_leaves_no_contact(ask, asked):
    assert ask(contact="", code_only="yes").status_code == 303

    ((said, contact),) = asked()
    assert (said.code_only, said.for_whom, contact) == (True, None, None)


def test_the_receipt_says_who_reads_it_and_whom_to_call_now(public_client: FlaskClient, ask):
    page = read_public(public_client.get(ask().location))

    assert page.heading == "Thank you. Your request is with us."
    assert "Only our support team has the key" in page.text
    assert {"tel:1288", "tel:1280"} <= {link["href"] for link in page.all("a")}
    for word in ("links.", "report is with us", "asked to be removed"):
        assert word not in page.text


def test_a_browser_without_cookies_gets_its_receipt_at_once(public_app: Flask, public_client: FlaskClient, asked):
    token = read_public(public_client.get("/en/help")).token
    answer = public_app.test_client(use_cookies=False).post(
        "/en/help", data={"csrf_token": token, "what": "words", "code_only": "yes"}
    )

    page = read_public(answer)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert len(page.by_id("receipt-code").text) == 19
    assert len(asked()) == 1


def test_the_receipt_is_one_of_help_and_nothing_but_victim_support_opens_the_row(public_app: Flask, ask):
    ask()

    keys_dir = public_app.extensions["hotline.settings"].keys_dir
    ring = vault.load(keys_dir, private=[Lock.CASE, Lock.ESCROW], public_secrets=True, blinds=True)
    with public_app.app_context(), front_engine().connect() as connection:
        assert connection.scalars(select(ReceiptRow.concern)).all() == [Concern.HELP]
        row = connection.execute(select(Inbox)).one()
    for lock in (Lock.CASE, Lock.CARE):
        for purpose, blob in ((help_requests.BODY, row.body), (help_requests.CONTACT, row.contact)):
            with pytest.raises(KeyMissing):
                ring.open(purpose, blob, lock=lock)


def test_the_same_form_sent_twice_is_one_request(public_client: FlaskClient, ask, asked):
    token = read_public(public_client.get("/en/help")).token

    answers = [ask(token=token) for _ in range(2)]

    codes = {read_public(public_client.get(answer.location)).by_id("receipt-code").text for answer in answers}
    assert len(codes) == 1
    assert len(asked()) == 1


@pytest.mark.parametrize("change", [{"what": "other words"}, {"contact": "@else"}, {"safe_contact": "never"}])
def test_the_same_form_sent_again_after_a_change_is_a_second_request(public_client, ask, asked, change):
    token = read_public(public_client.get("/en/help")).token

    ask(token=token)
    ask(token=token, **change)

    assert len(asked()) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bad_form_comes_back_with_everything_typed(ask, asked, lang: str):
    page = refused(ask(lang, **TYPED, code_only="yes"))

    assert {name: page.value(name) for name in TYPED} == TYPED
    assert page.value("code_only") == "yes"
    assert list(page.errors) == ["contact"]
    assert page.by_id("errors")["role"] == "alert"
    assert "contact-err" in page.by_id("contact")["aria-describedby"]
    assert page.title.split(":")[0] == "Error" or page.title.startswith("មានបញ្ហា៖")
    assert asked() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_form_names_both_things(public_client: FlaskClient, lang: str):
    page = refused(public_client.post(f"/{lang}/help", data={}))

    assert list(page.errors) == ["what", "contact"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"for_whom": "dog"}, "for_whom-self"),
        ({"what": ""}, "what"),
        ({"what": " \n\u200b "}, "what"),
        ({"what": "x" * 4001}, "what"),
        ({"contact": ""}, "contact"),
        ({"code_only": "yes"}, "contact"),
        ({"contact": "x" * 201}, "contact"),
        ({"safe_contact": "x" * 301}, "safe_contact"),
    ],
)
def test_each_wrong_field_is_named(ask, asked, fields: dict[str, str], at: str):
    page = refused(ask(**fields))

    assert list(page.errors) == [at]
    assert asked() == []


@pytest.mark.parametrize("field", ["what", "contact", "safe_contact"])
@pytest.mark.parametrize("blob", [f"data:image/png;base64,{BLOB}", BLOB])
def test_a_pasted_picture_is_refused_and_not_shown_again(ask, asked, field: str, blob: str):
    page = refused(ask(**{field: f"my words\n{blob}"}))

    assert "cannot receive pictures" in page.errors[field]
    assert BLOB[:200] not in page.html
    assert page.value(field) == "my words"
    assert asked() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_upload_is_refused_kindly_and_leaves_nothing(public_client: FlaskClient, asked, lang: str):
    token = read_public(public_client.get(f"/{lang}/help")).token
    picture = (io.BytesIO(b"\x89PNG neutral bytes"), "holiday.png")
    fields = {"csrf_token": token, "what": "my words", "code_only": "yes", "photo": picture}

    page = refused(public_client.post(f"/{lang}/help", data=fields, content_type="multipart/form-data"))

    assert list(page.errors) == ["what"]
    assert page.value("what") == "my words"
    assert "holiday" not in page.html
    assert asked() == []


@pytest.mark.parametrize("body", [b"what=a%00b", b"what=a\xff\xfeb", b"what=%ED%A0%80x"])
def test_unreadable_characters_are_replaced_and_said(public_client: FlaskClient, asked, body: bytes):
    token = read_public(public_client.get("/en/help")).token

    answer = public_client.post(
        "/en/help", data=body + f"&code_only=yes&csrf_token={token}".encode(), content_type=FORM
    )

    assert answer.status_code == 303
    assert "could not be read" in read_public(public_client.get(answer.location)).text
    assert "\ufffd" in asked()[0][0].what


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=x", "text/plain"])
def test_a_body_beyond_64_kib_is_too_much(public_client: FlaskClient, asked, content_type: str):
    answer = public_client.post("/km/help", data=b"what=" + b"a" * 1_000_000, content_type=content_type)

    assert answer.status_code == 413
    assert read_public(answer).lang == "km"
    assert asked() == []


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "a" * 5000])
def test_a_bad_token_keeps_the_words_and_asks_to_press_again(ask, asked, token: str):
    page = refused(ask(token=token, what="my words"))

    assert list(page.errors) == ["send"]
    assert page.value("what") == "my words"
    assert asked() == []
    assert ask(token=page.token).status_code == 303


def test_an_old_token_gives_a_fresh_one(public_client: FlaskClient, ask, monkeypatch: pytest.MonkeyPatch):
    token = read_public(public_client.get("/en/help")).token

    with monkeypatch.context() as later:
        later.setattr(tokens, "LIFETIME", -1)
        page = refused(ask(token=token))

    assert page.token != token


def test_a_post_from_another_site_is_not_taken(ask, asked):
    page = refused(ask(headers={"Origin": "https://evil.example"}))

    assert list(page.errors) == ["send"]
    assert asked() == []


def test_a_filled_trap_asks_again_with_everything_kept(ask, asked):
    page = refused(ask(website="https://shop.example", what="my words"))

    assert list(page.errors) == ["send"]
    assert page.value("website") == ""
    assert page.value("what") == "my words"
    assert asked() == []


@pytest.mark.parametrize(("lang", "other"), [("en", "km"), ("km", "en")])
def test_switching_the_language_keeps_what_was_typed_and_stores_nothing(public_client, asked, lang: str, other: str):
    form = read_public(public_client.get(f"/{lang}/help"))
    button = form.one("button", class_="lang")

    answer = public_client.post(button["formaction"], data=TYPED | {"code_only": "yes", button["name"]: "x"})

    page = read_public(answer)
    assert answer.status_code == 200
    assert page.lang == other
    assert {name: page.value(name) for name in TYPED} == TYPED
    assert page.value("code_only") == "yes"
    assert not page.errors
    assert asked() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_without_a_link_is_led_here_with_what_was_typed(public_client, reporter, asked, lang: str):
    typed = {"urls": "the group is called school 2", "details": "my words", "contact": "@someone"}
    page = read_public(reporter.send(lang, **typed))
    button = page.one("button", name="to_help")

    answer = public_client.post(button["formaction"], data=typed | {button["name"]: button["value"]})

    page = read_public(answer)
    assert answer.status_code == 200
    assert page.value("what") == "my words\n\nthe group is called school 2"
    assert (page.value("contact"), page.value("for_whom"), page.value("code_only")) == ("@someone", "", "")
    assert not page.errors
    assert asked() == []


def test_what_is_led_here_brings_no_pasted_picture(public_client: FlaskClient):
    fields = {"to_help": "yes", "urls": f"x\n{BLOB}", "details": BLOB, "contact": f"data:image/png;base64,{BLOB}"}

    page = read_public(public_client.post("/en/help", data=fields))

    assert BLOB[:200] not in page.html
    assert page.value("what") == "x"


def test_what_is_led_here_and_too_long_is_kept_until_it_is_sent(public_client: FlaskClient, ask):
    page = read_public(public_client.post("/en/help", data={"to_help": "yes", "details": "x" * 5000}))

    assert len(page.value("what")) == 5000
    assert list(refused(ask(what=page.value("what"))).errors) == ["what"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_full_disk_shows_numbers_to_call_and_keeps_the_text(ask, monkeypatch, lang: str):
    def full(*args: object, **kwargs: object) -> str:
        raise StorageFull("no space left")

    monkeypatch.setattr(help.help_requests, "take", full)

    page = refused(ask(lang, what="my words"), 503)

    assert page.value("what") == "my words"
    assert "tel:+85592311511" in [link["href"] for link in page.all("a")]
    assert not [element for element in page.elements if element.get("id") == "receipt-code"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_beyond_the_limit_a_request_waits_with_everything_typed(public_client: FlaskClient, ask, asked, lang: str):
    for number in range(20):
        assert ask(lang, what=f"words {number}").status_code == 303

    answer = ask(lang, what="my words")

    assert int(answer.headers["Retry-After"]) > 0
    page = refused(answer, 429)
    assert page.value("what") == "my words"
    assert len(asked()) == 20
    switched = public_client.post(f"/{lang}/help", data={"switch": "x", "what": "my words"})
    assert (switched.status_code, read_public(switched).value("what")) == (200, "my words")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_while_the_brake_is_on_a_request_waits_with_everything_typed(public_app: Flask, ask, asked, lang: str):
    brake.install(public_app, 1)
    ask(lang, what="first")
    ask(lang, what="second")

    answer = ask(lang, what="my words", contact="@me", safe_contact="by message")

    assert int(answer.headers["Retry-After"]) > 0
    page = refused(answer, 429)
    assert [page.value(name) for name in ("what", "contact", "safe_contact")] == ["my words", "@me", "by message"]
    assert page.one("input", name="proof")["value"] == ""
    assert page.by_id("help-form")["data-proof"] == page.token
    assert "my words" not in [said.what for said, _ in asked()]


def test_nothing_typed_reaches_the_page_as_markup(ask):
    attack = '"><script>alert(1)</script>{{7*7}}<!--</textarea>'

    page = refused(ask(what=attack, contact=attack, safe_contact=attack, for_whom=attack))

    assert "<script>alert" not in page.html
    assert page.value("what") == attack


def test_the_page_is_drawn_once_and_only_its_token_is_filled_in(public_client: FlaskClient, monkeypatch):
    public_client.get("/en/help")
    monkeypatch.setattr(help, "_draw", None)

    one, two = (public_client.get("/en/help") for _ in range(2))

    first, second = (read_public(answer) for answer in (one, two))
    assert first.token != second.token
    assert first.html.replace(first.token, "") == second.html.replace(second.token, "")
