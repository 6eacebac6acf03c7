"""Figures: counted where things happen and undone with them, published once a month is over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.jobs import sweep
from hotline.models import Item, Notice, PublishedFigure, Tally
from hotline.services import (
    assessments,
    claims,
    demo,
    demo_figures,
    figure_publishing,
    figures,
    help_requests,
    intake,
    kept_notices,
    notice_approval,
    notice_drafting,
    notice_sending,
)
from hotline.services.help_requests import Asked
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Channel, Figure, ForWhom, ItemStatus, Language, LawVerdict, TestAnswer
from tests.services import steps

MONTHLY = 2 + 2 + 3 + 6 + 1  # numbers of a month
TO_ASK = replace(demo.ILLEGAL, law=LawVerdict.ADVISER, note="is it clear?")


@pytest.fixture
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, datetime(2026, 11, 14, 9, tzinfo=UTC))


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def counted(*only: Figure) -> dict[tuple[str, str], int]:
    rows = db.session.scalars(select(Tally).execution_options(populate_existing=True))
    return {(row.figure, row.part): row.count for row in rows if not only or row.figure in only}


def tally(month: str, figure: Figure, part: str, count: int) -> None:
    with writing():
        db.session.add(Tally(month=month, figure=figure, part=part, count=count))


def published() -> dict[tuple[str, str, str], int | None]:
    return {(cell.period, cell.figure, cell.part): cell.count for cell in figures.list_published()}


def settle_letter(item: Item) -> None:
    drafter, approver, _ = steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=drafter)
        notice_approval.approve(notice, by=approver)
    sweep.once()
    assert not counted(Figure.NOTICES)  # it was only kept here
    with writing():
        kept_notices.record_by_hand(db.session.scalars(select(Notice)).one(), by=steps.team()[0])
    sweep.once()


def test_a_report_and_its_addresses_are_counted_when_they_reach_the_desk(office: Flask) -> None:
    steps.report("https://a.example/1\nhttps://a.example/2\nhttps://a.example/1", "one")
    steps.report("https://a.example/2", "two")
    assert counted() == {}

    intake.open_inbox()

    assert counted() == {("reports", "csam"): 2, ("addresses", "new"): 2, ("addresses", "known"): 1}


def test_a_report_that_cannot_be_filed_is_not_counted(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> str:
        raise ValueError("something nobody foresaw")

    monkeypatch.setattr(intake, "_as_text", break_down)
    steps.report("https://a.example/1\nno address at all")

    intake.open_inbox()

    assert counted() == {}


def test_what_is_undone_was_never_counted(office: Flask) -> None:
    def count_in_vain() -> None:
        with writing():
            figures.count(Figure.HELP)
            raise StorageFull("as if")

    with pytest.raises(StorageFull):
        count_in_vain()

    assert counted() == {}


def test_a_request_for_help_is_counted_once(office: Flask) -> None:
    help_requests.take(Asked(ForWhom.SELF, "quiet words", True, "", Language.KM), "", nonce="one")
    (row,) = steps.waiting()
    for _ in range(2):
        with writing():
            help_requests.arrive(row)

    assert counted() == {("help", ""): 1}


def test_what_two_people_agreed_on_is_counted_by_class_and_by_law(office: Flask) -> None:
    steps.looked_at_twice()

    assert counted(Figure.ASSESSED, Figure.LAW) == {("assessed", "baseline"): 1, ("law", "illegal"): 1}


def test_one_look_is_not_an_agreement(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 1)  # this one goes to nobody else
    item, first = steps.new_item(), steps.team()[0]
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.GONE, by=first)

    assert counted(Figure.ASSESSED, Figure.LAW, Figure.CLOSED) == {("closed", "unavailable"): 1}


def test_a_link_counts_once_however_often_people_agree_on_it(office: Flask) -> None:
    item = steps.looked_at_twice(TO_ASK)
    assert counted(Figure.ASSESSED, Figure.LAW) == {}  # the law is still to be asked

    first, second, _ = steps.team()
    for found in (TO_ASK, demo.ILLEGAL):
        with writing():
            assessments.adviser_answered(item, by=second)
            assessments.first_look(item, found, by=first)
            assessments.take_review(item, by=second)
            assert assessments.second_look(item, found, by=second)

    assert counted(Figure.ASSESSED, Figure.LAW) == {("assessed", "baseline"): 1, ("law", "illegal"): 1}


def test_a_verdict_that_supersedes_another_about_the_law_does_not_count(office: Flask) -> None:
    item = steps.looked_at_twice()
    assert counted(Figure.LAW) == {("law", "illegal"): 1}

    first, second, _ = steps.team()
    with writing():  # as when an item is taken up again
        item.status, item.reviewer_id = ItemStatus.ASSESSING, None
        db.session.flush()
        found = replace(demo.ILLEGAL, law=LawVerdict.NOT_ILLEGAL, naked=TestAnswer.NO)
        assessments.first_look(item, found, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, found, by=second)

    assert counted(Figure.LAW) == {("law", "illegal"): 1}


def test_a_letter_is_counted_by_its_way_once_it_has_gone(office: Flask) -> None:
    item = steps.looked_at_twice()
    assert counted(Figure.NOTICES) == {}

    settle_letter(item)
    notice_id = db.session.scalar(text("SELECT id FROM notices"))
    with writing():
        notice_sending._record_sent(notice_id)  # as by whoever was sending it at the same time

    assert counted(Figure.NOTICES) == {("notices", "host"): 1}


def test_counting_at_the_same_moment_loses_nothing(office: Flask) -> None:
    def once() -> None:
        with writing():
            figures.count(Figure.HELP)

    steps.together(office, [once] * 8)

    assert counted() == {("help", ""): 8}


def test_a_month_is_the_country_s_own(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, datetime(2026, 10, 31, 17, 30, tzinfo=UTC))

    with writing():
        figures.count(Figure.HELP)

    assert db.session.scalars(select(Tally.month)).all() == ["2026-11"]


def test_a_month_is_published_when_it_is_over_and_only_then(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tally("2026-11", Figure.HELP, "", 7)
    at(monkeypatch, datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert not figure_publishing.publish()
    assert published() == {}

    at(monkeypatch, datetime(2026, 12, 1, 12, tzinfo=UTC))

    assert figure_publishing.publish()
    assert published()["2026-11", "help", ""] == 7
    assert len(published()) == MONTHLY


def test_small_numbers_never_reach_the_front_store(office: Flask, in_november: None) -> None:
    for number, part in enumerate(("host", "partner", "police"), start=3):
        tally("2026-10", Figure.NOTICES, part, number)

    figure_publishing.publish()

    kept = db.session.scalar(text("SELECT count(*) FROM tallies"))
    with front_engine().connect() as connection:
        rows = connection.execute(text("SELECT part, count FROM figures WHERE figure = 'notices'")).all()
    assert kept == 3
    assert sorted(rows) == [("host", None), ("partner", None), ("police", 5)]


def test_the_front_store_refuses_a_small_number(office: Flask) -> None:
    row = {"month": "2026-10", "figure": Figure.HELP, "part": "", "count": 4}

    with pytest.raises(IntegrityError), apart(front_engine()) as session:
        session.execute(insert(PublishedFigure), row)


def test_publishing_again_changes_nothing(office: Flask, in_november: None) -> None:
    tally("2026-10", Figure.HELP, "", 7)
    assert figure_publishing.publish()
    before = published()

    assert not figure_publishing.publish()

    assert published() == before


def test_a_front_store_that_was_lost_is_filled_again(office: Flask, in_november: None) -> None:
    tally("2026-10", Figure.HELP, "", 7)
    figure_publishing.publish()
    before = published()
    with apart(front_engine()) as session:
        session.execute(delete(PublishedFigure))

    assert figure_publishing.publish()

    assert published() == before


def test_the_next_month_joins_those_before(office: Flask, monkeypatch: pytest.MonkeyPatch, in_november: None) -> None:
    tally("2026-10", Figure.HELP, "", 7)
    figure_publishing.publish()
    tally("2026-12", Figure.HELP, "", 9)

    at(monkeypatch, datetime(2027, 1, 2, tzinfo=UTC))
    figure_publishing.publish()

    assert {period: count for (period, figure, _), count in published().items() if figure == "help"} == {
        "2026-10": 7,
        "2026-11": None,
        "2026-12": 9,
        "2026": None,  # it would tell what happened in November
    }


def test_the_sweeper_publishes(office: Flask, in_november: None) -> None:
    tally("2026-10", Figure.HELP, "", 7)

    sweep.once()

    assert published()["2026-10", "help", ""] == 7


def test_figures_that_cannot_be_read_are_a_store_that_is_away(office: Flask) -> None:
    with front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE figures"))

    with pytest.raises(StorageFull):
        figures.list_published()


def test_the_demo_has_fourteen_months_once(office: Flask, in_november: None) -> None:
    demo_figures.fill()
    before = db.session.scalar(select(func.sum(Tally.count)))

    demo_figures.fill()

    assert db.session.scalar(select(func.sum(Tally.count))) == before
    months = {period for period, _, _ in published() if len(period) == 7}
    assert (min(months), max(months), len(months)) == ("2025-09", "2026-10", 14)
    assert {period for period, _, _ in published() if len(period) == 4} == {"2025"}


def test_the_demo_leaves_figures_alone_that_were_counted(office: Flask, in_november: None) -> None:
    tally("2026-10", Figure.HELP, "", 7)

    demo_figures.fill()

    assert counted() == {("help", ""): 7}
