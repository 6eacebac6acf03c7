"""Coming back with a code."""

import secrets
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from hotline import vault
from hotline.blueprints.public import closing, tokens
from hotline.blueprints.public.closing import Closed
from hotline.clock import now
from hotline.errors import StorageFull
from hotline.models import Inbox, PublicText
from hotline.services import help_requests, message_copies, receipts
from hotline.services.help_requests import Asked
from hotline.transactions import apart, front_engine
from hotline.vocabulary import InboxKind, Language, ReportStatus, TextKey
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

    way = [step for step in page.all("li") if step.within("ol")]
    assert [step.get("class") for step in way] == steps
    assert way[-1].text.endswith("We will write the result here.") is (status is not ReportStatus.CLOSED)


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
    switch = shown.one("button", name="switch")
    form = shown.by_id(switch["form"])
    fields = {field["name"]: field["value"] for field in shown.all("input") if field.within("form") is form}

    page = read_public(
        public_client.post(switch["formaction"], data=fields | {"switch": "km", "message": "half a sentence"})
    )

    assert page.lang == "km"
    assert code[-4:] in page.text
    assert page.value("message") == "half a sentence"


def test_the_home_page_leads_to_the_status(public_client: FlaskClient, code: str):
    home = read_public(public_client.get("/en/"))

    action = home.one("form", action="/en/follow-up")["action"]
    answer = public_client.post(action, data={"code": code, "csrf_token": home.token})

    assert answer.status_code == 200


def test_the_code_never_stands_in_an_address(ask, code: str):
    page = read_public(ask(code))

    assert not [link for link in page.all("a") if code in link["href"]]


# --- Messages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def write(public_client: FlaskClient, ask, code: str):
    def send(text: str, lang: str = "en", token: str | None = None, **more: str):
        fresh = read_public(ask(code, lang)).token if token is None else token
        fields = {"code": code, "csrf_token": fresh, "action": "message", "message": text}
        return public_client.post(f"/{lang}/follow-up", data=fields | more)

    return send


def said(page: Page) -> list[str]:
    return [line.text for line in page.all("li") if line.within("ol") and "msgs" in line.within("ol").classes]


