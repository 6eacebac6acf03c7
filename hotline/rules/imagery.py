"""Whether a picture of an event may be published, what is missing, and what a form about pictures must say. Pure.

`may_publish` says what the database says (`migrations/desk/0034_imagery.py`); a test compares both.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from hotline.rules import addresses, free_text
from hotline.vocabulary import PictureAnswer, PictureScope, Voice

LONGEST_NAME, LONGEST_LINE, LONGEST_WORDS, LONGEST_LANGUAGE = 160, 200, 500, 40
Faults = tuple[tuple[str, str], ...]


class Lacks(StrEnum):
    """Why a picture that shows somebody may not be published for one use."""

    NOT_ASKED = "not_asked"
    DECLINES = "declines"
    OTHER_USE = "other_use"  # they agree, but not to this
    EXPIRED = "expired"
    LATER = "later"  # they were asked only after it was published
    FORGOTTEN = "forgotten"


class Stand(StrEnum):
    """How somebody who is shown stands to being published at all."""

    AGREES = "agrees"
    TO_ASK = "to_ask"  # not asked yet, or not any more
    DECLINES = "declines"


class Cleared(StrEnum):
    """Whether pictures of an event may be published."""

    YES = "yes"
    TO_ASK = "to_ask"
    DECLINED = "declined"  # not those that show somebody who said no
    APART = "apart"  # everybody agrees, but nothing is agreed to by all
    NOBODY = "nobody"  # nobody is noted yet


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody shown, as it is sealed. `reach` is how to ask them again; `guardian` of a child."""

    name: str
    reach: str = ""
    guardian: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that stands, in one voice."""

    voice: Voice
    answer: PictureAnswer
    scopes: frozenset[PictureScope]
    asked_on: date
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody who is shown, and the answers of theirs that stand: one in each voice at most."""

    is_child: bool
    answers: tuple[Answer, ...] = ()
    is_forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """How the people of one event stand. `scopes` are the uses that all of them agree to."""

    people: int
    agreed: int
    to_ask: int
    declined: int
    scopes: tuple[PictureScope, ...]
    cleared: Cleared


def voices(*, is_child: bool) -> tuple[Voice, ...]:
    """Return in whose voices somebody has to agree: of a child, the child's and a guardian's."""
    return (Voice.CHILD, Voice.GUARDIAN) if is_child else (Voice.SELF,)


def lacking(shown: Shown, scope: PictureScope, on: date) -> tuple[tuple[Voice, Lacks], ...]:
    """Return what keeps a picture that shows somebody from one use on a day: in whose voice, and why."""
    return tuple(
        (voice, why)
        for voice in voices(is_child=shown.is_child)
        if (why := _lacks(shown, voice, on) or _lacks_use(shown, voice, scope)) is not None
    )


def may_publish(people: Collection[Shown], scope: PictureScope, on: date, *, nobody_shown: bool) -> bool:
    """Whether a picture may be published for one use on a day. `nobody_shown`: it was noted that nobody is on it."""
    return bool(people or nobody_shown) and not any(lacking(one, scope, on) for one in people)


def agreed_scopes(people: Iterable[Shown], on: date) -> tuple[PictureScope, ...]:
    """Return the uses to which every one of some people agrees on a day."""
    those = tuple(people)
    return tuple(scope for scope in PictureScope if not any(lacking(one, scope, on) for one in those))


def stand(shown: Shown, on: date) -> Stand:
    """Return how somebody stands to being published, whatever the use."""
    found = [_lacks(shown, voice, on) for voice in voices(is_child=shown.is_child)]
    if Lacks.FORGOTTEN in found or Lacks.DECLINES in found:
        return Stand.DECLINES
    return Stand.AGREES if not any(found) else Stand.TO_ASK


