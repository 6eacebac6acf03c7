"""Every page of the public site, in both languages, held to the rules of the house."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hotline import jurisdiction
from hotline.blueprints.public import style
from tests.blueprints.public.site import LANGUAGES, Reporter, build
from tests.page import Element, Page, read_public

SAYING = ("how-we-work", "code-of-practice", "contact", "accessibility", "about", "find-link", "safety", "statistics")
PATHS = ("", "report", "follow-up", "help", "privacy", "cookies", *SAYING)
FOUND = ("", "report", "help", "privacy", "cookies", *SAYING)
FIRST_VIEW_BYTES = 9_000
# What bears no other name in Khmer: organisations, apps, keys, standards, and the words that answer a letter.
NAMES = {
    *(
        "APLE",
        "GNU",
        "Affero",
        "General",
        "Public",
        "License",
        "ICCAM",
        "INHOPE",
        "INTERPOL",
        "JavaScript",
        "WCAG",
        "AA",
    ),
    *("Android", "Chrome", "Facebook", "Internet", "Mac", "Messenger", "Safari", "Samsung", "Telegram", "TikTok"),
    *("Wi-Fi", "YouTube", "iPhone", "Take", "It", "Down", "gnu.org", "inhope.org", "LICENSE", "username"),
    *("Command", "Ctrl", "Esc", "REMOVED", "GONE", "NOTOURS", "HELP", "APPEAL", "left_out", "counted_from", "note"),
    *("choice", "lang", "probe", "receipt", "size"),
}
# What no source could confirm, and times that nobody measured; the one limit that the code of practice sets stands.
UNCONFIRMED = re.compile(
    r"(article|មាត្រា) ?(39|41|42|43|249|301)\b|023[ -]?99|012 311|\b117\b|younger than 13|under 13"
    r"|working day|ថ្ងៃធ្វើការ"
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_keeps_the_house_rules(public_client: FlaskClient, lang: str, path: str):
    answer = public_client.get(f"/{lang}/{path}")

    page = read_public(answer)

    assert answer.status_code == 200
    assert page.lang == lang
    assert page.one("a", class_="skip")["href"] == "#main"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_leads_to_a_page_and_to_its_place_there(public_client: FlaskClient, lang: str):
    """Follow every link from the first page on; nothing may lead nowhere, and no page may be out of reach."""
    seen: dict[str, Page] = {}
    broken = set()
    ahead = [f"/{lang}/"]
    while ahead:
        path, _, place = ahead.pop().partition("#")
        if path not in seen:
            answer = public_client.get(path)
            if answer.status_code != 200:
                broken.add((path, answer.status_code))
                continue
            if answer.mimetype != "text/html":
                continue
            seen[path] = read_public(answer)
            ahead += [link["href"] for link in seen[path].all("a") if link["href"].startswith("/")]
        if place and place not in {element.get("id") for element in seen[path].elements}:
            broken.add((path, place))

    assert broken == set()
    assert {f"/{lang}/{path}" for path in PATHS} <= set(seen)


@pytest.mark.parametrize("path", PATHS)
def test_no_other_site_is_told_where_its_visitor_came_from(public_client: FlaskClient, path: str):
    page = read_public(public_client.get(f"/en/{path}"))

    outside = [link for link in page.all("a") if link["href"].startswith("http")]

    assert [link["href"] for link in outside if "noreferrer" not in link.get("rel")] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", FOUND)
def test_a_page_that_should_be_found_describes_itself(public_client: FlaskClient, lang: str, path: str):
    page = read_public(public_client.get(f"/{lang}/{path}"))

    assert 40 < len(page.one("meta", name="description")["content"]) < 160
    assert page.all("meta", name="robots") == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["follow-up", "report/receipt"])
def test_a_page_about_one_report_is_not_to_be_found(public_client: FlaskClient, lang: str, path: str):
    page = read_public(public_client.get(f"/{lang}/{path}"))

    assert page.one("meta", name="robots")["content"] == "noindex"


def test_a_shown_receipt_is_not_to_be_found(reporter: Reporter):
    shown = reporter.client.get(reporter.send().location)

    assert read_public(shown).one("meta", name="robots")["content"] == "noindex"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_no_page_states_what_nobody_confirmed(public_client: FlaskClient, lang: str, path: str):
    assert UNCONFIRMED.findall(read_public(public_client.get(f"/{lang}/{path}")).text) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_number_to_call_is_one_of_the_country_pack(public_client: FlaskClient, lang: str, path: str):
    pack = jurisdiction.load("kh")
    known = {line.tel_href for line in (pack.hotline_phone, *pack.helplines)}

    called = {link["href"] for link in read_public(public_client.get(f"/{lang}/{path}")).all("a") if _calls(link)}

    assert pack.hotline_phone.tel_href in called
    assert called <= known


def _calls(link: Element) -> bool:
    return link["href"].startswith("tel:")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_facts_of_the_country_come_from_its_pack(public_client: FlaskClient, lang: str):
    pack = jurisdiction.load("kh")
    about, law, how = (
        read_public(public_client.get(f"/{lang}/{path}")).text for path in ("about", "code-of-practice", "how-we-work")
    )

    assert all(fact in about for fact in (pack.organisation, str(pack.since), pack.hotline_phone.name(lang)))
    for text in (law, how):
        assert pack.law_title(lang) in text
        assert pack.law_note(lang) in text
        assert pack.country_name(lang) in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_contact_page_gives_the_number_for_people_abroad(public_client: FlaskClient, lang: str):
    page = read_public(public_client.get(f"/{lang}/contact"))

    abroad = [link for link in page.all("a") if link.text == "+855 92 311 511"]

    assert abroad
    assert {link["href"] for link in abroad} == {"tel:+85592311511"}
    assert {"public", "industry", "hotlines", "inhope", "press"} <= {heading.get("id") for heading in page.all("h2")}


def test_where_no_email_address_is_confirmed_the_contact_page_says_so(public_client: FlaskClient):
    page = read_public(public_client.get("/en/contact"))

    assert "We have no email address to give here yet." in page.text
    assert [link for link in page.all("a") if link["href"].startswith("mailto:")] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_confirmed_address_stands_on_the_contact_page(tmp_path: Path, lang: str):
    app = build(tmp_path)
    known = jurisdiction.Contact("desk@hotline.example", {"en": "Box 1, Example Town", "km": "ប្រអប់ 1"})
    app.extensions["hotline.jurisdiction"] = replace(jurisdiction.load("kh"), contact=known)

    page = read_public(app.test_client().get(f"/{lang}/contact"))

    assert page.one("a", href="mailto:desk@hotline.example").text == "desk@hotline.example"
    assert known.post[lang] in page.text
    assert "no email address" not in page.text


@pytest.mark.parametrize(
    "clause",
    [
        "law",
        "cooperation",
        "exchange",
        "contact-point",
        "security",
        "incidents",
        "imagery",
        "confidentiality",
        "stakeholders",
    ],
)
def test_the_code_of_practice_has_every_clause(public_client: FlaskClient, clause: str):
    page = read_public(public_client.get("/en/code-of-practice"))

    assert page.by_id(clause).tag in {"h2", "h3"}


def test_the_clause_that_is_cut_off_in_its_source_is_shown_as_it_is(public_client: FlaskClient):
    text = read_public(public_client.get("/en/code-of-practice")).text

    assert "Best Practice Policy on Exchange of … To clarify:" in text
    assert "INHOPE secretariat without undue delay" in text
    assert "Data Protection Officer within 24 hours" in text


def test_help_begins_with_what_counts_when_somebody_is_blackmailed(public_client: FlaskClient):
    text = read_public(public_client.get("/en/help")).text

    said = ("1280", "You are not in trouble.", "Do not pay.", "Do not delete", "Get pictures of you taken down")

    assert [text.index(words) for words in said] == sorted(text.index(words) for words in said)


@pytest.mark.parametrize(
    "place",
    ["message", "facebook", "messenger", "telegram", "tiktok", "youtube", "browser", "no-link"],
)
def test_how_to_copy_a_link_is_said_for_each_app(public_client: FlaskClient, place: str):
    page = read_public(public_client.get("/en/find-link"))

    assert page.by_id(place).tag == "h2"
    assert page.one("a", href=f"#{place}")
    assert "/en/find-link" in {link["href"] for link in read_public(public_client.get("/en/report")).all("a")}


@pytest.mark.parametrize("path", [*PATHS, "phone"])
def test_khmer_pages_have_latin_letters_only_in_names_and_brackets(public_client: FlaskClient, path: str):
    """A term of another language stands in brackets behind the Khmer one; codes of a file are marked as such."""
    page = read_public(public_client.get(f"/km/{path}"))
    codes = {element.text for element in page.elements if element.tag == "code" or element.get("lang") == "en"}

    spoken = re.sub(r"\([^)]*\)|https?://\S*|\bt\.me/", " ", page.text)
    left = {word for word in re.findall(r"[A-Za-z][A-Za-z_.-]*[A-Za-z]", spoken) if word not in NAMES | codes}

    assert left == set()


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


@pytest.mark.parametrize(("accepted", "lang"), [("en-GB,en;q=0.9", "en"), ("fr", "km")])
def test_the_figures_without_a_language_are_found_in_that_of_the_visitor(public_client: FlaskClient, accepted, lang):
    answer = public_client.get("/statistics.csv", headers={"Accept-Language": accepted})

    assert answer.status_code == 302
    assert answer.location == f"/{lang}/statistics.csv"
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


@pytest.mark.parametrize("path", ["/", "/km/", "/en/privacy", "/en/follow-up", "/robots.txt", "/en/nope"])
def test_no_cookie_without_a_reason(public_client: FlaskClient, path: str):
    assert "Set-Cookie" not in public_client.get(path).headers


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
    assert b"alert(1)" not in answer.data


def test_a_language_without_its_slash_is_sent_on(public_client: FlaskClient):
    answer = public_client.get("/km")

    assert answer.status_code == 308
    assert answer.location.endswith("/km/")


@pytest.mark.parametrize("method", ["put", "delete", "patch", "post"])
def test_a_wrong_method_is_refused_with_a_way_on(public_client: FlaskClient, method: str):
    answer = getattr(public_client, method)("/en/privacy")

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
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(headers["Permissions-Policy"].split(", "))
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
