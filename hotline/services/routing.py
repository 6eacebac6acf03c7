"""The way of one item: what is known of its host, its verdict and the directory, put before the rule."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hotline import jurisdiction
from hotline.models.hosting import HostLookup, HostRule
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.rules import marks, routing
from hotline.rules.hosting import Account
from hotline.rules.routing import Facts, Route
from hotline.services import assessments, directory, host_rules, hosting, items, upstreams
from hotline.services.hosting import Known
from hotline.vocabulary import Channel, HostRuleKind, ItemStatus, Proxy, RecipientKind

DECIDED = (ItemStatus.DECIDED, ItemStatus.HELD, ItemStatus.ACTING, ItemStatus.MONITORING)


@dataclass(frozen=True, slots=True)
class Guide:
    """A route, the facts it hangs on, and the entries of the directory that they name, by reference."""

    route: Route
    recipients: Mapping[str, Recipient]
    facts: Facts

    def first(self, among: Mapping[Channel, Collection[str]]) -> str:
        """Return the first recipient of the route who can get a letter now, from `among` by channel; empty for none.

        Where the police of this country come first, nobody else is offered before them.
        """
        for step in self.route.steps:
            may = among.get(step.channel, ())
            if found := next((ref for ref in step.candidates if ref in may), ""):
                return found
            if self.route.is_police_first:
                return ""
        return ""


def guide(item: Item) -> Guide | None:
    """Return the way of a decided item; None while people still look, since it would tell what one of them found."""
    if item.status not in DECIDED:
        return None
    known, rules = hosting.known(item), host_rules.about(item)
    named: dict[str, Recipient] = {}

    def refs(found: Collection[Recipient]) -> tuple[str, ...]:
        named.update({one.ref: one for one in found})
        return tuple(one.ref for one in found)

    host, front = _as_ruled(known, host_rules.proxy_of(rules))
    place, account, before = jurisdiction.current().country, _account(host), _account(front)
    verdict = assessments.verdict_of(item)
    country = host.country if host else None
    bears = marks.of_network(account) if account else frozenset()
    domain = marks.of_host(items.opened_or_empty("item.host", item.host))
    platforms = directory.list_marked(domain | bears, RecipientKind.PLATFORM)
    hosts = directory.list_marked(domain | bears, RecipientKind.HOSTING_PROVIDER)
    proxies = directory.list_marked(marks.of_network(before), RecipientKind.CDN) if before else []
    settled, givers = _settled(rules), _givers(account)
    facts = Facts(
        inhope_class=verdict.inhope_class if verdict else None,
        law=verdict.law if verdict else None,
        own_country=place,
        in_danger=item.in_danger,
        held=item.status is ItemStatus.HELD,
        not_ours=any(rule.kind is HostRuleKind.NOT_OURS for rule in rules),
        host_kind=hosting.kind_of(item),
        proxy=Proxy.CDN if front else host.proxy if host else Proxy.UNKNOWN,
        country=country,
        network=host.network if host else None,
        settled=refs(settled),
        platforms=refs(platforms),
        hosts=refs(hosts),
        proxies=refs(proxies),
        upstreams=refs([*givers, *upstreams.list_above([*settled, *platforms, *hosts, *givers])]),
        registrars=refs(_registrars(account) or _registrars(before)),
        partners=refs(
            directory.list_in_country(RecipientKind.PARTNER_HOTLINE, country) if country and country != place else ()
        ),
        police=refs(directory.list_in_country(RecipientKind.POLICE, place)),
    )
    return Guide(routing.of(facts), named, facts)


def _account(lookup: HostLookup | None) -> Account | None:
    return hosting.account_of(lookup) if lookup else None


def _as_ruled(known: Known, ruled: Proxy | None) -> tuple[HostLookup | None, HostLookup | None]:
    """Return the looks at host and at what stands before it, as people settled it. A note by hand is no front."""
    host, front = known.host, known.front
    if ruled is Proxy.CDN and front is None and host is not None and not host.by_hand:
        return None, host
    if ruled is Proxy.NONE and front is not None:
        return front, None
    return host, front


def _settled(rules: list[HostRule]) -> list[Recipient]:
    found = [rule.recipient for rule in host_rules.nearest_first(rules) if rule.kind is HostRuleKind.PROVIDER]
    return [one for one in found if one is not None and one.active and one.proposed_at is None]


def _givers(account: Account | None) -> list[Recipient]:
    """Return whom a registry names as having given the host's network its addresses."""
    return directory.list_marked(marks.of_giver(account), RecipientKind.HOSTING_PROVIDER) if account else []


def _registrars(account: Account | None) -> list[Recipient]:
    return directory.list_marked(marks.of_registrar(account), RecipientKind.REGISTRAR) if account else []
