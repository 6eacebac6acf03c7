"""By what recipients are recognised."""

import pytest

from hotline.rules import marks
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts
from hotline.vocabulary import Mark

AT = "2026-11-26T03:00:00+00:00"


@pytest.mark.parametrize(
    ("mark", "typed", "value"),
    [
        (Mark.ASN, "AS64511", "as64511"),
        (Mark.ASN, " 0064511 ", "as64511"),
        (Mark.NETWORK, " Example \n Hosting B.V. ", "example hosting b.v."),
        (Mark.DOMAIN, "Cloud.Example", "cloud.example"),
        (Mark.MAILBOX, "Abuse@Hosting.example", "abuse@hosting.example"),
    ],
)
def test_a_mark_is_kept_in_one_form(mark: Mark, typed: str, value: str) -> None:
    assert marks.judge(mark, typed) == (mark, value)


@pytest.mark.parametrize(
    ("mark", "typed", "fault"),
    [
        ("", "as1", ("mark", "required")),
        ("colour", "blue", ("mark", "required")),
        (Mark.ASN, "as0", ("value", "asn")),
        (Mark.ASN, "as4294967295", ("value", "asn")),
        (Mark.NETWORK, "x", ("value", "network")),
        (Mark.DOMAIN, "cloud", ("value", "domain")),
        (Mark.DOMAIN, "https://cloud.example/x", ("value", "domain")),
        (Mark.MAILBOX, "abuse", ("value", "mailbox")),
    ],
)
def test_what_is_no_mark_is_named(mark: str, typed: str, fault: tuple[str, str]) -> None:
    assert marks.judge(mark, typed) == (fault,)


def test_a_host_bears_its_own_name_and_those_above_down_to_the_registered_one() -> None:
    assert marks.of_host("a.b.cloud.example") == {
        (Mark.DOMAIN, "a.b.cloud.example"),
        (Mark.DOMAIN, "b.cloud.example"),
        (Mark.DOMAIN, "cloud.example"),
    }
    assert marks.of_host("shop.one.com.kh") == {(Mark.DOMAIN, "shop.one.com.kh"), (Mark.DOMAIN, "one.com.kh")}
    assert marks.of_host("198.51.100.1") == frozenset()
    assert marks.of_host("[2001:db8::1]") == frozenset()


def test_an_account_bears_what_registries_said() -> None:
    account = Account(
        networks=(
            NetworkFacts(AT, "198.51.100.1", name="EX-NET", org="Example", systems=(64511,), abuse=("a@h.example",)),
            NetworkFacts(AT, "198.51.100.2", fault="unknown"),
        ),
        domain=DomainFacts(AT, "x.example", registrar="Example Names", abuse=("a@names.example",)),
        proxy_name="Example Shield",
    )

    assert marks.of_network(account) == {
        (Mark.NETWORK, "ex-net"),
        (Mark.NETWORK, "example"),
        (Mark.NETWORK, "example shield"),
        (Mark.ASN, "as64511"),
        (Mark.MAILBOX, "a@h.example"),
    }
    assert marks.of_registrar(account) == {(Mark.NETWORK, "example names"), (Mark.MAILBOX, "a@names.example")}
    assert marks.of_registrar(Account()) == frozenset()


def test_who_gave_a_network_its_addresses_bears_marks_of_its_own() -> None:
    giver = NetworkFacts(AT, "198.51.0.0/16", name="WIDE-NET", org="Wide", systems=(64512,), abuse=("a@wide.example",))
    account = Account(networks=(NetworkFacts(AT, "198.51.100.1", name="EX-NET"),), above=giver)

    assert marks.of_giver(account) == {
        (Mark.NETWORK, "wide-net"),
        (Mark.NETWORK, "wide"),
        (Mark.ASN, "as64512"),
        (Mark.MAILBOX, "a@wide.example"),
    }
    assert marks.of_giver(Account()) == frozenset()
    assert marks.of_giver(Account(above=NetworkFacts(AT, "198.51.0.0/16", fault="busy"))) == frozenset()
