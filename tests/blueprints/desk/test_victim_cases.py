"""Victim cases at the desk: opened, read, changed, shared, printed; and nothing of them for anybody else."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.models.victim_case import VictimCase
from hotline.services import staff
from hotline.transactions import writing
from hotline.vocabulary import Language, Role
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite
from tests.blueprints.desk.test_victims import ASKED, BY_CODE, CONTACT, SAFE, WORDS, ask

FILE = {
    "code_name": "Lotus",
    "name": "Chan Sreyneang",
    "sex": "female",
    "born_on": "2011-05-30",
    "story": "what happened in quiet words",
    "safe_when": "after 16:00",
    "safe_number": "012 000 111",
    "safe_never": "the child's own phone",
}
SECRETS = ("Sreyneang", "quiet words", "012 000 111", "Lotus")
CASES = "/desk/victims/cases"
PAGES = ("", "/file", "/people/new", "/notes", "/access", "/print")
DEEDS = ("/file", "/step", "/risk", "/people/new", "/contact", "/notes", "/access", "/officer")


@pytest.fixture
def desk(desk_app: Flask) -> DeskSite:
    site = DeskSite(desk_app)
    with site.context(), writing():
        staff.add("bopha", PASSWORD, (Role.VICTIM_SUPPORT,), language=Language.EN, by=None, must_change=False)
    return site


@pytest.fixture
def kunthea(desk: DeskSite) -> Browser:
    return desk.sign_in("kunthea")


def opened(browser: Browser, **more: str) -> str:
    """Open a case with a browser; return its reference."""
    browser.page(f"{CASES}/new")
    answer = browser.post(f"{CASES}/new", source="telephone", risk="1", **{**FILE, **more})
    assert answer.status_code == 303
    return answer.headers["Location"].rpartition("/")[2]


def bare(answer: TestResponse) -> str:
    """Return a page without its form tokens, which differ each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.get_data(as_text=True))


def actions(desk: DeskSite, ref: str) -> list[str]:
    with desk.context():
        entries = select(AuditEntry.action).where(AuditEntry.record == f"case {ref}").order_by(AuditEntry.id)
        return list(db.session.scalars(entries))


def somebody(browser: Browser, ref: str, **more: str) -> int:
    """Add somebody to a case; return the number."""
    browser.page(f"{CASES}/{ref}/people/new")
    assert (
        browser.post(f"{CASES}/{ref}/people/new", **{"part": "guardian", "name": "the aunt", **more}).status_code == 303
    )
    links = [link["href"] for link in browser.page(f"{CASES}/{ref}").all("a")]
    return max(int(link.rpartition("/")[2]) for link in links if re.search(r"/people/\d+$", link))


# --- Opening


def test_a_case_is_opened_and_its_page_shows_what_matters_first(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)

    shown = kunthea.page(f"{CASES}/{ref}")

    assert f"{ref} “Lotus”" in shown.heading
    assert "1 person can open this" in shown.heading
    assert shown.text.index("Before you call or write") < shown.text.index("quiet words")
    for told in (
        "after 16:00",
        "012 000 111",
        "the child's own phone",
        "The risk is high.",
        "voicemail",
        "30 May 2011",
    ):
        assert told in shown.text
    assert actions(desk, ref)[:2] == ["opened case", "read"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("code_name", ""),
        ("source", ""),
        ("source", "report"),
        ("risk", "9"),
        ("born_on", "yesterday"),
        ("age", "x"),
        ("age", "9" * 5_000),
        ("story", "data:image/png;base64,AAAA"),
    ],
)
def test_a_bad_form_opens_nothing_and_keeps_what_was_typed(kunthea: Browser, field: str, typed: str) -> None:
    kunthea.page(f"{CASES}/new")

    answer = kunthea.post(f"{CASES}/new", **{"source": "telephone", "risk": "2", **FILE, field: typed})

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert list(shown.errors) == [field]
    assert shown.value("name") == FILE["name"]
    assert "No case here" in kunthea.page(CASES).text


LONG = "ក" * 8_000  # nine bytes each on their way


def test_long_texts_in_khmer_arrive_and_are_kept(kunthea: Browser) -> None:
    ref = opened(kunthea, story=LONG, safe_when=LONG, safe_never=LONG, safety_plan=LONG)

    assert LONG in kunthea.get(f"{CASES}/{ref}/print?lang=km").get_data(as_text=True)


