"""The page on which a host answers our letter: by its link alone, showing our reference and nothing else."""

import base64
import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from hotline import clock, vault
from hotline.blueprints.public import brake, reply
from hotline.errors import StorageFull
from hotline.models.reply import ReplyInbound
from hotline.rules import proof
from hotline.rules.replies import MOST_UNMOVED, Given
from hotline.services import reply_box, reply_links
from hotline.transactions import front_engine
from hotline.vocabulary import Answer
from tests.blueprints.public.test_brake import solve
from tests.page import Page, read_public

REF = "N-7GQ4M2"
BLOB = base64.b64encode(bytes(range(256)) * 8).decode()
GONE = "This link does not work (any more)"


@pytest.fixture
def link(public_app: Flask) -> str:
    with public_app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(delete(ReplyInbound))
    with public_app.app_context():
        return f"/reply/{reply_links.token_of(REF)}"


@pytest.fixture
def answer(public_client: FlaskClient, link: str) -> Callable[..., TestResponse]:
    """Open the page and send an answer; what is not given is answered sensibly."""

    def send(*, token: str | None = None, query: str = "", **fields: str) -> TestResponse:
        fresh = read_public(public_client.get(link)).token
        sent = {"answer": "removed", "website": ""} | fields
        return public_client.post(link + query, data=sent | {"csrf_token": fresh if token is None else token})

    return send


@pytest.fixture
def taken(public_app: Flask) -> Callable[[], list[Given]]:
    """Return every answer that waits, opened with the key that only worker and desk hold."""

    def opened() -> list[Given]:
        keys_dir = public_app.extensions["hotline.settings"].keys_dir
        ring = vault.load(keys_dir, private=[vault.Lock.CASE], public_secrets=False, blinds=False)
        with public_app.app_context(), front_engine().connect() as connection:
            rows = connection.execute(select(ReplyInbound.notice_ref, ReplyInbound.body)).all()
        assert {ref for ref, _ in rows} <= {REF}
        return [reply_box.opened(ring.open(reply_box.PURPOSE, body)) for _, body in rows]

    return opened


def refused(answered: TestResponse, status: int = 422) -> Page:
    page = read_public(answered)
    assert answered.status_code == status
    assert "Set-Cookie" not in answered.headers
    return page


def test_a_link_opens_a_form_that_shows_our_reference_alone(public_client: FlaskClient, link: str) -> None:
    shown = public_client.get(link)
    page = read_public(shown)

    assert page.heading == "Answer our notice N-7GQ4M2"
    assert page.all("script") == []
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert "Set-Cookie" not in shown.headers
    assert page.one("button", name="switch")["formaction"] == f"{link}?lang=km"


def test_an_answer_is_stored_sealed_and_said_to_have_arrived(
    public_client: FlaskClient, answer: Callable[..., TestResponse], taken: Callable[[], list[Given]]
) -> None:
    sent = answer(answer="not_ours", whose="Example <Cloud>", words="ask them")

    assert sent.status_code == 303
    assert read_public(public_client.get(sent.location)).heading == "Your answer has arrived"
    assert taken() == [Given(Answer.NOT_OURS, None, "Example <Cloud>", "ask them")]


def test_a_form_sent_twice_is_one_answer_and_another_form_another(
    public_client: FlaskClient, answer: Callable[..., TestResponse], taken: Callable[[], list[Given]], link: str
) -> None:
    token = read_public(public_client.get(link)).token

    for _ in range(2):
        assert answer(token=token, answer="removed").status_code == 303
    assert answer(token=token, answer="other", words="No: wait.").status_code == 303
    assert answer(answer="removed").status_code == 303

    assert sorted(given.answer for given in taken()) == ["other", "removed", "removed"]


def test_so_many_answers_may_wait_and_then_no_more_are_taken(
    answer: Callable[..., TestResponse], taken: Callable[[], list[Given]]
) -> None:
    for _ in range(MOST_UNMOVED):
        assert answer().status_code == 303

    page = refused(answer(answer="appeal", words="the twenty-first"), 429)

    assert "Many answers to this notice wait for us" in page.text
    assert page.value("words") == "the twenty-first"
    assert len(taken()) == MOST_UNMOVED


