"""Looks that differ: talk, then a third person, asked by one of the two or by the clock."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import Forbidden, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Item, ThirdLook, Verdict
from hotline.rules.agreement import Kind
from hotline.rules.standing import MOST_IN_HAND, Third
from hotline.services import assessments, claims, clock_pauses, clock_rounds, clocks, demo, disputes, looks, several
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Duty, ItemStatus, LawVerdict, Role
from tests.services import steps

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Later:
    """The clock, set on by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(tz=clock.now().tzinfo)

    def by(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    found = Later()
    monkeypatch.setattr(clock, "now", lambda: found.now)
    return found


@pytest.fixture
def item(office: Flask, later: Later) -> Item:
    """Return an item that two people found different things of."""
    found = steps.new_item()
    first, second, _third = steps.team()
    with writing():
        claims.claim(found, by=first)
        assessments.first_look(found, demo.ILLEGAL, by=first)
    with writing():
        assessments.take_review(found, by=second)
        assert not assessments.second_look(found, demo.NATIONAL, by=second)
    return found


def settle_clock(item: Item) -> object:
    return [one for one in clocks.of(item) if one.duty is Duty.SETTLE][-1]


def deeds(item: Item) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.record == f"item {item.ref}").order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def test_one_of_the_two_asks_and_every_other_reviewer_is_asked(item: Item) -> None:
    first, second, third = steps.team()
    assert disputes.list_for(by=third) == []
    with writing():
        disputes.ask(item, by=second)

    assert [one.item for one in disputes.list_for(by=third)] == [item]
    assert disputes.count_for(by=third) == 1
    assert [disputes.count_for(by=one) for one in (first, second)] == [0, 0]
    assert disputes.of(item, by=first).asked.asked_by == second


def test_nobody_else_asks_and_nobody_is_asked_twice(item: Item) -> None:
    first, _second, third = steps.team()
    with writing():
        third.role_rows[:] = [one for one in third.role_rows if one.role is not Role.MANAGER]
    with pytest.raises(Forbidden), writing():
        disputes.ask(item, by=third)
    with writing():
        disputes.ask(item, by=first)
    with pytest.raises(WrongState), writing():
        disputes.ask(item, by=first)


def test_no_third_look_is_taken_or_given_unasked(item: Item) -> None:
    third = steps.team()[2]
    for deed in (
        lambda: disputes.take(item, by=third),
        lambda: assessments.reconsider(item, demo.ILLEGAL, by=third),
    ):
        with pytest.raises(WrongState), writing():
            deed()


def test_the_third_look_is_taken_whatever_is_in_hand(item: Item) -> None:
    first, _second, third = steps.team()
    steps.report("\n".join(f"https://a.example/{number}" for number in range(MOST_IN_HAND)), "many")
    from_there = db.session.scalars(select(Item).where(Item.status == ItemStatus.NEW)).all()
    with writing():
        for one in from_there:
            claims.claim(one, by=third)
        disputes.ask(item, by=first)
        disputes.take(item, by=third)

    assert disputes.third_for(item, by=third) is Third.MINE
    assert item in claims.list_mine(by=third)


def test_only_one_has_it_until_it_is_passed_on_or_taken_over(item: Item) -> None:
    first, second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
    assert disputes.third_for(item, by=second) is Third.TAKEN
    with pytest.raises(Forbidden), writing():
        disputes.take(item, by=second)
    with pytest.raises(WrongState), writing():
        disputes.take_over(item, held_by=third.number, by=third)
    with writing():
        disputes.pass_on(item, by=third)

    assert disputes.third_for(item, by=third) is Third.FREE
    with pytest.raises(WrongState), writing():
        disputes.pass_on(item, by=third)


def test_who_agrees_as_the_third_settles_it_and_both_originals_stay(item: Item) -> None:
    first, _second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
        assert assessments.reconsider(item, demo.ILLEGAL, by=third)

    verdict = db.session.scalars(select(Verdict)).one()
    assert {verdict.first_by, verdict.second_by} == {first.id, third.id}
    assert db.session.get(ThirdLook, item.id) is None
    assert settle_clock(item).ending is ClockEnd.MET
    assert "third look" in deeds(item)
    assert "looked again" not in deeds(item)
    shown = assessments.shown(item, by=first)
    told = [one.kind for part in looks.rounds(item, shown) for one in part.looks]
    assert told == [Kind.FIRST, Kind.SECOND, Kind.THIRD]


def test_two_who_come_to_agree_need_no_third(item: Item) -> None:
    first, second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        assert assessments.reconsider(item, demo.ILLEGAL, by=second)

    assert disputes.list_for(by=third) == []
    shown = assessments.shown(item, by=first)
    assert [one.kind for part in looks.rounds(item, shown) for one in part.looks][-1] is Kind.AGAIN


def test_a_clock_runs_from_the_moment_the_looks_differ(item: Item, later: Later) -> None:
    running = settle_clock(item)

    assert running.started_at == later.now
    assert running.due_at == later.now + 24 * HOUR
    assert item.due_at == running.due_at
    assert disputes.of(item, by=steps.team()[0]).due_at == later.now + 4 * HOUR


