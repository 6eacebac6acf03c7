"""Police reports at the desk: drafted, approved by another, printed, handed over, answered."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from hotline import clock
from hotline.extensions import db
from hotline.models import Clock, Item
from hotline.services import police
from hotline.transactions import writing
from hotline.vocabulary import HandedBy, ItemOutcome, ItemStatus, PoliceStatus, Subject
from tests import page
from tests.blueprints.desk.police_site import DEFANGED, LIVE, PoliceSite
from tests.page import Page

ANALYSTS_DEEDS = ("withdraw", "change", "download", "hand-over", "acknowledge", "feedback", "close")


@pytest.fixture
def desk(desk_app: Flask) -> PoliceSite:
    return PoliceSite(desk_app)


def refs(shown: Page) -> list[str]:
    return [link.text for link in shown.all("a") if re.fullmatch("/desk/police/P-.{6}", link.get("href"))]


# --- Drafting


def test_a_report_is_drafted_from_an_item(desk: PoliceSite) -> None:
    item, unit, rith = desk.decided(), desk.unit(), desk.sign_in("rith")
    assert f"/desk/police/new?items={item}" in [a.get("href") for a in rith.page(f"/desk/items/{item}").all("a")]
    rith.page(f"/desk/police/new?items={item}")

    answer = rith.post("/desk/police/new", items=item, unit=unit, added="", named="Somebody Named")

    assert answer.status_code == 303
    shown = rith.page(answer.headers["Location"])
    assert DEFANGED in shown.text
    assert LIVE not in answer.get_data(as_text=True) + shown.text
    assert "Somebody Named" in shown.text
    assert len(refs(rith.page(f"/desk/items/{item}"))) == 1


def test_several_items_make_one_report(desk: PoliceSite) -> None:
    first, second = desk.decided("https://a.example/1"), desk.decided("https://b.example/2")
    unit, rith = desk.unit(), desk.sign_in("rith")
    rith.page("/desk/police/new")

    answer = rith.post("/desk/police/new", items=f"{first}\n{second}", unit=unit)

    shown = rith.page(answer.headers["Location"])
    assert {f"/desk/items/{one}" for one in (first, second)} <= {link.get("href") for link in shown.all("a")}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("items", ""),
        ("items", "I-222222"),
        ("items", "<b>"),
        ("unit", "D-222222"),
        ("added", "x" * 4_001),
        ("named", "x" * 1_001),
    ],
)
def test_a_bad_draft_comes_back_with_what_was_typed(desk: PoliceSite, field: str, typed: str) -> None:
    good = {"items": desk.decided(), "unit": desk.unit(), "added": "kept words", "named": "kept name"}
    rith = desk.sign_in("rith")
    rith.page("/desk/police/new")

    answer = rith.post("/desk/police/new", **{**good, field: typed})

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert list(shown.errors) == [field]
    assert "kept" in shown.text


def test_what_two_people_have_not_agreed_on_does_not_go(desk: PoliceSite) -> None:
    item, unit, rith = desk.report(LIVE)[-1], desk.unit(), desk.sign_in("rith")
    rith.page("/desk/police/new")

    answer = rith.post("/desk/police/new", items=item, unit=unit)

    assert answer.status_code == 422
    assert "have not agreed" in page.read_desk(answer).errors["items"]


# --- Approving


def test_another_reviewer_approves(desk: PoliceSite) -> None:
    ref = desk.drafted()
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")
    assert "another reviewer approves it" in sophea.page(f"/desk/police/{ref}").text
    assert sophea.post(f"/desk/police/{ref}/approve", seen="").status_code == 422

    seen = dara.page(f"/desk/police/{ref}").value("seen")
    assert dara.post(f"/desk/police/{ref}/approve", seen=seen).status_code == 303

    assert desk.status(ref) is PoliceStatus.APPROVED


def test_what_was_written_anew_is_read_anew(desk: PoliceSite) -> None:
    ref = desk.drafted()
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")
    seen = dara.page(f"/desk/police/{ref}").value("seen")
    sophea.page(f"/desk/police/{ref}")
    assert sophea.post(f"/desk/police/{ref}/change", added="One more line.", named="").status_code == 303

    assert dara.post(f"/desk/police/{ref}/approve", seen=seen).status_code == 409
    assert desk.status(ref) is PoliceStatus.DRAFT
    assert "One more line." in dara.page(f"/desk/police/{ref}").text


def test_who_only_looks_first_does_not_approve(desk: PoliceSite) -> None:
    ref, rith = desk.drafted(), desk.sign_in("rith")

    assert "A reviewer approves it." in rith.page(f"/desk/police/{ref}").text
    assert rith.post(f"/desk/police/{ref}/approve").status_code == 403


# --- Taking it along


@pytest.mark.parametrize(("lang", "heading"), [("en", "Report to the police"), ("km", "")])
def test_paper_bears_the_exact_address_as_text(desk: PoliceSite, lang: str, heading: str) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")

    shown = rith.page(f"/desk/police/{ref}/print?lang={lang}")

    assert shown.lang == lang
    assert LIVE in shown.text
    assert heading in shown.heading
    assert not [name for name in ("sophea", "dara", "rith") if name in shown.text]


def test_a_draft_is_not_for_paper(desk: PoliceSite) -> None:
    ref, rith = desk.drafted(), desk.sign_in("rith")

    assert rith.get(f"/desk/police/{ref}/print").status_code == 409
    assert rith.post(f"/desk/police/{ref}/download").status_code == 409


def test_paper_in_no_language_we_have(desk: PoliceSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")

    assert rith.get(f"/desk/police/{ref}/print?lang=xx").status_code == 422


def test_files_for_a_medium(desk: PoliceSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    rith.page(f"/desk/police/{ref}")

    answer = rith.post(f"/desk/police/{ref}/download", form="plain")

    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "application/zip",
        f"attachment; filename={ref}.zip",
    )
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as file:
        assert LIVE in file.read("addresses.txt").decode()


def test_nothing_is_encrypted_without_a_key(desk: PoliceSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    rith.page(f"/desk/police/{ref}")

    assert rith.post(f"/desk/police/{ref}/download", form="encrypted").status_code == 422


# --- Handing over, and after


def test_from_handing_over_to_the_end(desk: PoliceSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    here = f"/desk/police/{ref}"
    rith.page(here)
    assert rith.post(f"{here}/hand-over", handed_by="in_person", handed_to="Officer at the desk").status_code == 303
    assert "Officer at the desk" in rith.page(here).text
    assert rith.post(f"{here}/acknowledge", case_number="B-2026-17").status_code == 303
    assert "B-2026-17" in rith.page(here).text
    assert rith.post(f"{here}/feedback", identified="2", safeguarded="1", note="Both in care.").status_code == 303
    assert "2 identified, 1 safeguarded" in rith.page(here).text
    assert rith.post(f"{here}/close").status_code == 303

    assert desk.status(ref) is PoliceStatus.CLOSED
    assert rith.post(f"{here}/close").status_code == 409
    with desk.context():
        item = desk.police_report(ref).lines[0].item.ref
    page = rith.page(f"/desk/items/{item}")
    assert [one.text for one in page.all("span") if one.within("ol") and one.within("li") and ref in one.text] == [
        f"rith closed a police report {ref}",
        f"rith noted what the police said of the children {ref}",
        f"The police have it, says rith {ref}",
        f"dara read and approved a police report {ref}",
    ]
    assert here in {link.get("href") for link in page.all("a")}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("handed_by", "pigeon"),
        ("handed_to", ""),
        ("at", "soon"),
        ("at", "2020-01-01T08:00"),
        ("at", "2099-01-01T08:00"),
    ],
)
def test_a_bad_handing_over_comes_back(desk: PoliceSite, field: str, typed: str) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    rith.page(f"/desk/police/{ref}")
    good = {"handed_by": "portal", "handed_to": "Officer", "at": ""}

    answer = rith.post(f"/desk/police/{ref}/hand-over", **{**good, field: typed})

    assert answer.status_code == 422
    assert field in page.read_desk(answer).errors
    assert desk.status(ref) is PoliceStatus.APPROVED


@pytest.mark.parametrize("field", ["identified", "safeguarded"])
@pytest.mark.parametrize("typed", ["", "-1", "many", "1.5", "999999999999"])
def test_numbers_of_children_are_whole(desk: PoliceSite, field: str, typed: str) -> None:
    ref, rith = desk.handed_over(), desk.sign_in("rith")
    rith.page(f"/desk/police/{ref}")

    answer = rith.post(f"/desk/police/{ref}/feedback", **{"identified": "1", "safeguarded": "1", field: typed})

    assert answer.status_code == 422
    assert list(page.read_desk(answer).errors) == [field]


def test_a_case_number_that_is_too_long_comes_back(desk: PoliceSite) -> None:
    ref, rith = desk.handed_over(), desk.sign_in("rith")
    rith.page(f"/desk/police/{ref}")

    assert rith.post(f"/desk/police/{ref}/acknowledge", case_number="x" * 101).status_code == 422


def test_a_report_that_was_not_handed_over_is_withdrawn(desk: PoliceSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    rith.page(f"/desk/police/{ref}")

    assert rith.post(f"/desk/police/{ref}/withdraw").status_code == 303
    assert desk.status(ref) is PoliceStatus.WITHDRAWN
    assert rith.get(f"/desk/police/{ref}/print").status_code == 409


# --- The list, and today


def test_the_list_is_by_what_is_waited_for(desk: PoliceSite) -> None:
    draft, waiting = desk.drafted("https://a.example/1"), desk.handed_over("https://b.example/2")
    rith = desk.sign_in("rith")

    assert refs(rith.page("/desk/police")) == [draft]
    assert refs(rith.page("/desk/police?show=waiting")) == [waiting]
    assert refs(rith.page("/desk/police?show=late")) == []
    assert rith.get("/desk/police?show=lost").status_code == 422
    assert rith.get("/desk/police?after=x").status_code == 422
    assert "police-rows" in rith.get("/desk/police?show=waiting", htmx=True).get_data(as_text=True)


def test_a_report_is_closed_while_an_item_of_it_is_being_corrected(desk: PoliceSite) -> None:
    ref, dara = desk.handed_over(), desk.sign_in("dara")
    found = "Baseline"
    assert found in dara.page(f"/desk/police/{ref}").text
    with desk.context():
        item = desk.police_report(ref).lines[0].item.ref
    dara.page(f"/desk/items/{item}")
    assert dara.post(f"/desk/items/{item}/correct", why="mistake").status_code == 303

    shown = dara.page(f"/desk/police/{ref}").text

    assert found not in shown
    assert "An item of this report is being corrected." in shown
    assert dara.get(f"/desk/police/{ref}/print").status_code == 409
    assert dara.post(f"/desk/police/{ref}/download", form="plain").status_code == 409


def test_an_empty_list_says_where_reports_come_from(desk: PoliceSite) -> None:
    assert "drafted from items that two people agree on" in desk.sign_in("rith").page("/desk/police").text


def test_today_tells_what_waits_and_what_is_late(desk: PoliceSite) -> None:
    desk.drafted("https://a.example/1")
    ref = desk.handed_over("https://b.example/2")
    with desk.context(), writing():
        past = clock.now() - timedelta(hours=1)
        db.session.execute(update(Clock).where(Clock.subject == Subject.POLICE_REPORT).values(due_at=past))

    dara, rith = desk.sign_in("dara").page("/desk/"), desk.sign_in("rith").page("/desk/")

    assert "1 police report waits for your approval." in dara.text
    assert "waits for your approval" not in rith.text
    assert "The answer to 1 police report is late." in rith.text
    assert ref in rith.text  # among the deadlines
    assert "waits for your approval" not in desk.sign_in("sophea").page("/desk/").text


def test_clocks_lead_to_what_they_are_about(desk: PoliceSite) -> None:
    ref, item = desk.handed_over("https://a.example/1"), desk.held("https://b.example/2")

    shown = desk.sign_in("rith").page("/desk/clocks")

    assert {f"/desk/police/{ref}", f"/desk/holds/{item}"} <= {link.get("href") for link in shown.all("a")}


# --- Who may


def test_a_missing_report(desk: PoliceSite) -> None:
    dara = desk.sign_in("dara")

    assert dara.get("/desk/police/P-222222").status_code == 404
    assert dara.get("/desk/police/P-222222/print").status_code == 404
    assert {dara.post(f"/desk/police/P-222222/{deed}").status_code for deed in (*ANALYSTS_DEEDS, "approve")} == {404}


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_police_reports_are_for_who_sees_cases(desk: PoliceSite, name: str) -> None:
    stranger = desk.sign_in(name)

    assert stranger.get("/desk/police").status_code == 403
    assert stranger.get("/desk/police/P-222222/print").status_code == 403
    assert {stranger.post(f"/desk/police/P-222222/{deed}").status_code for deed in ANALYSTS_DEEDS} == {403}


def test_signed_out_leads_to_sign_in(desk: PoliceSite) -> None:
    nobody = desk.browser()

    assert nobody.get("/desk/police").status_code == 303
    assert nobody.get("/desk/police", htmx=True).status_code == 401


def test_what_was_handed_over_before_it_fell_is_noted(desk: PoliceSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    here = f"/desk/police/{ref}"
    with desk.context(), writing():
        db.session.execute(update(Item).values(in_danger=True))
    said = {"handed_by": "in_person", "handed_to": "Officer at the desk"}

    rith.page(here)
    refused = page.read_desk(rith.post(f"{here}/hand-over", **said))
    assert "though" in refused.errors
    assert rith.post(f"{here}/hand-over", **said, though="yes").status_code == 303

    assert "Tell the unit what has changed." in rith.page(here).text
    assert desk.status(ref) is PoliceStatus.HANDED_OVER


def test_the_item_says_why_the_police_come_first(desk: PoliceSite) -> None:
    ref = desk.decided(LIVE)
    with desk.context(), writing():
        db.session.execute(update(Item).values(in_danger=True, country="NL"))

    told = desk.sign_in("sophea").page(f"/desk/items/{ref}").by_id(f"item-police-{ref}").text

    assert "A child may be in danger: by rule the police come first." in told
    assert "It is hosted in Cambodia" not in told


def test_who_is_to_be_called_stands_with_its_number(desk: PoliceSite) -> None:
    ref, sophea = desk.drafted(), desk.sign_in("sophea")
    with desk.context(), writing():
        db.session.execute(update(Item).values(in_danger=True))
    sophea.post(f"/desk/police/{ref}/change")
    without = sophea.page(f"/desk/police/{ref}")
    assert "Its number is not in the directory." in without.text
    assert f"/desk/directory/{desk.unit()}#phone" in [link["href"] for link in without.all("a")]

    desk.give_number("+855 00 000 011")

    shown = sophea.page(f"/desk/police/{ref}")
    calls = [(link["href"], link.text) for link in shown.all("a") if link.get("href").startswith("tel:")]
    assert calls == [("tel:+85500000011", "+855 00 000 011")] * 2
    assert "Call the unit first; the paper follows. +855 00 000 011" in " ".join(shown.text.split())
    assert shown.by_id("call").text == "+855 00 000 011"
    assert "Its number is not in the directory." not in shown.text


def test_a_unit_that_has_it_needs_no_call(desk: PoliceSite) -> None:
    ref, sophea = desk.drafted(), desk.sign_in("sophea")
    with desk.context(), writing():
        db.session.execute(update(Item).values(in_danger=True))
    assert sophea.post(f"/desk/police/{ref}/change").status_code == 303
    assert "Call the unit first" in sophea.page(f"/desk/police/{ref}").text

    with desk.context(), writing():
        report = desk.police_report(ref)
        police.approve(report, seen=police.version(report), by=desk.person("dara"))
        police.hand_over(report, HandedBy.IN_PERSON, "Officer", clock.now(), by=desk.person("sophea"))
    assert "Call the unit first" in sophea.page(f"/desk/police/{ref}").text
    assert sophea.post(f"/desk/police/{ref}/acknowledge").status_code == 303

    assert "Call the unit first" not in sophea.page(f"/desk/police/{ref}").text


def test_a_unit_that_has_what_was_found_wrong_is_to_be_told(desk: PoliceSite) -> None:
    ref = desk.handed_over()
    sophea = desk.sign_in("sophea")
    assert "was withdrawn after the unit had the report" not in sophea.page(f"/desk/police/{ref}").text

    with desk.context(), writing():
        db.session.execute(update(Item).values(status=ItemStatus.CLOSED, outcome=ItemOutcome.WITHDRAWN))

    assert "Tell the unit" in sophea.page(f"/desk/police/{ref}").by_id("withdrawn").text