def kinds(app: Flask) -> list[str]:
    with app.app_context(), front_engine().connect() as connection:
        return sorted(connection.scalars(select(Inbox.kind)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_message_is_sent_and_shown_to_who_wrote_it(public_app: Flask, write, ask, code: str, lang: str):
    page = read_public(write("It was a group.\nIts name had 2 in it.", lang))

    assert len(page.all("p", class_="good")) == 1
    assert page.value("message") == ""
    assert "It was a group. Its name had 2 in it." in said(page)[0]
    assert len(said(read_public(ask(code)))) == 1
    assert kinds(public_app) == ["message", "report"]


def test_a_message_sent_twice_is_one_and_another_is_another(public_app: Flask, write, ask, code: str):
    token = read_public(ask(code)).token
    write("It was a group.", token=token)
    write("It was a group.", token=token)

    page = read_public(write("It was a channel.", token=token))

    assert len(said(page)) == 2
    assert kinds(public_app) == ["message", "message", "report"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", ["", " \n", "word " * 500, "look data:image/png;base64,AAAA"])
def test_a_bad_message_says_why_and_is_kept(public_app: Flask, write, lang: str, text: str):
    answer = write(text, lang)

    page = read_public(answer)
    assert answer.status_code == 422
    assert list(page.errors) == ["message"]
    assert page.value("message").strip() == text.strip()
    assert kinds(public_app) == ["report"]


def test_a_message_under_an_old_token_goes_with_one_more_press(public_app: Flask, public_client, write, code: str):
    page = read_public(write("It was a group.", token="x"))

    assert page.value("code") == code
    form = page.by_id("follow-up-form")
    fields = {field["name"]: field["value"] for field in page.all("input") if field.within("form") is form}
    again = read_public(public_client.post("/en/follow-up", data=fields))

    assert "It was a group." in said(again)[0]
    assert kinds(public_app) == ["message", "report"]


def test_a_message_from_another_site_is_not_taken(public_app: Flask, public_client, ask, code: str):
    fields = {"code": code, "csrf_token": read_public(ask(code)).token, "action": "message", "message": "x"}

    answer = public_client.post("/en/follow-up", data=fields, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 422
    assert kinds(public_app) == ["report"]


def test_a_store_that_cannot_be_written_keeps_the_message_on_the_page(write, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise StorageFull("full")

    monkeypatch.setattr(message_copies, "write", full)

    answer = write("It was a group.")

    page = read_public(answer)
    assert answer.status_code == 503
    assert page.value("message") == "It was a group."
    assert "tel:+85592311511" in [link["href"] for link in page.all("a")]


def test_contact_details_can_be_forgotten(public_app: Flask, public_client, ask, code: str):
    fields = {"code": code, "csrf_token": read_public(ask(code)).token, "action": "forget_contact"}

    page = read_public(public_client.post("/en/follow-up", data=fields))

    assert "We are deleting" in page.one("p", class_="good").text
    assert kinds(public_app) == ["forget_contact", "report"]


def test_that_contact_details_are_being_deleted_is_said_until_they_are(public_app: Flask, public_client, ask, code):
    public_client.post(
        "/en/follow-up", data={"code": code, "csrf_token": read_public(ask(code)).token, "action": "forget_contact"}
    )

    assert "We are deleting" in read_public(ask(code)).one("p", class_="good").text
    with public_app.app_context(), apart(front_engine()) as session:
        session.execute(delete(Inbox).where(Inbox.kind == InboxKind.FORGET_CONTACT))
    assert read_public(ask(code)).all("p", class_="good") == []


def answer_to(app: Flask, code: str) -> None:
    with app.app_context():
        keys = vault.keyring().public
        assert keys
        receipt = vault.receipt_of(keys, code)
        copy = vault.seal_to_receipt(receipt.public_key, message_copies.COPY, "Thank you.")
        message_copies.deliver(receipt.tag, secrets.token_bytes(16), copy)


def test_messages_of_ours_since_the_reporter_wrote_are_told_at_the_top(public_app: Flask, write, ask, code: str):
    def told() -> list[str]:
        return [link.text for link in read_public(ask(code)).all("a", href="#messages")]

    assert told() == []
    answer_to(public_app, code)
    assert told() == ["1 new message from us"]
    answer_to(public_app, code)
    assert told() == ["2 new messages from us"]
    write("It was a group.")
    assert told() == []
    answer_to(public_app, code)
    assert told() == ["1 new message from us"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_request_for_help_is_not_called_a_report(public_app: Flask, ask, lang: str):
    with public_app.app_context():
        code = help_requests.take(Asked(None, "words", True, "", Language(lang)), "", nonce=secrets.token_hex())

    page = read_public(ask(code, lang))

    offered = [link for link in page.all("a") if link.within("main") is not None and link["href"] == f"/{lang}/help"]
    assert offered == []
    assert lang == "km" or "report" not in page.one("main").text.lower()


@pytest.mark.parametrize("code", ["", "x", "4821093766152048"])
def test_the_view_can_be_closed(public_client: FlaskClient, code: str):
    answer = public_client.post("/km/follow-up", data={"action": "close", "code": code})

    assert (answer.status_code, answer.location) == (303, "/km/")


def close(client: FlaskClient, shown: Page, lang: str) -> None:
    """Press the button that closes a view, with what its form bears."""
    form = next(field.parent for field in shown.all("input", name="action", value="close"))
    fields = {field["name"]: field["value"] for field in shown.all("input") if field.parent is form}
    assert client.post(f"/{lang}/follow-up", data=fields).location == f"/{lang}/"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Let views be closed a minute from now, so that what was opened before is older by whole seconds."""
    then = now() + timedelta(minutes=1)
    monkeypatch.setattr(closing.clock, "now", lambda: then)
    return then


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("action", ["", "message", "forget_contact"])
@pytest.mark.usefixtures("later")
def test_a_form_that_opened_a_closed_view_opens_it_no_more(
    public_client: FlaskClient, ask, code: str, lang: str, action: str
):
    token = read_public(public_client.get(f"/{lang}/follow-up")).token
    sent = {"code": code, "lang": lang, "token": token, "action": action, "message": "words"}
    close(public_client, read_public(ask(**sent)), lang)

    answer = ask(**sent)

    page = read_public(answer)
    assert answer.status_code == 422
    assert list(page.errors) == ["code"]
    assert page.value("code") == ""
    assert code[-4:] not in page.text


def test_the_code_opens_a_closed_view_again_from_a_page_opened_since(
    public_client: FlaskClient, ask, later: datetime, code: str, monkeypatch: pytest.MonkeyPatch
):
    token = read_public(public_client.get("/en/follow-up")).token
    close(public_client, read_public(ask(code, token=token)), "en")
    refused = read_public(ask(code, token=token))
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later.timestamp() + 1)

    assert ask(code, token=token).status_code == 422
    assert ask(code).status_code == 200
    assert refused.token != token


def test_closing_a_view_closes_no_other_code_and_not_the_page_it_leads_to(public_client: FlaskClient, ask, reporter):
    code, other = reporter.receipt(), reporter.receipt(urls="https://page.example/p/2")
    token = read_public(public_client.get("/en/follow-up")).token
    close(public_client, read_public(ask(code, token=token)), "en")

    assert ask(other, token=token).status_code == 200
    assert ask(code, token=read_public(public_client.get("/en/")).token).status_code == 200  # within the same second


def test_of_closed_views_the_oldest_are_forgotten_first(public_app: Flask):
    seconds = iter(range(4_000_000_000, 4_000_000_100))
    closed = Closed(most=2, now=lambda: next(seconds))
    with public_app.test_request_context():
        token = tokens.fresh()
        for code in ("a", "b", "a", "c"):
            closed.close(code)

        assert [code for code in "abc" if closed.has(code, token)] == ["a", "c"]


def test_what_is_remembered_of_a_closed_view_is_no_code(public_client: FlaskClient, public_app: Flask):
    public_client.post("/en/follow-up", data={"action": "close", "code": "4821093766152048"})

    assert "48210937" not in repr(vars(public_app.extensions[closing.CLOSED]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_staff_wrote_for_a_status_stands_there_in_its_language(public_app: Flask, ask, code: str, lang: str):
    with public_app.app_context(), apart(front_engine()) as session:
        session.add(PublicText(key="received", language=Language(lang), text="<b>Soon</b> & safe", changed_at=now()))

    try:
        assert "Soon & safe" in read_public(ask(code, lang)).text
        assert "Soon" not in read_public(ask(code, "km" if lang == "en" else "en")).text
    finally:
        with public_app.app_context(), apart(front_engine()) as session:
            session.execute(delete(PublicText))


@pytest.mark.parametrize(
    ("status", "key", "ours"),
    [
        (ReportStatus.RECEIVED, TextKey.HELP_RECEIVED, "A person of our support team will read it"),
        (ReportStatus.CHECKING, TextKey.HELP_CHECKING, "A person of our support team has read it"),
        (ReportStatus.CLOSED, TextKey.HELP_CLOSED, "If you need us again"),
    ],
)
def test_what_staff_wrote_for_a_state_of_a_request_for_help_stands_there_and_never_a_report_s(
    public_app: Flask, ask, status: ReportStatus, key: TextKey, ours: str
):
    with public_app.app_context():
        code = help_requests.take(Asked(None, "quiet words", True, "", Language.EN), "", nonce=f"help {status}")
        receipts.move_on({vault.receipt_of(vault.keyring().public, code).tag: status})

    try:
        for said, shows_ours in ((TextKey(status), True), (key, False)):
            with public_app.app_context(), apart(front_engine()) as session:
                session.add(PublicText(key=said, language=Language.EN, text=f"Words for {said}", changed_at=now()))

            page = read_public(ask(code))

            assert (ours in page.text) is shows_ours
            assert f"Words for {TextKey(status)}" not in page.text
            assert (f"Words for {key}" in page.text) is not shows_ours
    finally:
        with public_app.app_context(), apart(front_engine()) as session:
            session.execute(delete(PublicText))
