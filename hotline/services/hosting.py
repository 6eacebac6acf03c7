"""Who hosts what: looked up host by host, kept with its evidence, and told on every open item of the host.

A look-up is three short steps: take it and commit, ask outside any transaction, record and commit. Only resolvers and
registries are asked, never the host. What a report set off is kept
to the hour, like the report. One row of the outbox stands for everything that waits, so that a crowd of new
hosts never holds up a letter; what a person waits for goes first.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock, jurisdiction, logs, outbox, vault
from hotline.config import settings
from hotline.errors import KeyMissing, Refused, Unreadable
from hotline.extensions import db
from hotline.gateways.dns import Resolver
from hotline.gateways.rdap import NO_SERVER, RdapFault, Registries, Said
from hotline.models.hosting import HostLookup, HostRule
from hotline.models.item import Item, Merge
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import domains, hosting, notes
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts
from hotline.rules.standing import UNDECIDED
from hotline.services import assessments, audit, clocks, directory, host_rules, items, priorities, proposals
from hotline.transactions import writing
from hotline.vocabulary import HostKind, ItemStatus, LookupState, Proxy, RecipientKind

LOOK_UP = "hotline.jobs.hosting.look_up_waiting"
ALL = 0  # the one row of the outbox that stands for every look-up
HOST, EVIDENCE = "lookup.host", "lookup.evidence"
FRESH_FOR = timedelta(days=1)  # what was found is not asked again for so long, unless a person or a letter asks
FAILED_FOR = timedelta(hours=1)
PAUSE = timedelta(minutes=1)  # between two times that people ask for the same host
LETTER_AFTER = timedelta(minutes=10)  # a letter wants a look that is no older
LETTER_WAITS = timedelta(minutes=2)  # for a look-up on its way, at most
LEASE = timedelta(seconds=120)  # longer than one look-up may take: DNS 12 s, registries 16 s for each of five
BUDGET = 10.0  # seconds of one run after which nothing more is begun: letters wait behind it
BREATH = timedelta(seconds=2)
MOST_ABOVE = 2  # steps up from a network to whoever gave it its addresses
MOST_NETWORKS = 2  # addresses of a host whose networks are asked for
BATCH = 200
FOUND = (LookupState.FOUND, LookupState.PARTLY)


@dataclass(frozen=True, slots=True)
class Look:
    """One look-up, opened; `account` is None while it waits, and where nothing was found or it does not open.

    `tells` says whether this reader may see who noted it by hand, and in what words; without it `account` has no note.
    """

    lookup: HostLookup
    account: Account | None
    tells: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A look-up in somebody's hands. `host` is empty where it does not open.

    `of_people` says whether a person or a letter asks: then who stands above the network is asked for as well.
    """

    lookup_id: int
    host: str
    of_people: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an item's host: the look that tells of the host, and that of what only stands before it."""

    host: HostLookup | None
    front: HostLookup | None


@dataclass(frozen=True, slots=True)
class Card:
    """What an item's card about its host shows: the newest look first, older ones, and what people have settled.

    `proxy` is what holds now: what a rule says goes before what the look found. `partners` are the hotlines of the
    directory in the country where it is hosted; None where that is not known, or is our own.
    """

    kind: HostKind
    now: Look | None
    proxy: Proxy
    partners: list[Recipient] | None
    waiting: HostLookup | None
    earlier: list[Look]
    rules: list[HostRule]
    is_on: bool
    may_ask: bool


def is_on() -> bool:
    """Whether this portal looks hosts up at all."""
    return settings().lookups


