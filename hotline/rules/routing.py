"""To whom an address goes, in which order, and why; and who gets nothing, and why. Pure: recipients are references.

The gate decides what may leave. This only puts in order what it lets go: it never opens a channel.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from hotline.rules import gate
from hotline.vocabulary import Channel, HostKind, InhopeClass, LawVerdict, Proxy


class Place(StrEnum):
    """Where an address is hosted, as far as it matters to who can act."""

    OWN_COUNTRY = "own_country"
    INHOPE_COUNTRY = "inhope_country"  # the directory has a partner hotline there
    ELSEWHERE = "elsewhere"
    BEHIND_PROXY = "behind_proxy"  # who hosts it is hidden by what stands before it
    ONION = "onion"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why a step is taken."""

    CHILD_IN_DANGER = "child_in_danger"
    OWN_COUNTRY = "own_country"
    AFTER_POLICE = "after_police"
    PARTNER_THERE = "partner_there"
    BESIDE_PARTNER = "beside_partner"
    NO_PARTNER_THERE = "no_partner_there"
    HOSTS_IT = "hosts_it"
    ON_PLATFORM = "on_platform"
    SETTLED = "settled"  # the team's own rule about the host says who hosts it
    PROXY_FORWARDS = "proxy_forwards"
    SHORT_LINK = "short_link"
    ONION = "onion"
    HOST_UNKNOWN = "host_unknown"
    ONLY_HERE = "only_here"  # it is illegal in this country alone, so no partner hotline hears of it


class Whom(StrEnum):
    """Who gets nothing for now."""

    ANYBODY = "anybody"
    POLICE = "police"
    PARTNER = "partner"
    HOST = "host"
    REGISTRAR = "registrar"
    SITE_OWNER = "site_owner"


class WhyNot(StrEnum):
    """Why somebody gets nothing for now."""

    NOT_AGREED = "not_agreed"
    HELD = "held"
    VERDICT = "verdict"
    MAY_WARN = "may_warn"
    OWN_COUNTRY = "own_country"
    NO_PARTNER_THERE = "no_partner_there"
    COUNTRY_UNKNOWN = "country_unknown"
    PARTNER_TELLS = "partner_tells"
    ONION = "onion"
    HOST_UNKNOWN = "host_unknown"
    LATER = "later"  # only when nobody nearer to the material acts


