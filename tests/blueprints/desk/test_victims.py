"""Requests for help at the desk: victim support reads, takes, answers and closes them, and nobody else sees them."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hotline import clock, create_app, outbox, vault
from hotline.blueprints.desk import words
from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.models.help_request import HelpRequest
from hotline.models.message import Message
from hotline.models.report import Inbox, ReceiptRow
from hotline.services import help_requests, messages
from hotline.services.help_requests import Asked
from hotline.services.message_copies import BODY
from hotline.transactions import apart, front_engine, writing
from hotline.vault import Lock
from hotline.vocabulary import Concern, ForWhom, HelpStatus, InboxKind, Language, ReportStatus, Surface
from tests.blueprints.desk.desk_site import DeskSite, environ

WORDS = "quiet words about what happened"
SAFE = "only by message, never at home"
CONTACT = "@someone.quiet"
ASKED = Asked(ForWhom.CHILD, WORDS, False, SAFE, Language.KM)
BY_CODE = Asked(None, WORDS, True, "", Language.EN)


def ask(desk: DeskSite, asked: Asked = ASKED, contact: str = CONTACT, *, said: tuple[str, ...] = ()) -> str:
    """Let a request arrive, with messages; return its reference."""
    tag, hour = secrets.token_bytes(32), clock.this_hour() - timedelta(hours=3)
    receipt = {
        "tag": tag,
        "public_key": secrets.token_bytes(32),
        "concern": Concern.HELP,
        "status": ReportStatus.RECEIVED,
        "received_at": hour,
        "changed_at": hour,
    }
    with desk.context():
        seal = vault.keyring().seal
        sealed = seal(help_requests.CONTACT, contact, lock=Lock.CARE) if contact else None
        with apart(front_engine()) as session:
            session.execute(insert(ReceiptRow), receipt)
        row = {"receipt_tag": tag, "received_at": hour}
        with writing():
            help_requests.arrive(
                Inbox(id=secrets.token_bytes(16), body=help_requests.sealed(asked), contact=sealed, **row)
            )
            for text in said:
                body = seal(BODY, text, lock=Lock.CARE)
                messages.arrive(Inbox(id=secrets.token_bytes(16), kind=InboxKind.MESSAGE, body=body, **row))
        return db.session.scalars(select(HelpRequest.ref).order_by(HelpRequest.id.desc()).limit(1)).one()


def found(desk: DeskSite, ref: str) -> HelpRequest:
    return db.session.scalars(select(HelpRequest).where(HelpRequest.ref == ref)).one()


def deeds(desk: DeskSite, ref: str) -> list[str]:
    with desk.context():
        entries = select(AuditEntry.action).where(AuditEntry.record == f"request {ref}").order_by(AuditEntry.id)
        return list(db.session.scalars(entries))


def test_the_list_shows_what_waits_and_nothing_of_what_was_said(desk: DeskSite) -> None:
    ref = ask(desk, said=("hello?",))

    shown = desk.sign_in("kunthea").page("/desk/victims")

    (row,) = [one.text for one in shown.all("tr") if ref in one.text]
    assert row.startswith(f"{ref} New 1 Khmer Nobody")
    for secret in (WORDS, SAFE, CONTACT, "hello?"):
        assert secret not in shown.html


def test_what_came_is_told_by_day_and_hour_and_never_by_a_minute(desk: DeskSite) -> None:
    ref = ask(desk, said=("hello?",))
    hour = clock.this_hour() - timedelta(hours=3)
    with desk.context():
        told = words.hour(hour)
    kunthea = desk.sign_in("kunthea")

    assert re.search(r"^\d+ [A-Z][a-z]+, between \d\d:00 and \d\d:00$", told)
    assert told in next(row.text for row in kunthea.page("/desk/victims").all("tr") if ref in row.text)
    assert kunthea.page(f"/desk/victims/{ref}").text.count(told) == 2


def test_a_closed_request_that_is_written_to_again_stands_among_the_open_ones_alone(desk: DeskSite) -> None:
    new, ref = ask(desk), ask(desk)
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")
    kunthea.post(f"/desk/victims/{ref}/claim")
    kunthea.post(f"/desk/victims/{ref}/close")
    with desk.context(), writing():
        body = vault.keyring().seal(BODY, "me again", lock=Lock.CARE)
        row = {"receipt_tag": found(desk, ref).receipt_tag, "received_at": clock.this_hour()}
        messages.arrive(Inbox(id=secrets.token_bytes(16), kind=InboxKind.MESSAGE, body=body, **row))

    shown, closed = kunthea.page("/desk/victims"), kunthea.page("/desk/victims?show=closed")

    assert "new ones first, then those with a message nobody answered" in shown.by_id("requests-h").text
    assert [row.text.split()[0] for row in shown.all("tr")[1:]] == [new, ref]
    assert "The person wrote again" in shown.all("tr")[2].text
    assert "No request is closed yet" in closed.text


def test_an_empty_list_says_so(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")

    assert "Nobody waits for help" in kunthea.page("/desk/victims").text
    assert "No request is closed yet" in kunthea.page("/desk/victims?show=closed").text


def test_an_opened_request_says_what_was_asked_and_how_to_reach_them_safely(desk: DeskSite) -> None:
    ref = ask(desk, said=("hello?",))

    shown = desk.sign_in("kunthea").page(f"/desk/victims/{ref}")

    for told in (WORDS, SAFE, CONTACT, "hello?", "For a child they know", "Khmer", "Before you call or write"):
        assert told in shown.text
    assert shown.text.index(SAFE) < shown.text.index(CONTACT)
    assert deeds(desk, ref) == ["read", "read messages"]


def test_whoever_comes_back_by_code_is_not_to_be_contacted(desk: DeskSite) -> None:
    shown = desk.sign_in("kunthea").page(f"/desk/victims/{ask(desk, BY_CODE, '')}")

    assert "Only by code." in shown.text
    assert "Not said" in shown.text


def test_a_contact_forgotten_is_said_to_be(desk: DeskSite) -> None:
    ref = ask(desk)
    with desk.context(), writing():
        found(desk, ref).contact = None

    shown = desk.sign_in("kunthea").page(f"/desk/victims/{ref}")

    assert "Forgotten at their wish." in shown.text
    assert CONTACT not in shown.html


def test_a_request_under_a_key_that_is_away_says_so_and_is_kept(desk: DeskSite, desk_dir: Path) -> None:
    ref = ask(desk)
    next((desk_dir / "keys" / "care").glob("care-*.key")).rename(desk_dir / "away.key")
    without = DeskSite(create_app(Surface.DESK, environ(desk_dir)))
    kunthea = without.sign_in("kunthea")

    listed, shown = kunthea.page("/desk/victims"), kunthea.page(f"/desk/victims/{ref}")

    assert "does not open" in listed.text
    assert "This request does not open" in shown.text
    assert "How to reach them does not open" in shown.text
    with without.context():
        assert found(without, ref).contact


@pytest.mark.parametrize("htmx", [False, True])
def test_a_request_is_taken_handed_back_closed_and_taken_up_again(desk: DeskSite, htmx: bool) -> None:
    ref = ask(desk)
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")
    here, inbox = f"/desk/victims/{ref}", "/desk/victims"
    way = [
        ("claim", here, HelpStatus.TAKEN),
        ("hand-back", inbox, HelpStatus.NEW),
        ("claim", here, HelpStatus.TAKEN),
        ("close", inbox, HelpStatus.CLOSED),
        ("reopen", here, HelpStatus.TAKEN),
    ]

    for deed, leads_to, status in way:
        answer = kunthea.post(f"{here}/{deed}", htmx=htmx)

        assert answer.status_code == (204 if htmx else 303)
        assert (answer.headers["HX-Redirect"] if htmx else answer.location) == leads_to
        with desk.context():
            assert found(desk, ref).status is status

    assert [one for one in deeds(desk, ref) if "read" not in one] == [
        "claimed",
        "passed on",
        "claimed",
        "closed",
        "reopened",
    ]


def test_a_closed_request_stands_behind_the_filter_and_leaves_word_for_whoever_asked(desk: DeskSite) -> None:
    ref = ask(desk)
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")
    kunthea.post(f"/desk/victims/{ref}/claim")
    kunthea.post(f"/desk/victims/{ref}/close")

    assert f"{ref} is closed" in kunthea.page("/desk/victims").text
    assert not kunthea.page("/desk/victims").all("a", href=f"/desk/victims/{ref}")
    assert kunthea.page("/desk/victims?show=closed").all("a", href=f"/desk/victims/{ref}")
    with desk.context():
        assert outbox.take_due(db.session(), most=9)[0][0] == help_requests.MOVE_ON


@pytest.mark.parametrize("deed", ["hand-back", "close", "reopen"])
def test_what_a_state_does_not_allow_changes_nothing(desk: DeskSite, deed: str) -> None:
    ref = ask(desk)
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")

    assert kunthea.post(f"/desk/victims/{ref}/{deed}").status_code == 409
    with desk.context():
        assert found(desk, ref).status is HelpStatus.NEW


@pytest.mark.parametrize("htmx", [False, True])
def test_an_answer_goes_on_its_way_and_settles_what_waited(desk: DeskSite, htmx: bool) -> None:
    ref = ask(desk, said=("hello?",))
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")

    answer = kunthea.post(f"/desk/victims/{ref}/answer", htmx=htmx, seen="99", text="We are here.")

    assert answer.status_code == (204 if htmx else 303)
    shown = kunthea.page(f"/desk/victims/{ref}")
    assert "Your answer is on its way" in shown.text
    assert "We are here." in shown.text
    assert "on its way" in shown.text
    assert "not answered" not in shown.text


def test_an_answer_that_cannot_go_comes_back_with_what_was_typed(desk: DeskSite) -> None:
    ref = ask(desk)
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")

    for text in ("", "x" * 2_001, "kunthea will call you"):
        answer = kunthea.post(f"/desk/victims/{ref}/answer", seen="99", text=text)

        assert answer.status_code == 422
        assert text in answer.get_data(as_text=True)
        assert 'id="text-err"' in answer.get_data(as_text=True)
    with desk.context():
        assert db.session.scalars(select(Message)).all() == []


def test_messages_that_need_no_answer_are_settled(desk: DeskSite) -> None:
    ref = ask(desk, said=("thank you",))
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")

    answer = kunthea.post(f"/desk/victims/{ref}/settle", seen="99")

    assert answer.status_code == 303
    assert "not answered" not in kunthea.page(f"/desk/victims/{ref}").text


def test_what_waits_is_told_on_the_first_page_and_in_the_rail(desk: DeskSite) -> None:
    ask(desk)
    ref = ask(desk, said=("hello?", "hello?"))
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"/desk/victims/{ref}")
    kunthea.post(f"/desk/victims/{ref}/claim")

    shown = kunthea.page("/desk/")

    assert "1 new request waits" in shown.text
    assert "1 person wrote" in shown.text
    assert "1 request is in your hands" in shown.text
    assert next(link.text for link in shown.all("a") if link["href"] == "/desk/victims") == "Requests for help 2"


@pytest.mark.parametrize("name", ["sophea", "vanna", "rith", "lina", "admin", "audit"])
def test_nobody_else_sees_anything_of_a_request(desk: DeskSite, name: str) -> None:
    ref = ask(desk, said=("hello?",))
    somebody = desk.sign_in(name)
    today = somebody.page("/desk/")

    for path in ("/desk/victims", f"/desk/victims/{ref}", "/desk/victims/H-NOSUCH"):
        assert somebody.get(path).status_code == 403
    for deed in ("claim", "hand-back", "close", "reopen", "answer", "settle"):
        assert somebody.post(f"/desk/victims/{ref}/{deed}").status_code == 403
    assert "/desk/victims" not in [link.get("href") for link in today.all("a")]
    assert "Requests for help" not in today.text
    if name in {"sophea", "vanna", "rith"}:
        for path in ("/desk/items", "/desk/messages", "/desk/reports/unread"):
            assert ref not in somebody.page(path).html
        assert "Nobody waits for an answer" in somebody.page("/desk/messages").text
        assert next(link.text for link in today.all("a") if link["href"] == "/desk/messages") == "Messages 0"
    assert deeds(desk, ref) == []


def test_signed_out_leads_to_signing_in(desk: DeskSite) -> None:
    ref = ask(desk)

    for path in ("/desk/victims", f"/desk/victims/{ref}"):
        assert desk.browser().get(path).status_code == 303
        assert desk.browser().get(path, htmx=True).status_code == 401
    assert desk.browser().post(f"/desk/victims/{ref}/claim").status_code in {303, 401}


def test_a_reference_that_is_not_there_is_not_found(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page("/desk/victims")

    assert kunthea.get("/desk/victims/H-NOSUCH").status_code == 404
    for deed in ("claim", "hand-back", "close", "reopen", "answer", "settle"):
        assert kunthea.post(f"/desk/victims/H-NOSUCH/{deed}").status_code == 404
    assert kunthea.get("/desk/victims?after=H-NOSUCH").status_code == 422
