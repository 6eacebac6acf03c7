"""What hotlines say to each other at /exchange/v1: the form of a message, what is signed, and what is wrong with one.

Each message is one JSON object that names its schema. What the schema does not name is refused, so that nobody believes
something was understood that was not. The way a message is written down for people stands in `docs/exchange.md`.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from hotline.rules import addresses, refs, submissions
from hotline.rules.addresses import Address
from hotline.vocabulary import Category, DeclineReason, ExchangeStatus, InhopeClass, ItemOutcome

SCHEMA = "hotline-exchange/1"
MAX_BODY = 32 * 1024  # bytes
LONGEST_REFERENCE, LONGEST_NOTE = 80, 2_000  # characters
WINDOW = timedelta(minutes=5)  # how far a message's time may be from ours, either way
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")  # an idempotency key, a nonce
KEY_BYTES, SIGNATURE_BYTES = 32, 64
REF = re.compile(rf"X-[{refs.LETTERS}]{{{refs.LENGTH}}}")  # how we call something that is handed over
MESSAGE_ID = re.compile(r"[0-9a-f]{32}")
COUNTRY = re.compile(r"[A-Z]{2}")
ADDRESS = re.compile(r"\s*[Hh][Tt][Tt][Pp][Ss]?:\S+\s*")  # one, not two of which nobody could say which is meant
ANSWERS = (ExchangeStatus.ACCEPTED, ExchangeStatus.DECLINED, ExchangeStatus.DONE)
CLASSES = (InhopeClass.BASELINE, InhopeClass.NATIONAL)
MOVES: Mapping[ExchangeStatus, tuple[ExchangeStatus, ...]] = {  # the database holds the same
    ExchangeStatus.DRAFT: (ExchangeStatus.OFFERED, ExchangeStatus.WITHDRAWN),
    ExchangeStatus.OFFERED: (*ANSWERS, ExchangeStatus.WITHDRAWN),
    ExchangeStatus.ACCEPTED: (ExchangeStatus.DECLINED, ExchangeStatus.DONE, ExchangeStatus.WITHDRAWN),
}
NEEDS = {ExchangeStatus.DECLINED: "reason", ExchangeStatus.DONE: "outcome"}  # beside which answer what has to stand
NO_OBJECT, UNKNOWN_SCHEMA = "no_object", "unknown_schema"
FAULTS = ("required", "too_long", "characters", "file", "unknown", "type", "no_address", "not_here", "unknown_field")
"""What may be wrong with a field."""
_TEXT = (str,)
_OFFER = {
    "schema": _TEXT,
    "reference": _TEXT,
    "address": _TEXT,
    "category": _TEXT,
    "classification": _TEXT,
    "hosting_country": _TEXT,
    "in_danger": (bool,),
    "note": _TEXT,
}
_STATUS = dict.fromkeys(("schema", "status", "reference", "reason", "outcome", "note"), _TEXT)


class Fit(Enum):
    """What an answer does to what the partner has answered before."""

    MOVES = auto()  # it takes the case on
    SAID_BEFORE = auto()  # it says once more what stands
    CONTRADICTS = auto()  # the case has ended otherwise, or never ends like that: what came first counts


class Malformed(Exception):
    """A message that is none. `faults` is a tuple of (field, code); a field is empty where it is the whole."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(", ".join(f"{field}:{code}" for field, code in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Offer:
    """One address that a partner offers to us. `reference` is how the partner calls it."""

    reference: str
    address: Address
    category: Category
    classification: InhopeClass | None
    hosting_country: str | None
    in_danger: bool
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner says of something that was offered to it."""

    status: ExchangeStatus
    reference: str
    reason: DeclineReason | None
    outcome: ItemOutcome | None
    note: str


def canonical(method: str, path: str, *, timestamp: str, nonce: str, key: str, body: bytes) -> bytes:
    """Return the bytes that a partner signs of a request: seven lines, the last of them the SHA-256 of the body."""
    lines = (SCHEMA, method, path, timestamp, nonce, key, hashlib.sha256(body).hexdigest())
    return "\n".join(lines).encode()


def signed_part(message: bytes) -> bytes:
    """Return the bytes that we sign of a message to a partner."""
    return SCHEMA.encode() + b"\nmessage\n" + message


def sealed_part(message: bytes, key_id: str, signature: bytes) -> bytes:
    """Return what is sealed to a partner's key: the message as it was signed, by which key, and the signature."""
    facts = {"key": key_id, "message": _base64(message), "signature": _base64(signature)}
    return json.dumps(facts).encode()


def written(facts: Mapping[str, Any]) -> bytes:
    """Return a message of ours as it is signed: JSON in UTF-8, what is None left out."""
    kept = {name: value for name, value in facts.items() if value is not None}
    return json.dumps({"schema": SCHEMA, **kept}, ensure_ascii=False, separators=(",", ":")).encode()


