"""The security protocol: versions and who read them, the room, trainings, reviews of access, networks, restoring."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Clock, NetworkPeriod, Reading, RoomEntry
from hotline.rules.trainings import Said
from hotline.services import (
    access_reviews,
    audit,
    duties,
    networks,
    protocols,
    restore_tests,
    room_entries,
    security_rounds,
    staff,
    trainings,
)
from hotline.transactions import writing
from hotline.vocabulary import AccessVerdict, ClockEnd, Duty, Language, Role, Subject, TrainingKind
from tests.services.security_steps import coming, draft, in_force, keepers


def clocks_of(reading: Reading) -> list[tuple[int | None, ClockEnd | None]]:
    return [(one.owner_id, one.ending) for one in duties.of(duties.Thing(Subject.READING, reading.id))]


def test_a_version_is_read_by_those_whose_roles_it_names(office: Flask) -> None:
    version = in_force()
    sophea = staff.get_by_name("sophea")

    asked = {one.staff.name: one for one in protocols.list_readings(version)}
    with writing():
        protocols.confirm(asked["sophea"], by=sophea)
        protocols.confirm(asked["sophea"], by=sophea)

    assert set(asked) == {"sophea", "dara", "vanna"}
    assert clocks_of(asked["sophea"]) == [(sophea.id, ClockEnd.MET)]
    assert clocks_of(asked["dara"]) == [(asked["dara"].staff_id, None)]
    found = protocols.evidence().documents[0]
    assert (found.number, found.asked, found.read, found.late) == ("1.0", 3, 1, 0)
    with pytest.raises(NotFound), writing():
        protocols.confirm(asked["dara"], by=sophea)
    rows = list(protocols.records(clock.now() - timedelta(hours=1), clock.in_(5), by=keepers()[0]))
    assert [row[1] for row in rows] == ["approved", "read"]
    assert all(len(row) == len(protocols.COLUMNS) for row in rows)


def test_a_second_person_approves_what_one_wrote(office: Flask) -> None:
    admin, manager = keepers()
    with writing():
        version = protocols.start(draft(), by=admin)
        with pytest.raises(Forbidden):
            protocols.approve(version, version=1, by=admin)
        with pytest.raises(Forbidden):
            protocols.approve(version, version=1, by=staff.get_by_name("sophea"))
        protocols.change(version, replace(draft(), title_en="Other words"), version=1, by=admin)
        with pytest.raises(Overtaken):
            protocols.approve(version, version=1, by=manager)
        protocols.approve(version, version=2, by=manager)

    with pytest.raises(WrongState), writing():
        protocols.change(version, draft(), version=2, by=admin)
    with pytest.raises(IntegrityError), writing():
        db.session.execute(text("UPDATE protocol_versions SET body_en = 'other'"))


def test_a_newer_version_asks_anew_and_the_old_one_asks_no_more(office: Flask) -> None:
    old, (admin, manager) = in_force(), keepers()
    first = {one.staff.name: one for one in protocols.list_readings(old)}
    with writing():
        protocols.confirm(first["sophea"], by=first["sophea"].staff)
        standing = protocols.get(old.document.ref, by=admin)
        tomorrow = jurisdiction.today() + timedelta(days=1)
        new = protocols.propose(standing, draft("1.1", on=tomorrow), by=admin)
        protocols.approve(new, version=1, by=manager)
    assert protocols.list_readings(new) == []  # its day has not come
    with writing():
        other = protocols.propose(protocols.get(old.document.ref, by=admin), draft("1.2"), by=admin)
        protocols.approve(other, version=1, by=manager)

    assert (clocks_of(first["dara"])[0][1], first["dara"].ended_at is None) == (ClockEnd.VOID, False)
    assert first["sophea"].ended_at is None  # what was read stays
    assert {one.staff.name for one in protocols.list_readings(other)} == {"sophea", "dara", "vanna"}
    assert protocols.get(old.document.ref, by=admin).in_force is other
    with pytest.raises(WrongState), writing():
        protocols.confirm(first["dara"], by=first["dara"].staff)


def test_who_joins_is_asked_and_who_leaves_is_not(office: Flask) -> None:
    version, (admin, _) = in_force(), keepers()
    with writing():
        trainings.enter(staff.get_by_name("dara"), vetting(30), by=admin)
        room_entries.permit(staff.get_by_name("dara"), None, by=admin)
        staff.add("newcomer", "a long enough password", [Role.ANALYST], language=Language.EN, by=None)
        staff.disable(staff.get_by_name("dara"), by=None)

    security_rounds.go()

    readings = {one.staff.name: one for one in protocols.list_readings(version)}
    assert clocks_of(readings["newcomer"]) == [(readings["newcomer"].staff_id, None)]
    assert clocks_of(readings["dara"])[0][1] is ClockEnd.VOID
    assert protocols.evidence().documents[0].asked == 3  # sophea, vanna and the newcomer
    assert [one.ended_at is None for one in room_entries.list_permits(by=admin)] == [False]
    renewals = select(Clock).where(Clock.subject == Subject.TRAINING).order_by(Clock.id)
    assert [one.ending for one in db.session.scalars(renewals)] == [ClockEnd.VOID]
    with writing():
        staff.reopen(staff.get_by_name("dara"), "another long enough password", by=admin)
    security_rounds.go()
    assert [one.ending for one in db.session.scalars(renewals)] == [ClockEnd.VOID, None]
    before = db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()))
    security_rounds.go()
    assert db.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc())) == before


def test_a_document_that_ends_asks_nobody(office: Flask) -> None:
    version, (admin, _) = in_force(), keepers()
    with writing():
        protocols.retire(protocols.get(version.document.ref, by=admin), by=admin)

    assert protocols.evidence().documents == ()
    assert protocols.count_mine(staff.get_by_name("sophea")) == 0


def test_a_visitor_is_noted_with_company_and_forgotten_after_as_long_as_the_country_says(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sophea, (admin, _) = staff.get_by_name("sophea"), keepers()
    with pytest.raises(Refused) as refusal, writing():
        room_entries.come_in(coming(visitor="", reason="see https://a.example/x"), by=admin)
    assert dict(refusal.value.faults) == {"visitor": "missing", "escort": "required", "reason": "address"}
    with writing():
        entry = room_entries.come_in(coming(visitor="Invented Visitor", escort=sophea), by=sophea)
    assert b"Invented" not in (entry.visitor or b"")
    assert room_entries.list_inside(by=sophea)[0].visitor == "Invented Visitor"
    assert room_entries.list_inside(by=staff.get_by_name("kunthea")) == []
    with writing():
        added = room_entries.correct(
            entry, came_at=None, left_at=None, happened=True, visitor="Right Name", reason="misspelt", by=admin
        )
    assert b"misspelt" not in (added.reason or b"")
    shown = room_entries.list_inside(by=sophea)[0]
    assert (shown.visitor, shown.noted_as) == ("Right Name", "Invented Visitor")
    assert [(one.visitor, one.reason) for one in shown.corrections] == [("Right Name", "misspelt")]

    kept = replace(jurisdiction.current(), visitors_kept=timedelta(days=30))
    monkeypatch.setitem(office.extensions, "hotline.jurisdiction", kept)
    name, now = entry.visitor or b"", clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=29))
    room_entries.sweep()
    assert entry.visitor == name
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
    room_entries.sweep()

    assert not [path.name for path in settings().data_dir.rglob("*") if path.is_file() and name in path.read_bytes()]
    assert [(one.visitor, one.reason) for one in db.session.scalars(select(RoomEntry))] == [(None, None)]
    shown = room_entries.list_inside(by=admin)[0]
    assert [(one.visitor, one.reason) for one in shown.corrections] == [(None, None)]
    with pytest.raises(Refused) as refusal, writing():
        room_entries.correct(
            entry, came_at=None, left_at=None, happened=True, visitor="Another", reason="a slip", by=admin
        )
    assert refusal.value.faults == (("visitor", "erased"),)
    assert (shown.is_left_open, room_entries.count_left_open()) == (True, 1)
    with pytest.raises(IntegrityError), writing():
        db.session.execute(text("UPDATE room_entries SET is_visitor = is_visitor"))
    with pytest.raises(IntegrityError), writing():
        db.session.execute(text("UPDATE room_corrections SET happened = happened"))


def test_people_note_their_own_coming_and_leaving_alone(office: Flask) -> None:
    sophea, dara, (admin, _) = staff.get_by_name("sophea"), staff.get_by_name("kunthea"), keepers()
    with writing():
        room_entries.permit(sophea, None, by=admin)
        entry = room_entries.come_in(coming(sophea), by=sophea)
        with pytest.raises(Forbidden):
            room_entries.come_in(coming(dara), by=sophea)
        with pytest.raises(Refused):
            room_entries.come_in(coming(sophea), by=sophea)  # is inside
        room_entries.come_in(coming(dara), by=admin)
    with pytest.raises(NotFound):
        room_entries.get(entry.id, by=dara)
    with writing():
        room_entries.leave(room_entries.get(entry.id, by=sophea), None, by=sophea)
    with pytest.raises(WrongState), writing():
        room_entries.leave(entry, None, by=sophea)

    found = room_entries.evidence()
    assert (found.entries, found.on_list, found.visitors, found.permits) == (2, 1, 0, 1)


def test_a_correction_is_added_and_counts(office: Flask) -> None:
    sophea, (admin, _) = staff.get_by_name("sophea"), keepers()
    with writing():
        entry = room_entries.come_in(coming(sophea), by=sophea)
        written = entry.came_at
        earlier = written - timedelta(hours=1)
        room_entries.correct(entry, came_at=earlier, left_at=None, happened=True, reason="wrong hour", by=admin)
        with pytest.raises(Forbidden):
            room_entries.correct(entry, came_at=None, left_at=None, happened=False, reason="no", by=sophea)

    today = jurisdiction.today()
    shown = room_entries.list_between(today - timedelta(days=1), today, by=admin)
    assert [(one.stay.came_at, one.entry.came_at) for one in shown] == [(earlier, written)]
    with pytest.raises(IntegrityError), writing():  # of one of us it stays
        db.session.execute(text("UPDATE room_corrections SET reason = NULL"))
    with writing():
        room_entries.correct(entry, came_at=None, left_at=None, happened=False, reason="a slip", by=admin)
    assert (room_entries.evidence().entries, room_entries.list_inside(by=admin)) == (0, [])
    rows = list(room_entries.records(clock.now() - timedelta(hours=2), clock.in_(5), by=admin))
    assert [(len(row), row[-1]) for row in rows] == [(len(room_entries.COLUMNS), "did not happen")]


def vetting(days: int, kind: TrainingKind = TrainingKind.VETTING) -> Said:
    today = jurisdiction.today()
    return Said(kind, "police record, folder 3", today - timedelta(days=400), today + timedelta(days=days))


def test_a_training_falls_due_when_it_expires_and_is_met_by_the_next(office: Flask) -> None:
    sophea, (admin, _) = staff.get_by_name("sophea"), keepers()
    with writing():
        first = trainings.enter(sophea, vetting(-1), by=admin)
        trainings.enter(sophea, vetting(90, TrainingKind.CORE), by=admin)
        with pytest.raises(Refused):
            trainings.enter(admin, vetting(30), by=admin)  # of oneself
    running = duties.of(duties.Thing(Subject.TRAINING, first.id))
    assert [(one.owner_id, one.due_at) for one in running] == [(sophea.id, trainings.end_of(first.expires_on))]
    found = trainings.evidence()
    assert (found.vetted, found.expired_vettings, found.expired_trainings) == (0, 1, 0)
    assert [one.id for one in trainings.list_ending(sophea)] == [first.id]

    with writing():
        second = trainings.enter(sophea, replace(vetting(300), done_on=jurisdiction.today()), by=admin)

    assert running[0].ending is ClockEnd.MISSED
    assert (trainings.evidence().vetted, trainings.of(sophea).is_vetted) == (1, True)
    with writing():
        trainings.strike(second, by=admin)
    assert not trainings.of(sophea).is_vetted
    with pytest.raises(IntegrityError), writing():
        db.session.execute(text("UPDATE trainings SET expires_on = NULL"))


def test_a_review_of_access_keeps_every_account_as_it_stood(office: Flask) -> None:
    admin, _ = keepers()
    accounts = access_reviews.list_accounts(by=admin)
    said = {one.person.number: access_reviews.Said(AccessVerdict.STAYS, seen=one.seen) for one in accounts}
    number = accounts[0].person.number
    change = replace(said[number], verdict="change")
    with pytest.raises(Refused) as refusal, writing():
        access_reviews.finish(said | {number: change}, note="", by=admin)
    assert refusal.value.faults == ((f"reason-{number}", "missing"),)

    with writing():
        change = replace(change, reason="left the analysts")
        review = access_reviews.finish(said | {number: change}, note="all seen", by=admin)

    assert len(review.lines) == len(accounts)
    assert access_reviews.list_accounts(by=admin)[0].asked is not None
    found = access_reviews.evidence()
    assert (found.done_at, found.to_change, found.clashes) == (review.done_at, 1, 0)
    assert (found.accounts, found.others_open_items) == (len(accounts), 0)
    last = duties.last_marks([duties.get("review_access", by=admin)])
    assert [one.note for one in last.values()] == ["all seen"]
    rows = list(access_reviews.records(clock.now() - timedelta(hours=1), clock.in_(5), by=admin))
    assert {len(row) for row in rows} == {len(access_reviews.COLUMNS)}
    with pytest.raises(IntegrityError), writing():
        db.session.execute(text("DELETE FROM access_review_lines"))


def test_a_review_vouches_only_for_what_was_seen(office: Flask) -> None:
    admin, manager = keepers()
    with writing():
        audit.record(manager, access_reviews.SIGNED_IN, f"staff {manager.number}")
        audit.record(manager, "signed out everywhere", f"staff {manager.number}")
    accounts = access_reviews.list_accounts(by=admin)
    assert [one.person for one in accounts if one.seen_at] == [manager]
    said = {one.person.number: access_reviews.Said(AccessVerdict.STAYS, seen=one.seen) for one in accounts}
    with writing():
        room_entries.permit(manager, None, by=admin)

    with pytest.raises(Refused) as refusal, writing():
        access_reviews.finish(said, note="", by=admin)

    assert refusal.value.faults == ((f"verdict-{manager.number}", "changed"),)


def test_networks_are_noted_when_they_change(office: Flask) -> None:
    networks.note()
    networks.note()
    with writing():
        db.session.execute(
            text("INSERT INTO network_periods (networks, since_at) VALUES ('192.0.2.0/24', '2026-01-01')")
        )
        networks.in_force().until_at = clock.now()

    networks.note()

    found = db.session.scalars(select(NetworkPeriod).order_by(NetworkPeriod.id)).all()
    assert len(found) == 2
    assert "127.0.0.0/8" in networks.evidence().networks


def test_a_restore_test_is_noted_with_how_long_it_took(office: Flask) -> None:
    admin, _ = keepers()
    with pytest.raises(Refused), writing():
        restore_tests.record(what="", minutes=0, worked=True, done_at=None, by=admin)
    with writing():
        restore_tests.record(what="last night, both stores", minutes=42, worked=True, done_at=None, by=admin)

    found = restore_tests.evidence()
    assert (found.minutes, found.worked_at is None) == (42, False)
    running = duties.of(duties.Thing(Subject.STANDING_DUTY, duties.get("restore_test", by=admin).id))
    assert [one.duty for one in running if one.ending is None] == [Duty.RESTORE_TEST]
    assert [one.minutes for one in restore_tests.history(by=admin, most=5)] == [42]
