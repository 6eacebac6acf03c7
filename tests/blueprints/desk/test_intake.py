"""Other ways in at the desk: writing a report down, lists, the mailbox. All of it works without script."""

import io

import pytest
from flask import Flask

from hotline import clock
from hotline.extensions import db
from hotline.models import MailArrival
from hotline.rules import lists
from hotline.services import mailbox, replies, uploads
from hotline.transactions import writing
from hotline.vocabulary import MailResult, ReplyKind
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.blueprints.desk.letter_site import LetterSite
from tests.page import Page

TOLD = {"source": "telephone", "category": "csam", "urls": "https://a.example/1\nno link\nhttps://b.example/2"}
NEW_LIST = {"source": "partner", "category": "csam", "origin": "A partner, letter 7"}


def send_list(browser: Browser, data: bytes, **more: str) -> object:
    browser.page("/desk/intake/lists")
    return browser.post("/desk/intake/lists/new", **(NEW_LIST | more), file=(io.BytesIO(data), "list.csv"))


def work_off(desk: DeskSite) -> None:
    with desk.context():
        for upload in uploads.list_recent():
            uploads.work_off(upload.id)


@pytest.mark.parametrize("path", ["", "/new", "/lists", "/lists/L-AAAAAA", "/mailbox", "/reports/R-AAAAAA"])
@pytest.mark.parametrize("name", ["lina", "kunthea", "admin", "audit"])
def test_nobody_without_a_case_role_opens_it(desk: DeskSite, name: str, path: str) -> None:
    assert desk.sign_in(name).get(f"/desk/intake{path}").status_code == 403


def test_a_report_is_written_down_and_says_what_became_of_each_line(desk: DeskSite) -> None:
    desk.report("https://b.example/2")
    browser = desk.sign_in("rith")
    form = browser.page("/desk/intake/new")

    answer = browser.post("/desk/intake/new", **TOLD, nonce=form.value("nonce"), language="km", reference="Case 7")

    assert answer.status_code == 303
    page = browser.page(answer.location)
    rows = [row.text for row in page.all("tr") if row.within("tbody")]
    assert ["New" in rows[0], "Known already" in rows[1], "No address" in rows[2]] == [True] * 3
    assert "hxxps://a[.]example/1" in page.text
    assert "https://a.example" not in page.html
    assert "Case 7" in page.text
    ref = answer.location.rpartition("/")[2]
    assert f"/desk/support/new?report={ref}" in [link.get("href") for link in page.all("a")]
    assert ref in browser.page("/desk/intake").text


