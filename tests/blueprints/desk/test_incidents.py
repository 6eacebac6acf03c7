"""Incidents at the desk: recorded by anybody, led, told and closed by who keeps the code of practice."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hotline import clock, create_app, jurisdiction
from hotline.extensions import db
from hotline.models.incident import Heartbeat, Incident, IncidentAction, IncidentLetter
from hotline.services import audit, incident_letters, incidents, officials
from hotline.services.officials import OfficialEntry
from hotline.transactions import writing
from hotline.vocabulary import IncidentLetterState, OfficialPart, Pulse, Surface
from tests import page
from tests.blueprints.desk.desk_site import DeskSite, environ

WORDS = "One record was sent to the wrong partner hotline."
REGISTER = "/desk/practice/incidents"


@pytest.fixture
def desk(desk_dir: Path) -> DeskSite:
    return DeskSite(create_app(Surface.DESK, environ(desk_dir)))


def typed(hours_ago: float = 1) -> str:
    """Return a moment as a form sends it."""
    with_zone = (clock.now() - timedelta(hours=hours_ago)).astimezone(ZoneInfo("Asia/Phnom_Penh"))
    return with_zone.strftime("%Y-%m-%dT%H:%M")


def recorded(desk: DeskSite, *, by: str = "lina", drill: bool = False, hours_ago: float = 2) -> str:
    with desk.context(), writing():
        person = desk.person(by)
        at = clock.now() - timedelta(hours=hours_ago)
        return incidents.record("irregularity", WORDS, at, is_drill=drill, lead=person, by=person).ref


def in_office(desk: DeskSite) -> None:
    with desk.context(), writing():
        entry = OfficialEntry("Example", "dpo@law.example", "", None)
        officials.enter(OfficialPart.DPO, entry, version=0, by=desk.person("lina"))


def letter_of(desk: DeskSite, ref: str, *, text: str = "") -> int:
    with desk.context(), writing():
        by = desk.person("lina")
        letter = incident_letters.draft(incidents.get(ref, by=by), OfficialPart.DPO, "en", by=by)
        if text:
            incident_letters.save(letter, "Notice", text, version=1, by=by)
        return letter.id


def test_an_analyst_records_one_and_sees_only_that_it_was_taken(desk: DeskSite) -> None:
    rith = desk.sign_in("rith")
    assert REGISTER + "/new" in {link.get("href") for link in rith.page("/desk/me").all("a")}
    rith.page(f"{REGISTER}/new")

    answer = rith.post(f"{REGISTER}/new", kind="login", body=WORDS, noticed_at=typed(), drill="yes", lead="A-01")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
    with desk.context():
        one = db.session.scalars(select(Incident)).one()
        assert (one.is_drill, one.lead_id) == (False, None)
    assert one.ref in rith.page("/desk/").text
    assert rith.get(f"{REGISTER}/{one.ref}").status_code == 403
    shown = desk.sign_in("lina").page("/desk/")
    assert "Nobody leads it" in shown.text


@pytest.mark.parametrize(
    ("field", "bad"),
    [("kind", "x"), ("body", "It was https://a.example/1."), ("noticed_at", typed(-1)), ("lead", "A-04")],
)
def test_a_bad_form_comes_back_with_what_was_typed(desk: DeskSite, field: str, bad: str) -> None:
    lina = desk.sign_in("lina")
    lina.page(f"{REGISTER}/new")

    answer = lina.post(
        f"{REGISTER}/new", **{"kind": "other", "body": WORDS, "noticed_at": typed(), "lead": "", field: bad}
    )

    assert answer.status_code == 422
    assert field in page.read_desk(answer).errors


def test_an_incident_is_written_about_told_by_telephone_and_closed(desk: DeskSite) -> None:
    ref, lina = recorded(desk, hours_ago=3), desk.sign_in("lina")
    here = f"{REGISTER}/{ref}"
    shown = lina.page(here).text
    for said in (WORDS, "to tell the data protection officer", "recorded late", "Enter them"):
        assert said in shown
    assert lina.post(f"{here}/close").status_code == 422

    fields = {"entry_kind": "containment", "words": "They deleted it.", "happened_at": "", "contains": "yes"}
    assert lina.post(f"{here}/entries", **fields).status_code == 303
    assert lina.post(f"{here}/entries", entry_kind="lesson", words="Look twice.").status_code == 303
    assert lina.post(f"{here}/calls", part="dpo", whom="", said="", called_at="").status_code == 422
    called = lina.post(f"{here}/calls", part="dpo", whom="The officer", said="She thanked us.", called_at=typed())
    assert called.status_code == 303
    assert lina.post(f"{here}/close").status_code == 303

    shown = lina.page(here).text
    for said in ("They deleted it.", "Look twice.", "The officer", "She thanked us.", "Closed"):
        assert said in shown
    assert lina.post(f"{here}/entries", entry_kind="note", words="More.").status_code == 409
    assert ref in lina.page(f"{REGISTER}?show=closed").text


def test_lead_and_kind_are_changed_and_actions_are_given(desk: DeskSite) -> None:
    ref, vanna = recorded(desk), desk.sign_in("vanna")
    here = f"{REGISTER}/{ref}"
    vanna.page(here)
    with desk.context():
        numbers = {name: desk.person(name).number for name in ("vanna", "rith")}
        today = jurisdiction.today()

    assert vanna.post(f"{here}/lead", lead=numbers["rith"]).status_code == 422
    assert vanna.post(f"{here}/lead", lead=numbers["vanna"]).status_code == 303
    assert vanna.post(f"{here}/kind", kind="irregularity", why="Why").status_code == 422
    assert vanna.post(f"{here}/kind", kind="breach", why="Somebody had it.").status_code == 303
    assert vanna.post(f"{here}/actions", action="Ask them.", owner="", due_on="").status_code == 422
    fields = {"action": "Ask them.", "owner": numbers["rith"], "due_on": today.isoformat()}
    assert vanna.post(f"{here}/actions", **fields).status_code == 303

    rith = desk.sign_in("rith")
    assert f"Action after {ref}" in rith.page("/desk/").text
    with desk.context():
        action = db.session.scalars(select(IncidentAction.id)).one()
    its = f"{REGISTER}/actions/{action}"
    assert "Ask them." in rith.page(its).text
    assert desk.sign_in("sophea").get(its).status_code == 404
    assert vanna.post(f"{its}/owner", owner="").status_code == 422
    assert vanna.post(f"{its}/owner", owner=numbers["rith"]).status_code == 303
    assert rith.post(f"{its}/done").status_code == 303
    assert rith.post(f"{its}/done").status_code == 409


def test_a_letter_is_drafted_changed_read_and_sent(desk: DeskSite) -> None:
    in_office(desk)
    ref, lina = recorded(desk), desk.sign_in("lina")
    lina.page(f"{REGISTER}/{ref}")
    assert lina.post(f"{REGISTER}/{ref}/letters", part="dpo", language="xx").status_code == 422

    its = lina.post(f"{REGISTER}/{ref}/letters", part="dpo", language="km").headers["Location"]

    assert "dpo@law.example" in lina.page(its).text
    bad = lina.post(its, subject="Notice", text="See https://a.example/1.", version=1)
    assert bad.status_code == 422
    assert "https://a.example/1" in page.read_desk(bad).text
    assert lina.post(its, subject="Notice", text="As told.", version=1).status_code == 303
    overtaken = lina.post(its, subject="Notice", text="Mine.", version=1)
    assert overtaken.status_code == 409
    assert all(words in page.read_desk(overtaken).text for words in ("As told.", "Mine."))
    lina.page(its)
    assert lina.post(f"{its}/send", version=2).status_code == 422
    assert lina.post(f"{its}/send", version=2, has_read="yes").status_code == 303
    assert lina.post(f"{its}/send", version=3, has_read="yes").status_code == 409
    assert "As told." in lina.page(its).text
    assert lina.get(f"{its}/proof").status_code == 404
    with desk.context():
        assert audit.count(f"incident {ref}", "read a letter") > 0


def test_a_second_person_lets_go_what_points_at_one_of_us(desk: DeskSite) -> None:
    in_office(desk)
    ref = recorded(desk)
    its = f"{REGISTER}/{ref}/letters/{letter_of(desk, ref, text='Ask Sophea.')}"
    lina, vanna = desk.sign_in("lina"), desk.sign_in("vanna")
    lina.page(its)

    lina.post(f"{its}/send", version=2, has_read="yes")

    assert "A second person has to let it go" in lina.page(its).text
    assert lina.post(f"{its}/send", version=3, has_read="yes").status_code == 422
    assert "lina wants to send it" in vanna.page(its).text
    assert vanna.post(f"{its}/send", version=3, has_read="yes").status_code == 303


def test_a_drill_is_marked_and_its_letter_only_shown(desk: DeskSite) -> None:
    in_office(desk)
    ref, lina = recorded(desk, drill=True), desk.sign_in("lina")
    its = f"{REGISTER}/{ref}/letters/{letter_of(desk, ref)}"
    assert "This is a drill" in lina.page(its).text

    assert lina.post(f"{its}/send", version=1, has_read="yes").status_code == 303

    assert "Drill: not sent" in lina.page(f"{REGISTER}/{ref}").text
    assert ref in lina.page(f"{REGISTER}?show=drills").text
    assert ref not in lina.page(REGISTER).text
    with desk.context():
        assert db.session.scalars(select(IncidentLetter.status)).all() == [IncidentLetterState.PLAYED]


def test_a_letter_that_came_back_is_told_wherever_people_look(desk: DeskSite) -> None:
    in_office(desk)
    ref, lina = recorded(desk), desk.sign_in("lina")
    number = letter_of(desk, ref)
    with desk.context(), writing():
        letter = db.session.get_one(IncidentLetter, number)
        letter.status, letter.last_fault = IncidentLetterState.FAILED, "550"
        audit.record(None, incident_letters.DOUBTED, f"incident {ref}", letter=number)

    for path in ("/desk/", REGISTER, "/desk/practice/duties"):
        assert "did not arrive" in lina.page(path).text, path
    for path in (f"{REGISTER}/{ref}", f"{REGISTER}/{ref}/letters/{number}"):
        assert "(550)" in lina.page(path).text, path
        assert "it may have arrived already" in lina.page(path).text, path


def test_the_code_of_practice_begins_with_the_incident_whose_time_runs_out_first(desk: DeskSite) -> None:
    later, drill = recorded(desk, hours_ago=2), recorded(desk, drill=True, hours_ago=20)
    first = recorded(desk, hours_ago=19.001)
    lina = desk.sign_in("lina")

    shown = lina.page("/desk/practice")
    hero = shown.by_id(f"incidents-hero-{first}").text
    for part in ("to tell the data protection officer", "Recorded", "Contained", "Not yet"):
        assert part in hero
    ways = {link.text: link["href"] for link in shown.all("a")}
    assert ways["Write the letter"] == f"{REGISTER}/{first}#language"
    others = shown.by_id("incidents-today").text
    assert later in others
    assert first not in others
    assert drill not in others

    letter = letter_of(desk, first)
    ways = {link.text: link["href"] for link in lina.page("/desk/practice").all("a")}
    assert "Write the letter" not in ways
    assert f"{REGISTER}/{first}/letters/{letter}" in ways.values()
    with desk.context(), writing():
        by = desk.person("lina")
        for ref in (first, later):
            incident_letters.call(incidents.get(ref, by=by), "dpo", "Somebody", "", clock.now(), by=by)

    assert "incidents-hero-" not in lina.page("/desk/practice").html


def test_an_auditor_reads_and_changes_nothing(desk: DeskSite) -> None:
    ref, audit = recorded(desk), desk.sign_in("audit")
    shown = audit.page(f"{REGISTER}/{ref}")

    assert [form.get("action") for form in shown.all("form")] == ["/desk/sign-out"]
    assert audit.post(f"{REGISTER}/{ref}/close").status_code == 403
    assert audit.get(f"{REGISTER}/IN-222222").status_code == 404


def test_the_desk_notices_that_rounds_have_stopped(desk: DeskSite) -> None:
    lina = desk.sign_in("lina")
    with desk.context(), writing():
        db.session.add(Heartbeat(pulse=Pulse.INTAKE, beat_at=clock.now() - timedelta(hours=2)))
    desk.app.extensions.pop("hotline.heartbeats.looked", None)  # as a minute later

    lina.page(REGISTER)

    assert "Intake of reports" in lina.page(REGISTER).text
    with desk.context():
        one = db.session.scalars(select(Incident)).one()
    assert "No round opened the inbox" in lina.page(f"{REGISTER}/{one.ref}").text
