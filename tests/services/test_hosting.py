"""Looking up who hosts what, on both databases, against real DNS and RDAP servers on loopback."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from hotline import clock, outbox
from hotline.config import Settings
from hotline.errors import Refused, WrongState
from hotline.extensions import db
from hotline.gateways import dns
from hotline.gateways.dns import DnsResolver
from hotline.gateways.rdap import Bootstrap, RdapClient
from hotline.jobs import rows
from hotline.models import Item, Notice, Recipient, Staff
from hotline.models.clock import Clock
from hotline.models.hosting import HostLookup, HostRule
from hotline.outbox import Task
from hotline.rules.hosting import Account
from hotline.services import (
    assessments,
    claims,
    clocks,
    demo,
    directory,
    host_rules,
    hosting,
    items,
    notice_approval,
    notice_drafting,
    notice_grounds,
    proposals,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    Duty,
    HostKind,
    HostRuleKind,
    ItemOutcome,
    Language,
    LookupState,
    NoticeStatus,
    Proxy,
    RecipientKind,
    Role,
)
from tests.gateways.dns_server import DnsServer, dns_server
from tests.gateways.rdap_server import RdapServer, network, person, rdap_server, says
from tests.services import steps

URL = "https://img-board.example/t/1"
PATH = "/ip/198.51.100.42"


@dataclass
class World:
    """What is asked: one resolver and one registry, both on this machine."""

    dns: DnsServer
    rdap: RdapServer

    def hosts(self, host: str = "img-board.example", address: str = "198.51.100.42", name: str = "EXAMPLE-NET") -> None:
        """Let a host be at an address, in a network."""
        self.dns.zone[(host, "A")] = [address]
        abuse = person("abuse", "Desk", "abuse@hosting.example")
        self.rdap.pages[f"/ip/{address}"] = says(network(name, "NL", abuse))
        self.rdap.pages[f"/domain/{host}"] = says({"entities": [person("registrar", "Example Names")]})


@pytest.fixture
def world(office: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Turn look-ups on, and give them somebody to ask."""
    monkeypatch.setattr(dns, "PATIENCE", 0.3)
    monkeypatch.setattr(dns, "LONGEST", 1.0)
    settings: Settings = office.extensions["hotline.settings"]
    monkeypatch.setitem(office.extensions, "hotline.settings", replace(settings, lookups=True))
    with dns_server() as resolver, rdap_server() as registry:
        found = Bootstrap.from_folder(registry.bootstrap(tmp_path / "bootstrap"))
        office.extensions["hotline.resolver"] = DnsResolver([resolver.place])
        office.extensions["hotline.registries"] = RdapClient(found, pace=0, longest=1)
        yield World(resolver, registry)


def work_off() -> None:
    """Do what is due, as the worker does."""
    rows.work_off(5)
    db.session.rollback()


def newest(model: Any) -> Any:
    """Return the newest record of a kind, as it stands: a worker leaves nothing of a session behind."""
    return db.session.scalars(select(model).order_by(model.id.desc())).first()


def looks() -> list[HostLookup]:
    return list(db.session.scalars(select(HostLookup).order_by(HostLookup.id)))


def account() -> Account:
    found = hosting.account_of(looks()[-1])
    assert found is not None
    return found


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    real = clock.now()
    monkeypatch.setattr(clock, "now", lambda: real + by)


def test_a_new_host_is_looked_up_and_told_on_its_item(world: World) -> None:
    world.hosts()
    item = steps.new_item(URL)

    work_off()

    (lookup,) = looks()
    assert (lookup.state, lookup.proxy, lookup.changed) == (LookupState.FOUND, Proxy.NONE, False)
    assert (lookup.country, lookup.network) == ("NL", "EXAMPLE-NET")
    item = newest(Item)
    assert (item.country, item.network, item.host_kind, item.new_host) == ("NL", "EXAMPLE-NET", HostKind.SITE, True)
    assert account().networks[0].abuse == ("abuse@hosting.example",)
    assert account().dns.addresses == ("198.51.100.42",)
    assert db.session.scalar(select(func.count()).select_from(Task).where(Task.job == hosting.LOOK_UP)) == 0


