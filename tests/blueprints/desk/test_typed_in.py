"""Notices that a person types into a recipient's form: shown field by field, never mailed, sent by their proof."""

import pytest
from flask import Flask
from sqlalchemy import update

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models import Recipient
from hotline.transactions import writing
from hotline.vocabulary import Delivery, NoticeStatus
from tests.blueprints.desk.letter_site import LIVE, LetterSite
from tests.page import Page

FORM = "https://forms.example/report"


@pytest.fixture
def desk(desk_app: Flask) -> LetterSite:
    site = LetterSite(desk_app)
    with site.context(), writing():
        db.session.execute(update(Recipient).values(delivery=Delivery.WEB_FORM, form_url=FORM))
    return site


def now() -> str:
    return clock.now().astimezone(jurisdiction.load("kh").zone).strftime("%Y-%m-%dT%H:%M")


def status(desk: LetterSite, ref: str) -> NoticeStatus:
    with desk.context():
        return desk.notice(ref).status


def test_a_draft_says_where_it_is_typed_in_and_shows_no_live_address(desk: LetterSite) -> None:
    shown = desk.sign_in("rith").page(f"/desk/notices/{desk.draft()}")

    assert FORM in shown.text
    assert LIVE not in shown.text
    assert "What is typed in" in shown.text


def test_once_approved_it_is_shown_field_by_field_with_and_without_script_and_counted(desk: LetterSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    assert LIVE not in rith.page(f"/desk/notices/{ref}").text

    whole = Page(rith.post(f"/desk/notices/{ref}/fields").get_data(as_text=True))
    part = rith.post(f"/desk/notices/{ref}/fields", htmx=True).get_data(as_text=True)

    assert LIVE in whole.text
    assert "Back to the notice" in whole.text
    assert LIVE in part
    assert "<html" not in part
    assert "Shown 2 times" in rith.page(f"/desk/notices/{ref}").text


def test_what_may_not_be_shown_puts_the_status_in_its_own_place(desk: LetterSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    rith.page(f"/desk/notices/{ref}")
    with desk.context(), writing():
        db.session.execute(update(Recipient).values(form_url="https://forms.example/elsewhere"))

    answer = rith.post(f"/desk/notices/{ref}/fields", htmx=True)

    assert answer.status_code == 422
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (f"#notice-status-{ref}", "outerHTML")
    part = Page(answer.get_data(as_text=True))
    assert part.elements[0]["id"] == f"notice-status-{ref}"
    assert part.by_id("copy-err").text


def test_the_proof_marks_it_sent_and_is_shown(desk: LetterSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")

    assert rith.post(f"/desk/notices/{ref}/proof", reference="AB-991", at=now()).status_code == 303

    assert status(desk, ref) is NoticeStatus.SENT
    assert "AB-991" in rith.page(f"/desk/notices/{ref}").text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"reference": "", "at": "2026-11-24T09:30"}, "Write the number or word"),
        ({"reference": "AB-991", "at": "yesterday"}, "Say on which day"),
        ({"reference": "AB-991", "at": "2999-01-01T00:00"}, "has not come yet"),
    ],
)
def test_a_bad_proof_is_said_and_nothing_is_sent(desk: LetterSite, form: dict[str, str], words: str) -> None:
    ref = desk.approved()

    answer = desk.sign_in("rith").post(f"/desk/notices/{ref}/proof", **form)

    assert answer.status_code == 422
    assert words in Page(answer.get_data(as_text=True)).text
    assert status(desk, ref) is NoticeStatus.QUEUED


def test_others_are_refused_and_what_is_missing_is_missing(desk: LetterSite) -> None:
    ref = desk.approved()

    for deed in ("fields", "proof"):
        assert desk.sign_in("kunthea").post(f"/desk/notices/{ref}/{deed}").status_code == 403
        assert desk.sign_in("rith").post(f"/desk/notices/N-222222/{deed}").status_code == 404


def test_others_on_the_same_host_can_be_listed_with_it(desk: LetterSite) -> None:
    first, second = (desk.decided(f"https://one.example/{number}") for number in (1, 2))
    rith = desk.sign_in("rith")

    offered = rith.page(f"/desk/notices/new?item={first}")
    [box] = offered.all("input", name="also")
    answer = rith.post(
        "/desk/notices/new", item=first, recipient=desk.recipient(), language="en", also=box.get("value")
    )

    assert box.get("value") == second
    assert {first, second} <= {link.text for link in rith.page(answer.location).all("a")}


def test_a_form_is_not_called_a_mailbox(desk: LetterSite) -> None:
    ref, rith = desk.approved(), desk.sign_in("rith")
    item = desk.decided("https://img-board.example/t/2")

    for here in (f"/desk/notices/{ref}", f"/desk/notices/new?item={item}"):
        assert "ailbox verified" not in rith.page(here).text
