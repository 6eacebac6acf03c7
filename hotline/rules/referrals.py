"""What a service is told of a child, and what may become of a referral. Pure.

A package holds what consent lets be told of the file, the need, and words that an officer typed; nothing else, and no
member of staff but by number. Nobody named as possible abuser stands in it. Days are ISO text, as in all that is
sealed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from hotline.rules import anonymity, free_text, person_names
from hotline.vocabulary import Need, ReferralMeans, ReferralStatus, RejectReason, RevokeReason, Share

MOST_WORDS, MOST_LINE, MOST_SAID = 4_000, 300, 4_000
SHORT_IN_KHMER = 4  # signs; a shorter Khmer word is part of many others
USABLE = timedelta(days=30)  # for how long a package may be used, where nobody says otherwise
LONGEST_USE = timedelta(days=180)
CHECK_AFTER = timedelta(days=3)
LONGEST_AHEAD = timedelta(days=730)  # for appointments, and days on which somebody looks again
MOVES: Mapping[ReferralStatus, frozenset[ReferralStatus]] = {
    ReferralStatus.DRAFT: frozenset({ReferralStatus.PENDING, ReferralStatus.REVOKED}),
    ReferralStatus.PENDING: frozenset({ReferralStatus.ACCEPTED, ReferralStatus.REJECTED, ReferralStatus.REVOKED}),
    ReferralStatus.ACCEPTED: frozenset(
        {ReferralStatus.IN_PROGRESS, ReferralStatus.DONE, ReferralStatus.REJECTED, ReferralStatus.REVOKED}
    ),
    ReferralStatus.IN_PROGRESS: frozenset({ReferralStatus.DONE, ReferralStatus.REJECTED, ReferralStatus.REVOKED}),
    ReferralStatus.DONE: frozenset(),
    ReferralStatus.REJECTED: frozenset(),
    ReferralStatus.REVOKED: frozenset(),
}
ANSWERS = (ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS, ReferralStatus.DONE, ReferralStatus.REJECTED)
GOING_ON = (ReferralStatus.PENDING, ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS)
ENDS = frozenset({ReferralStatus.DONE, ReferralStatus.REJECTED, ReferralStatus.REVOKED})
ENCRYPTED = frozenset({ReferralMeans.ENCRYPTED_MAIL, ReferralMeans.ENCRYPTED_FILE})
FIELD_OF = {  # which share lets a field of the file be told, as `victim_files.shared` has it
    "name": Share.NAME,
    "other_names": Share.NAME,
    "age": Share.AGE,
    "sex": Share.SEX,
    "province": Share.PLACE,
    "place": Share.PLACE,
    "safe_when": Share.CONTACT,
    "safe_number": Share.CONTACT,
    "safe_answer": Share.CONTACT,
    "safe_never": Share.CONTACT,
    "story": Share.STORY,
    "disability": Share.HEALTH,
    "languages": Share.NEED,
}
_KHMER = re.compile(r"[\u1780-\u17ff]")
_PIECES = re.compile(r"[\w\u1780-\u17d3\u17dd\u200b-\u200d]+")  # marks of Khmer are no `\w`


@dataclass(frozen=True, slots=True)
class Sender:
    """Where the service reaches us: whoever of us it asks for is a number."""

    name: str
    country: str
    phone: str
    person: str


@dataclass(frozen=True, slots=True)
class Package:
    """All that is told. `told` is by field of the file; `left_out` is what an officer keeps back though it may go."""

    reference: str
    service: str
    need: Need
    sender: Sender
    told: Mapping[str, str]
    words: str
    use_until: str
    written_on: str
    left_out: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Something a service said, or that was done towards it: when, by whom of us (a number), and in which words."""

    at: str
    by: str
    what: str  # a `ReferralStatus`, or one of the codes below
    words: str = ""


HANDED, CALLED, TOLD, SEEN = "handed_over", "called", "told_to_destroy", "feedback"


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of a referral since it went: who took it, the appointment's place and company, what was said."""

    handed_to: str = ""
    place: str = ""
    along: str = ""  # who goes with the child
    lines: tuple[Line, ...] = field(default=())


def written(package: Package) -> str:
    """Return a package as the JSON that is sealed."""
    return json.dumps(asdict(package), ensure_ascii=False)


def read(text: str) -> Package:
    """Read what `written` wrote."""
    facts = _known(Package, json.loads(text))
    return Package(
        **{
            **facts,
            "need": Need(facts["need"]),
            "sender": Sender(**facts["sender"]),
            "left_out": tuple(Share(one) for one in facts.get("left_out", ())),
        }
    )


def written_words(words: Words) -> str:
    """Return what is known since as the JSON that is sealed."""
    return json.dumps(asdict(words), ensure_ascii=False)


def read_words(text: str) -> Words:
    """Read what `written_words` wrote."""
    facts = _known(Words, json.loads(text))
    return Words(**{**facts, "lines": tuple(Line(**one) for one in facts.get("lines", ()))})


def with_line(words: Words, line: Line) -> Words:
    """Return the words with one line more."""
    return replace(words, lines=(*words.lines, line))


def may_move(now: ReferralStatus, to: ReferralStatus) -> bool:
    """Whether a referral may go from one state to the other."""
    return to in MOVES[now]


def next_answers(now: ReferralStatus) -> tuple[ReferralStatus, ...]:
    """Return what a service may say next, in its order; nothing before it was sent and after the end."""
    return tuple(one for one in ANSWERS if may_move(now, one))


