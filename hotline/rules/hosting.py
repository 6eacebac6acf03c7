"""Who hosts a host: what kind of thing it is, and what the answers of DNS and the registries say. Pure; asks nobody.

Answers come from strangers: whatever is of another shape than expected is passed over, and nothing is taken longer or
deeper than the caps say.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hotline.rules import addresses, domains, entries, host_tables
from hotline.rules.addresses import AddressKind
from hotline.vocabulary import HostKind, Language, LookupState, Proxy

LOOKUPS, PERSON = "lookups", "person"  # where an account of a host comes from
BLOCKS = {4: 8, 6: 16}  # by IP version: prefixes as short are a registry's own, and nobody stands above
GIVER_HOLDS = timedelta(days=30)  # so long what was found above a network is taken as true without asking again
DEEPEST = 6  # entities within entities
MOST_ENTITIES = 300
LONGEST = 120  # characters of any name a registry gives
MOST_NOTE = 1_000
_KINDS = {AddressKind.IP: HostKind.IP_LITERAL, AddressKind.ONION: HostKind.ONION, AddressKind.IDN: HostKind.IDN}
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_WORDS = re.compile(r"[A-Z0-9-]+")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What DNS said of a name. `reserved` are addresses that are nobody's on the net: kept, and never used."""

    at: str  # ISO moment, as everywhere in an account: it is sealed as JSON
    server: str = ""
    chain: tuple[str, ...] = ()  # the names it leads to, the last one last
    addresses: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What a registry said of the network an address belongs to."""

    at: str
    address: str
    server: str = ""
    name: str = ""
    org: str = ""
    first: str = ""
    last: str = ""
    country: str = ""  # ISO 3166, or empty
    systems: tuple[int, ...] = ()
    abuse: tuple[str, ...] = ()
    digest: str = ""  # SHA-256 of the answer as it came
    fault: str = ""

    @property
    def label(self) -> str:
        """Return whose network it is, as shortly as the registry says it."""
        return self.org or self.name


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """What a registry said of a registered name."""

    at: str
    name: str
    server: str = ""
    registrar: str = ""
    abuse: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    registered_on: str = ""
    digest: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of who hosts a host, with when each source said it.

    `above` is what a registry said of who gave the first network its addresses, where somebody asked for it: None where
    nobody did, without a name where nobody stands there. Its `address` is the range (CIDR) that was asked about.
    """

    source: str = LOOKUPS
    dns: Resolved | None = None
    networks: tuple[NetworkFacts, ...] = ()
    domain: DomainFacts | None = None
    proxy: Proxy = Proxy.UNKNOWN
    proxy_name: str = ""
    provider: str = ""  # only where a person noted it
    note: str = ""
    faults: tuple[str, ...] = field(default=())
    above: NetworkFacts | None = None

    @property
    def known(self) -> tuple[NetworkFacts, ...]:
        """Return the networks that a registry knew."""
        return tuple(one for one in self.networks if one.label)

    @property
    def first(self) -> NetworkFacts | None:
        """Return the network that stands for all: that of the lowest address."""
        return next(iter(self.known), None)

    @property
    def giver(self) -> NetworkFacts | None:
        """Return who gave the first network its addresses; None where nobody did, or no registry said it."""
        return self.above if self.above is not None and self.above.label else None


def kind_of(host: str) -> HostKind:
    """Return what kind of thing a host is, by its name alone. `host` is as in `Address.host`: ASCII, lower case."""
    if domains.registrable(host) in host_tables.SHORT_LINKS:
        return HostKind.SHORT_LINK
    return _KINDS.get(addresses.kind_of_host(host), HostKind.SITE)


def state_of(account: Account) -> LookupState:
    """Return how far a look-up came: found with a network, partly with anything else, or failed."""
    if account.known:
        return LookupState.PARTLY if account.faults else LookupState.FOUND
    has_more = bool(account.dns and (account.dns.addresses or account.dns.reserved))
    return LookupState.PARTLY if has_more or (account.domain and account.domain.registrar) else LookupState.FAILED


