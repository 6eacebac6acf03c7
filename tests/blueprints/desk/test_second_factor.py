"""Signing in with a code after the password, and what a person and an admin do about second factors at the desk."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import second_factor, sessions, staff
from hotline.transactions import writing
from hotline.vocabulary import Language
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite
from tests.page import Page
from tests.services import factor_steps
from tests.services.factor_steps import code

DOOR, MINE = "/desk/sign-in/code", "/desk/me/second-factor"


@pytest.fixture
def phone(desk: DeskSite) -> str:
    """The secret in sophea's phone."""
    with desk.context():
        return factor_steps.turned_on(desk.person("sophea"), PASSWORD)[0]


def half_way(desk: DeskSite, name: str = "sophea", **fields: str) -> Browser:
    """Return the browser of somebody whose password has fitted, on the page that asks for the code."""
    browser = desk.browser()
    browser.get("/desk/sign-in")
    answer = browser.post("/desk/sign-in", name=name, password=PASSWORD, **fields)
    assert (answer.status_code, answer.location) == (303, DOOR)
    browser.page(DOOR)
    return browser


def signed_in(desk: DeskSite, secret: str, later: int = 0) -> Browser:
    browser = half_way(desk)
    assert browser.post(DOOR, code=code(secret, later)).status_code == 303
    return browser


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("desk")
    return found.value if found else ""


def is_on(desk: DeskSite, name: str = "sophea") -> bool:
    with desk.context():
        return staff.has_factor(desk.person(name))


@pytest.fixture
def everybody(desk: DeskSite) -> str:
    """Everybody needs a second factor; the secret in the admin's phone."""
    with desk.context():
        secret, _ = factor_steps.turned_on(desk.person("admin"), PASSWORD)
        with writing():
            second_factor.require(True, by=desk.person("admin"))
    return secret


def test_after_the_password_a_code_lets_in_and_leads_on(desk: DeskSite, phone: str) -> None:
    browser = half_way(desk, next="/desk/items?whose=me")

    answer = browser.post(DOOR, code=code(phone))

    assert (answer.status_code, answer.location) == (303, "/desk/items?whose=me")
    assert browser.page("/desk/").heading == "Today"


def test_who_has_none_is_let_in_by_the_password(desk: DeskSite, phone: str) -> None:
    assert desk.sign_in("dara").get("/desk/").status_code == 200


@pytest.mark.parametrize("path", ["/desk/", "/desk/items", "/desk/me", MINE, "/desk/admin", "/desk/nothing-here"])
def test_half_a_sign_in_opens_nothing(desk: DeskSite, phone: str, path: str) -> None:
    browser = half_way(desk)

    whole, part = browser.get(path), browser.get(path, htmx=True)

    if path == "/desk/nothing-here":
        assert (whole.status_code, "Sign out" in whole.text) == (404, False)
        return
    assert (whole.status_code, part.status_code) == (303, 401)
    assert whole.location.startswith("/desk/sign-in?next=")


@pytest.mark.parametrize(
    "path", ["/desk/items/next", f"{MINE}/offer", f"{MINE}/change", "/desk/me/password", "/desk/sign-out"]
)
def test_half_a_sign_in_does_nothing(desk: DeskSite, phone: str, path: str) -> None:
    browser = half_way(desk)

    answer = browser.post(path, old=PASSWORD, password="seven other lamps on a shelf", deed="off", code=code(phone))

    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/desk/sign-in")
    assert is_on(desk)


def test_the_page_of_the_code_needs_a_password_before_it(desk: DeskSite, phone: str) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")

    shown, sent = browser.get(DOOR), browser.post(DOOR, code=code(phone))

    assert [one.location for one in (shown, sent)] == ["/desk/sign-in?why=half_over"] * 2
    assert "Sign in again" in browser.page(shown.location).text


def test_half_a_sign_in_belongs_to_its_browser(desk: DeskSite, phone: str) -> None:
    """Who has the code and another's half sign-in lets only themselves in: each half knows its person."""
    half_way(desk)
    with desk.context():
        rith, _ = factor_steps.turned_on(desk.person("rith"), PASSWORD)
    of_rith = half_way(desk, "rith")

    assert of_rith.post(DOOR, code=code(phone), name="sophea", staff="1").status_code == 422
    assert of_rith.post(DOOR, code=code(rith)).status_code == 303
    assert "rith" in of_rith.page("/desk/me").text


