"""A clock that a person lets stand still goes on with what was left, and says why in its time."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline import clock
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.rules.clocks import Limit
from hotline.services import assessments, audit, claims, clock_lists, clock_pauses, clock_rules, clocks, demo, staff
from hotline.transactions import writing
from hotline.vocabulary import Danger, Pace, PauseReason
from tests.services import steps
from tests.services.clock_steps import ACKNOWLEDGE, ASSESS, HOUR, SECOND_LOOK, At, filed, in_transaction, running


def test_a_pause_carries_over_what_is_left(at: At) -> None:
    at(3)
    item = filed()
    by = steps.team()[0]
    one = running(item)[ACKNOWLEDGE]
    due = one.due_at
    at(10)
    in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=by), "police", by=by))
    assert (one.next_at, one.pause_reason, item.due_at) == (None, PauseReason.POLICE, running(item)[ASSESS].due_at)
    assert [line.clock.id for line in clock_lists.list_paused(by=by)] == [one.id]

    at(15)
    in_transaction(lambda: clock_pauses.resume(clocks.get(one.id, by=by), by=by))

    assert running(item)[ACKNOWLEDGE].due_at == item.due_at == due + 5 * HOUR
    assert clock_lists.list_paused(by=by) == []
    assert [entry.action for entry in audit.history(f"item {item.ref}")] == ["paused clock", "resumed clock"]


def test_a_pause_that_hides_a_rise_of_urgency_ends_under_the_stricter_limit(at: At) -> None:
    at(3)
    filed("https://img-board.example/the-first-on-its-host")
    item = filed()
    by = steps.team()[0]
    one = running(item)[ASSESS]
    in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=by), "police", by=by))
    at(5)
    filed(danger=Danger.YES)
    assert running(item)[ASSESS].rule.urgency != 1
    at(8, day=4)

    with writing():
        now_runs = clock_pauses.resume(clocks.get(one.id, by=by), by=by)

    assert running(item)[ASSESS].id == now_runs.id != one.id
    assert (now_runs.rule.urgency, now_runs.due_at) == (1, clock.now() + HOUR)


def test_a_rule_that_changed_during_a_pause_does_not_hold_for_what_goes_on(at: At) -> None:
    at(3)
    item = filed()
    by, one = steps.team()[0], running(item)[ACKNOWLEDGE]
    in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=by), "police", by=by))
    limit, manager = Limit(HOUR, timedelta(), Pace.WALL), staff.get_by_name("vanna")
    with writing():
        clock_rules.change_rule(ACKNOWLEDGE, None, limit, valid_from=None, reason="trial", by=manager)
    at(4)

    in_transaction(lambda: clock_pauses.resume(clocks.get(one.id, by=by), by=by))

    assert running(item)[ACKNOWLEDGE].id == one.id


def test_a_pause_counts_when_what_was_done_is_undone(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    first = steps.team()[0]
    in_transaction(lambda: claims.claim(item, by=first))
    one = running(item)[ASSESS]
    due = one.due_at
    at(4)
    in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=first), "police", by=first))
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
    assert not clock_pauses.may_pause(one, by=first)
    with pytest.raises(Forbidden):
        in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=first), "police", by=first))

    in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=third), "police", by=third))

    told = {by.id: clock_lists.list_paused(by=by)[0].reason for by in (first, second, third)}
    assert told == {first.id: None, second.id: None, third.id: PauseReason.POLICE}
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)
    assert clock_pauses.reason_of(one, by=second) is PauseReason.POLICE


def test_a_working_clock_that_pauses_over_a_weekend_loses_no_working_time(at: At) -> None:
    at(3)
    item = filed()
    by = steps.team()[0]
    one = running(item)[ASSESS]
    at(8, day=4)  # Wednesday 15:00: two hours of that day are left, and three of Thursday
    in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=by), "adviser", by=by))

    at(3, day=14)  # Saturday
    in_transaction(lambda: clock_pauses.resume(clocks.get(one.id, by=by), by=by))

    assert running(item)[ASSESS].due_at == datetime(2026, 3, 16, 6, tzinfo=UTC)  # Monday 13:00


def test_what_stands_still_runs_or_has_run_out_says_so(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    by = steps.team()[0]
    one = running(item)[ACKNOWLEDGE]
    with pytest.raises(WrongState):
        in_transaction(lambda: clock_pauses.resume(clocks.get(one.id, by=by), by=by))
    with pytest.raises(Refused):
        in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=by), "lunch", by=by))
    at(6)
    with pytest.raises(WrongState):
        in_transaction(lambda: clock_pauses.pause(clocks.get(one.id, by=by), "police", by=by))
    with pytest.raises(NotFound):
        clocks.get(one.id, by=staff.get_by_name("kunthea"))
    with pytest.raises(NotFound):
        clocks.get(2**30, by=by)
