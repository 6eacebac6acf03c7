"""What stands beside an item: earlier decisions, its place in the queue, its reports, and who saw the live address."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models import AuditEntry, Mention
from hotline.services import assessments, audit, claims, decisions, demo, intake, items, mentions, neighbours, staff
from hotline.services.decisions import Where
from hotline.transactions import writing
from hotline.vocabulary import CorrectionReason, InhopeClass, ItemOutcome
from tests.services import steps

ADDRESS = "https://img-board.example/t/1"


def copied(name: str, ref: str) -> int:
    """Show the live address to somebody; return how often it was shown by then."""
    with writing():
        person = staff.get_by_name(name)
        item = items.get(ref, by=person)
        items.live_address(item, by=person)
        return items.times_shown_live(item)


def test_each_showing_of_the_live_address_is_counted_when_many_ask_at_once(office: Flask) -> None:
    ref = steps.new_item().ref
    names = ["sophea", "dara", "vanna"] * 4

    counts = steps.together(office, [lambda name=name: copied(name, ref) for name in names])

    assert sorted(counts) == list(range(1, 13))
    shown = select(AuditEntry.actor).where(AuditEntry.action == items.LIVE)
    assert len(db.session.scalars(shown).all()) == 12
    assert audit.verify()[1] is None


def test_the_nearest_decision_stands_first_and_only_what_was_agreed(office: Flask) -> None:
    host = steps.looked_at_twice(url="https://img-board.example/t/9")
    path = steps.looked_at_twice(url=f"{ADDRESS}?page=9")
    steps.looked_at_twice(url="https://elsewhere.example/t/1")
    waiting = steps.new_item("https://img-board.example/t/8", "waiting")
    with writing():
        claims.claim(waiting, by=steps.team()[0])
        assessments.first_look(waiting, demo.ILLEGAL, by=steps.team()[0])
    item = steps.new_item(ADDRESS, "this")

    found = decisions.earlier(item)

    assert [(one.where, one.ref) for one in found] == [(Where.PATH, path.ref), (Where.HOST, host.ref)]
    assert {one.inhope_class for one in found} == {InhopeClass.BASELINE}
    assert found[0].rest == "/t/1?page=9"
    assert decisions.count_on_host(item) == 3
    assert decisions.related(item) == [waiting]


def test_a_decision_of_the_address_itself_shows_once_it_was_reported_again(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = steps.looked_at_twice(url=ADDRESS)
    assert decisions.earlier(item) == []
    with writing():
        items.close(item, ItemOutcome.REMOVED, by=steps.team()[0])
    later = clock.now() + timedelta(hours=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    steps.report(ADDRESS, "again")
    intake.open_inbox()
    db.session.rollback()

    (found,) = decisions.earlier(item)

    assert (found.where, found.outcome, found.status) == (Where.ADDRESS, ItemOutcome.REMOVED, None)


def test_a_correction_soon_after_it_was_reported_again_shows_no_verdict(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, (first, second, third) = steps.new_item(ADDRESS), steps.team()
    with writing():
        items.close(item, ItemOutcome.REMOVED, by=first)
    later = clock.this_hour() + timedelta(hours=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    steps.report(ADDRESS, "again")
    intake.open_inbox()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, demo.ILLEGAL, by=second)

    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=third)

    assert decisions.earlier(item) == []


def test_a_first_look_anew_after_the_advisers_answer_shows_no_earlier_decision(office: Flask) -> None:
    item = steps.looked_at_twice(demo.DOUBTFUL, url=ADDRESS)
    with writing():
        assessments.adviser_answered(item, by=steps.team()[1])

    assert decisions.earlier(item) == []


def test_an_item_has_its_place_and_its_neighbours_and_a_closed_one_none(office: Flask) -> None:
    first, second, third = (steps.new_item(f"https://a.example/{number}", str(number)) for number in range(3))

    assert neighbours.of(second, by=steps.team()[0]) == neighbours.Place(first.ref, third.ref, 2, 3)
    assert neighbours.of(first, by=steps.team()[0]).before is neighbours.of(third, by=steps.team()[0]).after is None
    with writing():
        items.close(second, ItemOutcome.REMOVED, by=steps.team()[0])
    assert neighbours.of(second, by=steps.team()[0]) == neighbours.Place(None, None, None, 2)
    assert neighbours.of(first, by=steps.team()[0]).after == third.ref


def test_beyond_what_is_counted_there_is_no_number(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_COUNTED", 2)
    found = [steps.new_item(f"https://a.example/{number}", str(number)) for number in range(3)]

    assert [neighbours.of(one, by=steps.team()[0]).number for one in found] == [1, 2, None]
    assert neighbours.of(found[0], by=steps.team()[0]).total == 2


def test_reports_come_newest_first_page_by_page(office: Flask) -> None:
    for number in range(5):
        item = steps.new_item(ADDRESS, str(number))

    page = mentions.of(item, most=3)
    rest = mentions.of(item, most=3, before=page[-1].report.id)

    ids = [one.report.id for one in [*page, *rest]]
    assert ids == sorted(db.session.scalars(select(Mention.report_id)), reverse=True)
    assert mentions.count(item) == 5


def test_words_of_a_report_that_does_not_name_the_item_are_not_found(office: Flask) -> None:
    item = steps.new_item(ADDRESS, "one")
    other = mentions.of(steps.new_item("https://b.example/x", "two"), most=1)[0].report.ref

    with pytest.raises(NotFound):
        mentions.words(item, other, by=steps.team()[0])
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == mentions.READ_WORDS)).all() == []
