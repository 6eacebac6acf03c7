"""Reports that could not be opened or read wait here for a person."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hotline import clock, create_app, vault
from hotline.extensions import db
from hotline.models import AuditEntry, Inbox, Item, Message, ReceiptRow, Report, UnreadReport
from hotline.services import intake, messages, submissions
from hotline.services.message_copies import BODY as WORDS_OF
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import InboxKind, ReportStatus, Surface
from tests.blueprints.desk.desk_site import DeskSite, environ
from tests.page import Page

BODY = (
    '{"category": "csam", "urls": "https://a.example/1", "seen": null, "details": "", "in_danger": null, '
    '"contact": "", "language": "en"}'
)


def keep_unread(desk: DeskSite, body: bytes, fault: str) -> str:
    """Put a report into the list, as the inbox leaves it there; return what the page calls it."""
    inbox_id = secrets.token_bytes(16)
    with desk.context(), writing():
        received = clock.this_hour() - timedelta(hours=3)
        db.session.add(
            UnreadReport(inbox_id=inbox_id, receipt_tag=b"t" * 32, body=body, fault=fault, received_at=received)
        )
    return inbox_id.hex()


def sealed(desk: DeskSite, text: str) -> bytes:
    with desk.context():
        return vault.keyring().seal(submissions.PURPOSE, text)


def rail(shown: Page) -> str:
    return next(link.text for link in shown.all("a") if link["href"] == "/desk/reports/unread")


def test_an_empty_list_says_that_all_is_well(desk: DeskSite) -> None:
    shown = desk.sign_in("rith").page("/desk/reports/unread")

    assert "Every report could be read" in shown.text
    assert rail(shown) == "Unread reports 0"


def test_they_come_page_by_page_the_oldest_first(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake.list_unread, "__kwdefaults__", {"after": "", "limit": 2})
    every = sorted(keep_unread(desk, b"x", "KeyMissing") for _ in range(3))
    rith = desk.sign_in("rith")

    def listed(shown: Page) -> list[str]:
        return [link["href"].rpartition("/")[2] for link in shown.all("a") if "/unread/" in link["href"]]

    first = rith.page("/desk/reports/unread")
    (onward,) = [link["href"] for link in first.all("a") if link.text == "Next page"]
    second = rith.page(onward)

    assert [listed(first), listed(second)] == [every[:2], every[2:]]
    assert "Next page" not in second.text
    for made_up in ("rubbish", "2026-03-02T10:00:00 00", "2026-03-02T10:00:00+00:00 xx"):
        assert rith.get("/desk/reports/unread", query_string={"after": made_up}).status_code == 422


@pytest.mark.parametrize(
    ("fault", "why", "advice"),
    [
        ("KeyMissing", "The key it is sealed to is not on this computer.", "put the key file back"),
        ("Unreadable", "It does not open", "whether a backup holds it"),
        ("JSONDecodeError", "It opens, but what is inside cannot be read (JSONDecodeError).", "has to be mended"),
    ],
)
def test_each_fault_is_told_in_words_with_what_to_do(desk: DeskSite, fault: str, why: str, advice: str) -> None:
    keep_unread(desk, b"x", fault)

    shown = desk.sign_in("rith").page("/desk/reports/unread")

    assert why in shown.text
    assert advice in shown.text
    assert rail(shown) == "Unread reports 1"


def test_once_the_key_is_back_the_report_becomes_items(desk_dir: Path) -> None:
    key = next((desk_dir / "keys" / "case").glob("case-*.key"))
    vault.rotate(desk_dir / "keys", vault.Lock.CASE)
    kept_apart = key.rename(desk_dir / key.name)
    without = DeskSite(create_app(Surface.DESK, environ(desk_dir)))
    ref = keep_unread(without, sealed_to_older(desk_dir, key.stem), "KeyMissing")
    rith = without.sign_in("rith")
    rith.page("/desk/reports/unread")

    still = rith.post(f"/desk/reports/unread/{ref}/again")
    told = rith.page(still.location)
    kept_apart.rename(key)
    with_key = DeskSite(create_app(Surface.DESK, environ(desk_dir))).sign_in("rith")
    with_key.page("/desk/reports/unread")
    opened = with_key.post(f"/desk/reports/unread/{ref}/again")
    shown = with_key.page(opened.location)

    assert "It still does not open" in told.text
    assert "The key it is sealed to is not on this computer." in told.text
    assert "It opened: its items are in the queue." in shown.text
    assert "Every report could be read" in shown.text
    assert "a[.]example" in with_key.page("/desk/items").text


def sealed_to_older(desk_dir: Path, stem: str) -> bytes:
    """Seal a report to the pair of keys that was in use before."""
    older, current = stem.rpartition("-")[2], desk_dir / "keys" / "public" / "case.current"
    newer = current.read_text()
    current.write_text(older)
    ring = vault.load(desk_dir / "keys", private=(), public_secrets=False, blinds=False)
    current.write_text(newer)
    return ring.seal(submissions.PURPOSE, BODY)


def test_what_stays_unread_stays_whole_and_its_fault_is_told_anew(desk: DeskSite) -> None:
    body = sealed(desk, "no submission")
    ref = keep_unread(desk, body, "KeyMissing")
    rith = desk.sign_in("rith")
    rith.page("/desk/reports/unread")

    rith.post(f"/desk/reports/unread/{ref}/again")

    with desk.context():
        kept = db.session.scalars(select(UnreadReport)).one()
        assert (kept.body, kept.fault) == (body, "JSONDecodeError")
        assert db.session.scalars(select(Item)).all() == []


def test_each_try_is_recorded(desk: DeskSite) -> None:
    ref = keep_unread(desk, sealed(desk, BODY), "KeyMissing")
    rith = desk.sign_in("rith")
    rith.page("/desk/reports/unread")

    rith.post(f"/desk/reports/unread/{ref}/again")

    with desk.context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (last.actor, last.action, last.record) == ("A-04", "read again", f"unread report {ref}")
        assert last.details == '{"worked": true}'


def test_nothing_of_what_is_sealed_shows(desk: DeskSite) -> None:
    keep_unread(desk, sealed(desk, BODY), "Unreadable")

    html = desk.sign_in("rith").get("/desk/reports/unread").get_data(as_text=True)

    assert "a.example" not in html
    assert (b"t" * 32).hex() not in html


def test_the_list_and_its_deed_have_their_doors(desk: DeskSite) -> None:
    ref = keep_unread(desk, b"x", "Unreadable")
    rith = desk.sign_in("rith")
    rith.page("/desk/reports/unread")

    assert desk.sign_in("lina").get("/desk/reports/unread").status_code == 403
    assert desk.sign_in("lina").post(f"/desk/reports/unread/{ref}/again").status_code == 403
    assert desk.browser().get("/desk/reports/unread").status_code == 303
    assert desk.browser().get("/desk/reports/unread", htmx=True).status_code == 401
    for missing in ("00" * 16, "no hex", "abc"):
        assert rith.post(f"/desk/reports/unread/{missing}/again").status_code == 404


# ---- what its reporter wrote


TAG, WORDS = b"t" * 32, "Did you get my report?"


@pytest.fixture
def written(desk: DeskSite) -> str:
    """An unread report whose reporter has written; what the page calls it."""
    ref = keep_unread(desk, sealed(desk, BODY), "KeyMissing")
    hour = clock.this_hour()
    receipt = {"tag": TAG, "public_key": secrets.token_bytes(32), "status": ReportStatus.RECEIVED}
    with desk.context():
        with apart(front_engine()) as session:
            session.execute(insert(ReceiptRow), receipt | {"received_at": hour, "changed_at": hour})
        body = vault.keyring().seal(WORDS_OF, WORDS)
        row = Inbox(id=b"m" * 16, kind=InboxKind.MESSAGE, body=body, receipt_tag=TAG, received_at=hour)
        with writing():
            messages.arrive(row)
    return ref


def entries(desk: DeskSite, ref: str) -> list[str]:
    with desk.context():
        about = select(AuditEntry.action).where(AuditEntry.record == f"unread report {ref}").order_by(AuditEntry.id)
        return list(db.session.scalars(about))


def test_messages_lead_from_both_lists_to_the_page_of_the_unread_report(desk: DeskSite, written: str) -> None:
    rith = desk.sign_in("rith")
    here = f"/desk/reports/unread/{written}"

    for path in ("/desk/messages", "/desk/reports/unread"):
        (row,) = rith.page(path).all("tr")[1:]
        assert here in [link["href"] for link in rith.page(path).all("a")]
        assert " 1 " in f"{row.text} "
    assert entries(desk, written) == []


def test_what_was_written_about_an_unread_report_is_read_on_record(desk: DeskSite, written: str) -> None:
    shown = desk.sign_in("rith").page(f"/desk/reports/unread/{written}")

    assert WORDS in shown.text
    assert "not answered" in shown.text
    assert "The key it is sealed to is not on this computer." in shown.text
    assert entries(desk, written) == ["read messages"]


@pytest.mark.parametrize("htmx", [False, True])
def test_its_reporter_is_answered(desk: DeskSite, written: str, htmx: bool) -> None:
    rith = desk.sign_in("rith")
    here = f"/desk/reports/unread/{written}"
    rith.page(here)

    answer = rith.post(f"{here}/answer", htmx=htmx, seen="99", text="It came, and we work on it.")

    assert answer.status_code == (204 if htmx else 303)
    assert (answer.headers["HX-Redirect"] if htmx else answer.location) == here
    shown = rith.page(here)
    assert "It came, and we work on it." in shown.text
    assert "not answered" not in shown.text
    assert "answered reporter" in entries(desk, written)
    assert "Nobody waits for an answer" in rith.page("/desk/messages").text


def test_an_answer_that_must_not_leave_comes_back_whole(desk: DeskSite, written: str) -> None:
    rith = desk.sign_in("rith")
    rith.page(f"/desk/reports/unread/{written}")

    answer = rith.post(f"/desk/reports/unread/{written}/answer", seen="99", text="Ask for Sophea.")

    assert answer.status_code == 422
    assert "names one of us" in answer.text
    assert "Ask for Sophea." in answer.text
    with desk.context():
        assert len(db.session.scalars(select(Message)).all()) == 1


def test_its_messages_may_need_no_answer(desk: DeskSite, written: str) -> None:
    rith = desk.sign_in("rith")
    rith.page(f"/desk/reports/unread/{written}")

    answer = rith.post(f"/desk/reports/unread/{written}/settle", seen="99")

    assert (answer.status_code, answer.location) == (303, "/desk/messages")
    assert "Nobody waits for an answer" in rith.page("/desk/messages").text


def test_an_answer_begun_before_the_report_was_read_is_sent_all_the_same(desk: DeskSite, written: str) -> None:
    rith = desk.sign_in("rith")
    here = f"/desk/reports/unread/{written}"
    rith.page(here)
    rith.post(f"{here}/again")
    with desk.context():
        report = db.session.scalars(select(Report)).one()
        assert db.session.scalars(select(UnreadReport)).all() == []

    answer = rith.post(f"{here}/answer", seen="99", text="We have it now.")

    assert (answer.status_code, answer.location) == (303, here)
    shown = rith.page(here)
    assert f"/desk/messages/{report.ref}" in [link["href"] for link in shown.all("a")]
    assert "We have it now." in rith.page(f"/desk/messages/{report.ref}").text


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_others_learn_nothing_of_its_messages(desk: DeskSite, written: str, name: str) -> None:
    browser = desk.sign_in(name)

    assert browser.get(f"/desk/reports/unread/{written}").status_code == 403
    for deed in ("answer", "settle"):
        assert browser.post(f"/desk/reports/unread/{written}/{deed}", seen="99", text="x").status_code == 403
    assert entries(desk, written) == []


def test_what_is_not_there_has_no_page_and_signed_out_it_leads_to_the_door(desk: DeskSite, written: str) -> None:
    rith = desk.sign_in("rith")
    rith.page("/desk/reports/unread")

    for missing in ("00" * 16, "no hex", "abc"):
        assert rith.get(f"/desk/reports/unread/{missing}").status_code == 404
        assert rith.post(f"/desk/reports/unread/{missing}/answer", seen="99", text="x").status_code == 404
    assert desk.browser().get(f"/desk/reports/unread/{written}").status_code == 303
    assert desk.browser().get(f"/desk/reports/unread/{written}", htmx=True).status_code == 401
