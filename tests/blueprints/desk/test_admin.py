"""Accounts: who works at the desk."""

import re

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry, Staff
from hotline.models.practice import StandingDuty
from hotline.services import assessments, audit, claims, duties, staff
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, Language, Role
from tests import page
from tests.blueprints.desk.desk_site import ILLEGAL, PASSWORD, Browser, DeskSite

ADMINS, DARAS, RITHS = "A-07", "A-02", "A-04"


@pytest.fixture
def admin(desk: DeskSite) -> Browser:
    """The browser of the admin, on the accounts."""
    browser = desk.sign_in("admin")
    browser.page("/desk/admin")
    return browser


def account(desk: DeskSite, number: str) -> Staff:
    with desk.context():
        return staff.get(number)


def last_audit(desk: DeskSite) -> tuple[str, str, str]:
    with desk.context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return last.actor, last.action, last.record


def lets_in(desk: DeskSite, name: str, password: str) -> bool:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    return browser.post("/desk/sign-in", name=name, password=password).status_code == 303


def test_everybody_is_listed_and_nothing_of_any_case(desk: DeskSite, admin: Browser) -> None:
    desk.report("https://img-board.example/t/1", details="reporter words")

    shown = admin.page("/desk/admin")

    rows = [row.text for row in shown.all("tr")][1:]
    assert len(rows) == 8
    assert rows[1].startswith("A-02 dara Analyst, Reviewer English Open Not yet Not yet Roles dara New password dara ")
    assert "img-board" not in shown.html
    assert "reporter words" not in shown.html


def test_a_person_is_added_and_the_password_is_shown_once(desk: DeskSite, admin: Browser) -> None:
    admin.page("/desk/admin/new")

    answer = admin.post("/desk/admin/new", name=" Bopha  Sok ", roles=["analyst", "reviewer"], language="km")

    shown = page.read_desk(answer)
    password = shown.by_id("new-password").text
    assert answer.status_code == 200
    assert re.fullmatch("(?:[2-9b-z]{4}-){3}[2-9b-z]{4}", password)
    assert lets_in(desk, "bopha sok", password)
    added = account(desk, "A-09")
    assert (added.name, added.roles, added.language) == ("Bopha Sok", {Role.ANALYST, Role.REVIEWER}, Language.KM)
    assert password not in admin.get("/desk/admin").get_data(as_text=True)
    with desk.context():
        lines = db.session.execute(
            select(AuditEntry.action, AuditEntry.details).where(AuditEntry.record == "staff A-09")
        )
        assert not [line for line in lines if password in str(line)]


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"name": "x"}, "name", "Write a name of 2 to 60 characters."),
        ({"name": "Dara"}, "name", "There is an account of this name already"),
        ({"roles": []}, "roles", "Choose at least one role."),
        ({"roles": ["king"]}, "roles", "Choose among the roles shown here."),
        ({"roles": ["reviewer", "victim_support"]}, "roles", "Who sees reported addresses must not see victims’ files"),
        ({"roles": ["admin", "analyst"]}, "roles", "An admin sees no case"),
        ({"roles": ["admin", "victim_support"]}, "roles", "An admin sees no case"),
        ({"language": ""}, "language", "Choose a language."),
    ],
)
def test_what_cannot_be_is_put_in_words(
    desk: DeskSite, admin: Browser, sent: dict[str, object], field: str, said: str
) -> None:
    admin.page("/desk/admin/new")

    answer = admin.post("/desk/admin/new", **{"name": "Bopha", "roles": ["analyst"], "language": "en"} | sent)

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.title.startswith("Error:")
    assert shown.errors[field].startswith(said)
    assert shown.value("name") == sent.get("name", "Bopha")
    ticked = [box["value"] for box in shown.all("input", name="roles") if "checked" in box.attrs]
    assert ticked == [str(role) for role in Role if role in sent.get("roles", ["analyst"])]
    with desk.context():
        assert len(staff.list_staff()) == 8


def test_a_new_password_ends_the_old_one_and_every_session(desk: DeskSite, admin: Browser) -> None:
    dara = desk.sign_in("dara")

    answer = admin.post(f"/desk/admin/{DARAS}/reset")

    password = page.read_desk(answer).by_id("new-password").text
    assert dara.get("/desk/").status_code == 303
    assert not lets_in(desk, "dara", PASSWORD)
    assert lets_in(desk, "dara", password)