def moment(text: str) -> datetime | None:
    """Return a message's time, written as 2026-11-26T03:54:16Z; None where it is written otherwise."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def is_timely(at: datetime, now: datetime) -> bool:
    """Whether a message of that time may still be taken, or already."""
    return abs(now - at) <= WINDOW


def read_key(text: str) -> bytes | None:
    """Return a public key (32 bytes) that somebody pasted, in base64 or hex; None where it is none.

    Some values pass every form and would let anybody sign or read: those of low order are refused by whoever uses them.
    """
    plain = "".join(text.split())
    if re.fullmatch(r"[0-9A-Fa-f]{64}", plain):
        return bytes.fromhex(plain)
    return _from_base64(plain, KEY_BYTES)


def read_signature(text: str) -> bytes | None:
    """Return a signature (64 bytes) written in base64; None where it is none."""
    return _from_base64(text, SIGNATURE_BYTES)


def fingerprint(key: bytes) -> str:
    """Return a key as two people read it to each other: eight groups of four."""
    digest = hashlib.sha256(key).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def offer(body: bytes) -> Offer:
    """Read what a partner offers. Raises Malformed with everything that is wrong."""
    facts = _facts(body, _OFFER)
    faults = [
        *_text_faults(facts, "reference", LONGEST_REFERENCE, required=True),
        *_text_faults(facts, "note", LONGEST_NOTE),
        *_word_faults(facts, "category", tuple(Category)),
        *_word_faults(facts, "classification", CLASSES),
    ]
    raw = facts.get("address", "")
    is_one = len(raw) <= submissions.MAX_ADDRESS and ADDRESS.fullmatch(raw)
    address = addresses.parse(raw) if is_one else None
    if not isinstance(address, Address):
        faults.append(("address", "no_address"))
    if "hosting_country" in facts and not COUNTRY.fullmatch(facts["hosting_country"]):
        faults.append(("hosting_country", "unknown"))
    if faults or not isinstance(address, Address):
        raise Malformed(*faults)
    return Offer(
        facts["reference"],
        address,
        Category(facts.get("category", Category.CSAM)),
        InhopeClass(facts["classification"]) if "classification" in facts else None,
        facts.get("hosting_country"),
        facts.get("in_danger", False),
        facts.get("note", ""),
    )


def answer(body: bytes) -> Answer:
    """Read what a partner says of something we offered. Raises Malformed with everything that is wrong."""
    facts = _facts(body, _STATUS)
    status = facts.get("status", "")
    faults = [
        *_text_faults(facts, "reference", LONGEST_REFERENCE),
        *_text_faults(facts, "note", LONGEST_NOTE),
        *_word_faults(facts, "reason", tuple(DeclineReason)),
        *_word_faults(facts, "outcome", tuple(ItemOutcome)),
    ]
    if status not in ANSWERS:
        faults.append(("status", "unknown" if status else "required"))
    faults += [(field, "required") for one, field in NEEDS.items() if status == one and field not in facts]
    faults += [(field, "not_here") for one, field in NEEDS.items() if status != one and field in facts]
    if faults:
        raise Malformed(*faults)
    return Answer(
        ExchangeStatus(status),
        facts.get("reference", ""),
        DeclineReason(facts["reason"]) if "reason" in facts else None,
        ItemOutcome(facts["outcome"]) if "outcome" in facts else None,
        facts.get("note", ""),
    )


def carried(ref: str, body: bytes) -> str:
    """Return what a partner sent as it is sealed until the desk reads it, with the reference that it was sent to."""
    return json.dumps({"ref": ref, "body": body.decode()})


def uncarried(text: str) -> tuple[str, bytes]:
    """Read back what `carried` gave. Raises ValueError, KeyError or TypeError."""
    facts = json.loads(text)
    return str(facts["ref"]), str(facts["body"]).encode()


def fit(status: ExchangeStatus, reason: DeclineReason | None, outcome: ItemOutcome | None, said: Answer) -> Fit:
    """Judge what a partner says against what stands. Answers have to be judged in the order in which they came."""
    if (said.status, said.reason, said.outcome) == (status, reason, outcome):
        return Fit.SAID_BEFORE
    return Fit.MOVES if may_move(status, said.status) else Fit.CONTRADICTS


def may_move(status: ExchangeStatus, to: ExchangeStatus) -> bool:
    """Whether something that is handed over may go on from one status to another."""
    return to in MOVES.get(status, ())


def _facts(body: bytes, known: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Return the object that `body` is, each field of its type. Raises Malformed."""
    try:
        facts = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise Malformed(("", NO_OBJECT)) from exc
    if not isinstance(facts, dict):
        raise Malformed(("", NO_OBJECT))
    if facts.get("schema") != SCHEMA:
        raise Malformed(("schema", UNKNOWN_SCHEMA))
    faults = [("", "unknown_field") for _ in facts.keys() - known.keys()][:1]  # its name is anybody's words
    faults += [(name, "type") for name, kinds in known.items() if name in facts and type(facts[name]) not in kinds]
    if faults:
        raise Malformed(*faults)
    return facts


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    facts = dict(pairs)
    if len(facts) != len(pairs):
        raise ValueError("a field stands twice")
    return facts


def _no_number(_: str) -> None:
    raise ValueError("not a number of JSON")


def _text_faults(facts: Mapping[str, Any], name: str, most: int, *, required: bool = False) -> list[tuple[str, str]]:
    text = facts.get(name, "")
    if required and not text.strip():
        return [(name, "required")]
    if len(text) > most:
        return [(name, "too_long")]
    if submissions.clean(text).replaced or (name == "reference" and not text.isprintable()):
        return [(name, "characters")]  # a reference is one line, and reads as it stands
    return [(name, "file")] if submissions.carries_file(text) else []


def _word_faults(facts: Mapping[str, Any], name: str, words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, "unknown")] if name in facts and facts[name] not in words else []


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _from_base64(text: str, size: int) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size else None
