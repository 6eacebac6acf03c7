"""The queue's filters and orders, its counts, and finding what somebody pastes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models import Clock, ClockRule, Item
from hotline.rules.filters import UNKNOWN, Age, ClockFilter, Filter, Sort, Whose, Work
from hotline.services import claims, finding, priorities, queue, saved_filters, several, shortcuts
from hotline.services.several import Outcome
from hotline.transactions import writing
from hotline.vocabulary import Category, Duty, ItemStatus, Pace, PauseReason, Subject, Urgency
from tests.services import steps

DAY = timedelta(days=1)
KINDS = tuple(Category)
STATES = (ItemStatus.NEW, ItemStatus.IN_REVIEW, ItemStatus.DECIDED, ItemStatus.CLOSED)
COUNTRIES = ("KH", "NL", None)


def lay(count: int = 36) -> list[Item]:
    """Report addresses on a few hosts, and make items of every kind of them."""
    now = clock.now()
    steps.new_item("\n".join(f"https://host-{number % 5}.example/{number}" for number in range(count)))
    _first, _second, third = steps.team()
    with writing():
        found = list(db.session.scalars(select(Item).order_by(Item.id)))
        for number, item in enumerate(found):
            item.status = STATES[number % 4]
            item.assessor_id = None if item.status is ItemStatus.NEW else third.id
            item.outcome = None
            item.category = KINDS[number % 5]
            item.country = COUNTRIES[number % 3]
            item.urgency = 1 + number % 4
            item.opened_at = now - (number % 10) * DAY
            item.due_at = None if number % 7 == 0 else now + (number % 5 - 2) * DAY
            item.report_count = 1 + number % 6
        for item in found[:8:4]:
            claims.claim(item, by=steps.team()[0])
        _pause(found[1])
    return found


def _pause(item: Item) -> None:
    now = clock.now()
    rule = db.session.scalars(select(ClockRule).limit(1)).first() or ClockRule(
        duty=Duty.ASSESS,
        minutes=60,
        remind_minutes=0,
        pace=Pace.WALL,
        valid_from=now,
        made_at=now,
        reason="of the test",
    )
    db.session.add(rule)
    db.session.flush()
    running = select(Clock).where(Clock.subject == Subject.ITEM, Clock.subject_id == item.id, Clock.ended_at.is_(None))
    for one in db.session.scalars(running).all():
        db.session.delete(one)
    db.session.flush()
    db.session.add(
        Clock(
            duty=Duty.ASSESS,
            subject=Subject.ITEM,
            subject_id=item.id,
            rule_id=rule.id,
            started_at=now,
            due_at=now,
            paused_at=now,
            pause_reason=PauseReason.POLICE,
        )
    )


def paged(asked: Filter, limit: int = 3) -> list[Item]:
    """Return what a filter lists, page by page."""
    found, after = [], ""
    while not found or after:
        page = queue.list_queue(asked, by=steps.team()[0], after=after, limit=limit)
        found, after = [*found, *(row.item for row in page.rows)], page.next
        if not page.rows:
            break
    return found


def is_open(item: Item) -> bool:
    return item.status is not ItemStatus.CLOSED


def test_each_filter_finds_every_item_it_means_once_and_in_order(office: Flask) -> None:
    laid = lay()
    now = clock.now()
    me = steps.team()[0].id
    meant: dict[Filter, Callable[[Item], bool]] = {
        Filter(): lambda one: True,
        Filter(category=Category.GROOMING): lambda one: one.category is Category.GROOMING,
        Filter(status=ItemStatus.IN_REVIEW): lambda one: one.status is ItemStatus.IN_REVIEW,
        Filter(priority=Urgency.P2): lambda one: one.urgency == 2,
        Filter(country="NL"): lambda one: one.country == "NL",
        Filter(country=UNKNOWN): lambda one: one.country is None,
        Filter(whose=Whose.NOBODY): lambda one: one.assessor_id is None,
        Filter(whose=Whose.ME): lambda one: one.assessor_id == me,
        Filter(age=Age.OVER_3): lambda one: one.opened_at < now - 3 * DAY,
        Filter(age=Age.OVER_7): lambda one: one.opened_at < now - 7 * DAY,
        Filter(clock=ClockFilter.OVER): lambda one: one.due_at is not None and one.due_at < now,
        Filter(clock=ClockFilter.PAUSED): lambda one: one is laid[1],
        Filter(work=Work.LIGHT): lambda one: (
            one.category in {Category.GROOMING, Category.OTHER} or one.status is ItemStatus.DECIDED
        ),
        Filter(category=Category.CSAM, country=UNKNOWN, age=Age.OVER_3): lambda one: (
            one.category is Category.CSAM and one.country is None and one.opened_at < now - 3 * DAY
        ),
    }
    for asked, means in meant.items():
        wanted = [one for one in laid if is_open(one) and means(one)]
        found = paged(asked)
        key = (
            (lambda one: (one.urgency, one.due_at, one.id))
            if asked.clock is ClockFilter.OVER
            else (lambda one: (one.urgency, one.opened_at, one.id))
        )
        assert found == sorted(wanted, key=key), asked
        assert queue.count_of([asked], by=steps.team()[0]) == [len(wanted)], asked
    opened = [one for one in laid if is_open(one)]
    assert paged(Filter(age=Age.TODAY)) + paged(Filter(age=Age.DAYS)) + paged(Filter(age=Age.OVER_3)) != []
    young = {*paged(Filter(age=Age.TODAY)), *paged(Filter(age=Age.DAYS)), *paged(Filter(age=Age.OVER_3))}
    assert young == set(opened)
    assert paged(Filter(sort=Sort.OLDEST)) == sorted(opened, key=lambda one: (one.opened_at, one.id))
    by_reports = sorted(opened, key=lambda one: (one.report_count, one.id), reverse=True)
    assert paged(Filter(sort=Sort.REPORTS)) == by_reports
    with_clock = [one for one in opened if one.due_at]
    assert paged(Filter(sort=Sort.DUE)) == sorted(with_clock, key=lambda one: (one.due_at, one.id))


def test_of_one_host_all_is_listed_newest_first(office: Flask) -> None:
    laid = lay(20)
    there = [one for one in laid if one.host_index == laid[2].host_index]

    assert paged(Filter(host_of=laid[2].ref)) == there[::-1]
    assert {is_open(one) for one in there} == {True, False}
    with pytest.raises(NotFound):
        queue.list_queue(Filter(host_of="I-222222"), by=steps.team()[0])


def test_countries_are_those_that_occur(office: Flask) -> None:
    assert queue.countries() == []
    lay(12)

    assert queue.countries() == ["KH", "NL"]


def test_what_came_since_is_counted_by_the_filter(office: Flask) -> None:
    person = steps.team()[0]
    lay(5)
    mark = queue.newest()
    assert queue.count_newer(Filter(), mark, by=person) == 0
    steps.new_item("https://later.example/1\nhttps://later.example/2", "later")

    assert queue.count_newer(Filter(), mark, by=person) == 2
    assert queue.count_newer(Filter(category=Category.GROOMING), mark, by=person) == 0
    assert queue.count_newer(Filter(age=Age.TODAY), mark, by=person) == 2
    with pytest.raises(Refused):
        queue.count_newer(Filter(), -1, by=person)


def test_a_cursor_of_one_order_is_refused_by_another(office: Flask) -> None:
    lay(12)
    person = steps.team()[0]
    cursor = queue.list_queue(Filter(sort=Sort.REPORTS), by=person, limit=2).next

    with pytest.raises(Refused):
        queue.list_queue(Filter(), by=person, after=cursor)


def test_every_list_is_read_off_an_index(office: Flask) -> None:
    """At a million items nothing may be read through or put in order: the plans say so at any size."""
    lay(8)
    said: list[tuple[str, object]] = []
    listen = lambda _c, _cur, statement, parameters, _ctx, _many: said.append((statement, parameters))  # noqa: E731
    engine = db.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds: the benchmark looks at it")
    person = steps.team()[0]
    asked = [
        Filter(),
        Filter(category=Category.CSAM),
        Filter(status=ItemStatus.NEW),
        Filter(priority=Urgency.P3),
        Filter(country="KH"),
        Filter(country=UNKNOWN),
        Filter(whose=Whose.NOBODY),
        Filter(age=Age.OVER_3),
        Filter(clock=ClockFilter.OVER),
        Filter(work=Work.LIGHT),
        Filter(sort=Sort.OLDEST),
        Filter(sort=Sort.REPORTS),
        Filter(sort=Sort.DUE),
    ]
    event.listen(engine, "before_cursor_execute", listen)
    for one in asked:
        cursor = queue.list_queue(one, by=person, limit=1).next
        if cursor:
            queue.list_queue(one, by=person, after=cursor, limit=1)
    event.remove(engine, "before_cursor_execute", listen)

    slow = []
    for statement, parameters in said:
        if "LIMIT" not in statement:
            continue
        plan = [
            row[-1] for row in db.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]
        unions = "UNION ALL" in statement  # what a few branches gave is put in order, and no more
        slow += [
            (line, statement)
            for line in plan
            if ("SCAN items" in line and "INDEX" not in line) or ("TEMP B-TREE" in line and not unions)
        ]
    assert slow == []


# ---- finding


def test_what_is_pasted_leads_to_its_item_else_its_path_else_its_host(office: Flask) -> None:
    item = steps.new_item("https://img-board.example/t/1?page=2")
    ref = item.ref

    assert finding.find(" hxxps://img-board[.]example/t/1?page=2 ") is item
    assert finding.find("https://img-board.example/t/1?page=3") == Filter(path_of=ref)
    assert finding.find("https://img-board.example/t/2") == Filter(host_of=ref)
    assert finding.find("img-board[.]example") == Filter(host_of=ref)
    assert finding.find(ref.lower()) is item
    assert finding.find(item.mentions[0].report.ref) is item
    for nothing in (
        "",
        "https://elsewhere.example/",
        "elsewhere.example",
        "I-222222",
        "R-222222",
        "some words",
        "x" * 9000,
    ):
        assert finding.find(nothing) is None, nothing


# ---- kept filters, keys, several at once


def test_filters_are_kept_for_oneself(office: Flask) -> None:
    first, second, _ = steps.team()
    asked = Filter(category=Category.GROOMING, sort=Sort.OLDEST)
    with writing():
        kept = saved_filters.keep(asked, "  Talk ", by=first)
        saved_filters.keep(Filter(), "All", by=first)

    assert [(one.name, asked) for one, asked in saved_filters.list_of(first)] == [("Talk", asked), ("All", Filter())]
    assert saved_filters.list_of(second) == []
    for wrong in ("Talk", "", "x" * 99):
        with pytest.raises(Refused), writing():
            saved_filters.keep(Filter(), wrong, by=first)
    with pytest.raises(NotFound), writing():
        saved_filters.forget(kept.id, by=second)
    with writing():
        saved_filters.forget(kept.id, by=first)
        db.session.execute(text("UPDATE saved_filters SET query = 'status=unheard'"))
    assert saved_filters.list_of(first) == []
    with writing():
        for number in range(saved_filters.MOST):
            saved_filters.keep(Filter(), f"{number}", by=second)
    with pytest.raises(Refused), writing():
        saved_filters.keep(Filter(), "one too many", by=second)


def test_keys_are_wanted_until_a_person_says_otherwise(office: Flask) -> None:
    first, second, _ = steps.team()
    with writing():
        shortcuts.want(first, False)

    assert (shortcuts.wanted(first), shortcuts.wanted(second)) == (False, True)


def test_of_several_each_says_what_became_of_it(office: Flask) -> None:
    steps.new_item("\n".join(f"https://a.example/{number}" for number in range(8)))
    first, second, _ = steps.team()
    every = list(db.session.scalars(select(Item.ref).order_by(Item.id)))
    with writing():
        several.claim([every[0]], by=second)

    with writing():
        said = several.claim([*every, "I-222222"], by=first)
    assert [one.outcome for one in said[:-1]] == [Outcome.NOT_FREE] + [Outcome.DONE] * 6 + [Outcome.HANDS_FULL]
    assert said[-1] == ("I-222222", Outcome.NOT_FOUND)
    with writing():
        said = several.pass_on(every[:3], by=first)
    assert [one.outcome for one in said] == [Outcome.NOT_FREE, Outcome.DONE, Outcome.DONE]
    assert claims.count_first_looks(by=first) == 4


def test_urgency_follows_what_is_learnt_of_a_host(office: Flask) -> None:
    item = steps.new_item()
    assert (item.urgency, item.new_host) == (Urgency.P3, True)
    with writing():
        item.country = "KH"
        priorities.weigh(item)

    assert item.urgency == Urgency.P2