def test_after_the_time_to_talk_a_third_is_asked_without_anybodys_asking(item: Item, later: Later) -> None:
    third = steps.team()[2]
    later.by(4 * HOUR - MINUTE)
    clock_rounds.sweep_due()
    assert disputes.ask_where_due() == 0
    later.by(2 * MINUTE)
    clock_rounds.sweep_due()

    assert [disputes.ask_where_due(), disputes.ask_where_due()] == [1, 0]

    asked = disputes.list_for(by=third)[0]
    assert (asked.item, asked.asked_by) == (item, None)
    assert deeds(item)[-1] == "third look fell due"


def test_while_the_clock_stands_still_nobody_is_asked_by_itself(item: Item, later: Later) -> None:
    with writing():
        clock_pauses.pause(settle_clock(item), "adviser", by=steps.team()[0])
    later.by(48 * HOUR)
    clock_rounds.sweep_due()

    assert disputes.ask_where_due() == 0


def test_where_three_differ_another_can_be_asked(item: Item) -> None:
    first, _second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
        assert not assessments.reconsider(item, demo.GONE, by=third)

    found = disputes.of(item, by=third)
    assert found.asked is None
    assert found.may_ask
    assert settle_clock(item).ended_at is None
    with writing():
        assert assessments.reconsider(item, demo.ILLEGAL, by=third)  # who has chosen may think again


def test_after_a_third_look_that_agrees_with_nobody_there_is_time_to_talk_again(item: Item, later: Later) -> None:
    later.by(5 * HOUR)
    clock_rounds.sweep_due()
    assert disputes.ask_where_due() == 1
    third = steps.team()[2]
    with writing():
        disputes.take(item, by=third)
        assert not assessments.reconsider(item, demo.GONE, by=third)

    clock_rounds.sweep_due()
    assert disputes.ask_where_due() == 0
    before, running = (one for one in clocks.of(item) if one.duty is Duty.SETTLE)
    assert before.ending is ClockEnd.VOID
    assert (running.ended_at, running.due_at, item.due_at) == (None, later.now + 24 * HOUR, later.now + 24 * HOUR)
    with writing():
        assert not assessments.reconsider(item, demo.GONE, by=third)  # who thinks again gains no time
    later.by(4 * HOUR + MINUTE)
    clock_rounds.sweep_due()
    assert disputes.ask_where_due() == 1


def test_a_dispute_that_was_not_settled_in_time_stays_missed(item: Item, later: Later) -> None:
    later.by(25 * HOUR)
    clock_rounds.sweep_due()
    disputes.ask_where_due()
    third = steps.team()[2]
    with writing():
        disputes.take(item, by=third)
        assert not assessments.reconsider(item, demo.GONE, by=third)

    assert [one.ending for one in clocks.of(item) if one.duty is Duty.SETTLE] == [ClockEnd.MISSED, None]


def test_who_looked_before_the_adviser_answered_may_give_the_third_look_and_is_asked(office: Flask) -> None:
    to_ask = replace(demo.ILLEGAL, law=LawVerdict.ADVISER, note="is it clear?")
    anew = steps.looked_at_twice(to_ask)
    first, second, third = steps.team()
    with writing():
        assessments.adviser_answered(anew, by=second)
        assessments.first_look(anew, demo.ILLEGAL, by=first)
        assessments.take_review(anew, by=third)
        assert not assessments.second_look(anew, demo.NATIONAL, by=third)
        disputes.ask(anew, by=first)

    assert [one.item for one in disputes.list_for(by=second)] == [anew]
    assert [disputes.count_for(by=one) for one in (first, second, third)] == [0, 1, 0]
    with writing():
        disputes.take(anew, by=second)


def test_a_third_look_is_passed_on_among_several(item: Item) -> None:
    first, _second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        disputes.take(item, by=third)

    with writing():
        said = several.pass_on([item.ref], by=third)

    assert [one.outcome for one in said] == [several.Outcome.LEFT]
    assert disputes.third_for(item, by=third) is Third.FREE


def test_a_third_look_that_nobody_hands_in_is_free_again(item: Item, later: Later) -> None:
    first, _second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
    later.by(claims.CLAIM_LASTS + HOUR)

    claims.free_old_claims()

    assert disputes.third_for(item, by=third) is Third.FREE
    assert deeds(item)[-1] == "third look ran out"


def test_the_third_look_of_who_left_is_free_again(item: Item) -> None:
    first, _second, third = steps.team()
    with writing():
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
        claims.let_go(third, by=first)

    assert disputes.third_for(item, by=third) is Third.FREE


def test_what_differs_is_told_only_of_looks_that_are_shown(item: Item) -> None:
    first, _second, third = steps.team()
    own = looks.rounds(item, assessments.shown(item, by=first)[:1])
    assert own[0].looks[0].against == (frozenset(), frozenset())
    assert looks.rounds(item, assessments.shown(item, by=third)) == []

    both = looks.rounds(item, assessments.shown(item, by=first))

    assert looks.apart(both)[0] == ["inhope_class"]
