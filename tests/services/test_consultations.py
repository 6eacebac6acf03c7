"""Consultations: who really came meets a sector's duty, what is on record stays, people are forgotten."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, text
from sqlalchemy.exc import DBAPIError

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.consultation import Consultation, PublishedFeedback
from hotline.models.staff import Staff
from hotline.models.stakeholder import Organisation
from hotline.rules.consultations import Plan, Present
from hotline.rules.reach import Reach
from hotline.rules.stakeholders import AgreementEntry, OrganisationEntry, PersonEntry
from hotline.services import (
    action_points,
    agreements,
    audit,
    consultation_feedback,
    consultation_records,
    consultations,
    demo_stakeholders,
    duties,
    staff_reach,
    stakeholders,
)
from hotline.services.duties import Thing
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import (
    AgreementState,
    ClockEnd,
    ConsultationState,
    ConsultationWay,
    ContactConsent,
    Language,
    OrganisationKind,
    Sector,
    Subject,
)
from tests.services import steps
from tests.stores import Stores

TEXTS = {"said_en": "Less paper.", "said_km": "ក្រដាសតិច។", "did_en": "One form.", "did_km": "ទម្រង់មួយ។"}


@pytest.fixture
def liaison(office: Flask) -> Staff:
    duties.sweep()
    return steps.team()[1]


@pytest.fixture
def manager(office: Flask) -> Staff:
    return steps.team()[2]


def added(name: str, sector: Sector, by: Staff) -> Organisation:
    entry = OrganisationEntry(name, "", sector, OrganisationKind.OTHER, "", "")
    return stakeholders.enter(entry, by=by)


def somebody(organisation: Organisation, by: Staff) -> int:
    entry = PersonEntry("Sok Example", "", "sok@ministry.example", "", jurisdiction.today(), ContactConsent.MAIL)
    return stakeholders.add_person(organisation, entry, by=by).id


def planned(by: Staff, *invited: Organisation, days_ahead: int = 3) -> Consultation:
    at = clock.now() + timedelta(days=days_ahead)
    refs = tuple(one.ref for one in invited)
    wanted = Plan("Quarterly talk", at, ConsultationWay.MEETING, "Room 2", "Reports", Language.EN, refs)
    return consultations.plan(wanted, lead=by.number, by=by)


def held(by: Staff, *present: Present, invited: tuple[Organisation, ...], hours_ago: int = 1) -> Consultation:
    one = planned(by, *invited, days_ahead=1)
    consultations.hold(one, clock.now() - timedelta(hours=hours_ago), present, version=one.version, by=by)
    return one


def due(sector: Sector) -> Clock:
    standing = duties.list_standing()
    found = next(one for one in standing if one.sector is sector)
    return duties.running(Subject.STANDING_DUTY, [found.id])[found.id]


def test_only_the_sectors_that_really_came_are_met(liaison: Staff) -> None:
    before = {sector: due(sector).id for sector in Sector}
    with writing():
        council, police = added("Council", Sector.GOVERNMENT, liaison), added("Unit", Sector.LAW_ENFORCEMENT, liaison)
        one = held(liaison, Present(council.ref, (), 2), Present(police.ref, (), 0), invited=(council, police))

    standing = {each.sector: each for each in consultations.sectors()}
    assert {sector for sector in Sector if due(sector).id != before[sector]} == {Sector.GOVERNMENT}
    assert standing[Sector.GOVERNMENT].ref == one.ref
    assert standing[Sector.GOVERNMENT].last_at == one.held_at == due(Sector.GOVERNMENT).started_at
    assert standing[Sector.LAW_ENFORCEMENT].last_at is None
    assert [clocked.ending for clocked in duties.of(Thing(Subject.CONSULTATION, one.id))] == [ClockEnd.MET]
    found = consultations.evidence()
    assert (found.held_in_a_year, found.planned) == (1, 0)
    assert Sector.GOVERNMENT not in found.never
    assert len(found.in_time) == 5


def test_what_is_put_on_record_late_shortens_no_time_that_runs(liaison: Staff) -> None:
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        held(liaison, Present(council.ref, (), 1), invited=(council,))
        runs = due(Sector.GOVERNMENT).id
        held(liaison, Present(council.ref, (), 1), invited=(council,), hours_ago=800)

    assert due(Sector.GOVERNMENT).id == runs


def test_who_came_is_noted_once_though_the_form_comes_twice(liaison: Staff) -> None:
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = planned(liaison, council)
        present = [Present(council.ref, (), 7)]
        consultations.hold(one, clock.now(), present, version=1, by=liaison)
        with pytest.raises(Overtaken):
            consultations.add_present(one, present, version=1, by=liaison)
        consultations.add_present(one, present, version=2, by=liaison)
        with pytest.raises(Overtaken):
            consultations.add_present(one, present, version=2, by=liaison)

    assert consultations.attendance_of(one, by=liaison)[0].others == 14


def test_a_duty_that_was_only_tried_is_no_time_a_sector_was_met(liaison: Staff) -> None:
    with writing():
        duty = next(one for one in duties.list_standing() if one.sector is Sector.GOVERNMENT)
        duties.mark(duty, worked=False, note="Nobody came", done_at=None, by=liaison)
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = planned(liaison, council)
        met = consultations.hold(
            one, clock.now() - timedelta(hours=1), [Present(council.ref, (), 1)], version=1, by=liaison
        )

    assert met == (Sector.GOVERNMENT,)


def test_a_plan_put_on_record_late_has_a_clock_once_it_is_moved_ahead(liaison: Staff) -> None:
    with writing():
        one = planned(liaison, added("Council", Sector.GOVERNMENT, liaison), days_ahead=-2)
        thing = Thing(Subject.CONSULTATION, one.id)
        assert duties.of(thing) == []
        consultations.move(one, clock.now() + timedelta(days=4), "Nobody had come", by=liaison)

    assert [(clocked.owner_id, clocked.due_at > one.starts_at) for clocked in duties.of(thing)] == [(liaison.id, True)]


def test_what_goes_on_invitations_and_minutes_names_none_of_us(liaison: Staff) -> None:
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = held(liaison, Present(council.ref, (), 1), invited=(council,))
        staff_reach.enter(liaison, Reach(("Borey Exemplar",)), wants_mail=False)
        kept = {"title": "Talk", "place": "Room 2", "agenda": "Reports"}
        for field in kept:
            said = kept | {field: "Ask Borey Exemplar"}
            wanted = Plan(**said, starts_at=clock.now(), way=one.way, language=one.language, invited=(council.ref,))
            with pytest.raises(Refused) as refusal:
                consultations.plan(wanted, lead=liaison.number, by=liaison)
            assert refusal.value.faults == ((field, "names_us"),)
        with pytest.raises(Refused) as refusal:
            action_points.add(one, "Borey Exemplar calls", owner=council.ref, due_on=jurisdiction.today(), by=liaison)

    assert refusal.value.faults == (("point", "reach_of_us"),)


def test_a_plan_is_moved_and_cancelled_with_a_reason(liaison: Staff) -> None:
    with writing():
        one = planned(liaison, added("Council", Sector.GOVERNMENT, liaison))
        thing, to = Thing(Subject.CONSULTATION, one.id), clock.now() + timedelta(days=9)
        with pytest.raises(Refused) as refusal:
            consultations.move(one, to, "see https://img-board.example/t/1", by=liaison)
        consultations.move(one, to, "The room is taken", by=liaison)
        moved = duties.of(thing)[0].due_at
        consultations.cancel(one, "Nobody has time", by=liaison)

    assert refusal.value.faults == (("why", "address"),)
    assert moved > to
    assert [each.why for each in consultations.moves_of(one)] == ["The room is taken"]
    assert [clocked.ending for clocked in duties.of(thing)] == [ClockEnd.VOID]
    with pytest.raises(WrongState), writing():
        consultations.note_invited(one, by=liaison)


def test_a_closed_record_is_only_added_to(liaison: Staff) -> None:
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = held(liaison, Present(council.ref, (), 1), invited=(council,))
        with pytest.raises(Refused):
            consultation_records.close(one, by=liaison)
        consultation_records.write(one, "view", "They want one form.", organisation=council.ref, by=liaison)
        minutes = consultation_records.write(one, "minutes", "We talked.", by=liaison)
        consultation_records.rewrite(one, minutes.id, "We talked long.", version=1, by=liaison)
        with pytest.raises(Overtaken):
            consultation_records.rewrite(one, minutes.id, "We did not.", version=1, by=liaison)
        consultation_records.close(one, by=liaison)
        consultation_records.write(one, "addition", "The name of the office was wrong.", by=liaison)
        number = minutes.id
    for deed in (
        lambda: consultation_records.write(one, "minutes", "More.", by=liaison),
        lambda: consultation_records.strike(one, number, by=liaison),
        lambda: consultations.add_present(one, [Present(council.ref, (), 1)], version=one.version, by=liaison),
    ):
        with pytest.raises(WrongState), writing():
            deed()

    assert [said.text for said in consultation_records.words_of(one, by=liaison)][1:] == [
        "We talked long.",
        "The name of the office was wrong.",
    ]
    assert consultation_records.words_of(one, by=steps.team()[0]) == []


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE consultation_words SET version = 9",
        "DELETE FROM consultation_words",
        "UPDATE consultations SET title = 'other'",
        "DELETE FROM attendances",
        "INSERT INTO attendances (consultation_id, organisation_id, others) SELECT 1, id, 7 FROM organisations",
    ],
)
def test_the_database_itself_keeps_a_closed_record(liaison: Staff, deed: str) -> None:
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = held(liaison, Present(council.ref, (), 1), invited=(council,))
        consultation_records.write(one, "decision", "One form.", by=liaison)
        consultation_records.close(one, by=liaison)

    with pytest.raises(DBAPIError, match="frozen"), writing():
        db.session.execute(text(deed))


@pytest.mark.parametrize("table", ["organisations", "agreement_parties", "attendances"])
def test_no_row_is_put_in_the_place_of_another_under_a_new_id(liaison: Staff, table: str, stores: Stores) -> None:
    if stores.engine != "sqlite":
        pytest.skip("only SQLite knows REPLACE")
    today = jurisdiction.today()
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        held(liaison, Present(council.ref, (somebody(council, liaison),), 0), invited=(council,))
        entry = AgreementEntry("MoU", "Shelf 3", (council.ref,), today, None, None)
        agreements.enter(entry, owner=liaison.number, by=liaison)
    kept = [column.name for column in db.metadata.tables[table].columns if column.name != "id"]
    again = f"REPLACE INTO {table} (id, {', '.join(kept)}) SELECT id + 100, {', '.join(kept)} FROM {table}"  # noqa: S608 -- names from above

    with pytest.raises(DBAPIError, match="frozen"), writing():
        db.session.execute(text(again))


def test_who_is_forgotten_came_as_a_person_of_their_organisation(liaison: Staff) -> None:
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        number = somebody(council, liaison)
        one = held(liaison, Present(council.ref, (number,), 0), invited=(council,))
    assert consultations.attendance_of(one, by=liaison)[0].names == ("Sok Example",)
    with writing():
        person = stakeholders.get_person(council, number, by=liaison)
        stakeholders.forget(person, by=liaison)

    assert [path for path in settings().data_dir.glob("*-wal") if path.stat().st_size] == []
    came = consultations.attendance_of(one, by=liaison)[0]
    assert (came.names, came.erased, came.count) == ((), 1, 1)
    assert audit.count(consultations.subject(one), consultations.READ) == 1
    assert stakeholders.people_of(council, by=liaison)[0].mailbox == ""
    with pytest.raises(WrongState), writing():
        stakeholders.leave(person, by=liaison)


def test_organisations_are_found_by_a_part_of_their_name_and_by_sector(liaison: Staff) -> None:
    with writing():
        added("Example Mobile 100%", Sector.INDUSTRY, liaison)
        added("Example Council", Sector.GOVERNMENT, liaison)
        with pytest.raises(Refused) as refusal:
            added("EXAMPLE council", Sector.OTHERS, liaison)

    assert refusal.value.faults == (("name", "taken"),)
    assert [one.name for one in stakeholders.list_all(by=liaison, like="mobile")] == ["Example Mobile 100%"]
    assert [one.name for one in stakeholders.list_all(by=liaison, like="0%")] == ["Example Mobile 100%"]
    assert [one.name for one in stakeholders.list_all(by=liaison, sector=Sector.GOVERNMENT)] == ["Example Council"]
    with pytest.raises(NotFound):
        stakeholders.list_all(by=steps.team()[0])


def test_an_action_is_done_by_its_owner_and_dropped_with_a_note(liaison: Staff) -> None:
    analyst, today = steps.team()[0], jurisdiction.today()
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = held(liaison, Present(council.ref, (), 1), invited=(council,))
        ours = action_points.add(one, "Send the form.", owner=analyst.number, due_on=today, by=liaison)
        theirs = action_points.add(one, "Name a person.", owner=council.ref, due_on=today, by=liaison)
        assert [point.words for point in action_points.mine(by=analyst)] == ["Send the form."]
        action_points.end(action_points.get(ours.id, by=analyst), "done", "", by=analyst)
        with pytest.raises(Refused):
            action_points.end(theirs, "dropped", " ", by=liaison)
        action_points.end(theirs, "dropped", "They moved.", by=liaison)

    with pytest.raises(NotFound):
        action_points.get(theirs.id, by=analyst)
    ends = [duties.of(Thing(Subject.ACTION_POINT, each.id))[0] for each in (ours, theirs)]
    assert [(each.owner_id, each.ending) for each in ends] == [
        (analyst.id, ClockEnd.MET),
        (liaison.id, ClockEnd.VOID),
    ]


def test_an_agreement_is_due_at_its_end_and_another_follows_it(liaison: Staff) -> None:
    today = jurisdiction.today()
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        entry = AgreementEntry("MoU", "Shelf 3", (council.ref,), today, today + timedelta(days=30), None)
        first = agreements.enter(entry, owner=liaison.number, by=liaison)
        due_at = duties.of(Thing(Subject.AGREEMENT, first.id))[0].due_at
        second = agreements.renew(first, entry, owner=liaison.number, by=liaison)
        agreements.end(second, "They closed.", by=liaison)

    assert due_at.astimezone(jurisdiction.current().zone).date() == today + timedelta(days=31)
    assert (first.state, second.state) == (AgreementState.RENEWED, AgreementState.ENDED)
    assert agreements.follower(first) == second
    with pytest.raises(WrongState), writing():
        agreements.renew(first, entry, owner=liaison.number, by=liaison)


def test_feedback_is_read_by_another_person_before_the_public_reads_it(liaison: Staff, manager: Staff) -> None:
    year = jurisdiction.today().year
    with writing():
        one = consultation_feedback.write(year, "industry", TEXTS, by=liaison)
        with pytest.raises(Refused):
            consultation_feedback.approve(one, version=1, by=liaison)
        with pytest.raises(Refused):
            consultation_feedback.publish(year, by=manager)
        consultation_feedback.approve(one, version=1, by=manager)
    assert consultation_feedback.list_published() == ()

    with writing():
        consultation_feedback.publish(year, by=manager)
    assert [told.said[Language.EN] for told in consultation_feedback.list_published()] == ["Less paper."]

    with writing():
        consultation_feedback.withdraw(one, by=manager)
    assert consultation_feedback.list_published() == ()
    with pytest.raises(Refused) as refusal, writing():
        consultation_feedback.write(year, "industry", TEXTS | {"did_en": f"{liaison.name} did it."}, by=liaison)
    assert refusal.value.faults == (("did_en", "names_us"),)


def test_the_public_page_is_put_right_after_a_loss_and_after_a_kill_between_the_stores(
    liaison: Staff, manager: Staff
) -> None:
    year = jurisdiction.today().year
    with writing():
        one = consultation_feedback.write(year, "industry", TEXTS, by=liaison)
        consultation_feedback.approve(one, version=1, by=manager)
        consultation_feedback.publish(year, by=manager)
    told = consultation_feedback.list_published()
    with apart(front_engine()) as front:
        front.execute(delete(PublishedFeedback))
    consultation_feedback.sweep()
    assert consultation_feedback.list_published() == told

    with writing():  # as after a kill: the public reads it, and the desk does not know
        one.published_at = None
    with writing():
        consultation_feedback.withdraw(one, by=manager)
    assert consultation_feedback.list_published() == ()
    with apart(front_engine()) as front:
        front.execute(insert(PublishedFeedback).values(year=2020, place=1, sector="industry", **TEXTS))
    consultation_feedback.sweep()
    assert consultation_feedback.list_published() == ()


def test_feedback_is_looked_through_again_as_it_is_approved(liaison: Staff, manager: Staff) -> None:
    with writing():
        one = consultation_feedback.write(2025, "industry", TEXTS | {"did_en": "Ask Borey Exemplar."}, by=liaison)
        staff_reach.enter(liaison, Reach(("Borey Exemplar",)), wants_mail=False)
        with pytest.raises(Refused) as refusal:
            consultation_feedback.approve(one, version=1, by=manager)

    assert refusal.value.faults == (("did_en", "names_us"),)


def test_records_say_who_was_met_and_open_nobody(liaison: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    with writing():
        council = added("Council", Sector.GOVERNMENT, liaison)
        one = held(liaison, Present(council.ref, (somebody(council, liaison),), 2), invited=(council,))
        consultation_records.write(one, "minutes", "Quiet words.", by=liaison)
    monkeypatch.setattr(stakeholders, "opened", None)

    rows = list(consultations.records(now - timedelta(days=1), now + timedelta(days=1), by=liaison))
    row = dict(zip(consultations.COLUMNS, rows[0], strict=True))
    assert (row["state"], row["sectors_met"], row["people_present"]) == (ConsultationState.HELD, "government", "3")
    assert "Sok" not in str(rows)
    assert "Quiet" not in str(rows)


def test_people_who_keep_no_duty_change_nothing(liaison: Staff) -> None:
    with pytest.raises(Forbidden), writing():
        added("Council", Sector.GOVERNMENT, steps.team()[0])


def test_the_demo_is_lived_in_and_filled_once(liaison: Staff) -> None:
    demo_stakeholders.fill()
    demo_stakeholders.fill()

    assert len(stakeholders.list_all(by=liaison)) == len(demo_stakeholders.ORGANISATIONS)
    found = consultations.evidence()
    assert (found.planned, found.held_in_a_year, found.points_open) == (1, 4, 1)
    assert (found.never, found.agreements_in_force) == ((Sector.OTHERS,), 2)
    assert len(consultation_feedback.list_published()) == 1
