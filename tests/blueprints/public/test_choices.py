"""Cookies as a visitor meets them: nothing but the needed ones until accepted, and every choice open to change."""

import gzip
import itertools
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hotline.blueprints.public import cookies, drawing, visitor
from tests.blueprints.public.site import LANGUAGES, Reporter, build
from tests.page import Element, Page, read_public

HALF_A_YEAR = 180 * 24 * 60 * 60
ONION = "http://hotline2example2hotline2example2hotline2example2aaa.onion"
ASKING = ("", "how-we-work", "privacy", "accessibility")
FILLED_IN = ("report", "help", "follow-up")
OURS = {kind.name: kind for kind in cookies.KINDS}


def sent(answer: TestResponse) -> dict[str, dict[str, str]]:
    """Return the cookies an answer sets: the full name of each, its value (under "") and its attributes."""
    found = {}
    for line in answer.headers.getlist("Set-Cookie"):
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        assert name not in found, f"{name} is set twice"
        found[name] = {"": value} | dict(attribute.partition("=")[::2] for attribute in attributes)
    return found


def notice(page: Page) -> list[str]:
    """Return the answers to the question about cookies that a page offers; none where it does not ask."""
    return [one["value"] for one in page.all("button", name="cookies") if asks(one)]


def back(page: Page) -> str:
    """Return where the answer to the question about cookies leads."""
    return next(one["value"] for one in page.all("input", name="back") if asks(one))


def asks(inside: Element) -> bool:
    form = inside.within("form")
    return bool(form and form["action"].endswith("/cookies"))


def choose(client: FlaskClient, answer: str, lang: str = "en", **fields: str) -> TestResponse:
    return client.post(f"/{lang}/cookies", data={"cookies": answer, **fields})


def resize(client: FlaskClient, size: str, lang: str = "en", **fields: str) -> TestResponse:
    return client.post(f"/{lang}/text-size", data={"size": size, **fields})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ASKING)
def test_whoever_has_not_chosen_is_asked_after_the_content_and_given_nothing(
    public_client: FlaskClient, lang: str, path: str
):
    answer = public_client.get(f"/{lang}/{path}")

    page = read_public(answer)
    buttons = page.all("button", name="cookies")

    assert notice(page) == ["needed", "all"]
    assert buttons[0].classes == buttons[1].classes
    assert page.html.index("</main>") < page.html.index('name="cookies"') < page.html.index("<footer")
    assert back(page) == f"/{lang}/{path}"
    assert set(sent(answer)) <= {"probe"}


@pytest.mark.parametrize("path", FILLED_IN)
def test_where_something_is_typed_nothing_is_asked_that_would_lose_it(public_client: FlaskClient, path: str):
    assert notice(read_public(public_client.get(f"/en/{path}"))) == []


@pytest.mark.parametrize("chosen", ["needed", "all"])
@pytest.mark.parametrize("path", ASKING)
def test_whoever_has_chosen_is_not_asked_again(public_client: FlaskClient, chosen: str, path: str):
    choose(public_client, chosen)

    assert notice(read_public(public_client.get(f"/en/{path}"))) == []


def test_a_refusal_is_remembered_until_the_browser_closes_and_nothing_else_is(public_client: FlaskClient):
    answer = choose(public_client, "needed")

    choice = sent(answer).pop("choice")
    assert choice == {"": "needed", "Path": "/", "HttpOnly": "", "SameSite": "Strict"}
    assert {name for name in OURS if public_client.get_cookie(name)} == {"choice"}


def test_an_acceptance_is_remembered_for_half_a_year_with_the_language(public_client: FlaskClient):
    answer = choose(public_client, "all", "km")

    assert {name: (set_[""], set_["Max-Age"]) for name, set_ in sent(answer).items()} == {
        "choice": ("all", str(HALF_A_YEAR)),
        "lang": ("km", str(HALF_A_YEAR)),
    }


def test_a_refusal_takes_back_everything_that_was_accepted(public_client: FlaskClient):
    choose(public_client, "all")
    resize(public_client, "largest")

    choose(public_client, "needed")

    assert {name for name in OURS if public_client.get_cookie(name)} == {"choice"}
    assert public_client.get("/en/help").text.count('<html lang="en">') == 1
    assert public_client.get("/", headers={"Accept-Language": "km"}).location == "/km/"


