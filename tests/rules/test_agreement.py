"""When two people agree."""

from dataclasses import dataclass

from hotline.rules import agreement
from hotline.vocabulary import InhopeClass, LawVerdict

BASELINE, NATIONAL = InhopeClass.BASELINE, InhopeClass.NATIONAL
ILLEGAL, ADVISER = LawVerdict.ILLEGAL, LawVerdict.ADVISER


@dataclass(frozen=True)
class Rating:
    assessor_id: int
    inhope_class: InhopeClass
    law: LawVerdict


def rated(*ratings: tuple[int, InhopeClass, LawVerdict]) -> tuple[int, int] | None:
    found = agreement.pair(Rating(*one) for one in ratings)
    return (found[0].assessor_id, found[1].assessor_id) if found else None


def test_two_people_who_say_the_same_agree() -> None:
    assert rated((1, BASELINE, ILLEGAL), (2, BASELINE, ILLEGAL)) == (1, 2)


def test_one_person_twice_is_still_one_person() -> None:
    assert rated((1, BASELINE, ILLEGAL), (1, BASELINE, ILLEGAL)) is None


def test_both_axes_count() -> None:
    assert rated((1, BASELINE, ILLEGAL), (2, NATIONAL, ILLEGAL)) is None
    assert rated((1, BASELINE, ILLEGAL), (2, BASELINE, ADVISER)) is None


def test_who_thinks_again_counts_with_the_latest_finding() -> None:
    assert rated((1, BASELINE, ILLEGAL), (2, NATIONAL, ILLEGAL), (1, NATIONAL, ILLEGAL)) == (2, 1)
    assert rated((1, BASELINE, ILLEGAL), (1, NATIONAL, ILLEGAL), (2, BASELINE, ILLEGAL)) is None


def test_a_third_person_can_agree_with_either() -> None:
    assert rated((1, BASELINE, ILLEGAL), (2, NATIONAL, ILLEGAL), (3, BASELINE, ILLEGAL)) == (1, 3)
