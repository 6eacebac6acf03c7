"""Who agreed that a service or the police is told of a child, what may be told, and what is missing. Pure.

`consented` and `acts` say what the database says (`migrations/desk/0028_consent_and_referrals.py`). `standing` asks for
more: that everybody agrees to the same things, that a refusal is weighed before it is overruled, and that nobody
answers as of age who is not.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from hotline.rules import free_text, person_names
from hotline.rules.victim_files import CaseFile, Person
from hotline.vocabulary import (
    ConsentAnswer,
    OverrideBasis,
    OverrideDecision,
    PersonPart,
    Share,
    Voice,
)

OF_AGE = 18  # years
MOST_WORDS, MOST_LINE, MOST_REASON = 4_000, 200, 2_000
LATEST_ASK = timedelta(days=366)
SHORTEST_NAME = 3  # letters of a word of a name that is looked for in a reason
TEXTS = {
    "words": MOST_WORDS,
    "capacity": MOST_WORDS,
    "language": MOST_LINE,
    "interpreter": MOST_LINE,
    "withheld_from": MOST_LINE,
}
OWN_VOICES = frozenset({Voice.CHILD, Voice.SELF})  # the victim's own
_PIECES = re.compile(r"[\w\u1780-\u17d3\u17dd\u200b-\u200d]+")  # marks of Khmer are no `\w`
BASES_OF_AGE = (OverrideBasis.DANGER_NOW, OverrideBasis.LEGAL_DUTY)  # nobody else weighs the interests of who is of age


class Withheld(StrEnum):
    """Why something is kept from somebody."""

    FEAR_OF_HARM = "fear_of_harm"
    OWN_TELLING = "own_telling"  # they want to tell it themselves
    OTHER = "other"


class Missing(StrEnum):
    """Why something may not be told on consent."""

    CHILD_DECLINES = "child_declines"
    SELF_DECLINES = "self_declines"
    GUARDIAN_DECLINES = "guardian_declines"
    CHILD_NOT_ASKED = "child_not_asked"
    GUARDIAN_NOT_ASKED = "guardian_not_asked"
    SELF_NOT_ASKED = "self_not_asked"
    NOT_OF_AGE = "not_of_age"  # the answer was given as of age, and the file says otherwise
    NOTHING_IN_COMMON = "nothing_in_common"  # they agree, but to different things


class AnswerFault(StrEnum):
    """What is wrong with an answer or a decision somebody wants to keep, besides what `free_text` finds."""

    REQUIRED = "required"
    AHEAD = "ahead"
    RANGE = "range"
    NEED = "need"  # a service that is not told what help is needed cannot help
    NO_CHOICE = "no_choice"  # only a child may be unable to say
    NAMES = "names"  # a reason that others read names somebody of the file
    WEIGHED = "weighed"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered, as it is sealed. `shares` may be told; `withheld_from` is whom it is kept from."""

    words: str = ""  # in their own words
    capacity: str = ""  # how they understood what was asked; of who cannot say yet, why
    language: str = ""
    interpreter: str = ""  # who; empty: none
    shares: tuple[Share, ...] = ()
    withheld_from: str = ""
    withheld_why: str = ""  # a `Withheld`, or empty


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody decided without consent, as it is sealed: without names, since a manager reads it."""

    words: str = ""
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer that stands."""

    voice: Voice
    answer: ConsentAnswer
    shares: frozenset[Share]
    at: datetime


@dataclass(frozen=True, slots=True)
class Without:
    """One decision made without consent, and what the second person said of it (None: nothing yet)."""

    id: int
    basis: OverrideBasis
    decision: OverrideDecision | None
    shares: frozenset[Share]
    at: datetime
    is_late: bool = False  # no second person has looked at it within their time


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether one recipient may be told, and what. `missing` is what keeps it from being told on consent.

    `without` is the decision it may be told on where consent is missing; None where consent is enough, or nothing is.
    """

    missing: tuple[Missing, ...]
    shares: frozenset[Share]
    without: Without | None

    @property
    def by_consent(self) -> bool:
        """Whether everybody who has to agree does."""
        return not self.missing

    @property
    def may_go(self) -> bool:
        """Whether the recipient may be told of `shares` now."""
        return self.by_consent or self.without is not None

    @property
    def waits_for_second(self) -> bool:
        """Whether nothing new is let go: it would rest on a decision that no second person looked at in time.

        What was let go before goes on: a danger now does not end because somebody is late.
        """
        return self.without is not None and self.without.is_late


def voice_of(part: PersonPart, age: int | None) -> Voice | None:
    """Return in whose voice a person answers; None for who is not asked. An unknown age counts as a child's."""
    if part is PersonPart.CHILD:
        return Voice.SELF if is_of_age(age) else Voice.CHILD
    is_asked = part is PersonPart.GUARDIAN and not is_of_age(age)
    return Voice.GUARDIAN if is_asked else None


