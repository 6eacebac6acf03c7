"""The report form: what is taken, what is refused, and that nothing typed is lost."""

import base64
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from hotline.blueprints.public import report, tokens
from hotline.errors import StorageFull
from hotline.vocabulary import Category, Danger, Language, Seen
from tests.blueprints.public.site import LANGUAGES
from tests.page import Page, read_public

TYPED = {
    "category": "sextortion",
    "urls": "no link here",
    "seen": "week",
    "details": '<b>he said & wrote</b>\n  "so"',
    "in_danger": "unsure",
    "contact": "@someone '\"",
}
BLOB = base64.b64encode(bytes(range(256)) * 8).decode()
FORM = "application/x-www-form-urlencoded"


def refused(answer, status: int = 422) -> Page:
    page = read_public(answer)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    return page


def chosen(page: Page) -> list[str]:
    return [one["value"] for one in page.all("input", name="category") if "checked" in one.attrs]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("category", Category)
def test_the_address_may_answer_the_first_question(public_client: FlaskClient, lang: str, category: Category):
    answer = public_client.get(f"/{lang}/report?category={category}")

    page = read_public(answer)
    assert chosen(page) == [category]
    assert page.one("button", name="switch")["formaction"] == f"/{'en' if lang == 'km' else 'km'}/report"
    assert chosen(read_public(public_client.get(f"/{lang}/report"))) == []


@pytest.mark.parametrize(
    "query", ["category=", "category=CSAM", "category=%00", "category", "category=x&category=csam", "x"]
)
def test_an_unknown_answer_in_the_address_is_passed_over(public_app: Flask, public_client: FlaskClient, query: str):
    public_client.get("/en/report")
    drawn = len(public_app.extensions["hotline.public_pages"]._drawn)

    answer = public_client.get(f"/en/report?{query}")

    assert answer.status_code == 200
    assert chosen(read_public(answer)) == []
    assert len(public_app.extensions["hotline.public_pages"]._drawn) == drawn


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_advice_about_threats_leads_to_a_form_that_knows_what_it_is_about(public_client: FlaskClient, lang: str):
    links = [link["href"] for link in read_public(public_client.get(f"/{lang}/help")).all("a", class_="go")]

    assert links == [f"/{lang}/report?category=sextortion"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_is_stored_and_answered_with_a_receipt(reporter, stored, lang: str):
    code = reporter.receipt(
        lang,
        category="live_stream",
        urls="https://page.example/p/1\nhttps://b.example",
        seen="today",
        details="words",
        in_danger="yes",
        contact="092 000 000",
    )

    assert len(code) == 16
    assert code.isdecimal()
    (one,) = stored()
    assert one.category is Category.LIVE_STREAM
    assert one.urls == "https://page.example/p/1\nhttps://b.example"
    assert (one.seen, one.in_danger, one.language) == (Seen.TODAY, Danger.YES, Language(lang))
    assert (one.details, one.contact) == ("words", "092 000 000")


def test_only_category_and_links_are_needed(reporter, stored):
    reporter.receipt()

    (one,) = stored()
    assert (one.seen, one.details, one.in_danger, one.contact) == (None, "", None, "")


def test_a_browser_without_cookies_gets_its_receipt_at_once(public_app: Flask, reporter, stored):
    answer = public_app.test_client(use_cookies=False).post(
        "/en/report", data={"csrf_token": reporter.token(), "category": "csam", "urls": "https://page.example"}
    )

    page = read_public(answer)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert len(page.by_id("receipt-code").text) == 19
    assert not page.all("a", class_="lang")
    assert not page.all("form")
    assert len(stored()) == 1


def test_the_same_form_sent_twice_is_one_report(reporter, stored):
    token = reporter.token()

    codes = {reporter.receipt(token=token) for _ in range(2)}

    assert len(codes) == 1
    assert len(stored()) == 1


def test_the_same_form_sent_again_after_a_change_is_a_second_report(reporter, stored):
    token = reporter.token()

    codes = {reporter.receipt(token=token, urls=f"https://page.example/{n}") for n in range(2)}

    assert len(codes) == 2
    assert len(stored()) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bad_form_comes_back_with_everything_typed(reporter, stored, lang: str):
    page = refused(reporter.send(lang, **TYPED))

    assert {name: page.value(name) for name in TYPED} == TYPED
    assert "urls" in page.errors
    assert page.by_id("errors")["role"] == "alert"
    assert page.title.split(":")[0] in {"Error", "មានបញ្ហា៖ រាយការណ៍តំណ – អ៊ិនធឺណិត ហតឡាយ"}
    assert "urls-err" in page.by_id("urls")["aria-describedby"]
    assert page.by_id("urls")["aria-invalid"] == "true"
    assert page.all("details", open="")[-1].text
    assert stored() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_form_names_both_things(public_client: FlaskClient, lang: str):
    page = refused(public_client.post(f"/{lang}/report", data={}))

    assert list(page.errors) == ["category-csam", "urls"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"category": ""}, "category-csam"),
        ({"category": "homework"}, "category-csam"),
        ({"seen": "yesterday"}, "seen-today"),
        ({"in_danger": "maybe"}, "in_danger-yes"),
        ({"details": "x" * 4001}, "details"),
        ({"contact": "x" * 201}, "contact"),
        ({"urls": ""}, "urls"),
        ({"urls": " \n\u200b "}, "urls"),
        ({"urls": "a video on telegram"}, "urls"),
    ],
)
def test_each_wrong_field_is_named(reporter, stored, fields: dict[str, str], at: str):
    page = refused(reporter.send(**fields))

    assert list(page.errors) == [at]
    assert stored() == []


