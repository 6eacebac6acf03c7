"""A round of the sweeper marks each reminder and each breach once, in small batches."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from hotline import clock
from hotline.extensions import db
from hotline.models import Item
from hotline.models.clock import Clock
from hotline.services import assessments, audit, claims, clock_rounds, demo, items
from hotline.transactions import writing
from hotline.vocabulary import Danger, ItemOutcome
from tests.services import steps
from tests.services.clock_steps import ACKNOWLEDGE, ASSESS, SECOND_LOOK, At, filed, first_due, running


def test_items_that_were_open_before_there_were_clocks_get_theirs(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    monkeypatch.setattr(clock_rounds, "BATCH", 2)
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

    clock_rounds.sweep_due()
    clock_rounds.sweep_due()

    both = {ACKNOWLEDGE, ASSESS}
    assert [set(running(item)) for item in open_ones] == [{ASSESS}, {SECOND_LOOK}, set(), both, both]
    assert {one.started_at for one in db.session.scalars(select(Clock))} == {clock.now()}
    assert open_ones[3].due_at == first_due(open_ones[3])


def test_a_round_marks_the_reminder_and_then_the_breach_once(at: At) -> None:
    at(3)
    item = filed(danger=Danger.YES)
    assert clock_rounds.sweep_due() == 0
    at(4, 45)
    assert clock_rounds.sweep_due() == 0  # to the minute: not yet
    at(4, 46)
    assert (clock_rounds.sweep_due(), clock_rounds.sweep_due()) == (2, 0)
    assert {one.reminded_at for one in running(item).values()} == {clock.now()}
    at(5)
    assert clock_rounds.sweep_due() == 0
    at(5, 1)

    assert (clock_rounds.sweep_due(), clock_rounds.sweep_due()) == (2, 0)

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
    monkeypatch.setattr(clock_rounds, "BATCH", 3)
    monkeypatch.setattr(clock_rounds, "MOST_BATCHES", 2)
    at(9)

    assert [clock_rounds.sweep_due() for _round in range(3)] == [6, 2, 0]