def test_texts_that_are_too_long_come_back_whole(kunthea: Browser) -> None:
    kunthea.page(f"{CASES}/new")

    answer = kunthea.post(f"{CASES}/new", **{**FILE, "source": "telephone", "risk": "1", "story": f"{LONG}ខ"})

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert list(shown.errors) == ["story"]
    assert shown.value("story") == f"{LONG}ខ"


def test_an_empty_form_says_at_once_all_that_is_missing(kunthea: Browser) -> None:
    kunthea.page(f"{CASES}/new")
    assert list(page.read_desk(kunthea.post(f"{CASES}/new", risk="2")).errors) == ["source", "code_name"]
    ref = opened(kunthea)

    kunthea.page(f"{CASES}/{ref}/people/new")

    assert list(page.read_desk(kunthea.post(f"{CASES}/{ref}/people/new")).errors) == ["part", "name"]


def test_a_file_that_is_sent_along_is_refused_in_clear_words(kunthea: Browser) -> None:
    kunthea.page(f"{CASES}/new")

    answer = kunthea.post(
        f"{CASES}/new", **{**FILE, "source": "telephone", "risk": "1", "paper": (io.BytesIO(b"x"), "paper.pdf")}
    )

    assert answer.status_code == 422
    assert "words and references only" in page.read_desk(answer).errors["upload"]


def test_a_request_for_help_becomes_one_case_with_what_was_asked(desk: DeskSite, kunthea: Browser) -> None:
    asked = ask(desk, ASKED)
    links = [link["href"] for link in kunthea.page(f"/desk/victims/{asked}").all("a")]
    assert f"{CASES}/new?request={asked}" in links

    form = kunthea.page(f"{CASES}/new?request={asked}")
    assert (form.value("story"), form.value("safe_number"), form.value("safe_when")) == (WORDS, CONTACT, SAFE)
    answer = kunthea.post(f"{CASES}/new", request=asked, risk="1", code_name="Lotus", story=WORDS)

    assert answer.status_code == 303
    ref = answer.headers["Location"].rpartition("/")[2]
    assert "A request for help" in kunthea.page(f"{CASES}/{ref}").text
    assert f"{CASES}/{ref}" in [link["href"] for link in kunthea.page(f"/desk/victims/{asked}").all("a")]
    assert kunthea.post(f"{CASES}/new", request=asked, risk="1", code_name="Again").status_code == 409
    bopha = desk.sign_in("bopha")
    assert bopha.get(f"/desk/victims/{asked}").headers["Location"] == f"{CASES}/{ref}/open"
    assert "In a case of kunthea" in bopha.page("/desk/victims").text
    bopha.page(f"{CASES}/{ref}/open")
    for deed in ("answer", "settle", "claim", "close", "hand-back", "reopen"):
        assert bopha.post(f"/desk/victims/{asked}/{deed}", text="hello").status_code == 404


def test_who_wants_no_contact_is_reached_by_code(desk: DeskSite, kunthea: Browser) -> None:
    asked = ask(desk, BY_CODE, "")

    assert asked in kunthea.page(f"{CASES}/new?request={asked}").value("safe_number")


# --- Who may


def test_a_case_is_not_there_for_a_colleague(desk: DeskSite, kunthea: Browser) -> None:
    ref, bopha = opened(kunthea), desk.sign_in("bopha")

    assert [bopha.get(f"{CASES}/{ref}{path}").status_code for path in PAGES] == [404] * len(PAGES)
    assert [bopha.post(f"{CASES}/{ref}{path}").status_code for path in DEEDS] == [404] * len(DEEDS)
    shown = bopha.page(f"{CASES}?show=all")
    assert ref in shown.text
    assert not [secret for secret in SECRETS if secret in shown.html]


@pytest.mark.parametrize("name", ["sophea", "rith", "vanna", "lina", "admin", "audit"])
def test_another_role_does_not_learn_that_a_case_exists(desk: DeskSite, kunthea: Browser, name: str) -> None:
    ref, browser = opened(kunthea), desk.sign_in(name)

    for there, nowhere in (
        (f"{CASES}/{ref}{path}", f"{CASES}/VC-222222{path}") for path in (*PAGES, "/open", "/people/1")
    ):
        answers = browser.get(there), browser.get(nowhere)
        assert [one.status_code for one in answers] == [403, 403]
        assert bare(answers[0]) == bare(answers[1])
    browser.page("/desk/me")
    for path in (*DEEDS, "/open", "/people/1", "/people/1/mark", "/access/1/end"):
        assert browser.post(f"{CASES}/{ref}{path}").status_code == 403
    assert browser.post(f"{CASES}/find", q=ref).status_code == 403
    assert actions(desk, ref) == ["opened case"]