def test_what_is_wrong_is_said_at_each_field_and_what_was_typed_stays(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    browser.page("/desk/intake/new")

    answer = browser.post("/desk/intake/new", urls="nothing", details="x" * 4_001, contact="c" * 201, language="xx")

    page = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert set(page.errors) == {"source", "language", "category", "urls", "details", "contact"}
    assert page.value("urls") == "nothing"


def test_a_file_is_refused_where_a_report_is_written_down(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    browser.page("/desk/intake/new")

    answer = browser.post("/desk/intake/new", **TOLD, language="en", picture=(io.BytesIO(b"x" * 100), "a.png"))

    assert answer.status_code == 422
    assert "No file can be taken here" in answer.get_data(as_text=True)


def test_a_list_is_taken_worked_off_shown_and_downloaded(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    data = "note;url\nx;https://a.example/1\n=1;https://a.example/1\nz;-\n".encode("cp1252")

    answer = send_list(browser, data)

    assert answer.status_code == 303
    page = browser.page(answer.location)
    assert "3 lines" in page.text
    assert "0 of 3 lines" in page.text
    work_off(desk)
    page = browser.page(answer.location)
    assert "3 of 3 lines" in page.text
    only = browser.page(f"{answer.location}?result=repeated")
    assert len([row for row in only.all("tr") if row.within("tbody")]) == 1
    file = browser.get(f"{answer.location}/results.csv")
    assert file.mimetype == "text/csv"
    lines = file.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    assert lines[0] == 'Line,Result,Why,Item,"Address, or what stands there"'
    assert lines[1].endswith(",hxxps://a[.]example/1")
    assert len(lines) == 4
    assert browser.get(f"{answer.location}?result=nonsense").status_code == 404


def test_a_list_says_what_was_not_read_and_why_no_line_of_it_can_be_clicked(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    many = " ".join(f"https://m.example/{number}" for number in range(21))
    rows = ("category,url,https://head.example", f"csam,{many},x", "other,=2+2,y", "csam,ftp://f.example/1,z", ",,n")
    answer = send_list(browser, "\n".join(rows).encode())
    work_off(desk)

    page = browser.page(answer.location)
    file = browser.get(f"{answer.location}/results.csv").get_data(as_text=True)

    assert "Every line has the category chosen for the list" in page.text
    assert [one.text for one in page.all("dt")][-3:] == ["category", "url", "hxxps://head[.]example"]
    assert page.all("dd")[-1].text == "Not read, and not kept."
    assert "The addresses: this column was read." in page.text
    assert "1 cell holds a spreadsheet formula" in page.text
    for why in ("More than 20 addresses in one line", "A spreadsheet formula", "not lead to a web", "cell for the"):
        assert why in page.text
        assert why in file
    for shown in (page.text, file):
        assert "hxxps://m[.]example/0" in shown
        assert "ftp[:]//f[.]example/1" in shown
        assert "://m.example" not in shown
        assert "f.example" not in shown
        assert "head.example" not in shown
    assert ",'=2+2" in file


def test_the_same_list_is_said_to_be_here_already_and_windows_letters_are_said(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    data = "https://a.example/é".encode("cp1252")
    first = send_list(browser, data)
    assert "It was read as Windows-1252" in browser.page(first.location).text
    work_off(desk)

    again = send_list(browser, data, origin="Somebody else")

    assert again.location == first.location
    assert "was taken before" in browser.page(again.location).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Choose a file."),
        (b"PK\x03\x04\x00", "This is not a text file."),
        ("https://a.example/".encode("utf-16-le"), "UTF-16 without the mark"),
        (b"https://a.example/p,seen,monday\n", "no column is named"),
        (b"a.example\n" * (lists.MAX_LINES + 1), "The list is too long"),
        (b"x" * (lists.MAX_FILE + 1), "The file is too large"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(desk: DeskSite, data: bytes, said: str) -> None:
    answer = send_list(desk.sign_in("rith"), data)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_a_file_beyond_all_measure_is_not_read(desk: DeskSite) -> None:
    assert send_list(desk.sign_in("rith"), b"x" * (lists.MAX_FILE + 200_000)).status_code == 413


def test_a_list_is_stopped_and_goes_on(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    place = send_list(browser, b"https://a.example/1\nhttps://a.example/2\n").location
    browser.page(place)

    browser.post(f"{place}/stop")

    page = browser.page(place)
    assert "Stopped" in page.text
    work_off(desk)
    assert "0 of 2 lines" in browser.page(place).text
    assert browser.post(f"{place}/go-on").status_code == 303
    assert browser.post(f"{place}/go-on").status_code == 409
    work_off(desk)
    assert "2 of 2 lines" in browser.page(place).text


def test_progress_looks_again_by_itself_and_leads_to_the_results_when_it_is_done(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")
    place = send_list(browser, b"https://a.example/1\n").location

    part = browser.get(f"{place}/progress?was=waiting", htmx=True)
    assert 'hx-trigger="every 3s"' in part.get_data(as_text=True)
    assert browser.get(f"{place}/progress").location == place
    work_off(desk)

    done = browser.get(f"{place}/progress?was=waiting", htmx=True)
    assert done.headers["HX-Redirect"] == place


def test_a_reviewer_manages_senders_and_an_analyst_sees_them(desk: DeskSite) -> None:
    browser = desk.sign_in("dara")
    browser.page("/desk/intake/mailbox")
    told = {"mailbox": "reports@partner.example", "name": "A partner", "source": "partner", "category": "csam"}
    assert browser.post("/desk/intake/mailbox/senders/new", **told).status_code == 422

    assert browser.post("/desk/intake/mailbox/senders/new", **told, verified="Called back").status_code == 303

    assert "reports@partner.example" in browser.page("/desk/intake/mailbox").text
    analyst = desk.sign_in("rith")
    page = analyst.page("/desk/intake/mailbox")
    assert "Called back" in page.text
    assert page.all("form", action="/desk/intake/mailbox/senders/new") == []
    assert analyst.post("/desk/intake/mailbox/senders/1/off").status_code == 403
    assert browser.post("/desk/intake/mailbox/senders/1/off").status_code == 303
    with desk.context():
        assert not mailbox.list_senders()[0].active
    assert browser.post("/desk/intake/mailbox/senders/1/on").status_code == 303
    assert browser.post("/desk/intake/mailbox/senders/99/on").status_code == 404


def test_a_letter_that_answers_leads_to_its_notice(desk_app: Flask) -> None:
    site = LetterSite(desk_app)
    ref = site.approved("https://img-board.example/t/1")
    with site.context(), writing():
        reply = replies.record(site.notice(ref), ReplyKind.MAIL, key=b"one", came_at=clock.now(), words="From: x")
        arrival = MailArrival(key=b"1", result=MailResult.ANSWER, reply_id=reply.id, seen_at=clock.now())
        db.session.add(arrival)

    page = site.sign_in("rith").page("/desk/intake/mailbox")

    assert "Answer to a notice" in page.text
    assert page.all("a", href=f"/desk/notices/{ref}") != []


def test_the_page_of_the_mailbox_says_that_none_is_set(desk: DeskSite) -> None:
    assert "No mailbox is set" in desk.sign_in("rith").page("/desk/intake/mailbox").text


def test_writing_is_open_to_the_services_only_inside_a_transaction(desk: DeskSite) -> None:
    with desk.context(), writing():
        assert mailbox.list_arrivals() == []
