"""Every page of the public site, in both languages, held to the rules of the house."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

from hotline.blueprints.public import style
from tests.blueprints.public.site import LANGUAGES
from tests.page import read_public

PATHS = ("", "report", "follow-up", "help", "privacy", "cookies")
FIRST_VIEW_BYTES = 9_000


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_keeps_the_house_rules(public_client: FlaskClient, lang: str, path: str):
    answer = public_client.get(f"/{lang}/{path}")

    page = read_public(answer)

    assert answer.status_code == 200
    assert page.lang == lang
    assert page.one("a", class_="skip")["href"] == "#main"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_link_of_a_page_leads_to_a_page(public_client: FlaskClient, lang: str, path: str):
    page = read_public(public_client.get(f"/{lang}/{path}"))

    inside = {link["href"].partition("#")[0] for link in page.all("a") if link["href"].startswith("/")}

    assert inside
    assert {target: public_client.get(target).status_code for target in inside} == dict.fromkeys(inside, 200)


@pytest.mark.parametrize("path", PATHS)
def test_khmer_pages_are_in_khmer(public_client: FlaskClient, path: str):
    page = read_public(public_client.get(f"/km/{path}"))

    khmer = len(re.findall("[\u1780-\u17ff]", page.text))
    latin = len(re.findall("[A-Za-z]", page.text))

    assert khmer > 5 * latin


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        (None, "km"),
        ("", "km"),
        ("km-KH,en;q=0.5", "km"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR,en;q=0.5", "en"),
        ("fr", "km"),
        ("en;q=0, km", "km"),
        ("*", "km"),
        ("not a header ;;;", "km"),
    ],
)
def test_the_first_address_leads_to_the_language_the_browser_asks_for(public_client: FlaskClient, accepted, lang):
    answer = public_client.get("/", headers={"Accept-Language": accepted} if accepted is not None else {})

    assert answer.status_code == 302
    assert answer.location == f"/{lang}/"
    assert "Accept-Language" in answer.vary


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["", "report", "follow-up", "help"])
def test_a_compressed_page_is_the_plain_page(public_client: FlaskClient, lang: str, path: str):
    squeezed = public_client.get(f"/{lang}/{path}", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    plain = public_client.get(f"/{lang}/{path}", headers={"Accept-Encoding": "gzip;q=0"})

    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.vary
    without_token = re.compile(rb'name="csrf_token" value="[^"]+"')
    assert without_token.sub(b"", gzip.decompress(squeezed.data)) == without_token.sub(b"", plain.data)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["", "report", "help"])
def test_a_first_view_is_one_small_answer(public_client: FlaskClient, lang: str, path: str):
    answer = public_client.get(f"/{lang}/{path}", headers={"Accept-Encoding": "gzip"})

    head = sum(len(name) + len(value) + 4 for name, value in answer.headers)

    assert len(answer.data) + head < FIRST_VIEW_BYTES


def test_the_style_sheet_keeps_its_budget():
    assert len(style.sheet().encode()) <= 6 * 1024
    assert "var(" not in style.sheet()


def test_minifying_keeps_what_counts():
    css = "/* a */ a > b, c  { color : red ;  margin: 0 auto }\n@media (min-width: 4rem) { a:hover { x: y } }"

    assert style.minify(css) == "a>b,c{color :red;margin:0 auto}@media (min-width: 4rem){a:hover{x:y}}"


@pytest.mark.parametrize("path", ["/", "/km/", "/en/help", "/en/privacy", "/en/follow-up", "/robots.txt", "/en/nope"])
def test_no_cookie_without_a_reason(public_client: FlaskClient, path: str):
    assert "Set-Cookie" not in public_client.get(path).headers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_cookie_page_names_the_cookies_that_are_set(public_client: FlaskClient, lang: str):
    names = [heading.text for heading in read_public(public_client.get(f"/{lang}/cookies")).all("h2")]

    assert names == ["probe", "receipt"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_to_call_stand_on_home_and_help(public_client: FlaskClient, lang: str):
    home, help_ = (read_public(public_client.get(f"/{lang}/{path}")) for path in ("", "help"))

    for page in (home, help_):
        assert {"tel:1288", "tel:1280", "tel:+85592311511"} <= {link["href"] for link in page.all("a")}
    listed = [link["href"] for link in help_.all("a") if link.within("ul") and "tel:" in link["href"]]
    assert listed[0] == "tel:1280"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["nope", "desk/", "report/", "help/../../x", "%00", "support"])
def test_an_unknown_page_speaks_the_language_of_its_path(public_client: FlaskClient, lang: str, path: str):
    answer = public_client.get(f"/{lang}/{path}")

    page = read_public(answer)

    assert answer.status_code == 404
    assert page.lang == lang
    assert {f"/{lang}/report", "tel:1288", "tel:+85592311511"} <= {link["href"] for link in page.all("a")}


@pytest.mark.parametrize("path", ["/fr/", "/xx/report", "/kmx/", "/index.php"])
def test_an_unknown_language_is_a_missing_page(public_client: FlaskClient, path: str):
    answer = public_client.get(path, headers={"Accept-Language": "en"})

    assert answer.status_code == 404
    assert read_public(answer).lang == "en"


def test_a_missing_page_never_repeats_its_address(public_client: FlaskClient):
    answer = public_client.get("/en/x'\"><script>alert(1)</script>")

    assert answer.status_code == 404
    assert b"alert" not in answer.data


def test_a_language_without_its_slash_is_sent_on(public_client: FlaskClient):
    answer = public_client.get("/km")

    assert answer.status_code == 308
    assert answer.location.endswith("/km/")


@pytest.mark.parametrize("method", ["put", "delete", "patch", "post"])
def test_a_wrong_method_is_refused_with_a_way_on(public_client: FlaskClient, method: str):
    answer = getattr(public_client, method)("/en/help")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert read_public(answer).lang == "en"


def test_a_head_request_says_what_a_get_would(public_client: FlaskClient):
    answer = public_client.head("/en/report")

    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 5000


@pytest.mark.parametrize("path", ["/", "/en/", "/en/report", "/en/nope", "/robots.txt", "/favicon.ico", "/en/help"])
def test_every_answer_carries_the_guarding_headers(public_client: FlaskClient, path: str):
    headers = public_client.get(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_robots_may_read_the_pages_but_no_receipt(public_client: FlaskClient):
    answer = public_client.get("/robots.txt")

    assert answer.mimetype == "text/plain"
    assert "Disallow: /km/report/receipt" in answer.text


def test_security_txt_names_a_contact_and_an_end(public_client: FlaskClient):
    answer = public_client.get("/.well-known/security.txt")

    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("Contact: tel:+855")
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", answer.text, re.M)


def test_there_is_no_icon_to_remember_the_site_by(public_client: FlaskClient):
    assert public_client.get("/favicon.ico").status_code == 204