def is_of_age(age: int | None) -> bool:
    """Whether a victim decides alone. Who may be a child does not."""
    return age is not None and age >= OF_AGE


def consented(heard: Iterable[Heard]) -> bool:
    """Whether the database takes these answers for consent: nobody declines, and those who decide agree."""
    said = {(one.voice, one.answer) for one in heard}
    voices = {voice for voice, _answer in said}
    if any(answer is ConsentAnswer.DECLINES for _voice, answer in said):
        return False
    both = (Voice.GUARDIAN, ConsentAnswer.AGREES) in said and Voice.CHILD in voices
    return (Voice.SELF, ConsentAnswer.AGREES) in said or both


def acts(basis: OverrideBasis, decision: OverrideDecision | None) -> bool:
    """Whether a decision without consent lets something be told: upheld, or a danger now that nobody has ended."""
    return decision is OverrideDecision.UPHELD or (decision is None and basis is OverrideBasis.DANGER_NOW)


def standing(heard: Iterable[Heard], withouts: Iterable[Without], *, age: int | None, to_police: bool) -> Standing:
    """Return whether a recipient may be told, of what, and what is missing. `age` in years, None where unknown."""
    answers = tuple(heard)
    common = _common(answers)
    missing = _missing(answers, common, age=age, to_police=to_police)
    if not missing:
        return Standing((), common, None)
    found = max(
        (one for one in withouts if acts(one.basis, one.decision) and not is_unweighed(one, answers)),
        key=lambda one: (not one.is_late, one.id),
        default=None,
    )
    return Standing(missing, found.shares if found else frozenset(), found)


def is_unweighed(without: Without, heard: Iterable[Heard]) -> bool:
    """Whether the victim said no after a decision was made, so that nobody has weighed it. A danger now still acts."""
    return without.basis is not OverrideBasis.DANGER_NOW and any(
        one.voice in OWN_VOICES and one.answer is ConsentAnswer.DECLINES and one.at > without.at for one in heard
    )


def is_late(decision: OverrideDecision | None, due_at: datetime | None, now: datetime) -> bool:
    """Whether a second person's time to look at a decision has run out. `due_at`: by when they had to, where known."""
    return decision is None and due_at is not None and due_at < now


def bases(age: int | None) -> tuple[OverrideBasis, ...]:
    """Return on which grounds something may be told of a victim of this age without consent."""
    return BASES_OF_AGE if is_of_age(age) else tuple(OverrideBasis)


def judge(
    said: Said,
    *,
    voice: Voice,
    answer: ConsentAnswer | None,
    asked_on: date | None,
    ask_again_on: date | None,
    today: date,
    to_police: bool,
) -> tuple[Said, list[tuple[str, str]]]:
    """Return an answer as it can be kept, and (field, code) for everything that is wrong with its form.

    Who does not agree shares nothing, whatever is ticked, and need not be asked again.
    """
    kept, wrong = _texts(said)
    agrees, unable = answer is ConsentAnswer.AGREES, answer is ConsentAnswer.UNABLE
    kept = replace(kept, shares=tuple(one for one in Share if agrees and one in said.shares))
    checks: Mapping[tuple[str, str], bool] = {
        ("answer", AnswerFault.REQUIRED): answer is None,
        ("answer", AnswerFault.NO_CHOICE): unable and voice is not Voice.CHILD,
        ("capacity", AnswerFault.REQUIRED): unable and not kept.capacity,
        ("language", AnswerFault.REQUIRED): not kept.language,
        ("shares", AnswerFault.REQUIRED): agrees and not kept.shares,
        ("shares", AnswerFault.NEED): bool(kept.shares) and not to_police and Share.NEED not in kept.shares,
        ("withheld_from", AnswerFault.REQUIRED): bool(kept.withheld_why) and not kept.withheld_from,
        ("withheld_why", AnswerFault.REQUIRED): bool(kept.withheld_from) and kept.withheld_why not in set(Withheld),
        ("asked_on", AnswerFault.REQUIRED): asked_on is None,
        ("asked_on", AnswerFault.AHEAD): asked_on is not None and asked_on > today,
        ("ask_again_on", AnswerFault.REQUIRED): ask_again_on is None and (agrees or unable),
        ("ask_again_on", AnswerFault.RANGE): ask_again_on is not None
        and not today < ask_again_on <= today + LATEST_ASK,
    }
    return kept, [*wrong, *((field, str(code)) for (field, code), is_wrong in checks.items() if is_wrong)]


