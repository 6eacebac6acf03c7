"""What the police get: the package, its files, and what may become of a report. Pure.

A package holds no word of a reporter and no way to reach one, but what a person adds on purpose (`added`), and no
member of staff but by number. Moments are ISO text, as everywhere in what is sealed as JSON.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hotline.vocabulary import PoliceStatus

FORMAT, VERSION = "hotline-police-report", 1
MOST_ITEMS = 50
MOST_ADDED, MOST_NAMED, MOST_TO, MOST_CASE, MOST_FEEDBACK = 4_000, 1_000, 200, 100, 4_000
MOST_REFERENCE, MOST_WORDS = 100, 1_000
MOST_VICTIMS = 100_000
LONGEST_HOLD = timedelta(days=90)  # until somebody asks the police again; it may go on after that
REF = re.compile(r"I-[0-9A-Z]{6}", re.ASCII)
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # in an archive: the same package is the same bytes
OUTSIDE = "outside"  # as whose finding an outside adviser's decision stands
MOVES: Mapping[PoliceStatus, frozenset[PoliceStatus]] = {
    PoliceStatus.DRAFT: frozenset({PoliceStatus.APPROVED, PoliceStatus.WITHDRAWN}),
    PoliceStatus.APPROVED: frozenset({PoliceStatus.HANDED_OVER, PoliceStatus.WITHDRAWN}),
    PoliceStatus.HANDED_OVER: frozenset({PoliceStatus.ACKNOWLEDGED, PoliceStatus.CLOSED}),
    PoliceStatus.ACKNOWLEDGED: frozenset({PoliceStatus.CLOSED}),
    PoliceStatus.CLOSED: frozenset(),
    PoliceStatus.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One person's finding: who, by number, and when; or an outside adviser's decision (`OUTSIDE`), and when noted."""

    person: str
    at: str
    classification: str
    law: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who hosts an address, as the newest look-up said: when, and where each fact comes from."""

    looked_at: str
    source: str  # `lookups`, or `person`: a person of the team noted it
    addresses: tuple[str, ...] = ()
    network: str = ""
    range: str = ""
    country: str = ""
    registry: str = ""
    abuse: tuple[str, ...] = ()
    registrar: str = ""
    proxy: str = ""  # whose it is, where it stands before the host; `unknown` where nobody knows


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody else who was told of the address: whom, when (empty: not yet), and how (a word; empty: not written)."""

    name: str
    at: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One address of a package. `reported_in` is the hour it came; no finer time is kept.

    By its `links` the police put it together with what victim support tells them of a child.
    """

    reference: str
    address: str
    child_in_danger: bool
    category: str
    reported_in: str
    decided_at: str
    classification: str
    law: str
    looks: tuple[Look, ...]
    hosting: Evidence | None
    told: tuple[Told, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the police reach the hotline."""

    name: str
    country: str
    phone: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Package:
    """All that is handed over. `law` is by field (`title`, `doubt`, `version`), then by language where it is a text."""

    reference: str
    unit: str
    sender: Contact
    law: Mapping[str, Any]
    listed: tuple[Listed, ...]
    added: str = ""
    person_named: str = ""

    @property
    def in_danger(self) -> bool:
        """Whether a child may be in danger now at one of its addresses."""
        return any(one.child_in_danger for one in self.listed)


def in_order(listed: Iterable[Listed]) -> tuple[Listed, ...]:
    """Return the addresses as the police read them: where a child may be in danger first, each part as it came."""
    return tuple(sorted(listed, key=lambda one: not one.child_in_danger))


def written(package: Package) -> str:
    """Return a package as the JSON that machines read and that is sealed."""
    facts = {"format": FORMAT, "version": VERSION, "child_in_danger": package.in_danger, **asdict(package)}
    return json.dumps(facts, ensure_ascii=False, indent=2)


def read(text: str) -> Package:
    """Read what `written` wrote."""
    facts = json.loads(text)
    return Package(
        reference=facts["reference"],
        unit=facts["unit"],
        sender=Contact(**facts["sender"]),
        law=facts["law"],
        listed=tuple(_listed(one) for one in facts["listed"]),
        added=facts["added"],
        person_named=facts["person_named"],
    )


def archive(package: Package, texts: Mapping[str, str]) -> bytes:
    """Return a package as one ZIP file: the report for people and for machines, its exact addresses, and the SHA-256 of
    each file. `texts` are the report for people, by file name.
    """
    files = {
        **{name: text.encode() for name, text in texts.items()},
        "report.json": written(package).encode() + b"\n",
        "addresses.txt": "".join(f"{one.address}\n" for one in package.listed).encode(),
    }
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items())
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in {**files, "SHA256SUMS": sums.encode()}.items():
            file.writestr(zipfile.ZipInfo(name, LONG_AGO), body, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def refs_in(text: str) -> tuple[str, ...]:
    """Return the items that somebody typed, each once, in their order; what is no reference stays as it was typed."""
    return tuple(dict.fromkeys(one.upper() for one in re.split(r"[\s,;]+", text) if one))


def draft_faults(refs: tuple[str, ...], *, added: str, named: str) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for everything that is wrong with what somebody typed for a draft."""
    wrong = {
        ("items", "required"): not refs,
        ("items", "unknown"): any(not REF.fullmatch(one) for one in refs),
        ("items", "too_many"): len(refs) > MOST_ITEMS,
        ("added", "too_long"): len(added) > MOST_ADDED,
        ("named", "too_long"): len(named) > MOST_NAMED,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def hand_over_faults(
    handed_to: str, at: datetime | None, *, now: datetime, approved_at: datetime | None
) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with a handing-over. `at` is None where it is no moment."""
    wrong = {
        ("handed_to", "required"): not handed_to,
        ("handed_to", "too_long"): len(handed_to) > MOST_TO,
        ("at", "unknown"): at is None,
        ("at", "future"): at is not None and at > now,
        ("at", "early"): at is not None and approved_at is not None and at < approved_at - timedelta(minutes=1),
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def feedback_faults(identified: int | None, safeguarded: int | None, note: str) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with what the police said. None: what was typed is no number."""
    wrong = {
        ("identified", "number"): identified is None or not 0 <= identified <= MOST_VICTIMS,
        ("safeguarded", "number"): safeguarded is None or not 0 <= safeguarded <= MOST_VICTIMS,
        ("note", "too_long"): len(note) > MOST_FEEDBACK,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def review_faults(review_on: date | None, today: date) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with the day a hold is asked about again."""
    if review_on is None or not today < review_on <= today + LONGEST_HOLD:
        return (("review_on", "range"),)
    return ()


def _listed(facts: dict[str, Any]) -> Listed:
    hosting = facts.pop("hosting")
    looks, told = (Look(**one) for one in facts.pop("looks")), (Told(**one) for one in facts.pop("told"))
    if hosting:
        hosting = Evidence(**{**hosting, "addresses": tuple(hosting["addresses"]), "abuse": tuple(hosting["abuse"])})
    links = tuple(facts.pop("links", ()))
    return Listed(**facts, looks=tuple(looks), told=tuple(told), hosting=hosting or None, links=links)