@pytest.mark.parametrize("change", ["cut", "mark", "ref", "expired", "nonsense"])
def test_every_link_that_does_not_work_leads_to_the_same_page(
    public_client: FlaskClient, link: str, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {
        "cut": link[:-3],
        "mark": link[:-1] + ("0" if link[-1] != "0" else "1"),
        "ref": link.replace("N-7GQ4M2", "N-7GQ4M3"),
        "expired": link,
        "nonsense": "/reply/' OR 1=1",
    }[change]
    if change == "expired":
        later = clock.now() + timedelta(days=61)
        monkeypatch.setattr(clock, "now", lambda: later)
    shown = [public_client.get(other), public_client.post(other, data={"answer": "removed"})]
    known = public_client.get("/reply/x")

    for one in shown:
        page = refused(one, 404)
        assert page.heading == GONE
        assert "notices@hotline.example" in page.text
        assert one.get_data(as_text=True) == known.get_data(as_text=True).replace("/reply/x", other) or change == (
            "nonsense"
        )


def test_links_that_are_none_may_be_tried_a_few_times_and_good_ones_stay_open(
    public_client: FlaskClient, link: str
) -> None:
    seen = {public_client.get(f"/reply/x{number}").status_code for number in range(10)}

    assert seen == {404}
    assert public_client.get("/reply/once-more").status_code == 429
    elsewhere = {"X-Forwarded-For": "2001:db8:7::1"}
    assert [public_client.get(link, headers=elsewhere).status_code for _ in range(30)] == [200] * 30


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"answer": ""}, "answer-removed"),
        ({"answer": "gone"}, "answer-removed"),
        ({"answer": "removed", "when": "yesterday"}, "when"),
        ({"answer": "refused"}, "words"),
        ({"answer": "not_ours", "whose": "x" * 301}, "whose"),
        ({"answer": "other", "words": "y" * 4_001}, "words"),
    ],
)
def test_what_is_wrong_is_said_and_everything_typed_kept(
    answer: Callable[..., TestResponse], taken: Callable[[], list[Given]], fields: dict[str, str], field: str
) -> None:
    page = refused(answer(**fields))

    assert list(page.errors) == [field]
    assert page.title.startswith("Error:")
    for name, value in fields.items():
        if name != "answer" or value == "removed":
            assert page.value(name) == value
    assert taken() == []


def test_a_file_is_refused_and_none_of_it_kept(
    public_client: FlaskClient, link: str, answer: Callable[..., TestResponse], taken: Callable[[], list[Given]]
) -> None:
    token = read_public(public_client.get(link)).token
    data = {"answer": "other", "words": "see it", "csrf_token": token}
    upload = public_client.post(link, data=data | {"file": (io.BytesIO(b"\x89PNG"), "it.png")})
    pasted = answer(answer="other", words=f"see it\n{BLOB}")

    assert "We cannot receive pictures, videos or files" in refused(upload).text
    page = refused(pasted)
    assert list(page.errors) == ["words"]
    assert BLOB not in page.html
    assert page.value("words") == "see it"
    assert taken() == []


def test_a_form_that_is_not_ours_or_too_old_is_asked_for_once_more(
    public_client: FlaskClient, answer: Callable[..., TestResponse], link: str, taken: Callable[[], list[Given]]
) -> None:
    assert list(refused(answer(token="x", words="kept")).errors) == ["send"]
    assert list(refused(answer(website="https://spam.example")).errors) == ["send"]
    fresh = read_public(public_client.get(link)).token
    foreign = public_client.post(
        link, data={"answer": "removed", "csrf_token": fresh}, headers={"Origin": "https://elsewhere.example"}
    )
    assert list(refused(foreign).errors) == ["send"]
    assert taken() == []


