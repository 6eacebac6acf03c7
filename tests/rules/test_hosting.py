"""What the kinds of hosts are, and what registries' answers say, however they are shaped."""

import ipaddress
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hotline.rules import host_tables, hosting
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts, Resolved
from hotline.vocabulary import HostKind, LookupState, Proxy
from tests.gateways.rdap_server import network as registry_network
from tests.gateways.rdap_server import person

AT = datetime(2026, 11, 10, 9, 31, tzinfo=UTC)
SHORT = min(host_tables.SHORT_LINKS)


def read(answer: dict[str, Any]) -> NetworkFacts:
    return hosting.network(answer, address="198.51.100.42", at=AT, server="rdap.example", digest="d")


def account(label: str = "EXAMPLE-NET", country: str = "NL", **more: Any) -> Account:
    facts = NetworkFacts(at=AT.isoformat(), address="198.51.100.42", name=label, country=country)
    return Account(**{"networks": (facts,), "proxy": Proxy.NONE} | more)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("img-board.example", HostKind.SITE),
        ("198.51.100.42", HostKind.IP_LITERAL),
        ("[2001:db8::1]", HostKind.IP_LITERAL),
        ("a" * 56 + ".onion", HostKind.ONION),
        ("sub." + "a" * 56 + ".onion", HostKind.ONION),
        ("xn--j2e0cg3n2c.example", HostKind.IDN),
        ("www.xn--j2e0cg3n2c.example", HostKind.IDN),
        (SHORT, HostKind.SHORT_LINK),
        (f"www.{SHORT}", HostKind.SHORT_LINK),
        (f"not{SHORT}", HostKind.SITE),
        ("onion.example", HostKind.SITE),
    ],
)
def test_kind_of_tells_hosts_apart(host: str, kind: HostKind) -> None:
    assert hosting.kind_of(host) is kind


def test_network_finds_the_abuse_mailbox_however_deep_it_stands() -> None:
    inner = person("abuse", "Desk", "Abuse@Hosting.example")
    holder = person("registrant", "Example Hosting B.V.", within=(person("technical", "Ops", within=(inner,)),))

    found = read(registry_network("EXAMPLE-NET", "NL", holder))

    assert found.abuse == ("abuse@hosting.example",)
    assert (found.label, found.country, found.first) == ("Example Hosting B.V.", "NL", "198.51.100.0")


@pytest.mark.parametrize("scope", ["eth0", "\ud800", "<b>"])
def test_network_keeps_no_scope_of_an_address(scope: str) -> None:
    assert read({"startAddress": f"fe80::1%{scope}"}).first == "fe80::1"


def test_network_without_a_country_takes_it_from_the_holders_address() -> None:
    holder = person("registrant", "Example Inc")
    label = {"label": "1 Example Street\nSpringfield\nCambodia"}
    holder["vcardArray"][1].append(["adr", label, "text", ["", "", "", "", "", "", ""]])

    assert read(registry_network("EXAMPLE", "", holder)).country == "KH"


@pytest.mark.parametrize("said", ["XX", "EU", "Neverland", "", None, 5, "N" * 500])
def test_network_takes_no_country_that_is_none(said: object) -> None:
    assert read(registry_network("EXAMPLE", said)).country == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "mailbox",
    ["abuse", "a@b", "a b@hosting.example", "x" * 300 + "@hosting.example", "a@hosting.example\nBcc: b@c.example"],
)
def test_network_takes_no_mailbox_that_is_not_plain(mailbox: str) -> None:
    assert read(registry_network("EXAMPLE", "NL", person("abuse", "Desk", mailbox))).abuse == ()


def test_network_ends_in_entities_that_are_nested_without_end() -> None:
    deep: dict[str, Any] = person("abuse", "Desk", "deep@hosting.example")
    for _ in range(200):
        deep = person("technical", "Ops", within=(deep,))

    assert read(registry_network("EXAMPLE", "NL", deep)).abuse == ()


