"""In which order the rows of the outbox are worked off, and what ends a round of them."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock, outbox
from hotline.extensions import db
from hotline.jobs import rows
from hotline.outbox import Task
from hotline.services import notices
from hotline.transactions import writing

LETTER = notices.DELIVER
LIST, REPORT = "hotline.jobs.uploads.work_off_list", "hotline.jobs.reports.move_reports_on"


@pytest.fixture
def drawn(office: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Five letters that are due, in this order; the fourth cannot be sent. Returns the ones that were drawn."""
    found: list[int] = []

    def deliver(numbers: Iterable[int]) -> None:
        for number in numbers:
            found.append(number)
            if number == 4:
                raise ValueError("it cannot be sent")
            with writing():
                outbox.done(db.session(), LETTER, number)

    monkeypatch.setitem(rows.IN_TURN, LETTER, deliver)
    with writing():
        for number in range(1, 6):
            outbox.put(db.session(), LETTER, number, due_at=clock.now() - timedelta(seconds=60 - number))
    return found


def untouched() -> list[int]:
    db.session.remove()
    return list(db.session.scalars(select(Task.record_id).where(Task.hinted == 0).order_by(Task.record_id)))


def test_letters_and_single_jobs_keep_the_order_in_which_they_fell_due() -> None:
    due = [(LETTER, 1), (LETTER, 2), (LIST, 3), (LIST, 4), (REPORT, 5), (LETTER, 6), (REPORT, 7), (LIST, 8)]

    portions = list(rows._portions(due))

    assert portions == [
        (LETTER, [1, 2]),
        (LIST, [3]),
        (LIST, [4]),
        (LETTER, [6]),
        (LIST, [8]),
        (REPORT, [5, 7]),
    ]


def test_a_fault_at_one_letter_lets_the_next_go(drawn: list[int]) -> None:
    rows.work_off()

    assert drawn == [1, 2, 3, 4, 5]
    assert list(db.session.scalars(select(Task.record_id))) == [4]


def test_a_round_that_is_stopped_between_two_letters_draws_no_more_and_takes_no_more_rows(
    drawn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 2)

    rows.work_off(stopped=lambda: len(drawn) == 2)

    assert drawn == [1, 2]
    assert untouched() == [3, 4, 5]


def test_a_letter_that_was_taken_and_not_drawn_still_stands(drawn: list[int]) -> None:
    rows.work_off(stopped=lambda: len(drawn) == 2)

    assert drawn == [1, 2]
    assert list(db.session.scalars(select(Task.record_id).order_by(Task.record_id))) == [3, 4, 5]