def card(item: Item, *, by: Staff, most: int = 6) -> Card:
    """Return what is known of who hosts an item's host. `by` has opened the item, which is on record."""
    query = select(HostLookup).where(HostLookup.host_index == item.host_index).order_by(HostLookup.id.desc())
    found = list(db.session.scalars(query.limit(most + 1)))
    waiting = next((one for one in found if one.state is LookupState.WAITING), None)
    tells = _teller(item, by=by)
    looks = [_opened(one, tells=tells(one)) for one in found if one is not waiting][:most]
    newest = next((one for one in looks if one.lookup.state in FOUND), looks[0] if looks else None)
    rules = host_rules.about(item)
    proxy = host_rules.proxy_of(rules) or (newest.lookup.proxy if newest else Proxy.UNKNOWN)
    country = newest.lookup.country if newest and proxy is not Proxy.CDN else item.country
    abroad = country if country != jurisdiction.current().country else None
    return Card(
        kind=kind_of(item),
        now=newest,
        proxy=proxy,
        partners=directory.list_in_country(RecipientKind.PARTNER_HOTLINE, abroad) if abroad else None,
        waiting=waiting,
        earlier=[one for one in looks if one is not newest],
        rules=rules,
        is_on=is_on(),
        may_ask=_hindrance(item) is None,
    )


def known(item: Item) -> Known:
    """Return the newest looks that found a network: of the host itself, and of what stands before it.

    What a person noted by hand is the host; what registries say of the name is then what stands before it, if a CDN.
    """
    newest = _newest_with_network(item.host_index)
    if newest is not None and newest.by_hand:
        asked = _newest_with_network(item.host_index, asked=True)
        return Known(host=newest, front=asked if asked is not None and asked.proxy is Proxy.CDN else None)
    if newest is None or newest.proxy is not Proxy.CDN:
        return Known(host=newest, front=None)
    return Known(host=_behind(newest), front=newest)


def account_of(lookup: HostLookup) -> Account | None:
    """Open what a look-up found; None where there is nothing, or no key here opens it."""
    if lookup.evidence is None:
        return None
    try:
        return hosting.read(json.loads(vault.keyring().open(EVIDENCE, lookup.evidence)))
    except (KeyMissing, Unreadable):
        return None


def ask_for(item: Item) -> None:
    """Look up who hosts a new item, or take over what is known of its host since yesterday. Part of its arrival."""
    item.host_kind = kind_of(item)
    if item.id is not None or not item.new_host:
        newest = _newest(item.host_index)
        if newest is not None and newest.state is LookupState.WAITING:
            return
        known = _newest_with_network(item.host_index)
        if known is not None:
            item.country, item.network = _told(known)
        if newest is not None and _is_fresh(newest):
            return
    if is_on() and item.host_kind is not HostKind.ONION:
        _ask(item, by=None)


def ask_again(item: Item, *, by: Staff) -> None:
    """Look an item's host up now, because a person asks. Raises Refused (`lookup`, code)."""
    item.host_kind = kind_of(item)
    if hindrance := _hindrance(item):
        raise Refused(("lookup", hindrance))
    _ask(item, by=by)
    audit.record(by, "asked who hosts it", f"item {item.ref}")


def ask_after_rule(rule: HostRule, *, by: Staff) -> None:
    """Look a host up again once people have settled whether it stands before others: its country hangs on that.

    A rule of a whole domain counts from each host's next look on.
    """
    if rule.whole_domain or rule.kind not in host_rules.AGAINST or not is_on():
        return
    item = db.session.scalar(select(Item).where(Item.host_index == rule.host_index).limit(1))
    if item is not None and kind_of(item) is not HostKind.ONION:
        _ask(item, by=by)


def ask_before_letter(item: Item, *, by: Staff) -> None:
    """Look once more before a letter goes, unless a look has just found its network: a host may have moved since."""
    item.host_kind = kind_of(item)
    if not is_on() or item.host_kind is HostKind.ONION:
        return
    newest, known = _newest(item.host_index), _newest_with_network(item.host_index, asked=True)
    waits = newest is not None and newest.state is LookupState.WAITING
    by_report = known is not None and known.asked_by_id is None  # then nobody asked who stands above the network
    if known is None or waits or by_report or known.asked_at < clock.now() - LETTER_AFTER:
        _ask(item, by=by)