def changed(before: Account | None, after: Account, *, newest: Account | None = None) -> bool:
    """Whether somebody else hosts it now. Two looks that share a network tell of no change, nor does one without any.

    `before` is the newest look that knew a network, `newest` the newest of all. A host with addresses in several
    networks is given them in any order, so all are compared. Where the registries are silent now, its addresses tell:
    none of them lies in what the networks were. While they stay silent, it is told once: not again where `newest` had
    told it, by an address that the host still has. What a person noted is left out: they write a name as they know it,
    never as its registry does.
    """
    if before is None or PERSON in {before.source, after.source}:
        return False
    was, is_now = ({(one.country, one.label.casefold()) for one in account.known} for account in (before, after))
    if was and not is_now:
        return _has_left(before, after) and not (newest and _told_already(before, newest, after))
    if not was or not is_now:
        return False
    stepped_behind = {before.proxy, after.proxy} == {Proxy.NONE, Proxy.CDN}
    return stepped_behind or was.isdisjoint(is_now)


def _has_left(before: Account, after: Account) -> bool:
    """Whether every address lies outside the networks that were known; False where DNS is silent or a range unknown."""
    ranges = [_range(one) for one in before.known]
    known = [one for one in ranges if one is not None]
    numbers = [_number(text) for text in (after.dns.addresses if after.dns else ())]
    kinds = {first[0] for first, _last in known}
    found = [one for one in numbers if one is not None and one[0] in kinds]  # of the kinds that were known
    if not found or len(known) < len(ranges):
        return False
    return not any(first <= one <= last for one in found for first, last in known)


def _told_already(before: Account, newest: Account, after: Account) -> bool:
    """Whether a look that found the registries silent told of the same move: it shares an address with this one."""
    if newest.known or newest.source == PERSON or newest.dns is None or after.dns is None:
        return False
    return _has_left(before, newest) and not set(newest.dns.addresses).isdisjoint(after.dns.addresses)


def _range(network: NetworkFacts) -> tuple[tuple[int, int], tuple[int, int]] | None:
    first, last = _number(network.first), _number(network.last)
    return (first, last) if first and last else None


def wider(network: NetworkFacts) -> str:
    """Return the smallest range (CIDR) that holds a network and more; empty where that is a registry's own.

    Asked for a range, a registry answers with the smallest network that holds all of it (RFC 9082, 3.1.1): whoever
    gave the smaller one its addresses.
    """
    bounds = _range(network)
    if bounds is None or bounds[0][0] != bounds[1][0] or bounds[0] > bounds[1]:
        return ""
    (version, first), (_, last) = bounds
    width = ipaddress.IPV4LENGTH if version == 4 else ipaddress.IPV6LENGTH
    free = (first ^ last).bit_length()
    is_whole = first & ((1 << free) - 1) == 0 and last - first == (1 << free) - 1
    free += is_whole
    if width - free <= BLOCKS[version]:
        return ""
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return f"{kind(first >> free << free)}/{width - free}"


def holds_more(above: NetworkFacts, below: NetworkFacts) -> bool:
    """Whether a network holds another, and more."""
    wide, narrow = _range(above), _range(below)
    return bool(wide and narrow and wide != narrow and wide[0] <= narrow[0] and narrow[1] <= wide[1])


def is_other(above: NetworkFacts, below: NetworkFacts) -> bool:
    """Whether a network that holds another is somebody else's, and neither a registry's own nor without a contact."""
    if not above.label or not above.abuse or above.label.casefold() == below.label.casefold():
        return False
    registries = host_tables.REGISTRIES | {domains.registrable(above.server)}
    if any(domains.registrable(one.rpartition("@")[2]) in registries for one in above.abuse):
        return False
    return set(above.abuse).isdisjoint(below.abuse)


def with_giver(account: Account, before: Account | None) -> Account:
    """Return an account that says who gave the addresses, as was found before where nobody asked now, or in vain.

    Only for some time, and while it holds the network that was found and is somebody else's.
    """
    known, first = before.giver if before is not None else None, account.first
    has_answer = account.above is not None and not account.above.fault
    if has_answer or known is None or first is None:
        return account
    age = datetime.fromisoformat(first.at) - datetime.fromisoformat(known.at)
    if age > GIVER_HOLDS or not holds_more(known, first) or not is_other(known, first):
        return account
    return replace(account, above=known)


