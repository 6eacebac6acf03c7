"""Partners' door on the public site: what it takes, and every way to knock wrongly."""

import contextlib
import json
import re
import secrets
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from itertools import groupby

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from hotline import clock, vault
from hotline.blueprints.exchange_api import openapi
from hotline.blueprints.exchange_api.problems import KIND, PROBLEMS
from hotline.models import ExchangeCall, ExchangeDoor, ExchangeInbound, ExchangeNonce, ExchangeOutbound
from hotline.rules import exchange as rule
from hotline.services import exchange_doors
from hotline.transactions import apart, front_engine
from hotline.vocabulary import DeclineReason, ExchangeStatus, ItemOutcome
from tests.services.partner import SCHEMA, Partner

URL = "https://img-board.example/t/1"
GOOD = {"schema": SCHEMA, "reference": "NL-1", "address": URL}


@pytest.fixture
def partner(public_app: Flask) -> Partner:
    found = Partner()
    found.token = secrets.token_urlsafe(32)
    with public_app.app_context(), apart(front_engine()) as session:
        for model in (ExchangeCall, ExchangeDoor, ExchangeInbound, ExchangeNonce, ExchangeOutbound):
            session.execute(delete(model))
        session.add(door_of(found))
    return found


def door_of(partner: Partner, *, active: bool = True) -> ExchangeDoor:
    return ExchangeDoor(
        id=partner.token.encode()[:16],
        token_tag=vault.keyring().door_tag(partner.token),
        partner_ref="D-222222",
        verify_key=bytes(partner.signing.verify_key),
        active=active,
    )


@pytest.fixture
def count(public_app: Flask) -> Callable[[type], int]:
    def counted(model: type) -> int:
        with public_app.app_context(), apart(front_engine()) as session:
            return session.scalar(select(func.count()).select_from(model))

    return counted


def is_problem(answer: TestResponse, code: str) -> None:
    """Hold that an answer is the problem `code`, whole."""
    status, title = PROBLEMS[code]
    said = json.loads(answer.get_data(as_text=True))
    assert (answer.status_code, said["type"]) == (status, f"urn:hotline-exchange:{code}"), answer.text
    assert (answer.mimetype, said["title"], said["status"]) == (KIND, title, status)
    assert fits("Problem", said)


DESCRIBED = json.loads(json.dumps(openapi.description("https://hotline.example")))


def fits(schema: str, said: object) -> bool:
    """Whether something is as the description says."""
    return Checker(DESCRIBED["components"]["schemas"][schema]).is_valid(said)


def _pattern(_: object, pattern: str, said: object, __: object) -> Iterator[ValidationError]:
    """Read a pattern as JSON Schema asks: with classes of characters that Python's `re` does not know."""
    if isinstance(said, str) and not re.search(_spelt_out(pattern), said):
        yield ValidationError("it does not fit its pattern")


@cache
def _spelt_out(pattern: str) -> str:
    whole = pattern.removesuffix("$") + (r"\Z" if pattern.endswith("$") else "")  # Python's $ lets a line end pass
    return re.sub(r"\\p\{(\w)\}", lambda found: _class(found[1]), whole)


@cache
def _class(letter: str) -> str:
    """Return the characters of one of Unicode's classes as ranges."""
    runs = groupby(range(sys.maxunicode + 1), lambda one: unicodedata.category(chr(one))[0] == letter)
    ranges = [[*run] for is_in, run in runs if is_in]
    return "".join(rf"\U{run[0]:08x}-\U{run[-1]:08x}" for run in ranges)


Checker = extend(Draft202012Validator, {"pattern": _pattern})