def is_looked_at_for_letter(item: Item, *, by: Staff) -> bool:
    """Whether a look has just come back, or is waited for no longer; asks for one where none was asked for lately.

    For letters that nobody waits for: they are written once it is so. `by` stands for the letter.
    """
    item.host_kind = kind_of(item)
    if not is_on() or item.host_kind is HostKind.ONION:
        return True
    newest = _newest(item.host_index)
    if newest is None or newest.asked_at < clock.now() - LETTER_AFTER:
        _ask(item, by=by)
        return False
    return not is_being_looked_up(item)


def is_recent(lookup: HostLookup, *, within: timedelta = LETTER_AFTER) -> bool:
    """Whether a look is so new that a letter may name the IP address it found: an older one may be another's by now."""
    return (lookup.looked_at or lookup.asked_at) >= clock.now() - within


def ip_of(lookup: HostLookup, facts: NetworkFacts, *, within: timedelta = LETTER_AFTER) -> str:
    """Return the IP address of a host that may be named to others; empty where none is, or the look is too old."""
    return facts.address if hosting.is_ip(facts.address) and is_recent(lookup, within=within) else ""


def note_by_hand(item: Item, network: str, country: str, note: str, *, proxy: bool, by: Staff) -> None:
    """Keep what a person found out about an item's host. Raises Refused with what is wrong with it."""
    account = hosting.noted(network, country, note, proxy=proxy, at=clock.now())
    if not isinstance(account, Account):
        raise Refused(*account)
    now = clock.now()
    lookup = HostLookup(
        host_index=item.host_index,
        host=_seal(HOST, items.opened_or_empty("item.host", item.host)),
        asked_by_id=by.id,
        asked_at=now,
        state=LookupState.FOUND,
        by_hand=True,
    )
    _fill(lookup, account)
    db.session.add(lookup)
    db.session.flush()
    _tell_items(lookup)
    audit.record(by, "noted who hosts it", f"item {item.ref}", country=lookup.country or "")


def look_up_waiting(*, resolver: Resolver, registries: Registries, stopped: Callable[[], bool] = lambda: False) -> None:
    """Look up what waits, for a short while; the rest is left to another round. Safe to run twice at once."""
    if not is_on():
        _turn_down()
        return
    over = time.monotonic() + BUDGET
    while not stopped() and time.monotonic() < over:
        step = _take()
        if step is None:
            break
        try:
            account = _looked_up(step, resolver, registries)
            _record(step.lookup_id, account, fault="sealed")
        except SQLAlchemyError:
            raise  # the store, not the look: it waits for another round
        except Exception as exc:  # strangers' answers: one that nobody foresaw is no reason to ask it again and again
            logs.fault(exc, doing="looking a host up")
            _record(step.lookup_id, None, fault="broken")
    with writing():
        waits = select(HostLookup.id).where(HostLookup.state == LookupState.WAITING).limit(1)
        if db.session.scalar(waits) is None:
            outbox.done(db.session(), LOOK_UP, ALL)
        else:
            outbox.later(db.session(), LOOK_UP, ALL, due_at=clock.now() + BREATH)


def _looked_up(step: Step, resolver: Resolver, registries: Registries) -> Account | None:
    if not step.host:
        return None
    return look_up(step.host, resolver=resolver, registries=registries, with_giver=step.of_people)


def look_up(host: str, *, resolver: Resolver, registries: Registries, with_giver: bool = False) -> Account:
    """Ask DNS and the registries about a host, outside any transaction; what goes wrong is part of the account.

    `with_giver` asks as well who gave the first network its addresses.
    """
    kind = hosting.kind_of(host)
    if kind is HostKind.ONION:  # a resolver would learn what is looked at, and knows nothing of it
        return Account(faults=("onion",))
    dns = None if kind is HostKind.IP_LITERAL else resolver.resolve(host)
    found = (host.strip("[]"),) if dns is None else dns.addresses
    networks = tuple(_network(address, registries.of_address) for address in found[:MOST_NETWORKS])
    domain = None if dns is None else _domain(domains.registrable(host), registries)
    faults = [*([dns.fault] if dns and dns.fault else []), *(one.fault for one in networks if one.fault)]
    if domain and domain.fault and domain.fault != NO_SERVER:
        faults.append(domain.fault)
    account = Account(dns=dns, networks=networks, domain=domain, faults=tuple(dict.fromkeys(faults)))
    if with_giver and account.first is not None:
        account = replace(account, above=_giver(account.first, registries))
    return hosting.with_proxy(account)


