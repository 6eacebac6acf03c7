"""Letters that are kept because no mail server is set."""

from pathlib import Path

import pytest
from sqlalchemy import select

from hotline import create_app
from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import notices
from hotline.vocabulary import Surface
from tests.blueprints.desk.desk_site import environ
from tests.blueprints.desk.letter_site import DEFANGED, LIVE, LetterSite
from tests.page import Page


@pytest.fixture
def desk(desk_dir: Path) -> LetterSite:
    return LetterSite(create_app(Surface.DESK, environ(desk_dir)))


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
    assert shown.one("pre").text == DEFANGED
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
