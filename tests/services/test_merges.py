"""Items that show the same: what a merge moves, who hears of what, what is refused, and what undoing brings back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from hotline import clock
from hotline.errors import Forbidden, Refused, WrongState
from hotline.extensions import db
from hotline.jobs import rows
from hotline.models import Clock, Item, Mention, Merge, MergedMention, Report, Tally
from hotline.services import assessments, audit, claims, demo, intake, items, mentions, merges, queue, receipts, staff
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Figure, ItemOutcome, ItemStatus, MergeCause, ReportStatus
from tests.services import steps

FIRST, SECOND = "https://img-board.example/t/1?page=1", "https://img-board.example/t/1?page=2"


@pytest.fixture
def two(office: Flask) -> tuple[Item, Item]:
    """The later of two items on one path, and the earlier."""
    into, item = steps.new_item(FIRST, "one"), steps.new_item(SECOND, "two")
    return item, into


def both() -> tuple[Item, Item]:
    """Return the two as they stand now: working off rows lets go of what was read before."""
    into, item = db.session.scalars(select(Item).order_by(Item.id).limit(2))
    return item, into


def merged(item: Item, into: Item, by: int = 0) -> None:
    with writing():
        merges.merge(item, into.ref, by=steps.team()[by])


def undone(item: Item, by: int = 0) -> None:
    with writing():
        merges.undo(item, by=steps.team()[by])


def fault_of(item: Item, ref: str) -> str:
    with pytest.raises(Refused) as refused, writing():
        merges.merge(item, ref, by=steps.team()[0])
    db.session.rollback()
    return str(dict(refused.value.faults)["into"])


def report(urls: str, nonce: str) -> str:
    code = steps.report(urls, nonce)
    intake.open_inbox()
    db.session.rollback()
    return code


def told(code: str) -> ReportStatus:
    rows.work_off()
    db.session.rollback()
    return receipts.find(code).status


def test_reports_count_at_the_other_item_and_work_goes_on_there(two: tuple[Item, Item]) -> None:
    item, into = two

    merged(item, into)

    assert (into.report_count, item.report_count) == (2, 0)
    assert len(mentions.of(into, most=9)) == 2
    assert mentions.of(item, most=9) == []
    assert (item.status, item.outcome) == (ItemStatus.CLOSED, None)
    assert [row.item.ref for row in queue.list_queue(by=steps.team()[0]).rows] == [into.ref]
    assert merges.of(item).other is into
    assert [(one.other, one.cause) for one in merges.into(into)] == [(item, MergeCause.PATH)]
    assert [one.under for one in mentions.of(into, most=9)] == [item, None]
    assert audit.verify()[1] is None


def test_a_merge_counts_in_no_figure_and_ends_the_clocks(two: tuple[Item, Item]) -> None:
    item, into = two

    merged(item, into)

    closed = select(func.count()).select_from(Tally).where(Tally.figure == Figure.CLOSED)
    assert db.session.scalar(closed) == 0
    ends = set(db.session.scalars(select(Clock.ending).where(Clock.subject_id == item.id)))
    assert ends == {ClockEnd.VOID}
    assert item.due_at is None


def test_what_one_says_of_danger_the_other_says_too(two: tuple[Item, Item]) -> None:
    item, into = two
    with writing():
        item.in_danger = True

    merged(item, into)

    assert into.in_danger
    assert into.urgency == 1


def test_reporters_of_both_hear_how_the_other_goes_on_each_in_turn(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(FIRST, "one")
    start = clock.this_hour() + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=3))
    second = report(SECOND, "two")
    into, _item = db.session.scalars(select(Item).order_by(Item.id))
    with writing():
        claims.claim(into, by=steps.team()[0])
    assert (told(first), told(second)) == (ReportStatus.CHECKING, ReportStatus.RECEIVED)

    merged(*both())

    assert told(second) is ReportStatus.RECEIVED
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=6, minutes=50))
    assert told(second) is ReportStatus.RECEIVED
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(hours=7, minutes=1))
    assert told(second) is ReportStatus.CHECKING


def test_who_was_told_something_is_not_told_less(two: tuple[Item, Item]) -> None:
    item, _into = two
    with writing():
        claims.claim(item, by=steps.team()[0])
    rows.work_off()

    merged(*both())
    rows.work_off()
    db.session.rollback()

    statuses = list(db.session.scalars(select(Report.status).order_by(Report.id)))
    assert statuses == [ReportStatus.RECEIVED, ReportStatus.CHECKING]


def test_a_report_that_names_both_stays_with_each_and_hears_of_the_one_that_is_worked_on(office: Flask) -> None:
    code = report(f"{FIRST}\n{SECOND}", "both")
    into, item = db.session.scalars(select(Item).order_by(Item.id))

    merged(item, into)

    assert (into.report_count, item.report_count) == (1, 1)
    assert told(code) is ReportStatus.RECEIVED
    with writing():
        items.close(both()[1], ItemOutcome.REMOVED, by=steps.team()[0])
    assert told(code) is ReportStatus.CLOSED


@pytest.mark.parametrize("urls", [f"{SECOND}\n{FIRST}", f"{FIRST}\n{SECOND}"])
def test_who_reports_it_again_is_counted_once_at_the_other(two: tuple[Item, Item], urls: str) -> None:
    item, into = two
    merged(item, into)

    report(SECOND, "three")
    report(urls, "four")

    assert (into.report_count, item.report_count) == (4, 0)
    assert item.status is ItemStatus.CLOSED
    newest = mentions.of(into, most=1)[0]
    words = mentions.words(into, newest.report.ref, by=steps.team()[0])
    assert "page=1" in words.typed
    assert "page=2" in words.typed


def test_reported_again_after_the_other_was_closed_it_opens_the_other(two: tuple[Item, Item]) -> None:
    item, into = two
    merged(item, into)
    with writing():
        items.close(into, ItemOutcome.REMOVED, by=steps.team()[0])

    report(SECOND, "three")

    assert (into.status, item.status) == (ItemStatus.NEW, ItemStatus.CLOSED)


def test_undone_each_has_its_own_reports_and_pace_again(two: tuple[Item, Item]) -> None:
    item, into = two
    before = {one.id: (one.item_id, one.behind) for one in db.session.scalars(select(Mention))}
    merged(item, into)
    report(SECOND, "three")

    undone(item)

    after = {one.id: (one.item_id, one.behind) for one in db.session.scalars(select(Mention))}
    assert {number: after[number] for number in before} == before
    assert [place for number, place in after.items() if number not in before] == [(item.id, 1)]
    assert (into.report_count, item.report_count) == (1, 2)
    assert item.status is ItemStatus.NEW
    assert item.due_at is not None
    assert db.session.scalars(select(MergedMention)).all() == []
    assert db.session.scalars(select(Merge)).all() == []
    assert audit.verify()[1] is None


def test_undone_the_other_is_in_danger_no_more_because_of_it(two: tuple[Item, Item]) -> None:
    item, into = two
    with writing():
        item.in_danger = True
    merged(item, into)

    undone(item)

    assert not into.in_danger


def test_only_a_reviewer_undoes_and_the_decision_on_the_other_stays(two: tuple[Item, Item]) -> None:
    item, into = two
    merged(item, into)
    with writing():
        rith = staff.add("rith", "a long enough password", ["analyst"], language="en", by=None)
    with pytest.raises(Forbidden), writing():
        merges.undo(item, by=rith)
    with pytest.raises(WrongState), writing():
        merges.undo(into, by=steps.team()[0])
    with writing():
        items.close(into, ItemOutcome.REMOVED, by=steps.team()[0])

    undone(item)

    assert (item.status, item.report_count) == (ItemStatus.NEW, 1)
    assert (into.status, into.outcome, into.report_count) == (ItemStatus.CLOSED, ItemOutcome.REMOVED, 1)
    assert [row.item.ref for row in queue.list_queue(by=steps.team()[0]).rows] == [item.ref]


def test_what_took_in_others_is_never_closed_by_one_person(
    two: tuple[Item, Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)  # not in the sample
    item, into = two
    merged(item, into)

    with writing():
        claims.claim(into, by=steps.team()[0])
        assessments.first_look(into, demo.GONE, by=steps.team()[0])

    assert into.status is ItemStatus.IN_REVIEW


def test_what_is_in_the_way_is_named(two: tuple[Item, Item]) -> None:
    item, into = two
    third = steps.new_item("https://img-board.example/t/1?page=3", "three")
    first, second, _ = steps.team()

    assert fault_of(item, item.ref.lower()) == "itself"
    assert fault_of(item, "I-222222") == "unknown"
    assert fault_of(item, "nonsense\0") == "unknown"
    with writing():
        claims.claim(item, by=second)
    assert fault_of(item, into.ref) == "held"
    with writing():
        claims.pass_on(item, by=second)
    merged(item, into)
    assert fault_of(item, third.ref) == "merged"
    assert fault_of(into, item.ref) == "has_others"
    assert fault_of(third, item.ref) == "into_merged"
    with writing():
        claims.claim(third, by=first)
        assessments.first_look(third, demo.ILLEGAL, by=first)
    assert fault_of(third, into.ref) == "looked_at"
    with writing():
        items.close(into, ItemOutcome.REMOVED, by=first)
    fourth = steps.new_item("https://img-board.example/t/1?page=4", "four")
    assert fault_of(fourth, into.ref) == "into_decided"


def test_the_database_holds_it_too(two: tuple[Item, Item]) -> None:
    item, into = two
    looked_at = steps.looked_at_twice(url="https://img-board.example/t/1?page=9")
    merged(item, into)
    ids = item.id, into.id, looked_at.id, steps.team()[0].id
    by = {"staff_id": ids[3], "merged_at": clock.now()}
    wrong: list[Callable[[], object]] = [
        lambda: insert(Merge).values(item_id=ids[1], into_id=ids[2], **by),  # a chain
        lambda: insert(Merge).values(item_id=ids[1], into_id=ids[0], **by),  # a circle
        lambda: insert(Merge).values(item_id=ids[2], into_id=ids[1], **by),  # looks that would be lost
        lambda: update(Merge).values(into_id=ids[2]),
        lambda: update(Item).where(Item.id == ids[0]).values(status=ItemStatus.NEW),
        lambda: delete(Merge),  # what it moved has to go back first
    ]

    for statement in wrong:
        with pytest.raises(DatabaseError), writing():
            db.session.execute(statement())


def test_of_two_who_merge_two_items_into_each_other_one_does(office: Flask, two: tuple[Item, Item]) -> None:
    refs = [one.ref for one in two]

    def deed(name: str, ref: str, into: str) -> str:
        with writing():
            person = staff.get_by_name(name)
            return merges.merge(items.get(ref, by=person), into, by=person).ref

    done = steps.together(office, [lambda: deed("sophea", refs[0], refs[1]), lambda: deed("dara", refs[1], refs[0])])

    assert sorted(type(one).__name__ for one in done) == ["Refused", "str"]
    assert db.session.scalar(select(func.count()).select_from(Merge)) == 1


def test_what_may_be_the_same_is_suggested_and_what_is_decided_is_not(two: tuple[Item, Item]) -> None:
    item, into = two
    steps.new_item("https://img-board.example/t/2", "else")

    assert [(one.item, one.why) for one in merges.suggested(item)] == [(into, MergeCause.PATH)]
    with writing():
        items.close(into, ItemOutcome.REMOVED, by=steps.team()[0])
    assert merges.suggested(item) == []
    assert merges.suggested(into) == []


def test_two_addresses_that_one_report_types_alike_are_suggested(office: Flask) -> None:
    report("www.img-board.example/T/7\nhttps://img-board.example/t/7\nhttps://img-board.example/t/8", "alike")
    one = db.session.scalars(select(Item).order_by(Item.id)).first()

    assert [found.why for found in merges.suggested(one)] == [MergeCause.TYPED]