def test_nobody_but_resolver_and_registry_is_asked(world: World) -> None:
    world.hosts()
    steps.new_item(URL)

    work_off()

    assert {one.split()[0] for one in world.dns.asked} == {"img-board.example"}
    assert world.rdap.asked == [PATH, "/domain/img-board.example"]


def test_many_items_of_a_host_wait_for_one_look(world: World) -> None:
    world.hosts()
    for number in range(5):
        steps.new_item(f"https://img-board.example/t/{number}", nonce=str(number))

    work_off()

    assert len(looks()) == 1
    assert set(db.session.scalars(select(Item.country))) == {"NL"}
    assert sorted(db.session.scalars(select(Item.new_host))) == [False] * 4 + [True]


def test_what_is_known_is_taken_over_for_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hosts()
    steps.new_item(URL)
    work_off()

    second = steps.new_item("https://img-board.example/t/2", nonce="two")
    assert (second.country, len(looks())) == ("NL", 1)

    later(monkeypatch, timedelta(days=1, minutes=1))
    steps.new_item("https://img-board.example/t/3", nonce="three")
    assert len(looks()) == 2


def test_a_move_is_seen_over_a_look_that_found_no_network(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hosts()
    steps.new_item(URL)
    work_off()
    for address in ("10.0.0.8", "198.51.100.43"):
        later(monkeypatch, timedelta(minutes=2))
        world.hosts(address=address, name="OTHER-NET")
        with writing():
            hosting.ask_again(newest(Item), by=steps.team()[0])
        work_off()

    assert [(one.state, one.network, one.changed) for one in looks()] == [
        (LookupState.FOUND, "EXAMPLE-NET", False),
        (LookupState.PARTLY, None, False),
        (LookupState.FOUND, "OTHER-NET", True),
    ]
    assert newest(Item).network == "OTHER-NET"


def test_what_a_person_found_behind_a_proxy_holds_until_a_registry_knows_the_host(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hosts(name="CLOUDFLARENET")
    steps.new_item(URL)
    work_off()
    with writing():
        hosting.note_by_hand(newest(Item), "Example Hosting", "KH", "", proxy=False, by=steps.team()[0])
    for number, (network_name, told) in enumerate(
        [
            ("CLOUDFLARENET", ("KH", "Example Hosting")),
            ("REAL-NET", ("NL", "REAL-NET")),
            ("CLOUDFLARENET", (None, None)),
        ]
    ):
        later(monkeypatch, timedelta(minutes=2))
        world.hosts(name=network_name)
        with writing():
            hosting.ask_again(newest(Item), by=steps.team()[0])
        work_off()
        item = newest(Item)
        assert (item.country, item.network) == told, number
        if number == 0:
            assert not looks()[-1].changed
            assert not hosting.has_moved(item, since=clock.now() - timedelta(days=1))
            other = steps.new_item("https://img-board.example/t/2", nonce="two")
            assert (other.country, other.network) == told


def test_look_ups_that_were_turned_off_ask_nobody_and_nothing_waits(
    world: World, office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hosts()
    steps.new_item(URL)
    settings: Settings = office.extensions["hotline.settings"]
    monkeypatch.setitem(office.extensions, "hotline.settings", replace(settings, lookups=False))

    work_off()

    assert world.dns.asked == world.rdap.asked == []
    assert [(one.state, one.fault) for one in looks()] == [(LookupState.FAILED, "off")]
    assert db.session.scalar(select(func.count()).select_from(Task).where(Task.job == hosting.LOOK_UP)) == 0


def test_an_onion_name_never_goes_to_dns_whatever_its_item_says(world: World) -> None:
    host = f"{'a' * 56}.onion"
    item = steps.new_item(f"http://{host}/a")
    by = steps.team()[0]
    with writing():
        item.host_kind = HostKind.SITE  # as all of them say that were there before kinds were kept

    assert hosting.card(item, by=by).kind is HostKind.ONION
    with pytest.raises(Refused, match="onion"), writing():
        hosting.ask_again(item, by=by)
    with writing():
        hosting.ask_before_letter(item, by=by)
    registries = current_app.extensions["hotline.registries"]
    found = hosting.look_up(host, resolver=DnsResolver([world.dns.place]), registries=registries)

    assert (looks(), world.dns.asked, found.faults) == ([], [], ("onion",))
    assert newest(Item).host_kind is HostKind.ONION


def test_a_look_that_nobody_foresaw_is_settled_and_others_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hosts()
    world.hosts("store-7.example", "198.51.100.43")
    steps.new_item(URL)
    steps.new_item("https://store-7.example/g/1", nonce="two")
    real = hosting.look_up

    def broken(host: str, **more: Any) -> Account:
        if host == "img-board.example":
            return Account(note="\ud800")
        return real(host, **more)

    monkeypatch.setattr(hosting, "look_up", broken)

    work_off()

    assert [(one.state, one.fault) for one in looks()] == [(LookupState.FAILED, "broken"), (LookupState.FOUND, None)]


def test_a_look_that_failed_is_none_before_a_letter(world: World) -> None:
    steps.new_item(URL)
    work_off()
    assert looks()[0].state is LookupState.FAILED

    with writing():
        hosting.ask_before_letter(newest(Item), by=steps.team()[0])

    assert [one.state for one in looks()] == [LookupState.FAILED, LookupState.WAITING]


def test_a_host_at_home_makes_an_item_more_urgent_and_its_clocks_stricter(world: World) -> None:
    world.hosts()
    steps.new_item(URL)
    work_off()

    def assess(item: Item) -> Clock:
        return next(one for one in clocks.of(item) if one.duty is Duty.ASSESS and one.ended_at is None)

    item = newest(Item)
    before, due, started = item.urgency, assess(item).due_at, clock.this_hour() + timedelta(hours=1)
    world.rdap.pages[PATH] = says(network("HOME-NET", "KH"))
    lookup = HostLookup(host_index=item.host_index, host=looks()[0].host, asked_at=clock.this_hour())
    with writing():
        db.session.add(lookup)
        outbox.put(db.session(), hosting.LOOK_UP, hosting.ALL)

    work_off()

    item = newest(Item)
    assert item.urgency < before
    assert assess(item).due_at < due
    assert assess(item).started_at == started  # when the hour of the report ends: no minute of it


def test_what_a_person_notes_shows_to_others_once_two_have_chosen(office: Flask) -> None:
    item = steps.new_item(URL)
    other = steps.new_item("https://img-board.example/t/2", nonce="two")
    first, second, _third = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
        hosting.note_by_hand(item, "Example Hosting", "NL", "quiet words", proxy=False, by=first)
        rule = host_rules.add(
            "img-board.example", HostRuleKind.PROXY, whole_domain=True, recipient=None, note="why", days=30, by=first
        )
        items.close(other, ItemOutcome.REMOVED, by=second)

    def told(of: Item, by: Staff) -> tuple[bool, str, str | None]:
        look = hosting.card(of, by=by).now
        (opened,) = host_rules.list_in_force(by=by)
        return look.tells, look.account.note, opened.note

    assert told(item, first) == (True, "quiet words", "why")
    assert told(item, second) == told(other, second) == (False, "", None)
    with writing():
        host_rules.extend(rule, days=90, by=second)
    assert told(item, second)[2] is None
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)
    assert told(item, second) == told(other, second) == (True, "quiet words", "why")


def test_private_answers_are_kept_and_never_asked_about(world: World) -> None:
    world.dns.zone[("img-board.example", "A")] = ["10.0.0.8", "127.0.0.1"]
    item = steps.new_item(URL)

    work_off()

    assert looks()[0].state is LookupState.PARTLY
    assert account().dns.reserved == ("10.0.0.8", "127.0.0.1")
    assert [path for path in world.rdap.asked if path.startswith("/ip/")] == []
    item = newest(Item)
    assert item.country is None


def test_a_host_that_is_nowhere_fails_in_words(world: World) -> None:
    steps.new_item(URL)

    work_off()

    assert (looks()[0].state, looks()[0].fault) == (LookupState.FAILED, dns.NO_NAME)


def test_a_proxy_is_not_the_host(world: World) -> None:
    world.hosts(name="CLOUDFLARENET")
    item = steps.new_item(URL)

    work_off()

    assert (looks()[0].proxy, looks()[0].network) == (Proxy.CDN, "CLOUDFLARENET")
    item = newest(Item)
    assert (item.country, item.network) == (None, None)


def test_an_ip_literal_asks_no_dns_and_an_onion_asks_nobody(world: World) -> None:
    world.rdap.pages[PATH] = says(network())
    steps.new_item("https://198.51.100.42/a", nonce="ip")
    steps.new_item(f"http://{'a' * 56}.onion/a", nonce="onion")

    work_off()

    kinds = list(db.session.scalars(select(Item.host_kind).order_by(Item.id)))
    assert kinds == [HostKind.IP_LITERAL, HostKind.ONION]
    assert world.dns.asked == []
    assert world.rdap.asked == [PATH]
    assert [one.state for one in looks()] == [LookupState.FOUND]
    with pytest.raises(Refused, match="onion"), writing():
        hosting.ask_again(newest(Item), by=steps.team()[0])


def test_ask_again_waits_a_minute_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hosts()
    item = steps.new_item(URL)
    person_asking = steps.team()[0]
    with pytest.raises(Refused, match="waiting"), writing():
        hosting.ask_again(item, by=person_asking)
    with writing():
        hosting.ask_before_letter(item, by=person_asking)
    work_off()
    with pytest.raises(Refused, match="too_soon"), writing():
        hosting.ask_again(newest(Item), by=steps.team()[0])

    later(monkeypatch, timedelta(minutes=2))
    with writing():
        hosting.ask_again(newest(Item), by=steps.team()[0])

    assert [one.state for one in looks()] == [LookupState.FOUND, LookupState.WAITING]


WIDE, SMALL = "/ip/198.51.100.0/23", "/ip/198.51.100.0/22"
GIVER = {"startAddress": "198.51.96.0", "endAddress": "198.51.111.255"}


def ask_as_people() -> None:
    with writing():
        hosting.ask_before_letter(newest(Item), by=steps.team()[0])
    work_off()


def test_who_gave_a_network_its_addresses_is_asked_for_a_letter_and_not_for_a_report(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hosts()
    wide = network("WIDE-NET", "NL", person("abuse", "Desk", "abuse@wide.example"), **GIVER)
    world.rdap.pages[WIDE] = says(wide)
    steps.new_item(URL)
    work_off()
    assert WIDE not in world.rdap.asked
    assert account().above is None
    later(monkeypatch, timedelta(minutes=11))

    ask_as_people()

    assert world.rdap.asked.count(WIDE) == 1
    giver = account().giver
    assert giver is not None
    assert (giver.name, giver.abuse, giver.address) == ("WIDE-NET", ("abuse@wide.example",), "198.51.100.0/23")
    assert [one.mailbox for one in proposals.list_open()] == ["abuse@wide.example"]  # the other is in the directory


def test_one_step_that_is_the_same_holder_leads_further_up_and_no_step_in_a_circle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hosts()
    same = network("EXAMPLE-NET", "NL", startAddress="198.51.100.0", endAddress="198.51.101.255")
    world.rdap.pages[WIDE] = says(same)
    world.rdap.pages[SMALL] = says(network("WIDE-NET", "NL", person("abuse", "Desk", "abuse@wide.example"), **GIVER))
    steps.new_item(URL)
    ask_as_people()
    giver = account().giver
    assert giver is not None
    assert giver.name == "WIDE-NET"
    world.rdap.pages[WIDE] = says(network("ELSE-NET", "NL", startAddress="203.0.113.0", endAddress="203.0.113.255"))
    before = len(world.rdap.asked)
    later(monkeypatch, timedelta(minutes=2))

    with writing():
        hosting.ask_again(newest(Item), by=steps.team()[0])
    work_off()

    assert world.rdap.asked[before:].count(SMALL) == 0  # an answer about something else leads nowhere
    assert account().above is not None
    assert account().giver is None  # whoever was found before is not named any more
    world.rdap.pages[WIDE] = says(same)
    later(monkeypatch, timedelta(minutes=4))
    with writing():
        hosting.ask_again(newest(Item), by=steps.team()[0])
    work_off()
    assert account().giver is not None
    world.rdap.pages[WIDE] = says({}, status=500)
    later(monkeypatch, timedelta(minutes=6))
    with writing():
        hosting.ask_again(newest(Item), by=steps.team()[0])
    work_off()
    assert account().giver is not None  # the registry was silent: what was found before still holds


def test_a_look_that_a_report_led_to_is_not_enough_for_a_letter(world: World) -> None:
    world.hosts()
    world.rdap.pages[WIDE] = says(network("WIDE-NET", "NL", person("abuse", "Desk", "abuse@wide.example"), **GIVER))
    steps.new_item(URL)
    work_off()

    ask_as_people()  # within the ten minutes that a look is good for

    assert account().giver is not None


def test_a_registry_that_does_not_say_who_stands_above_spoils_no_look(world: World) -> None:
    world.hosts()
    world.rdap.pages[WIDE] = says({}, status=500)
    steps.new_item(URL)

    ask_as_people()

    found = account()
    assert looks()[-1].state is LookupState.FOUND
    assert (found.giver, found.above and found.above.fault, found.faults) == (None, "away", ())


def test_what_people_ask_for_goes_first(world: World) -> None:
    world.hosts()
    world.hosts("store-7.example", "198.51.100.43")
    steps.new_item(URL)
    second = steps.new_item("https://store-7.example/g/1", nonce="two")
    with writing():
        hosting.ask_before_letter(second, by=steps.team()[0])

    assert hosting._take() == hosting.Step(looks()[1].id, "store-7.example", of_people=True)


def test_a_look_that_two_do_at_once_is_recorded_once(world: World) -> None:
    world.hosts()
    steps.new_item(URL)
    taken = hosting._take()
    assert taken is not None
    assert hosting._take() is None  # in somebody's hands

    found = hosting.look_up(
        taken.host, resolver=DnsResolver([world.dns.place]), registries=current_app.extensions["hotline.registries"]
    )
    hosting._record(taken.lookup_id, found)
    hosting._record(taken.lookup_id, Account(faults=("late",)))

    assert looks()[0].state is LookupState.FOUND


def test_a_host_that_moved_raises_the_flag_and_holds_the_letter(
    world: World, monkeypatch: pytest.MonkeyPatch, office: Flask
) -> None:
    world.hosts()
    steps.looked_at_twice(url=URL)
    work_off()
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(
            newest(Item), steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first
        )
    world.hosts(name="OTHER-NET")
    later(monkeypatch, timedelta(minutes=11))
    with writing():
        notice_approval.approve(letter, by=second)

    work_off()
    later(monkeypatch, timedelta(minutes=1))
    work_off()

    letter = newest(Notice)
    assert looks()[-1].changed
    assert (letter.status, letter.last_fault) == (NoticeStatus.FAILED, notice_grounds.OTHER_HOST)
    assert notice_grounds.fallen(letter) == notice_grounds.OTHER_HOST
    with pytest.raises(Refused, match="host"), writing():
        notice_approval.try_again(letter, by=steps.team()[1])
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 1


def test_a_letter_written_anew_goes_although_the_registries_stay_silent_of_where_the_host_went(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hosts()
    steps.looked_at_twice(url=URL)
    work_off()

    def write_and_send() -> Notice:
        first, second, _ = steps.team()
        with writing():
            letter = notice_drafting.draft(
                newest(Item), steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first
            )
        later(monkeypatch, timedelta(minutes=11))
        with writing():
            notice_approval.approve(letter, by=second)
        for _ in range(2):
            work_off()
            later(monkeypatch, timedelta(minutes=1))
        return newest(Notice)

    world.dns.zone[("img-board.example", "A")] = ["203.0.113.9"]  # of which no registry says anything
    later(monkeypatch, timedelta(days=2))
    old = write_and_send()
    assert (old.status, old.last_fault) == (NoticeStatus.FAILED, notice_grounds.OTHER_HOST)
    with writing():
        notice_approval.withdraw(old, by=steps.team()[1])
        fell = old.id
    anew = write_and_send()

    assert anew.id > fell
    assert (anew.status, anew.last_fault) == (NoticeStatus.QUEUED, None)
    assert anew.is_kept  # there is no mail server: it has been handed over as far as it goes
    assert looks()[-1].network is None
    assert [one.changed for one in looks()].count(True) == 1


def test_a_letter_goes_when_the_host_stayed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hosts()
    steps.looked_at_twice(url=URL)
    work_off()
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(
            newest(Item), steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first
        )
    later(monkeypatch, timedelta(minutes=11))
    with writing():
        notice_approval.approve(letter, by=second)

    work_off()
    later(monkeypatch, timedelta(minutes=1))
    work_off()

    letter = newest(Notice)
    assert len(looks()) >= 2
    assert letter.is_kept  # there is no mail server: it has been handed over as far as it goes


def test_with_lookups_off_nothing_is_asked_and_a_person_notes_the_host(office: Flask) -> None:
    item = steps.new_item(URL)
    by = steps.team()[0]
    assert looks() == []
    with pytest.raises(Refused, match="off"), writing():
        hosting.ask_again(item, by=by)

    with writing():
        hosting.note_by_hand(item, "Example Hosting B.V.", "KH", "from their web page", proxy=False, by=by)

    assert (item.country, item.network) == ("KH", "Example Hosting B.V.")
    card = hosting.card(item, by=by)
    assert (card.is_on, card.may_ask, card.now.account.source) == (False, False, "person")
    second = steps.new_item("https://img-board.example/t/2", nonce="two")
    assert second.country == "KH"


def test_nothing_of_a_host_stands_in_clear_or_in_a_log(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("hotline"), "propagate", True)
    world.dns.garbled.add("img-board.example")
    steps.new_item(URL)

    work_off()

    (lookup,) = looks()
    assert b"img-board" not in lookup.host + (lookup.evidence or b"")
    assert "img-board" not in caplog.text


def test_what_a_report_set_off_is_kept_to_the_hour(world: World) -> None:
    world.hosts()
    steps.new_item(URL)

    work_off()

    (lookup,) = looks()
    assert {lookup.asked_at, lookup.looked_at} == {clock.this_hour()}
    moments = [account().dns.at, account().domain.at, account().networks[0].at]
    assert set(moments) == {clock.this_hour().isoformat()}


def test_a_rule_is_shown_on_its_items_and_ends(office: Flask) -> None:
    item = steps.new_item("https://cdn.img-board.example/t/1")
    by = steps.team()[0]
    with writing():
        rule = host_rules.add(
            "hxxps://img-board[.]example/x",
            HostRuleKind.PROXY,
            whole_domain=True,
            recipient=None,
            note="front",
            days=30,
            by=by,
        )

    assert host_rules.about(item) == [rule]
    assert host_rules.list_in_force(by=by)[0].host == "img-board[.]example"
    with pytest.raises(Refused, match="settled"), writing():
        host_rules.add(
            "img-board.example", HostRuleKind.PROXY, whole_domain=True, recipient=None, note="again", days=30, by=by
        )
    with writing():
        host_rules.end(rule, by=by)
    assert host_rules.about(item) == []
    with pytest.raises(WrongState), writing():
        host_rules.extend(rule, days=30, by=by)
    assert [one.rule for one in host_rules.list_over(by=by)] == [rule]


def test_a_rule_runs_out_by_itself(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    item = steps.new_item(URL)
    by = steps.team()[0]
    with writing():
        host_rules.add(
            "img-board.example", HostRuleKind.NOT_OURS, whole_domain=False, recipient=None, note="why", days=30, by=by
        )

    later(monkeypatch, timedelta(days=31))

    assert host_rules.about(item) == []


def test_a_rule_says_everything_that_is_wrong_with_it(office: Flask) -> None:
    with pytest.raises(Refused) as refusal, writing():
        host_rules.add(
            "no host", HostRuleKind.PROVIDER, whole_domain=False, recipient=None, note="", days=7, by=steps.team()[0]
        )

    assert dict(refusal.value.faults) == {
        "host": "no_host",
        "recipient": "required",
        "note": "length",
        "days": "unknown",
    }


def test_a_rule_makes_a_host_a_proxy_for_every_look(world: World) -> None:
    world.hosts()
    item = steps.new_item(URL)
    with writing():
        host_rules.add(
            "img-board.example",
            HostRuleKind.PROXY,
            whole_domain=False,
            recipient=None,
            note="front",
            days=90,
            by=steps.team()[0],
        )

    work_off()

    assert looks()[0].proxy is Proxy.CDN
    assert items.CASE_ROLES == (Role.ANALYST, Role.REVIEWER)
    item = newest(Item)
    assert item.country is None


def test_an_abuse_contact_that_a_registry_names_is_proposed_to_the_hour(world: World) -> None:
    world.hosts()
    abuse = person("abuse", "Desk", "abuse@fresh.example")
    world.rdap.pages[PATH] = says(network("FRESH-NET", "NL", abuse))
    steps.new_item(URL)

    work_off()

    [proposed] = proposals.list_open()
    assert (proposed.name, proposed.mailbox, proposed.country) == ("FRESH-NET", "abuse@fresh.example", "NL")
    assert proposed.proposed_at is not None
    assert (proposed.proposed_at.minute, proposed.proposed_at.second) == (0, 0)


def test_nobody_is_proposed_whom_the_directory_knows(world: World) -> None:
    world.hosts()  # the demo's first recipient has that mailbox
    steps.new_item(URL)

    work_off()

    assert proposals.list_open() == []


def settle(kind: HostRuleKind, *, whole_domain: bool = False, recipient: Recipient | None = None) -> HostRule:
    with writing():
        return host_rules.add(
            "img-board.example",
            kind,
            whole_domain=whole_domain,
            recipient=recipient,
            note="their page says so",
            days=30,
            by=steps.team()[0],
        )


def test_a_rule_says_that_what_looks_like_a_proxy_is_none(world: World) -> None:
    world.hosts(name="CLOUDFLARENET")
    item = steps.new_item(URL)
    work_off()
    assert looks()[-1].proxy is Proxy.CDN
    assert newest(Item).country is None

    rule = settle(HostRuleKind.NOT_PROXY)
    item = newest(Item)
    assert hosting.card(item, by=steps.team()[0]).proxy is Proxy.NONE
    with writing():
        hosting.ask_after_rule(rule, by=steps.team()[0])
    work_off()

    assert [(one.proxy, one.changed) for one in looks()[1:]] == [(Proxy.NONE, False)]
    assert newest(Item).country == "NL"


def test_two_rules_that_say_the_opposite_do_not_stand_together(office: Flask) -> None:
    item = steps.new_item(URL)
    settle(HostRuleKind.PROXY, whole_domain=True)

    with pytest.raises(Refused, match="against"):
        settle(HostRuleKind.NOT_PROXY, whole_domain=True)

    settle(HostRuleKind.NOT_PROXY)
    assert hosting.card(item, by=steps.team()[0]).proxy is Proxy.NONE  # the host's own rule goes before its domain's


def test_the_provider_a_rule_names_is_known_until_it_is_switched_off(office: Flask) -> None:
    item, to = steps.new_item(URL), steps.recipient()
    assert host_rules.provider_of(item) is None
    settle(HostRuleKind.PROVIDER, recipient=to)
    assert host_rules.provider_of(item) == to

    with writing():
        directory.switch(to, on=False, by=steps.team()[0])

    assert host_rules.provider_of(item) is None


def test_the_card_names_the_partner_hotline_of_the_country(world: World) -> None:
    world.hosts()
    steps.new_item(URL)
    work_off()
    with writing():
        partner = directory.add(
            "Hotline of the Netherlands", RecipientKind.PARTNER_HOTLINE, "desk@hotline.example", "NL", Language.EN
        )
        directory.add("Another", RecipientKind.PARTNER_HOTLINE, "desk@other.example", "DE", Language.EN)

    assert hosting.card(newest(Item), by=steps.team()[0]).partners == [partner]
    with writing():
        directory.switch(partner, on=False, by=steps.team()[0])
    assert hosting.card(newest(Item), by=steps.team()[0]).partners == []
