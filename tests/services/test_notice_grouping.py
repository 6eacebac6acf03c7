"""What else a letter may list: on the same host, in the same network, or with the same recipient, off small indexes."""

from dataclasses import replace

import pytest
from flask import Flask

from hotline.extensions import db
from hotline.models import Item, Recipient
from hotline.rules.entries import Entry
from hotline.services import demo, directory, host_rules, notice_grouping, police_first
from hotline.transactions import writing
from hotline.vocabulary import Channel, HostRuleKind, ItemStatus, Language, LawVerdict, Mark, RecipientKind, TestAnswer
from tests.services import answer_steps, police_steps, steps

HOST = Channel.HOST
LEGAL_HERE = replace(demo.ILLEGAL, law=LawVerdict.NOT_ILLEGAL, sexual=TestAnswer.NO, doubt="A drawing.")
HERE, THERE, ELSEWHERE = (
    "https://img-board.example/t/{}",
    "https://other-board.example/t/{}",
    "https://third-board.example/t/{}",
)


def decided(place: str, number: int, **facts: object) -> Item:
    item = steps.looked_at_twice(url=place.format(number))
    with writing():
        for name, value in facts.items():
            setattr(item, name, value)
    return item


def offered(item: Item, channel: Channel = HOST) -> list[str]:
    return [one.ref for one in notice_grouping.candidates(item, channel=channel, by=steps.team()[0])]


def test_the_same_host_comes_first_then_the_same_network(office: Flask) -> None:
    near = decided(THERE, 1, network="Example Net")
    item, same = decided(HERE, 1, network="Example Net"), decided(HERE, 2)
    decided(ELSEWHERE, 1, network="Another Net")

    assert offered(item) == [same.ref, near.ref]


def test_what_a_letter_lists_already_is_not_offered(office: Flask) -> None:
    item, listed = decided(HERE, 1), decided(HERE, 2)
    answer_steps.sent(listed)
    db.session.expire_all()

    assert listed.status is ItemStatus.ACTING
    assert offered(item) == []


def test_what_only_the_police_were_told_of_is_offered(office: Flask) -> None:
    item, told = decided(HERE, 1), decided(HERE, 2)
    police_steps.handed_over(told)
    assert told.status is ItemStatus.ACTING

    assert offered(item) == [told.ref]
    assert offered(told) == [item.ref]


def test_what_the_police_were_told_together_stays_together(office: Flask) -> None:
    item, there = decided(HERE, 1, network="Example Net"), decided(THERE, 1, network="Example Net")
    elsewhere = decided(ELSEWHERE, 1, network="Another Net")
    police_steps.handed_over(item, there, elsewhere)

    assert offered(item) == [there.ref]


def test_what_waits_for_the_police_is_offered_to_its_like_alone(office: Flask) -> None:
    item = decided(HERE, 1)
    waits, too = (decided(HERE, number, country="KH") for number in (2, 3))

    assert offered(item) == []
    assert offered(waits) == [item.ref, too.ref]


def test_another_network_of_the_same_recipient_is_offered(office: Flask) -> None:
    item, other = decided(HERE, 1), decided(THERE, 1, network="Example Net Two")
    decided(ELSEWHERE, 1, network="Another Net")
    hosts_it("Example Hosting", (Mark.NETWORK, "example net two"))

    assert offered(item) == [other.ref]


def test_the_own_host_of_the_same_recipient_is_offered(office: Flask) -> None:
    item, other = decided(HERE, 1), decided(THERE, 1)
    hosts_it("Example Hosting", (Mark.DOMAIN, "other-board.example"))

    assert offered(item) == [other.ref]


def hosts_it(name: str, *marks: tuple[Mark, str]) -> Recipient:
    """Let the team settle that somebody with some marks hosts what is here."""
    person = steps.team()[1]
    with writing():
        entry = Entry(name, RecipientKind.HOSTING_PROVIDER, "abuse@two.example", "NL", Language.EN)
        added = directory.enter(entry, by=person)
        for mark, value in marks:
            directory.add_mark(added, mark, value, by=person)
        host_rules.add(
            "img-board.example",
            HostRuleKind.PROVIDER,
            whole_domain=False,
            recipient=added,
            note="It says so.",
            days=host_rules.PERIODS[0],
            by=person,
        )
    return added


def test_what_another_letter_would_be_about_is_left_out(office: Flask) -> None:
    item, same = decided(HERE, 1), decided(HERE, 2)
    steps.looked_at_twice(LEGAL_HERE, url=HERE.format(3))

    assert offered(item) == [same.ref]


def test_every_place_is_looked_for_off_a_small_index(office: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    item = decided(HERE, 1, network="Example Net")
    hosts_it("Example Hosting", (Mark.DOMAIN, "other-board.example"), (Mark.NETWORK, "example net"))

    plans = []
    for query in notice_grouping._places(item, notice_grouping._free(item, HOST)):
        asked = query.order_by(Item.id).limit(10).compile(db.engine)
        told = asked.construct_expanded_state(police_first.told())
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {told.statement}", told.positional_parameters
        )
        plans.append(" ".join(row[3] for row in plan))

    assert len(plans) == 6
    for plan in plans:
        assert "SCAN items" not in plan
    small = ("decided_host", "open_host", "decided_network", "police_report_items", "decided_network", "decided_host")
    for plan, index in zip(plans, small, strict=True):
        assert index in plan


def test_it_is_cut_however_much_there_is(office: Flask) -> None:
    item = decided(HERE, 1)
    several = [decided(HERE, number) for number in range(2, 6)]
    assert [one.ref for one in notice_grouping.candidates(item, channel=HOST, by=steps.team()[0], most=2)] == [
        one.ref for one in several[:2]
    ]