def test_an_offer_is_taken_sealed_and_bears_no_trace(
    public_client: FlaskClient, public_app: Flask, partner: Partner, count: Callable[[type], int]
) -> None:
    answer = partner.offer(public_client, URL, note="Quiet words.")

    assert (answer.status_code, answer.json.keys()) == (202, {"schema", "id"})
    with public_app.app_context(), front_engine().connect() as connection:
        row = connection.execute(select(ExchangeInbound)).one()
        everything = repr([*connection.execute(select(ExchangeCall)), *connection.execute(select(ExchangeNonce)), row])
    assert row.id.hex() == answer.json["id"]
    assert "img-board" not in everything
    assert "127.0.0.1" not in everything
    assert row.received_at.minute == row.received_at.second == 0
    keys = vault.load(
        public_app.extensions["hotline.settings"].keys_dir, private=["case"], public_secrets=False, blinds=False
    )
    ref, body = rule.uncarried(keys.open(exchange_doors.PURPOSE, row.body))
    assert (ref, json.loads(body)["address"]) == ("", URL)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Authorization": ""}, "unknown_token"),
        ({"Authorization": "Bearer guessed"}, "unknown_token"),
        ({"Authorization": "Basic Zm9vOmJhcg=="}, "unknown_token"),
        ({"Authorization": "Bearer " + "x" * 5000}, "unknown_token"),
        ({"Hotline-Signature": ""}, "headers"),
        ({"Hotline-Signature": "@@"}, "headers"),
        ({"Hotline-Signature": "A" * 86 + "=="}, "bad_signature"),
        ({"Hotline-Nonce": "another-nonce-than-signed"}, "bad_signature"),
        ({"Idempotency-Key": "another-key-than-signed"}, "bad_signature"),
        ({"Hotline-Timestamp": "2026-01-01T00:00:00Z"}, "bad_signature"),
        ({"Content-Type": "text/plain"}, "not_json"),
    ],
)
def test_whoever_knocks_wrongly_is_told_and_leaves_nothing(
    public_client: FlaskClient, partner: Partner, count: Callable[[type], int], change: dict[str, str], code: str
) -> None:
    path, body = "/exchange/v1/referrals", json.dumps(GOOD).encode()
    headers = {**partner.headers("POST", path, body), "Content-Type": "application/json", **change}

    is_problem(public_client.post(path, data=body, headers=headers), code)

    assert count(ExchangeInbound) == count(ExchangeCall) == count(ExchangeNonce) == 0


def test_a_body_that_was_not_signed_is_refused(public_client: FlaskClient, partner: Partner) -> None:
    path = "/exchange/v1/referrals"
    headers = partner.headers("POST", path, json.dumps(GOOD).encode())
    other = json.dumps(GOOD | {"address": "https://other.example/"})

    is_problem(public_client.post(path, data=other, headers=headers, content_type="application/json"), "bad_signature")


def test_what_somebody_else_signed_is_refused(public_client: FlaskClient, partner: Partner) -> None:
    stranger = Partner()
    stranger.token = partner.token

    is_problem(stranger.offer(public_client, URL), "bad_signature")


def test_what_was_signed_for_one_place_does_not_fit_another(public_client: FlaskClient, partner: Partner) -> None:
    body = json.dumps(GOOD).encode()
    headers = partner.headers("POST", "/exchange/v1/referrals/X-222222/status", body)

    answer = public_client.post("/exchange/v1/referrals", data=body, headers=headers, content_type="application/json")

    is_problem(answer, "bad_signature")


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24 * 400])
def test_what_is_too_old_or_from_the_future_is_refused(
    public_client: FlaskClient, partner: Partner, minutes: int
) -> None:
    at = clock.now() + timedelta(minutes=minutes)

    is_problem(partner.offer(public_client, URL, timestamp=f"{at:%Y-%m-%dT%H:%M:%SZ}"), "untimely")


@pytest.mark.parametrize(
    "other",
    [
        {"timestamp": "yesterday"},
        {"timestamp": "2026-02-30T00:00:00Z"},
        {"nonce": "short"},
        {"key": "no spaces here"},
        {"key": ""},
    ],
)
def test_headers_of_another_form_are_refused(
    public_client: FlaskClient, partner: Partner, other: dict[str, str]
) -> None:
    is_problem(partner.offer(public_client, URL, **other), "headers")