def test_network_makes_names_one_short_line() -> None:
    found = read(registry_network("EVIL\r\n\x1b[31mNET" + "x" * 900))

    assert "\n" not in found.name
    assert "\x1b" not in found.name
    assert len(found.name) <= hosting.LONGEST


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(
                ["entities", "roles", "vcardArray", "name", "status", "events", "country", "x_originautnums"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(some.dictionaries(some.sampled_from(["entities", "name", "country", "status", "events", "startAddress"]), _JSON))
def test_no_shape_of_an_answer_stops_the_reading(answer: dict[str, Any]) -> None:
    read(answer)
    hosting.domain(answer, name="a.example", at=AT, server="", digest="")


def test_domain_reads_registrar_its_own_abuse_mailbox_status_and_day() -> None:
    registrar = person("registrar", "Example Names", within=(person("abuse", "Desk", "abuse@names.example"),))
    answer = {
        "entities": [person("abuse", "Other", "other@names.example"), registrar],
        "status": ["active", 5, "client hold"],
        "events": [{"eventAction": "registration", "eventDate": "2024-02-03T04:05:06Z"}],
    }

    found = hosting.domain(answer, name="a.example", at=AT, server="rdap.example", digest="d")

    assert (found.registrar, found.abuse) == ("Example Names", ("abuse@names.example",))
    assert (found.status, found.registered_on) == (("active", "client hold"), "2024-02-03")


@pytest.mark.parametrize("proxy", host_tables.PROXIES, ids=lambda one: one.name)
def test_with_proxy_knows_every_line_of_the_table(proxy: host_tables.ProxyNetwork) -> None:
    for suffix in proxy.suffixes:
        dns = Resolved(at="", chain=(f"customer.{suffix}",))
        assert hosting.with_proxy(account(dns=dns)).proxy_name == proxy.name
        assert hosting.with_proxy(account(dns=replace(dns, chain=(f"not{suffix}",)))).proxy is Proxy.NONE
    for name in proxy.networks:
        assert hosting.with_proxy(account(f"{name}-EU 2")).proxy is Proxy.NONE or name.endswith("-EU")
        assert hosting.with_proxy(account(name)).proxy_name == proxy.name
    for system in proxy.systems:
        facts = NetworkFacts(at="", address="198.51.100.1", name="ANY", systems=(system,))
        assert hosting.with_proxy(Account(networks=(facts,))).proxy is Proxy.CDN


def test_with_proxy_does_not_know_where_no_network_is_known() -> None:
    assert hosting.with_proxy(Account()).proxy is Proxy.UNKNOWN


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (None, account(), False),
        (account(), account(), False),
        (account("Example-Net"), account("EXAMPLE-NET"), False),
        (account(), account("OTHER-NET"), True),
        (account(), account(country="LT"), True),
        (account(), Account(faults=("timeout",)), False),
        (Account(), account(), False),
        (account("By hand", source=hosting.PERSON), account(), False),
        (account(), account("By hand", source=hosting.PERSON), False),
        (account(), account(proxy=Proxy.CDN), True),
        (account(proxy=Proxy.UNKNOWN), account(), False),
        (account(), account("OTHER", networks=(*account("OTHER").networks, *account().networks)), False),
    ],
)
def test_changed_says_whether_somebody_else_hosts_it(before: Account | None, after: Account, moved: bool) -> None:
    assert hosting.changed(before, after) is moved


def ranged(first: str, last: str) -> NetworkFacts:
    return NetworkFacts(at="", address=first, name="EXAMPLE-NET", country="NL", first=first, last=last)


V4, V6 = ranged("203.0.113.0", "203.0.113.255"), ranged("2001:db8::", "2001:db8::ffff")


