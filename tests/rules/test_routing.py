"""The way of an address: every combination of facts has one, and none goes past the gate."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import gate, routing
from hotline.rules.routing import Caution, Facts, NotDone, Place, Route, Step, Whom, Why, WhyNot
from hotline.vocabulary import Channel, HostKind, InhopeClass, LawVerdict, Proxy

HERE = "KH"
AGREED = Facts(
    InhopeClass.BASELINE,
    LawVerdict.ILLEGAL,
    HERE,
    proxy=Proxy.NONE,
    country="NL",
    network="Example Hosting",
    hosts=("host",),
    police=("unit",),
)
PROXIED = replace(AGREED, proxy=Proxy.CDN, country=None, network=None, hosts=(), proxies=("cdn",))
some = st.sampled_from(((), ("one",), ("one", "two")))
facts = st.builds(
    Facts,
    inhope_class=st.sampled_from((None, *InhopeClass)),
    law=st.sampled_from((None, *LawVerdict)),
    own_country=st.just(HERE),
    in_danger=st.booleans(),
    held=st.booleans(),
    not_ours=st.booleans(),
    host_kind=st.sampled_from(HostKind),
    proxy=st.sampled_from(Proxy),
    country=st.sampled_from((None, HERE, "NL")),
    network=st.sampled_from((None, "Example Hosting")),
    settled=some,
    platforms=some,
    hosts=some,
    proxies=some,
    registrars=some,
    partners=some,
    police=some,
)


def told(route: Route) -> list[tuple[Channel, tuple[str, ...], Why]]:
    return [(one.channel, one.candidates, one.why) for one in route.steps]


@given(facts)
def test_every_address_has_a_step_or_a_reason(found: Facts) -> None:
    route = routing.of(found)

    assert route.steps or NotDone(Whom.ANYBODY, route.not_done[0].why) in route.not_done
    assert route.steps == () or NotDone(Whom.SITE_OWNER, WhyNot.MAY_WARN) in route.not_done


@given(facts)
def test_no_step_goes_past_the_gate(found: Facts) -> None:
    route = routing.of(found)

    opened: tuple[Channel, ...] = ()
    if found.inhope_class is not None and found.law is not None and not found.held:
        opened = gate.channels(found.inhope_class, found.law, in_danger=found.in_danger)
    assert {one.channel for one in route.steps} <= set(opened)
    assert bool(route.steps) == bool(opened)


@given(facts)
def test_each_channel_is_a_step_or_has_its_reason(found: Facts) -> None:
    route = routing.of(found)

    stepped = {Whom(one.channel) for one in route.steps}
    refused = {one.whom for one in route.not_done}
    assert Whom.ANYBODY in refused or stepped | refused >= {Whom.POLICE, Whom.PARTNER, Whom.HOST}
    assert not stepped & refused


@given(facts)
def test_nobody_stands_in_two_steps_to_hosts(found: Facts) -> None:
    named = [one for step in routing.of(found).steps if step.channel is Channel.HOST for one in step.candidates]

    assert len(named) == len(set(named))


@given(facts)
def test_the_police_of_this_country_come_first_where_it_is_hosted_here(found: Facts) -> None:
    route = routing.of(replace(found, country=HERE, host_kind=HostKind.SITE))

    assert route.steps == () or route.is_police_first


@given(facts)
def test_a_child_in_danger_is_the_police_s_first(found: Facts) -> None:
    route = routing.of(replace(found, in_danger=True))

    assert route.steps == () or (route.steps[0].channel, route.steps[0].why) == (Channel.POLICE, Why.CHILD_IN_DANGER)


@given(facts)
def test_an_onion_service_has_nobody_to_write_to(found: Facts) -> None:
    route = routing.of(replace(found, host_kind=HostKind.ONION))

    assert {one.channel for one in route.steps} <= {Channel.POLICE}


@pytest.mark.parametrize(
    ("found", "place", "steps"),
    [
        (
            replace(AGREED, country=HERE),
            Place.OWN_COUNTRY,
            [(Channel.POLICE, ("unit",), Why.OWN_COUNTRY), (Channel.HOST, ("host",), Why.AFTER_POLICE)],
        ),
        (
            replace(AGREED, partners=("hotline",)),
            Place.INHOPE_COUNTRY,
            [(Channel.PARTNER, ("hotline",), Why.PARTNER_THERE), (Channel.HOST, ("host",), Why.BESIDE_PARTNER)],
        ),
        (
            AGREED,
            Place.ELSEWHERE,
            [(Channel.HOST, ("host",), Why.HOSTS_IT), (Channel.POLICE, ("unit",), Why.NO_PARTNER_THERE)],
        ),
        (
            PROXIED,
            Place.BEHIND_PROXY,
            [(Channel.HOST, ("cdn",), Why.PROXY_FORWARDS), (Channel.POLICE, ("unit",), Why.HOST_UNKNOWN)],
        ),
        (
            replace(AGREED, platforms=("platform",)),
            Place.ELSEWHERE,
            [
                (Channel.HOST, ("platform",), Why.ON_PLATFORM),
                (Channel.HOST, ("host",), Why.HOSTS_IT),
                (Channel.POLICE, ("unit",), Why.NO_PARTNER_THERE),
            ],
        ),
        (replace(AGREED, host_kind=HostKind.ONION), Place.ONION, [(Channel.POLICE, ("unit",), Why.ONION)]),
        (
            replace(AGREED, country=None, network=None, hosts=()),
            Place.UNKNOWN,
            [(Channel.POLICE, ("unit",), Why.HOST_UNKNOWN)],
        ),
        (
            replace(AGREED, hosts=(), settled=("known",)),
            Place.ELSEWHERE,
            [(Channel.HOST, ("known",), Why.SETTLED), (Channel.POLICE, ("unit",), Why.NO_PARTNER_THERE)],
        ),
        (
            replace(AGREED, hosts=()),
            Place.ELSEWHERE,
            [(Channel.HOST, (), Why.HOSTS_IT), (Channel.POLICE, ("unit",), Why.NO_PARTNER_THERE)],
        ),
        (
            replace(AGREED, inhope_class=InhopeClass.NOT_ILLEGAL, partners=("hotline",)),
            Place.INHOPE_COUNTRY,
            [(Channel.HOST, ("host",), Why.HOSTS_IT), (Channel.POLICE, ("unit",), Why.ONLY_HERE)],
        ),
        (
            replace(AGREED, law=LawVerdict.NOT_ILLEGAL, inhope_class=InhopeClass.NATIONAL, partners=("hotline",)),
            Place.INHOPE_COUNTRY,
            [(Channel.PARTNER, ("hotline",), Why.PARTNER_THERE)],
        ),
    ],
)
def test_the_way_by_where_it_is_hosted(
    found: Facts, place: Place, steps: list[tuple[Channel, tuple[str, ...], Why]]
) -> None:
    route = routing.of(found)

    assert (route.place, told(route)) == (place, steps)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (replace(AGREED, held=True, in_danger=True), WhyNot.HELD),
        (replace(AGREED, inhope_class=None, in_danger=True), WhyNot.NOT_AGREED),
        (replace(AGREED, inhope_class=InhopeClass.INACCESSIBLE, law=LawVerdict.NOT_ILLEGAL), WhyNot.VERDICT),
    ],
)
def test_nothing_leaves_and_the_reason_is_said(found: Facts, why: WhyNot) -> None:
    route = routing.of(found)

    assert (route.steps, route.not_done) == ((), (NotDone(Whom.ANYBODY, why),))


def test_a_registrar_waits_until_nobody_nearer_acts() -> None:
    route = routing.of(replace(AGREED, registrars=("names",)))

    assert NotDone(Whom.REGISTRAR, WhyNot.LATER) in route.not_done
    assert all("names" not in step.candidates for step in route.steps if isinstance(step, Step))


def test_what_to_keep_in_mind_is_said() -> None:
    short = replace(PROXIED, host_kind=HostKind.SHORT_LINK, not_ours=True)

    assert routing.of(short).cautions == (Caution.NOT_OURS, Caution.SHORT_LINK, Caution.PROXY)
    assert routing.of(replace(AGREED, country=None)).cautions == (Caution.LOOK_UP,)
