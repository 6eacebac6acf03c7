"""The queue: no item for two people, no row twice, no report told less than before."""

import base64
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline import clock
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.jobs import sweep
from hotline.models import Item, Mention, Report
from hotline.rules import standing
from hotline.rules.filters import Filter, Whose
from hotline.services import assessments, audit, claims, demo, intake, items, mentions, queue, staff, telling
from hotline.transactions import writing
from hotline.vocabulary import Category, ItemOutcome, ItemStatus, ReportStatus
from tests.services import steps


def claim_as(name: str, ref: str) -> str:
    with writing():
        person = staff.get_by_name(name)
        claims.claim(items.get(ref, by=person), by=person)
    return name


def review_as(name: str, ref: str) -> str:
    with writing():
        person = staff.get_by_name(name)
        assessments.take_review(items.get(ref, by=person), by=person)
    return name


def next_for(name: str) -> str | None:
    with writing():
        item = claims.claim_next(by=staff.get_by_name(name))
        return item and item.ref


def cursor(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode()


def on_a_later_day(monkeypatch: pytest.MonkeyPatch, **later: int) -> None:
    moment = clock.now() + timedelta(**later)
    monkeypatch.setattr(clock, "now", lambda: moment)


def after_a_round_of_the_sweeper() -> Item:
    sweep.once()
    db.session.rollback()
    return db.session.scalars(select(Item)).one()


def told_of(item: Item) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in audit.history(f"item {item.ref}")]


def reports(count: int) -> None:
    for number in range(count):
        steps.report(f"https://a.example/{number}", str(number))
    intake.open_inbox()


def test_of_two_who_claim_an_item_at_once_one_gets_it(office: Flask) -> None:
    reports(standing.MOST_IN_HAND)
    refs = list(db.session.scalars(select(Item.ref)))

    for ref in refs:
        done = steps.together(office, [lambda ref=ref: claim_as("sophea", ref), lambda ref=ref: claim_as("dara", ref)])

        (winner,) = [one for one in done if isinstance(one, str)]
        assert [type(one) for one in done if not isinstance(one, str)] == [WrongState]
        assert db.session.scalar(select(Item).where(Item.ref == ref)).assessor.name == winner


def test_two_who_take_the_next_item_at_once_get_two(office: Flask) -> None:
    reports(6)

    taken = [
        one for _ in range(3) for one in steps.together(office, [lambda: next_for("sophea"), lambda: next_for("dara")])
    ]

    assert len(set(taken)) == 6
    assert None not in taken
    assert steps.together(office, [lambda: next_for("sophea"), lambda: next_for("dara")]) == [None, None]


def test_of_two_who_take_a_second_look_at_once_one_gets_it(office: Flask) -> None:
    item = steps.new_item()
    first, _, _ = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
    ref = item.ref
    db.session.rollback()

    done = steps.together(office, [lambda: review_as("dara", ref), lambda: review_as("vanna", ref)])

    assert Counter(type(one) for one in done) == {str: 1, WrongState: 1}


def test_an_item_put_back_can_be_claimed_by_another(office: Flask) -> None:
    item = steps.new_item()
    first, second, _ = steps.team()
    with writing():
        claims.claim(item, by=first)
    with writing():
        claims.pass_on(item, by=first)

    with writing():
        claims.claim(item, by=second)

    assert item.assessor is second


def test_only_who_holds_an_item_can_put_it_back(office: Flask) -> None:
    item = steps.new_item()
    first, second, _ = steps.team()
    with writing():
        claims.claim(item, by=first)

    with pytest.raises(WrongState), writing():
        claims.pass_on(item, by=second)


def test_the_queue_page_by_page_is_every_open_item_once_most_urgent_first(office: Flask) -> None:
    reports(7)
    person = steps.team()[0]
    with writing():
        some = db.session.scalars(select(Item).order_by(Item.id)).all()
        some[2].urgency, some[5].urgency = 1, 4
        items.close(some[3], ItemOutcome.WITHDRAWN, by=person)

    pages, after = [], ""
    while not pages or after:
        page = queue.list_queue(by=person, after=after, limit=2)
        pages, after = [*pages, page.rows], page.next

    seen = [row.item for page in pages for row in page]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert len({item.ref for item in seen}) == 6
    assert [item.urgency for item in seen] == sorted(item.urgency for item in seen)
    assert {row.host for page in pages for row in page} == {"a[.]example"}


