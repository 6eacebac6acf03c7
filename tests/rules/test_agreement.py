"""When two people agree, and how far they do."""

from dataclasses import dataclass

import pytest

from hotline.rules import agreement
from hotline.vocabulary import Agreement, InhopeClass, LawVerdict

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


# --- Over many looks --------------------------------------------------------------------------------------------------


def test_kappa_is_what_the_textbook_says() -> None:
    counts = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}

    assert agreement.kappa(counts) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        ({}, None),
        ({("yes", "yes"): 30}, None),
        ({("yes", "yes"): 15, ("no", "no"): 15}, 1.0),
        ({("yes", "no"): 15, ("no", "yes"): 15}, -1.0),
        ({("yes", "yes"): 5, ("yes", "no"): 5, ("no", "yes"): 5, ("no", "no"): 5}, 0.0),
    ],
)
def test_kappa_at_its_ends(counts: dict[tuple[str, str], int], value: float | None) -> None:
    assert agreement.kappa(counts) == value


@pytest.mark.parametrize(
    ("pairs", "value", "meaning"),
    [
        (19, 1.0, Agreement.TOO_FEW),
        (20, None, Agreement.ALL_ALIKE),
        (20, -0.3, Agreement.NONE),
        (20, 0.0, Agreement.NONE),
        (20, 0.1, Agreement.SLIGHT),
        (20, 0.3, Agreement.FAIR),
        (20, 0.5, Agreement.MODERATE),
        (20, 0.7, Agreement.GOOD),
        (20, 0.9, Agreement.ALMOST_FULL),
    ],
)
def test_a_number_has_a_meaning_in_words(pairs: int, value: float | None, meaning: Agreement) -> None:
    assert agreement.meaning(pairs, value) is meaning


# ---- which look is whose


def kinds(*looks: tuple[int, bool]) -> list[str]:
    return [one.kind.value for one in agreement.placed(looks)]


def test_a_third_persons_first_look_is_the_third_and_no_look_again() -> None:
    looks = (1, True), (2, False), (1, False), (3, False), (3, False), (4, False)

    assert kinds(*looks) == ["first", "second", "again", "third", "again", "further"]


def test_rounds_are_set_apart_as_they_follow_one_another() -> None:
    looks = (1, True), (2, False), (1, False), (2, False), (3, False), (1, False)

    assert [one.stretch for one in agreement.placed(looks)] == [0, 0, 1, 1, 2, 3]


def test_who_begins_anew_is_held_against_nobody_from_before() -> None:
    looks = (1, True), (1, True), (2, False)
    placed = agreement.placed(looks)

    assert [one.attempt for one in placed] == [0, 1, 1]
    assert [one.beside for one in placed] == [(), (2,), (1,)]


def test_a_look_is_held_against_the_newest_of_each_other_at_the_end_of_its_round() -> None:
    looks = (1, True), (2, False), (1, False), (3, False)

    assert [one.beside for one in agreement.placed(looks)] == [(1,), (0,), (1,), (2, 1)]


def test_an_outside_decision_is_held_against_what_each_person_says_last() -> None:
    looks = [Rating(1, BASELINE, ILLEGAL), Rating(2, NATIONAL, ILLEGAL), Rating(1, NATIONAL, ADVISER)]

    assert agreement.same_as(looks, NATIONAL, ILLEGAL) == looks[1]
    assert agreement.same_as(looks, BASELINE, ILLEGAL) is None


def test_nothing_stands_nowhere() -> None:
    assert agreement.placed([]) == []