def shares(allowed: Iterable[Share], left_out: Iterable[Share]) -> tuple[Share, ...]:
    """Return what is told: all that may be but what the officer keeps back. The need itself always is."""
    kept, back = set(allowed), set(left_out) - {Share.NEED}
    return tuple(one for one in Share if one in kept and one not in back)


def withheld(package: Package) -> tuple[Share, ...]:
    """Return what of the file this package does not tell, in their order."""
    told = {FIELD_OF[name] for name in package.told} | {Share.NEED}
    return tuple(one for one in Share if one not in told)


def judge_draft(words: str, use_until: date | None, today: date) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the words as they can be kept, and (field, code) for what is wrong with a draft.

    `use_until` is None where what was typed is no day.
    """
    kept, faults = judge_text("words", words, MOST_WORDS)
    outside = use_until is None or not today < use_until <= today + LONGEST_USE
    return kept, (*faults, *((("use_until", "range"),) if outside else ()))


def judge_text(
    field_name: str, typed: str, most: int, *, required: bool = True
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a text as it can be kept, and (field, code) where something is wrong with it."""
    kept, fault = free_text.judge(typed, most)
    if fault is None or (fault is free_text.TextFault.MISSING and not required):
        return kept, ()
    return kept, ((field_name, str(fault)),)


def named_in(package: Package, suspects: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return in which fields (`words`, or one of the file) somebody stands who is named as possible abuser.

    `others` are names that may stand there: a family often has one name.
    """
    own = {word for name in others for word in person_names.spellings(name)}
    blamed = tuple(suspects)
    return tuple(key for key, text in _texts(package).items() if any(names(text, one, own) for one in blamed))


def child_named_in(package: Package, childs: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return in which fields the child is named although a package does not tell the name. As `names_child`."""
    if "name" in package.told or "other_names" in package.told:
        return ()
    known, around = tuple(childs), tuple(others)
    return tuple(key for key, text in _texts(package).items() if names_child(text, known, around))


def names_child(text: str, childs: Iterable[str], others: Iterable[str]) -> bool:
    """Whether `text` bears one of the names of a child. `others` are those around: a family often has one name."""
    own = {word for name in others for word in person_names.spellings(name)}
    return any(names(text, proper(name), own) for name in childs)


def proper(name: str) -> str:
    """Return a name without its words in small letters: somebody is often noted as “the aunt”."""
    return " ".join(word for word in name.split() if not (word.isascii() and word.islower()))


def numbered_in(package: Package, phones: Iterable[str]) -> tuple[str, ...]:
    """Return in which fields one of these telephone numbers stands."""
    theirs = tuple(phones)
    return tuple(key for key, text in _texts(package).items() if anonymity.holds_number(text, theirs))


def differs(package: Package, fresh: Package) -> bool:
    """Whether a package tells something else, or goes to another name, than one that is written now."""
    return (dict(package.told), package.service) != (dict(fresh.told), fresh.service)


def tells_how_to_reach(package: Package) -> dict[str, str]:
    """Return what a package says of how child or family are reached, by field of the file."""
    return {name: text for name, text in package.told.items() if FIELD_OF[name] is Share.CONTACT}


def names(text: str, name: str, shared: Iterable[str] = ()) -> bool:
    """Whether `text` bears a name: all of it in any order, or a word of it by itself that is not also in `shared`."""
    found, asked = _words(text), _words(name)
    parts = [word for word in asked if len(word) >= person_names.SHORTEST]
    if not parts:
        return False
    alone = [word for word in parts if word not in set(shared)]
    if set(asked) <= set(found) or set(alone) & set(found):
        return True
    run = "".join(found)  # Khmer writes no gaps between words
    whole = ("".join(asked), "".join(reversed(asked))) if len(asked) > 1 else ()
    long = (word for word in alone if len(word) >= SHORT_IN_KHMER)
    return any(_KHMER.search(one) and one in run for one in (*whole, *long))


def hand_over_faults(at: datetime, *, now: datetime, since: datetime) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with when something was handed over."""
    return _only({("at", "future"): at > now, ("at", "early"): at < since - timedelta(minutes=1)})


def answer_faults(status: str, reason: str, now: ReferralStatus) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with what a service is said to have answered."""
    wrong = {
        ("status", "required"): status not in set(next_answers(now)),
        ("reason", "required"): status == ReferralStatus.REJECTED and reason not in set(RejectReason),
    }
    return _only(wrong)


def revoke_faults(reason: str) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with taking a referral back."""
    return _only({("revoke_reason", "required"): reason not in set(RevokeReason)})


def appointment_faults(at: datetime | None, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with when an appointment is; None: there is none."""
    is_far = at is not None and not now - LONGEST_AHEAD < at < now + LONGEST_AHEAD
    return _only({("appointment_at", "range"): is_far})


def check_faults(day: date | None, today: date) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with the day on which somebody looks again."""
    return _only({("check_again_on", "range"): day is None or not today <= day <= today + LONGEST_AHEAD})


def _only(wrong: Mapping[tuple[str, str], bool]) -> tuple[tuple[str, str], ...]:
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def _known(kind: type, facts: dict[str, Any]) -> dict[str, Any]:
    known = {one.name for one in fields(kind)}
    return {name: value for name, value in facts.items() if name in known}


def _texts(package: Package) -> dict[str, str]:
    return {"words": package.words, **package.told}


def _words(text: str) -> list[str]:
    return [word for piece in _PIECES.findall(text) for word in person_names.words(piece)]