def _number(address: str) -> tuple[int, int] | None:
    """Return an address as its version and number, to be compared; None for what is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return found.version, int(found)


def to_the_hour(account: Account) -> Account:
    """Return an account whose times say the hour alone."""
    dns, domain = account.dns, account.domain
    return replace(
        account,
        dns=replace(dns, at=_hour(dns.at)) if dns else None,
        networks=tuple(replace(one, at=_hour(one.at)) for one in account.networks),
        above=replace(account.above, at=_hour(account.above.at)) if account.above else None,
        domain=replace(domain, at=_hour(domain.at)) if domain else None,
    )


def _hour(at: str) -> str:
    return datetime.fromisoformat(at).replace(minute=0, second=0, microsecond=0).isoformat()


def with_proxy(account: Account) -> Account:
    """Say whether what answers for the host only stands before it."""
    name = _proxy_by_name(account.dns.chain if account.dns else ()) or _proxy_by_network(account.known)
    if name:
        return replace(account, proxy=Proxy.CDN, proxy_name=name)
    return replace(account, proxy=Proxy.NONE if account.known else Proxy.UNKNOWN)


def as_ruled(account: Account, proxy: Proxy) -> Account:
    """Return an account that says of a proxy what people have settled, whatever it looks like."""
    return replace(account, proxy=proxy, proxy_name=account.proxy_name if proxy is Proxy.CDN else "")


def _proxy_by_name(chain: Sequence[str]) -> str:
    return next(
        (
            proxy.name
            for name in chain
            for proxy in host_tables.PROXIES
            if any(name == suffix or name.endswith(f".{suffix}") for suffix in proxy.suffixes)
        ),
        "",
    )


def _proxy_by_network(networks: Sequence[NetworkFacts]) -> str:
    for network in networks:
        words = set(_WORDS.findall(network.name.upper()))
        for proxy in host_tables.PROXIES:
            if words & set(proxy.networks) or set(network.systems) & set(proxy.systems):
                return proxy.name
    return ""


def noted(network: str, country: str, note: str, *, proxy: bool, at: datetime) -> Account | tuple[tuple[str, str], ...]:
    """Return what a person found out by hand, or (field, code) for everything that is wrong with it."""
    network, note, country = " ".join(network.split()), note.strip(), country.strip().upper()
    wrong = {
        ("network", "length"): not 2 <= len(network) <= LONGEST,
        ("country", "required"): bool(country) and country not in _codes().values(),
        ("note", "length"): len(note) > MOST_NOTE,
    }
    if faults := tuple(fault for fault, is_wrong in wrong.items() if is_wrong):
        return faults
    facts = NetworkFacts(at=at.isoformat(), address="", org=network, country=country)
    return Account(
        source=PERSON, networks=(facts,), provider=network, note=note, proxy=Proxy.CDN if proxy else Proxy.NONE
    )


# --- A sealed account -------------------------------------------------------------------------------------------------


def written(account: Account) -> dict[str, Any]:
    """Return an account as plain values, for sealing as JSON."""
    return asdict(account)


def is_ip(text: str) -> bool:
    """Whether a text is one IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read(facts: Mapping[str, Any]) -> Account:
    """Return the account that `written` made plain."""
    dns, domain, above = facts["dns"], facts["domain"], facts.get("above")
    return Account(
        **{name: facts[name] for name in ("source", "proxy_name", "provider", "note")},
        dns=Resolved(**_tuples(dns)) if dns else None,
        networks=tuple(NetworkFacts(**_tuples(one)) for one in facts["networks"]),
        domain=DomainFacts(**_tuples(domain)) if domain else None,
        proxy=Proxy(facts["proxy"]),
        faults=tuple(facts["faults"]),
        above=NetworkFacts(**_tuples(above)) if above else None,
    )


def _tuples(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}


# --- What registries answer (RFC 9083) --------------------------------------------------------------------------------


def network(answer: Mapping[str, Any], *, address: str, at: datetime, server: str, digest: str) -> NetworkFacts:
    """Read what a registry says of an address's network."""
    people = list(_entities(answer))
    holder = next((one for one in people if "registrant" in _roles(one)), None)
    return NetworkFacts(
        at=at.isoformat(),
        address=address,
        server=server,
        name=_text(answer.get("name")) or _text(answer.get("handle")),
        org=_vcard(holder, "fn") if holder else "",
        first=_ip(answer.get("startAddress")),
        last=_ip(answer.get("endAddress")),
        country=_country(answer.get("country")) or (_country_of(holder) if holder else ""),
        systems=_systems(answer),
        abuse=_abuse(people),
        digest=digest,
    )


