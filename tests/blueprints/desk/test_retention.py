"""How long reports are kept, at the desk: asked for, agreed on by another, and shown with what goes."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hotline import clock
from hotline.extensions import db
from hotline.models import Item, Report
from hotline.rules.report_retention import Term
from hotline.services import report_retention, report_terms, staff
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, ReportStatus
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import read_desk

TERMS = "/desk/retention"
TYPED = {"contact_days": "30", "report_days": "365", "reason": "the law asks for it"}


def closed(desk: DeskSite, *, days: int) -> None:
    """Leave one report that was closed some days ago."""
    desk.report("https://img-board.example/t/1", details="a blue door", contact="me@reach.example")
    at = clock.this_hour() - timedelta(days=days)
    with desk.context(), writing():
        db.session.execute(update(Item).values(status=ItemStatus.CLOSED))
        db.session.execute(update(Report).values(status=ReportStatus.CLOSED, closed_at=at))


def counts(page: object) -> dict[str, str]:
    return {name.text: told.text for name, told in zip(page.all("dt"), page.all("dd"), strict=True)}


def test_a_term_is_asked_for_and_another_person_puts_it_in_force(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(desk, days=40)
    vanna, dara = desk.sign_in("vanna"), desk.sign_in("dara")
    assert "Nobody has decided yet" in vanna.page(TERMS).text

    page = read_desk(vanna.post(f"{TERMS}/preview", **TYPED))
    assert counts(page)["Contact details that would go at once"] == "1"
    assert page.value("contact_days") == "30"
    assert vanna.post(f"{TERMS}/new", **TYPED).status_code == 303
    mine = vanna.page(TERMS)
    assert "Another manager, or a reviewer, agrees." in mine.text
    assert not [form for form in mine.all("form") if form["action"].endswith("/agree")]
    theirs = dara.page(TERMS)
    assert counts(theirs)["Contact details that would go at once"] == "1"
    (agree,) = [form["action"] for form in theirs.all("form") if form["action"].endswith("/agree")]
    assert "the law asks for it" in theirs.text

    assert vanna.post(agree).status_code == 403
    assert dara.post(agree).status_code == 303
    said = vanna.page(TERMS)
    assert counts(said)["Contact details due now"] == "1"
    assert "Nothing goes before" in said.text
    monkeypatch.setattr(report_terms, "PAUSE", timedelta())
    assert "They go within the hour" in vanna.page(TERMS).text
    with desk.context():
        report_retention.run()
    after = vanna.page(TERMS)
    assert counts(after)["Contact details due now"] == "0"
    assert [cell.text for cell in after.all("td")] == ["1", "0"]
    assert dara.post(agree).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contact_days": "soon"}, "contact_days"),
        ({"report_days": "12"}, "report_days"),
        ({"contact_days": "400"}, "contact_days"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    desk: DeskSite, changes: dict[str, str], field: str
) -> None:
    answer = desk.sign_in("vanna").post(f"{TERMS}/new", **TYPED | changes)

    page = read_desk(answer)
    assert answer.status_code == 422
    assert [link["href"] for link in page.all("a") if link["href"].startswith("#") and link["href"] != "#main"] == [
        f"#{field}"
    ]
    assert page.value("report_days") == (TYPED | changes)["report_days"]
    with desk.context():
        assert report_terms.waiting() is None


def test_one_that_waits_is_decided_before_another_is_asked_for(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    vanna.post(f"{TERMS}/new", **TYPED)

    late = vanna.post(f"{TERMS}/new", **TYPED | {"report_days": "400"})

    assert late.status_code == 409
    assert read_desk(late).value("report_days") == "400"
    with desk.context():
        number = report_terms.waiting().id
    assert vanna.post(f"{TERMS}/{number}/decline").status_code == 303
    assert vanna.post(f"{TERMS}/new", **TYPED | {"report_days": "400"}).status_code == 303


def test_pages_say_where_words_were_erased(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_terms, "PAUSE", timedelta())
    closed(desk, days=500)
    with desk.context():
        with writing():
            row = report_terms.want(Term(30, 365), "the law", by=staff.get_by_name("vanna"))
        with writing():
            report_terms.agree(row.id, by=staff.get_by_name("dara"))
        report_retention.run()
        report, item = db.session.scalar(select(Report.ref)), db.session.scalar(select(Item.ref))
    sophea = desk.sign_in("sophea")

    talk = sophea.page(f"/desk/messages/{report}")
    assert "erased on" in talk.text
    assert not talk.all("textarea")
    late = sophea.post(f"/desk/messages/{report}/answer", text="from an old page", seen="0")
    assert late.status_code == 422
    assert "from an old page" in read_desk(late).text
    words = sophea.get(f"/desk/items/{item}/words/{report}", htmx=True)
    assert "erased on" in words.get_data(as_text=True)
    assert "a blue door" not in words.get_data(as_text=True)