def test_a_copy_of_a_message_does_nothing(
    public_client: FlaskClient, partner: Partner, count: Callable[[type], int]
) -> None:
    first = partner.offer(public_client, URL, nonce="the-same-nonce", key="the-same-key")

    is_problem(partner.offer(public_client, URL, nonce="the-same-nonce", key="the-same-key"), "replayed")
    again = partner.offer(public_client, URL, key="the-same-key")

    assert (again.status_code, again.json) == (202, first.json)
    assert count(ExchangeInbound) == 1


def test_what_waits_keeps_the_order_in_which_it_came(
    public_client: FlaskClient, public_app: Flask, partner: Partner
) -> None:
    said = [partner.offer(public_client, f"{URL}/{number}", f"NL-{number}").json["id"] for number in range(5)]

    with public_app.app_context(), front_engine().connect() as connection:
        rows = connection.execute(select(ExchangeInbound).order_by(ExchangeInbound.place)).all()
    assert [row.id.hex() for row in rows] == said
    assert [row.place for row in rows] == [1, 2, 3, 4, 5]
    assert len({row.received_at for row in rows}) <= 2  # an hour may end between two


def test_a_key_stands_for_one_thing(public_client: FlaskClient, partner: Partner, count: Callable[[type], int]) -> None:
    partner.offer(public_client, URL, key="the-same-key")

    is_problem(partner.offer(public_client, "https://other.example/", key="the-same-key"), "key_reused")

    assert count(ExchangeInbound) == 1


@pytest.mark.parametrize("path", ["referrals", "referrals/X-222222/status"])
def test_a_hundred_megabytes_are_refused_before_anything_is_read(
    public_client: FlaskClient, partner: Partner, path: str
) -> None:
    class Never:
        def read(self, *_: int) -> bytes:
            raise AssertionError("it was read")

        readline = read

    answer = public_client.post(
        f"/exchange/v1/{path}",
        content_type="application/json",
        environ_overrides={"wsgi.input": Never(), "CONTENT_LENGTH": str(100 * 1024 * 1024)},
    )

    is_problem(answer, "too_large")


