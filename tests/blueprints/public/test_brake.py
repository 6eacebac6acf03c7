"""The brake on the whole site: off, it asks nothing; on, every report still finds a way in, and no other does."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from hotline import clock
from hotline.blueprints.public import brake, counters, tokens
from hotline.blueprints.public.brake import Brake
from hotline.extensions import limiter
from hotline.rules import proof
from tests.blueprints.public.site import LANGUAGES, Reporter, build
from tests.page import Page, read_public

LIMIT = 6
TYPED = {"category": "grooming", "urls": "https://page.example/x", "seen": "week", "details": '"my words"'}
WRONG_CODE = "0000 0000 0000 0000"


class Watch:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return clock.now().timestamp() + self.ahead


@pytest.fixture
def watch(public_app: Flask) -> Watch:
    """Give the site brakes that go on soon, by a clock of the test's."""
    watch = Watch()
    public_app.extensions[brake.BRAKES] = (Brake(LIMIT, watch), Brake(LIMIT, watch))
    return watch


@pytest.fixture
def in_app(public_app: Flask) -> Iterator[None]:
    with public_app.app_context():
        yield


def solve(token: str) -> str:
    return next(word for word in map(str, itertools.count()) if proof.is_solved(token, word))


def network() -> dict[str, str]:
    """Return headers of a network of its own, so that only the brake can stop it."""
    number = next(_networks)
    return {"X-Forwarded-For": f"198.51.{number // 250}.{1 + number % 250}"}


_networks = itertools.count()


def flood(client: FlaskClient, times: int, path: str = "/en/report", **fields: str) -> list[int]:
    return [client.post(path, data=fields, headers=network()).status_code for _ in range(times)]


def flood_codes(client: FlaskClient, times: int) -> list[int]:
    def guess() -> int:
        token = read_public(client.get("/en/follow-up")).token
        sent = {"code": WRONG_CODE, "csrf_token": token}
        return client.post("/en/follow-up", data=sent, headers=network()).status_code

    return [guess() for _ in range(times)]


def send(reporter: Reporter, token: str, lang: str = "en", **more: str) -> TestResponse:
    return reporter.send(lang, token=token, headers=network(), **(TYPED | more))


def held(answer: TestResponse) -> Page:
    page = read_public(answer)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= brake.PATIENCE
    assert "Set-Cookie" not in answer.headers
    return page


# --- off -------------------------------------------------------------------------------------------------------


def test_up_to_the_limit_nothing_is_asked_and_nothing_shown(public_client: FlaskClient, reporter, stored, watch):
    flood(public_client, LIMIT - 1)

    assert send(reporter, reporter.token()).status_code == 303
    page = read_public(public_client.get("/en/report"))
    assert len(stored()) == 1
    assert not page.all("input", name="proof")
    assert "data-proof" not in page.html


def test_reading_and_changing_the_language_never_count(public_client: FlaskClient, reporter, watch):
    token = reporter.token()
    for _ in range(5 * LIMIT):
        public_client.get("/en/report")
    flood(public_client, 5 * LIMIT, switch="km")

    assert send(reporter, token).status_code == 303


def test_zero_never_brakes(public_app: Flask, public_client: FlaskClient, reporter):
    brake.install(public_app, 0)

    assert {send(reporter, reporter.token()).status_code for _ in range(20)} == {303}


def test_the_setting_is_the_limit(tmp_path: Path):
    client = build(tmp_path, HOTLINE_BRAKE="3", HOTLINE_TRUSTED_PROXIES="1").test_client()
    limiter.reset()

    answers = [send(Reporter(client), Reporter(client).token()).status_code for _ in range(5)]

    assert answers == [303] * 3 + [429] * 2


# --- on: what a report meets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_held_report_comes_back_whole_with_a_number_to_call(
    public_client: FlaskClient, reporter, stored, watch, lang: str
):
    flood(public_client, LIMIT)
    token = reporter.token(lang)

    page = held(send(reporter, token, lang))

    assert page.lang == lang
    assert {name: page.value(name) for name in TYPED} == TYPED
    assert page.token == token
    assert page.by_id("errors")["role"] == "alert"
    assert "tel:+85592311511" in [link["href"] for link in page.all("a")]
    assert stored() == []