def test_nobody_sees_a_case_without_signing_in(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)

    for path in ("", f"/{ref}", f"/{ref}/print"):
        assert desk.browser().get(f"{CASES}{path}").headers["Location"].startswith("/desk/sign-in")
        assert desk.browser().get(f"{CASES}{path}", htmx=True).status_code == 401


def test_another_case_opens_for_a_reason_that_its_officer_reads(desk: DeskSite, kunthea: Browser) -> None:
    ref, bopha = opened(kunthea), desk.sign_in("bopha")
    asked = bopha.page(f"{CASES}/{ref}/open")
    assert not [secret for secret in SECRETS if secret in asked.html]
    assert bopha.post(f"{CASES}/{ref}/open", reason="").status_code == 422

    assert bopha.post(f"{CASES}/{ref}/open", reason="the aunt called at night").status_code == 303

    assert "quiet words" in bopha.page(f"{CASES}/{ref}").text
    assert "bopha opened your case for a reason." in kunthea.page("/desk/").text
    assert "bopha opened the case for a reason: the aunt called at night" in kunthea.page(f"{CASES}/{ref}").text
    assert "bopha opened the file" in kunthea.page(f"{CASES}/{ref}/access").text
    assert bopha.post(f"{CASES}/{ref}/officer", officer="A-09").status_code == 409


def test_a_case_is_shared_and_taken_back(desk: DeskSite, kunthea: Browser) -> None:
    ref, bopha = opened(kunthea), desk.sign_in("bopha")
    shown = kunthea.page(f"{CASES}/{ref}/access")
    [number] = [one["value"] for one in shown.all("option") if one.text == "bopha" and one.parent["id"] == "person"]
    assert kunthea.post(f"{CASES}/{ref}/access", person=number, reason="", until="no day").status_code == 422

    assert kunthea.post(f"{CASES}/{ref}/access", person=number, reason="leave").status_code == 303

    assert "Lotus" in bopha.page(CASES).text
    assert "2 people can open this" in kunthea.page(f"{CASES}/{ref}").heading
    end = next(
        form["action"] for form in kunthea.page(f"{CASES}/{ref}/access").all("form") if "/end" in form.get("action")
    )
    assert kunthea.post(end).status_code == 303
    assert bopha.get(f"{CASES}/{ref}").status_code == 404


# --- Finding


def test_a_name_is_found_without_standing_in_an_address(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)
    kunthea.page(CASES)

    answer = kunthea.post(f"{CASES}/find", q="sreyneang chan")

    assert answer.status_code == 200
    assert ref in page.read_desk(answer).text
    bopha = desk.sign_in("bopha")
    assert "No case was found" in page.read_desk(bopha.post(f"{CASES}/find", q="Sreyneang")).text
    assert ref in page.read_desk(bopha.post(f"{CASES}/find", q=ref)).text
    assert bopha.post(f"{CASES}/find", q=" ").status_code == 422


@pytest.mark.parametrize("query", ["status=erased", "risk=9", "step=none", "after=VC-222222"])
def test_a_filter_that_means_nothing_is_refused(kunthea: Browser, query: str) -> None:
    assert kunthea.get(f"{CASES}?{query}").status_code == 422


@pytest.mark.parametrize(
    ("query", "is_there"), [("risk=1", True), ("risk=3", False), ("step=plan", False), ("status=open", True)]
)
def test_a_filter_narrows_the_list(kunthea: Browser, query: str, is_there: bool) -> None:
    ref = opened(kunthea)

    assert (ref in kunthea.page(f"{CASES}?{query}").text) is is_there


# --- The file


def test_a_file_is_changed_and_nothing_is_lost_between_two(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)
    kunthea.page(f"{CASES}/{ref}/file")
    assert kunthea.post(f"{CASES}/{ref}/file", **{**FILE, "school": "the first"}, version="1").status_code == 303

    answer = kunthea.post(f"{CASES}/{ref}/file", **{**FILE, "school": "the second"}, version="1")

    assert answer.status_code == 409
    shown = page.read_desk(answer)
    assert "the first" in shown.text
    assert shown.value("school") == "the second"
    assert kunthea.post(f"{CASES}/{ref}/file", **FILE, version=shown.value("version")).status_code == 303
    assert kunthea.post(f"{CASES}/{ref}/file", **{**FILE, "age": "x"}, version="3").status_code == 422