class Caution(StrEnum):
    """What to keep in mind on the way."""

    NOT_OURS = "not_ours"
    SHORT_LINK = "short_link"
    PROXY = "proxy"
    LOOK_UP = "look_up"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a route hangs on. Recipients are references of the directory, in the order they are to be offered.

    `country` is the host's own, never that of what only stands before it. `upstreams` stand above its network: who gave
    it its addresses, or carries it. `partners` are the hotlines in that country.
    """

    inhope_class: InhopeClass | None  # None: no two people agree now
    law: LawVerdict | None
    own_country: str
    in_danger: bool = False
    held: bool = False
    not_ours: bool = False
    host_kind: HostKind = HostKind.SITE
    proxy: Proxy = Proxy.UNKNOWN
    country: str | None = None
    network: str | None = None
    settled: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    registrars: tuple[str, ...] = ()
    upstreams: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    police: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. Without candidates somebody has to be added to the directory first."""

    channel: Channel
    candidates: tuple[str, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class NotDone:
    """Who gets nothing for now."""

    whom: Whom
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one address: what to do first, what next, and what not."""

    place: Place
    steps: tuple[Step, ...] = ()
    not_done: tuple[NotDone, ...] = ()
    cautions: tuple[Caution, ...] = field(default=())

    @property
    def is_police_first(self) -> bool:
        """Whether nobody else gets anything before the police of this country do."""
        if not self.steps or self.steps[0].channel is not Channel.POLICE:
            return False
        return self.place is Place.OWN_COUNTRY or self.steps[0].why is Why.CHILD_IN_DANGER


def of(facts: Facts) -> Route:
    """Return the way of an address: it has a step, or says why nobody gets anything. A site's owner never does."""
    place = _place(facts)
    if facts.held:
        return Route(place, not_done=(NotDone(Whom.ANYBODY, WhyNot.HELD),))
    if facts.inhope_class is None or facts.law is None:
        return Route(place, not_done=(NotDone(Whom.ANYBODY, WhyNot.NOT_AGREED),))
    opened = gate.channels(facts.inhope_class, facts.law, in_danger=facts.in_danger)
    if not opened:
        return Route(place, not_done=(NotDone(Whom.ANYBODY, WhyNot.VERDICT),))
    police, partner, host = (
        part(facts, place) if channel in opened else [NotDone(whom, WhyNot.VERDICT)]
        for channel, whom, part in (
            (Channel.POLICE, Whom.POLICE, _police),
            (Channel.PARTNER, Whom.PARTNER, _partner),
            (Channel.HOST, Whom.HOST, _host),
        )
    )
    goes_first = facts.in_danger or place in {Place.OWN_COUNTRY, Place.ONION}
    lines = [*police, *partner, *host] if goes_first else [*partner, *host, *police]
    steps = tuple(one for one in lines if isinstance(one, Step))
    not_done = [one for one in lines if isinstance(one, NotDone)]
    not_done += [NotDone(Whom.REGISTRAR, WhyNot.LATER)] if Channel.HOST in opened and facts.registrars else []
    return Route(place, steps, (*not_done, NotDone(Whom.SITE_OWNER, WhyNot.MAY_WARN)), _cautions(facts, place))


def _place(facts: Facts) -> Place:
    if facts.host_kind is HostKind.ONION:
        return Place.ONION
    if facts.country is None:
        return Place.BEHIND_PROXY if facts.proxy is Proxy.CDN else Place.UNKNOWN
    if facts.country == facts.own_country:
        return Place.OWN_COUNTRY
    return Place.INHOPE_COUNTRY if facts.partners else Place.ELSEWHERE


def _police(facts: Facts, place: Place) -> list[Step | NotDone]:
    if facts.in_danger:
        return [Step(Channel.POLICE, facts.police, Why.CHILD_IN_DANGER)]
    if place is Place.INHOPE_COUNTRY:
        if _tells_partners(facts):
            return [NotDone(Whom.POLICE, WhyNot.PARTNER_TELLS)]
        return [Step(Channel.POLICE, facts.police, Why.ONLY_HERE)]
    return [Step(Channel.POLICE, facts.police, _WHY_POLICE[place])]


def _tells_partners(facts: Facts) -> bool:
    return facts.inhope_class in gate.INTERNATIONAL


def _partner(facts: Facts, place: Place) -> list[Step | NotDone]:
    if place is Place.INHOPE_COUNTRY:
        return [Step(Channel.PARTNER, facts.partners, Why.PARTNER_THERE)]
    return [NotDone(Whom.PARTNER, _WHY_NO_PARTNER[place])]


def _host(facts: Facts, place: Place) -> list[Step | NotDone]:
    """Return whoever can take the material down, nearest first; each recipient stands in one step only."""
    if place is Place.ONION:
        return [NotDone(Whom.HOST, WhyNot.ONION)]
    offered = (
        (facts.settled, Why.SETTLED),
        (facts.platforms, Why.ON_PLATFORM),
        (facts.proxies if facts.proxy is Proxy.CDN else (), Why.PROXY_FORWARDS),
        (facts.hosts, _why_host(facts, place)),
    )
    steps: list[Step | NotDone] = []
    seen: set[str] = set()
    for candidates, why in offered:
        fresh = tuple(one for one in dict.fromkeys(candidates) if one not in seen)
        seen.update(fresh)
        steps += [Step(Channel.HOST, fresh, why)] if fresh else []
    if steps:
        return steps
    if facts.proxy is Proxy.CDN:
        return [Step(Channel.HOST, (), Why.PROXY_FORWARDS)]
    if facts.network:
        return [Step(Channel.HOST, (), _why_host(facts, place))]
    return [NotDone(Whom.HOST, WhyNot.HOST_UNKNOWN)]


def _why_host(facts: Facts, place: Place) -> Why:
    if facts.host_kind is HostKind.SHORT_LINK:
        return Why.SHORT_LINK
    if place is Place.OWN_COUNTRY:
        return Why.AFTER_POLICE
    return Why.BESIDE_PARTNER if place is Place.INHOPE_COUNTRY and _tells_partners(facts) else Why.HOSTS_IT


def _cautions(facts: Facts, place: Place) -> tuple[Caution, ...]:
    told = {
        Caution.NOT_OURS: facts.not_ours,
        Caution.SHORT_LINK: facts.host_kind is HostKind.SHORT_LINK,
        Caution.PROXY: facts.proxy is Proxy.CDN,
        Caution.LOOK_UP: place is Place.UNKNOWN,
    }
    return tuple(caution for caution, holds in told.items() if holds)


_WHY_POLICE = {
    Place.OWN_COUNTRY: Why.OWN_COUNTRY,
    Place.ELSEWHERE: Why.NO_PARTNER_THERE,
    Place.BEHIND_PROXY: Why.HOST_UNKNOWN,
    Place.UNKNOWN: Why.HOST_UNKNOWN,
    Place.ONION: Why.ONION,
}
_WHY_NO_PARTNER = {
    Place.OWN_COUNTRY: WhyNot.OWN_COUNTRY,
    Place.ELSEWHERE: WhyNot.NO_PARTNER_THERE,
    Place.BEHIND_PROXY: WhyNot.COUNTRY_UNKNOWN,
    Place.UNKNOWN: WhyNot.COUNTRY_UNKNOWN,
    Place.ONION: WhyNot.ONION,
}