def domain(answer: Mapping[str, Any], *, name: str, at: datetime, server: str, digest: str) -> DomainFacts:
    """Read what a registry says of a registered name."""
    people = list(_entities(answer))
    registrar = next((one for one in people if "registrar" in _roles(one)), None)
    beneath = [registrar, *_entities(registrar)] if registrar else []
    states = answer.get("status")
    return DomainFacts(
        at=at.isoformat(),
        name=name,
        server=server,
        registrar=_vcard(registrar, "fn") if registrar else "",
        abuse=_abuse(beneath) or _abuse(people),
        status=tuple(filter(None, map(_text, states[:12]))) if isinstance(states, list) else (),
        registered_on=_registered_on(answer.get("events")),
        digest=digest,
    )


def _entities(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield everybody a record names, those at the top first, however they are nested."""
    level, seen = [record], 0
    for _ in range(DEEPEST):
        deeper: list[Mapping[str, Any]] = []
        for one in level:
            inner = one.get("entities")
            for entity in inner if isinstance(inner, list) else ():
                if isinstance(entity, dict) and seen < MOST_ENTITIES:
                    seen += 1
                    deeper.append(entity)
                    yield entity
        level = deeper


def _roles(entity: Mapping[str, Any]) -> frozenset[str]:
    roles = entity.get("roles")
    return frozenset(one.lower() for one in roles if isinstance(one, str)) if isinstance(roles, list) else frozenset()


def _abuse(people: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the mailboxes of whoever takes complaints, each once, three at most."""
    found = {_vcard(one, "email").lower(): None for one in people if "abuse" in _roles(one)}
    return tuple(one for one in found if len(one) <= LONGEST and _MAILBOX.fullmatch(one))[:3]


def _lines(entity: Mapping[str, Any]) -> Iterator[list[Any]]:
    card = entity.get("vcardArray")
    lines = card[1] if isinstance(card, list) and len(card) > 1 and isinstance(card[1], list) else ()
    for line in lines[:60]:
        if isinstance(line, list) and len(line) > 3:
            yield line


def _vcard(entity: Mapping[str, Any], wanted: str) -> str:
    return next((_text(line[3]) for line in _lines(entity) if line[0] == wanted and _text(line[3])), "")


def _country_of(entity: Mapping[str, Any]) -> str:
    """Return the country of a postal address: its last part, its code, or the last line of its label."""
    for line in _lines(entity):
        if line[0] != "adr":
            continue
        about = line[1] if isinstance(line[1], dict) else {}
        parts = line[3] if isinstance(line[3], list) else []
        label = about.get("label")
        last = label.strip().splitlines()[-1:] if isinstance(label, str) else []
        for said in (about.get("cc"), *parts[-1:], *last):
            if found := _country(said):
                return found
    return ""


def _country(said: object) -> str:
    text = _text(said)
    if len(text) == 2 and text.upper() in _codes().values():
        return text.upper()
    return _codes().get(text.casefold(), "")


@cache
def _codes() -> dict[str, str]:
    """Return the countries' codes by their English names."""
    return {name.casefold(): code for code, name in entries.countries(Language.EN).items()}


def _systems(answer: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the autonomous systems a network is announced from, where its registry says so."""
    found = next((value for key, value in answer.items() if key.endswith("originautnums")), ())
    return tuple(one for one in found[:20] if isinstance(one, int)) if isinstance(found, list) else ()


def _registered_on(events: object) -> str:
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("eventAction") == "registration":
            day = _text(event.get("eventDate"))[:10]
            return day if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else ""
    return ""


def _ip(said: object) -> str:
    try:
        return str(ipaddress.ip_address(said.partition("%")[0])) if isinstance(said, str) else ""
    except ValueError:
        return ""


def _text(said: object) -> str:
    """Return a name as one short line of printable characters; empty for anything else."""
    if not isinstance(said, str):
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in said[: 4 * LONGEST]).strip()[:LONGEST]