def keep(item: Item, account: Account, *, hours_ago: int = 0) -> HostLookup:
    """Keep what was found about an item's host, so many whole hours ago, and tell some of its open items."""
    before, newest = _known_before(item.host_index)
    lookup = HostLookup(
        host_index=item.host_index,
        host=_seal(HOST, items.opened_or_empty("item.host", item.host)),
        asked_at=clock.this_hour() - timedelta(hours=hours_ago),
        state=hosting.state_of(account),
        changed=hosting.changed(before, account, newest=newest),
    )
    _fill(lookup, account)
    lookup.looked_at = lookup.asked_at
    proposals.take_up(account, at=lookup.looked_at)
    db.session.add(lookup)
    db.session.flush()
    if lookup.network is not None:
        _tell_items(lookup)
    return lookup


def has_moved(item: Item, *, since: datetime) -> bool:
    """Whether a look since a moment has found that somebody else hosts the item now."""
    moved = select(HostLookup.id).where(
        HostLookup.host_index == item.host_index, HostLookup.changed, HostLookup.looked_at > since
    )
    return db.session.scalar(moved.limit(1)) is not None


def is_being_looked_up(item: Item) -> bool:
    """Whether a look at the item's host was asked for just now and has not come back: a letter waits for it."""
    waiting = _newest(item.host_index, LookupState.WAITING)
    return waiting is not None and waiting.asked_at > clock.now() - LETTER_WAITS


def _turn_down() -> None:
    """Let nothing wait any more, since look-ups were turned off: in batches, and the last one takes the word back."""
    more = True
    while more:
        with writing():
            waits = select(HostLookup.id).where(HostLookup.state == LookupState.WAITING).limit(BATCH)
            found = db.session.scalars(waits).all()
            some, now = update(HostLookup).where(HostLookup.id.in_(found)), clock.this_hour()
            db.session.execute(some.values(state=LookupState.FAILED, fault="off", looked_at=now, leased_until=None))
            more = len(found) == BATCH
            if not more:
                outbox.done(db.session(), LOOK_UP, ALL)


def kind_of(item: Item) -> HostKind:
    """Return what kind of thing an item's host is. Items from before this was kept all say they were plain sites."""
    host = items.opened_or_empty("item.host", item.host)
    return hosting.kind_of(host) if host else item.host_kind


def _opened(lookup: HostLookup, *, tells: bool) -> Look:
    account = account_of(lookup)
    return Look(lookup, account if account is None or tells else replace(account, note=""), tells)


def _teller(item: Item, *, by: Staff) -> Callable[[HostLookup], bool]:
    """Return what tells whether `by` may see who noted a look by hand, and how: as with notes on `item`.

    A note stands on every item of the host. So it also waits while its author has a part in another undecided one.
    """
    merge = db.session.get(Merge, item.id)
    judged = db.session.get_one(Item, merge.into_id) if merge else item
    disputed = judged.status is ItemStatus.DISPUTED
    choosers = {look.assessor_id for look in assessments.shown(judged, by=by)} if disputed else set()
    whole, until = notes.read_from(judged.status, reader=by.id, choosers=choosers, reopened_at=judged.reopened_at)
    waits = host_rules.waiting_words(by=by, but=judged)

    def tells(lookup: HostLookup) -> bool:
        if not lookup.by_hand or lookup.asked_by_id is None or lookup.asked_by_id == by.id:
            return True
        in_time = whole or (until is not None and lookup.asked_at < until)
        return in_time and not waits(lookup.asked_by_id, lookup.host_index)

    return tells


def _hindrance(item: Item) -> str | None:
    """Return why a host cannot be looked up now, or None."""
    if not is_on():
        return "off"
    if kind_of(item) is HostKind.ONION:
        return "onion"
    newest = _newest(item.host_index)
    if newest is not None and newest.state is LookupState.WAITING:
        return "waiting"
    return "too_soon" if newest is not None and newest.asked_at > clock.now() - PAUSE else None


