"""An address that was closed and is reported again: people look at it anew, and nothing found before decides."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models import AuditEntry, Item
from hotline.rules.filters import Filter, Whose
from hotline.services import (
    assessments,
    claims,
    demo,
    intake,
    items,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_sending,
    notices,
    queue,
)
from hotline.transactions import writing
from hotline.vocabulary import Channel, InhopeClass, ItemOutcome, ItemStatus, Language, LawVerdict
from tests.services import steps

ADDRESS = "https://img-board.example/t/1"
TO_ASK = replace(demo.ILLEGAL, law=LawVerdict.ADVISER, note="is it clear?")


class Sink:
    """A mail server that takes everything."""

    def send(self, *letter: object) -> Handed:
        """Take one letter."""
        return Handed.ON


@pytest.fixture
def no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """No item is in the sample that is looked at twice."""
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)


def report_again(nonce: str = "again") -> Item:
    steps.report(ADDRESS, nonce)
    intake.open_inbox()
    return db.session.scalars(select(Item)).one()


def closed_by_one() -> Item:
    item = steps.new_item(ADDRESS)
    first = steps.team()[0]
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.GONE, by=first)
    assert item.status is ItemStatus.CLOSED
    return item


def closed_after_a_letter() -> Item:
    item = steps.looked_at_twice(url=ADDRESS)
    notice_sending.deliver(letter_about(item).id, mailer=Sink())
    with writing():
        items.close(item, ItemOutcome.REMOVED, by=steps.team()[0])
    return item


def letter_about(item: Item) -> notices.Notice:
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(letter, by=second)
    return letter


def look_twice(item: Item, found=demo.ILLEGAL) -> None:
    first, second, _ = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, found, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, found, by=second)


def test_a_closed_item_that_is_reported_again_is_free_in_the_queue(office: Flask, no_sample: None) -> None:
    closed_by_one()

    item = report_again()

    person = steps.team()[1]
    assert (item.status, item.outcome, item.assessor_id, item.reviewer_id) == (ItemStatus.NEW, None, None, None)
    assert (item.reopened_at, item.opened_at) == (clock.this_hour(), clock.this_hour())
    assert [row.item for row in queue.list_queue(Filter(whose=Whose.NOBODY), by=person).rows] == [item]
    with writing():
        claims.claim(item, by=person)


def test_an_item_that_is_open_is_not_opened_again(office: Flask) -> None:
    item = steps.new_item(ADDRESS)
    with writing():
        claims.claim(item, by=steps.team()[0])

    report_again()

    assert (item.status, item.reopened_at, item.report_count) == (ItemStatus.ASSESSING, None, 2)


def test_opening_again_leaves_no_line_whose_minute_tells_when_the_report_came(office: Flask, no_sample: None) -> None:
    closed_by_one()
    before = len(db.session.scalars(select(AuditEntry)).all())

    report_again()

    assert len(db.session.scalars(select(AuditEntry)).all()) == before


def test_what_one_person_closed_is_not_closed_by_one_person_again(office: Flask, no_sample: None) -> None:
    closed_by_one()
    item = report_again()
    first = steps.team()[0]

    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.GONE, by=first)

    assert item.status is ItemStatus.IN_REVIEW


def test_a_look_from_before_agrees_with_nobody_now(office: Flask, no_sample: None) -> None:
    closed_by_one()  # the first found it gone
    item = report_again()
    _first, second, third = steps.team()
    with writing():
        claims.claim(item, by=second)
        assessments.first_look(item, demo.ILLEGAL, by=second)
        assessments.take_review(item, by=third)

        agreed = assessments.second_look(item, demo.GONE, by=third)

    assert not agreed
    assert item.status is ItemStatus.DISPUTED
    assert assessments.shown(item, by=steps.team()[0]) == []


def test_a_verdict_from_before_lets_nothing_go_and_the_next_supersedes_it(office: Flask) -> None:
    closed_after_a_letter()
    item = report_again()
    assert assessments.verdict_of(item) is None
    assert notice_grounds.ways(item) == ()
    assert not assessments.is_anew(item)

    look_twice(item)

    before, after = db.session.scalars(select(assessments.Verdict).order_by(assessments.Verdict.id))
    assert assessments.verdict_of(item) is after
    assert after.supersedes_id == before.id
    assert item.status is ItemStatus.DECIDED


def test_whoever_got_a_letter_then_gets_another_now(office: Flask) -> None:
    closed_after_a_letter()
    item = report_again()
    look_twice(item)
    assert assessments.letters_about(item) == []

    letter = letter_about(item)
    notice_sending.deliver(letter.id, mailer=Sink())

    db.session.rollback()
    assert assessments.letters_about(item) == [letter]
    assert item.status is ItemStatus.ACTING


def test_the_adviser_can_answer_although_a_letter_went_before(office: Flask) -> None:
    closed_after_a_letter()
    item = report_again()
    look_twice(item, TO_ASK)

    with writing():
        assessments.adviser_answered(item, by=steps.team()[1])

    assert item.status is ItemStatus.ASSESSING
    assert assessments.is_anew(item)


def test_an_item_can_be_closed_and_opened_again_many_times(office: Flask, no_sample: None) -> None:
    closed_by_one()
    gone = replace(demo.GONE, inhope_class=InhopeClass.INACCESSIBLE)
    for number in range(3):
        item = report_again(str(number))
        look_twice(item, gone)
        assert item.status is ItemStatus.CLOSED

    assert item.report_count == 4


def test_who_had_it_before_has_nothing_in_hand(office: Flask) -> None:
    closed_after_a_letter()
    item = report_again()

    with pytest.raises(WrongState), writing():
        assessments.first_look(item, demo.GONE, by=steps.team()[0])
