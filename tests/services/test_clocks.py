"""Clocks in the stores: what starts, meets and ends them."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models import Report
from hotline.models.clock import Clock
from hotline.services import (
    assessments,
    audit,
    claims,
    clock_lists,
    clocks,
    demo,
    intake,
    items,
    message_copies,
    messages,
)
from hotline.transactions import writing
from hotline.vocabulary import Category, ClockEnd, Concern, Danger, Duty, ItemOutcome, ItemStatus, Subject
from tests.services import steps
from tests.services.clock_steps import (
    ACKNOWLEDGE,
    ASSESS,
    HOUR,
    SECOND_LOOK,
    At,
    ended,
    filed,
    first_due,
    in_transaction,
    running,
)


def message_clocks() -> list[Clock]:
    db.session.rollback()
    return list(db.session.scalars(select(Clock).where(Clock.subject == Subject.MESSAGE).order_by(Clock.id)))


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


def test_starting_twice_is_starting_once(at: At) -> None:
    at(3)
    item = filed()
    before = running(item)

    in_transaction(lambda: clocks.start(item, ACKNOWLEDGE, ASSESS))

    assert running(item) == before


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
    running_ones = [line for line in clock_lists.list_running(by=by) if line.clock.duty is Duty.ANSWER_REPORTER]
    assert [(line.kind, line.ref) for line in running_ones] == [("report", report.ref)] * 2
    assert {one.started_at for one in message_clocks()} == {clock.this_hour() + HOUR}
    first = min(one.subject_id for one in message_clocks())

    with writing():
        words = {"checked": False, "seen": first, "by": by}
        messages.answer(report.receipt_tag, Concern.REPORT, "report R", "We look at it.", **words)
    with writing():
        messages.settle(report.receipt_tag, Concern.REPORT, "report R", seen=messages.last(report.receipt_tag), by=by)

    assert [one.ending for one in message_clocks()] == [ClockEnd.MET, ClockEnd.VOID]
