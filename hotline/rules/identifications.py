"""What the police are told so that a victim is identified and made safe, and what may become of it. Pure.

A package holds what an officer chose of the file, as far as consent (or a named decision) lets it be told, people of
the case whom the officer chose, and words. It is the one thing that may name somebody as possible abuser. Members of
staff stand in it by number only. Days are ISO text, as in all that is sealed.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from hotline.rules import free_text
from hotline.rules.consents import Standing
from hotline.rules.police import LONG_AGO, LONGEST_HOLD
from hotline.rules.referrals import FIELD_OF
from hotline.vocabulary import Although, Found, HandedBy, IdentificationStatus, PersonPart, Share

FORMAT, VERSION = "hotline-victim-identification", 1
MOST_WORDS, MOST_LINE = 8_000, 200
MOVES: Mapping[IdentificationStatus, frozenset[IdentificationStatus]] = {
    IdentificationStatus.DRAFT: frozenset({IdentificationStatus.HANDED_OVER, IdentificationStatus.WITHDRAWN}),
    IdentificationStatus.HANDED_OVER: frozenset({IdentificationStatus.ACKNOWLEDGED, IdentificationStatus.CLOSED}),
    IdentificationStatus.ACKNOWLEDGED: frozenset({IdentificationStatus.CLOSED}),
    IdentificationStatus.CLOSED: frozenset(),
    IdentificationStatus.WITHDRAWN: frozenset({IdentificationStatus.HANDED_OVER}),  # it came out that they have it
}
WITH_POLICE = frozenset({IdentificationStatus.HANDED_OVER, IdentificationStatus.ACKNOWLEDGED})
CHOICES = tuple(one for one in Share if one in FIELD_OF.values())  # parts of a file that hold something to be told


@dataclass(frozen=True, slots=True)
class Sender:
    """Where the police reach us: whoever of us they ask for is a number."""

    name: str
    country: str
    phone: str
    person: str


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the case whom the police are told of. `number` is ours, and does not leave."""

    number: int
    part: PersonPart
    is_suspect: bool
    name: str = ""
    relation: str = ""
    phone: str = ""
    place: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an officer chose to tell: parts of the file, people (numbers), links (references), and their own words."""

    shares: tuple[Share, ...] = ()
    people: tuple[int, ...] = ()
    links: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """All that is told. `told` is by field of the file. `shares` and `people_chosen` are ours, and do not leave."""

    reference: str
    unit: str
    sender: Sender
    told: Mapping[str, str]
    named: tuple[Named, ...]
    words: str
    links: tuple[str, ...]
    written_on: str
    shares: tuple[Share, ...] = ()
    people_chosen: tuple[int, ...] = ()

    @property
    def suspects(self) -> tuple[Named, ...]:
        """Whom it names as possible abuser."""
        return tuple(one for one in self.named if one.is_suspect)

    @property
    def others(self) -> tuple[Named, ...]:
        """Whom else of the case it names."""
        return tuple(one for one in self.named if not one.is_suspect)

    @property
    def chosen(self) -> Chosen:
        """What was chosen for it, to write it anew."""
        return Chosen(self.shares, self.people_chosen, self.links, self.words)


@dataclass(frozen=True, slots=True)
class Ask:
    """What the police ask of us while they work: not to contact the family, and who asked."""

    words: str = ""
    by: str = ""


def written(package: Package) -> str:
    """Return a package as the JSON that is sealed."""
    return json.dumps(asdict(package), ensure_ascii=False)


def read(text: str) -> Package:
    """Read what `written` wrote."""
    facts = _known(Package, json.loads(text))
    named = (_known(Named, one) for one in facts["named"])
    return Package(
        **{
            **facts,
            "sender": Sender(**facts["sender"]),
            "named": tuple(Named(**{**one, "part": PersonPart(one["part"])}) for one in named),
            "links": tuple(facts["links"]),
            "shares": tuple(Share(one) for one in facts.get("shares", ())),
            "people_chosen": tuple(facts.get("people_chosen", ())),
        }
    )


def written_ask(ask: Ask) -> str:
    """Return what the police ask as the JSON that is sealed."""
    return json.dumps(asdict(ask), ensure_ascii=False)


def read_ask(text: str) -> Ask:
    """Read what `written_ask` wrote."""
    return Ask(**_known(Ask, json.loads(text)))


def leaving(package: Package) -> str:
    """Return a package as the JSON that machines of the police read: without what is ours."""
    facts: dict[str, Any] = {"format": FORMAT, "version": VERSION, **asdict(package)}
    for ours in ("shares", "people_chosen"):
        del facts[ours]
    for one in facts["named"]:
        del one["number"]
    return json.dumps(facts, ensure_ascii=False, indent=2)


def archive(package: Package, text: str) -> bytes:
    """Return a package as one ZIP file: for machines, as `text` for people, and the SHA-256 of each file."""
    files = {"victim.json": leaving(package).encode() + b"\n", "victim.txt": text.encode()}
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items())
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in {**files, "SHA256SUMS": sums.encode()}.items():
            file.writestr(zipfile.ZipInfo(name, LONG_AGO), body, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def may_name(allowed: Iterable[Share], *, is_suspect: bool) -> bool:
    """Whether somebody may be named: a possible abuser where what happened may be told, others where the family may."""
    return (Share.STORY if is_suspect else Share.FAMILY) in set(allowed)


def judge_words(typed: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return an officer's words as they can be kept, and (`words`, code) where something is wrong with them."""
    return judge_text("words", typed, MOST_WORDS)


def judge_text(field: str, typed: str, most: int, *, required: bool = True) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a text as it can be kept, and (field, code) where something is wrong with it."""
    kept, fault = free_text.judge(typed, most)
    if fault is None or (fault is free_text.TextFault.MISSING and not required):
        return kept, ()
    return kept, ((field, str(fault)),)


def hand_over_faults(
    means: str, at: datetime | None, *, has_key: bool, now: datetime, since: datetime
) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with a handing-over. `at` is None where it is no moment."""
    return _only(
        {
            ("handed_by", "required"): means not in set(HandedBy),
            ("handed_by", "no_key"): means == HandedBy.ENCRYPTED_MAIL and not has_key,
            ("at", "unknown"): at is None,
            ("at", "future"): at is not None and at > now,
            ("at", "early"): at is not None and at < since - timedelta(minutes=1),
        }
    )


def although(*, now: Standing, then: Standing, to_suspect: bool) -> Although | None:
    """Return why it stands out that the police have it: by what stands now and stood then. None: it may go as well.

    `to_suspect`: somebody named as possible abuser of the case took it.
    """
    if to_suspect or not _lets_go(then):
        return Although.NOT_THEN
    return None if _lets_go(now) else Although.ENDED_SINCE


def hold_faults(until: date | None, today: date) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with the day until which nobody contacts the family."""
    return _only({("hold_until", "range"): until is None or not today < until <= today + LONGEST_HOLD})


def found_faults(found: str, on: date | None, *, today: date, since: date) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with what the police say they found out. `since`: when they were told."""
    return _only(
        {
            ("found", "required"): found not in set(Found),
            ("found_on", "range"): on is None or not since <= on <= today,
        }
    )


def _lets_go(standing: Standing) -> bool:
    return standing.may_go and not standing.waits_for_second


def _only(wrong: Mapping[tuple[str, str], bool]) -> tuple[tuple[str, str], ...]:
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def _known(kind: type, facts: dict[str, Any]) -> dict[str, Any]:
    known = {one.name for one in fields(kind)}
    return {name: value for name, value in facts.items() if name in known}
