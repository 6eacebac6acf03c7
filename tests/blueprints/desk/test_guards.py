"""Who gets in: the room, the session, the role, in this order, and nothing by default."""

import re
from pathlib import Path

import pytest
from flask import Flask

from hotline import create_app
from hotline.vocabulary import Surface
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, DeskSite, environ

DOORS = {
    "/desk/": {"sophea", "rith", "vanna", "kunthea", "lina", "admin", "audit"},
    "/desk/items": {"sophea", "rith", "vanna"},
    "/desk/reviews": {"sophea", "vanna"},
    "/desk/outside-decisions": {"vanna"},
    "/desk/stuck": {"sophea", "rith", "vanna"},
    "/desk/notices": {"sophea", "rith", "vanna"},
    "/desk/appeals": {"sophea", "rith", "vanna"},
    "/desk/police": {"sophea", "rith", "vanna"},
    "/desk/holds": {"sophea", "rith", "vanna"},
    "/desk/online": {"sophea", "rith", "vanna"},
    "/desk/notices/templates": {"sophea", "rith", "vanna"},
    "/desk/exchange": {"sophea", "vanna", "lina"},
    "/desk/messages": {"sophea", "rith", "vanna"},
    "/desk/victims": {"kunthea"},
    "/desk/victims/links": {"kunthea"},
    "/desk/victims/police": {"kunthea"},
    "/desk/victims/cases": {"kunthea"},
    "/desk/victims/closures": {"vanna"},
    "/desk/victims/retention": {"vanna", "kunthea"},
    "/desk/retention": {"sophea", "vanna"},
    "/desk/victims/statistics": {"vanna", "kunthea", "audit"},
    "/desk/victims/workload": {"vanna", "kunthea"},
    "/desk/victims/approvals": {"vanna", "kunthea"},
    "/desk/victims/questions": {"vanna", "kunthea"},
    "/desk/victims/referrals": {"kunthea"},
    "/desk/victims/overrides": {"vanna", "kunthea"},
    "/desk/victims/services": {"kunthea", "vanna"},
    "/desk/reports/unread": {"sophea", "rith", "vanna"},
    "/desk/practice/consultations": {"vanna", "lina", "admin", "audit"},
    "/desk/directory": {"sophea", "rith", "vanna", "lina"},
    "/desk/texts": {"vanna"},
    "/desk/admin": {"admin"},
    "/desk/admin/health": {"vanna", "admin"},
    "/desk/practice": {"vanna", "lina", "admin", "audit"},
    "/desk/practice/incidents": {"vanna", "lina", "admin", "audit"},
    "/desk/clocks": {"sophea", "rith", "vanna", "kunthea", "lina", "admin", "audit"},
    "/desk/intake": {"sophea", "rith", "vanna"},
    "/desk/hosts": {"sophea", "rith", "vanna"},
    "/desk/criteria": {"sophea", "rith", "vanna"},
    "/desk/quality": {"sophea", "vanna"},
    "/desk/statistics": {"sophea", "rith", "vanna", "lina", "audit"},
    "/desk/statistics/takedowns": {"sophea", "rith", "vanna", "lina", "audit"},
    "/desk/statistics/years": {"sophea", "rith", "vanna", "lina", "audit"},
    "/desk/audit": {"audit"},
    "/desk/care": set(),  # the counsellor's; see test_care.py
    "/desk/practice/security": {"vanna", "lina", "admin", "audit"},
    "/desk/practice/imagery": {"vanna", "lina", "admin", "audit"},
    "/desk/practice/contact": {"vanna", "lina", "admin", "audit"},
    "/desk/practice/duties": {"vanna", "lina", "admin", "audit"},
    "/desk/me": {"sophea", "rith", "vanna", "kunthea", "lina", "admin", "audit"},
    "/desk/me/second-factor": {"sophea", "rith", "vanna", "kunthea", "lina", "admin", "audit"},
}
INSIDE = {
    "/desk/me",
    "/desk/me/second-factor",
    "/desk/statistics/takedowns",
    "/desk/statistics/years",
}  # led to from another page
EVERYBODY = sorted(DOORS["/desk/me"])
AT_WORK = {"sophea", "rith", "vanna", "kunthea"}  # who may be the first to see that something went wrong


@pytest.mark.parametrize("name", EVERYBODY)
def test_each_door_opens_to_its_roles_only(desk: DeskSite, name: str) -> None:
    browser = desk.sign_in(name)

    found = {door: browser.get(door).status_code for door in DOORS}

    assert found == {door: 200 if name in who else 403 for door, who in DOORS.items()}


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_rail_shows_no_door_that_is_shut(desk: DeskSite, name: str) -> None:
    shown = desk.sign_in(name).page("/desk/")

    links = {link["href"] for link in shown.all("a") if (nav := link.within("nav")) and nav.get("aria-label") == "Main"}
    to_record = {"/desk/practice/incidents/new"} if name in AT_WORK else set()
    assert links == {door for door, who in DOORS.items() if name in who and door not in INSIDE} | to_record


def test_a_wrong_role_learns_nothing_about_what_exists(desk: DeskSite) -> None:
    ref = desk.report("https://img-board.example/t/1")[0]
    admin = desk.sign_in("admin")

    there, nowhere = admin.get(f"/desk/items/{ref}"), admin.get("/desk/items/I-222222")

    assert (there.status_code, nowhere.status_code) == (403, 403)
    # the token of the page's form tells the second it was made in
    assert re.sub(rb'value="[^"]+"', b"", there.get_data()) == re.sub(rb'value="[^"]+"', b"", nowhere.get_data())


def test_a_view_that_names_no_role_opens_to_nobody(desk: DeskSite) -> None:
    desk.app.add_url_rule("/desk/forgotten", "forgotten", lambda: "secret")

    assert desk.sign_in("sophea").get("/desk/forgotten").status_code == 403


