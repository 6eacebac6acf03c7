"""The queue's filters and orders, its counts, and finding what somebody pastes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models import Clock, ClockRule, Item
from hotline.rules.filters import UNKNOWN, Age, ClockFilter, Filter, Sort, Whose, Work
from hotline.services import (
    assessments,
    claims,
    clocks,
    demo,
    finding,
    neighbours,
    priorities,
    queue,
    saved_filters,
    several,
    shortcuts,
)
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
    db.session.flush()
    clocks.keep_due(item)


def paged(asked: Filter, limit: int = 3) -> list[Item]:
    """Return what a filter lists, page by page."""
    found, after = [], ""
    while not found or after:
        page = queue.list_queue(asked, by=steps.team()[0], after=after, limit=limit)
        found, after = [*found, *(row.item for row in page.rows)], page.next
        if not page.rows:
            break
    return found


def soonest(item: Item) -> tuple[int, datetime, int]:
    return item.urgency, item.due_at or datetime.max.replace(tzinfo=UTC), item.id


def oldest_in_its_urgency(item: Item) -> tuple[int, datetime, int]:
    return item.urgency, item.opened_at, item.id


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
        Filter(clock=ClockFilter.OVER, age=Age.OVER_3): lambda one: (
            one.due_at is not None and one.due_at < now and one.opened_at < now - 3 * DAY
        ),
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
        by_age = asked.age and not asked.clock
        assert found == sorted(wanted, key=oldest_in_its_urgency if by_age else soonest), asked
        for number, item in enumerate(found[1:-1], 1):
            beside = (found[number - 1].ref, found[number + 1].ref)
            assert queue.beside(item, asked, by=steps.team()[0]) == beside, asked
        assert queue.count_of([asked], by=steps.team()[0]) == [len(wanted)], asked
    opened = [one for one in laid if is_open(one)]
    assert paged(Filter(age=Age.TODAY)) + paged(Filter(age=Age.DAYS)) + paged(Filter(age=Age.OVER_3)) != []
    young = {*paged(Filter(age=Age.TODAY)), *paged(Filter(age=Age.DAYS)), *paged(Filter(age=Age.OVER_3))}
    assert young == set(opened)
    assert paged(Filter(sort=Sort.OLDEST)) == sorted(opened, key=lambda one: (one.opened_at, one.id))
    by_reports = sorted(opened, key=lambda one: (one.report_count, one.id), reverse=True)
    assert paged(Filter(sort=Sort.REPORTS)) == by_reports
    assert paged(Filter(sort=Sort.DUE)) == sorted(opened, key=lambda one: soonest(one)[1:])
    assert queue.beside(paged(Filter(sort=Sort.REPORTS))[0], Filter(sort=Sort.REPORTS), by=steps.team()[0])[0] is None


def test_within_one_urgency_what_is_due_first_comes_first_and_what_has_no_clock_last(office: Flask) -> None:
    now = clock.now()
    steps.new_item("\n".join(f"https://host.example/{number}" for number in range(4)))
    with writing():
        found = list(db.session.scalars(select(Item).order_by(Item.id)))
        dues = (None, now + 2 * DAY, now - DAY, now + DAY)
        for number, (item, due) in enumerate(zip(found, dues, strict=True)):
            item.urgency, item.due_at, item.opened_at = 3, due, now - (9 - number) * DAY

    listed = [found[number] for number in (2, 3, 1, 0)]

    assert paged(Filter(), limit=1) == listed
    assert [neighbours.of(listed[1], by=steps.team()[0]).number, listed[1].turn_at] == [2, now + DAY]
    with writing():
        assert claims.claim_next(by=steps.team()[0]) is listed[0]


def test_a_row_knows_since_when_the_clock_runs_that_is_over_first(office: Flask) -> None:
    item = steps.new_item()
    running = list(db.session.scalars(select(Clock).where(Clock.subject_id == item.id).order_by(Clock.due_at)))
    with writing():
        running[0].started_at = clock.now() - DAY

    row = queue.row_of(item)
    with writing():
        running[0].paused_at, running[0].pause_reason = clock.now(), PauseReason.POLICE

    assert row.since == running[0].started_at != running[1].started_at
    assert queue.row_of(item).since == running[1].started_at


def test_of_one_host_a_page_looks_through_so_many_for_the_rest_of_a_filter(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_LOOKED_THROUGH", 3)
    laid = lay(20)
    there = [one for one in laid if one.host_index == laid[2].host_index][::-1]
    asked = Filter(host_of=laid[2].ref, status=ItemStatus.DECIDED)
    person = steps.team()[0]

    first = queue.list_queue(asked, by=person)
    rest = queue.list_queue(asked, by=person, after=first.next)

    assert len(there) == 4
    assert [row.item for row in first.rows] == [one for one in there[:3] if one.status is ItemStatus.DECIDED]
    assert first.looked_through == 3
    assert [row.item for row in rest.rows] == [one for one in there[3:] if one.status is ItemStatus.DECIDED]
    assert (rest.next, rest.looked_through) == ("", 0)
    assert queue.count_of([asked], by=person) == [len(first.rows)]


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


@pytest.mark.parametrize("most", [0, 1, 1000])
def test_what_is_rare_is_found_first_and_changes_no_page(
    office: Flask, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    lay(16)
    person, decided = steps.team()[0], ItemStatus.DECIDED
    with writing():
        for number, item in enumerate(db.session.scalars(select(Item).order_by(Item.id)).all()):
            item.country = "LA" if number % 2 == 0 else "KH"
    asked = Filter(country="LA", status=decided)
    rows = queue.list_queue(Filter(country="LA"), by=person).rows
    whole = [row.item.ref for row in rows if row.item.status is decided]
    monkeypatch.setattr(queue, "MOST_FEW", most)

    first = queue.list_queue(asked, by=person, limit=3)
    rest = queue.list_queue(asked, by=person, after=first.next, limit=3)

    assert len(whole) == 4
    assert [row.item.ref for row in (*first.rows, *rest.rows)] == whole
    assert queue.count_of([asked], by=person) == [4]


def test_every_list_is_read_off_an_index(office: Flask) -> None:
    """At a million items nothing may be read through or put in order: the plans say so at any size."""
    there_is = lay(8)[0]
    said: list[tuple[str, object]] = []
    listen = lambda _c, _cur, statement, parameters, _ctx, _many: said.append((statement, parameters))  # noqa: E731
    engine = db.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, and here it holds eight rows: see bench.desk")
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
        Filter(category=Category.CSAM, age=Age.OVER_3),
        Filter(category=Category.CSAM, clock=ClockFilter.OVER),
        Filter(country="KH", age=Age.TODAY),
        Filter(country="KH", sort=Sort.DUE),
        Filter(country="KH", category=Category.CSAM),
        Filter(status=ItemStatus.NEW, country="KH", category=Category.CSAM, age=Age.OVER_3),
        Filter(status=ItemStatus.NEW, age=Age.OVER_3),
        Filter(status=ItemStatus.NEW, sort=Sort.OLDEST),
        Filter(host_of=there_is.ref, category=Category.CSAM, status=ItemStatus.NEW),
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
        few = "UNION ALL" in statement or "items.id IN" in statement  # what branches or a window gave is put in order
        slow += [
            (line, statement)
            for line in plan
            if ("SCAN items" in line and "INDEX" not in line) or ("TEMP B-TREE" in line and not few)
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
    assert [(one.name, asked) for one, asked in saved_filters.list_of(first)] == [("All", None)]
    with writing():
        for number in range(saved_filters.MOST):
            saved_filters.keep(Filter(), f"{number}", by=second)
    with pytest.raises(Refused), writing():
        saved_filters.keep(Filter(), "one too many", by=second)


def test_keys_are_wanted_until_a_there_isays_otherwise(office: Flask) -> None:
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
    assert [one.outcome for one in said] == [Outcome.NOT_YOURS, Outcome.DONE, Outcome.DONE]
    assert claims.count_first_looks(by=first) == 4


def test_of_several_passed_on_second_looks_go_too_and_where_looks_differ_that_is_said(office: Flask) -> None:
    first, second, _ = steps.team()
    found = []
    for number in range(2):
        item = steps.new_item(f"https://a.example/{number}", str(number))
        with writing():
            claims.claim(item, by=first)
            assessments.first_look(item, demo.ILLEGAL, by=first)
        with writing():
            assessments.take_review(item, by=second)
        found.append(item)
    with writing():
        assert not assessments.second_look(found[0], demo.GONE, by=second)

    with writing():
        said = several.pass_on([item.ref for item in found], by=second)

    assert [one.outcome for one in said] == [Outcome.DISPUTED, Outcome.LEFT]
    assert found[1].reviewer_id is None


def test_urgency_follows_what_is_learnt_of_a_host(office: Flask) -> None:
    item = steps.new_item()
    assert (item.urgency, item.new_host) == (Urgency.P3, True)
    with writing():
        item.country = "KH"
        priorities.weigh(item)

    assert item.urgency == Urgency.P2
