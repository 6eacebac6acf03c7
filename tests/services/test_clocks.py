"""Clocks in the stores: what starts, meets, pauses and ends them, and what a round of the sweeper marks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from hotline import clock
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models import HelpRequest, Item, Message, Report
from hotline.models.clock import Clock, ClockRule
from hotline.rules.clocks import Limit
from hotline.services import assessments, audit, claims, clocks, demo, intake, items, message_copies, messages, staff
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import (
    Author,
    Category,
    ClockEnd,
    Concern,
    Danger,
    Duty,
    ItemOutcome,
    ItemStatus,
    Language,
    Pace,
    PauseReason,
    Subject,
)
from tests.services import steps

HOUR = timedelta(hours=1)
HOURLY = datetime(2026, 3, 2, 3, tzinfo=UTC)
At = Callable[..., datetime]
ACKNOWLEDGE, ASSESS, SECOND_LOOK = Duty.ACKNOWLEDGE, Duty.ASSESS, Duty.SECOND_LOOK


@pytest.fixture
def at(office: Flask, monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to an hour and minute of a Monday in March, or of a day after it."""

    def set_clock(hour: int, minute: int = 0, *, day: int = 2) -> datetime:
        moment = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        db.session.rollback()
        return moment

    return set_clock


def filed(
    url: str = "https://img-board.example/t/1", *, category: Category = Category.CSAM, danger: Danger | None = None
) -> Item:
    """File a report of this hour and return its item."""
    said = Submission(category, url, None, "", danger, "", Language.EN)
    key = func.count(Item.id)
    with writing():
        number = db.session.scalar(select(key)) or 0
        tag = f"{url} {clock.now()} {number}".encode()
        intake.file_report(said, inbox_id=tag, receipt_tag=tag, received_at=clock.this_hour())
    return db.session.scalars(select(Item).order_by(Item.id.desc())).first()


def running(item: Item) -> dict[Duty, Clock]:
    db.session.rollback()
    return {one.duty: one for one in clocks.of(item) if one.ended_at is None}


def ended(item: Item) -> dict[Duty, ClockEnd | None]:
    db.session.rollback()
    return {one.duty: one.ending for one in clocks.of(item) if one.ended_at}


def in_transaction(deed: Callable[[], object]) -> None:
    with writing():
        deed()


def first_due(item: Item) -> datetime | None:
    return min((one.due_at for one in running(item).values() if not one.paused_at), default=None)


def test_a_report_starts_its_clocks_when_its_hour_ends(at: At) -> None:
    now = at(3, 37)  # 10:37 in Phnom Penh

    item = filed()

    assert {duty: one.started_at for duty, one in running(item).items()} == dict.fromkeys(
        (ACKNOWLEDGE, ASSESS), now.replace(hour=4, minute=0)
    )
    assert running(item)[ACKNOWLEDGE].due_at == datetime(2026, 3, 3, 4, tzinfo=UTC)
    assert running(item)[ASSESS].due_at == datetime(2026, 3, 5, 4, tzinfo=UTC)  # 27 hours of office from 11:00
    assert item.due_at == first_due(item)
    assert not [one for one in audit.history(f"item {item.ref}") if "clock" in one.action]


def test_looking_twice_meets_each_duty_in_turn(at: At) -> None:
    at(3)
    item = filed()
    first, second, _third = steps.team()
    at(5)
    in_transaction(lambda: claims.claim(item, by=first))
    assert (ended(item), set(running(item))) == ({ACKNOWLEDGE: ClockEnd.MET}, {ASSESS})
    assert item.due_at == first_due(item)

    in_transaction(lambda: assessments.first_look(item, demo.ILLEGAL, by=first))
    assert set(running(item)) == {SECOND_LOOK}
    assert item.due_at == clock.now() + 24 * HOUR
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)

    assert ended(item) == dict.fromkeys((ACKNOWLEDGE, ASSESS, SECOND_LOOK), ClockEnd.MET)
    assert set(running(item)) == {Duty.NOTIFY}
    assert item.due_at == clock.now() + 24 * HOUR


