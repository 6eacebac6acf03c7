"""What a person sets for themselves."""

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite

NEW = "another good sentence"


@pytest.fixture
def rith(desk: DeskSite) -> Browser:
    """Somebody's browser on their own page."""
    browser = desk.sign_in("rith")
    browser.page("/desk/me")
    return browser


def lets_in(desk: DeskSite, name: str, password: str) -> bool:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    return browser.post("/desk/sign-in", name=name, password=password).status_code == 303


def last_audit(desk: DeskSite) -> tuple[str, str, str]:
    with desk.context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return last.actor, last.action, last.record


def test_the_page_says_who_i_am(rith: Browser) -> None:
    shown = rith.page("/desk/me")

    assert [fact.text for fact in shown.all("dd")] == ["A-04", "Analyst"]
    assert "In this browser only." in shown.text


def test_another_language_holds_from_the_next_page_on(rith: Browser) -> None:
    answer = rith.post("/desk/me/language", language="km")

    assert (answer.status_code, answer.location) == (303, "/desk/me")
    assert rith.page("/desk/").lang == "km"
    assert rith.page("/desk/me").value("language") == "km"


def test_a_language_nobody_speaks_here_is_refused(rith: Browser) -> None:
    answer = rith.post("/desk/me/language", language="fr")

    assert answer.status_code == 422
    assert page.read_desk(answer).errors == {"language": "Choose one of the languages shown here."}


def test_a_new_password_signs_out_everywhere(desk: DeskSite, rith: Browser) -> None:
    elsewhere = desk.sign_in("rith")

    answer = rith.post("/desk/me/password", old=PASSWORD, password=NEW)

    assert (answer.status_code, answer.location) == (303, "/desk/sign-in?why=new_password")
    assert "Your new password holds from now on." in rith.page(answer.location).text
    assert [browser.get("/desk/").status_code for browser in (rith, elsewhere)] == [303, 303]
    assert last_audit(desk) == ("A-04", "reset password", "staff A-04")
    assert not lets_in(desk, "rith", PASSWORD)
    assert lets_in(desk, "rith", NEW)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("not it", NEW, {"old": "This is not your present password."}),
        (PASSWORD, "too short", {"password": "Take at least 12 characters. A sentence only you would say is good."}),
        (PASSWORD, "rith likes mangoes", {"password": "Leave your name out of it: it is tried first."}),
        (PASSWORD, PASSWORD, {"password": "Take another one than before."}),
    ],
)
def test_a_refused_password_changes_nothing_and_is_not_sent_back(
    desk: DeskSite, rith: Browser, old: str, new: str, said: dict[str, str]
) -> None:
    answer = rith.post("/desk/me/password", old=old, password=new)

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.title.startswith("Error:")
    assert shown.errors == said
    assert (shown.value("old"), shown.value("password")) == ("", "")
    assert new not in shown.html
    assert lets_in(desk, "rith", PASSWORD)


def test_signing_out_everywhere_ends_every_session_of_mine_only(desk: DeskSite, rith: Browser) -> None:
    elsewhere, dara = desk.sign_in("rith"), desk.sign_in("dara")
    assert "In 2 browsers, this one among them." in rith.page("/desk/me").text

    answer = rith.post("/desk/me/sign-out-everywhere")

    assert (answer.status_code, answer.location) == (303, "/desk/sign-in")
    assert [one.get("/desk/").status_code for one in (rith, elsewhere, dara)] == [303, 303, 200]
    assert last_audit(desk) == ("A-04", "signed out everywhere", "staff A-04")


def test_with_htmx_the_whole_page_moves_on(rith: Browser) -> None:
    answer = rith.post("/desk/me/sign-out-everywhere", htmx=True)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/desk/sign-in")


@pytest.mark.parametrize("deed", ["language", "password", "sign-out-everywhere"])
def test_strangers_stay_outside(desk: DeskSite, deed: str) -> None:
    stranger = desk.browser()

    assert stranger.post(f"/desk/me/{deed}").status_code == 303
    assert stranger.get("/desk/me").status_code == 303
    assert stranger.get("/desk/me", htmx=True).status_code == 401
