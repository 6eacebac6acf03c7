"""When two people agree, and how far they do over many looks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

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
    latest: dict[int, R] = {}
    for rating in ratings:
        latest.pop(rating.assessor_id, None)
        latest[rating.assessor_id] = rating
    seen: dict[tuple[InhopeClass, LawVerdict], R] = {}
    for rating in latest.values():
        found = (rating.inhope_class, rating.law)
        if found in seen:
            return seen[found], rating
        seen[found] = rating
    return None


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
