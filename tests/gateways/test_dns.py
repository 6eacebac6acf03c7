"""What a name leads to, asked of a real server that also lies, loops, is silent, or names private addresses."""

import time
from collections.abc import Iterator

import pytest

from hotline.gateways import dns
from hotline.gateways.dns import DnsResolver
from tests.gateways.dns_server import DnsServer, dns_server


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with dns_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "PATIENCE", 0.3)
    monkeypatch.setattr(dns, "LONGEST", 1.0)


def test_resolve_gives_addresses_of_both_kinds_in_a_fixed_order(server: DnsServer) -> None:
    server.zone[("site.example", "A")] = ["198.51.100.42", "192.0.2.7"]
    server.zone[("site.example", "AAAA")] = ["2001:db8::1"]

    found = DnsResolver([server.place]).resolve("site.example")

    assert found.addresses == ("192.0.2.7", "198.51.100.42", "2001:db8::1")
    assert (found.chain, found.reserved, found.fault) == ((), (), "")
    assert found.server == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("flat", [False, True])
def test_resolve_follows_names_in_one_answer_and_step_by_step(server: DnsServer, flat: bool) -> None:
    server.flat = flat
    server.zone[("a.example", "CNAME")] = ["b.example"]
    server.zone[("b.example", "CNAME")] = ["c.example"]
    server.zone[("c.example", "A")] = ["203.0.113.9"]

    found = DnsResolver([server.place]).resolve("a.example")

    assert found.chain == ("b.example", "c.example")
    assert found.addresses == ("203.0.113.9",)


@pytest.mark.parametrize("flat", [False, True])
def test_resolve_ends_a_loop(server: DnsServer, flat: bool) -> None:
    server.flat = flat
    server.zone[("a.example", "CNAME")] = ["b.example"]
    server.zone[("b.example", "CNAME")] = ["a.example"]

    found = DnsResolver([server.place]).resolve("a.example")

    assert (found.fault, found.addresses) == (dns.LOOP, ())


def test_resolve_ends_a_chain_that_is_too_long(server: DnsServer) -> None:
    for step in range(12):
        server.zone[(f"n{step}.example", "CNAME")] = [f"n{step + 1}.example"]
    server.zone[("n12.example", "A")] = ["203.0.113.9"]

    assert DnsResolver([server.place]).resolve("n0.example").fault == dns.TOO_LONG


def test_resolve_keeps_private_addresses_apart(server: DnsServer) -> None:
    server.zone[("site.example", "A")] = ["127.0.0.1", "10.0.0.8", "169.254.169.254", "198.51.100.1"]
    server.zone[("site.example", "AAAA")] = ["::1", "fe80::1", "::ffff:10.0.0.1"]

    found = DnsResolver([server.place]).resolve("site.example")

    assert found.addresses == ("198.51.100.1",)
    assert set(found.reserved) == {"127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fe80::1", "::ffff:a00:1"}


def test_resolve_with_private_addresses_alone_finds_none(server: DnsServer) -> None:
    server.zone[("site.example", "A")] = ["192.168.1.1"]

    found = DnsResolver([server.place]).resolve("site.example")

    assert (found.addresses, found.reserved) == ((), ("192.168.1.1",))


def test_resolve_does_not_wait_for_ever(server: DnsServer) -> None:
    server.silent.add("site.example")
    began = time.monotonic()

    found = DnsResolver([server.place]).resolve("site.example")

    assert found.fault == dns.TIMEOUT
    assert time.monotonic() - began < 2


def test_resolve_asks_the_next_server_when_one_fails(server: DnsServer) -> None:
    server.broken.add("site.example")
    with dns_server() as other:
        other.zone[("site.example", "A")] = ["198.51.100.1"]

        found = DnsResolver([server.place, other.place]).resolve("site.example")

    assert found.addresses == ("198.51.100.1",)
    assert found.server.endswith(str(other.port))


@pytest.mark.parametrize("how", ["lying", "garbled"])
def test_resolve_takes_no_answer_to_another_question(server: DnsServer, how: str) -> None:
    getattr(server, how).add("site.example")

    found = DnsResolver([server.place]).resolve("site.example")

    assert found.addresses == ()
    assert found.fault in {dns.BAD, dns.TIMEOUT}


def test_resolve_asks_again_over_tcp_when_an_answer_is_cut_short(server: DnsServer) -> None:
    server.truncated.add("site.example")
    server.zone[("site.example", "A")] = ["198.51.100.1"]

    assert DnsResolver([server.place]).resolve("site.example").addresses == ("198.51.100.1",)
    assert server.over_tcp


def test_resolve_takes_no_answer_that_is_cut_short_for_good(server: DnsServer) -> None:
    server.cut.add("site.example")

    assert DnsResolver([server.place]).resolve("site.example").fault == dns.FAILED


def test_resolve_tells_a_name_that_is_not_there_from_one_without_addresses(server: DnsServer) -> None:
    server.zone[("mail.example", "MX")] = ["10 mail.example."]

    assert DnsResolver([server.place]).resolve("gone.example").fault == dns.NO_NAME
    assert DnsResolver([server.place]).resolve("mail.example").fault == dns.NO_ADDRESS


def test_resolve_caps_how_many_addresses_it_takes(server: DnsServer) -> None:
    server.zone[("site.example", "A")] = [f"198.51.100.{last}" for last in range(1, 60)]

    assert len(DnsResolver([server.place]).resolve("site.example").addresses) == dns.MOST_ADDRESSES


def test_resolve_asks_for_the_name_alone_without_search_domains(server: DnsServer) -> None:
    DnsResolver([server.place]).resolve("gone.example")

    assert {one.partition(" ")[0] for one in server.asked} == {"gone.example"}


@pytest.mark.parametrize("host", ["a" * 70 + ".example", ".".join(["abcdefgh"] * 40), "a..example"])
def test_resolve_asks_nobody_about_what_is_no_name(server: DnsServer, host: str) -> None:
    assert DnsResolver([server.place]).resolve(host).fault == dns.BAD
    assert server.asked == []
