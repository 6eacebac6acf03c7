"""What is said when a deed comes too late, and the way back to what it was about."""

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Report
from hotline.services import notice_approval
from hotline.transactions import writing
from tests import page
from tests.blueprints.desk.desk_site import ILLEGAL, DeskSite
from tests.blueprints.desk.letter_site import LetterSite
from tests.page import Page


def test_a_second_approval_leads_back_to_the_letter(desk: DeskSite) -> None:
    letters = LetterSite(desk.app)
    ref = letters.draft()
    dara = letters.sign_in("dara")
    dara.page(f"/desk/notices/{ref}")
    with letters.context(), writing():
        notice_approval.withdraw(letters.notice(ref), by=letters.person("sophea"))

    answer = dara.post(f"/desk/notices/{ref}/approve", compared="yes")

    shown = page.read_desk(answer)
    assert answer.status_code == 409
    assert shown.one("a", class_="btn go")["href"] == f"/desk/notices/{ref}"


def test_the_note_for_htmx_leads_there_too(desk: DeskSite) -> None:
    ref = desk.report("https://img-board.example/t/1")[0]
    desk.look(ref, ILLEGAL, by="sophea")
    rith = desk.sign_in("rith")

    answer = rith.post(f"/desk/items/{ref}/claim", htmx=True)

    assert answer.status_code == 409
    assert [link["href"] for link in Page(answer.get_data(as_text=True)).all("a")] == [f"/desk/items/{ref}"]


def test_no_way_back_leads_to_what_is_shut_or_missing(desk: DeskSite) -> None:
    admin, rith = desk.sign_in("admin"), desk.sign_in("rith")

    shut, missing = admin.post("/desk/items/I-222222/claim"), rith.post("/desk/items/I-222222/claim")

    assert (shut.status_code, missing.status_code) == (403, 404)
    assert not page.read_desk(shut).all("a", class_="btn go")
    assert not page.read_desk(missing).all("a", class_="btn go")


def test_a_form_that_grew_stale_leads_back_to_its_page(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    sophea.token = "made up"

    answer = sophea.post("/desk/items/I-222222/assess")

    assert answer.status_code == 400
    assert page.read_desk(answer).one("a", class_="btn go")["href"] == "/desk/items/I-222222"


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, str(2**31)])
def test_a_number_that_no_record_has_breaks_nothing(desk: DeskSite, number: str) -> None:
    (ref,) = desk.report("https://img-board.example/t/1")
    with desk.context():
        told = db.session.scalars(select(Report.ref)).one()
    sophea = desk.sign_in("sophea")

    seen = [
        sophea.get(f"/desk/items/{ref}/timeline?before={number}").status_code,
        sophea.get(f"/desk/items/{ref}/reports?before={number}").status_code,
        sophea.get(f"/desk/messages?after={number}").status_code,
        sophea.get("/desk/items").status_code,
        sophea.post(f"/desk/messages/{told}/settle", seen=number).status_code,
        sophea.post(f"/desk/items/filters/{number}/forget").status_code,
        sophea.post(f"/desk/handovers/{number}/read").status_code,
        sophea.post(f"/desk/care/talks/{number}/held").status_code,
        sophea.post(f"/desk/intake/mailbox/senders/{number}/off").status_code,
    ]

    assert seen == [200, 200, 200, 200, 303, 404, 404, 404, 404]