@pytest.mark.parametrize("urls", ["", "a video on telegram", "javascript:alert(1)"])
def test_without_any_link_the_way_to_help_is_shown(reporter, urls: str):
    page = refused(reporter.send(urls=urls))

    assert page.one("button", name="to_help")["formaction"] == "/en/help#ask"


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        ("javascript:alert(document.cookie)", "program"),
        ("file:///C:/Users/me/p.jpg", "phone or computer"),
        ("http://192.168.1.1/p", "private network"),
        ("http://localhost/x", "private network"),
        ("mailto:somebody@mail.example", "does not lead to a web page"),
        ("https://page.example/" + "a" * 8200, "too long"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(reporter, stored, urls: str, words: str):
    page = refused(reporter.send(urls=urls))

    assert words in page.by_id("urls-err").text
    assert page.value("urls") == urls
    assert stored() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_how_many_links_are_too_many(reporter, stored, lang: str):
    page = refused(reporter.send(lang, urls="\n".join(f"https://page.example/{n}" for n in range(21))))

    assert "21" in page.errors["urls"]
    assert "20" in page.errors["urls"]
    assert stored() == []


def test_twenty_links_and_a_very_long_one_are_taken(reporter, stored):
    reporter.receipt(urls="\n".join(f"https://page.example/{n}" for n in range(20)))
    reporter.receipt(urls="https://page.example/" + "a" * 8_000)

    assert sorted(len(one.urls.split("\n")) for one in stored()) == [1, 20]


def test_lines_without_a_link_are_kept_and_mentioned(reporter, stored):
    answer = reporter.send(urls="https://page.example/p\nthe group is called school 2")

    page = read_public(reporter.client.get(answer.location))

    assert "You also wrote other words beside the links" in page.text
    assert "the group is called school 2" in stored()[0].urls


def test_khmer_with_zero_width_spaces_is_taken_as_it_was_typed(reporter, stored):
    reporter.receipt("km", urls="សូមមើល\u200bhttps://page.example/ក\u200b", details="ពាក្យ\u200bខ្មែរ")

    assert stored()[0].details == "ពាក្យ\u200bខ្មែរ"


@pytest.mark.parametrize(
    "body",
    [
        b"urls=https://page.example/\xff\xfe&details=x",
        b"urls=https://page.example/%FF%FE&details=x",
        b"urls=https://page.example/x&details=a%00b",
        b"urls=https://page.example/x&details=%ED%A0%80",
    ],
)
def test_unreadable_characters_are_replaced_and_said(public_client: FlaskClient, reporter, stored, body: bytes):
    token = reporter.token()

    answer = public_client.post(
        "/en/report", data=body + f"&category=csam&csrf_token={token}".encode(), content_type=FORM
    )

    assert answer.status_code == 303
    assert "could not be read" in read_public(public_client.get(answer.location)).text
    (one,) = stored()
    assert "\ufffd" in one.urls + one.details
    assert "\0" not in one.details


def test_unreadable_characters_of_a_refused_form_do_not_break_it(reporter):
    page = refused(reporter.send(urls="nothing\0here"))

    assert page.value("urls") == "nothing\ufffdhere"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_upload_is_refused_kindly_and_leaves_nothing(public_client: FlaskClient, reporter, stored, lang: str):
    picture = (io.BytesIO(b"\x89PNG neutral bytes"), "holiday.png")
    fields = {
        "csrf_token": reporter.token(lang),
        "category": "csam",
        "urls": "https://page.example/p",
        "photo": picture,
    }

    answer = public_client.post(f"/{lang}/report", data=fields, content_type="multipart/form-data")

    page = refused(answer)
    assert list(page.errors) == ["urls"]
    assert page.value("urls") == "https://page.example/p"
    assert "holiday" not in page.html
    assert stored() == []


def test_an_empty_file_field_is_no_upload(public_client: FlaskClient, reporter, stored):
    nothing = (io.BytesIO(b""), "")
    fields = {"csrf_token": reporter.token(), "category": "csam", "urls": "https://page.example/p", "photo": nothing}

    answer = public_client.post("/en/report", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 303
    assert len(stored()) == 1


def test_a_picture_as_the_whole_body_is_refused(public_client: FlaskClient, stored):
    page = refused(public_client.post("/en/report", data=b"\xff\xd8\xff neutral", content_type="image/jpeg"))

    assert "cannot receive pictures" in page.errors["urls"]
    assert stored() == []


@pytest.mark.parametrize("field", ["urls", "details", "contact"])
@pytest.mark.parametrize(
    "blob", [f"data:image/png;base64,{BLOB}", BLOB, "\n".join(BLOB[n : n + 76] for n in range(0, 2700, 76))]
)
def test_a_pasted_picture_is_refused_and_not_shown_again(reporter, stored, field: str, blob: str):
    page = refused(reporter.send(**{"details": "my words", field: f"https://page.example/p\n{blob}"}))

    assert "cannot receive pictures" in page.errors[field]
    assert BLOB[:200] not in page.html.replace("\n", "")
    assert page.value("category") == "csam"
    assert stored() == []


def test_what_was_written_beside_a_pasted_picture_is_kept(reporter):
    page = refused(reporter.send(details=f"my words\ndata:image/png;base64,{BLOB}\nand more"))

    assert page.value("details") == "my words\nand more"


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=x", "text/plain", "application/json"])
def test_a_body_beyond_64_kib_is_too_much(public_client: FlaskClient, stored, content_type: str):
    answer = public_client.post("/km/report", data=b"urls=" + b"a" * 1_000_000, content_type=content_type)

    assert answer.status_code == 413
    assert read_public(answer).lang == "km"
    assert stored() == []


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data; boundary=x"])
def test_a_body_that_does_not_say_its_length_is_not_cut_off_in_silence(
    public_client: FlaskClient, stored, content_type: str
):
    body = b"category=csam&urls=https://page.example/p&details=" + b"a" * 70_000
    environ = EnvironBuilder("/en/report", method="POST", data=body, content_type=content_type).get_environ()
    del environ["CONTENT_LENGTH"]
    environ["wsgi.input_terminated"] = True  # as gunicorn says of a body in chunks

    answer = public_client.open(environ)

    assert answer.status_code == 413
    assert stored() == []


@pytest.mark.parametrize("dots", ["http://..", "http:.", "https://.../x"])
def test_dots_alone_are_no_address_and_cost_no_report(reporter, stored, dots: str):
    assert "urls" in refused(reporter.send(urls=dots)).errors

    assert reporter.send(urls=f"{dots}\nhttps://page.example/p").status_code == 303
    assert len(stored()) == 1


def test_too_many_fields_are_too_much(public_client: FlaskClient):
    answer = public_client.post("/en/report", data=b"&".join(b"a%d=1" % n for n in range(5000)), content_type=FORM)

    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"", b"&&&", b"=", b"a", b"%", b"%zz=%", b"\xff"])
