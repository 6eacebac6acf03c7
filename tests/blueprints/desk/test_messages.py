"""What reporters write, and the answers they get, at the desk."""

import secrets

import pytest
from sqlalchemy import insert, select

from hotline import clock, vault
from hotline.extensions import db
from hotline.models import AuditEntry, Message, ReceiptRow, Report
from hotline.services.message_copies import BODY
from hotline.transactions import front_engine, writing
from hotline.vocabulary import Author, Concern, ReportStatus
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import read_desk

WORDS = "It was a group."


@pytest.fixture
def ref(desk: DeskSite) -> str:
    """A report with contact details and one message."""
    desk.report("https://a.example/x", contact="012 000 000")
    with desk.context():
        report = db.session.scalars(select(Report)).one()
        ref, tag = report.ref, report.receipt_tag
        receipt = vault.receipt_of(vault.PublicKeys(b"p" * 32, b"f" * 32, b"c" * 32), "1" * 16)
        hour = clock.this_hour()
        row = {"tag": tag, "public_key": receipt.public_key, "status": ReportStatus.RECEIVED}
        with front_engine().execution_options(writes=True).begin() as connection:
            connection.execute(insert(ReceiptRow), row | {"received_at": hour, "changed_at": hour})
        with writing():
            db.session.add(
                Message(
                    copy_id=secrets.token_bytes(16),
                    receipt_tag=tag,
                    concern=Concern.REPORT,
                    author=Author.REPORTER,
                    body=vault.keyring().seal(BODY, WORDS),
                    written_at=hour,
                )
            )
    return ref


def actions(desk: DeskSite) -> list[str]:
    with desk.context():
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_who_waits_is_listed_and_counted_on_the_rail(desk: DeskSite, ref: str) -> None:
    page = desk.sign_in("rith").page("/desk/messages")

    (row,) = page.all("tr")[1:]
    assert row.text.startswith(f"{ref} English 1")
    assert "Messages 1" in page.one("nav", aria_label="Main").text


def test_a_message_whose_report_has_not_come_yet_is_listed_without_a_page(desk: DeskSite, ref: str) -> None:
    with desk.context(), writing():
        db.session.scalars(select(Message)).one().receipt_tag = b"n" * 32

    page = desk.sign_in("rith").page("/desk/messages")

    (row,) = page.all("tr")[1:]
    assert "Its report is still on its way" in row.text
    assert not [link for link in page.all("a") if link.within("table")]


def test_where_nobody_waits_the_list_says_so(desk: DeskSite) -> None:
    assert "Nobody waits for an answer" in desk.sign_in("rith").page("/desk/messages").text


def test_a_conversation_is_read_on_record(desk: DeskSite, ref: str) -> None:
    page = desk.sign_in("rith").page(f"/desk/messages/{ref}")

    assert WORDS in page.text
    assert "not answered" in page.text
    assert "012 000 000" not in page.text
    assert actions(desk)[-1] == "read messages"


def test_how_to_reach_a_reporter_is_shown_to_who_asks_and_recorded(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/contact")

    assert "012 000 000" in answer.text
    assert "read contact" in actions(desk)


@pytest.mark.parametrize("htmx", [False, True])
def test_an_answer_is_sent_and_settles_what_waited(desk: DeskSite, ref: str, htmx: bool) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/answer", htmx=htmx, seen="99", text="Thank you.")

    assert answer.status_code == (204 if htmx else 303)
    assert (answer.headers["HX-Redirect"] if htmx else answer.location) == f"/desk/messages/{ref}"
    page = browser.page(f"/desk/messages/{ref}")
    assert "Thank you." in page.text
    assert "The hotline, by rith" in page.text
    assert "not answered" not in page.text
    assert "answered reporter" in actions(desk)


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("", "text", "Write an answer first."),
        ("Ask for Sophea.", "text", "The answer names one of us."),
        ("Call 023 111 222.", "checked", "tick the box"),
    ],
)
def test_an_answer_that_must_not_leave_is_refused_and_kept(
    desk: DeskSite, ref: str, text: str, field: str, said: str
) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text=text)

    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text
    assert text in answer.text
    assert "answered reporter" not in actions(desk)


def test_a_number_that_was_checked_goes_out(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text="Call 023 111 222.", checked="yes")

    assert answer.status_code == 303