def summary(people: Collection[Shown], on: date) -> Summary:
    """Return how the people of an event stand together."""
    stands, scopes = [stand(one, on) for one in people], agreed_scopes(people, on) if people else ()
    counts = {one: stands.count(one) for one in Stand}
    if not people:
        cleared = Cleared.NOBODY
    elif counts[Stand.DECLINES]:
        cleared = Cleared.DECLINED
    elif counts[Stand.TO_ASK]:
        cleared = Cleared.TO_ASK
    else:
        cleared = Cleared.YES if scopes else Cleared.APART
    return Summary(
        len(people), counts[Stand.AGREES], counts[Stand.TO_ASK], counts[Stand.DECLINES], tuple(scopes), cleared
    )


def judge_line(typed: str, longest: int, *, required: bool = True, may_be_address: bool = False) -> tuple[str, str]:
    """Return words on one line as they can be stored, and what is wrong with them (empty: nothing)."""
    text, fault = free_text.judge(" ".join(typed.split()), longest)
    if fault is free_text.TextFault.MISSING:
        return "", "required" if required else ""
    if fault is not None:
        return text, str(fault)
    return text, "address" if not may_be_address and addresses.read(text).found else ""


def judge_person(known: Known, *, is_child: bool) -> tuple[Known, Faults]:
    """Return what is known of somebody as it can be sealed, and what is wrong with it."""
    name, name_fault = judge_line(known.name, LONGEST_NAME)
    reach, reach_fault = judge_line(known.reach, LONGEST_LINE, required=not is_child, may_be_address=True)
    guardian, guardian_fault = judge_line(known.guardian, LONGEST_LINE, required=is_child)
    faults = {"name": name_fault, "reach": reach_fault, "guardian": guardian_fault}
    return Known(name, reach, guardian if is_child else ""), _found(faults)


def answer_faults(
    voice: Voice | None,
    answer: PictureAnswer | None,
    scopes: Collection[PictureScope],
    asked_on: date | None,
    expires_on: date | None,
    *,
    is_child: bool,
    today: date,
) -> Faults:
    """Return (field, code) for what is wrong with an answer, besides its words."""
    agrees = answer is PictureAnswer.AGREES
    wrong = {
        ("voice", "required"): voice not in voices(is_child=is_child),
        ("answer", "required"): answer is None,
        ("scopes", "required"): agrees and not scopes,
        ("asked_on", "required"): asked_on is None,
        ("asked_on", "ahead"): asked_on is not None and asked_on > today,
        ("expires_on", "past"): agrees and expires_on is not None and expires_on < today,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def publication_faults(scope: PictureScope | None, published_on: date | None, *, held_on: date, today: date) -> Faults:
    """Return (field, code) for what is wrong with a publication, besides its place."""
    wrong = {
        ("scope", "required"): scope is None,
        ("published_on", "required"): published_on is None,
        ("published_on", "ahead"): published_on is not None and published_on > today,
        ("published_on", "before"): published_on is not None and published_on < held_on,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def written(known: Known) -> str:
    """Return what is known of somebody as it is sealed."""
    return json.dumps(asdict(known), ensure_ascii=False)


def read(sealed: str) -> Known:
    """Read back what `written` wrote."""
    return Known(**json.loads(sealed))


def joined(scopes: Collection[PictureScope]) -> str:
    """Return uses as a record keeps them: in their order, with spaces between."""
    return " ".join(one for one in PictureScope if one in scopes)


def parted(kept: str) -> tuple[PictureScope, ...]:
    """Read back what `joined` wrote."""
    return tuple(PictureScope(one) for one in kept.split())


def _lacks(shown: Shown, voice: Voice, on: date) -> Lacks | None:
    if shown.is_forgotten:
        return Lacks.FORGOTTEN
    found = next((one for one in shown.answers if one.voice is voice), None)
    if found is None:
        return Lacks.NOT_ASKED
    if found.answer is PictureAnswer.DECLINES:
        return Lacks.DECLINES
    if found.asked_on > on:
        return Lacks.LATER
    return Lacks.EXPIRED if found.expires_on is not None and found.expires_on < on else None


def _lacks_use(shown: Shown, voice: Voice, scope: PictureScope) -> Lacks | None:
    agrees = any(one.voice is voice and scope in one.scopes for one in shown.answers)
    return None if agrees else Lacks.OTHER_USE


def _found(faults: dict[str, str]) -> Faults:
    return tuple((field, code) for field, code in faults.items() if code)
