"""Who above a host was told of an address or may be told now: the registrar, and who connects its network."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from hotline import clock
from hotline.extensions import db
from hotline.models import Item, Notice, Recipient
from hotline.models.clock import Clock
from hotline.rules.entries import Entry
from hotline.rules.follow_up import Above
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts
from hotline.services import (
    appeal_cases,
    assessments,
    directory,
    hosting,
    notice_approval,
    notice_drafting,
    notice_sending,
    rises,
    routing,
    upstreams,
)
from hotline.services.rises import Turn
from hotline.transactions import writing
from hotline.vocabulary import (
    AppealDecision,
    Channel,
    CorrectionReason,
    Duty,
    ItemStatus,
    Language,
    Mark,
    NoticeStatus,
    Proxy,
    RecipientKind,
)
from tests.services import steps

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def item(office: Flask) -> Item:
    """An item that two people found illegal, hosted by the first of the directory, its name registered elsewhere."""
    item, by = steps.looked_at_twice(), steps.team()[0]
    at = clock.this_hour().isoformat()
    network = NetworkFacts(at, "198.51.100.9", name="Fresh Hosting", country="NL", systems=(64511,))
    name = DomainFacts(at, "img-board.example", registrar="Example Names")
    with writing():
        hosting.keep(item, Account(networks=(network,), domain=name, proxy=Proxy.NONE))
        directory.add_mark(steps.recipient(), Mark.ASN, "64511", by=by)
    db.session.expire_all()
    return item


def entry(name: str, kind: RecipientKind = RecipientKind.HOSTING_PROVIDER) -> Recipient:
    by = steps.team()[2]
    with writing():
        mailbox = f"abuse@{name.rpartition(' ')[2].lower()}.example"
        made = directory.enter(Entry(name, kind, mailbox, "NL", Language.EN), by=by)
        directory.verify(made, by=by)
    return made


@pytest.fixture
def registrar(item: Item) -> Recipient:
    """Whom the registry names as the registrar, in the directory."""
    made = entry("Example Names", RecipientKind.REGISTRAR)
    with writing():
        directory.add_mark(made, Mark.NETWORK, "Example Names", by=steps.team()[0])
    return made


@pytest.fixture
def carrier(item: Item) -> Recipient:
    """Who connects the network of the host, as people noted it."""
    made = entry("Example Carrier")
    with writing():
        upstreams.add(steps.recipient(), made.ref, by=steps.team()[0])
    return made


def letter(item: Item, to: Recipient | None = None) -> Notice:
    first, second, _ = steps.team()
    with writing():
        drafted = notice_drafting.draft(
            item, to or steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first
        )
        notice_approval.approve(drafted, by=second)
    return gone(drafted)


def raised(root: Notice, to: Recipient) -> Notice:
    with writing():
        return notice_drafting.draft_escalation(root, to, [root.lines[0].item], by=steps.team()[0])


def gone(drafted: Notice) -> Notice:
    if drafted.status is NoticeStatus.DRAFT:
        with writing():
            notice_approval.approve(drafted, by=steps.team()[1])
    with writing():
        notice_sending._record_sent(drafted.id)
    db.session.expire_all()
    return drafted


def time_is_over() -> None:
    past = clock.now() - HOUR
    with writing():
        runs = update(Clock).where(Clock.duty == Duty.REMOVE, Clock.ended_at.is_(None))
        db.session.execute(runs.values(due_at=past, breached_at=past, next_at=None))
    db.session.expire_all()


def told(item: Item) -> list[tuple[Above, Turn, str]]:
    guide = routing.guide(item)
    assert guide is not None
    return [(one.whom, one.turn, one.letter.ref) for one in rises.of_item(item, guide)]


def test_nobody_above_is_told_before_the_time_of_a_host_is_over(item: Item, registrar: Recipient, carrier: Recipient):
    assert told(item) == []

    first = letter(item)
    assert told(item) == []

    time_is_over()
    assert told(item) == [(Above.UPSTREAM, Turn.NOW, first.ref), (Above.REGISTRAR, Turn.NOW, first.ref)]


def test_who_is_not_in_the_directory_is_not_offered(item: Item):
    letter(item)
    time_is_over()

    assert told(item) == []


def test_what_is_written_to_the_registrar_is_told_and_then_that_it_has_gone(item: Item, registrar: Recipient):
    first = letter(item)
    time_is_over()

    upward = raised(first, registrar)
    assert told(item) == [(Above.REGISTRAR, Turn.DRAFTED, upward.ref)]

    gone(upward)
    assert told(item) == [(Above.REGISTRAR, Turn.WRITTEN, upward.ref)]


def test_a_letter_to_who_connects_the_network_says_nothing_of_the_registrar(
    item: Item, registrar: Recipient, carrier: Recipient
):
    first = letter(item)
    time_is_over()
    upward = gone(raised(first, carrier))
    assert told(item) == [(Above.UPSTREAM, Turn.WRITTEN, upward.ref)]  # they have their time now

    time_is_over()
    assert told(item) == [(Above.UPSTREAM, Turn.WRITTEN, upward.ref), (Above.REGISTRAR, Turn.NOW, upward.ref)]


def test_a_registrar_that_was_written_to_at_once_is_told_of(item: Item, registrar: Recipient):
    direct = letter(item, registrar)

    assert told(item) == [(Above.REGISTRAR, Turn.WRITTEN, direct.ref)]


def test_a_letter_to_another_about_another_address_is_told_of_nowhere_else(item: Item, registrar: Recipient):
    other = steps.looked_at_twice(url="https://store-7.example/g/5521")
    letter(other, registrar)

    assert told(item) == []


def test_a_withdrawn_letter_was_not_written(item: Item, registrar: Recipient):
    first = letter(item)
    time_is_over()
    upward = raised(first, registrar)
    with writing():
        notice_approval.withdraw(upward, by=steps.team()[0])

    assert told(item) == [(Above.REGISTRAR, Turn.NOW, first.ref)]


def test_while_the_police_hold_it_nobody_above_may_be_written_to(item: Item, registrar: Recipient):
    letter(item)
    time_is_over()
    with writing():
        item.status = ItemStatus.HELD

    assert told(item) == []


def test_while_somebody_objects_nobody_above_may_be_written_to(item: Item, registrar: Recipient):
    first = letter(item)
    reminder = gone_reminder(first)
    time_is_over()
    assert told(item) == [(Above.REGISTRAR, Turn.NOW, reminder.ref)]

    with writing():
        appeal = appeal_cases.open_on(item, "It is a drawing.", by=steps.team()[0])
    assert told(item) == []

    with writing():
        appeal_cases.decide(appeal, AppealDecision.STANDS, "Looked again.", by=steps.team()[2])
    assert told(item) == [(Above.REGISTRAR, Turn.NOW, reminder.ref)]


def gone_reminder(first: Notice) -> Notice:
    by = steps.team()[0]
    with writing():
        reminder = notice_drafting.draft_reminder(first, [first.lines[0].item], by=by, actor=by)
    return gone(reminder)


def test_after_a_correction_what_was_written_before_counts_no_more(item: Item, registrar: Recipient):
    letter(item, registrar)
    first, second, third = steps.team()
    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=third)
    with writing():
        assessments.first_look(item, steps.demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assessments.second_look(item, steps.demo.ILLEGAL, by=second)

    assert told(item) == []