@pytest.mark.parametrize(
    ("networks", "addresses", "moved"),
    [
        ((V4,), ("198.51.100.200",), True),
        ((V4,), ("203.0.113.9",), False),
        ((V4,), ("198.51.100.200", "203.0.113.9"), False),
        ((V4, V6), ("198.51.100.200", "2001:db8::5"), False),
        ((V4, V6), ("198.51.100.200", "2001:db8:1::5"), True),
        ((V4,), ("2001:db8:1::5",), False),  # nothing was known of that kind of address
        ((V4, ranged("", "")), ("198.51.100.200",), False),
        ((V4,), (), False),
        ((V4,), ("not an address",), False),
    ],
)
def test_changed_compares_addresses_where_the_registries_are_silent(networks, addresses, moved: bool) -> None:
    silent = NetworkFacts(at="", address="198.51.100.200", fault="timeout")

    after = Account(dns=Resolved(at="", addresses=addresses), networks=(silent,))

    assert hosting.changed(account(networks=networks), after) is moved


def at(*addresses: str, **more: Any) -> Account:
    """Return a look at which DNS gave these addresses, and the registries were silent."""
    silent = NetworkFacts(at="", address=next(iter(addresses), ""), fault="timeout")
    return Account(dns=Resolved(at="", addresses=addresses), **({"networks": (silent,)} | more))


@pytest.mark.parametrize(
    ("newest", "moved"),
    [
        (None, True),
        (at("198.51.100.200"), False),
        (at("198.51.100.201", "198.51.100.200"), False),
        (at("198.51.100.201"), True),  # it has gone on
        (at("203.0.113.9"), True),  # that one was still where it had been
        (at("198.51.100.200", "203.0.113.9"), True),
        (at(), True),
        (Account(faults=("timeout",)), True),
        (at("198.51.100.200", networks=(V4,)), True),  # no silence
        (at("198.51.100.200", source=hosting.PERSON), True),
    ],
)
def test_changed_tells_of_a_move_once_while_the_registries_stay_silent(newest: Account | None, moved: bool) -> None:
    before, after = account(networks=(V4,)), at("198.51.100.200")

    assert hosting.changed(before, after, newest=newest) is moved


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (account(), LookupState.FOUND),
        (account(faults=("slow",)), LookupState.PARTLY),
        (Account(dns=Resolved(at="", addresses=("198.51.100.1",)), faults=("away",)), LookupState.PARTLY),
        (Account(dns=Resolved(at="", reserved=("10.0.0.1",)), faults=("no_address",)), LookupState.PARTLY),
        (Account(domain=DomainFacts(at="", name="a.example", registrar="Names"), faults=("x",)), LookupState.PARTLY),
        (Account(dns=Resolved(at="", fault="no_name"), faults=("no_name",)), LookupState.FAILED),
    ],
)
def test_state_of_says_how_far_a_look_came(found: Account, state: LookupState) -> None:
    assert hosting.state_of(found) is state


def test_an_account_comes_back_from_json_as_it_was() -> None:
    full = account(
        dns=Resolved(at=AT.isoformat(), server="s", chain=("a",), addresses=("198.51.100.42",), reserved=("10.0.0.1",)),
        domain=DomainFacts(at=AT.isoformat(), name="a.example", status=("active",)),
        faults=("slow",),
        note="n",
    )

    assert hosting.read(json.loads(json.dumps(hosting.written(full)))) == full


def test_noted_takes_what_a_person_found_and_refuses_the_rest() -> None:
    good = hosting.noted("  Example  Hosting ", "nl", " seen in a letter ", proxy=False, at=AT)
    bad = hosting.noted("x", "ZZZ", "y" * 2_000, proxy=False, at=AT)

    assert isinstance(good, Account)
    assert (good.first.label, good.first.country, good.source) == ("Example Hosting", "NL", hosting.PERSON)
    assert bad == (("network", "length"), ("country", "required"), ("note", "length"))