def test_tokens_change_at_each_step_and_the_old_ones_are_dead(desk: DeskSite, phone: str) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    seen = [cookie(browser.client)]
    browser.post("/desk/sign-in", name="sophea", password=PASSWORD)
    seen.append(cookie(browser.client))
    browser.page(DOOR)
    browser.post(DOOR, code=code(phone))
    seen.append(cookie(browser.client))

    assert len(set(seen)) == 3
    with desk.context():
        assert [sessions.find(token) is None for token in seen] == [True, True, False]


def test_a_token_that_somebody_planted_is_not_signed_in(desk: DeskSite, phone: str) -> None:
    thief = half_way(desk)
    planted = cookie(thief.client)
    victim = desk.browser()
    victim.client.set_cookie("desk", planted)
    victim.page(DOOR)

    victim.post(DOOR, code=code(phone))

    assert victim.get("/desk/").status_code == 200
    assert thief.get("/desk/").status_code == 303
    assert thief.get(DOOR).location == "/desk/sign-in?why=half_over"


def test_a_code_that_was_used_is_refused_in_another_browser(desk: DeskSite, phone: str) -> None:
    other = half_way(desk)
    used = code(phone)
    half = half_way(desk)
    assert half.post(DOOR, code=used).status_code == 303

    answer = other.post(DOOR, code=used)

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.title.startswith("Error:")
    assert set(shown.errors) == {"code"}
    assert "Wait for the next one" in shown.errors["code"]
    assert shown.value("code") == ""


def test_the_fields_say_what_they_are_for(desk: DeskSite, phone: str) -> None:
    shown = half_way(desk).page(DOOR)

    field = shown.by_id("code")
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")
    assert shown.by_id("recovery")["autocomplete"] == "off"
    assert "let it set date and time by itself" in shown.text
    assert "No recovery code either?" in shown.text


def test_wrong_codes_are_slowed_down_with_the_password(desk: DeskSite, phone: str) -> None:
    browser = half_way(desk)
    for _ in range(staff.FREE_TRIES):
        assert browser.post(DOOR, recovery="a guess").status_code == 422

    answer = browser.post(DOOR, code=code(phone))
    anew = desk.browser()
    anew.get("/desk/sign-in")

    assert answer.status_code == 429
    assert "Wait a few minutes" in page.read_desk(answer).errors["code"]
    assert anew.post("/desk/sign-in", name="sophea", password=PASSWORD).status_code == 429


def test_who_comes_in_is_told_of_wrong_codes_and_of_the_last_recovery_codes(desk: DeskSite) -> None:
    with desk.context():
        _, codes = factor_steps.turned_on(desk.person("sophea"), PASSWORD)
    for at, one in enumerate(codes[:8]):
        browser = half_way(desk)
        for _ in range(3 if at == 7 else 0):
            browser.post(DOOR, recovery="a guess")
        assert browser.post(DOOR, recovery=one).status_code == 303

    told = " ".join(note.text for note in browser.page("/desk/").all("p", role="status"))

    assert "3 wrong codes were entered" in told
    assert "2 recovery codes are left" in told


def test_what_was_sent_too_late_is_carried_over_both_steps(desk: DeskSite, phone: str) -> None:
    ref = desk.report("https://img-board.example/t/1")[0]
    browser = signed_in(desk, phone)
    browser.page(f"/desk/items/{ref}")
    browser.post(f"/desk/items/{ref}/claim")
    drawn_for = browser.page(f"/desk/items/{ref}").value("drawn_for")
    with desk.context(), writing():
        staff.end_sessions(desk.person("sophea"))

    lost = browser.post(f"/desk/items/{ref}/assess", drawn_for=drawn_for, note="typed for an hour")
    shown = browser.page(lost.location)
    browser.post("/desk/sign-in", name="sophea", password=PASSWORD, next=shown.value("next"))
    browser.page(DOOR)
    after = browser.post(DOOR, code=code(phone, 1))

    assert after.location == f"/desk/items/{ref}"
    assert "typed for an hour" in browser.page(after.location).html


def secret_of(shown: Page) -> str:
    return shown.by_id("secret").text.replace(" ", "")