def test_changing_the_language_keeps_what_was_typed_and_stores_nothing(
    answer: Callable[..., TestResponse], taken: Callable[[], list[Given]], link: str
) -> None:
    page = refused(answer(query="?lang=km", switch="km", answer="appeal", words="my words"), 200)

    assert page.lang == "km"
    assert page.value("answer") == "appeal"
    assert page.value("words") == "my words"
    assert page.one("form", id="reply-form")["action"] == f"{link}?lang=km"
    assert page.one("button", name="switch")["formaction"] == link
    assert taken() == []


def test_the_page_of_a_khmer_letter_answers_in_khmer(public_client: FlaskClient, link: str) -> None:
    page = read_public(public_client.get(f"{link}?lang=km"))
    assert page.lang == "km"

    data = {"answer": "removed", "csrf_token": page.token}
    sent = public_client.post(f"{link}?lang=km", data=data)

    assert sent.location.endswith("?lang=km&sent=yes")
    assert read_public(public_client.get(sent.location)).lang == "km"


def test_what_cannot_be_stored_is_said_and_kept(
    answer: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("full")

    monkeypatch.setattr(reply.reply_box, "take", full)

    page = refused(answer(answer="other", words="kept"), 503)

    assert "We could not store this" in page.text
    assert page.value("words") == "kept"


def test_too_many_answers_from_one_network_have_to_wait_with_every_word(
    public_client: FlaskClient, link: str, taken: Callable[[], list[Given]]
) -> None:
    token = read_public(public_client.get(link)).token
    data = {"answer": "removed", "csrf_token": token}
    assert {public_client.post(link, data=data).status_code for _ in range(40)} == {303}

    late = public_client.post(link, data=data | {"answer": "other", "words": "kept"})

    assert late.headers["Retry-After"]
    assert refused(late, 429).value("words") == "kept"
    assert len(taken()) == 1


def test_the_brake_holds_an_answer_with_every_word(
    public_app: Flask, answer: Callable[..., TestResponse], taken: Callable[[], list[Given]]
) -> None:
    brake.install(public_app, 1)
    answer()
    answer()

    page = refused(answer(answer="other", words="kept"), 429)

    assert page.value("words") == "kept"
    assert "A lot is coming in at once." in page.text
    assert len(taken()) == 1


def test_a_proof_lets_an_answer_through_whose_network_had_its_share(
    public_client: FlaskClient, answer: Callable[..., TestResponse], link: str, taken: Callable[[], list[Given]]
) -> None:
    for _ in range(61):
        public_client.post(link, data={})

    page = refused(answer(answer="other", words="kept"), 429)
    form = page.by_id("reply-form")
    assert (form["data-proof"], form["data-proof-bits"]) == (page.token, str(proof.BITS))
    assert page.value("proof") == ""
    assert [one["src"] for one in page.all("script") if one.get("src")] == ["/proof.js"]
    assert "A lot was sent from your network just now." in page.text
    assert taken() == []

    paid = answer(answer="other", words="kept", token=page.token, proof=solve(page.token))

    assert paid.status_code == 303
    assert [one.words for one in taken()] == ["kept"]


def test_nothing_of_who_answers_is_stored(
    public_app: Flask, public_client: FlaskClient, link: str, taken: Callable[[], list[Given]]
) -> None:
    token = read_public(public_client.get(link)).token
    headers = {"User-Agent": "narwhal-browser/7", "X-Forwarded-For": "203.0.113.77", "Referer": "https://capybara.test"}
    public_client.post(link, data={"answer": "removed", "csrf_token": token}, headers=headers)

    with public_app.app_context(), front_engine().connect() as connection:
        row = connection.execute(select(ReplyInbound.__table__)).mappings().one()
    keys_dir = public_app.extensions["hotline.settings"].keys_dir
    ring = vault.load(keys_dir, private=[vault.Lock.CASE], public_secrets=False, blinds=False)
    facts = json.loads(ring.open(reply_box.PURPOSE, row["body"]))

    assert set(row) == {"id", "notice_ref", "body", "received_at"}
    assert facts == {"answer": "removed", "when": "", "whose": "", "words": ""}
    whole = b"".join(path.read_bytes() for path in keys_dir.parent.glob("*.sqlite3*"))
    for trace in (b"narwhal", b"203.0.113.77", b"capybara"):
        assert trace not in whole
