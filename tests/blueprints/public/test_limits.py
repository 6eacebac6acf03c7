"""Limits: a short wait, never a lost report."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotline import clock
from hotline.blueprints.public import brake, counters, limits
from hotline.extensions import limiter
from tests.blueprints.public.site import LANGUAGES, Reporter, build
from tests.blueprints.public.test_brake import held, solve
from tests.page import read_public

HERE = {"X-Forwarded-For": "192.0.2.7"}
SHARE = 20


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a network be refused as soon as it has had its share."""
    monkeypatch.setattr(limits, "BEYOND", 1)


def post(client: FlaskClient, times: int, path: str = "/en/report", **headers: str) -> list[int]:
    return [client.post(path, data={}, headers=HERE | headers).status_code for _ in range(times)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.usefixtures("refused")
def test_beyond_the_limit_a_report_waits_with_everything_typed(public_client: FlaskClient, stored, lang: str):
    post(public_client, 60)

    typed = {"category": "grooming", "urls": "https://page.example/x", "details": "my words"}
    answer = public_client.post(f"/{lang}/report", data=typed, headers=HERE)

    page = read_public(answer)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 601
    assert {name: page.value(name) for name in typed} == typed
    assert page.by_id("errors")["role"] == "alert"
    assert "tel:+85592311511" in [link["href"] for link in page.all("a")]
    assert stored() == []


@pytest.mark.usefixtures("refused")
def test_bad_posts_count_only_when_there_are_very_many(public_client: FlaskClient):
    assert post(public_client, 61) == [422] * 60 + [429]


@pytest.mark.usefixtures("refused")
def test_twenty_reports_of_one_network_are_taken_whatever_was_mistyped_before(public_client: FlaskClient, stored):
    reporter = Reporter(public_client)
    post(public_client, 30)

    answers = [reporter.send(urls=f"https://page.example/{n}", headers=HERE).status_code for n in range(21)]

    assert answers == [303] * 20 + [429]
    assert len(stored()) == 20


def reported(reporter: Reporter, times: int) -> list[int]:
    return [reporter.send(urls=f"https://page.example/{n}", headers=HERE).status_code for n in range(times)]


def test_who_shares_a_network_with_a_flood_pays_and_is_heard(public_client: FlaskClient, reporter: Reporter, stored):
    assert post(public_client, 61) == [422] * 61

    page = held(reporter.send(headers=HERE))
    answer = reporter.send(token=page.token, proof=solve(page.token), headers=HERE)

    assert answer.status_code == 303
    assert len(stored()) == 1


def test_beyond_its_share_of_reports_a_network_pays_for_each(public_client: FlaskClient, reporter: Reporter, stored):
    assert reported(reporter, SHARE) == [303] * SHARE

    page = held(reporter.send(urls="https://page.example/more", headers=HERE))
    assert page.by_id("report-form")["data-proof"] == page.token
    paid = {"token": page.token, "proof": solve(page.token), "urls": "https://page.example/more"}

    assert reporter.send(headers=HERE, **paid).status_code == 303
    assert reporter.send(headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 303  # nobody else pays
    assert len(stored()) == SHARE + 2
    held(reporter.send(urls="https://page.example/again", headers=HERE))


def test_who_has_no_script_pays_with_a_minute(public_app: Flask, reporter: Reporter, monkeypatch):
    ahead = [0.0]
    brakes = tuple(brake.Brake(300, lambda: clock.now().timestamp() + ahead[0]) for _ in range(2))
    monkeypatch.setitem(public_app.extensions, brake.BRAKES, brakes)
    reported(reporter, SHARE)
    page = held(reporter.send(urls="https://page.example/more", headers=HERE))

    ahead[0] = brake.PATIENCE + 1

    assert reporter.send(token=page.token, urls="https://page.example/more", headers=HERE).status_code == 303


def test_the_same_report_sent_again_finds_its_receipt_and_pays_nothing(public_client, reporter: Reporter, stored):
    token = reporter.token()
    first = reporter.send(token=token, headers=HERE)
    post(public_client, 61)

    again = reporter.send(token=token, headers=HERE)

    assert (first.status_code, again.status_code, len(stored())) == (303, 303, 1)


def test_one_network_turns_no_brake_on_for_the_others(public_client: FlaskClient, reporter: Reporter):
    post(public_client, 400)

    assert reporter.send(headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 303


def test_at_ten_times_its_share_a_network_is_refused(public_client: FlaskClient):
    assert post(public_client, 601)[-2:] == [422, 429]


def test_where_nobody_can_pay_a_share_is_all_there_is(tmp_path: Path):
    client = build(tmp_path, HOTLINE_BRAKE="0").test_client()
    limiter.reset()

    assert post(client, 61) == [422] * 60 + [429]


def test_a_code_pays_once_a_network_has_had_its_wrong_ones(public_client: FlaskClient, reporter: Reporter):
    code = reporter.receipt()
    assert guess(public_client, 11) == [422] * 10 + [429]

    sent = {"code": code, "csrf_token": read_public(public_client.get("/en/follow-up")).token}
    page = held(public_client.post("/en/follow-up", data=sent, headers=HERE))
    paid = sent | {"csrf_token": page.token, "proof": solve(page.token)}

    assert public_client.post("/en/follow-up", data=paid, headers=HERE).status_code == 200


def test_reading_pages_never_counts(public_client: FlaskClient):
    assert {public_client.get("/en/report", headers=HERE).status_code for _ in range(50)} == {200}


@pytest.mark.usefixtures("refused")
def test_other_networks_are_not_held_up(public_client: FlaskClient):
    post(public_client, 61)

    assert post(public_client, 1, **{"X-Forwarded-For": "192.0.2.8"}) == [422]


@pytest.mark.usefixtures("refused")
def test_one_line_of_ipv6_is_one_network(public_client: FlaskClient):
    for n in range(60):
        post(public_client, 1, **{"X-Forwarded-For": f"2001:db8:0:1::{n:x}"})

    assert post(public_client, 1, **{"X-Forwarded-For": "2001:db8:0:1:ffff::1"}) == [429]
    assert post(public_client, 1, **{"X-Forwarded-For": "2001:db8:0:2::1"}) == [422]


@pytest.mark.usefixtures("refused")
def test_a_mapped_address_is_the_same_network(public_client: FlaskClient):
    post(public_client, 60)

    assert post(public_client, 1, **{"X-Forwarded-For": "::ffff:192.0.2.7"}) == [429]


def guess(client: FlaskClient, times: int) -> list[int]:
    token = read_public(client.get("/en/follow-up")).token
    codes = [{"code": f"{n:016d}", "csrf_token": token} for n in range(times)]
    return [client.post("/en/follow-up", data=code, headers=HERE).status_code for code in codes]


@pytest.mark.usefixtures("refused")
def test_codes_can_be_tried_ten_times(public_client: FlaskClient):
    assert guess(public_client, 11) == [422] * 10 + [429]

    answer = public_client.post("/en/follow-up", data={"code": "12 34"}, headers=HERE)
    page = read_public(answer)
    assert int(answer.headers["Retry-After"]) > 0
    assert page.value("code") == "12 34"
    assert list(page.errors) == ["code"]


@pytest.mark.usefixtures("refused")
def test_a_right_code_and_what_is_no_code_do_not_count_as_tries(public_client: FlaskClient):
    code = Reporter(public_client).receipt()
    token = read_public(public_client.get("/en/follow-up")).token
    right = {"code": code, "csrf_token": token}

    answers = [public_client.post("/en/follow-up", data=right, headers=HERE).status_code for _ in range(20)]
    answers += post(public_client, 20, "/en/follow-up")

    assert answers == [200] * 20 + [422] * 20
    assert guess(public_client, 11) == [422] * 10 + [429]


@pytest.mark.usefixtures("refused")
def test_too_much_at_once_is_still_refused_beyond_the_limit(public_client: FlaskClient):
    post(public_client, 60)

    answer = public_client.post("/en/report", data=b"urls=" + b"a" * 70_000, headers=HERE)

    assert answer.status_code == 413


@pytest.mark.usefixtures("refused")
def test_a_report_is_taken_once_the_window_is_over(public_client: FlaskClient, reporter: Reporter, monkeypatch):
    post(public_client, 61)
    later = counters.time.time() + 601

    monkeypatch.setattr(counters.time, "time", lambda: later)

    assert post(public_client, 1) == [422]


def test_no_address_is_kept_in_the_counts(public_app: Flask, public_client: FlaskClient):
    post(public_client, 1)

    assert "192.0.2.7" not in repr(vars(limiter.storage))


def test_a_new_day_has_a_new_key(monkeypatch: pytest.MonkeyPatch):
    key = limits.DayKey()
    today = key.mark("192.0.2.7")
    assert key.mark("192.0.2.7") == today

    monkeypatch.setattr(limits, "now", lambda: datetime.now(UTC) + timedelta(days=1))

    assert key.mark("192.0.2.7") != today


def test_visitors_of_the_onion_service_share_a_wide_brake(tmp_path: Path):
    client = build(tmp_path, HOTLINE_ONION_URL="http://hotlineexample.onion").test_client()
    onion = {"base_url": "http://hotlineexample.onion"}
    limiter.reset()

    assert {client.post("/en/report", data={}, **onion).status_code for _ in range(30)} == {422}


@pytest.mark.parametrize(
    ("trusted", "peer", "headers"),
    [
        ("0", "198.51.100.9", {}),
        ("0", "127.0.0.1", {"X-Forwarded-For": "198.51.100.9"}),
        ("1", "127.0.0.1", {"X-Forwarded-For": "198.51.100.9"}),
        ("1", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("1", "198.51.100.9", {}),
    ],
)
@pytest.mark.usefixtures("refused")
def test_naming_the_onion_host_passes_no_limit(tmp_path: Path, trusted: str, peer: str, headers: dict[str, str]):
    settings = {"HOTLINE_ONION_URL": "http://hotlineexample.onion", "HOTLINE_TRUSTED_PROXIES": trusted}
    client = build(tmp_path, **settings).test_client()
    limiter.reset()

    said = {"base_url": "http://hotlineexample.onion", "environ_base": {"REMOTE_ADDR": peer}, "headers": headers}
    statuses = [client.post("/en/report", data={}, **said).status_code for _ in range(90)]

    assert statuses[-1] == 429


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", ""])
def test_visitors_of_the_onion_service_come_past_the_proxy(tmp_path: Path, peer: str):
    settings = {"HOTLINE_ONION_URL": "http://hotlineexample.onion", "HOTLINE_TRUSTED_PROXIES": "1"}
    client = build(tmp_path, **settings).test_client()
    limiter.reset()

    said = {"base_url": "http://hotlineexample.onion", "environ_base": {"REMOTE_ADDR": peer}}

    assert {client.post("/en/report", data={}, **said).status_code for _ in range(90)} == {422}


def test_counters_sweep_away_what_is_over(monkeypatch: pytest.MonkeyPatch):
    kept = counters.Counters()
    kept.incr("a", 10)
    kept.incr("b", 1000)

    later = counters.time.time() + counters.SWEEP_SECONDS + 1
    monkeypatch.setattr(counters.time, "time", lambda: later)

    assert kept.get("a") == 0
    assert kept.incr("b", 1000) == 2
    assert kept.reset() == 1
