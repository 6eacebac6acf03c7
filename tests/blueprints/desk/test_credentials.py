"""Names, passwords and session tokens as they are typed and kept, and fields that nobody asked for."""

import base64
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models import Staff
from hotline.services import sessions, staff
from hotline.transactions import writing
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite
from tests.structure.markup import HOTLINE

LONG = "ពាក្យសម្ងាត់ដែលវែង " * 4 + "and Latin letters too, up to the very last one: x"
ASKS = {
    "account/sign_in.html": {"current-password"},
    "desk/me/password.html": {"current-password", "new-password"},
    "desk/me/second_factor.html": {"current-password"},
}


def enter(desk: DeskSite, name: str, password: str) -> int:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    return browser.post("/desk/sign-in", name=name, password=password).status_code


@pytest.mark.parametrize(
    "almost", [LONG[:-1] + "y", LONG[:64], LONG + " ", " " + LONG, LONG.swapcase(), LONG.replace(" ", "")]
)
def test_a_long_password_is_taken_whole_and_to_the_letter(desk: DeskSite, almost: str) -> None:
    assert len(LONG) > 100
    assert desk.sign_in("rith").post("/desk/me/password", old=PASSWORD, password=LONG).status_code == 303

    assert enter(desk, "rith", almost) == 422
    assert enter(desk, "rith", LONG) == 303


def test_a_password_of_years_ago_still_opens(desk: DeskSite) -> None:
    with desk.context(), writing():
        desk.person("rith").created_at = clock.now() - timedelta(days=5 * 365)

    rith = desk.sign_in("rith")

    assert rith.get("/desk/items").status_code == 200


@pytest.mark.parametrize(("template", "kinds"), ASKS.items())
def test_passwords_are_hidden_and_may_be_pasted_or_filled_in(template: str, kinds: set[str]) -> None:
    source = (HOTLINE / "templates" / template).read_text("utf-8")

    fields = re.findall(r"<input[^>]*(?:password|\"old\")[^>]*>", source)

    assert {kind for field in fields for kind in re.findall(r'autocomplete="([\w-]+)"', field)} == kinds
    assert all('type="password"' in field and "maxlength" not in field for field in fields)
    scripts = "".join(path.read_text("utf-8") for path in HOTLINE.glob("static/*.js"))
    assert not re.search(r"\"(?:paste|beforeinput)\"|onpaste", scripts)


def test_what_stands_in_the_address_signs_nobody_in(desk: DeskSite) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    asked = {"name": "sophea", "password": PASSWORD}

    answer = browser.client.post("/desk/sign-in", query_string=asked, data={"csrf_token": browser.token})

    assert answer.status_code == 422
    assert browser.client.get("/desk/", query_string=asked).status_code == 303


def test_of_two_names_in_one_form_the_first_counts_for_all(desk: DeskSite) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")

    form = {"csrf_token": browser.token, "name": ["nobody", "sophea"], "password": [PASSWORD, PASSWORD]}

    assert browser.client.post("/desk/sign-in", data=form).status_code == 422


def test_session_tokens_are_long_and_never_come_twice(desk: DeskSite) -> None:
    with desk.context():
        tokens = {sessions.begin({}, staff_id=None) for _ in range(200)}

    assert len(tokens) == 200
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}


def test_many_browsers_may_be_signed_in_and_all_are_ended_at_once(desk: DeskSite) -> None:
    first, second = desk.sign_in("rith"), desk.sign_in("rith")
    assert "2" in first.page("/desk/me").text

    first.page("/desk/me")
    assert first.post("/desk/me/sign-out-everywhere").status_code == 303

    assert [one.get("/desk/").status_code for one in (first, second)] == [303, 303]


@pytest.mark.parametrize("changes", ["/desk/me/password", "/desk/admin/A-04/reset", "/desk/admin/A-04/close"])
def test_a_new_password_and_a_closed_account_end_every_session(desk: DeskSite, changes: str) -> None:
    other = desk.sign_in("rith")
    who: Browser = desk.sign_in("admin" if "admin" in changes else "rith")

    who.post(changes, old=PASSWORD, password="seven quiet lamps on a shelf")

    assert other.get("/desk/").status_code == 303


def test_fields_that_no_form_has_change_nothing(desk: DeskSite) -> None:
    admin, rith = desk.sign_in("admin"), desk.sign_in("rith")
    more = {"number": "A-99", "active": "", "must_change_password": "", "id": "1", "password": PASSWORD}

    admin.post("/desk/admin/new", name="Bopha", roles=["analyst"], language="en", **more)
    rith.post("/desk/me/language", language="km", roles=["admin"], role="admin", staff_id="1", name="Sophea Two")

    with desk.context():
        bopha = db.session.scalars(select(Staff).where(Staff.name == "Bopha")).one()
        assert (bopha.number, bopha.active, bopha.must_change_password) == ("A-09", True, True)
        assert staff.get("A-04").name == "rith"
        assert {str(role) for role in staff.get("A-04").roles} == {"analyst"}
    assert enter(desk, "Bopha", PASSWORD) == 422


def test_a_first_password_is_drawn_and_cannot_stay(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    admin.page("/desk/admin/new")

    shown = page.read_desk(admin.post("/desk/admin/new", name="Bopha", roles=["analyst"], language="en"))

    drawn = shown.by_id("new-password").text
    bopha = desk.browser()
    bopha.get("/desk/sign-in")
    assert bopha.post("/desk/sign-in", name="Bopha", password=drawn).status_code == 303
    bopha.page("/desk/me/password")
    assert bopha.post("/desk/me/password", old=drawn, password=drawn).status_code == 422
    assert bopha.get("/desk/items").location == "/desk/me/password"