def test_turning_it_on_takes_password_and_code_and_ends_other_sessions(desk: DeskSite) -> None:
    other, browser = desk.sign_in("sophea"), desk.sign_in("sophea")
    before = cookie(browser.client)
    browser.page(MINE)
    assert page.read_desk(browser.post(f"{MINE}/offer", password="wrong")).errors.keys() == {"password"}
    assert browser.post(f"{MINE}/offer", password=PASSWORD).location == MINE
    shown = browser.page(MINE)
    secret = secret_of(shown)
    wrong = page.read_desk(browser.post(f"{MINE}/confirm", code="000000"))
    assert set(wrong.errors) == {"code"}
    assert secret_of(wrong) == secret
    assert not is_on(desk)

    codes = page.read_desk(browser.post(f"{MINE}/confirm", code=code(secret)))

    assert len(codes.all("li")) >= 10
    assert len(set(re.findall(r"(?:\w{4}-){2}\w{4}", codes.by_id("codes").text))) == 10
    assert is_on(desk)
    assert cookie(browser.client) != before
    assert browser.get("/desk/").status_code == 200
    assert other.get("/desk/").status_code == 303
    assert browser.page(MINE).all("output") == []


def test_the_picture_is_drawn_in_the_page_and_loads_nothing(desk: DeskSite) -> None:
    browser = desk.sign_in("sophea")
    browser.page(MINE)
    browser.post(f"{MINE}/offer", password=PASSWORD)

    answer = browser.get(MINE)

    shown = page.read_desk(answer)
    picture = shown.one("svg", role="img")
    assert picture["aria-label"]
    assert not shown.all("img")
    assert "otpauth" not in shown.html
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_another_persons_page_shows_no_secret(desk: DeskSite) -> None:
    with desk.context():
        secret = factor_steps.offered(desk.person("sophea"), PASSWORD)

    seen = [desk.sign_in(name).page(path).html for name, path in (("dara", MINE), ("admin", "/desk/admin"))]

    assert not [one for one in seen if secret[:4] in one]


def change(browser: Browser, deed: str, **fields: str) -> TestResponse:
    browser.page(MINE)
    return browser.post(f"{MINE}/change", deed=deed, **{"password": PASSWORD, **fields})


def test_new_recovery_codes_another_phone_and_off_take_a_code(desk: DeskSite, phone: str) -> None:
    with desk.context():
        codes = second_factor.renew_codes(desk.person("sophea"), PASSWORD, factor_steps.Proof(code(phone)))
    browser = half_way(desk)
    browser.post(DOOR, recovery=codes[0])

    assert page.read_desk(change(browser, "")).errors.keys() == {"deed"}
    assert page.read_desk(change(browser, "off", password="")).errors.keys() == {"password", "code"}
    fresh = page.read_desk(change(browser, "codes", recovery=codes[1]))
    assert page.read_desk(change(browser, "off", recovery=codes[2])).errors.keys() == {"recovery"}
    new = re.findall(r"(?:\w{4}-){2}\w{4}", fresh.by_id("codes").text)
    assert change(browser, "phone", recovery=new[0]).location == MINE
    assert secret_of(browser.page(MINE)) != phone
    assert browser.post(f"{MINE}/drop").location == MINE
    off = change(browser, "off", recovery=new[1])

    assert (off.status_code, off.location) == (303, "/desk/me")
    assert "From now on your password is enough" in browser.page("/desk/me").text
    assert not is_on(desk)


@pytest.mark.parametrize("path", ["/desk/", "/desk/items", "/desk/me", "/desk/me/password", "/desk/items/I-222222"])
def test_where_everybody_needs_one_every_page_leads_to_it(desk: DeskSite, everybody: str, path: str) -> None:
    browser = desk.sign_in("rith")

    whole, part = browser.get(path), browser.get(path, htmx=True)

    assert (whole.status_code, whole.location) == (303, MINE)
    assert (part.status_code, part.headers["HX-Redirect"]) == (403, MINE)


@pytest.mark.parametrize("path", ["/desk/items/next", "/desk/me/language", f"{MINE}/change", "/desk/me/calendar"])
def test_where_everybody_needs_one_nothing_is_done_before(desk: DeskSite, everybody: str, path: str) -> None:
    browser = desk.sign_in("rith")
    browser.page(MINE)

    answer = browser.post(path, language="km", deed="off", password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, MINE)