def test_a_held_page_bears_what_its_script_needs(public_client: FlaskClient, reporter, watch):
    flood(public_client, LIMIT)

    page = held(send(reporter, reporter.token()))

    form = page.by_id("report-form")
    assert form["data-proof"] == page.token
    assert form["data-proof-bits"] == str(proof.BITS)
    assert page.value("proof") == ""
    (line,) = [line for line in page.all("p", role="status") if line.get("data-working")]
    assert line.within("form") is form
    assert line["data-working"]
    assert line["data-ready"]
    assert line.text == ""


def test_a_proof_lets_a_report_through_at_once(public_client: FlaskClient, reporter, stored, watch):
    flood(public_client, LIMIT)
    page = held(send(reporter, reporter.token()))

    answer = send(reporter, page.token, proof=solve(page.token))

    assert answer.status_code == 303
    assert len(stored()) == 1


@pytest.mark.parametrize("word", ["", "0", "x" * 1000, "១", "\0"])
def test_a_wrong_proof_is_no_proof_and_no_fault(public_client: FlaskClient, reporter, stored, watch, word: str):
    flood(public_client, LIMIT)

    held(send(reporter, reporter.token(), proof=word))

    assert stored() == []


def test_without_script_a_minute_is_enough(public_client: FlaskClient, reporter, stored, watch: Watch):
    flood(public_client, LIMIT)
    page = held(send(reporter, reporter.token()))
    watch.ahead = brake.PATIENCE - 5
    page = held(send(reporter, page.token))

    watch.ahead = brake.PATIENCE + 1
    answer = send(reporter, page.token)

    assert answer.status_code == 303
    assert len(stored()) == 1


def test_a_form_that_took_a_minute_to_fill_in_is_not_held_at_all(public_client: FlaskClient, reporter, watch: Watch):
    token = reporter.token()
    flood(public_client, LIMIT)

    watch.ahead = brake.PATIENCE + 1

    assert send(reporter, token).status_code == 303


def test_so_many_are_taken_by_waiting_in_a_minute_and_the_next_in_the_next(
    public_client: FlaskClient, reporter, stored, watch: Watch
):
    made = [reporter.token() for _ in range(brake.WAITED_A_MINUTE + 2)]
    flood(public_client, LIMIT)
    watch.ahead = 2 * brake.PATIENCE - watch() % 60  # the beginning of a minute

    answers = [send(reporter, token) for token in made]

    assert [answer.status_code for answer in answers] == [303] * brake.WAITED_A_MINUTE + [429] * 2
    assert send(reporter, made[-2], proof=solve(made[-2])).status_code == 303
    watch.ahead += 60
    assert send(reporter, held(answers[-1]).token).status_code == 303
    assert len(stored()) == brake.WAITED_A_MINUTE + 2


def test_a_held_report_can_be_mended_before_it_goes(public_client: FlaskClient, reporter, stored, watch):
    flood(public_client, LIMIT)
    page = held(send(reporter, reporter.token()))

    answer = send(reporter, page.token, proof=solve(page.token), details="other words")

    assert answer.status_code == 303
    assert [one.details for one in stored()] == ["other words"]


@pytest.mark.parametrize(
    ("fault", "field"), [({"urls": ""}, "urls"), ({"csrf_token": "x"}, "send"), ({"website": "x"}, "send")]
)
def test_what_is_wrong_is_said_as_ever_and_counts(public_client: FlaskClient, reporter, watch, fault, field: str):
    flood(public_client, LIMIT + 1)

    page = read_public(
        public_client.post("/en/report", data=TYPED | {"csrf_token": reporter.token()} | fault, headers=network())
    )

    assert list(page.errors) == [field]
    assert "data-proof" not in page.html


