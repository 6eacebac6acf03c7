"""The security protocol at the desk: documents and readings, the room, access, trainings, tests of restoring."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline import clock, create_app, jurisdiction
from hotline.extensions import db
from hotline.models import AuditEntry, ProtocolDocument, Reading, RoomEntry, Training
from hotline.services import demo_security, staff
from hotline.vocabulary import Surface
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite, environ

AT = "/desk/practice/security"
DOCUMENT = {
    "number": "1.0",
    "title_en": "Handling of data",
    "title_km": "ការប្រើប្រាស់ទិន្នន័យ",
    "body_en": "# Rules\n\nLock the screen.",
    "body_km": "# វិធាន\n\nចាក់សោអេក្រង់។",
    "changes_en": "First version",
    "changes_km": "កំណែដំបូង",
    "roles": ["analyst", "admin"],
}


@pytest.fixture
def desk(desk_dir: Path) -> DeskSite:
    return DeskSite(create_app(Surface.DESK, environ(desk_dir)))


def today(desk: DeskSite) -> str:
    with desk.context():
        return jurisdiction.today().isoformat()


def drafted(desk: DeskSite, admin: Browser) -> str:
    """Draft a document as the admin; return where it stands."""
    admin.page(f"{AT}/documents/new")
    answer = admin.post(f"{AT}/documents/new", **DOCUMENT, in_force_on=today(desk))
    assert answer.status_code == 303, page.read_desk(answer).errors
    return answer.headers["Location"]


def test_a_document_is_drafted_approved_and_read(desk: DeskSite) -> None:
    admin, vanna = desk.sign_in("admin"), desk.sign_in("vanna")
    where = drafted(desk, admin)
    assert "Another person than who wrote it approves it." in admin.page(where).text
    vanna.page(where)
    assert vanna.post(f"{where}/approve", version=1).status_code == 303

    rith = desk.sign_in("rith")
    assert "1 version of the security protocol waits for you to read it." in rith.page("/desk/").text
    rith.page("/desk/me/protocols")
    with desk.context():
        person = staff.get_by_name("rith").id
        mine, others = (
            db.session.scalar(select(Reading.id).where(which))
            for which in (Reading.staff_id == person, Reading.staff_id != person)
        )
    assert "Lock the screen." in rith.page(f"/desk/me/protocols/{mine}").text
    assert rith.get(f"/desk/me/protocols/{others}").status_code == 404
    assert rith.post(f"/desk/me/protocols/{mine}").status_code == 303

    assert "1 of 5" in admin.page(where).text  # sophea, dara, vanna, rith and the admin
    shown = admin.page(f"{where}/versions/1.0").text
    assert "ចាក់សោអេក្រង់។" in shown
    assert "Lock the screen." in shown


def test_a_bad_draft_comes_back_with_what_was_typed(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    admin.page(f"{AT}/documents/new")

    answer = admin.post(f"{AT}/documents/new", number="one", title_en="Mine", body_en="see https://a.example/1")

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert {"number", "title_km", "body_en", "roles", "in_force_on"} <= set(shown.errors)
    assert [field["value"] for field in shown.all("input", name="title_en")] == ["Mine"]


def test_a_draft_that_was_changed_meanwhile_shows_both(desk: DeskSite) -> None:
    admin, lina = desk.sign_in("admin"), desk.sign_in("lina")
    where = drafted(desk, admin)
    lina.page(f"{where}/draft")
    lina.post(f"{where}/draft", **{**DOCUMENT, "body_en": "Words of Lina."}, version=1, in_force_on=today(desk))
    admin.page(f"{where}/draft")

    answer = admin.post(f"{where}/draft", **{**DOCUMENT, "body_en": "Mine."}, version=1, in_force_on=today(desk))

    shown = page.read_desk(answer).text
    assert answer.status_code == 409
    assert "Words of Lina." in shown
    assert "Mine." in shown
    assert admin.post(f"{where}/approve", version=1).status_code == 409


def test_a_person_notes_that_they_come_and_leave_and_whom_they_bring(desk: DeskSite) -> None:
    rith, admin = desk.sign_in("rith"), desk.sign_in("admin")
    rith.page("/desk/me/room")
    assert rith.post("/desk/me/room", brings="no", reason="First looks").status_code == 303
    assert rith.post("/desk/me/room", brings="no", reason="First looks").status_code == 422
    rith.page("/desk/me/room")
    rith.post("/desk/me/room", brings="yes", visitor="Invented Visitor", reason="Repair")
    with desk.context():
        own, visit = db.session.scalars(select(RoomEntry.id).order_by(RoomEntry.id))
    kunthea = desk.sign_in("kunthea")
    kunthea.page("/desk/me/room")
    assert kunthea.post(f"/desk/me/room/{own}/left").status_code == 404
    rith.page("/desk/me/room")
    assert rith.post(f"/desk/me/room/{own}/left", htmx=True).headers["HX-Redirect"] == "/desk/me/room"

    register = admin.page(f"{AT}/room").text
    assert "Visitor: Invented Visitor" in register
    assert "Not on the list" in register
    admin.page(f"{AT}/room/{visit}")
    admin.post(f"{AT}/room/{visit}", happened="yes", visitor="Right Visitor", reason="misspelt")
    entry = admin.page(f"{AT}/room/{visit}").text
    assert "Visitor: Invented Visitor" in entry
    assert "Visitor: Right Visitor" in entry
    assert "misspelt" in admin.page(f"{AT}/room/print").text
    admin.post(f"/desk/me/room/{visit}/left", **{"from": "register"})
    table = admin.get(f"{AT}/room.csv").get_data(as_text=True).splitlines()
    assert len(table) == 3
    assert "Right Visitor" in table[2]
    with desk.context():
        assert db.session.scalar(select(AuditEntry.actor).where(AuditEntry.action == "read the register"))


@pytest.mark.parametrize("visitor", ["=1+1", " =1+1", "\uff1d1+1", "+1", "-1", "@SUM(1)", "Invented;=1+1"])
def test_no_program_runs_what_somebody_gave_as_their_name(desk: DeskSite, visitor: str) -> None:
    admin = desk.sign_in("admin")
    admin.page("/desk/me/room")
    admin.post("/desk/me/room", brings="yes", visitor=visitor, reason="Repair")

    table = list(csv.reader(admin.get(f"{AT}/room.csv").get_data(as_text=True).splitlines()))

    told = visitor.strip()
    assert table[1][3] == (told.replace(";=", ";'=") if ";" in told else f"'{told}")


def test_the_register_is_kept_and_corrected(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    admin.page(f"{AT}/room/list")
    admin.post(f"{AT}/room/list", person="A-01")
    assert admin.post(f"{AT}/room/list", person="A-01").status_code == 422
    admin.page(f"{AT}/room")
    bad = admin.post(f"{AT}/room", who="", visitor="Somebody", escort="", reason="")
    assert (bad.status_code, set(page.read_desk(bad).errors)) == (422, {"escort", "reason"})
    assert admin.post(f"{AT}/room", who="A-01", reason="First looks").status_code == 303
    with desk.context():
        entry = db.session.scalar(select(RoomEntry.id))
    admin.page(f"{AT}/room/{entry}")
    assert admin.post(f"{AT}/room/{entry}", happened="no", reason="").status_code == 422
    assert admin.post(f"{AT}/room/{entry}", happened="no", reason="a slip").status_code == 303
    assert "Did not happen" in admin.page(f"{AT}/room").text


def test_access_is_reviewed_account_by_account(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    shown = admin.page(f"{AT}/access/new")
    numbers = [field["value"] for field in shown.all("input", name="account")]
    said = {f"verdict-{one}": "stays" for one in numbers}
    said |= {f"seen-{one}": shown.all("input", name=f"seen-{one}")[0]["value"] for one in numbers}
    stale = admin.post(f"{AT}/access/new", account=numbers, **{**said, f"seen-{numbers[0]}": "admin"})
    assert (stale.status_code, set(page.read_desk(stale).errors)) == (422, {f"verdict-{numbers[0]}"})
    bad = admin.post(f"{AT}/access/new", account=numbers, **{**said, f"verdict-{numbers[0]}": "change"})
    assert (bad.status_code, set(page.read_desk(bad).errors)) == (422, {f"reason-{numbers[0]}"})

    answer = admin.post(f"{AT}/access/new", account=numbers, **said, note="With the manager")

    assert answer.status_code == 303
    assert admin.page(answer.headers["Location"]).text.count("Stays") == len(numbers)
    assert "0 of 4 other accounts can open items" in admin.page(f"{AT}/access").text


def test_a_training_is_noted_seen_by_its_person_and_struck(desk: DeskSite) -> None:
    admin, rith = desk.sign_in("admin"), desk.sign_in("rith")
    with desk.context():
        number, day = staff.get_by_name("rith").number, jurisdiction.today()
    admin.page(f"{AT}/trainings/{number}")
    assert admin.post(f"{AT}/trainings/{number}", kind="x", done_on="soon").status_code == 422
    fields = {
        "kind": "vetting",
        "name": "Police record",
        "done_on": day - timedelta(days=9),
        "expires_on": day - timedelta(days=1),
    }
    assert admin.post(f"{AT}/trainings/{number}", **fields).status_code == 303

    assert "Ran out" in rith.page("/desk/me/trainings").text
    assert "Vetting: holds until" in rith.page("/desk/").text
    assert "The vetting of 1 person has run out." in admin.page("/desk/").text
    assert "Ran out on" in admin.page(f"{AT}/trainings").text
    with desk.context():
        noted = db.session.scalar(select(Training.id))
    admin.page(f"{AT}/trainings/{number}")
    assert admin.post(f"{AT}/trainings/A-01/{noted}/strike").status_code == 404
    assert admin.post(f"{AT}/trainings/{number}/{noted}/strike").status_code == 303
    assert "Noted by mistake" in admin.page(f"{AT}/trainings/{number}").text


def test_a_test_of_restoring_is_noted(desk: DeskSite) -> None:
    admin = desk.sign_in("admin")
    admin.page(f"{AT}/restore")
    assert admin.post(f"{AT}/restore", what="", minutes="x", worked="yes").status_code == 422
    assert admin.post(f"{AT}/restore", what="Both stores", minutes="38", worked="yes").status_code == 303
    assert "in 38 minutes" in admin.page(AT).text


def test_the_demo_shows_every_page(desk: DeskSite) -> None:
    with desk.context():
        demo_security.fill()
        ref = db.session.scalar(select(ProtocolDocument.ref))
    audit = desk.sign_in("audit")

    shown = audit.page(AT).text

    assert "All by people on the list, or with them." in shown
    assert "Draft 3.1 waits for a second person" in shown
    for path in ("/room", "/room/list", "/access", "/access/1", "/trainings", "/restore", f"/documents/{ref}"):
        assert audit.page(f"{AT}{path}").all("h1")
    since = (clock.now() - timedelta(days=30)).date()
    assert audit.get(f"{AT}/room.csv?since={since}").get_data(as_text=True).count("\r\n") == 12
    assert audit.get(f"{AT}/room/print?since={since}").status_code == 200


@pytest.mark.parametrize("path", ["/documents/new", "/documents/SP-222222/draft", "/room/1", "/access/new"])
def test_who_only_reads_changes_nothing(desk: DeskSite, path: str) -> None:
    assert desk.sign_in("audit").get(f"{AT}{path}").status_code == 403
    assert desk.sign_in("rith").post(f"{AT}{path}").status_code == 403


@pytest.mark.parametrize(
    "path", ["/documents/SP-222222", "/documents/SP-222222/draft", "/room/99", "/access/99", "/trainings/A-99"]
)
def test_what_is_not_there_is_not_found(desk: DeskSite, path: str) -> None:
    assert desk.sign_in("admin").get(f"{AT}{path}").status_code == 404
