"""What is hosted here, or shows a child in danger, reaches no host before the police have it or two people agree."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import Clock, Item, Notice
from hotline.services import (
    clocks,
    exchange,
    exchange_outbox,
    holds,
    notice_approval,
    notice_drafting,
    notice_sending,
    online,
    police_first,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Answer,
    Channel,
    CheckResult,
    Duty,
    ExchangeMeans,
    ItemStatus,
    Language,
    NoticeStatus,
    Subject,
    Urgency,
)
from tests.services import answer_steps, police_steps, steps
from tests.services.clock_steps import At
from tests.services.partner import hotline
from tests.services.test_holds import Sink

HOST = Channel.HOST


@pytest.fixture
def here(office: Flask) -> Item:
    """An item that two people agree on, and that is hosted in our own country."""
    item = steps.looked_at_twice()
    with writing():
        item.country = "KH"
    return item


def drafted(item: Item) -> Notice:
    with writing():
        return notice_drafting.draft(item, steps.recipient(), channel=HOST, language=Language.EN, by=steps.team()[0])


def approve(notice: Notice) -> None:
    with writing():
        notice_approval.approve(notice, by=steps.team()[1])


def in_danger(item: Item) -> Item:
    with writing():
        item.in_danger, item.urgency, item.country = True, Urgency.P1, "NL"
    return item


def clock_ids(item: Item) -> list[int]:
    query = select(Clock.id).where(
        Clock.subject == Subject.ITEM, Clock.subject_id == item.id, Clock.duty == Duty.NOTIFY
    )
    return list(db.session.scalars(query.where(Clock.ended_at.is_(None))))


def running(item: Item) -> list[Duty]:
    query = select(Clock.duty).where(Clock.subject == Subject.ITEM, Clock.subject_id == item.id)
    return list(db.session.scalars(query.where(Clock.ended_at.is_(None)).order_by(Clock.id)))


@pytest.mark.parametrize("make", [lambda item: item, in_danger], ids=["hosted here", "a child in danger"])
def test_no_host_hears_of_it_before_the_police_have_it(here: Item, make) -> None:
    notice = drafted(make(here))
    with pytest.raises(Refused) as refused:
        approve(notice)
    assert refused.value.faults == (("approve", "police_first"),)
    db.session.rollback()

    police_steps.handed_over(here)
    approve(notice)

    assert notice.status is NoticeStatus.QUEUED


def test_two_people_who_end_a_hold_let_it_go_too(here: Item) -> None:
    notice, hold = drafted(here), police_steps.held(here)
    first, second, _ = steps.team()
    for who, words in ((first, "They have what they need."), (second, "")):
        with writing():
            holds.release(hold, words, by=who)

    approve(notice)

    assert notice.status is NoticeStatus.QUEUED


def test_what_is_hosted_elsewhere_waits_for_nobody(here: Item) -> None:
    with writing():
        here.country = "NL"

    approve(drafted(here))

    assert not police_first.waits(here, HOST)


def test_a_letter_that_was_let_go_waits_once_a_child_may_be_in_danger(here: Item) -> None:
    with writing():
        here.country = "NL"
    notice = drafted(here)
    approve(notice)
    in_danger(here)
    sink = Sink()

    notice_sending.deliver(notice.id, mailer=sink)

    db.session.refresh(notice)
    assert (sink.sent, notice.status, notice.last_fault) == (0, NoticeStatus.FAILED, "police_first")


def test_once_the_police_have_it_somebody_has_to_write_to_the_host(here: Item) -> None:
    police_steps.handed_over(here)
    db.session.refresh(here)
    assert (here.status, running(here)) == (ItemStatus.ACTING, [Duty.NOTIFY])

    notice = drafted(here)
    approve(notice)
    notice_sending.deliver(notice.id, mailer=Sink())

    db.session.expire_all()
    assert running(here) == []


def test_what_is_hosted_here_is_offered_to_no_hotline_abroad_before_the_police_have_it(here: Item) -> None:
    (first, second, _), to = steps.team(), hotline()
    with writing():
        offer = exchange.draft(here, to.ref, ExchangeMeans.BY_HAND, by=first)
    before = exchange.hindrance(offer, by=second)

    police_steps.handed_over(here)

    assert (before, exchange.hindrance(offer, by=second)) == ("police_first", None)


def test_an_offer_that_was_let_go_is_taken_back_where_it_is_found_to_be_hosted_here(here: Item) -> None:
    first, second, _ = steps.team()
    to = hotline()
    with writing():
        here.country = None
        offer = exchange.draft(here, to.ref, ExchangeMeans.BY_HAND, by=first)
        exchange.approve(offer, by=second)
    assert exchange_outbox.stands(offer)

    with writing():
        here.country = "KH"

    assert not exchange_outbox.stands(offer)


def test_what_the_police_got_before_it_was_reported_again_does_not_count(here: Item) -> None:
    police_steps.handed_over(here)
    assert not police_first.waits(here, HOST)

    with writing():
        here.opened_at = clock.now() + timedelta(hours=1)

    assert police_first.waits(here, HOST)
    assert holds.is_proposed(here)


def test_a_second_report_or_a_hold_gives_the_host_no_more_time(here: Item) -> None:
    police_steps.handed_over(here)
    [begun] = clock_ids(here)

    police_steps.handed_over(here)
    hold = police_steps.held(here)
    first, second, _ = steps.team()
    for who, words in ((first, "They have what they need."), (second, "")):
        with writing():
            holds.release(hold, words, by=who)

    assert clock_ids(here) == [begun]


def test_of_an_onion_service_nobody_is_to_be_written_to(office: Flask) -> None:
    item = in_danger(steps.looked_at_twice(url=f"http://{'a' * 56}.onion/t/1"))

    police_steps.handed_over(item)

    assert running(item) == []


def test_of_what_is_gone_nobody_has_to_be_told_until_it_is_back(here: Item) -> None:
    police_steps.handed_over(here)
    db.session.refresh(here)
    by = steps.team()[0]

    with writing():
        online.seen(here, CheckResult.GONE, by=by)
    gone = running(here)
    with writing():
        online.seen(here, CheckResult.UP, by=by)

    assert (Duty.NOTIFY in gone, Duty.NOTIFY in running(here)) == (False, True)


def test_a_child_in_danger_abroad_is_on_a_clock_after_the_partner_has_it(here: Item) -> None:
    in_danger(here)
    (first, second, _), to = steps.team(), hotline()
    with writing():
        offer = exchange.draft(here, to.ref, ExchangeMeans.BY_HAND, by=first)
        exchange.approve(offer, by=second)
    with writing():
        exchange.record_handed(offer, "by telephone", by=first)

    db.session.refresh(here)
    assert (here.status, running(here)) == (ItemStatus.ACTING, [Duty.NOTIFY])
    assert holds.list_proposed(by=first) == [here]


def test_a_child_in_danger_abroad_is_due_when_its_new_clock_runs_out(here: Item, at: At) -> None:
    (first, second, _), to = steps.team(), hotline()
    at(9)
    with writing():
        here.in_danger, here.urgency, here.country = True, Urgency.P1, "NL"
        clocks.urgency_rose(here)
        offer = exchange.draft(here, to.ref, ExchangeMeans.BY_HAND, by=first)
        exchange.approve(offer, by=second)
    at(9, 30)
    with writing():
        exchange.record_handed(offer, "by telephone", by=first)

    db.session.refresh(here)
    due = db.session.scalars(select(Clock.due_at).where(Clock.id.in_(clock_ids(here)))).one()
    assert here.due_at == due


def test_what_a_host_said_while_an_item_was_held_counts_once_it_is_let_go(here: Item) -> None:
    police_steps.handed_over(here)
    notice = answer_steps.sent(here)
    db.session.refresh(here)
    hold = police_steps.held(here)
    answer_steps.answered(notice, Answer.REMOVED)
    db.session.refresh(here)
    assert here.status is ItemStatus.HELD

    first, second, _ = steps.team()
    for who, words in ((first, "They have what they need."), (second, "")):
        with writing():
            holds.release(hold, words, by=who)

    db.session.refresh(here)
    assert (here.status, running(here)) == (ItemStatus.MONITORING, [Duty.CHECK_ONLINE])


def test_what_a_host_said_before_a_hold_does_not_count_again(here: Item) -> None:
    police_steps.handed_over(here)
    notice = answer_steps.sent(here)
    answer_steps.answered(notice, Answer.REMOVED)
    first, second, _ = steps.team()
    with writing():
        online.seen(here, CheckResult.UP, by=first)
    hold = police_steps.held(here)

    for who, words in ((first, "They have what they need."), (second, "")):
        with writing():
            holds.release(hold, words, by=who)

    db.session.refresh(here)
    assert here.status is ItemStatus.ACTING
