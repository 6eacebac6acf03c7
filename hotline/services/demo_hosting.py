"""Invented answers about invented hosts, and a few rules: documentation addresses and reserved names only."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.hosting import HostLookup
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import hosting as answers
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts, Resolved
from hotline.services import host_rules, hosting, items, staff
from hotline.transactions import writing
from hotline.vocabulary import HostRuleKind, Proxy, Role

NETWORKS = {  # host: its address, its network, country and abuse mailbox
    "img-board.example": ("198.51.100.42", "Example Hosting B.V.", "NL", "abuse@hosting.example"),
    "store-7.example": ("203.0.113.17", "Example Cloud UAB", "LT", "abuse@cloud.example"),
    "rooms.example": ("192.0.2.80", "Example Telecom Cambodia", "KH", "abuse@telecom.example"),
    "pics.example": ("203.0.113.90", "Example Shield CDN", "US", "abuse@shield.example"),
    "files.example": ("198.51.100.77", "Example Hosting B.V.", "NL", "abuse@hosting.example"),
    "chat.example": ("203.0.113.31", "Example Cloud UAB", "LT", "abuse@cloud.example"),
}
RESERVED_SYSTEMS = range(64496, 64512)  # for documentation (RFC 5398)
BEHIND = {"pics.example": "Example Shield"}
MOVED = "files.example"  # it was in another network a week ago
GONE = "blog.example"


def fill() -> None:
    """Let the hosts of the demo have been looked up, and something be settled about three of them."""
    first = next((one for one in staff.list_staff() if one.active and one.has(Role.ANALYST)), None)
    if first is None:
        return
    with writing():
        if db.session.scalar(select(HostLookup.id).limit(1)) is not None:
            return
        for host, item in _hosts():
            _look(host, item)
        _settle(first)


def _hosts() -> Iterator[tuple[str, Item]]:
    seen: set[bytes] = set()
    for item in db.session.scalars(select(Item).order_by(Item.id)):
        if item.host_index not in seen:
            seen.add(item.host_index)
            yield items.opened_or_empty("item.host", item.host), item


def _look(host: str, item: Item) -> None:
    if host in NETWORKS:
        if host == MOVED:
            older = NETWORKS["store-7.example"]
            hosting.keep(item, _account(host, *older, at=_at(7 * 24)), hours_ago=7 * 24)
        hosting.keep(item, _account(host, *NETWORKS[host], at=_at(3)), hours_ago=3)
    elif host == GONE:
        hosting.keep(item, Account(dns=Resolved(at=_at(3), fault="no_name"), faults=("no_name",)), hours_ago=3)


def _at(hours_ago: int) -> str:
    return (clock.this_hour() - timedelta(hours=hours_ago)).isoformat()


def _account(host: str, address: str, network: str, country: str, abuse: str, *, at: str) -> Account:
    account = Account(
        dns=Resolved(at=at, server="192.0.2.53:53", addresses=(address,)),
        networks=(
            NetworkFacts(
                at=at,
                address=address,
                server="rdap.registry.example",
                name=network.upper().replace(" ", "-")[:20],
                org=network,
                first=address.rpartition(".")[0] + ".0",
                last=address.rpartition(".")[0] + ".255",
                country=country,
                systems=(RESERVED_SYSTEMS[len(network) % len(RESERVED_SYSTEMS)],),
                abuse=(abuse,),
                digest=hashlib.sha256(network.encode()).hexdigest(),
            ),
        ),
        domain=DomainFacts(at=at, name=host, server="rdap.names.example", registrar="Example Names Ltd"),
    )
    if host in BEHIND:
        return replace(account, proxy=Proxy.CDN, proxy_name=BEHIND[host])
    return answers.with_proxy(account)


def _settle(by: Staff) -> None:
    provider = db.session.scalars(select(Recipient).order_by(Recipient.id)).first()
    for host, kind, days, note in (
        ("pics.example", HostRuleKind.PROXY, 180, "Its pages say that the CDN keeps nothing itself."),
        ("img-board.example", HostRuleKind.PROVIDER, 90, "They answered two letters about it."),
        ("social.example", HostRuleKind.NOT_OURS, 30, "Its own team takes reports; we pass on what comes."),
    ):
        to = provider if kind is HostRuleKind.PROVIDER else None
        rule = host_rules.add(host, kind, whole_domain=False, recipient=to, note=note, days=days, by=by)
        if kind is HostRuleKind.NOT_OURS:
            rule.expires_at = clock.now() + timedelta(days=6)
