"""Objections at the desk: opened from an answer or a call, decided by somebody not involved, and told to everybody."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from hotline.extensions import db
from hotline.models import Notice
from hotline.models.reply import Appeal
from hotline.vocabulary import Answer, AppealDecision, ItemOutcome, ItemStatus, NoticeKind, NoticeStatus
from tests.blueprints.desk.desk_site import Browser
from tests.blueprints.desk.letter_site import LetterSite
from tests.blueprints.desk.test_replies import arrive, sent


@pytest.fixture
def site(desk_app: Flask) -> LetterSite:
    return LetterSite(desk_app)


def item_of(site: LetterSite, ref: str) -> str:
    with site.context():
        return site.notice(ref).lines[0].item.ref


def by_telephone(site: LetterSite, ref: str, words: str = "It is a drawing.") -> TestResponse:
    browser = site.sign_in("rith")
    browser.page("/desk/appeals/new")
    return browser.post("/desk/appeals/new", item=item_of(site, ref), words=words)


def record(browser: Browser, path: str) -> str:
    return browser.page(path).all("input", name="seen")[0]["value"]


def test_an_appeal_is_opened_from_an_answer_with_its_words(site: LetterSite) -> None:
    ref = sent(site)
    number = arrive(site, ref, Answer.APPEAL, "You are wrong.")
    sophea = site.sign_in("sophea")

    form = sophea.page(f"/desk/appeals/new?notice={ref}&reply={number}")
    assert form.value("words") == "You are wrong."
    assert form.value("item") == item_of(site, ref)
    sent_ = sophea.post(
        "/desk/appeals/new", notice=ref, reply=number, item=item_of(site, ref), words=form.value("words")
    )

    page = sophea.page(sent_.location)
    assert "You are wrong." in page.text
    assert "You were involved" in page.text
    assert "Appeal" in sophea.page("/desk/appeals").text
    assert page.heading in sophea.page(f"/desk/notices/{ref}/answers/{number}").text
    assert page.heading in sophea.page(f"/desk/items/{item_of(site, ref)}").text
    assert "Unread" not in sophea.page(f"/desk/notices/{ref}").by_id(f"notice-answers-{ref}").text


def test_an_appeal_is_opened_for_who_called_and_what_is_wrong_is_said(site: LetterSite) -> None:
    ref = sent(site)
    rith = site.sign_in("rith")
    rith.page("/desk/appeals/new")

    assert rith.post("/desk/appeals/new", item="I-222222", words="kept").status_code == 422
    with_a_letter = rith.post("/desk/appeals/new", item=f" {ref.lower()}", words="kept")
    assert with_a_letter.status_code == 422
    assert "That is the number of a letter." in with_a_letter.get_data(as_text=True)
    assert rith.post("/desk/appeals/new", item=item_of(site, ref), words=" ").status_code == 422
    assert rith.post("/desk/appeals/new", notice=ref, item="I-222222", words="kept").status_code == 422
    assert by_telephone(site, ref).status_code == 303


def test_somebody_who_was_not_involved_lets_it_stand(site: LetterSite) -> None:
    ref = sent(site)
    path = by_telephone(site, ref).location
    vanna = site.sign_in("vanna")
    page = vanna.page(path)
    assert "You were involved" not in page.text

    assert vanna.post(f"{path}/decide").status_code == 422
    assert vanna.post(f"{path}/decide", decision="stands", reason="As the criteria say.").status_code == 303

    page = vanna.page(path)
    assert "What we said stands" in page.text
    assert vanna.post(f"{path}/told").status_code == 303
    assert "They were told." in vanna.page(path).text
    assert vanna.post(f"{path}/approve").status_code == 404
    assert "The verdict stands" in vanna.page("/desk/appeals").text


def test_who_was_involved_is_refused_but_for_an_outside_decider_whom_another_confirms(site: LetterSite) -> None:
    ref = sent(site)
    path = by_telephone(site, ref).location
    sophea = site.sign_in("sophea")
    sophea.page(path)

    refused = sophea.post(f"{path}/decide", decision="stands", reason="kept words")
    assert refused.status_code == 422
    assert "kept words" in refused.get_data(as_text=True)
    outside = sophea.post(f"{path}/decide", decision="stands", reason="As decided.", outside="Judge Example, a court")
    assert outside.status_code == 303
    shown = sophea.page(path)
    assert "Judge Example, a court" in shown.text
    assert "Ask a colleague." in shown.text
    assert f"{path}/confirm" not in {form["action"] for form in shown.all("form")}
    assert sophea.post(f"{path}/confirm").status_code == 403
    vanna = site.sign_in("vanna")
    assert "Waits to be confirmed" in vanna.page("/desk/appeals").text
    stale = vanna.post(f"{path}/confirm", seen="2026-11-01T00:00:00+00:00")
    assert stale.status_code == 409
    assert "Judge Example, a court" in stale.get_data(as_text=True)
    assert "the record was set aside and another was written" in stale.get_data(as_text=True)
    assert vanna.post(f"{path}/confirm", seen=record(vanna, path)).status_code == 303
    assert "Confirmed by" in vanna.page(path).text


def test_a_record_that_is_not_right_is_set_aside(site: LetterSite) -> None:
    path = by_telephone(site, sent(site)).location
    sophea = site.sign_in("sophea")
    sophea.page(path)
    sophea.post(f"{path}/decide", decision="withdrawn", reason="As decided.", outside="Judge Example, a court")

    assert sophea.post(f"{path}/set-aside", seen=record(sophea, path)).status_code == 303
    shown = sophea.page(path)
    assert "Judge Example" not in shown.text
    assert f"{path}/decide" in {form["action"] for form in shown.all("form")}


def test_a_withdrawn_verdict_is_told_with_one_press(site: LetterSite) -> None:
    ref = sent(site)
    path = by_telephone(site, ref).location
    vanna = site.sign_in("vanna")
    vanna.page(path)

    assert vanna.post(f"{path}/decide", decision="withdrawn", reason="A drawing.").status_code == 303
    page = vanna.page(path)
    assert f"Takes back {ref}" in page.text
    assert "1 letter that takes it back waits for a reviewer." in page.text
    letter = next(one for one in page.all("a") if one["href"].startswith("/desk/notices/N-") and one.text != ref)
    assert "img-board" not in vanna.page(letter["href"]).text
    assert vanna.post(f"{path}/approve").status_code == 303

    with site.context():
        appeal = db.session.query(Appeal).one()
        assert (appeal.item.status, appeal.item.outcome) == (ItemStatus.CLOSED, ItemOutcome.WITHDRAWN)
        assert appeal.decision is AppealDecision.WITHDRAWN
        taken = db.session.query(Notice).filter(Notice.kind == NoticeKind.RETRACTION).one()
        assert taken.status is NoticeStatus.QUEUED
        taken_ref = taken.ref
    site.deliver(taken_ref)
    with site.context():
        assert site.notice(taken_ref).kept_at or site.notice(taken_ref).status is NoticeStatus.SENT
    assert "takes back an earlier one" in vanna.page(f"/desk/items/{item_of(site, ref)}/timeline").text


def test_appeals_are_for_those_who_work_on_cases_and_for_managers(site: LetterSite) -> None:
    ref = sent(site)
    path = by_telephone(site, ref).location

    assert site.browser().get(path).status_code == 303
    for name in ("kunthea", "lina", "admin", "audit"):
        browser = site.sign_in(name)
        found = [browser.get(path), browser.get("/desk/appeals"), browser.post(f"{path}/decide", decision="stands")]
        assert {one.status_code for one in found} == {403}
    rith = site.sign_in("rith")
    assert rith.post(f"{path}/decide", decision="stands", reason="x").status_code == 403
    assert rith.get("/desk/appeals/999999").status_code == 404
    assert "A reviewer or a manager who was not involved decides." in rith.page(path).text


def test_an_empty_list_says_so_and_leads_to_opening_one(site: LetterSite) -> None:
    shown = site.sign_in("rith").page("/desk/appeals")

    assert "Nobody waits for a decision." in shown.text
    assert "None yet." in shown.text
    assert shown.all("table") == []
    assert "/desk/appeals/new" in {link.get("href") for link in shown.all("a")}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose what was decided."),
        ({"decision": "maybe", "reason": "x"}, "Choose what was decided."),
        ({"decision": "stands"}, "Say why"),
        ({"decision": "stands", "reason": "x", "outside": "y" * 301}, "This is too long"),
    ],
)
def test_what_is_wrong_with_a_decision_is_said(site: LetterSite, typed: dict[str, str], said: str) -> None:
    path = by_telephone(site, sent(site)).location
    vanna = site.sign_in("vanna")
    vanna.page(path)

    answer = vanna.post(f"{path}/decide", **typed)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_who_had_a_part_in_it_is_told_why_they_do_not_decide(site: LetterSite) -> None:
    path = by_telephone(site, sent(site)).location
    sophea = site.sign_in("sophea")
    sophea.page(path)

    answer = sophea.post(f"{path}/decide", decision="stands", reason="x")

    assert "You had a part in this item" in answer.get_data(as_text=True)


def test_what_is_decided_is_not_decided_again_and_a_wrong_page_is_an_empty_one(site: LetterSite) -> None:
    path = by_telephone(site, sent(site)).location
    vanna = site.sign_in("vanna")
    vanna.page(path)
    vanna.post(f"{path}/decide", decision="stands", reason="As the criteria say.")

    assert vanna.post(f"{path}/decide", decision="withdrawn", reason="x").status_code == 409
    assert "None yet." in vanna.page("/desk/appeals?before=1").text
    assert vanna.get("/desk/appeals?before=x").status_code == 200


def test_a_letter_that_may_not_go_yet_says_why(site: LetterSite) -> None:
    ref = sent(site)
    path = by_telephone(site, ref).location
    vanna = site.sign_in("vanna")
    vanna.page(path)
    vanna.post(f"{path}/decide", decision="withdrawn", reason="A drawing.")
    with site.context():
        site.notice(ref).recipient.verified_on = None
        db.session.commit()

    vanna.page(path)
    assert vanna.post(f"{path}/approve").status_code == 303
    assert "does not go yet. Nobody has verified this mailbox." in vanna.page(path).text


def left_to_people(site: LetterSite) -> str:
    """Withdraw a verdict on which a letter went to somebody who cannot be written to any more; return the appeal."""
    ref = sent(site)
    with site.context():
        site.notice(ref).recipient.mailbox = ""
        db.session.commit()
    path = by_telephone(site, ref).location
    vanna = site.sign_in("vanna")
    vanna.page(path)
    assert vanna.post(f"{path}/decide", decision="withdrawn", reason="A drawing.").status_code == 303
    return path


def test_what_a_person_saw_to_is_ticked_off_and_stays_so(site: LetterSite) -> None:
    path = left_to_people(site)
    rith = site.sign_in("rith")
    shown = rith.page(path)
    assert "Left to people: 1." in shown.text
    assert "By hand" in shown.text
    assert "Left to people: 1" in rith.page("/desk/appeals").text
    assert [one["action"] for one in shown.all("form")].count(f"{path}/done") == 1
    name = shown.all("input", name="errand")[0]["value"]

    assert rith.post(f"{path}/done", errand=name).status_code == 303

    for browser in (rith, site.sign_in("vanna")):
        shown = browser.page(path)
        assert "Everything that people had to see to is done." in shown.text
        assert f"{path}/done" not in {one["action"] for one in shown.all("form")}
        assert f"rith noted that {name.split()[0]} is done" in shown.text
        assert "By hand" not in shown.text
    assert rith.post(f"{path}/done", errand=name).status_code == 303
    assert rith.page(path).text.count("rith noted that") == 1
    assert "Left to people" not in rith.page("/desk/appeals").text


def test_what_is_no_errand_and_who_has_no_part_in_appeals_is_refused(site: LetterSite) -> None:
    path = left_to_people(site)
    rith = site.sign_in("rith")
    name = rith.page(path).all("input", name="errand")[0]["value"]

    assert rith.post(f"{path}/done", errand="P-222222").status_code == 404
    assert rith.post(f"{path}/done").status_code == 404
    for other in ("kunthea", "lina", "admin", "audit"):
        browser = site.sign_in(other)
        browser.page("/desk/")
        assert browser.post(f"{path}/done", errand=name).status_code == 403
    stranger = site.browser()
    assert stranger.post(f"{path}/done", errand=name).status_code in {303, 400, 401}
    assert "Left to people: 1." in rith.page(path).text