def _newest(host_index: bytes, *states: LookupState) -> HostLookup | None:
    query = select(HostLookup).where(HostLookup.host_index == host_index)
    if states:
        query = query.where(HostLookup.state.in_(states))
    return db.session.scalar(query.order_by(HostLookup.id.desc()).limit(1))


def _newest_with_network(host_index: bytes, *, asked: bool = False) -> HostLookup | None:
    """Return the newest look that found a network; with `asked` not what a person noted."""
    query = select(HostLookup).where(HostLookup.host_index == host_index, HostLookup.network.is_not(None))
    if asked:
        query = query.where(~HostLookup.by_hand)
    return db.session.scalar(query.order_by(HostLookup.id.desc()).limit(1))


def _known_before(host_index: bytes) -> tuple[Account | None, Account | None]:
    """Return what registries said before: in the newest look that found a network, and in the newest of all."""
    with_network = _newest_with_network(host_index, asked=True)
    query = select(HostLookup).where(
        HostLookup.host_index == host_index, HostLookup.evidence.is_not(None), ~HostLookup.by_hand
    )
    newest = db.session.scalar(query.order_by(HostLookup.id.desc()).limit(1))
    known, last = (account_of(one) if one is not None else None for one in (with_network, newest))
    return known, last


def _is_fresh(lookup: HostLookup) -> bool:
    age = clock.now() - (lookup.looked_at or lookup.asked_at)
    return age < (FRESH_FOR if lookup.state in FOUND else FAILED_FOR)


def _ask(item: Item, *, by: Staff | None) -> None:
    """Leave word that a host is to be looked up; one that waits already is only hurried when a person asks."""
    waiting = _newest(item.host_index, LookupState.WAITING)
    if waiting is None:
        host = items.opened_or_empty("item.host", item.host)
        db.session.add(
            HostLookup(
                host_index=item.host_index,
                host=_seal(HOST, host),
                asked_at=clock.now() if by else clock.this_hour(),
                asked_by_id=by.id if by else None,
            )
        )
    elif by is not None:
        waiting.asked_by_id, waiting.asked_at = waiting.asked_by_id or by.id, clock.now()
    db.session.flush()
    outbox.put(db.session(), LOOK_UP, ALL)


def _take() -> Step | None:
    """Take the next look-up: what people asked for first, then the longest waiting."""
    with writing():
        free = or_(HostLookup.leased_until.is_(None), HostLookup.leased_until < clock.now())
        waits = select(HostLookup).where(HostLookup.state == LookupState.WAITING, free)
        for first in (HostLookup.asked_by_id.is_not(None), HostLookup.asked_by_id.is_(None)):
            lookup = db.session.scalar(waits.where(first).order_by(HostLookup.id).limit(1))
            if lookup is not None:
                lookup.leased_until = clock.now() + LEASE
                host, of_people = items.opened_or_empty(HOST, lookup.host), lookup.asked_by_id is not None
                return Step(lookup.id, host, of_people)
    return None


def _giver(network: NetworkFacts, registries: Registries) -> NetworkFacts:
    """Ask who gave a network its addresses: step by step, until it is somebody else. Without a name where nobody is."""
    at, asked = network, ""
    for _ in range(MOST_ABOVE):
        if not (wider := hosting.wider(at)):
            break
        asked, found = wider, _network(wider, registries.of_range)
        if found.fault or (hosting.holds_more(found, at) and hosting.is_other(found, network)):
            return found
        if not hosting.holds_more(found, at):
            break
        at = found
    return NetworkFacts(at=clock.now().isoformat(), address=asked)


def _network(address: str, ask: Callable[[str], Said]) -> NetworkFacts:
    at = clock.now()
    try:
        said = ask(address)
    except RdapFault as fault:
        return NetworkFacts(at=at.isoformat(), address=address, fault=fault.code)
    return hosting.network(said.facts, address=address, at=at, server=said.server, digest=said.digest)