def judge_reason(
    reason: Reason,
    *,
    basis: OverrideBasis | None,
    names: Iterable[str],
    is_refused: bool,
    is_weighed: bool,
    age: int | None,
    to_police: bool,
) -> tuple[Reason, list[tuple[str, str]]]:
    """Return a decision without consent as it can be kept, and (field, code) for everything that is wrong with it.

    `is_refused`: the victim says no, so whoever decides says that these words were weighed.
    """
    words, fault = free_text.judge(reason.words, MOST_REASON)
    kept = Reason(words, tuple(one for one in Share if one in reason.shares))
    checks: Mapping[tuple[str, str], bool] = {
        ("basis", AnswerFault.REQUIRED): basis not in bases(age),
        ("reason", str(fault)): fault is not None,
        ("reason", AnswerFault.NAMES): fault is None and names_somebody(words, names),
        ("shares", AnswerFault.REQUIRED): not kept.shares,
        ("shares", AnswerFault.NEED): bool(kept.shares) and not to_police and Share.NEED not in kept.shares,
        ("weighed", AnswerFault.WEIGHED): is_refused and not is_weighed,
    }
    return kept, [(field, str(code)) for (field, code), is_wrong in checks.items() if is_wrong]


def names_somebody(words: str, names: Iterable[str]) -> bool:
    """Whether a text holds a name, whole or a word of it of some length, however it is spelled."""
    asked = {one for name in names for one in person_names.spellings(name) if len(one) >= SHORTEST_NAME}
    said = [person_names.asked(piece) for piece in _PIECES.findall(words)]
    whole = "".join(said)  # Khmer writes no spaces between words
    return any(one in said or (not one.isascii() and one in whole) for one in asked)


def names_in(file: CaseFile, people: Iterable[Person]) -> list[str]:
    """Return the names of a file that nobody outside it reads: of the victim and of everybody around.

    Of people around, words in small letters are no names: somebody is often noted as “the aunt”.
    """
    around = (" ".join(word for word in person.name.split() if not _is_small(word)) for person in people)
    return [name.strip() for name in (file.name, *file.other_names.split(","), *around) if name.strip()]


def written(record: Said | Reason) -> str:
    """Return one of these records as the JSON that is sealed."""
    return json.dumps(asdict(record), ensure_ascii=False)


def read_said(text: str) -> Said:
    """Read an answer that `written` wrote."""
    return Said(**_known(text, Said))


def read_reason(text: str) -> Reason:
    """Read a decision that `written` wrote."""
    return Reason(**_known(text, Reason))


def _is_small(word: str) -> bool:
    return word.isascii() and word.islower()


def _texts(said: Said) -> tuple[Said, list[tuple[str, str]]]:
    wrong: list[tuple[str, str]] = []
    kept: dict[str, Any] = {}
    for field, most in TEXTS.items():
        kept[field], fault = free_text.judge(getattr(said, field), most)
        if fault is not None and fault is not free_text.TextFault.MISSING:
            wrong.append((field, str(fault)))
    return replace(said, **kept), wrong


def _common(heard: tuple[Heard, ...]) -> frozenset[Share]:
    """Return what everybody who agrees agrees to."""
    agreed = [one.shares for one in heard if one.answer is ConsentAnswer.AGREES]
    return frozenset.intersection(*agreed) if agreed else frozenset()


def _missing(
    heard: tuple[Heard, ...], common: frozenset[Share], *, age: int | None, to_police: bool
) -> tuple[Missing, ...]:
    said = {(one.voice, one.answer) for one in heard}
    voices = {one.voice for one in heard}
    of_age = is_of_age(age)
    checks = {
        Missing.CHILD_DECLINES: (Voice.CHILD, ConsentAnswer.DECLINES) in said,
        Missing.SELF_DECLINES: (Voice.SELF, ConsentAnswer.DECLINES) in said,
        Missing.GUARDIAN_DECLINES: (Voice.GUARDIAN, ConsentAnswer.DECLINES) in said,
        Missing.NOT_OF_AGE: age is not None and not of_age and Voice.SELF in voices,
        Missing.SELF_NOT_ASKED: of_age and Voice.SELF not in voices,
        Missing.CHILD_NOT_ASKED: not of_age and not voices & OWN_VOICES,
        Missing.GUARDIAN_NOT_ASKED: not of_age and not voices & {Voice.GUARDIAN, Voice.SELF},
        Missing.NOTHING_IN_COMMON: consented(heard) and not (common if to_police else Share.NEED in common),
    }
    return tuple(one for one, is_missing in checks.items() if is_missing)


def _known(text: str, kind: type) -> dict[str, Any]:
    typed = {name: value for name, value in json.loads(text).items() if name in kind.__annotations__}
    return typed | {"shares": tuple(Share(one) for one in typed.get("shares", ()))}