def test_a_body_of_unknown_length_is_read_no_further_than_it_may_be(
    public_client: FlaskClient, partner: Partner
) -> None:
    given = 0

    class Endless:
        def read(self, size: int = -1) -> bytes:
            nonlocal given
            assert 0 < size <= 1024 * 1024
            given += size
            assert given < 4 * 1024 * 1024
            return b"x" * size

    answer = public_client.post(
        "/exchange/v1/referrals",
        content_type="application/json",
        environ_overrides={"wsgi.input": Endless(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )

    is_problem(answer, "too_large")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "no_object"),
        (b"\xff\xfe", "no_object"),
        (b"[]", "no_object"),
        (b"NaN", "no_object"),
        (b"[" * 30_000, "no_object"),
        (b'{"schema": 1, "schema": 2}', "no_object"),
        (b'{"n": ' + b"9" * 5000 + b"}", "no_object"),
        (b"{}", "unknown_schema"),
        (b'{"schema": "hotline-exchange/2"}', "unknown_schema"),
    ],
)
def test_what_is_no_message_is_said(public_client: FlaskClient, partner: Partner, body: bytes, code: str) -> None:
    is_problem(partner.send(public_client, "referrals", body, key="a-key-of-its-own"), code)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"address": ""}, ("address", "no_address")),
        ({"address": "no address"}, ("address", "no_address")),
        ({"address": "javascript:alert(1)"}, ("address", "no_address")),
        ({"address": "http://127.0.0.1/"}, ("address", "no_address")),
        ({"address": "https://a.example/" + "x" * 9000}, ("address", "no_address")),
        ({"address": 7}, ("address", "type")),
        ({"address": [URL]}, ("address", "type")),
        ({"reference": ""}, ("reference", "required")),
        ({"reference": "x" * 81}, ("reference", "too_long")),
        ({"reference": "a\0b"}, ("reference", "characters")),
        ({"reference": "a\nb"}, ("reference", "characters")),
        ({"reference": "a\u202eb"}, ("reference", "characters")),
        ({"reference": "\ud800"}, ("reference", "characters")),
        ({"note": "x" * 2001}, ("note", "too_long")),
        ({"note": "data:image/png;base64,AAAA"}, ("note", "file")),
        ({"category": "worst"}, ("category", "unknown")),
        ({"classification": "not_illegal"}, ("classification", "unknown")),
        ({"hosting_country": "nl"}, ("hosting_country", "unknown")),
        ({"in_danger": 1}, ("in_danger", "type")),
        ({"name": "somebody"}, ("", "unknown_field")),
    ],
)
def test_what_is_wrong_with_an_offer_is_named(
    public_client: FlaskClient,
    partner: Partner,
    count: Callable[[type], int],
    change: dict[str, object],
    fault: tuple[str, str],
) -> None:
    answer = partner.send(public_client, "referrals", GOOD | change)

    is_problem(answer, "invalid")
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [fault]
    assert count(ExchangeInbound) == 0
    beyond_a_pattern = change in ({"address": "http://127.0.0.1/"}, {"note": "data:image/png;base64,AAAA"})
    assert fits("Offer", GOOD | change) == beyond_a_pattern


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({}, ("status", "required")),
        ({"status": "offered"}, ("status", "unknown")),
        ({"status": "declined"}, ("reason", "required")),
        ({"status": "done"}, ("outcome", "required")),
        ({"status": "accepted", "outcome": "removed"}, ("outcome", "not_here")),
        ({"status": "declined", "reason": "bored"}, ("reason", "unknown")),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(
    public_client: FlaskClient, partner: Partner, facts: dict[str, str], fault: tuple[str, str]
) -> None:
    answer = partner.status(public_client, "X-222222", **facts)

    is_problem(answer, "invalid")
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [fault]
    assert not fits("Status", {"schema": SCHEMA} | facts)


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "\u1791-7 / №\u00a75 é\u0301 \U0001f4c1"},
        {"reference": " 1 "},
        {"address": " HTTPS://a.example/x%20y\n"},
        {"address": "http:/a.example"},
        {"note": "Two\r\nlines,\tand \u200bmore."},
        {"classification": "national", "category": "other", "hosting_country": "NL", "in_danger": True},
    ],
)
def test_what_the_description_lets_pass_is_taken(
    public_client: FlaskClient, partner: Partner, change: dict[str, object]
) -> None:
    assert fits("Offer", GOOD | change)

    answer = partner.send(public_client, "referrals", GOOD | change)

    assert answer.status_code == 202, answer.text
    assert fits("Taken", answer.json)


@pytest.mark.parametrize(
    ("field", "text", "is_taken"),
    [
        ("reference", "a\u2028b", False),
        ("reference", "a\u00a0b", False),
        ("reference", "a\u200bb", False),
        ("reference", "a\ufffdb", False),
        ("reference", "a\ue000b", False),
        ("reference", "a\n", False),
        ("reference", "   ", False),
        ("reference", "\u1780\u17d2\u1780", True),
        ("address", "ftp://a.example/x", False),
        ("address", "hxxps://a.example/x", False),
        ("address", "mailto:a@b.example", False),
        ("address", "a.example/x", False),
        ("address", "//a.example/x", False),
        ("address", "\x01https://a.example/x", False),
        ("address", "https:a.example", True),
        ("note", "a\x0bb", False),
        ("note", "a\ud800b", False),
        ("note", "a\rb", True),
    ],
)
def test_description_and_server_let_the_same_pass(field: str, text: str, is_taken: bool) -> None:
    facts = GOOD | {field: text}

    try:
        rule.offer(json.dumps(facts).encode())
        taken = True
    except rule.Malformed:
        taken = False

    assert (taken, fits("Offer", facts)) == (is_taken, is_taken)


