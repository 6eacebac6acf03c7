"""Duties of the code of practice: their owners, clocks, marks and lists, keys that expire, and who is reached how."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DatabaseError

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import Clock, ClockRule, RecipientKey, StaffReach, StandingDuty
from hotline.rules.reach import Reach
from hotline.services import (
    calendar_feeds,
    clock_rounds,
    directory,
    duties,
    duty_lists,
    duty_names,
    duty_week,
    expiring_keys,
    officials,
    staff,
    staff_reach,
)
from hotline.services.duties import Thing
from hotline.services.duty_lists import Shown, Wanted
from hotline.services.officials import OfficialEntry
from hotline.transactions import writing
from hotline.vocabulary import (
    ClockEnd,
    Duty,
    KeyKind,
    Language,
    OfficialPart,
    RecipientKind,
    Subject,
)

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)  # a Thursday, ten in the morning in Cambodia
DAY = timedelta(days=1)
At = Callable[[timedelta], None]


@pytest.fixture
def at(office: Flask, monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to a time after `NOW`; the standing duties have their clocks since `NOW`."""

    def move(passed: timedelta) -> None:
        db.session.rollback()
        monkeypatch.setattr(clock, "now", lambda: NOW + passed)

    move(timedelta())
    duties.sweep()
    return move


def people(*names: str):
    return [staff.get_by_name(name) for name in names]


def running(key: str) -> Clock:
    return duties.clock_of(db.session.scalars(select(StandingDuty).where(StandingDuty.key == key)).one())


def incident(number: int, owner, *, due: timedelta = DAY) -> Thing:
    thing = Thing(Subject.INCIDENT, number)
    with writing():
        duties.begin(thing, Duty.TELL_DPO, owner_id=owner.id if owner else None, due=clock.now() + due)
    return thing


def test_each_standing_duty_has_one_clock_that_nobody_owns_at_first(at: At) -> None:
    duties.sweep()

    standing = db.session.scalars(select(StandingDuty)).all()
    found = db.session.scalars(select(Clock).where(Clock.subject == Subject.STANDING_DUTY)).all()
    assert sorted(one.subject_id for one in found) == sorted(one.id for one in standing)
    assert duty_lists.count_nobodys() == len(standing)


@pytest.mark.parametrize(
    ("done_after", "noted_after", "ending", "next_due"),
    [
        (10, 10, ClockEnd.MET, 10 + 92),
        (90, 95, ClockEnd.MET, 90 + 92),  # in time, and put on record late
        (95, 95, ClockEnd.MISSED, 95 + 92),
    ],
)
def test_what_was_done_begins_the_next_round_from_its_day(
    at: At, done_after: int, noted_after: int, ending: ClockEnd, next_due: int
) -> None:
    dara = people("dara")[0]
    at(noted_after * DAY)
    before, one = running("restore_test").id, duties.get("restore_test", by=dara)
    with writing():
        duties.mark(one, worked=True, note="All rows came back.", done_at=NOW + done_after * DAY, by=dara)

    assert db.session.get_one(Clock, before).ending is ending
    assert running("restore_test").due_at == NOW + next_due * DAY


def test_what_did_not_work_leaves_the_clock_running_and_needs_words(at: At) -> None:
    dara = people("dara")[0]
    one, before = duties.get("restore_test", by=dara), running("restore_test").due_at
    with writing():
        duties.mark(one, worked=False, note="The disk was full.", done_at=None, by=dara)
    with pytest.raises(Refused) as refusal, writing():
        duties.mark(one, worked=False, note=" ", done_at=clock.now() + DAY, by=dara)
    with pytest.raises(Refused) as address, writing():
        duties.mark(one, worked=True, note="see https://img-board.example/1", done_at=None, by=dara)

    assert running("restore_test").due_at == before
    assert dict(refusal.value.faults) == {"note": "missing", "done_at": "ahead"}
    assert dict(address.value.faults) == {"note": "address"}


def test_what_has_a_record_of_its_own_is_done_by_that_alone(at: At) -> None:
    dara = people("dara")[0]
    for key, refused in {"restore_test": True, "consult.industry": True, "check_clause.law": False}.items():
        one, before = duties.get(key, by=dara), running(key).id
        at(DAY)
        if refused:
            with pytest.raises(Refused) as refusal, writing():
                duties.note(one, worked=True, words="", done_at=None, by=dara)
            assert refusal.value.faults == (("note", "elsewhere"),)
        with writing():
            duties.note(one, worked=not refused, words="A line.", done_at=None, by=dara)
        assert (running(key).id == before) is refused