def test_who_needs_one_turns_it_on_and_goes_on(desk: DeskSite, everybody: str) -> None:
    browser = desk.sign_in("rith")
    shown = browser.page(MINE)
    assert "Everybody here needs a second factor." in shown.text
    assert not [link for link in shown.all("a") if link.within("nav")]
    assert not [link for link in page.read_desk(browser.get("/desk/nothing-here")).all("a") if link.within("nav")]
    browser.post(f"{MINE}/offer", password=PASSWORD)
    secret = secret_of(browser.page(MINE))

    browser.post(f"{MINE}/confirm", code=code(secret))

    assert browser.get("/desk/items").status_code == 200
    kept = browser.page(MINE)
    assert [box["value"] for box in kept.all("input", name="deed")] == ["codes", "phone"]
    assert page.read_desk(change(browser, "off", code=code(secret, 1))).errors.keys() == {"deed"}
    assert is_on(desk, "rith")


def test_a_session_that_was_open_before_is_led_there_too(desk: DeskSite) -> None:
    rith = desk.sign_in("rith")
    with desk.context():
        factor_steps.turned_on(desk.person("admin"), PASSWORD)
        with writing():
            second_factor.require(True, by=desk.person("admin"))

    assert rith.get("/desk/items").location == MINE


def test_a_password_somebody_else_set_comes_first(desk: DeskSite, everybody: str) -> None:
    with desk.context(), writing():
        staff.add("bopha", PASSWORD, [factor_steps.Role.ANALYST], language=Language.EN, by=None)
    browser = desk.browser()
    browser.get("/desk/sign-in")
    browser.post("/desk/sign-in", name="bopha", password=PASSWORD)

    assert browser.get(MINE).location == "/desk/me/password"
    assert browser.get("/desk/me/password").status_code == 200


def test_an_admin_asks_it_of_everybody_only_with_one_of_their_own(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    admin.page("/desk/admin")

    answer = admin.post("/desk/admin/factor", required="yes")

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert set(shown.errors) == {"factor"}
    with desk.context():
        assert not second_factor.is_required()


def test_an_admin_takes_a_lost_factor_away_and_the_person_is_told(desk: DeskSite, everybody: str, phone: str) -> None:
    open_before = signed_in(desk, phone)
    half = half_way(desk)
    admin = half_way(desk, "admin")
    admin.post(DOOR, code=code(everybody))
    shown = admin.page("/desk/admin")
    assert "/desk/admin/A-01/factor" in shown.html
    assert "/desk/admin/A-07/factor" not in shown.html
    assert "Everybody needs one since" in shown.text

    assert admin.post("/desk/admin/A-01/factor").location == "/desk/admin"

    assert "signs in with the password alone" in admin.page("/desk/admin").text
    assert open_before.get("/desk/").status_code == 303
    assert half.get(DOOR).location == "/desk/sign-in?why=half_over"
    sophea = desk.sign_in("sophea")
    assert sophea.get("/desk/").location == MINE
    assert "An admin took your second factor away" in sophea.page(MINE).text
    with desk.context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "took away a second factor")).one()
        assert (entry.actor, entry.record) == ("A-07", "staff A-01")


def test_an_admin_does_not_take_away_their_own(desk: DeskSite, everybody: str) -> None:
    admin = half_way(desk, "admin")
    admin.post(DOOR, code=code(everybody))
    admin.page("/desk/admin")

    answer = admin.post("/desk/admin/A-07/factor")

    assert answer.status_code == 422
    assert set(page.read_desk(answer).errors) == {"account-A-07"}
    assert is_on(desk, "admin")


def test_a_new_password_from_the_admin_does_not_pass_the_code(desk: DeskSite, phone: str) -> None:
    admin = desk.sign_in("admin")
    admin.page("/desk/admin")
    drawn = page.read_desk(admin.post("/desk/admin/A-01/reset")).by_id("new-password").text
    browser = desk.browser()
    browser.get("/desk/sign-in")

    answer = browser.post("/desk/sign-in", name="sophea", password=drawn)

    assert answer.location == DOOR
    assert browser.get("/desk/me/password").location.startswith("/desk/sign-in")