def test_closing_ends_sessions_and_frees_what_was_in_hand(desk: DeskSite, admin: Browser) -> None:
    first, second = desk.report("https://a.example/1", "https://b.example/1")
    desk.look(second, ILLEGAL, by="sophea")
    with desk.context(), writing():
        claims.claim(desk.item(first), by=desk.person("dara"))
        assessments.take_review(desk.item(second), by=desk.person("dara"))
    dara = desk.sign_in("dara")

    answer = admin.post(f"/desk/admin/{DARAS}/close")

    assert "The account of dara is closed." in admin.page(answer.location).text
    assert dara.get("/desk/").status_code == 303
    assert not account(desk, DARAS).active
    assert last_audit(desk) == (ADMINS, "disabled", f"staff {DARAS}")
    with desk.context():
        assert (desk.item(first).status, desk.item(first).assessor_id) == (ItemStatus.NEW, None)
        assert (desk.item(second).status, desk.item(second).reviewer_id) == (ItemStatus.IN_REVIEW, None)
    assert admin.post(f"/desk/admin/{DARAS}/close").status_code == 409


@pytest.mark.parametrize(
    ("deed", "label", "yes"),
    [
        ("reset", "New password dara", "Yes, a new password"),
        ("close", "Close dara", "Yes, close the account"),
    ],
)
def test_what_cannot_be_taken_back_is_asked_about_first(admin: Browser, deed: str, label: str, yes: str) -> None:
    shown = admin.page("/desk/admin")

    form = shown.one("form", action=f"/desk/admin/{DARAS}/{deed}")
    asked = form.within("details")
    assert asked is not None
    assert "open" not in asked.attrs
    assert [part.text for part in shown.all("summary") if part.parent is asked] == [label]
    assert [button.text for button in shown.all("button") if button.within("form") is form] == [yes]


def test_nobody_closes_their_own_account(desk: DeskSite, admin: Browser) -> None:
    answer = admin.post(f"/desk/admin/{ADMINS}/close")

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.errors == {f"account-{ADMINS}": "You cannot close your own account. Ask another admin."}
    assert account(desk, ADMINS).active


def test_the_last_admin_stays(desk: DeskSite, admin: Browser) -> None:
    admin.page("/desk/admin/new")
    admin.post("/desk/admin/new", name="second", roles=["admin"], language="en")

    closed = admin.post("/desk/admin/A-09/close")
    with desk.context(), writing(), pytest.raises(staff.Refused, match="last_admin"):
        staff.disable(desk.person("admin"), by=None)

    assert closed.status_code == 303
    assert account(desk, ADMINS).active


def test_other_roles_end_sessions_and_free_what_they_do_not_open(desk: DeskSite, admin: Browser) -> None:
    first = desk.report("https://a.example/1")[0]
    with desk.context(), writing():
        claims.claim(desk.item(first), by=desk.person("dara"))
    dara = desk.sign_in("dara")
    shown = admin.page(f"/desk/admin/{DARAS}/roles")
    ticked = [box["value"] for box in shown.all("input", name="roles") if "checked" in box.attrs]

    answer = admin.post(f"/desk/admin/{DARAS}/roles", roles=["liaison"])

    assert ticked == ["analyst", "reviewer"]
    assert "The roles of dara are changed." in admin.page(answer.location).text
    assert account(desk, DARAS).roles == {Role.LIAISON}
    assert last_audit(desk) == (ADMINS, "put back", f"item {first}")
    with desk.context():
        said = audit.details_of(f"staff {DARAS}", "changed roles")
        assert said == [{"before": "analyst,reviewer", "roles": "liaison"}]
        assert (desk.item(first).status, desk.item(first).assessor_id) == (ItemStatus.NEW, None)
    assert dara.get("/desk/").status_code == 303
    again = desk.sign_in("dara")
    assert (again.get("/desk/items").status_code, again.get("/desk/exchange").status_code) == (403, 200)


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ([], "Choose at least one role."),
        (["king"], "Choose among the roles shown here."),
        (["analyst", "victim_support"], "Who sees reported addresses must not see victims’ files"),
        (["admin", "reviewer"], "An admin sees no case"),
        (["counsellor", "manager"], "A counsellor is somebody people can talk to"),
        (["analyst", "reviewer"], "These are the roles the account has."),
    ],
)
def test_roles_that_cannot_be_leave_everything_as_it_was(
    desk: DeskSite, admin: Browser, roles: list[str], said: str
) -> None:
    dara = desk.sign_in("dara")
    admin.page(f"/desk/admin/{DARAS}/roles")

    answer = admin.post(f"/desk/admin/{DARAS}/roles", roles=roles)

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.errors["roles"].startswith(said)
    ticked = [box["value"] for box in shown.all("input", name="roles") if "checked" in box.attrs]
    assert sorted(ticked) == sorted(set(roles) - {"king"})
    assert account(desk, DARAS).roles == {Role.ANALYST, Role.REVIEWER}
    assert dara.get("/desk/").status_code == 200