def test_a_step_and_a_risk_are_changed(kunthea: Browser) -> None:
    ref = opened(kunthea)
    kunthea.page(f"{CASES}/{ref}")

    assert kunthea.post(f"{CASES}/{ref}/step", step="assessment").status_code == 303
    assert kunthea.post(f"{CASES}/{ref}/risk", risk="2", reason="he is far away").status_code == 303

    shown = kunthea.page(f"{CASES}/{ref}")
    assert "Needs assessment" in shown.heading
    assert "he is far away" in shown.text
    assert kunthea.post(f"{CASES}/{ref}/step", step="nowhere").status_code == 422
    assert kunthea.post(f"{CASES}/{ref}/risk", risk="2", reason="").status_code == 422
    assert kunthea.post(f"{CASES}/{ref}/step", step="assessment").status_code == 409


# --- People and notes


def test_whom_to_call_stands_on_every_page_and_never_a_possible_abuser(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)
    aunt = somebody(kunthea, ref, phone="012 333 444")
    assert kunthea.post(f"{CASES}/{ref}/contact", contact=str(aunt)).status_code == 303
    for path in ("", "/file", "/people/new", "/notes", "/access", "/print"):
        assert "012 333 444" in kunthea.page(f"{CASES}/{ref}{path}").by_id("case-safe").text

    kunthea.page(f"{CASES}/{ref}/people/{aunt}")
    assert kunthea.post(f"{CASES}/{ref}/people/{aunt}/mark", suspect="yes").status_code == 303

    shown = kunthea.page(f"{CASES}/{ref}")
    assert "012 333 444" not in shown.by_id("case-safe").text
    assert "Possible abuser" in shown.text
    assert kunthea.post(f"{CASES}/{ref}/contact", contact=str(aunt)).status_code == 409
    assert kunthea.post(f"{CASES}/{ref}/contact", contact="x").status_code == 422
    assert kunthea.post(f"{CASES}/{ref}/contact", contact="999").status_code == 404


def test_a_number_is_safe_no_more_once_a_possible_abuser_may_answer(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea, safe_number="012 555 0101", safe_answer="the mother")
    assert "Nobody may be called." in kunthea.page(f"{CASES}/{ref}").text
    mother = somebody(kunthea, ref, name="Chan Bopha", phone="+855 12 555 0101")
    kunthea.page(f"{CASES}/{ref}/people/{mother}")
    kunthea.post(f"{CASES}/{ref}/people/{mother}/mark", suspect="yes")

    shown = kunthea.page(f"{CASES}/{ref}").text
    assert "do not call until then" in shown
    assert [word for word in ("012 555 0101", "the mother") if word in shown] == []

    form = kunthea.page(f"{CASES}/{ref}/file")
    said = {**FILE, "version": form.value("version"), "safe_asked": "yes"}
    kunthea.post(f"{CASES}/{ref}/file", **{**said, "safe_number": "012-555-0101"})
    assert "do not call until then" in kunthea.page(f"{CASES}/{ref}").text
    said["version"] = kunthea.page(f"{CASES}/{ref}/file").value("version")
    kunthea.post(f"{CASES}/{ref}/file", **{**said, "safe_number": "012 000 111"})
    shown = kunthea.page(f"{CASES}/{ref}").text
    assert "012 000 111" in shown
    assert "do not call until then" not in shown


def test_the_child_is_never_named_as_possible_abuser(kunthea: Browser) -> None:
    ref = opened(kunthea)
    child = somebody(kunthea, ref, part="child", name="Chan Sreyneang")
    kunthea.page(f"{CASES}/{ref}/people/{child}")

    marked = kunthea.post(f"{CASES}/{ref}/people/{child}/mark", suspect="yes")
    kunthea.page(f"{CASES}/{ref}/people/new")
    added = kunthea.post(f"{CASES}/{ref}/people/new", part="child", name="x", suspect="yes")

    assert (marked.status_code, added.status_code) == (422, 422)
    assert "is never named as possible abuser" in page.read_desk(added).errors["suspect"]


def test_a_person_is_changed_and_nothing_is_lost_between_two(kunthea: Browser) -> None:
    ref = opened(kunthea)
    aunt = somebody(kunthea, ref)
    path = f"{CASES}/{ref}/people/{aunt}"
    kunthea.page(path)
    assert kunthea.post(path, part="guardian", name="the first", version="1").status_code == 303

    answer = kunthea.post(path, part="guardian", name="the second", version="1")

    assert answer.status_code == 409
    shown = page.read_desk(answer)
    assert "the first" in shown.text
    assert shown.value("name") == "the second"
    assert kunthea.post(path, part="", name="x", version="2").status_code == 422
    assert kunthea.post(path, part="guardian", name="", version="2").status_code == 422