def test_changing_the_language_is_never_braked(public_client: FlaskClient, reporter, watch):
    flood(public_client, 2 * LIMIT)
    page = held(send(reporter, reporter.token()))
    button = page.one("button", class_="lang")

    sent = TYPED | {"csrf_token": page.token, button["name"]: button["value"]}
    answer = public_client.post(button["formaction"], data=sent, headers=network())

    other = read_public(answer)
    assert answer.status_code == 200
    assert other.lang == "km"
    assert {name: other.value(name) for name in TYPED} == TYPED
    assert other.token == page.token


@pytest.mark.parametrize("path", ["report", "follow-up"])
def test_nor_does_a_limit_by_network_hold_up_a_change_of_language(public_client: FlaskClient, path: str):
    here = network()
    for _ in range(61):
        public_client.post(f"/en/{path}", data={}, headers=here)

    answer = public_client.post(f"/km/{path}", data={"switch": "km", "urls": "x", "code": "12"}, headers=here)

    assert answer.status_code == 200
    assert read_public(answer).lang == "km"


# --- on: what is paid for once ---------------------------------------------------------------------------------


def test_the_same_report_sent_again_finds_its_receipt(public_client: FlaskClient, reporter, stored, watch):
    flood(public_client, LIMIT)
    token = reporter.token()
    paid = {"token": token, "headers": network(), "proof": solve(token)}

    codes = {reporter.receipt(**paid, **TYPED), reporter.receipt(**(paid | {"proof": ""}), **TYPED)}

    assert len(codes) == 1
    assert len(stored()) == 1


def test_a_report_taken_before_the_brake_went_on_finds_its_receipt_too(
    public_client: FlaskClient, reporter, stored, watch
):
    token = reporter.token()
    first = reporter.receipt(token=token, headers=network(), **TYPED)
    flood(public_client, LIMIT)

    assert reporter.receipt(token=token, headers=network(), **TYPED) == first
    assert len(stored()) == 1


def test_a_proof_pays_for_one_report_only(public_client: FlaskClient, reporter, stored, watch):
    flood(public_client, LIMIT)
    token = reporter.token()
    word = solve(token)
    assert send(reporter, token, proof=word).status_code == 303

    page = held(send(reporter, token, proof=word, details="other words"))

    assert page.token != token
    assert page.value("details") == "other words"
    assert page.by_id("report-form")["data-proof"] == page.token
    assert len(stored()) == 1
    assert send(reporter, page.token, proof=solve(page.token), details="other words").status_code == 303


def test_a_minute_pays_for_one_report_only(public_client: FlaskClient, reporter, stored, watch: Watch):
    flood(public_client, LIMIT)
    token = reporter.token()
    watch.ahead = brake.PATIENCE + 1
    assert send(reporter, token).status_code == 303

    held(send(reporter, token, details="other words"))

    assert len(stored()) == 1


def test_a_signature_written_otherwise_is_the_same_token(public_client: FlaskClient, reporter, stored, watch):
    """The last sign of a signature has two idle bits, so each token can be written in four ways."""
    flood(public_client, LIMIT)
    token = reporter.token()
    send(reporter, token, proof=solve(token))
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + signs[signs.index(token[-1]) ^ 1]
    with public_client.application.app_context():
        assert tokens.nonce_of(twin) == tokens.nonce_of(token)

    held(send(reporter, twin, proof=solve(twin), details="other words"))

    assert len(stored()) == 1


def test_of_many_at_once_one_is_taken(in_app: None, public_app: Flask):
    """Every thread brings the same proof and words of its own."""
    watch = Watch()
    one = Brake(1, watch)
    for _ in range(3):
        one.count()
    token = tokens.fresh()
    fields = MultiDict({"csrf_token": token, "proof": solve(token)})
    gate = threading.Barrier(16)

    def spend(number: int) -> bool:
        with public_app.app_context():
            gate.wait()
            return one.hold(fields, f"words {number}") is None

    with ThreadPoolExecutor(16) as threads:
        taken = list(threads.map(spend, range(16)))

    assert Counter(taken) == {True: 1, False: 15}