@given(text=st.text(max_size=90))
def test_a_reference_is_judged_alike_by_description_and_server(text: str) -> None:
    for field, facts, read in (
        ("Offer", GOOD | {"reference": text}, rule.offer),
        ("Status", {"schema": SCHEMA, "status": "accepted", "reference": text}, rule.answer),
    ):
        try:
            read(json.dumps(facts).encode())
            faults: tuple[tuple[str, str], ...] = ()
        except rule.Malformed as exc:
            faults = exc.faults
        assert fits(field, facts) == (not faults or faults == (("reference", "file"),))


def test_beside_an_answer_stands_what_it_needs_and_nothing_else() -> None:
    beside = {"reason": (None, *DeclineReason, "bored"), "outcome": (None, *ItemOutcome, "burnt")}
    told = set()
    for status in (*ExchangeStatus, "lost"):
        for reason in beside["reason"]:
            for outcome in beside["outcome"]:
                pairs = {"schema": SCHEMA, "status": status, "reason": reason, "outcome": outcome}
                facts = {name: str(one) for name, one in pairs.items() if one is not None}
                try:
                    rule.answer(json.dumps(facts).encode())
                    taken = True
                except rule.Malformed as exc:
                    taken = False
                    told |= {code for _field, code in exc.faults}
                assert fits("Status", facts) == taken, facts

    assert told <= {*rule.FAULTS}


def test_every_answer_that_any_request_may_get_is_described() -> None:
    for path in DESCRIBED["paths"].values():
        for operation in path.values():
            assert {"400", "401", "413", "429", "500", "503"} <= operation["responses"].keys()
    described = {
        code for path in DESCRIBED["paths"].values() for operation in path.values() for code in operation["responses"]
    }
    assert {str(status) for status, _title in PROBLEMS.values()} - described == {"405"}  # of no operation
    for schema in DESCRIBED["components"]["schemas"].values():  # but its patterns, which are not Python's
        Draft202012Validator.check_schema(schema, format_checker=FormatChecker([]))


@pytest.mark.parametrize("ref", ["X-1", "x-222222", "X-22222A", "X-222222%0A", "%2e%2e"])
def test_a_reference_that_is_none_finds_nothing(public_client: FlaskClient, partner: Partner, ref: str) -> None:
    body = json.dumps({"schema": SCHEMA, "status": "accepted"}).encode()
    answer = public_client.post(f"/exchange/v1/referrals/{ref}/status", data=body, content_type="application/json")

    assert answer.status_code in {401, 404}
    assert answer.mimetype == KIND


def test_a_shut_door_is_like_none(public_client: FlaskClient, public_app: Flask, partner: Partner) -> None:
    with public_app.app_context(), apart(front_engine()) as session:
        session.merge(door_of(partner, active=False))

    is_problem(partner.offer(public_client, URL), "unknown_token")


def test_a_partner_gets_what_is_its_own_until_it_says_that_it_has_it(
    public_client: FlaskClient, public_app: Flask, partner: Partner
) -> None:
    own, foreign = secrets.token_bytes(16), secrets.token_bytes(16)
    with public_app.app_context(), apart(front_engine()) as session:
        for one, door in ((own, partner.token.encode()[:16]), (foreign, b"d" * 16)):
            session.add(ExchangeOutbound(id=one, door_id=door, body=b"sealed", put_at=clock.this_hour()))
    path = "/exchange/v1/outbox"

    def outbox() -> dict[str, object]:
        return public_client.get(path, headers=partner.headers("GET", path, b"")).json

    def receipt(one: str) -> TestResponse:
        there = f"{path}/{one}/receipt"
        return public_client.post(there, headers=partner.headers("POST", there, b""))

    assert [one["id"] for one in outbox()["messages"]] == [own.hex()]
    for unknown in (foreign.hex(), "0" * 32, "nothing", own.hex().upper()):
        is_problem(receipt(unknown), "not_found")
    assert [receipt(own.hex()).status_code for _ in range(2)] == [204, 204]
    assert outbox()["messages"] == []
    is_problem(public_client.get(path), "unknown_token")