@pytest.fixture
def room(desk_dir: Path) -> Flask:
    return create_app(Surface.DESK, environ(desk_dir, HOTLINE_DESK_NETWORKS="192.0.2.0/24,2001:db8::/48"))


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("192.0.2.7", 200),
        ("2001:db8::7", 200),
        ("::ffff:192.0.2.7", 200),
        ("127.0.0.1", 403),
        ("198.51.100.1", 403),
        ("2001:db8:1::7", 403),
        ("", 403),
        ("not an address", 403),
    ],
)
def test_the_desk_answers_only_in_the_room(room: Flask, peer: str, status: int) -> None:
    answer = room.test_client().get("/desk/sign-in", environ_base={"REMOTE_ADDR": peer})

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/", "/", "/static/desk.css", "/nothing"])
def test_outside_the_room_every_page_is_shut(room: Flask, path: str) -> None:
    answer = room.test_client().get(path, environ_base={"REMOTE_ADDR": "198.51.100.1"})

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host"])
def test_forwarding_headers_from_a_peer_nobody_trusts_shut_the_desk(desk: DeskSite, name: str) -> None:
    answer = desk.app.test_client().get("/desk/sign-in", headers={name: "127.0.0.1"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("192.0.2.9", 200), ("192.0.2.9, 198.51.100.1", 403), ("198.51.100.1, 192.0.2.9", 200), ("", 403), (None, 403)],
)
def test_behind_a_trusted_proxy_the_address_it_saw_counts(desk_dir: Path, forwarded: str | None, status: int) -> None:
    settings = environ(desk_dir, HOTLINE_TRUSTED_PROXIES="1", HOTLINE_DESK_NETWORKS="192.0.2.0/24")
    client = create_app(Surface.DESK, settings).test_client()

    answer = client.get("/desk/sign-in", headers={} if forwarded is None else {"X-Forwarded-For": forwarded})

    assert answer.status_code == status


@pytest.fixture
def over_tls(desk_dir: Path) -> DeskSite:
    """A desk as it stands on a server: behind a proxy that ends TLS."""
    settings = environ(desk_dir, HOTLINE_DESK_URL="https://desk.example", HOTLINE_TRUSTED_PROXIES="1")
    return DeskSite(create_app(Surface.DESK, settings))


def sign_in_over_tls(site: DeskSite, **headers: str) -> int:
    """Send the sign-in form as a browser would that says `headers` (`_` stands for `-`)."""
    behind = {"X-Forwarded-For": "192.168.0.7", "X-Forwarded-Proto": "https"}
    place = {"base_url": "https://desk.example"}
    client = site.app.test_client()
    token = page.read_desk(client.get("/desk/sign-in", headers=behind, **place)).token
    said = behind | {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"csrf_token": token, "name": "sophea", "password": PASSWORD}
    return client.post("/desk/sign-in", data=form, headers=said, **place).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},  # Chromium, under our `no-referrer`
        {"Origin": "null", "Sec_Fetch_Site": "none"},
        {"Origin": "null"},
        {"Origin": "https://desk.example"},
        {"Referer": "https://desk.example/desk/sign-in"},
    ],
)
def test_our_own_forms_are_taken_over_tls(over_tls: DeskSite, headers: dict[str, str]) -> None:
    assert sign_in_over_tls(over_tls, **headers) == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Origin": "null", "Sec_Fetch_Site": "same-site"},
        {"Origin": "https://www.desk.example"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_forms_from_another_site_are_refused_even_with_a_good_token(
    over_tls: DeskSite, headers: dict[str, str]
) -> None:
    assert sign_in_over_tls(over_tls, **headers) == 400


def test_the_desk_never_answers_on_the_onion_host(desk_dir: Path) -> None:
    onion = "http://" + "a" * 56 + ".onion"
    client = create_app(Surface.DESK, environ(desk_dir, HOTLINE_ONION_URL=onion)).test_client()

    assert client.get("/desk/sign-in", base_url=onion).status_code == 403
    assert client.get("/desk/sign-in").status_code == 200


def test_health_is_told_anywhere(room: Flask) -> None:
    assert room.test_client().get("/healthz", environ_base={"REMOTE_ADDR": "198.51.100.1"}).status_code == 200


def test_pages_of_the_desk_load_nothing_from_elsewhere(desk: DeskSite) -> None:
    answer = desk.sign_in("sophea").get("/desk/")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    page.read_desk(answer)


def test_style_and_script_carry_their_content_in_their_address_and_may_be_kept(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    sheet = sophea.page("/desk/").one("link", rel="stylesheet")["href"]

    answer = sophea.client.get(sheet)

    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "status"), [("/desk/nothing", 404), ("/desk/items/next", 404), ("/desk/sign-out", 405)]
)
def test_faults_are_told_in_words(desk: DeskSite, path: str, status: int) -> None:
    answer = desk.sign_in("sophea").get(path)

    assert answer.status_code == status
    assert page.read_desk(answer).heading


def test_faults_come_to_htmx_as_a_note(desk: DeskSite) -> None:
    answer = desk.sign_in("sophea").get("/desk/items/I-222222", htmx=True)

    assert answer.status_code == 404
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_a_fault_of_ours_tells_nobody_a_value(desk: DeskSite, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise ValueError("https://img-board.example/t/1")

    broken.roles = frozenset({*DOORS}) and desk.app.view_functions["desk.me.show_me"].roles  # type: ignore[attr-defined]
    desk.app.add_url_rule("/desk/broken", "broken", broken)

    answer = desk.sign_in("sophea").get("/desk/broken")

    assert answer.status_code == 500
    assert "img-board" not in answer.get_data(as_text=True) + capsys.readouterr().err
