"""What every answer of the desk keeps to: headers, charset, a way out, and no form without its token."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from hotline import create_app
from hotline.vocabulary import Role, Surface
from tests.blueprints.desk.desk_site import PEOPLE, DeskSite, environ

HOST = "https://desk.example"
BEHIND = {"base_url": HOST, "headers": {"X-Forwarded-For": "192.168.0.7", "X-Forwarded-Proto": "https"}}
ANSWERS = {  # what is asked: what is answered to somebody who is signed in as an analyst
    "/desk/": 200,
    "/": 303,
    "/desk/items/I-222222": 404,
    "/desk/admin": 403,
    "/desk/nothing": 404,
    "/desk/sign-out": 405,
    "/static/desk.css": 200,
    "/static/nothing.css": 404,
}
EVERY_ROLE = ["vanna", "kunthea", "lina", "admin", "audit"]
PAPER = '<nav class="screen"'  # what is printed: nothing but the paper and the way back
UNSERVED = [
    "/.git/config",
    "/.env",
    "/static/",
    "/static/../config.py",
    "/static/%2e%2e/config.py",
    "/metrics",
    "/console",
]


@pytest.fixture
def served(desk_dir: Path) -> DeskSite:
    """A desk as it stands on a server: behind a proxy that ends TLS."""

    def broken() -> None:
        raise ValueError("narwhal")

    broken.roles = frozenset(Role)  # type: ignore[attr-defined]
    app = create_app(Surface.DESK, environ(desk_dir, HOTLINE_DESK_URL=HOST, HOTLINE_TRUSTED_PROXIES="1"))
    app.add_url_rule("/desk/broken", "broken", broken)
    return DeskSite(app)


@pytest.fixture
def client(served: DeskSite) -> FlaskClient:
    """The browser of an analyst who is signed in, over TLS."""
    client = served.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk/sign-in", **BEHIND).text)
    assert token
    form = {"csrf_token": token[1], "name": "rith", "password": "a long enough password"}
    assert client.post("/desk/sign-in", data=form, **BEHIND).status_code == 303
    return client


def check_headers(answer: TestResponse) -> None:
    headers = answer.headers
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= set(policy)
    assert not [part for part in policy if "unsafe" in part or "http" in part or "*" in part]
    assert not [name for name in headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118


@pytest.mark.parametrize(("path", "status"), ANSWERS.items())
def test_every_answer_bears_the_guarding_headers(client: FlaskClient, path: str, status: int) -> None:
    asked = BEHIND["headers"] | {"Origin": "https://elsewhere.example"}

    answer = client.get(path, base_url=HOST, headers=asked)

    assert answer.status_code == status
    check_headers(answer)
    if answer.data:
        assert re.fullmatch(r"text/\w+; charset=utf-8", answer.content_type)


def test_also_a_fault_of_ours_and_a_form_that_is_too_much_bear_them(client: FlaskClient) -> None:
    crashed = client.get("/desk/broken", **BEHIND)
    too_much = client.post("/desk/me/language", data={"language": "x" * 5_000_000}, **BEHIND)

    assert (crashed.status_code, too_much.status_code) == (500, 413)
    for answer in (crashed, too_much):
        check_headers(answer)
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search("narwhal|Traceback|Werkzeug|Flask|gunicorn", answer.text + str(answer.headers))


@pytest.mark.parametrize("path", UNSERVED)
def test_no_file_listing_or_console_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path, **BEHIND)

    assert answer.status_code in {403, 404}
    assert "def create_app" not in answer.text


@pytest.mark.parametrize("name", ["../desk.sqlite3", "..%2Fdesk.sqlite3", "%2Fetc%2Fpasswd", "n-1.%00.sealed", ".."])
def test_a_name_in_an_address_opens_no_file(desk: DeskSite, name: str) -> None:
    answer = desk.sign_in("sophea").client.get(f"/desk/notices/kept/{name}", follow_redirects=True)

    assert answer.status_code == 404
    assert "SQLite format" not in answer.text


def test_a_request_is_never_sent_back(client: FlaskClient) -> None:
    answer = client.open("/desk/", method="TRACE", **BEHIND)

    assert answer.status_code == 405
    assert "desk.example" not in answer.text


def test_debugging_is_off(served: DeskSite) -> None:
    assert not served.app.debug
    assert not served.app.testing
    assert not served.app.config["PROPAGATE_EXCEPTIONS"]


def rules_of(desk: DeskSite, method: str) -> list[Rule]:
    rules = [rule for rule in desk.app.url_map.iter_rules() if method in (rule.methods or ())]
    return [rule for rule in rules if rule.rule.startswith("/desk/")]


def path_of(rule: Rule) -> str:
    """Return an address that the rule fits; nothing need be there, since the token is asked for first."""
    given = {
        name: 2026 if "Integer" in type(rule._converters[name]).__name__ else "R-222222" for name in rule.arguments
    }
    built = rule.build(given)
    assert built
    return built[1]


@pytest.mark.parametrize("name", EVERY_ROLE)
def test_no_form_is_taken_without_its_token(desk: DeskSite, name: str) -> None:
    person, held = desk.sign_in(name), set(PEOPLE[name])
    asked = [
        rule
        for rule in rules_of(desk, "POST")
        if not (roles := desk.app.view_functions[rule.endpoint].roles) or roles & held
    ]
    assert len(asked) > 5

    taken = [
        (rule.rule, sent)
        for rule in asked
        for sent in ({}, {"csrf_token": person.token[:-2] + "xx"})
        if person.client.post(path_of(rule), data=sent).status_code != 400
    ]

    assert taken == []


def test_a_token_of_another_persons_page_is_not_taken(desk: DeskSite) -> None:
    sophea, rith = desk.sign_in("sophea"), desk.sign_in("rith")

    assert rith.client.post("/desk/me/language", data={"csrf_token": sophea.token, "language": "km"}).status_code == 400


@pytest.mark.parametrize("name", EVERY_ROLE)
def test_every_page_has_the_way_to_sign_out_and_its_charset(desk: DeskSite, name: str) -> None:
    person, held = desk.sign_in(name), set(PEOPLE[name])
    rules = [rule for rule in rules_of(desk, "GET") if not rule.arguments]
    pages = [rule.rule for rule in rules if desk.app.view_functions[rule.endpoint].roles & held]
    assert len(pages) > 5

    wrong = []
    for path in pages:
        answer = person.client.get(path)
        if answer.mimetype.startswith("text/") and answer.mimetype_params.get("charset") != "utf-8":
            wrong.append(f"{path} is {answer.content_type}")
        if (
            answer.mimetype != "text/html"
            and answer.data
            and "attachment" not in answer.headers.get("Content-Disposition", "")
        ):
            wrong.append(f"{path} is no page and no file to keep")
        is_page = answer.mimetype == "text/html" and answer.status_code == 200 and PAPER not in answer.text
        if is_page and 'action="/desk/sign-out"' not in answer.text:
            wrong.append(f"{path} has no way out")

    assert wrong == []
