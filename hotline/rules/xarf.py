"""XARF v4: one report an address, in the form that abuse desks' programs read. Nothing of the material, ever.

It says what two people agreed on and nothing more: a detail is left out unless both looks name it. Material that is
illegal by national law alone has no class in XARF and gets no report, so that nobody takes it for baseline.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from hotline.rules.findings import Findings
from hotline.vocabulary import AgeGroup, ContactPlace, InhopeClass, Media, Theme

VERSION = "4.2.0"
LONGEST_NAME = 200
DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")
COUNTRY = re.compile(r"[A-Z]{2}")
RFC_3986 = "!#$%&'()*+,/:;=?@~-._"  # what may stand after the host; browsers leave more than that as it is
MEDIA = {
    Media.IMAGE: "image",
    Media.DRAWN: "image",
    Media.VIDEO: "video",
    Media.LIVE: "video",
    Media.TEXT: "text",
}
EXPLOITATION = {Theme.SEXTORTION: "sextortion", Theme.GROOMING: "grooming"}
AGES = {
    AgeGroup.INFANT: "infant",
    AgeGroup.PRE_PUBESCENT: "prepubescent",
    AgeGroup.PUBESCENT: "pubescent",
    AgeGroup.NOT_DETERMINED: "unknown",
}
PLACES = {
    ContactPlace.SOCIAL_NETWORK: "social_media",
    ContactPlace.MESSENGER: "messaging_app",
    ContactPlace.GAME: "gaming_platform",
    ContactPlace.FORUM: "forum",
    ContactPlace.LIVE_PLATFORM: "other",
    ContactPlace.DATING: "other",
    ContactPlace.OTHER: "other",
}
DESCRIPTION = "Reported to a hotline; two trained analysts looked separately and agree. No material is attached."


@dataclass(frozen=True, slots=True)
class Sender:
    """Who reports: the hotline's name and mailbox."""

    name: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Network:
    """Where the host stands, as far as it is known: an IP address, number and name of its network, its country."""

    ip: str = ""
    system: int | None = None
    name: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What two people agreed on about one address: its class, both looks, and when a person last saw it."""

    address: str
    inhope_class: InhopeClass
    looks: Sequence[Findings]
    at: datetime


def report(agreed: Agreed, *, sender: Sender, network: Network, number: str, ref: str) -> str | None:
    """Return the report about one address as JSON, or None where XARF has no word for what was found.

    `number` is a UUID of its own, `ref` our notice's.
    """
    said = _said(agreed)
    if said is None:
        return None
    us = {"org": sender.name[:LONGEST_NAME], "contact": sender.mailbox, "domain": sender.mailbox.rpartition("@")[2]}
    host, at = urlsplit(agreed.address).hostname or "", _moment(agreed.at)
    facts: dict[str, object] = {
        "xarf_version": VERSION,
        "report_id": number,
        "timestamp": at,
        "reporter": us,
        "sender": us,
        "source_identifier": network.ip or host,
        "category": "content",
        **said,
        "url": as_uri(agreed.address),
        "verified_at": at,
        "verification_method": "manual",
        "evidence_source": "researcher_analysis",
        "description": DESCRIPTION,
        "tags": [f"notice:{ref.lower()}"],
    }
    known = {
        "domain": host if DOMAIN.fullmatch(host) and "xn--" not in host else "",
        "asn": network.system,
        "hosting_provider": network.name,
        "country_code": network.country if COUNTRY.fullmatch(network.country) else "",
    }
    facts |= {name: value for name, value in known.items() if value}
    return json.dumps(facts, indent=2)


def as_uri(address: str) -> str:
    """Return an address with every sign encoded that a browser takes and RFC 3986 does not."""
    parts = urlsplit(address)
    start = f"{parts.scheme}://{parts.netloc}"
    return start + quote(address.removeprefix(start), safe=RFC_3986)


def _said(agreed: Agreed) -> dict[str, object] | None:
    if agreed.inhope_class is InhopeClass.BASELINE:
        media = _same(agreed.looks, "media")
        found: dict[str, object] = {"type": "csam", "classification": "baseline", "detection_method": "manual_review"}
        return found | ({"media_type": MEDIA[media]} if isinstance(media, Media) else {})
    themes = set(EXPLOITATION).intersection(*(look.themes for look in agreed.looks)) if agreed.looks else set()
    if not themes:
        return None
    theme = next(one for one in EXPLOITATION if one in themes)
    found = {"type": "csem", "exploitation_type": EXPLOITATION[theme], "detection_method": "manual_review"}
    age, place = _same(agreed.looks, "age"), _same(agreed.looks, "contact_place")
    if isinstance(age, AgeGroup):
        found["victim_age_range"] = AGES[age]
    if isinstance(place, ContactPlace) and place in PLACES:
        found["platform"] = PLACES[place]
    return found


def _same(looks: Sequence[Findings], field: str) -> object:
    """Return what all looks answer to one question; None where they differ, or nobody was asked."""
    answers = {getattr(look, field) for look in looks}
    return answers.pop() if len(answers) == 1 else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