def test_the_last_admin_stays_an_admin_until_there_is_another(desk: DeskSite, admin: Browser) -> None:
    path = f"/desk/admin/{ADMINS}/roles"
    admin.page(path)
    refused = admin.post(path, roles=["auditor"])
    assert page.read_desk(refused).errors["roles"].startswith("This is the last open account of an admin.")

    admin.post("/desk/admin/new", name="second", roles=["admin"], language="en")
    admin.page(path)
    answer = admin.post(path, roles=["auditor"])

    assert answer.status_code == 303
    assert account(desk, ADMINS).roles == {Role.AUDITOR}
    assert admin.get("/desk/admin").status_code == 303  # signed out


def test_duties_that_other_roles_do_not_keep_have_no_owner_and_are_counted(desk: DeskSite, admin: Browser) -> None:
    with desk.context():
        duties.sweep()
        with writing():
            lina = desk.person("lina")
            given = next(iter(db.session.scalars(select(StandingDuty).order_by(StandingDuty.id))))
            duties.give(given, lina, by=lina)
            number, key = lina.number, given.key
    admin.page(f"/desk/admin/{number}/roles")

    answer = admin.post(f"/desk/admin/{number}/roles", roles=["auditor"])

    assert "1 duty of the code of practice has no owner now." in admin.page(answer.location).text
    with desk.context():
        assert db.session.scalar(select(StandingDuty.owner_id).where(StandingDuty.key == key)) is None


def test_roles_of_a_closed_account_stay(desk: DeskSite, admin: Browser) -> None:
    admin.post(f"/desk/admin/{RITHS}/close")
    admin.page("/desk/admin")

    assert admin.post(f"/desk/admin/{RITHS}/roles", roles=["auditor"]).status_code == 409


def test_an_account_opens_again_with_a_new_password(desk: DeskSite, admin: Browser) -> None:
    admin.post(f"/desk/admin/{RITHS}/close")
    admin.page("/desk/admin")

    answer = admin.post(f"/desk/admin/{RITHS}/reopen")

    password = page.read_desk(answer).by_id("new-password").text
    assert not lets_in(desk, "rith", PASSWORD)
    assert lets_in(desk, "rith", password)
    assert admin.post(f"/desk/admin/{RITHS}/reopen").status_code == 409


def test_accounts_have_their_doors(desk: DeskSite, admin: Browser) -> None:
    sophea, stranger = desk.sign_in("sophea"), desk.browser()

    for path in ("", "/new", f"/{DARAS}/roles"):
        assert sophea.get(f"/desk/admin{path}").status_code == 403
        assert stranger.get(f"/desk/admin{path}").status_code == 303
        assert stranger.get(f"/desk/admin{path}", htmx=True).status_code == 401
    for path in ("/new", *(f"/{DARAS}/{deed}" for deed in ("reset", "close", "reopen", "roles"))):
        assert sophea.post(f"/desk/admin{path}").status_code == 403
        assert stranger.post(f"/desk/admin{path}").status_code == 303
    for deed in ("reset", "close", "reopen", "roles"):
        assert admin.post(f"/desk/admin/A-99/{deed}").status_code == 404
