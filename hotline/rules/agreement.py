"""When two people agree."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from hotline.vocabulary import InhopeClass, LawVerdict


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