def test_after_the_clock_was_set_back_a_mark_that_lies_ahead_holds_up_nothing(at: At) -> None:
    dara = people("dara")[0]
    at(40 * DAY)
    with writing():
        duties.mark(duties.get("restore_test", by=dara), worked=True, note="", done_at=None, by=dara)
    at(5 * DAY)
    clock_rounds.sweep_due()
    with writing():
        duties.mark(duties.get("restore_test", by=dara), worked=True, note="", done_at=None, by=dara)
        duties.mark(duties.get("restore_test", by=dara), worked=True, note="", done_at=NOW + DAY, by=dara)

    assert running("restore_test").due_at == NOW + (5 + 92) * DAY  # the older one moved nothing


def test_a_duty_is_given_by_who_may_and_to_who_may_own_it(at: At) -> None:
    dara, vanna, sophea, admin = people("dara", "vanna", "sophea", "admin")
    one = running("review_access")
    with writing():
        duties.hand_over(one, admin, by=vanna)
    assert (one.owner_id, duties.get("review_access", by=vanna).owner_id) == (admin.id, admin.id)

    with pytest.raises(Forbidden), writing():
        duties.hand_over(running("review_access"), dara, by=admin)
    with pytest.raises(Refused), writing():
        duties.hand_over(running("review_access"), sophea, by=vanna)


def test_all_of_one_persons_duties_go_to_another_in_one_step(at: At) -> None:
    dara, vanna = people("dara", "vanna")
    with writing():
        duties.give(duties.get("restore_test", by=vanna), dara, by=vanna)
    thing = incident(1, dara)
    with writing():
        moved = duties.hand_over_all(dara, vanna, by=vanna)

    assert moved == 2
    assert {one.owner_id for one in (*duties.of(thing), running("restore_test"))} == {vanna.id}
    assert duties.list_owned(dara, most=9) == []
    with writing():
        duties.pause(running("restore_test"), "other", by=vanna)
        duties.fall_due(thing, Duty.TELL_DPO, clock.now() + 999 * DAY)
    assert [one.duty for one in duties.list_owned(vanna, most=1)] == [Duty.TELL_DPO]  # what stands still comes last


def test_an_account_that_closes_leaves_its_duties_without_an_owner(at: At) -> None:
    dara, vanna, admin = people("dara", "vanna", "admin")
    with writing():
        duties.give(duties.get("restore_test", by=vanna), dara, by=vanna)
        token = calendar_feeds.renew(dara)
    incident(1, dara)
    before = duty_lists.count_nobodys()
    with writing():
        ownerless = staff.disable(staff.get_by_name("dara"), by=admin)

    assert (ownerless, duty_lists.count_nobodys()) == (2, before + 2)
    assert calendar_feeds.find_person(token) is None
    assert [one.staff_id for one in duties.owners(duties.get("restore_test", by=vanna))] == [None, dara.id]


def test_a_clock_that_stands_still_keeps_what_was_left_and_some_never_do(at: At) -> None:
    vanna = people("vanna")[0]
    one, due = running("restore_test"), running("restore_test").due_at
    with writing():
        duties.pause(running("restore_test"), "other", by=vanna)
    at(3 * DAY)
    with pytest.raises(WrongState), writing():
        duties.pause(running("restore_test"), "other", by=vanna)
    with writing():
        duties.resume(running("restore_test"), by=vanna)
    incident(1, vanna)
    never = db.session.scalars(select(Clock).where(Clock.duty == Duty.TELL_DPO)).one()

    assert db.session.get_one(Clock, one.id).due_at == due + 3 * DAY
    with pytest.raises(Refused):
        duties.pause(never, "other", by=vanna)
    assert {Duty.ANSWER_INHOPE, Duty.TAKE_DOWN_PICTURE} <= duties.NEVER_STILL


