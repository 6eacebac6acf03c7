"""When two people agree, how far they do over many looks, and which look is whose: first, second, again, third."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from hotline.vocabulary import Agreement, InhopeClass, LawVerdict

FEWEST = 20  # pairs; of fewer nothing is said
BANDS = (
    (0.8, Agreement.ALMOST_FULL),
    (0.6, Agreement.GOOD),
    (0.4, Agreement.MODERATE),
    (0.2, Agreement.FAIR),
    (0.0, Agreement.SLIGHT),
)
QUESTIONS = (  # what is compared of two looks
    "inhope_class",
    "law",
    "visible",
    "naked",
    "under_18",
    "sexual",
    "reason",
    "age",
    "gender",
    "media",
    "content_type",
    "site_type",
    "ai",
    "self_generated",
    "child_modelling",
    "commercial",
)


class Kind(StrEnum):
    """As which look somebody gave one."""

    FIRST = "first"
    SECOND = "second"
    AGAIN = "again"  # by who had chosen already, after talking with the others
    THIRD = "third"  # by a third person, who sees nothing of the others' before
    FURTHER = "further"  # by a fourth person, and so on


class Round(StrEnum):
    """What looks that follow one another belong to."""

    FIRST = "first"
    TALK = "talk"
    THIRD = "third"


ROUND_OF = {
    Kind.FIRST: Round.FIRST,
    Kind.SECOND: Round.FIRST,
    Kind.AGAIN: Round.TALK,
    Kind.THIRD: Round.THIRD,
    Kind.FURTHER: Round.THIRD,
}


class Placed(NamedTuple):
    """Where one of several looks stands. `stretch` counts the rounds from 0, in order; `attempt` how often people
    began anew; `beside` are the places of the looks by others that it is held against.
    """

    kind: Kind
    attempt: int
    stretch: int
    beside: tuple[int, ...]


class Rated(Protocol):
    """What is compared: who, and both axes."""

    assessor_id: int
    inhope_class: InhopeClass
    law: LawVerdict


R = TypeVar("R", bound=Rated)


def pair(ratings: Iterable[R]) -> tuple[R, R] | None:
    """Return two ratings by two people with the same class and law, each person's latest counting; None if none agree.

    `ratings` come oldest first.
    """
    seen: dict[tuple[InhopeClass, LawVerdict], R] = {}
    for rating in _latest(ratings):
        found = (rating.inhope_class, rating.law)
        if found in seen:
            return seen[found], rating
        seen[found] = rating
    return None


def same_as(ratings: Iterable[R], inhope_class: InhopeClass, law: LawVerdict) -> R | None:
    """Return the rating that says what was decided outside, each person's latest counting; None where none does.

    `ratings` come oldest first.
    """
    return next((one for one in _latest(ratings) if (one.inhope_class, one.law) == (inhope_class, law)), None)


def _latest(ratings: Iterable[R]) -> list[R]:
    latest: dict[int, R] = {}
    for rating in ratings:
        latest.pop(rating.assessor_id, None)
        latest[rating.assessor_id] = rating
    return list(latest.values())


def placed(looks: Sequence[tuple[int, bool]]) -> list[Placed]:
    """Return where each look stands. `looks` come oldest first: by whom, and whether people began anew with it.

    A look is held against the newest of each other person at the end of its own round.
    """
    kinds = _kinds(looks)
    attempts, stretches = [0] * len(looks), [0] * len(looks)
    for place in range(1, len(looks)):
        anew = kinds[place] is Kind.FIRST
        moved_on = anew or ROUND_OF[kinds[place]] is not ROUND_OF[kinds[place - 1]]
        attempts[place] = attempts[place - 1] + anew
        stretches[place] = stretches[place - 1] + moved_on
    found = []
    for place, (person, _anew) in enumerate(looks):
        newest = {
            other: there
            for there, (other, _) in enumerate(looks)
            if attempts[there] == attempts[place] and stretches[there] <= stretches[place] and other != person
        }
        found.append(Placed(kinds[place], attempts[place], stretches[place], tuple(newest.values())))
    return found


def _kinds(looks: Iterable[tuple[int, bool]]) -> list[Kind]:
    people: list[int] = []
    found: list[Kind] = []
    for person, begins in looks:
        if begins:
            people = []
        if person in people:
            found.append(Kind.AGAIN)
            continue
        people.append(person)
        found.append({1: Kind.FIRST, 2: Kind.SECOND, 3: Kind.THIRD}.get(len(people), Kind.FURTHER))
    return found


def kappa(counts: Mapping[tuple[str, str], int]) -> float | None:
    """Return Cohen's kappa of how often two people answered a question so and so: 1 is agreement in everything.

    None where there are no pairs, or where everybody always answers the same: chance alone would agree as well.
    """
    pairs = sum(counts.values())
    if pairs == 0:
        return None
    first, second = Counter[str](), Counter[str]()
    for (one, other), count in counts.items():
        first[one] += count
        second[other] += count
    observed = sum(count for (one, other), count in counts.items() if one == other) / pairs
    by_chance = sum(first[answer] * second[answer] for answer in first) / pairs**2
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def meaning(pairs: int, value: float | None) -> Agreement:
    """Return what a kappa of so many pairs says, by the bands of Landis and Koch."""
    if pairs < FEWEST:
        return Agreement.TOO_FEW
    if value is None:
        return Agreement.ALL_ALIKE
    return next((word for least, word in BANDS if value > least), Agreement.NONE)