def test_the_same_form_in_many_threads_is_taken_by_each(in_app: None, public_app: Flask):
    one = Brake(1)
    for _ in range(3):
        one.count()
    token = tokens.fresh()
    fields = MultiDict({"csrf_token": token, "proof": solve(token)})

    def spend(_: int) -> bool:
        with public_app.app_context():
            return one.hold(fields, "the same words") is None

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(spend, range(64)))


def test_places_for_those_who_waited_are_not_given_twice(in_app: None, public_app: Flask):
    watch = Watch()
    one = Brake(1, watch)
    made = [tokens.fresh() for _ in range(brake.WAITED_A_MINUTE + 20)]
    frozen = 60 * (watch() // 60 + 2)
    one._now = lambda: frozen
    for _ in range(3):
        one.count()

    def wait(token: str) -> bool:
        with public_app.app_context():
            return one.hold(MultiDict({"csrf_token": token}), "words") is None

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(wait, made)) == brake.WAITED_A_MINUTE


# --- going on and off ------------------------------------------------------------------------------------------


def counted(limit: int, watch: Callable[[], float], times: int) -> Brake:
    one = Brake(limit, watch)
    for _ in range(times):
        one.count()
    return one


def test_it_goes_on_beyond_the_limit():
    assert not counted(10, Watch(), 10).is_on()
    assert counted(10, Watch(), 11).is_on()


def test_it_goes_off_once_ten_minutes_are_calm_and_not_at_the_limit():
    watch = Watch()
    one = counted(10, watch, 11)
    watch.ahead = 5 * 60
    for _ in range(6):
        one.count()

    watch.ahead = 10 * 60  # only the later six are left: fewer than the limit, more than half of it
    assert one.is_on()

    watch.ahead = 15 * 60
    assert not one.is_on()
    one.count()
    assert not one.is_on()


def test_a_clock_put_back_leaves_nothing_standing():
    watch = Watch()
    watch.ahead = 3600
    one = counted(10, watch, 50)
    assert one.is_on()

    watch.ahead = 0

    assert not one.is_on()


def test_counting_keeps_ten_minutes_only():
    watch = Watch()
    one = Brake(10, watch)
    for minute in range(200):
        watch.ahead = 60 * minute
        one.count()

    assert len(one._sent) <= brake.WINDOW


# --- what is remembered ----------------------------------------------------------------------------------------


def test_what_was_forgotten_counts_as_spent():
    spent = brake.Spent(1000.5, most=2)
    for number in range(5):
        spent.add(f"nonce {number}", "words", 1001 + number)

    assert len(spent._younger) + len(spent._older) <= 8
    assert spent.has("nonce 4", 1005)
    assert spent.has("nonce 0", 1000)  # forgotten by now, and from before memory reaches back
    assert not spent.has("another", 1005)


def test_a_token_made_before_the_process_is_not_taken_twice(in_app: None):
    token = tokens.fresh()
    watch = Watch()
    watch.ahead = 5  # the process began after the token
    one = counted(1, watch, 3)

    found = one.hold(MultiDict({"csrf_token": token, "proof": solve(token)}), "words")

    assert found is not None
    assert found.token != token


def test_half_a_day_is_remembered_and_not_more():
    spent = brake.Spent(0)
    spent.add("first", "words", 1)
    for half_day in (1, 2):
        spent.add("later", "words", half_day * (tokens.LIFETIME + 2))

    assert not spent.has_said("first", "words")
    assert spent.has("first", 0)


def test_nothing_remembered_is_a_token_or_a_word(public_app: Flask, reporter, watch):
    token = reporter.token()
    send(reporter, token)

    kept = repr([vars(one) | vars(one._spent) for one in public_app.extensions[brake.BRAKES]])

    assert not [word for word in (token, token.partition(".")[0], "page.example", "my words") if word in kept]