def test_the_page_shows_nobodys_first_then_by_owner_and_goes_on_where_it_left_off(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    dara, vanna = people("dara", "vanna")
    for number, owner in enumerate((vanna, dara, None, dara), 1):
        incident(number, owner, due=number * timedelta(hours=1))
    monkeypatch.setattr(duty_lists, "LINES", 2)
    wanted, seen = Wanted(duty=Duty.TELL_DPO), []
    while not seen or wanted.after:
        found = duty_lists.page(wanted, by=vanna)
        seen += [one.subject_id for one in found.rows]
        wanted = Wanted(duty=Duty.TELL_DPO, after=found.next)

    assert seen == [3, 2, 4, 1]
    with pytest.raises(Refused):
        duty_lists.page(Wanted(after="x.1.2"), by=vanna)


def test_filters_tell_running_late_paused_and_missed_apart(at: At) -> None:
    dara, vanna = people("dara", "vanna")
    late, missed = incident(1, dara, due=timedelta(hours=1)), incident(2, dara, due=timedelta(hours=1))
    with writing():
        duties.pause(running("restore_test"), "police", by=vanna)
    at(timedelta(hours=2))
    with writing():
        duties.met(missed, Duty.TELL_DPO)

    def shown(which: Shown, **more: object) -> list[int]:
        return [one.subject_id for one in duty_lists.page(Wanted(which, **more), by=vanna).rows]

    assert shown(Shown.LATE) == [late.id]
    assert shown(Shown.MISSED) == shown(Shown.MISSED, whose=dara.number) == [missed.id]
    assert shown(Shown.MISSED, duty=Duty.CONSULT) == []
    with pytest.raises(Refused):  # nobody's are a list of what is open
        shown(Shown.MISSED, whose="nobody")
    assert shown(Shown.PAUSED) == [running("restore_test").subject_id]
    counts = duty_lists.counts()
    assert (counts.late, counts.paused, duty_lists.count_late(dara)) == (1, 1, 1)
    assert duty_week.numbers()["missed"] == 1


def test_each_list_and_count_is_read_off_its_index(at: At) -> None:
    """No page may look through clocks that are over and done with, however many they are."""
    dara, vanna = people("dara", "vanna")
    incident(1, dara)
    rule = db.session.scalars(select(ClockRule.id).where(ClockRule.duty == Duty.TELL_DPO)).first()
    ended = {"duty": Duty.TELL_DPO, "subject": Subject.INCIDENT, "rule_id": rule, "started_at": NOW, "due_at": NOW}
    ended |= {"ended_at": NOW, "ending": ClockEnd.MISSED, "owner_id": dara.id}
    with writing():
        db.session.execute(insert(Clock), [ended | {"subject_id": number} for number in range(10, 400)])
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    for which in Shown:
        for whose in ("", dara.number) if which is Shown.MISSED else ("", "nobody", dara.number):
            duty_lists.page(Wanted(which, whose=whose), by=vanna)
    duty_lists.counts()
    duty_lists.owners()
    duty_lists.count_late(dara)
    duty_lists.due_before(NOW, most=5)
    duty_lists.missed_since(NOW, most=5)
    duty_week.of(by=vanna)
    event.remove(db.engine, "before_cursor_execute", note)

    on_sqlite = db.engine.dialect.name == "sqlite"  # PostgreSQL plans by what the table holds, which is little here
    for statement, parameters in asked:
        if "FROM clocks" in statement and "clocks.id IN" not in statement:
            plan = plan_of(statement, parameters)
            assert "SCAN clocks" not in plan.replace("SCAN clocks USING", "read"), plan
            assert "Seq Scan on clocks" not in plan, plan
            ours = "ix_clocks_practice" in plan or ("UNION ALL" in statement and "ix_clocks_duty" in plan)
            assert ours or (not on_sqlite and "ix_clocks" in plan), f"{plan}: {statement}"


def plan_of(statement: str, parameters: object) -> str:
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return " ".join(row[-1] for row in rows)
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so little is read whole, which a million is not
    return " ".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


def test_a_key_that_expires_has_a_clock_until_then_and_no_longer_than_it_is_used(at: At) -> None:
    vanna = people("vanna")[0]
    with writing():
        duties.give(duties.get("review_access", by=vanna), vanna, by=vanna)
        entry = directory.add("Example Keys", RecipientKind.PLATFORM, "abuse@keys.example", "NL", Language.EN)
        key = recipient_key(entry.id, NOW + 50 * DAY)
    expiring_keys.sweep()
    expiring_keys.sweep()
    of_key = Thing(Subject.RECIPIENT_KEY, key.id)
    assert [(one.due_at, one.owner_id) for one in duties.of(of_key)] == [(NOW + 50 * DAY, vanna.id)]
    assert [one.ref for one in duty_names.named(duties.of(of_key)).values()] == [entry.ref]

    with writing():
        newer = recipient_key(entry.id, NOW + 400 * DAY)
    expiring_keys.sweep()
    assert [one.ending for one in duties.of(of_key)] == [ClockEnd.MET]

    with writing():
        directory.switch(entry, on=False, by=vanna)
    expiring_keys.sweep()
    assert [one.ending for one in duties.of(Thing(Subject.RECIPIENT_KEY, newer.id))] == [ClockEnd.VOID]


def recipient_key(recipient_id: int, expires_at: datetime) -> RecipientKey:
    key = RecipientKey(
        recipient_id=recipient_id,
        kind=KeyKind.OPENPGP,
        material="-",
        fingerprint=f"{expires_at:%Y%m%d}",
        expires_at=expires_at,
        added_at=clock.now(),
    )
    db.session.add(key)
    db.session.flush()
    return key


def test_what_people_enter_about_themselves_is_sealed_and_known_to_the_check_for_ever(office: Flask) -> None:
    dara, admin = people("dara", "admin")
    reach = Reach(("Dara Pich", "ពេជ្រ ដារ៉ា"), ("dara@mail.example",), ("012 345 678",))
    with writing():
        staff_reach.enter(dara, reach, wants_mail=True)
        staff.disable(dara, by=admin)

    row = db.session.scalars(select(StaffReach)).one()
    assert b"mail.example" not in row.mailboxes
    assert staff_reach.everybody() == staff_reach.Everybody(reach.names, reach.mailboxes, reach.phones)
    assert staff_reach.filled() == {dara.id}
    with writing():
        db.session.scalars(select(StaffReach)).one().names = b"from another key"
    assert staff_reach.filled() == frozenset()
    with pytest.raises(Refused) as refusal, writing():
        staff_reach.enter(admin, Reach((), ("no mailbox",), ("call me",)), wants_mail=True)
    assert {field for field, _ in refusal.value.faults} == {"mailboxes", "phones"}


def test_who_is_in_an_office_is_followed_and_never_rewritten(office: Flask) -> None:
    dara, sophea = people("dara", "sophea")
    first = OfficialEntry("Example Office", "dpo@office.example", "", date(2026, 1, 2))
    assert officials.current(OfficialPart.DPO) is None
    with writing():
        held = officials.enter(OfficialPart.DPO, first, version=0, by=dara)
    with pytest.raises(Overtaken), writing():
        officials.enter(OfficialPart.DPO, first, version=0, by=dara)
    with writing():
        officials.enter(OfficialPart.DPO, OfficialEntry("Next", "", "+855 23 000 000", None), version=held.id, by=dara)
    with pytest.raises(Forbidden), writing():
        officials.enter(OfficialPart.DPO, first, version=0, by=sophea)

    assert b"Next" not in officials.current(OfficialPart.DPO).name  # sealed
    known = [officials.reached(one).name for one in officials.history(OfficialPart.DPO)]
    assert known == ["Next", "Example Office"]
    forced = ["UPDATE officials SET id = 99"]
    if db.engine.dialect.name == "sqlite":
        columns = "part, name, mailbox, phone, since_at, noted_by_id"
        forced.append(
            f"REPLACE INTO officials ({columns}) SELECT {columns} FROM officials WHERE until_at IS NULL"  # noqa: S608
        )
    else:
        forced.append("TRUNCATE officials")
    for change in forced:
        with pytest.raises(DatabaseError, match="frozen"), writing():
            db.session.execute(text(change))


def test_a_year_without_a_list_of_holidays_is_said_and_its_working_days_all_count(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = jurisdiction.years_without_holidays()
    monkeypatch.setattr(clock, "now", lambda: datetime(2100, 12, 30, 3, tzinfo=UTC))

    assert known == []
    assert jurisdiction.years_without_holidays() == [2101]
    assert not jurisdiction.current().office.is_holiday(date(2101, 1, 1))
    assert jurisdiction.current().office.is_holiday(date(2100, 1, 1))
