"""Notes on items: sealed, and nobody reads another's before two people have chosen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import AuditEntry, Item, ItemNote
from hotline.services import assessments, claims, demo, intake, items, merges, notes
from hotline.transactions import writing
from hotline.vocabulary import InhopeClass, ItemOutcome
from tests.services import steps

NATIONAL = replace(demo.ILLEGAL, inhope_class=InhopeClass.NATIONAL)


def noted(item: Item, text: str, by: int) -> None:
    with writing():
        notes.add(item, text, by=steps.team()[by])


def read_by(item: Item, by: int, most: int = 9) -> list[str | None]:
    return [one.text for one in notes.on(item, by=steps.team()[by], most=most).shown]


def first_look(item: Item, by: int = 0) -> None:
    with writing():
        claims.claim(item, by=steps.team()[by])
        assessments.first_look(item, demo.ILLEGAL, by=steps.team()[by])


def second_look(item: Item, found: object, by: int = 1) -> None:
    with writing():
        assessments.take_review(item, by=steps.team()[by])
        assessments.second_look(item, found, by=steps.team()[by])


def test_a_note_is_sealed_and_stands_in_the_timeline_without_its_words(office: Flask) -> None:
    item = steps.new_item()

    noted(item, " the mirror is in another country ", by=0)

    assert b"mirror" not in db.session.scalars(select(ItemNote.body)).one()
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.record, entry.details) == (notes.WROTE, f"item {item.ref}", "{}")
    assert read_by(item, 0) == ["the mirror is in another country"]


def test_others_read_it_only_once_two_people_have_chosen_the_same(office: Flask) -> None:
    item = steps.new_item()
    noted(item, "of the first", by=0)
    stages: list[Callable[[], None]] = [lambda: None, lambda: first_look(item), lambda: second_look(item, demo.ILLEGAL)]
    seen = []

    for stage in stages:
        stage()
        seen.append((read_by(item, 1), read_by(item, 2), notes.on(item, by=steps.team()[1], most=9).some_wait))

    assert seen == [([], [], True), ([], [], True), (["of the first"], ["of the first"], False)]


def test_in_a_dispute_who_has_chosen_reads_all_and_the_third_person_only_their_own(office: Flask) -> None:
    item = steps.new_item()
    noted(item, "of the first", by=0)
    first_look(item)
    noted(item, "of the second", by=1)
    noted(item, "of the third", by=2)
    second_look(item, NATIONAL)

    assert read_by(item, 0) == read_by(item, 1) == ["of the third", "of the second", "of the first"]
    assert read_by(item, 2) == ["of the third"]


def test_what_was_written_before_an_item_was_reported_again_belongs_to_the_earlier_decision(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = steps.new_item()
    noted(item, "before", by=0)
    with writing():
        items.close(item, ItemOutcome.REMOVED, by=steps.team()[0])
    later = clock.now() + timedelta(hours=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    steps.report("https://img-board.example/t/1", "again")
    intake.open_inbox()
    db.session.rollback()

    noted(item, "since", by=0)

    assert read_by(item, 1) == ["before"]
    assert read_by(item, 0) == ["since", "before"]


def test_of_many_the_newest_show_and_all_are_counted(office: Flask) -> None:
    item = steps.new_item()
    for number in range(7):
        noted(item, str(number), by=0)

    found = notes.on(item, by=steps.team()[0], most=3)

    assert [one.text for one in found.shown] == ["6", "5", "4"]
    assert found.count == 7


def test_a_note_that_does_not_open_hides_nothing_else(office: Flask) -> None:
    item = steps.new_item()
    noted(item, "whole", by=0)
    with writing():
        db.session.add(
            ItemNote(item_id=item.id, staff_id=steps.team()[0].id, body=b"\x01damaged", written_at=clock.now())
        )

    assert read_by(item, 0) == [None, "whole"]


@pytest.mark.parametrize(
    ("text", "code"), [("", "missing"), (" \n", "missing"), ("x" * 4001, "too_long"), ("A" * 2000 + "==", "picture")]
)
def test_a_note_without_words_or_with_too_many_is_refused(office: Flask, text: str, code: str) -> None:
    item = steps.new_item()

    with pytest.raises(Refused) as refused, writing():
        notes.add(item, text, by=steps.team()[0])

    assert refused.value.faults == (("text", code),)
    db.session.rollback()
    assert db.session.scalars(select(ItemNote)).all() == []


def test_a_note_on_a_merged_item_waits_for_the_looks_at_the_other(office: Flask) -> None:
    into = steps.new_item()
    item = steps.new_item("https://img-board.example/t/2", "two")
    noted(item, "of the first", by=0)
    with writing():
        merges.merge(item, into.ref, by=steps.team()[0])

    first_look(into)
    assert (read_by(item, 0), read_by(item, 1)) == (["of the first"], [])

    second_look(into, demo.ILLEGAL)
    assert read_by(item, 1) == ["of the first"]