def test_the_queue_can_be_narrowed(office: Flask) -> None:
    reports(3)
    person = steps.team()[0]
    with writing():
        first = db.session.scalars(select(Item).order_by(Item.id)).first()
        claims.claim(first, by=person)

    def found(**narrow: object) -> int:
        return len(queue.list_queue(Filter(**narrow), by=person).rows)

    assert found() == 3
    assert found(whose=Whose.ME) == 1
    assert found(whose=Whose.NOBODY) == 2
    assert found(status=ItemStatus.ASSESSING) == 1
    assert found(category=Category.GROOMING) == 0


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "bm8=", "WzEsMl0=", "ÿ"),
        cursor("1 2026-03-02T10:00:00 7"),  # no zone
        cursor("1 0001-01-01T00:00:00+14:00 7"),  # before all time
        cursor(f"{10**30} 2026-03-02T10:00:00+00:00 7"),
        cursor(f"1 2026-03-02T10:00:00+00:00 {2**31}"),
        cursor("1 2026-03-02T10:00:00+00:00 -7"),
        cursor("1 2026-03-02T10:00:00+00:00 inf"),
        cursor("[" * 3000),
    ],
)
def test_a_broken_cursor_is_refused(office: Flask, cursor: str) -> None:
    with pytest.raises(Refused):
        queue.list_queue(by=steps.team()[0], after=cursor)


def test_one_value_that_does_not_open_keeps_nobody_from_the_rest_of_the_queue(office: Flask) -> None:
    reports(3)
    person = steps.team()[0]
    damaged = db.session.scalars(select(Item.id).order_by(Item.id)).first()
    with writing():
        db.session.execute(update(Item).where(Item.id == damaged).values(host=b"\x01damaged"))

    hosts = {row.item.id: row.host for row in queue.list_queue(by=person).rows}

    assert hosts.pop(damaged) == ""
    assert list(hosts.values()) == ["a[.]example"] * 2


def test_an_item_of_which_some_does_not_open_shows_the_rest(office: Flask) -> None:
    item = steps.new_item()
    person = steps.team()[0]
    with writing():
        db.session.execute(update(Mention).values(typed=b"\x01damaged"))
    (named,) = mentions.of(item, most=9)
    words = mentions.words(item, named.report.ref, by=person)
    assert (words.typed, words.details, words.whole) == ("", "quiet words", False)
    with writing():
        db.session.execute(update(Item).values(address=b"\x02damaged"))

    assert items.read(item, by=person).host == ""


def test_a_first_look_that_is_not_handed_in_for_days_is_free_again(office: Flask, monkeypatch) -> None:
    item = steps.new_item()
    with writing():
        claims.claim(item, by=steps.team()[0])
    on_a_later_day(monkeypatch, days=2, hours=23)
    assert after_a_round_of_the_sweeper().assessor_id == steps.team()[0].id
    on_a_later_day(monkeypatch, hours=2)

    item = after_a_round_of_the_sweeper()

    assert (item.status, item.assessor_id, item.claimed_at) == (ItemStatus.NEW, None, None)
    assert told_of(item)[-1] == ("system", "claim ran out")
    with writing():
        claims.claim(item, by=steps.team()[1])


def test_a_second_look_that_is_not_handed_in_for_days_is_free_again(office: Flask, monkeypatch) -> None:
    item = steps.new_item()
    first, second, _third = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
    on_a_later_day(monkeypatch, days=4)  # that it waited for somebody does not count
    with writing():
        assessments.take_review(item, by=second)
    assert after_a_round_of_the_sweeper().reviewer_id == steps.team()[1].id
    on_a_later_day(monkeypatch, days=3, hours=1)

    item = after_a_round_of_the_sweeper()

    assert (item.status, item.assessor_id, item.reviewer_id) == (ItemStatus.IN_REVIEW, steps.team()[0].id, None)
    assert told_of(item)[-1] == ("system", "second look ran out")
    assert item in assessments.list_reviews(by=steps.team()[2], most=9)


def test_what_is_handed_in_does_not_run_out(office: Flask, monkeypatch) -> None:
    steps.looked_at_twice()
    on_a_later_day(monkeypatch, days=30)

    item = after_a_round_of_the_sweeper()

    assert item.status is ItemStatus.DECIDED
    assert (item.assessor, item.reviewer) == steps.team()[:2]


def test_items_are_not_there_for_those_who_may_not_see_them(office: Flask) -> None:
    item = steps.new_item()

    with pytest.raises(NotFound):
        items.get(item.ref, by=staff.get_by_name("kunthea"))


@pytest.mark.parametrize("ref", ["I-222222", "", "I-\x00", "x" * 5000, "ខ្មែរ"])
def test_a_reference_that_is_none_is_not_found(office: Flask, ref: str) -> None:
    steps.new_item()

    with pytest.raises(NotFound):
        items.get(ref, by=steps.team()[0])


def test_a_report_of_two_items_is_as_far_as_the_one_behind(office: Flask) -> None:
    steps.report("https://a.example/1\nhttps://b.example/2")
    intake.open_inbox()
    person = steps.team()[0]
    one, two = db.session.scalars(select(Item).order_by(Item.id))
    report = db.session.scalars(select(Report)).one()

    for item, status in ((one, ReportStatus.RECEIVED), (two, ReportStatus.CLOSED)):
        with writing():
            items.close(item, ItemOutcome.REMOVED, by=person)
        with writing():
            telling.move_reports_on([report.id])
        assert report.status is status
