"""Moving reports from the front store to the desk: once, whole, and whoever else is moving at the same moment."""

import itertools

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.models import Inbox, Item, Mention, Report, UnreadReport
from hotline.rules import refs
from hotline.services import intake
from hotline.transactions import apart, front_engine, writing
from tests.services import steps


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_row_moved_twice_is_one_report(office: Flask) -> None:
    steps.report("https://a.example/x")
    (row,) = steps.waiting()

    intake.move(row)
    intake.move(row)

    assert (count(Report), count(Item), count(Mention)) == (1, 1, 1)
    assert steps.waiting() == []


def test_a_row_whose_mover_was_killed_before_it_left_the_inbox_leaves_it_later(office: Flask) -> None:
    steps.report("https://a.example/x")
    (row,) = steps.waiting()
    with writing():
        intake._file_or_keep(row)

    assert intake.open_inbox() == 1

    assert (count(Report), count(Item)) == (1, 1)
    assert steps.waiting() == []


def test_two_sweepers_moving_the_same_row_make_one_report(office: Flask) -> None:
    steps.report("https://a.example/x")
    (row,) = steps.waiting()

    done = steps.together(office, [lambda: intake.move(row)] * 2)

    assert done == [True, True]
    assert (count(Report), count(Item), count(Mention)) == (1, 1, 1)


def test_two_sweepers_moving_two_reports_of_a_new_address_make_one_item_with_both(office: Flask) -> None:
    steps.report("https://a.example/x", "one")
    steps.report("https://a.example/x", "two")
    one, two = steps.waiting()

    done = steps.together(office, [lambda: intake.move(one), lambda: intake.move(two)])

    assert done == [True, True]
    assert [item.report_count for item in db.session.scalars(select(Item))] == [2]
    assert (count(Report), count(Mention)) == (2, 2)
    assert steps.waiting() == []


def test_sweepers_that_meet_the_same_addresses_in_every_order_lose_nothing(office: Flask) -> None:
    urls = [f"https://{name}.example/x" for name in "abc"]
    for number, order in enumerate(itertools.permutations(urls)):
        steps.report("\n".join(order), str(number))

    done = steps.together(office, [intake.open_inbox] * 3)

    assert not [one for one in done if isinstance(one, Exception)]
    assert [item.report_count for item in db.session.scalars(select(Item))] == [6, 6, 6]
    assert (count(Report), count(Mention)) == (6, 18)
    assert steps.waiting() == []


def test_more_than_one_batch_is_moved_in_one_go(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH", 2)
    for number in range(5):
        steps.report("https://a.example/x", str(number))

    assert intake.open_inbox() == 5
    assert steps.waiting() == []


def test_a_report_that_does_not_open_goes_to_a_list_of_its_own(office: Flask) -> None:
    with apart(front_engine()) as session:
        hour = clock.this_hour()
        session.add(Inbox(id=b"i" * 16, receipt_tag=b"t" * 32, body=b"\x01not sealed by us", received_at=hour))

    assert intake.open_inbox() == 1

    (kept,) = db.session.scalars(select(UnreadReport))
    assert (kept.body, kept.receipt_tag, kept.fault) == (b"\x01not sealed by us", b"t" * 32, "KeyMissing")
    assert steps.waiting() == []


def test_a_report_whose_text_breaks_a_rule_of_ours_is_kept_for_a_person(office: Flask, monkeypatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(intake.priorities, "weigh", stumble)
    steps.report("https://a.example/x")

    intake.open_inbox()

    assert [kept.fault for kept in db.session.scalars(select(UnreadReport))] == ["ZeroDivisionError"]
    assert (count(Report), count(Item)) == (0, 0)


def test_a_row_that_the_database_refuses_waits_and_holds_up_no_other(office: Flask, monkeypatch) -> None:
    for number in range(3):
        steps.report("https://a.example/x", str(number))
    monkeypatch.setattr(refs, "draw", lambda prefix: f"{prefix}-SAME")  # only the first report can have it

    assert intake.open_inbox() == 1
    monkeypatch.undo()
    assert len(steps.waiting()) == 2

    assert intake.open_inbox() == 2
    assert [item.report_count for item in db.session.scalars(select(Item))] == [3]


def test_a_store_that_is_full_stops_the_round_and_leaves_the_inbox_alone(office: Flask, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("no space left")

    monkeypatch.setattr(intake, "file_report", full)
    steps.report("https://a.example/x")

    with pytest.raises(StorageFull):
        intake.open_inbox()

    assert len(steps.waiting()) == 1
    assert count(UnreadReport) == 0


def test_moving_a_row_raises_what_the_database_refuses(office: Flask, monkeypatch) -> None:
    monkeypatch.setattr(refs, "draw", lambda prefix: f"{prefix}-SAME")
    for number in range(2):
        steps.report("https://a.example/x", str(number))
    one, two = steps.waiting()
    intake.move(one)

    with pytest.raises(IntegrityError):
        intake.move(two)


def test_one_report_that_stumbles_takes_no_other_with_it(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        steps.report(f"https://a.example/{number}", str(number), details="bad" if number == 2 else "fine")
    file_report = intake.file_report

    def stumble(said, **more):
        report = file_report(said, **more)
        if said.details == "bad":
            raise ZeroDivisionError
        return report

    monkeypatch.setattr(intake, "file_report", stumble)

    assert intake.open_inbox() == 4

    assert [kept.fault for kept in db.session.scalars(select(UnreadReport))] == ["ZeroDivisionError"]
    assert (count(Report), count(Item)) == (3, 3)
    assert steps.waiting() == []


def test_a_batch_that_is_cut_off_before_the_inbox_is_emptied_makes_no_report_twice(office: Flask, monkeypatch) -> None:
    for number in range(4):
        steps.report("https://a.example/x", str(number))

    class Killed(BaseException):
        pass

    def kill(_engine: object) -> None:
        raise Killed

    monkeypatch.setattr(intake, "apart", kill)
    with pytest.raises(Killed):
        intake.open_inbox()
    monkeypatch.undo()
    assert len(steps.waiting()) == 4

    assert intake.open_inbox() == 4

    assert (count(Report), count(Item), count(Mention)) == (4, 1, 4)