def _domain(name: str, registries: Registries) -> DomainFacts:
    at = clock.now()
    try:
        said = registries.of_domain(name)
    except RdapFault as fault:
        return DomainFacts(at=at.isoformat(), name=name, fault=fault.code)
    return hosting.domain(said.facts, name=name, at=at, server=said.server, digest=said.digest)


def _record(lookup_id: int, account: Account | None, *, fault: str = "sealed") -> None:
    """Keep what was found, once, and tell it on the open items of the host, in batches: a host may have thousands.

    `fault` says why nothing was, where `account` is None.
    """
    with writing():
        lookup = db.session.get_one(HostLookup, lookup_id)
        if lookup.state is not LookupState.WAITING:
            return
        known, newest = _known_before(lookup.host_index)
        lookup.leased_until = None
        if account is None:
            lookup.state, lookup.fault, lookup.looked_at = LookupState.FAILED, fault, clock.this_hour()
            return
        account = hosting.with_giver(account, known)
        if ruled := _ruled_proxy(lookup.host_index):  # both looks by the same rule: it moves no host
            account, known = hosting.as_ruled(account, ruled), known and hosting.as_ruled(known, ruled)
        lookup.state = hosting.state_of(account)
        lookup.changed = hosting.changed(known, account, newest=newest)
        _fill(lookup, account)
        proposals.take_up(account, at=lookup.looked_at or lookup.asked_at)
        more = lookup.network is not None
    while more:
        with writing():
            more = _tell_items(db.session.get_one(HostLookup, lookup_id))


def _fill(lookup: HostLookup, account: Account) -> None:
    first = account.first
    if lookup.asked_by_id is None:  # a report led to it, and nothing that a report sets off bears its minute
        account = hosting.to_the_hour(account)
    lookup.evidence = _seal(EVIDENCE, json.dumps(hosting.written(account), ensure_ascii=False))
    lookup.country = first.country or None if first else None
    lookup.network = first.label if first else None
    lookup.proxy, lookup.fault = account.proxy, next(iter(account.faults), None)
    lookup.looked_at = clock.this_hour() if lookup.asked_by_id is None else clock.now()


def _told(lookup: HostLookup) -> tuple[str | None, str | None]:
    """Return what items say of where they are hosted.

    What only stands before the host tells nothing of it: then what a person has found out holds, unless a registry knew
    the host itself since.
    """
    if lookup.proxy is not Proxy.CDN:
        return lookup.country, lookup.network
    behind = _behind(lookup)
    return (behind.country, behind.network) if behind is not None else (None, None)


def _behind(lookup: HostLookup) -> HostLookup | None:
    """Return what a person has found out of the host behind what stands before it; None where nobody has."""
    behind = select(HostLookup).where(
        HostLookup.host_index == lookup.host_index, HostLookup.network.is_not(None), HostLookup.proxy != Proxy.CDN
    )
    known = db.session.scalar(behind.order_by(HostLookup.id.desc()).limit(1))
    return known if known is not None and known.by_hand else None


def _tell_items(lookup: HostLookup) -> bool:
    """Write country and network into some open items of the host; urgency hangs on them. Whether there may be more."""
    country, network = _told(lookup)
    other = or_(Item.country.is_distinct_from(country), Item.network.is_distinct_from(network))
    query = select(Item).where(Item.host_index == lookup.host_index, Item.status != ItemStatus.CLOSED, other)
    some = list(db.session.scalars(query.limit(BATCH)))
    at = clock.this_hour() + clocks.HOUR if lookup.asked_by_id is None else None  # a report led to it: no minute
    for item in some:
        before = item.urgency
        item.country, item.network = country, network
        priorities.weigh(item)
        if item.status in UNDECIDED and item.urgency < before:
            clocks.urgency_rose(item, at=at)
    return len(some) == BATCH


def _ruled_proxy(host_index: bytes) -> Proxy | None:
    item = db.session.scalar(select(Item).where(Item.host_index == host_index).limit(1))
    return host_rules.proxy_of(host_rules.about(item)) if item is not None else None


def _seal(purpose: str, text: str) -> bytes:
    return vault.keyring().seal(purpose, text)