def test_a_broken_body_is_an_empty_form(public_client: FlaskClient, body: bytes):
    refused(public_client.post("/en/report", data=body, content_type=FORM))


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"]
)
def test_a_broken_multipart_body_is_an_empty_form(public_client: FlaskClient, content_type: str):
    refused(public_client.post("/en/report", data=b"--y\r\nnothing of the kind", content_type=content_type))


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "a" * 5000])
def test_a_bad_token_keeps_the_report_and_asks_to_press_again(reporter, stored, token: str):
    page = refused(reporter.send(token=token, details="my words"))

    assert list(page.errors) == ["send"]
    assert page.value("details") == "my words"
    assert stored() == []
    assert reporter.send(token=page.token).status_code == 303


def test_an_old_token_keeps_the_report_and_gives_a_fresh_one(reporter, stored, monkeypatch: pytest.MonkeyPatch):
    token = reporter.token()

    with monkeypatch.context() as later:
        later.setattr(tokens, "LIFETIME", -1)
        page = refused(reporter.send(token=token))

    assert page.value("urls") == "https://page.example/p/1"
    assert page.token != token
    assert stored() == []


def test_a_good_token_stays_while_a_form_is_mended(reporter):
    token = reporter.token()

    assert refused(reporter.send(token=token, urls="")).token == token


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_post_from_another_site_is_not_taken(reporter, stored, headers: dict[str, str]):
    page = refused(reporter.send(headers=headers))

    assert list(page.errors) == ["send"]
    assert stored() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_browsers_that_tell_nothing_of_themselves_are_taken(reporter, headers: dict[str, str]):
    assert reporter.send(headers=headers).status_code == 303


