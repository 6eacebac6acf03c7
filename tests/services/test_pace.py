"""What reporters of one address are told: the same, at the same pace, whether it was known or not."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.jobs import rows
from hotline.models import Item, Report, Step
from hotline.outbox import Task
from hotline.services import claims, intake, items, receipts
from hotline.transactions import writing
from hotline.vocabulary import ItemOutcome, ReportStatus
from tests.services import steps

ADDRESS = "https://img-board.example/t/1"
RECEIVED, CHECKING, ACTION_TAKEN, CLOSED = ReportStatus
At = Callable[..., None]


@pytest.fixture
def at(office: Flask, monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to an hour and minute of one day in March, and let everything be done that is due then."""

    def set_clock(hour: int, minute: int = 0, *, day: int = 2) -> None:
        moment = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        rows.work_off()
        db.session.rollback()

    return set_clock


def reported(nonce: str, urls: str = ADDRESS) -> str:
    code = steps.report(urls, nonce)
    intake.open_inbox()
    return code


def told(code: str) -> ReportStatus:
    rows.work_off()
    return receipts.find(code).status


def claim(item: Item) -> None:
    with writing():
        claims.claim(item, by=steps.team()[0])


def close(item: Item) -> None:
    with writing():
        items.close(item, ItemOutcome.REMOVED, by=steps.team()[0])


def only_item() -> Item:
    return db.session.scalars(select(Item)).one()


def test_who_reports_first_hears_at_once(at: At) -> None:
    at(10, 5)
    code = reported("one")
    assert told(code) is RECEIVED

    at(12, 20)
    claim(only_item())

    assert told(code) is CHECKING


def test_who_reports_a_known_address_sees_the_same_steps_at_the_same_pace(at: At) -> None:
    at(10, 5)
    reported("one")
    at(12, 20)
    claim(only_item())
    rows.work_off()
    at(14, 30)
    second = reported("two")  # four hours later, counted to the end of the hour: five
    heard = {}
    for hour, minute in ((14, 31), (15, 0), (17, 19), (17, 20)):
        at(hour, minute)
        heard[hour, minute] = told(second)
    at(17, 40)
    close(only_item())
    heard[17, 40] = told(second)
    for hour, minute in ((22, 39), (22, 40)):
        at(hour, minute)
        heard[hour, minute] = told(second)

    assert heard == {
        (14, 31): RECEIVED,
        (15, 0): RECEIVED,
        (17, 19): RECEIVED,
        (17, 20): CHECKING,
        (17, 40): CHECKING,
        (22, 39): CHECKING,
        (22, 40): CLOSED,
    }


def test_a_second_reporter_of_the_same_hour_is_not_told_what_has_just_happened(at: At) -> None:
    at(10, 5)
    reported("one")
    at(10, 40)
    claim(only_item())
    rows.work_off()
    at(10, 50)
    second = reported("two")

    at(11, 39)
    assert told(second) is RECEIVED
    at(11, 40)
    assert told(second) is CHECKING


def test_an_address_of_ones_own_beside_a_known_one_brings_nothing_to_light(at: At) -> None:
    at(10)
    reported("one")
    claim(only_item())
    rows.work_off()
    at(13)
    second = reported("two", f"{ADDRESS}\nhttps://own.example/x")
    own = db.session.scalars(select(Item).order_by(Item.id.desc())).first()
    claim(own)

    assert told(second) is RECEIVED
    at(17)
    assert told(second) is CHECKING


def test_a_report_of_a_known_address_leaves_no_minute_behind(at: At) -> None:
    at(10, 5)
    reported("one")
    claim(only_item())
    rows.work_off()
    noted = list(db.session.scalars(select(Step.reached_at)))
    at(13, 37)

    reported("two")

    db.session.rollback()
    assert list(db.session.scalars(select(Task.due_at))) == [datetime(2026, 3, 2, 14, tzinfo=UTC)]
    assert list(db.session.scalars(select(Step.reached_at))) == noted


def test_when_everybody_has_heard_of_everything_nothing_waits(at: At) -> None:
    at(10, 5)
    first, second = reported("one"), reported("two")
    at(11)
    claim(only_item())
    close(only_item())
    assert told(first) is CLOSED
    at(13)

    assert told(second) is CLOSED
    assert db.session.scalars(select(Task)).all() == []


def test_who_reports_a_closed_address_hears_of_it_as_of_a_new_one(at: At) -> None:
    at(10)
    first = reported("one")
    close(only_item())
    assert told(first) is CLOSED
    at(9, day=5)
    second = reported("two")
    third = reported("three")
    assert {told(second), told(third)} == {RECEIVED}

    at(9, 30, day=5)
    claim(only_item())

    assert (told(second), told(third)) == (CHECKING, RECEIVED)
    at(10, 30, day=5)
    assert told(third) is CHECKING
    assert told(first) is CLOSED
    assert [report.status for report in db.session.scalars(select(Report).order_by(Report.id))] == [
        CLOSED,
        CHECKING,
        CHECKING,
    ]