def test_under_tls_every_cookie_is_bound_to_the_host(tmp_path: Path):
    app = build(tmp_path, HOTLINE_PUBLIC_URL="https://hotline.example")
    client = app.test_client()
    base = {"base_url": "https://hotline.example"}

    accepted = client.post("/en/cookies", data={"cookies": "all"}, **base)
    sized = client.post("/en/text-size", data={"size": "large"}, **base)
    home = client.get("/", headers={"Accept-Language": "km"}, **base)
    refused = client.post("/en/cookies", data={"cookies": "needed"}, **base)

    assert set(sent(accepted)) == {"__Host-choice", "__Host-lang"}
    assert set(sent(sized)) == {"__Host-choice", "__Host-lang", "__Host-size"}
    assert set(sent(refused)) == {"__Host-choice", "__Host-lang", "__Host-size"}
    assert home.location == "/en/"
    for cookie in itertools.chain(*(sent(answer).values() for answer in (accepted, sized, refused))):
        assert {"Secure", "HttpOnly"} <= set(cookie)
        assert (cookie["Path"], cookie["SameSite"]) == ("/", "Strict")
        assert "Domain" not in cookie


@pytest.mark.parametrize("choice", [None, "needed", "all"])
def test_the_page_about_cookies_shows_the_choice_and_offers_both(public_client: FlaskClient, choice: str | None):
    if choice:
        choose(public_client, choice)

    page = read_public(public_client.get("/en/cookies"))

    said = {None: "You have not chosen yet.", "needed": "Now: only needed.", "all": "Now: you accepted all."}
    assert [words for words in said.values() if words in page.text] == [said[choice]]
    assert notice(page) == ["needed", "all"]
    assert len(page.all("form")) == 1


def test_the_page_about_cookies_names_each_with_purpose_life_and_need(public_client: FlaskClient):
    page = read_public(public_client.get("/en/cookies"))

    headings = [one.text for one in page.elements if one.tag in {"h2", "h3"}]
    needed = headings.index("Needed for this site to work")
    optional = headings.index("Only if you accept")
    assert headings[needed + 1 : optional] == ["probe", "receipt", "choice"]
    assert headings[optional + 1 : optional + 3] == ["lang", "size"]
    assert len(page.all("h3")) == len(cookies.KINDS)
    for kind in cookies.KINDS:
        assert str(kind.does) in page.text
        assert str(kind.lives) in page.text
    assert "Nothing on this site counts your visits or follows you." in page.text


def test_a_walk_over_the_site_leaves_only_cookies_of_the_table_each_for_its_time(reporter: Reporter):
    client = reporter.client
    answers = [client.get("/en/"), client.get("/en/report"), reporter.send()]
    answers += [client.get("/en/report/receipt"), client.post("/en/report/receipt")]
    answers += [choose(client, "all"), client.get("/km/help"), resize(client, "large"), resize(client, "normal")]
    answers += [choose(client, "needed"), client.get("/en/cookies"), client.get("/en/nothing-here")]

    lives: dict[str, set[str | None]] = {}
    for name, cookie in itertools.chain(*(sent(answer).items() for answer in answers)):
        lives.setdefault(name, set()).add(cookie.get("Max-Age"))

    assert set(lives) == set(OURS)
    for name, seen in lives.items():
        stated = OURS[name].seconds
        assert seen - {"0"} == {None if stated is None else str(stated)} | ({None} if name == "choice" else set())


@pytest.mark.parametrize("path", ["/en/", "/km/help", "/en/report", "/km/cookies", "/en/follow-up"])
def test_a_choice_leads_back_to_the_page_it_was_made_on(public_client: FlaskClient, path: str):
    for answer in (choose(public_client, "needed", back=path), resize(public_client, "large", back=path)):
        assert answer.status_code == 303
        assert answer.location == path


@pytest.mark.parametrize(
    "back",
    [
        "",
        "/",
        "https://elsewhere.example/en/help",
        "//elsewhere.example/en/help",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "/en//help",
        "/en/help/",
        "/en/help?next=//elsewhere.example",
        "/en/help#x",
        "/en/help\r\nX: y",
        "/en/../en/help",
        "/fr/help",
        "/en/nothing-here",
        "/en/text-size",
        "/en/report/receipt",
        "/healthz",
        "/robots.txt",
        "/static/public.css",
        "/desk/",
        "x" * 9_000,
        "ក",
    ],
)
def test_a_choice_leads_nowhere_else(public_client: FlaskClient, back: str):
    assert choose(public_client, "needed", "km", back=back).location == "/km/"