def test_a_filled_trap_asks_again_with_everything_kept(reporter, stored):
    page = refused(reporter.send(website="https://shop.example", details="my words"))

    assert list(page.errors) == ["send"]
    assert page.value("website") == ""
    assert page.value("details") == "my words"
    assert stored() == []


@pytest.mark.parametrize(("lang", "other"), [("en", "km"), ("km", "en")])
def test_switching_the_language_keeps_what_was_typed_and_stores_nothing(reporter, stored, lang: str, other: str):
    form = read_public(reporter.client.get(f"/{lang}/report"))
    button = form.one("button", class_="lang")

    answer = reporter.client.post(button["formaction"], data=TYPED | {button["name"]: button["value"]})

    page = read_public(answer)
    assert answer.status_code == 200
    assert page.lang == other
    assert {name: page.value(name) for name in TYPED} == TYPED
    assert not page.errors
    assert stored() == []


def test_text_that_begins_with_an_empty_line_keeps_it(reporter):
    page = refused(reporter.send(urls="", details="\n\nwords"))

    assert page.value("details") == "\n\nwords"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_full_disk_shows_numbers_to_call_and_keeps_the_text(reporter, monkeypatch, lang: str):
    def full(*args, **kwargs):
        raise StorageFull("no space left")

    monkeypatch.setattr(report.submissions, "take", full)

    page = refused(reporter.send(lang, details="my words"), 503)

    assert page.value("details") == "my words"
    assert "tel:+85592311511" in [link["href"] for link in page.all("a")]
    assert not [element for element in page.elements if element.get("id") == "receipt-code"]


def test_nothing_typed_reaches_the_page_as_markup(reporter):
    attack = '"><script>alert(1)</script>{{7*7}}<!--</textarea>'

    page = refused(reporter.send(urls=attack, details=attack, contact=attack, category=attack))

    assert [script["src"] for script in page.all("script")] == ["/site.js"]
    assert "49" not in page.value("details")
    assert page.value("details") == attack