def test_what_is_done_too_late_is_missed(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    at(5, 1)

    in_transaction(lambda: claims.claim(item, by=steps.team()[0]))

    late = next(one for one in clocks.of(item) if one.duty is ACKNOWLEDGE)
    assert (late.ending, late.breached_at) == (ClockEnd.MISSED, late.due_at)


def test_a_closed_item_has_no_clock_and_one_that_is_reported_again_has_new_ones(at: At) -> None:
    at(3)
    item = filed()
    in_transaction(lambda: items.close(item, ItemOutcome.REMOVED, by=None))
    assert (set(ended(item).values()), item.due_at) == ({ClockEnd.VOID}, None)

    at(3, day=4)
    filed()

    assert {one.started_at for one in running(item).values()} == {datetime(2026, 3, 4, 4, tzinfo=UTC)}
    assert set(running(item)) == {ACKNOWLEDGE, ASSESS}


def test_more_reports_change_nothing_until_it_is_more_urgent(at: At) -> None:
    at(3)
    filed("https://img-board.example/the-first-on-its-host")
    item = filed()
    before = {duty: one.id for duty, one in running(item).items()}
    at(4)
    filed()
    assert {duty: one.id for duty, one in running(item).items()} == before

    at(5)
    filed(danger=Danger.YES)

    assert {one.due_at for one in running(item).values()} == {datetime(2026, 3, 2, 7, tzinfo=UTC)}
    assert {duty: one.rule.urgency for duty, one in running(item).items()} == {ACKNOWLEDGE: 1, ASSESS: 1}
    assert set(ended(item).values()) == {ClockEnd.VOID}
    assert item.due_at == first_due(item)


def test_the_stricter_limit_wins_and_what_is_late_stays_late(at: At) -> None:
    at(3)
    item = filed(category=Category.OTHER)
    at(3, 59, day=3)  # its acknowledgement is due within the minute
    filed(danger=Danger.YES)

    found = running(item)
    assert found[ACKNOWLEDGE].due_at == datetime(2026, 3, 3, 4, tzinfo=UTC)
    assert found[ASSESS].due_at == datetime(2026, 3, 3, 5, tzinfo=UTC)


def test_handing_in_and_withdrawing_gains_no_time(at: At) -> None:
    at(3)
    item = filed()
    first = steps.team()[0]
    due = running(item)[ASSESS].due_at
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
    at(9)

    in_transaction(lambda: assessments.withdraw_first_look(item, by=first))

    assert set(running(item)) == {ASSESS}
    assert running(item)[ASSESS].due_at == item.due_at == due
    assert ended(item)[SECOND_LOOK] is ClockEnd.VOID


def test_a_pause_carries_over_what_is_left(at: At) -> None:
    at(3)
    item = filed()
    by = steps.team()[0]
    one = running(item)[ACKNOWLEDGE]
    due = one.due_at
    at(10)
    in_transaction(lambda: clocks.pause(clocks.get(one.id, by=by), "police", by=by))
    assert (one.next_at, one.pause_reason, item.due_at) == (None, PauseReason.POLICE, running(item)[ASSESS].due_at)
    assert [line.clock.id for line in clocks.list_paused(by=by)] == [one.id]

    at(15)
    in_transaction(lambda: clocks.resume(clocks.get(one.id, by=by), by=by))

    assert running(item)[ACKNOWLEDGE].due_at == item.due_at == due + 5 * HOUR
    assert clocks.list_paused(by=by) == []
    assert [entry.action for entry in audit.history(f"item {item.ref}")] == ["paused clock", "resumed clock"]


def test_a_pause_that_hides_a_rise_of_urgency_ends_under_the_stricter_limit(at: At) -> None:
    at(3)
    filed("https://img-board.example/the-first-on-its-host")
    item = filed()
    by = steps.team()[0]
    one = running(item)[ASSESS]
    in_transaction(lambda: clocks.pause(clocks.get(one.id, by=by), "police", by=by))
    at(5)
    filed(danger=Danger.YES)
    assert running(item)[ASSESS].rule.urgency != 1
    at(8, day=4)

    with writing():
        now_runs = clocks.resume(clocks.get(one.id, by=by), by=by)

    assert running(item)[ASSESS].id == now_runs.id != one.id
    assert (now_runs.rule.urgency, now_runs.due_at) == (1, clock.now() + HOUR)


def test_a_rule_that_changed_during_a_pause_does_not_hold_for_what_goes_on(at: At) -> None:
    at(3)
    item = filed()
    by, one = steps.team()[0], running(item)[ACKNOWLEDGE]
    in_transaction(lambda: clocks.pause(clocks.get(one.id, by=by), "police", by=by))
    limit, manager = Limit(HOUR, timedelta(), Pace.WALL), staff.get_by_name("vanna")
    with writing():
        clocks.change_rule(ACKNOWLEDGE, None, limit, valid_from=None, reason="trial", by=manager)
    at(4)

    in_transaction(lambda: clocks.resume(clocks.get(one.id, by=by), by=by))

    assert running(item)[ACKNOWLEDGE].id == one.id


def test_what_stands_still_of_the_most_urgent_is_shown_first(at: At) -> None:
    at(3)
    calm, pressing = filed("https://a.example/1"), filed("https://b.example/1", danger=Danger.YES)
    by = steps.team()[0]
    for minute, item in enumerate((calm, pressing)):
        at(4, minute)
        one = running(item)[ASSESS]
        in_transaction(lambda one=one: clocks.pause(clocks.get(one.id, by=by), "police", by=by))

    assert [line.ref for line in clocks.list_paused(by=by, most=1)] == [pressing.ref]


def test_a_pause_counts_when_what_was_done_is_undone(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    first = steps.team()[0]
    in_transaction(lambda: claims.claim(item, by=first))
    one = running(item)[ASSESS]
    due = one.due_at
    at(4)
    in_transaction(lambda: clocks.pause(clocks.get(one.id, by=first), "police", by=first))
    at(9)
    in_transaction(lambda: assessments.first_look(item, demo.ILLEGAL, by=first))

    in_transaction(lambda: assessments.withdraw_first_look(item, by=first))

    assert running(item)[ASSESS].due_at == item.due_at == due + 5 * HOUR


def test_why_a_clock_stands_still_waits_until_two_have_chosen(at: At) -> None:
    at(3)
    item = filed()
    first, second, third = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
    one = running(item)[SECOND_LOOK]
    assert not clocks.may_pause(one, by=first)
    with pytest.raises(Forbidden):
        in_transaction(lambda: clocks.pause(clocks.get(one.id, by=first), "police", by=first))

    in_transaction(lambda: clocks.pause(clocks.get(one.id, by=third), "police", by=third))

    told = {by.id: clocks.list_paused(by=by)[0].reason for by in (first, second, third)}
    assert told == {first.id: None, second.id: None, third.id: PauseReason.POLICE}
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)
    assert clocks.reason_of(one, by=second) is PauseReason.POLICE


def test_items_that_were_open_before_there_were_clocks_get_theirs(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    monkeypatch.setattr(clocks, "BATCH", 2)
    open_ones = [filed(f"https://img-board.example/t/{number}") for number in range(5)]
    first = steps.team()[0]
    with writing():
        claims.claim(open_ones[0], by=first)
        claims.claim(open_ones[1], by=first)
        assessments.first_look(open_ones[1], demo.ILLEGAL, by=first)
        items.close(open_ones[2], ItemOutcome.REMOVED, by=None)
    with writing():
        db.session.execute(delete(Clock))
        db.session.execute(update(Item).values(due_at=None))
    at(7)

    clocks.sweep_due()
    clocks.sweep_due()

    both = {ACKNOWLEDGE, ASSESS}
    assert [set(running(item)) for item in open_ones] == [{ASSESS}, {SECOND_LOOK}, set(), both, both]
    assert {one.started_at for one in db.session.scalars(select(Clock))} == {clock.now()}
    assert open_ones[3].due_at == first_due(open_ones[3])


def test_clocks_are_found_and_counted_by_their_indexes(at: At) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    late = "SELECT id FROM clocks WHERE duty = 'assess' AND ended_at >= '2026' AND ending = 'missed' LIMIT 1000"
    runs = "SELECT id FROM clocks WHERE duty = 'assess' AND ending IS NULL AND ended_at IS NULL LIMIT 1000"
    of_one = "SELECT id FROM clocks WHERE subject = 'item' AND subject_id = 1"
    plans = [str(db.session.execute(text(f"EXPLAIN QUERY PLAN {one}")).all()) for one in (late, runs, of_one)]

    assert "ix_clocks_duty (duty=? AND ending=? AND ended_at>?)" in plans[0]
    assert "ix_clocks_duty (duty=? AND ending=? AND ended_at=?)" in plans[1]
    assert "ix_clocks_subject (subject=? AND subject_id=?)" in plans[2]


def test_a_working_clock_that_pauses_over_a_weekend_loses_no_working_time(at: At) -> None:
    at(3)
    item = filed()
    by = steps.team()[0]
    one = running(item)[ASSESS]
    at(8, day=4)  # Wednesday 15:00: two hours of that day are left, and three of Thursday
    in_transaction(lambda: clocks.pause(clocks.get(one.id, by=by), "adviser", by=by))

    at(3, day=14)  # Saturday
    in_transaction(lambda: clocks.resume(clocks.get(one.id, by=by), by=by))

    assert running(item)[ASSESS].due_at == datetime(2026, 3, 16, 6, tzinfo=UTC)  # Monday 13:00


def test_what_stands_still_runs_or_has_run_out_says_so(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    by = steps.team()[0]
    one = running(item)[ACKNOWLEDGE]
    with pytest.raises(WrongState):
        in_transaction(lambda: clocks.resume(clocks.get(one.id, by=by), by=by))
    with pytest.raises(Refused):
        in_transaction(lambda: clocks.pause(clocks.get(one.id, by=by), "lunch", by=by))
    at(6)
    with pytest.raises(WrongState):
        in_transaction(lambda: clocks.pause(clocks.get(one.id, by=by), "police", by=by))
    with pytest.raises(NotFound):
        clocks.get(one.id, by=staff.get_by_name("kunthea"))
    with pytest.raises(NotFound):
        clocks.get(2**30, by=by)


def test_a_round_marks_the_reminder_and_then_the_breach_once(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    assert clocks.sweep_due() == 0
    at(4, 45)
    assert clocks.sweep_due() == 0  # to the minute: not yet
    at(4, 46)
    assert (clocks.sweep_due(), clocks.sweep_due()) == (2, 0)
    assert {one.reminded_at for one in running(item).values()} == {clock.now()}
    at(5)
    assert clocks.sweep_due() == 0
    at(5, 1)

    assert (clocks.sweep_due(), clocks.sweep_due()) == (2, 0)

    assert {(one.breached_at, one.next_at) for one in running(item).values()} == {
        (datetime(2026, 3, 2, 5, tzinfo=UTC), None)
    }
    assert [entry.action for entry in audit.history(f"item {item.ref}")] == ["clock ran out"] * 2
    assert audit.verify()[1] is None
    assert item.due_at == first_due(item)


def test_a_round_works_in_batches_and_leaves_the_rest(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    for number in range(4):
        filed(f"https://img-board.example/t/{number}", danger=Danger.YES)
    monkeypatch.setattr(clocks, "BATCH", 3)
    monkeypatch.setattr(clocks, "MOST_BATCHES", 2)
    at(9)

    assert [clocks.sweep_due() for _round in range(3)] == [6, 2, 0]


def test_lists_show_what_a_person_may_see_soonest_first(at: At) -> None:
    at(3)
    calm, pressing = filed("https://a.example/1"), filed("https://b.example/1", danger=Danger.YES)
    first = steps.team()[0]
    in_transaction(lambda: claims.claim(calm, by=first))

    seen = [(line.ref, line.clock.duty) for line in clocks.list_running(by=first)]
    assert seen[:2] == [(pressing.ref, ACKNOWLEDGE), (pressing.ref, ASSESS)]
    assert seen[2:] == [(calm.ref, ASSESS)]
    assert [line.ref for line in clocks.list_running(by=first, mine=True)] == [calm.ref]
    assert clocks.list_running(by=first, most=1)[0].item == pressing
    for name in ("kunthea", "admin"):
        assert clocks.list_running(by=staff.get_by_name(name)) == []


def test_tallies_count_by_duty_and_stop_counting(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    for number in range(3):
        filed(f"https://img-board.example/t/{number}", danger=Danger.YES if number else None)
    by = steps.team()[0]
    pressing = db.session.scalars(select(Item).where(Item.in_danger).order_by(Item.id)).first()
    at(4, 10)
    one = running(pressing)[ASSESS]
    in_transaction(lambda: clocks.pause(one, "partner", by=by))
    at(6)
    in_transaction(lambda: claims.claim(pressing, by=by))

    told = {one.duty: one for one in clocks.tallies(by=by)}

    assert told[ACKNOWLEDGE] == clocks.Tally(ACKNOWLEDGE, running=2, over=1, paused=0, met=0, missed=1)
    assert told[ASSESS] == clocks.Tally(ASSESS, running=2, over=1, paused=1, met=0, missed=0)
    monkeypatch.setattr(clocks, "MOST_COUNTED", 1)
    assert clocks.tallies(by=by)[0].running == 2


def test_a_change_of_a_rule_is_a_new_row_for_what_begins_after_it(at: At) -> None:
    now = at(3)
    item = filed()
    due, kept = running(item)[ACKNOWLEDGE].due_at, clocks.rule_for(ACKNOWLEDGE, 3)
    limit = Limit(8 * HOUR, HOUR, Pace.WALL)
    manager = staff.get_by_name("vanna")

    with writing():
        clocks.change_rule(ACKNOWLEDGE, None, limit, valid_from=now + HOUR, reason=" a  trial ", by=manager)

    assert clocks.rule_for(ACKNOWLEDGE, 3) == kept
    at(4, 30)
    assert clocks.rule_for(ACKNOWLEDGE, 3).limit == limit
    assert clocks.rule_for(ACKNOWLEDGE, 1).limit.length == HOUR
    assert running(item)[ACKNOWLEDGE].due_at == due
    newer = filed("https://other.example/1")
    assert running(newer)[ACKNOWLEDGE].due_at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    history = clocks.history(ACKNOWLEDGE, None)
    assert [(one.reason, one.made_by) for one in history] == [("a trial", manager), ("came with the portal", None)]


@pytest.mark.parametrize(
    ("limit", "reason", "back", "wrong"),
    [
        (Limit(timedelta(), timedelta(), Pace.WALL), "trial", 0, "length"),
        (Limit(HOUR, HOUR, Pace.WALL), "trial", 0, "reminder"),
        (Limit(HOUR, timedelta(), Pace.WALL), "  ", 0, "reason"),
        (Limit(HOUR, timedelta(), Pace.WALL), "trial", 1, "valid_from"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(at: At, limit: Limit, reason: str, back: int, wrong: str) -> None:
    now = at(3)
    count = db.session.scalar(select(func.count(ClockRule.id)))

    since = now - back * HOUR if back else None
    manager = staff.get_by_name("vanna")

    with pytest.raises(Refused) as refused, writing():
        clocks.change_rule(ASSESS, 1, limit, valid_from=since, reason=reason, by=manager)

    assert [field for field, _code in refused.value.faults] == [wrong]
    assert db.session.scalar(select(func.count(ClockRule.id))) == count


def test_only_a_manager_changes_a_rule(at: At) -> None:
    at(3)
    limit = Limit(HOUR, timedelta(), Pace.WALL)
    analyst = staff.get_by_name("sophea")

    with pytest.raises(Forbidden), writing():
        clocks.change_rule(ASSESS, 1, limit, valid_from=None, reason="trial", by=analyst)


def test_starting_twice_is_starting_once(at: At) -> None:
    at(3)
    item = filed()
    before = running(item)

    in_transaction(lambda: clocks.start(item, ACKNOWLEDGE, ASSESS))

    assert running(item) == before


def test_each_duty_and_urgency_has_a_rule_from_the_beginning(office: Flask) -> None:
    urgencies = (None, 1, 2, 3, 4)

    found = {(duty, urgency): clocks.rule_for(duty, urgency).limit.length for duty in Duty for urgency in urgencies}

    assert found[ACKNOWLEDGE, 1] == found[ASSESS, 1] == found[SECOND_LOOK, 1] == HOUR
    assert (found[ASSESS, 3], found[ASSESS, 4]) == (27 * HOUR, 90 * HOUR)
    assert found[Duty.ANSWER_REPORTER, None] == 9 * HOUR


def test_people_without_a_rule_for_it_are_told(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    monkeypatch.setattr(clocks, "in_force", lambda _at=None: [])

    with pytest.raises(NotFound):
        clocks.rule_for(ASSESS, 1)


def message_clocks() -> list[Clock]:
    db.session.rollback()
    return list(db.session.scalars(select(Clock).where(Clock.subject == Subject.MESSAGE).order_by(Clock.id)))


def test_an_item_that_is_looked_at_anew_has_a_limit_again(at: At) -> None:
    at(3)
    item = filed()
    first, second, _third = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.DOUBTFUL, by=first)
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.DOUBTFUL, by=second)
    at(3, day=5)

    in_transaction(lambda: assessments.adviser_answered(item, by=second))

    assert item.status is ItemStatus.ASSESSING
    assert {duty: one.started_at for duty, one in running(item).items()} == {ASSESS: clock.now()}


def test_a_message_starts_a_clock_that_an_answer_meets_and_a_note_ends(office: Flask) -> None:
    code = steps.report("https://a.example/x")
    for nonce in ("one", "two"):
        message_copies.write(code, "Is it gone?", nonce=nonce)
    intake.open_inbox()
    report = db.session.scalars(select(Report)).one()
    by = steps.team()[0]
    running_ones = [line for line in clocks.list_running(by=by) if line.clock.duty is Duty.ANSWER_REPORTER]
    assert [(line.kind, line.ref) for line in running_ones] == [("report", report.ref)] * 2
    assert {one.started_at for one in message_clocks()} == {clock.this_hour() + HOUR}
    first = min(one.subject_id for one in message_clocks())

    with writing():
        words = {"checked": False, "seen": first, "by": by}
        messages.answer(report.receipt_tag, Concern.REPORT, "report R", "We look at it.", **words)
    with writing():
        messages.settle(report.receipt_tag, Concern.REPORT, "report R", seen=messages.last(report.receipt_tag), by=by)

    assert [one.ending for one in message_clocks()] == [ClockEnd.MET, ClockEnd.VOID]


def test_what_people_who_asked_for_help_write_is_in_the_list_of_victim_support_alone(office: Flask) -> None:
    with writing():
        request = HelpRequest(ref="H-234567", inbox_id=b"i" * 16, receipt_tag=b"t" * 32, body=b"", received_at=HOURLY)
        db.session.add(request)
        message = Message(
            copy_id=b"c" * 16,
            receipt_tag=b"t" * 32,
            concern=Concern.HELP,
            author=Author.REPORTER,
            body=b"",
            written_at=HOURLY,
        )
        db.session.add(message)
        clocks.written(message)

    lists = {name: clocks.list_running(by=staff.get_by_name(name)) for name in ("kunthea", "sophea", "admin")}

    assert [(line.kind, line.ref) for line in lists["kunthea"]] == [("help", "H-234567")]
    assert lists["sophea"] == lists["admin"] == []