# --- codes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ask(public_client: FlaskClient):
    def look_up(code: str, token: str | None = None, **more: str) -> TestResponse:
        sent = {"code": code, "csrf_token": token or read_public(public_client.get("/en/follow-up")).token, **more}
        return public_client.post("/en/follow-up", data=sent, headers=network())

    return look_up


def test_wrong_codes_of_all_networks_together_are_slowed_down(public_client: FlaskClient, watch):
    assert flood_codes(public_client, LIMIT + 3) == [422] * (LIMIT + 1) + [429] * 2


def test_right_codes_never_brake(public_client: FlaskClient, reporter, ask, watch):
    code = reporter.receipt()

    assert {ask(code).status_code for _ in range(3 * LIMIT)} == {200}


@pytest.mark.parametrize("right", [True, False])
def test_while_it_brakes_a_right_code_is_held_like_a_wrong_one(
    public_client: FlaskClient, reporter, ask, watch, right: bool
):
    code = reporter.receipt() if right else "1" * 16
    flood_codes(public_client, LIMIT + 1)

    page = held(ask(code))

    assert page.value("code") == code
    assert list(page.errors) == ["code"]
    assert page.by_id("follow-up-form")["data-proof"] == page.token
    assert "tel:+85592311511" in [link["href"] for link in page.all("a")]


def test_a_held_code_works_with_a_proof(public_client: FlaskClient, reporter, ask, watch):
    code = reporter.receipt()
    flood_codes(public_client, LIMIT + 1)
    page = held(ask(code))

    assert ask(code, page.token, proof=solve(page.token)).status_code == 200


def test_a_held_code_works_after_a_minute(public_client: FlaskClient, reporter, ask, watch: Watch):
    code = reporter.receipt()
    flood_codes(public_client, LIMIT + 1)
    page = held(ask(code))

    watch.ahead = brake.PATIENCE + 1

    assert ask(code, page.token).status_code == 200


def test_the_status_changes_language_without_paying_again(public_client: FlaskClient, reporter, ask, watch):
    code = reporter.receipt()
    flood_codes(public_client, LIMIT + 1)
    page = held(ask(code))
    status = read_public(ask(code, page.token, proof=solve(page.token)))
    switch = status.one("button", name="switch")
    form = status.by_id(switch["form"])
    fields = {field["name"]: field["value"] for field in status.all("input") if field.within("form") is form}

    answer = public_client.post(switch["formaction"], data=fields | {"switch": "km"}, headers=network())

    assert answer.status_code == 200
    assert read_public(answer).lang == "km"


def test_one_proof_tries_one_code(public_client: FlaskClient, reporter, ask, watch):
    flood_codes(public_client, LIMIT + 1)
    page = held(ask(WRONG_CODE))
    word = solve(page.token)
    assert ask(WRONG_CODE, page.token, proof=word).status_code == 422

    held(ask("1" * 16, page.token, proof=word))


def test_guessing_codes_does_not_hold_up_reports(public_client: FlaskClient, reporter, watch):
    flood_codes(public_client, 2 * LIMIT)

    assert send(reporter, reporter.token()).status_code == 303


# --- the onion service -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "status"), [("300", 422), ("0", 429)])
def test_visitors_of_the_onion_service_have_the_brake_alone(tmp_path: Path, monkeypatch, limit: str, status: int):
    """Their limit by network, used up long ago, counts only where there is no brake."""
    app = build(tmp_path, HOTLINE_ONION_URL="http://hotlineexample.onion", HOTLINE_BRAKE=limit)
    monkeypatch.setattr(counters.Counters, "incr", lambda *_, **__: 1_000_000)

    answer = app.test_client().post("/en/report", data={}, base_url="http://hotlineexample.onion")

    assert answer.status_code == status


def test_a_form_that_was_held_is_counted_once(watch) -> None:
    counted = brake.Brake(3, now=lambda: 0.0)
    for _ in range(4):
        counted.count()
    assert counted.is_on()
    held = counted._held_back(60, "a token")

    counted.count(held.token)
    counted.count(held.token)

    assert counted._sent.total() == 5