def net(
    first: str = "198.51.100.0", last: str = "198.51.100.255", name: str = "SMALL-NET", **more: Any
) -> NetworkFacts:
    return NetworkFacts(at=AT.isoformat(), address=first, first=first, last=last, name=name, **more)


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [
        ("198.51.100.0", "198.51.100.255", "198.51.100.0/23"),  # a whole range: the next one up
        ("198.51.100.16", "198.51.100.31", "198.51.100.0/27"),
        ("198.51.100.16", "198.51.100.40", "198.51.100.0/26"),  # none that could be written in one piece
        ("198.51.100.7", "198.51.100.7", "198.51.100.6/31"),
        ("198.0.0.0", "198.127.255.255", ""),  # above it is what the registry itself holds
        ("128.0.0.0", "255.255.255.255", ""),
        ("2001:db8:10::", "2001:db8:1f:ffff:ffff:ffff:ffff:ffff", "2001:db8::/43"),
        ("2001::", "2001:7fff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
        ("198.51.100.255", "198.51.100.0", ""),
        ("198.51.100.0", "2001:db8::", ""),
        ("", "", ""),
    ],
)
def test_the_range_that_holds_a_network_and_more(first: str, last: str, asked: str) -> None:
    assert hosting.wider(net(first, last)) == asked


@given(some.integers(0, 2**32 - 1), some.integers(0, 2**32 - 1))
def test_whatever_range_is_asked_for_holds_all_of_the_network_and_more(one: int, other: int) -> None:
    first, last = (str(ipaddress.IPv4Address(number)) for number in sorted((one, other)))

    asked = hosting.wider(net(first, last))

    if asked:
        wide = ipaddress.ip_network(asked)
        assert wide.prefixlen > 8
        assert wide[0] <= ipaddress.ip_address(first)
        assert wide[-1] >= ipaddress.ip_address(last)
        assert (str(wide[0]), str(wide[-1])) != (first, last)


def test_who_gave_addresses_is_somebody_else_with_a_contact_and_no_registry() -> None:
    small = net(org="Small Host", abuse=("abuse@small.example",))
    wide = net(
        "198.51.0.0", "198.51.255.255", name="WIDE-NET", org="Wide", abuse=("abuse@wide.example",), server="r.test"
    )

    assert hosting.holds_more(wide, small)
    assert not hosting.holds_more(small, small)
    assert not hosting.holds_more(small, wide)
    assert hosting.is_other(wide, small)
    for same in (
        replace(wide, abuse=()),
        replace(wide, org="small host"),
        replace(wide, abuse=("abuse@small.example",)),
        replace(wide, abuse=("hostmaster@rdap.registry.example",), server="whois.registry.example"),
        *(replace(wide, abuse=(f"hostmaster@{one}",)) for one in ("nic.ad.jp", "ripe.net", "whois.apnic.net")),
        replace(wide, name="", org=""),
    ):
        assert not hosting.is_other(same, small)


def test_what_was_found_above_stays_known_while_it_holds_the_network() -> None:
    wide = net("198.51.0.0", "198.51.255.255", name="WIDE-NET", abuse=("abuse@wide.example",))
    before, now = Account(networks=(net(),), above=wide), Account(networks=(net(),))
    silent = replace(now, above=NetworkFacts(at=AT.isoformat(), address="198.51.100.0/23", fault="busy"))

    assert hosting.with_giver(now, before).giver == wide
    assert hosting.with_giver(silent, before).giver == wide
    assert hosting.with_giver(Account(networks=(net("203.0.113.0", "203.0.113.255"),)), before).giver is None
    assert hosting.with_giver(now, None).giver is None
    nobody = replace(now, above=NetworkFacts(at=AT.isoformat(), address="198.51.100.0/23"))
    assert hosting.with_giver(nobody, before).giver is None  # it was asked, and nobody stands there now
    own = net("198.51.100.0", "198.51.100.127", abuse=("abuse@wide.example",))
    assert hosting.with_giver(Account(networks=(own,)), before).giver is None  # the giver itself hosts it now
    late = replace(net(), at=(AT + hosting.GIVER_HOLDS + timedelta(days=1)).isoformat())
    assert hosting.with_giver(Account(networks=(late,)), before).giver is None
    other = replace(now, above=net("198.48.0.0", "198.63.255.255", name="NEW-NET"))
    assert hosting.with_giver(other, before) == other
    assert hosting.read(json.loads(json.dumps(hosting.written(before)))) == before
    old = {name: value for name, value in hosting.written(before).items() if name != "above"}
    assert hosting.read(old).above is None  # as accounts were written before
