"""A password that somebody else set opens one page: where the person takes one of their own."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Staff
from hotline.services import staff
from hotline.transactions import writing
from hotline.vocabulary import Language, Role
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite

GIVEN, OWN = "given by the admin today", "seven quiet lamps on a shelf"
DOOR = "/desk/me/password"


def must_change(desk: DeskSite, name: str) -> bool:
    with desk.context():
        return staff.get_by_name(name).must_change_password


def enter(desk: DeskSite, name: str, password: str) -> Browser:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    assert browser.post("/desk/sign-in", name=name, password=password).status_code == 303
    return browser


@pytest.fixture
def bopha(desk: DeskSite) -> Browser:
    """The browser of somebody who has signed in with a password she was given, on the only page that opens."""
    with desk.context(), writing():
        staff.add("bopha", GIVEN, [Role.ANALYST], language=Language.EN, by=desk.person("admin"))
    browser = enter(desk, "bopha", GIVEN)
    browser.page(DOOR)
    return browser


@pytest.mark.parametrize("path", ["/desk/", "/desk/items", "/desk/me", "/desk/admin", "/desk/items/I-222222"])
def test_every_page_leads_to_the_one_that_opens(bopha: Browser, path: str) -> None:
    answer, part = bopha.get(path), bopha.get(path, htmx=True)

    assert (answer.status_code, answer.location) == (303, DOOR)
    assert (part.status_code, part.headers["HX-Redirect"]) == (403, DOOR)


@pytest.mark.parametrize("path", ["/desk/items/next", "/desk/me/language", "/desk/me/sign-out-everywhere"])
def test_nothing_can_be_done_before(bopha: Browser, path: str) -> None:
    answer = bopha.post(path, language="km")

    assert (answer.status_code, answer.location) == (303, DOOR)


def test_the_page_says_why_and_shows_no_door(bopha: Browser) -> None:
    shown = bopha.page(DOOR)

    assert "Somebody else set your password." in shown.text
    assert not [link for link in shown.all("a") if link.within("nav")]


def test_a_password_of_ones_own_opens_the_desk(desk: DeskSite, bopha: Browser) -> None:
    answer = bopha.post(DOOR, old=GIVEN, password=OWN)

    assert answer.location == "/desk/sign-in?why=new_password"
    assert not must_change(desk, "bopha")
    assert enter(desk, "bopha", OWN).get("/desk/items").status_code == 200


@pytest.mark.parametrize(("old", "new", "field"), [(GIVEN, GIVEN, "password"), ("wrong", OWN, "old")])
def test_the_given_one_cannot_be_kept(desk: DeskSite, bopha: Browser, old: str, new: str, field: str) -> None:
    answer = bopha.post(DOOR, old=old, password=new)

    assert answer.status_code == 422
    assert set(page.read_desk(answer).errors) == {field}
    assert must_change(desk, "bopha")


def test_signing_out_is_always_open(bopha: Browser) -> None:
    assert bopha.post("/desk/sign-out").location == "/desk/sign-in"


def test_whatever_the_admin_sets_has_to_be_changed(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    admin.page("/desk/admin/new")
    admin.post("/desk/admin/new", name="Bopha", roles=["analyst"], language="en")
    admin.post("/desk/admin/A-02/reset")
    admin.post("/desk/admin/A-04/close")
    admin.post("/desk/admin/A-04/reopen")

    assert [must_change(desk, name) for name in ("bopha", "dara", "rith", "sophea")] == [True, True, True, False]


def test_who_changes_their_own_need_not_again(desk: DeskSite) -> None:
    desk.sign_in("rith").post(DOOR, old="a long enough password", password=OWN)

    assert not must_change(desk, "rith")


@pytest.mark.parametrize(("own", "must"), [((), True), (("--own",), False)])
def test_by_command_somebody_else_sets_it_unless_it_is_said(office: Flask, own: tuple[str, ...], must: bool) -> None:
    run = office.test_cli_runner().invoke

    added = run(args=["staff", "add", "Bopha", "--role", "analyst", *own], input=f"{GIVEN}\n" * 2)
    reset = run(args=["staff", "reset", "dara", *own], input=f"{GIVEN}\n" * 2)

    assert (added.exit_code, reset.exit_code) == (0, 0)
    db.session.expire_all()
    found = db.session.scalars(select(Staff).where(Staff.name.in_(["Bopha", "dara"])))
    assert [person.must_change_password for person in found] == [must, must]


def test_people_of_the_demo_keep_theirs(office: Flask) -> None:
    assert not any(person.must_change_password for person in staff.list_staff())


def test_the_present_password_is_not_guessed_from_a_session_that_was_left(bopha: Browser, desk: DeskSite) -> None:
    guesses = [bopha.post(DOOR, old=f"not this one {n}", password=OWN) for n in range(staff.FREE_TRIES)]

    waits = bopha.post(DOOR, old=GIVEN, password=OWN)

    assert [one.status_code for one in [*guesses, waits]] == [422] * (staff.FREE_TRIES + 1)
    assert "Too many wrong tries." in page.read(waits).text
    assert must_change(desk, "bopha")
