"""Letters that are kept because no mail server is set."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import notices
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, NoticeStatus
from tests import page
from tests.blueprints.desk.letter_site import DEFANGED, LIVE, LetterSite, with_mail
from tests.page import Page


@pytest.fixture
def desk(desk_app: Flask) -> LetterSite:
    return LetterSite(desk_app)


@pytest.fixture
def kept(desk: LetterSite) -> str:
    """The reference of a letter that lies here."""
    ref = desk.approved()
    desk.deliver(ref)
    return ref


def links(shown: Page) -> list[str]:
    return [link["href"] for link in shown.all("a") if link.get("href").startswith("/desk/notices/kept/")]


def test_where_none_is_kept_the_page_says_when_one_would_be(desk: LetterSite) -> None:
    assert "No letter is kept" in desk.sign_in("rith").page("/desk/notices/kept").text


def test_a_kept_letter_is_listed_and_opened_defanged(desk: LetterSite) -> None:
    ref = desk.approved()
    desk.deliver(ref)
    rith = desk.sign_in("rith")
    with desk.context():
        letter = notices.letter_of(desk.notice(ref))

    listed = rith.page("/desk/notices/kept")
    shown = rith.page(links(listed)[0])

    assert ref in listed.text
    assert "abuse@hosting.example" in listed.text
    assert letter.subject in shown.text
    assert shown.one("div", role="document").text == " ".join(letter.text.split())
    addresses, report = shown.all("pre")
    assert addresses.text == DEFANGED
    assert DEFANGED in report.text
    assert "addresses.txt" in shown.text


def test_no_page_of_kept_letters_bears_a_live_address(desk: LetterSite) -> None:
    desk.deliver(desk.approved())
    rith = desk.sign_in("rith")

    pages = ["/desk/notices/kept", *links(rith.page("/desk/notices/kept"))]

    assert len(pages) == 2
    assert not [address for address in pages if LIVE in rith.get(address).get_data(as_text=True)]


def test_opening_one_is_recorded(desk: LetterSite) -> None:
    ref = desk.approved()
    desk.deliver(ref)
    rith = desk.sign_in("rith")

    rith.page(links(rith.page("/desk/notices/kept"))[0])

    with desk.context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (last.actor, last.action, last.record) == ("A-04", "read kept letter", f"notice {ref}")


def test_one_that_is_closed_is_not_said_to_be_read(
    desk: LetterSite, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "is_closed", lambda _notice: True)
    rith = desk.sign_in("rith")

    rith.page(links(rith.page("/desk/notices/kept"))[0])

    with desk.context():
        read = select(AuditEntry).where(AuditEntry.action == "read kept letter")
        assert db.session.scalars(read).all() == []


def test_one_that_does_not_open_hides_no_other(desk: LetterSite, desk_dir: Path) -> None:
    desk.deliver(desk.approved())
    (desk_dir / "letters" / "n-222222.0011223344556677.sealed").write_bytes(b"rubbish")
    rith = desk.sign_in("rith")

    listed = rith.page("/desk/notices/kept")

    assert len(links(listed)) == 2
    assert "It does not open with the keys on this computer." in listed.text
    assert "Tell the admin" in rith.page("/desk/notices/kept/n-222222.0011223344556677").text


@pytest.mark.parametrize("name", ["n-222222.ab", "..", "..%2F..%2Fkeys%2Fcase%2Fdesk-forms", "%00"])
def test_only_names_from_the_list_are_opened(desk: LetterSite, name: str) -> None:
    assert desk.sign_in("rith").get(f"/desk/notices/kept/{name}").status_code == 404


# --- To be sent by hand


def test_it_is_downloaded_as_an_email_file_and_that_is_told(desk: LetterSite, kept: str) -> None:
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/{kept}")

    answer = rith.post(f"/desk/notices/{kept}/download")

    message = message_from_bytes(answer.get_data(), policy=policy.default)
    attached, _report = message.iter_attachments()
    assert (answer.status_code, answer.mimetype) == (200, "message/rfc822")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={kept}.eml"
    assert "no-store" in answer.headers["Cache-Control"]
    assert (attached.get_filename(), attached.get_content().strip()) == ("addresses.txt", LIVE)
    assert "rith downloaded it" in rith.page(f"/desk/notices/{kept}").text


def test_who_sent_it_says_so_and_it_is_asked_about_first(desk: LetterSite, kept: str) -> None:
    rith = desk.sign_in("rith")
    shown = rith.page(f"/desk/notices/{kept}")
    assert shown.by_id("by-hand").within("details")

    answer = rith.post(f"/desk/notices/{kept}/by-hand")

    told = rith.page(answer.location).by_id(f"notice-status-{kept}").text
    assert answer.status_code == 303
    assert "Sent by hand, noted" in told
    assert "rith sent it by hand" in told
    assert rith.post(f"/desk/notices/{kept}/by-hand").status_code == 409
    assert rith.post(f"/desk/notices/{kept}/download").status_code == 409


def test_it_can_be_withdrawn_and_is_not_handed_over_any_more(desk: LetterSite, kept: str) -> None:
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/{kept}")

    assert rith.post(f"/desk/notices/{kept}/withdraw").status_code == 303

    assert rith.post(f"/desk/notices/{kept}/download").status_code == 409
    assert "It does not lie here to be sent any more." in rith.page(links(rith.page("/desk/notices/kept"))[0]).text


def test_one_whose_item_is_held_says_why_and_is_not_handed_over(desk: LetterSite, kept: str) -> None:
    with desk.context(), writing():
        desk.notice(kept).lines[0].item.status = ItemStatus.HELD
    rith = desk.sign_in("rith")

    shown = rith.page(f"/desk/notices/{kept}")

    assert "It must not go: its item was held" in shown.text
    assert not [form for form in shown.all("form") if form["action"].endswith("/download")]
    assert rith.post(f"/desk/notices/{kept}/download").status_code == 409


def test_one_to_an_entry_that_was_switched_off_says_why_and_is_not_handed_over(desk: LetterSite, kept: str) -> None:
    with desk.context(), writing():
        desk.notice(kept).recipient.active = False
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/{kept}")

    refused = rith.post(f"/desk/notices/{kept}/download")

    shown = page.read_desk(refused)
    assert refused.status_code == 422
    assert "The letter was not handed over" in shown.text
    assert shown.errors["download"].startswith("The recipient’s entry has changed")
    assert shown.by_id("download")


def test_it_stands_in_lists_as_kept_and_not_as_on_its_way(desk: LetterSite, kept: str) -> None:
    rith = desk.sign_in("rith")

    assert "Kept, not sent" in rith.page("/desk/notices?status=kept").one("tbody").text
    assert "No letter is in this state" in rith.page("/desk/notices?status=queued").text
    assert "Kept, not sent" in rith.page("/desk/notices/kept").one("tbody").text
    assert "1 letter lies here and has gone to nobody." in rith.page("/desk/").text


def test_its_date_has_day_year_and_zone(desk: LetterSite, kept: str) -> None:
    rith = desk.sign_in("rith")
    whole = r"\d{1,2} \w+ 20\d\d, \d\d:\d\d GMT\+07:00"

    listed = rith.page("/desk/notices/kept")

    for shown in (listed, rith.page(links(listed)[0]), rith.page(f"/desk/notices/{kept}")):
        assert re.search(whole, shown.text)


def test_once_there_is_a_mail_server_it_can_go_by_mail(desk: LetterSite, kept: str, desk_dir: Path) -> None:
    assert not [
        form for form in desk.sign_in("rith").page(f"/desk/notices/{kept}").all("form") if "send-now" in form["action"]
    ]
    mailing = with_mail(desk_dir, 9)
    rith = mailing.sign_in("rith")
    rith.page(f"/desk/notices/{kept}")

    answer = rith.post(f"/desk/notices/{kept}/send-now")

    assert answer.status_code == 303
    assert "rith let it go by mail" in rith.page(answer.location).text
    with mailing.context():
        assert (mailing.notice(kept).status, mailing.notice(kept).kept_at) == (NoticeStatus.QUEUED, None)
    assert rith.post(f"/desk/notices/{kept}/send-now").status_code == 409


def test_without_a_mail_server_it_does_not_go_by_mail(desk: LetterSite, kept: str) -> None:
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/{kept}")

    refused = rith.post(f"/desk/notices/{kept}/send-now")

    assert refused.status_code == 422
    assert page.read_desk(refused).errors["release"].startswith("No mail server is set")