def test_an_answer_that_asks_who_the_reporter_is_is_held_back_and_says_which_words(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text="Thank you. What is your name?")

    page = read_desk(answer)
    assert answer.status_code == 422
    assert "seems to ask" in page.errors["asking"]
    assert [one.text for one in page.all("q")] == ["your name"]
    assert "Nobody has to say who they are" in page.text
    assert page.value("text") == "Thank you. What is your name?"
    assert "answered reporter" not in actions(desk)
    assert browser.post(f"/desk/messages/{ref}/answer", seen="99", text="Thank you.").status_code == 303
    assert "asked all the same" not in actions(desk)


def test_it_is_sent_all_the_same_when_somebody_says_so_and_that_is_recorded(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text="How old are you?")
    (shown,) = read_desk(answer).all("input", name="asked")
    words = {"text": "How old are you?", "asking": "yes"}
    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", asked=shown["value"], **words)

    assert answer.status_code == 303
    with desk.context():
        told = select(AuditEntry.details).where(AuditEntry.action == "asked all the same")
        assert db.session.scalars(told).one() == '{"age": true}'


@pytest.mark.parametrize("text", ["How old are you? What is your name?", "Are you 18?", "Send us a picture."])
def test_the_tick_stands_for_no_words_but_those_it_was_shown_with(desk: DeskSite, ref: str, text: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")
    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text="How old are you?")
    (shown,) = read_desk(answer).all("input", name="asked")

    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text=text, asking="yes", asked=shown["value"])

    page = read_desk(answer)
    assert answer.status_code == 422
    assert "seems to ask" in page.errors["asking"]
    assert "checked" not in page.one("input", name="asking").attrs
    assert "answered reporter" not in actions(desk)


def test_a_tick_with_nothing_shown_sends_nothing(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text="How old are you?", asking="yes")

    assert answer.status_code == 422
    assert "answered reporter" not in actions(desk)


def test_a_tick_stays_where_only_something_else_is_wrong(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    mark = "age How old are you"
    text = "How old are you? Call 023 111 222."
    answer = browser.post(f"/desk/messages/{ref}/answer", seen="99", text=text, asking="yes", asked=mark)

    page = read_desk(answer)
    assert set(page.errors) == {"checked"}
    assert "checked" in page.one("input", name="asking").attrs


def test_from_an_item_one_answers_and_comes_back_to_it(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    with desk.context():
        item = desk.report()[0]
    shown = browser.page(f"/desk/items/{item}")
    assert "1 message not answered" in shown.text

    page = browser.page(shown.one("a", href=f"/desk/messages/{ref}?item={item}")["href"])

    assert next(link.text for link in page.all("a", href=f"/desk/items/{item}")) == item
    form = next(one for one in page.all("form") if one["action"].endswith(f"/answer?item={item}"))
    answer = browser.post(form["action"], seen="99", text="Thank you.")
    assert answer.location == f"/desk/messages/{ref}?item={item}"


def test_messages_may_need_no_answer(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(f"/desk/messages/{ref}")

    answer = browser.post(f"/desk/messages/{ref}/settle", seen="99")

    assert (answer.status_code, answer.location) == (303, "/desk/messages")
    assert "Nobody waits for an answer" in browser.page("/desk/messages").text


def test_a_report_that_is_not_there_is_missing(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")

    assert browser.get("/desk/messages/R-NOTONE").status_code == 404
    assert browser.post("/desk/messages/R-NOTONE/answer", seen="99", text="x").status_code == 404


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_others_learn_nothing(desk: DeskSite, ref: str, name: str) -> None:
    browser = desk.sign_in(name)

    assert browser.get("/desk/messages").status_code == 403
    assert browser.get(f"/desk/messages/{ref}").status_code == 403
    assert browser.post(f"/desk/messages/{ref}/contact").status_code == 403


def test_signed_out_it_leads_to_the_door(desk: DeskSite, ref: str) -> None:
    assert desk.browser().get(f"/desk/messages/{ref}").status_code == 303
    assert desk.browser().get(f"/desk/messages/{ref}", htmx=True).status_code == 401


def test_the_item_leads_to_the_messages_of_each_report(desk: DeskSite, ref: str) -> None:
    browser = desk.sign_in("rith")
    with desk.context():
        item = desk.report()[0]

    page = browser.page(f"/desk/items/{item}")

    assert f"/desk/messages/{ref}?item={item}" in [link["href"] for link in page.all("a")]