def test_another_site_can_choose_nothing(public_client: FlaskClient):
    foreign = {"Sec-Fetch-Site": "cross-site"}

    answers = [
        public_client.post("/en/cookies", data={"cookies": "all"}, headers=foreign),
        public_client.post("/en/text-size", data={"size": "large"}, headers=foreign),
        public_client.post("/en/cookies", data={"cookies": "all"}, headers={"Origin": "https://elsewhere.example"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert not any(sent(answer) for answer in answers)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("cookies", {}),
        ("cookies", {"cookies": "some"}),
        ("cookies", {"cookies": "ALL"}),
        ("text-size", {}),
        ("text-size", {"size": "huge"}),
        ("text-size", {"size": 'large" onload="x'}),
    ],
)
def test_what_is_no_choice_changes_nothing(public_client: FlaskClient, path: str, fields: dict[str, str]):
    answer = public_client.post(f"/en/{path}", data=fields)

    assert answer.status_code == 400
    assert read_public(answer).heading == "We could not read that"
    assert sent(answer) == {}


def test_an_answer_to_a_form_and_a_receipt_do_not_ask(reporter: Reporter):
    mended = reporter.send(urls="")
    stored = reporter.client.get(reporter.send().location)
    without_cookies = Reporter(reporter.client.application.test_client(use_cookies=False)).send()

    for answer in (mended, stored, without_cookies):
        assert notice(read_public(answer)) == []


def test_a_copy_that_a_script_fetches_to_keep_does_not_ask(public_client: FlaskClient):
    answer = public_client.get("/en/help", headers={"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})

    assert notice(read_public(answer)) == []


def test_a_page_that_is_not_there_leads_back_to_the_first_page(public_client: FlaskClient):
    page = read_public(public_client.get("/en/typed-by-mistake"))

    assert notice(page) == ["needed", "all"]
    assert back(page) == "/en/"
    assert "typed-by-mistake" not in page.html


@pytest.mark.parametrize("wanted", ["km", "en"])
def test_the_first_page_opens_in_the_language_read_last(public_client: FlaskClient, wanted: str):
    other = {"km": "en", "en": "km"}[wanted]
    choose(public_client, "all", other)

    changed = sent(public_client.get(f"/{wanted}/privacy"))
    again = sent(public_client.get(f"/{wanted}/privacy"))

    assert (changed["lang"][""], changed["lang"]["Max-Age"]) == (wanted, str(HALF_A_YEAR))
    assert again == {}
    assert public_client.get("/", headers={"Accept-Language": other}).location == f"/{wanted}/"


@pytest.mark.parametrize("choice", [None, "needed"])
def test_without_acceptance_no_language_is_remembered_or_believed(public_client: FlaskClient, choice: str | None):
    if choice:
        choose(public_client, choice)
    public_client.set_cookie("lang", "en")
    public_client.set_cookie("size", "largest")

    answer = public_client.get("/km/privacy")

    assert sent(answer) == {}
    assert '<html lang="km">' in answer.text
    assert public_client.get("/").location == "/km/"


@pytest.mark.parametrize("size", ["large", "largest"])
def test_a_larger_text_is_set_on_every_page_and_kept(public_client: FlaskClient, size: str):
    answer = resize(public_client, size, back="/en/accessibility")

    assert answer.location == "/en/accessibility"
    assert sent(answer)["size"]["Max-Age"] == str(HALF_A_YEAR)
    for path in ("/en/", "/km/help", "/en/report", "/en/nothing-here"):
        assert read_public(public_client.get(path)).one("html").classes == [size]


def test_the_normal_size_forgets_the_other_and_accepts_nothing(public_client: FlaskClient):
    fresh = resize(public_client, "normal")
    resize(public_client, "large")
    back_to_normal = resize(public_client, "normal")

    assert set(sent(fresh)) == {"size"}
    assert sent(back_to_normal)["size"]["Max-Age"] == "0"
    assert public_client.get_cookie("size") is None
    assert read_public(public_client.get("/en/")).one("html").classes == []


def test_the_form_for_the_text_size_asks_for_acceptance_only_where_it_is_missing(public_client: FlaskClient):
    def button() -> str:
        page = read_public(public_client.get("/en/accessibility"))
        return next(one.text for one in page.all("button") if one.within("form")["action"] == "/en/text-size")

    asked = button()
    resize(public_client, "large")
    shown = read_public(public_client.get("/en/accessibility"))

    assert asked == "Accept and use this size"
    assert button() == "Use this size"
    assert shown.value("size") == "large"
    choose(public_client, "needed")
    assert button() == "Accept and use this size"


@pytest.mark.parametrize("cookie", ["choice=", "choice=yes", "choice=ALL", 'choice="a\\"', "choice=all2; size=large"])
def test_a_forged_choice_counts_as_none(public_app: Flask, cookie: str):
    client = public_app.test_client(use_cookies=False)

    page = read_public(client.get("/en/privacy", headers={"Cookie": cookie}))

    assert notice(page) == ["needed", "all"]
    assert page.one("html").classes == []


def test_a_forged_size_or_language_is_not_put_on_the_page(public_app: Flask):
    client = public_app.test_client(use_cookies=False)

    answer = client.get("/en/privacy", headers={"Cookie": 'choice=all; size=huge"x; lang=fr'})

    assert read_public(answer).one("html").classes == []
    assert sent(answer)["lang"][""] == "en"


def test_every_way_to_see_a_page_makes_at_most_four_stencils_a_language(tmp_path: Path):
    app = build(tmp_path)
    client = app.test_client()

    for choice, size in itertools.product((None, "needed", "all"), ("normal", "large", "largest")):
        client.delete_cookie("choice")
        if choice:
            client.set_cookie("choice", choice)
        client.set_cookie("size", size)
        client.get("/en/privacy")

    assert len(app.extensions[drawing.STOCK]._drawn) == 4


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["", "report"])
def test_the_first_view_stays_small_with_the_notice_too(public_client: FlaskClient, lang: str, path: str):
    answer = public_client.get(f"/{lang}/{path}", headers={"Accept-Encoding": "gzip"})

    weight = len(answer.data) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers) + 19

    assert notice(Page(gzip.decompress(answer.data).decode())) == ([] if path in FILLED_IN else ["needed", "all"])
    assert weight <= 9_000


@pytest.fixture
def two_doors(tmp_path: Path) -> FlaskClient:
    """A site behind TLS that is an onion service too."""
    app = build(tmp_path, HOTLINE_PUBLIC_URL="https://hotline.example", HOTLINE_ONION_URL=ONION)
    return app.test_client()


@pytest.mark.parametrize("path", ["/en/", "/km/report", "/en/cookies", "/km/help"])
def test_pages_tell_where_they_are_as_an_onion_service(two_doors: FlaskClient, path: str):
    here = two_doors.get(f"{path}?from=elsewhere", base_url="https://hotline.example")
    there = two_doors.get(path, base_url=ONION)

    assert here.headers["Onion-Location"] == ONION + path
    assert "Onion-Location" not in there.headers
    assert ".onion" not in here.text
    assert "hotline.example" not in there.text


@pytest.mark.parametrize("path", ["/", "/en/nothing-here", "/robots.txt", "/healthz", "/en/report/receipt"])
def test_what_is_no_page_to_come_back_to_tells_of_no_onion_service(two_doors: FlaskClient, path: str):
    assert "Onion-Location" not in two_doors.get(path, base_url="https://hotline.example").headers


def test_a_receipt_and_an_answer_to_a_form_tell_of_no_onion_service(two_doors: FlaskClient):
    base = {"base_url": "https://hotline.example"}
    token = read_public(two_doors.get("/en/report", **base)).token
    data = {"csrf_token": token, "category": "csam", "urls": "https://page.example"}

    mended = two_doors.post("/en/report", data=data | {"urls": ""}, **base)
    stored = two_doors.post("/en/report", data=data, **base)
    receipt = two_doors.get(stored.location, **base)

    assert (mended.status_code, stored.status_code, receipt.status_code) == (422, 303, 200)
    assert not any("Onion-Location" in answer.headers for answer in (mended, stored, receipt))


def test_a_site_without_onion_service_tells_of_none(public_client: FlaskClient):
    assert "Onion-Location" not in public_client.get("/en/").headers


def test_cookies_of_the_onion_service_are_as_those_of_the_other_door(two_doors: FlaskClient):
    onion = sent(two_doors.post("/en/cookies", data={"cookies": "all"}, base_url=ONION))
    other = sent(two_doors.post("/en/cookies", data={"cookies": "all"}, base_url="https://hotline.example"))

    assert onion == other
    assert set(onion) == {"__Host-choice", "__Host-lang"}
    assert all("Secure" in cookie for cookie in onion.values())


def test_the_classes_of_the_text_sizes_stand_in_the_style_sheet(public_client: FlaskClient):
    sheet = read_public(public_client.get("/en/")).one("style").raw_text

    assert [size for size in visitor.Size if f".{size}{{font-size:" in sheet] == ["large", "largest"]