def test_a_note_is_written_and_read(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)
    kunthea.page(f"{CASES}/{ref}/notes")

    for more in (
        {"kind": "contact"},
        {"kind": "safety"},
        {"kind": "conference", "people": "three", "decisions": "rest"},
    ):
        assert kunthea.post(f"{CASES}/{ref}/notes", said="a calm night", **more).status_code == 303

    shown = kunthea.page(f"{CASES}/{ref}/notes").text
    assert all(word in shown for word in ("a calm night", "three", "rest", "Somebody was spoken with"))
    assert "Safety plan looked at" in kunthea.page(f"{CASES}/{ref}").text
    with desk.context():
        assert db.session.scalars(select(VictimCase)).one().contacted_at is not None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "note", "said": ""}, "said"),
        ({"kind": "gossip", "said": "x"}, "kind"),
        ({"kind": "note", "said": "x", "happened_at": "soon"}, "happened_at"),
        ({"kind": "note", "said": "x", "happened_at": "2999-01-01T10:00"}, "happened_at"),
        ({"kind": "note", "said": "x", "happened_at": "0001-01-01T00:00"}, "happened_at"),
        ({"kind": "note", "said": "x", "happened_at": "2001-01-01T00:00"}, "happened_at"),
    ],
)
def test_a_bad_note_comes_back(kunthea: Browser, typed: dict[str, str], field: str) -> None:
    ref = opened(kunthea)
    kunthea.page(f"{CASES}/{ref}/notes")

    answer = kunthea.post(f"{CASES}/{ref}/notes", **typed)

    assert answer.status_code == 422
    assert list(page.read_desk(answer).errors) == [field]


# --- Paper, work, care


@pytest.mark.parametrize("language", ["km", "en"])
def test_a_whole_file_on_paper_says_who_printed_it_and_is_on_record(
    desk: DeskSite, kunthea: Browser, language: str
) -> None:
    ref = opened(kunthea, story="មានគេ\u200bគំរាម")
    somebody(kunthea, ref)

    shown = kunthea.page(f"{CASES}/{ref}/print?lang={language}")

    assert 'id="case-police"' in shown.html
    assert shown.lang == language
    assert "មានគេ\u200bគំរាម" in shown.html
    assert "the aunt" in shown.text
    with desk.context():
        assert desk.person("kunthea").number in shown.text
    assert "kunthea" not in shown.text
    assert actions(desk, ref)[-1] == "printed"
    assert kunthea.get(f"{CASES}/{ref}/print?lang=fr").status_code == 422


def test_a_manager_shares_out_cases_without_a_word_of_them(desk: DeskSite, kunthea: Browser) -> None:
    ref, vanna = opened(kunthea), desk.sign_in("vanna")
    shown = vanna.page("/desk/victims/workload")
    assert ref in shown.text
    assert not [secret for secret in SECRETS if secret in shown.html]
    with desk.context():
        number = desk.person("bopha").number
    for typed, field in (({"ref": "VC-222222"}, "ref"), ({"ref": ref, "officer": "A-01"}, "officer")):
        answer = vanna.post("/desk/victims/workload", **{"officer": number, **typed})
        assert answer.status_code == 422
        assert list(page.read_desk(answer).errors) == [field]

    assert vanna.post("/desk/victims/workload", ref=ref.lower(), officer=number).status_code == 303

    assert kunthea.get(f"{CASES}/{ref}").status_code == 404
    assert "Lotus" in desk.sign_in("bopha").page(CASES).text


def test_the_day_of_victim_support_begins_with_what_runs_out(kunthea: Browser) -> None:
    ref = opened(kunthea)

    shown = kunthea.page("/desk/")

    assert shown.text.count(ref) == 2
    assert "Speak with child or family" in shown.text
    assert not [secret for secret in SECRETS if secret in shown.html]
    assert kunthea.post("/desk/", text="look after " + ref).status_code == 303


def test_a_file_counts_as_hard_material_and_never_shuts(desk: DeskSite, kunthea: Browser) -> None:
    ref = opened(kunthea)

    assert "care-box" in kunthea.page(f"{CASES}/{ref}").html
    assert kunthea.get("/desk/break").status_code == 200
    assert kunthea.get("/desk/light-work").status_code == 403
