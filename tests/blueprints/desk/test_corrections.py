"""What is settled can be looked at anew: a reviewer says why."""

import pytest
from sqlalchemy import select

from hotline.blueprints.desk import words
from hotline.errors import GateClosed
from hotline.extensions import db
from hotline.models import Notice, Recipient
from hotline.services import assessments, items, notice_approval, notice_drafting, notices
from hotline.transactions import writing
from hotline.vocabulary import Channel, CorrectionReason, ItemOutcome, ItemStatus, Language, NoticeStatus
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, DeskSite
from tests.blueprints.desk.looking import HIDDEN
from tests.page import read_desk


def test_a_reviewer_begins_a_correction_and_says_why(desk: DeskSite) -> None:
    ref = desk.decided()
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{ref}"
    assert "Something here is wrong" in vanna.page(url).text

    answer = vanna.post(f"{url}/correct", why="new_facts")

    assert answer.location == url
    page = desk.sign_in("sophea").page(url)
    assert "There are new facts" in page.text
    assert not [box for box in page.all("input") if "checked" in box.attrs]
    with desk.context():
        assert desk.item(ref).status is ItemStatus.ASSESSING


def test_without_a_reason_it_does_not_begin(desk: DeskSite) -> None:
    ref = desk.decided()
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{ref}"
    vanna.page(url)

    for why in ({}, {"why": "evil"}):
        answer = vanna.post(f"{url}/correct", **why)
        assert answer.status_code == 422
        assert "Say why it is to be corrected" in read_desk(answer).text


def test_an_analyst_is_not_offered_it(desk: DeskSite) -> None:
    ref = desk.decided()
    rith, url = desk.sign_in("rith"), f"/desk/items/{ref}"

    assert "Something here is wrong" not in rith.page(url).text
    assert rith.post(f"{url}/correct", why="mistake").status_code == 403


def test_what_is_not_settled_cannot_be_corrected(desk: DeskSite) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]
    desk.look(ref, HIDDEN, by="sophea")
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{ref}"
    vanna.page(url)

    assert vanna.post(f"{url}/correct", why="mistake").status_code == 409


def test_while_people_look_anew_no_page_tells_the_verdict_that_is_corrected(desk: DeskSite) -> None:
    item = desk.decided()
    with desk.context(), writing():
        recipient = db.session.scalars(select(Recipient)).first()
        kept = {"channel": Channel.HOST, "language": Language.EN}
        letter = notice_drafting.draft(desk.item(item), recipient, **kept, by=desk.person("sophea")).ref
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{item}"
    assert "drafted a letter" in vanna.page(url).text
    assert "national law: Illegal" in vanna.page(f"/desk/notices/{letter}").text
    with desk.context(), writing():
        items.close(desk.item(item), ItemOutcome.REMOVED, by=desk.person("sophea"))
    assert "Closed by sophea: " in vanna.page(url).text

    assert vanna.post(f"{url}/correct", why="mistake").status_code == 303

    shown = vanna.page(url)
    assert "Closed by sophea" in shown.text
    assert "Closed by sophea: " not in shown.text
    assert "drafted a letter" not in shown.text
    assert letter not in shown.html
    page = vanna.page(f"/desk/notices/{letter}")
    assert "An item of this letter is being corrected" in page.text
    assert "national law: Illegal" not in page.text
    assert "with the line about the national law" not in page.text


def test_a_letter_is_closed_to_everybody_until_the_correction_is_decided(desk: DeskSite) -> None:
    item = desk.decided()
    with desk.context(), writing():
        recipient = db.session.scalars(select(Recipient)).first()
        kept = {"channel": Channel.HOST, "language": Language.EN}
        letter = notice_drafting.draft(desk.item(item), recipient, **kept, by=desk.person("sophea")).ref
    vanna, url = desk.sign_in("vanna"), f"/desk/notices/{letter}"
    assert "hxxps://img-board[.]example/t/1" in vanna.page(url).text
    with desk.context(), writing():
        assessments.correct(desk.item(item), CorrectionReason.MISTAKE, by=desk.person("vanna"))

    shown = vanna.page(url)
    assert "hxxps://" not in shown.text
    assert not shown.all("div", class_="letter")
    assert vanna.post(f"{url}/approve", compared="yes").status_code == 409
    with desk.context():
        notice = db.session.scalars(select(Notice).where(Notice.ref == letter)).one()
        with pytest.raises(GateClosed):
            notices.read(notice, by=desk.person("vanna"))
        notice.status = NoticeStatus.DRAFT  # were it still one; the database would not have it either
        with db.session.no_autoflush, pytest.raises(GateClosed):
            notice_approval.approve(notice, by=desk.person("vanna"))
        db.session.rollback()

    with desk.context(), writing():
        assessments.first_look(desk.item(item), ILLEGAL, by=desk.person("sophea"))
    assert desk.look_again(item, ILLEGAL, by="dara")
    assert "hxxps://img-board[.]example/t/1" in vanna.page(url).text


def test_a_neighbour_that_one_person_closed_tells_no_outcome(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)  # not in the sample
    one, two = desk.report("https://img-board.example/t/1", "https://img-board.example/t/2")
    desk.look(one, GONE, by="sophea")
    with desk.context():
        outcome = str(words.of(desk.item(one).outcome))
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{two}"
    assert outcome not in vanna.page(url).by_id(f"item-facts-{two}").text

    with desk.context(), writing():
        assessments.correct(desk.item(one), CorrectionReason.MISTAKE, by=desk.person("vanna"))
        assessments.first_look(desk.item(one), GONE, by=desk.person("sophea"))
    assert desk.look_again(one, GONE, by="dara")

    assert outcome in vanna.page(url).by_id(f"item-facts-{two}").text
