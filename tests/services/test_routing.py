"""The way of an item, from what look-ups, people and the directory say."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models import Item, Recipient
from hotline.rules.entries import Entry
from hotline.rules.hosting import Account, NetworkFacts
from hotline.rules.routing import Place, Whom, WhyNot
from hotline.services import demo, directory, host_rules, hosting, routing
from hotline.services.routing import Guide
from hotline.transactions import writing
from hotline.vocabulary import Channel, HostRuleKind, ItemStatus, Language, Mark, Proxy, RecipientKind
from tests.services import steps

URL = "https://a.img-board.example/t/1"


def looked_up(item: Item, *, country: str = "NL", proxy: Proxy = Proxy.NONE, name: str = "Fresh Hosting") -> None:
    at = clock.this_hour().isoformat()
    facts = NetworkFacts(at, "198.51.100.9", name=name, country=country, systems=(64511,))
    with writing():
        hosting.keep(item, Account(networks=(facts,), proxy=proxy, proxy_name="Shield" if proxy is Proxy.CDN else ""))


def entry(kind: RecipientKind, country: str, *marks: tuple[Mark, str], name: str = "") -> Recipient:
    by = steps.team()[0]
    with writing():
        mailbox = f"{name or kind.replace('_', '-')}@directory.example"
        added = directory.enter(Entry(name or kind, kind, mailbox, country, Language.EN), by=by)
        for mark, value in marks:
            directory.add_mark(added, mark, value, by=by)
    return added


def of(item: Item) -> Guide:
    found = routing.guide(item)
    assert found is not None
    return found


def told(guide: Guide) -> list[tuple[Channel, list[str]]]:
    return [(one.channel, [guide.recipients[ref].name for ref in one.candidates]) for one in guide.route.steps]


@pytest.fixture
def item(office: Flask) -> Item:
    """An item that two people found illegal."""
    return steps.looked_at_twice(url=URL)


def test_nothing_is_said_while_people_still_look(office: Flask) -> None:
    assert routing.guide(steps.new_item(URL)) is None


def test_hosted_here_the_police_come_first(item: Item) -> None:
    unit = entry(RecipientKind.POLICE, "KH")
    entry(RecipientKind.POLICE, "TH", name="elsewhere")
    entry(RecipientKind.PARTNER_HOTLINE, "KH")
    host = entry(RecipientKind.HOSTING_PROVIDER, "KH", (Mark.ASN, "as64511"))
    looked_up(item, country="KH")

    guide = of(item)

    assert told(guide) == [(Channel.POLICE, [unit.name]), (Channel.HOST, [host.name])]
    assert guide.route.is_police_first
    assert guide.first({Channel.HOST: {host.ref}}) == ""
    assert guide.first({Channel.HOST: {host.ref}, Channel.POLICE: {unit.ref}}) == unit.ref


def test_a_country_has_a_partner_where_the_directory_has_one_in_use(item: Item) -> None:
    partner = entry(RecipientKind.PARTNER_HOTLINE, "NL")
    looked_up(item)
    assert told(of(item))[0] == (Channel.PARTNER, [partner.name])

    with writing():
        directory.switch(partner, on=False, by=steps.team()[0])

    assert of(item).route.place is Place.ELSEWHERE


def test_a_platform_is_known_by_its_domain(item: Item) -> None:
    platform = entry(RecipientKind.PLATFORM, "IE", (Mark.DOMAIN, "img-board.example"))
    host = entry(RecipientKind.HOSTING_PROVIDER, "NL", (Mark.NETWORK, "FRESH hosting"))
    looked_up(item)

    assert told(of(item))[:2] == [(Channel.HOST, [platform.name]), (Channel.HOST, [host.name])]
    assert of(item).first({Channel.HOST: {platform.ref, host.ref}}) == platform.ref


def test_behind_a_cdn_its_country_leads_nowhere_until_the_host_is_known(item: Item) -> None:
    cdn = entry(RecipientKind.CDN, "US", (Mark.NETWORK, "shield"))
    partner = entry(RecipientKind.PARTNER_HOTLINE, "NL")
    looked_up(item, country="NL", proxy=Proxy.CDN)

    assert of(item).route.place is Place.BEHIND_PROXY
    assert told(of(item))[0] == (Channel.HOST, [cdn.name])

    with writing():
        hosting.note_by_hand(item, "Behind it", "NL", "It said so.", proxy=False, by=steps.team()[0])
    after_the_note = told(of(item))[:2]
    looked_up(item, country="US", proxy=Proxy.CDN)

    assert after_the_note == [(Channel.PARTNER, [partner.name]), (Channel.HOST, [cdn.name])]
    assert told(of(item))[:2] == after_the_note


def test_the_rule_of_the_host_itself_goes_before_its_domains(item: Item) -> None:
    entry(RecipientKind.POLICE, "KH")
    far, near = steps.recipient(), entry(RecipientKind.HOSTING_PROVIDER, "KH", name="near")
    looked_up(item, country="KH", proxy=Proxy.CDN)
    with writing():
        for host, kind, to in (
            ("img-board.example", HostRuleKind.PROXY, None),
            ("img-board.example", HostRuleKind.PROVIDER, far),
            ("a.img-board.example", HostRuleKind.NOT_PROXY, None),
            ("a.img-board.example", HostRuleKind.PROVIDER, near),
        ):
            whole = host == "img-board.example"
            host_rules.add(
                host, kind, whole_domain=whole, recipient=to, note="So they say.", days=30, by=steps.team()[0]
            )

    guide = of(item)

    assert guide.route.place is Place.OWN_COUNTRY
    assert told(guide)[1] == (Channel.HOST, [near.name, far.name])
    assert guide.first({Channel.HOST: {near.ref, far.ref}}) == ""  # the police come first


def test_what_the_team_settled_about_a_host_counts(item: Item) -> None:
    by, provider = steps.team()[0], steps.recipient()
    looked_up(item)
    with writing():
        for kind in (HostRuleKind.PROVIDER, HostRuleKind.NOT_OURS):
            to = provider if kind is HostRuleKind.PROVIDER else None
            host_rules.add(
                "a.img-board.example", kind, whole_domain=False, recipient=to, note="They said so.", days=30, by=by
            )

    guide = of(item)

    assert told(guide)[0] == (Channel.HOST, [provider.name])
    assert guide.route.cautions


def test_a_rule_that_it_stands_before_others_hides_its_country(item: Item) -> None:
    looked_up(item)
    with writing():
        host_rules.add(
            "a.img-board.example",
            HostRuleKind.PROXY,
            whole_domain=False,
            recipient=None,
            note="It says so.",
            days=30,
            by=steps.team()[0],
        )

    assert of(item).route.place is Place.BEHIND_PROXY


def test_nothing_is_known_without_a_look(item: Item) -> None:
    assert of(item).route.place is Place.UNKNOWN


def test_held_nothing_leaves(item: Item) -> None:
    with writing():
        item.status = ItemStatus.HELD

    [only] = of(item).route.not_done
    assert (only.whom, only.why) == (Whom.ANYBODY, WhyNot.HELD)


def test_whom_somebody_has_verified_is_offered_first(item: Item) -> None:
    entry(RecipientKind.HOSTING_PROVIDER, "NL", (Mark.ASN, "64511"), name="a-first")
    second = entry(RecipientKind.HOSTING_PROVIDER, "NL", (Mark.ASN, "64511"), name="b-second")
    with writing():
        directory.verify(second, by=steps.team()[0])
    looked_up(item)

    assert told(of(item))[0] == (Channel.HOST, ["b-second", "a-first"])


def test_the_demo_leads_its_items_to_its_recipients(office: Flask) -> None:
    with writing():
        demo.later(40)
    demo.reports(40)

    decided = select(Item).where(Item.status.in_(routing.DECIDED))
    items = db.session.scalars(decided).all()

    names = {name for one in items for _channel, found in told(of(one)) for name in found}
    assert names & {"Example Hosting B.V.", "Example Cloud UAB", "Example Telecom Cambodia", "Example Social"}