def test_guessing_tokens_ends_soon(public_client: FlaskClient, partner: Partner) -> None:
    answers = [public_client.get("/exchange/v1/outbox") for _ in range(31)]

    assert {one.status_code for one in answers[:30]} == {401}
    is_problem(answers[30], "too_often")
    assert int(answers[30].headers["Retry-After"]) > 0


def test_good_requests_are_not_counted_as_guesses(public_client: FlaskClient, partner: Partner) -> None:
    assert {partner.offer(public_client, URL, f"NL-{number}").status_code for number in range(35)} == {202}


def test_a_full_store_says_so_and_keeps_nothing(
    public_client: FlaskClient, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> bytes:
        raise exchange_doors.inbox.StorageFull("full")

    monkeypatch.setattr(exchange_doors, "take", full)
    answer = partner.offer(public_client, URL)

    is_problem(answer, "full")
    assert answer.headers["Retry-After"] == "60"


def test_a_fault_of_ours_says_nothing_of_itself(
    public_client: FlaskClient, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> bytes:
        raise OperationalError("secret words", {}, Exception("secret words"))

    monkeypatch.setattr(exchange_doors, "take", breaks)
    answer = partner.offer(public_client, URL)

    is_problem(answer, "broken")
    assert "secret" not in answer.text
    assert str(answer.status_code) in DESCRIBED["paths"]["/exchange/v1/referrals"]["post"]["responses"]


def test_the_description_names_every_way_in(public_app: Flask, public_client: FlaskClient) -> None:
    described = public_client.get("/exchange/v1/openapi.json").json

    assert described["openapi"].startswith("3.1")
    paths = {path.replace("{", "<").replace("}", ">") for path in described["paths"]}
    known = {rule.rule for rule in public_app.url_map.iter_rules() if rule.endpoint.startswith("exchange_api.")}
    assert paths == known - {"/exchange/v1/openapi.json"}
    assert json.dumps(openapi.description("https://hotline.example"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["schema", "reference", "address", "category", "classification", "in_danger", "note", "status"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.dictionaries(FIELDS, JSON).map(lambda facts: json.dumps({"schema": SCHEMA} | facts).encode())
)
def test_no_body_breaks_the_rules(body: bytes) -> None:
    for read in (rule.offer, rule.answer):
        with contextlib.suppress(rule.Malformed):
            read(body)


@pytest.mark.parametrize("between", [" ", "\n", "\t", "\u00a0", " https://b.example/"])
def test_what_holds_white_space_is_no_one_address(between: str) -> None:
    facts = {"schema": SCHEMA, "reference": "NL-1", "address": f"https://a.example/x{between}y"}

    with pytest.raises(rule.Malformed, match="address:no_address"):
        rule.offer(json.dumps(facts).encode())

    around = facts | {"address": " https://a.example/x%20y\n"}
    assert rule.offer(json.dumps(around).encode()).address.href == "https://a.example/x%20y"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.dictionaries(FIELDS, JSON), raw=st.binary(max_size=60))
def test_whatever_a_partner_sends_is_answered_plainly(
    public_client: FlaskClient, partner: Partner, facts: dict[str, object], raw: bytes
) -> None:
    for body in (json.dumps(facts).encode(), raw):
        answer = partner.send(public_client, "referrals", body, key=secrets.token_hex(8), nonce=secrets.token_hex(8))

        assert answer.status_code in {202, 400, 422}
        assert answer.mimetype in {KIND, "application/json"}


@pytest.mark.parametrize(
    "header", ["Authorization", "Hotline-Timestamp", "Hotline-Nonce", "Hotline-Signature", "Idempotency-Key"]
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80))
def test_whatever_stands_in_a_header_is_answered_plainly(
    public_client: FlaskClient, partner: Partner, header: str, value: str
) -> None:
    body = json.dumps(GOOD).encode()
    path = "/exchange/v1/referrals"
    headers = partner.headers("POST", path, body) | {header: value.encode("latin-1").decode("latin-1")}

    answer = public_client.post(path, data=body, headers=headers, content_type="application/json")

    assert answer.status_code in {400, 401, 409, 429}
    assert answer.mimetype == KIND
