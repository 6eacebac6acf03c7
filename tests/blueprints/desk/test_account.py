"""Signing in and out, and what a browser carries meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.blueprints.account.browser import BY_ITSELF
from hotline.extensions import db
from hotline.models import AuditEntry, DeskSession, SignInCount
from hotline.services import audit, sessions, staff
from hotline.transactions import writing
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite


def test_signed_out_people_are_led_to_sign_in_and_back(desk: DeskSite) -> None:
    browser = desk.browser()

    answer = browser.get("/desk/items?whose=me")
    assert (answer.status_code, answer.location) == (303, "/desk/sign-in?next=/desk/items?whose%3Dme")
    browser.get(answer.location)
    after = browser.post("/desk/sign-in", name="sophea", password=PASSWORD, next="/desk/items?whose=me")

    assert (after.status_code, after.location) == (303, "/desk/items?whose=me")


def test_a_part_asked_for_without_a_session_sends_the_whole_page_to_sign_in(desk: DeskSite) -> None:
    answer = desk.browser().get("/desk/items", htmx=True)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/desk/sign-in?next=/desk/items"
    assert not answer.get_data()


@pytest.fixture
def signed_out(desk: DeskSite) -> Browser:
    """The browser of somebody whose session ended while a page was open."""
    sophea = desk.sign_in("sophea")
    with desk.context(), writing():
        staff.end_sessions(desk.person("sophea"))
    return sophea


def test_a_page_opened_after_the_session_says_why_and_leads_back(signed_out: Browser) -> None:
    answer = signed_out.get("/desk/items?whose=me")

    shown = signed_out.page(answer.location)
    assert "You were signed out." in shown.one("p", role="status").text
    assert shown.value("next") == "/desk/items?whose=me"
    after = signed_out.post("/desk/sign-in", name="sophea", password=PASSWORD, next=shown.value("next"))
    assert after.location == "/desk/items?whose=me"


def test_who_was_never_signed_in_is_not_told_so(desk: DeskSite) -> None:
    browser = desk.browser()

    shown = browser.page(browser.get("/desk/items").location)

    assert not shown.all("p", role="status")


@pytest.mark.parametrize(
    ("sent", "page_of_it"),
    [
        ("/desk/items/I-222222/assess", "/desk/items/I-222222"),
        ("/desk/items/I-222222/look-again", "/desk/items/I-222222"),
        ("/desk/items/next", "/desk/items"),
        ("/desk/reviews/I-222222", "/desk/reviews/I-222222"),
        ("/desk/notices/N-222222/approve", "/desk/notices/N-222222"),
        ("/desk/notices/new?item=I-222222", "/desk/notices/new?item=I-222222"),
        ("/desk/messages/R-222222/answer", "/desk/messages/R-222222"),
        ("/desk/directory/D-222222/off", "/desk/directory/D-222222"),
        ("/desk/directory/new", "/desk/directory/new"),
        ("/desk/me/password", "/desk/me/password"),
        ("/desk/admin/A-02/close", "/desk/admin"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_form_sent_after_the_session_leads_to_the_page_it_stands_on(
    signed_out: Browser, sent: str, page_of_it: str, htmx: bool
) -> None:
    answer = signed_out.post(sent, htmx=htmx, note="typed for an hour")

    assert answer.status_code == (401 if htmx else 303)
    to = answer.headers["HX-Redirect"] if htmx else answer.location
    shown = signed_out.page(to)
    assert "nothing was saved" in shown.one("p", role="status").text
    assert shown.value("next") == page_of_it
    after = signed_out.post("/desk/sign-in", name="sophea", password=PASSWORD, next=shown.value("next"))
    assert after.location == page_of_it


def test_signing_out_after_the_session_says_that_it_is_over(signed_out: Browser) -> None:
    answer = signed_out.post("/desk/sign-out")

    assert answer.location == "/desk/sign-in?why=over"


def test_where_a_form_came_from_is_never_asked_of_the_browser(desk: DeskSite) -> None:
    lies = {"Referer": "https://evil.example/", "HX-Current-URL": "https://evil.example/", "HX-Request": "true"}

    answer = desk.browser().client.post("/desk/items/I-222222/claim", headers=lies)

    assert answer.headers["HX-Redirect"] == "/desk/sign-in?next=/desk/items/I-222222&why=unsaved"


def test_who_signed_in_in_another_window_goes_on_at_once(desk: DeskSite) -> None:
    answer = desk.sign_in("sophea").get("/desk/sign-in?next=/desk/items/I-222222&why=over")

    assert (answer.status_code, answer.location) == (303, "/desk/items/I-222222")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/desk/\\evil.example", "/en/"])
def test_signing_in_leads_nowhere_else(desk: DeskSite, elsewhere: str) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")

    answer = browser.post("/desk/sign-in", name="sophea", password=PASSWORD, next=elsewhere)

    assert answer.location == "/desk/"


@pytest.mark.parametrize(("name", "password"), [("sophea", "not the password"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_look_the_same(desk: DeskSite, name: str, password: str) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")

    answer = browser.post("/desk/sign-in", name=name, password=password)

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.title.startswith("Error:")
    assert shown.errors == {"name": "Name and password do not fit together. Check both and try again."}
    assert shown.value("name") == name
    assert password not in answer.get_data(as_text=True) or not password


def test_a_closed_account_does_not_open(desk: DeskSite) -> None:
    with desk.context(), writing():
        staff.disable(desk.person("dara"), by=None)
    browser = desk.browser()
    browser.get("/desk/sign-in")

    assert browser.post("/desk/sign-in", name="dara", password=PASSWORD).status_code == 422


def test_closing_an_account_ends_its_sessions_at_once(desk: DeskSite) -> None:
    dara = desk.sign_in("dara")
    with desk.context(), writing():
        staff.disable(desk.person("dara"), by=None)

    assert dara.get("/desk/").status_code == 303


def test_many_wrong_tries_are_slowed_down_even_with_the_right_password(desk: DeskSite) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    for _ in range(staff.FREE_TRIES):
        browser.post("/desk/sign-in", name="sophea", password="wrong")

    answer = browser.post("/desk/sign-in", name="sophea", password=PASSWORD)

    assert answer.status_code == 429
    assert "Wait a few minutes" in page.read_desk(answer).text


def test_a_new_password_ends_the_wait_that_somebody_elses_guesses_made(desk: DeskSite) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    for _ in range(staff.FREE_TRIES):
        browser.post("/desk/sign-in", name="SOPHEA", password="wrong")
    with desk.context(), writing():
        staff.reset_password(desk.person("sophea"), "another long password here", by=None)

    assert browser.post("/desk/sign-in", name="sophea", password="another long password here").status_code == 303


def test_the_wait_ends(desk: DeskSite) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    for _ in range(staff.FREE_TRIES):
        browser.post("/desk/sign-in", name="sophea", password="wrong")
    with desk.context(), writing():
        count = db.session.scalars(select(SignInCount)).one()
        count.blocked_until = clock.now() - timedelta(seconds=1)

    assert browser.post("/desk/sign-in", name="sophea", password=PASSWORD).status_code == 303
    with desk.context():
        assert db.session.scalars(select(SignInCount)).all() == []


def test_a_network_that_fails_very_often_waits_and_no_other_and_nobody_who_is_right(desk: DeskSite) -> None:
    browser, elsewhere = desk.browser(), desk.browser()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "127.0.0.2"
    for one in (browser, elsewhere):
        one.get("/desk/sign-in")
    for number in range(59):
        assert browser.post("/desk/sign-in", name=f"made up {number}", password="wrong").status_code == 422
    assert desk.sign_in("dara").get("/desk/").status_code == 200  # the right one is not counted
    assert browser.post("/desk/sign-in", name="made up", password="wrong").status_code == 422

    answer = browser.post("/desk/sign-in", name="sophea", password=PASSWORD)

    shown = page.read_desk(answer)
    assert (answer.status_code, shown.value("name")) == (429, "sophea")
    assert "Wait ten minutes" in shown.errors["name"]
    assert 0 < int(answer.headers["Retry-After"]) <= 601  # ten minutes, rounded up to a whole second
    assert elsewhere.post("/desk/sign-in", name="sophea", password=PASSWORD).status_code == 303
    with desk.context():
        assert len(audit.of_action("staff unknown", "sign-in failed")) <= 2


def test_a_form_without_its_token_is_refused_in_words(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    sophea.token = "made up"

    answer = sophea.post("/desk/items/next")

    assert answer.status_code == 400
    assert page.read_desk(answer).heading == "Please load the page again"


def test_signing_in_renews_the_token_and_signing_out_forgets_it(desk: DeskSite) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    before = browser.client.get_cookie("desk")
    browser.post("/desk/sign-in", name="sophea", password=PASSWORD)
    after = browser.client.get_cookie("desk")
    assert before
    assert after
    assert before.value != after.value
    with desk.context():
        assert sessions.find(before.value) is None

    browser.get("/desk/")
    answer = browser.post("/desk/sign-out")

    assert answer.status_code == 303
    with desk.context():
        assert sessions.find(after.value) is None
    browser.client.set_cookie("desk", after.value)
    assert browser.get("/desk/").status_code == 303


def test_a_session_that_was_ended_is_not_brought_back_by_a_request_under_way(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    token = sophea.client.get_cookie("desk")
    assert token
    with desk.context():
        under_way = sessions.find(token.value)
        sessions.end(token.value)
        sessions.keep(token.value, under_way or {}, staff_id=1)

    assert sophea.get("/desk/").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: DeskSite) -> None:
    answer = desk.browser().client.get("/desk/sign-in")

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie


def test_the_database_holds_no_token_and_nothing_of_the_browser(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    cookie = sophea.client.get_cookie("desk")
    assert cookie

    with desk.context():
        row = db.session.scalars(select(DeskSession).where(DeskSession.staff_id.is_not(None))).one()
    assert cookie.value.encode() not in row.token_hash
    assert cookie.value not in row.data
    assert "_id" not in row.data.replace("_user_id", "")


@pytest.mark.parametrize(("column", "age"), [("seen_at", sessions.IDLE), ("created_at", sessions.LONGEST)])
def test_a_session_ends_when_left_alone_or_when_it_gets_too_old(desk: DeskSite, column: str, age: timedelta) -> None:
    sophea = desk.sign_in("sophea")
    with desk.context(), writing():
        for row in db.session.scalars(select(DeskSession)):
            setattr(row, column, clock.now() - age - timedelta(minutes=1))

    assert sophea.get("/desk/").status_code == 303
    with desk.context():
        sessions.forget_old()
        assert db.session.scalars(select(DeskSession).where(DeskSession.staff_id.is_not(None))).all() == []


def test_reading_pages_writes_the_session_at_most_every_five_minutes(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    with desk.context(), writing():
        row = db.session.scalars(select(DeskSession).where(DeskSession.staff_id.is_not(None))).one()
        row.seen_at = clock.now() - sessions.TOUCH_EVERY - timedelta(seconds=1)
        before = row.seen_at

    sophea.get("/desk/")
    with desk.context():
        touched = db.session.scalars(select(DeskSession.seen_at).where(DeskSession.staff_id.is_not(None))).one()
    sophea.get("/desk/")
    with desk.context():
        again = db.session.scalars(select(DeskSession.seen_at).where(DeskSession.staff_id.is_not(None))).one()

    assert before < touched == again


@pytest.mark.parametrize("path", ["/desk/items", "/desk/"])
def test_a_page_that_asks_by_itself_does_not_keep_its_session(desk: DeskSite, path: str) -> None:
    sophea = desk.sign_in("sophea")
    with desk.context(), writing():
        row = db.session.scalars(select(DeskSession).where(DeskSession.staff_id.is_not(None))).one()
        row.seen_at = before = clock.now() - sessions.TOUCH_EVERY - timedelta(seconds=1)

    answer = sophea.client.get(path, headers={"HX-Request": "true", BY_ITSELF: "yes"})

    assert answer.status_code == 200
    with desk.context():
        seen_at = db.session.scalars(select(DeskSession.seen_at).where(DeskSession.staff_id.is_not(None))).one()
    assert seen_at == before


def test_coming_and_going_stands_in_the_audit_trail(desk: DeskSite) -> None:
    desk.sign_in("sophea").post("/desk/sign-out")

    with desk.context():
        lines = db.session.execute(select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id.desc()).limit(2))
        assert lines.all() == [("A-01", "signed out"), ("A-01", "signed in")]
