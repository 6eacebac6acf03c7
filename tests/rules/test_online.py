"""When an address counts as gone: by people, by a program, and when the next look is due."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules import online
from hotline.rules.online import Look, Watched
from hotline.vocabulary import CheckMeans, CheckResult, ItemOutcome

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
UP, GONE, UNSURE = CheckResult.UP, CheckResult.GONE, CheckResult.UNSURE
PERSON, HEAD, DNS = CheckMeans.PERSON, CheckMeans.HEAD, CheckMeans.DNS


def look(hours: float, result: CheckResult = GONE, means: CheckMeans = PERSON, code: str = "") -> Look:
    return Look(means, result, code, NOON + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, UP), (204, UP), (206, UP), (404, GONE), (410, GONE), (451, GONE)]
    + [(code, UNSURE) for code in (100, 301, 302, 304, 308, 400, 401, 403, 405, 429, 500, 502, 503, 599)],
)
def test_a_status_says_up_gone_or_nothing(status: int, result: CheckResult) -> None:
    assert online.result_of(status) is result


def test_two_people_hours_apart_confirm_that_it_is_gone() -> None:
    assert not online.is_confirmed([look(0)])
    assert not online.is_confirmed([look(0), look(5.9)])
    assert online.is_confirmed([look(0), look(6)])


def test_a_run_begins_anew_once_it_was_seen_up_and_not_where_nobody_could_tell() -> None:
    looks = [look(0), look(1, UP), look(2), look(3, UNSURE), look(9)]

    assert [one.at for one in online.run(looks)] == [looks[2].at, looks[4].at]


def test_a_program_needs_three_looks_far_enough_apart() -> None:
    thrice = [look(0, means=HEAD), look(12, means=HEAD), look(24, means=HEAD)]

    assert online.is_confirmed(thrice)
    assert not online.is_confirmed(thrice[:2])
    assert not online.is_confirmed([look(0, means=HEAD), look(12, means=HEAD), look(23.9, means=HEAD)])
    assert not online.is_confirmed([look(0, means=HEAD), look(1, means=HEAD), look(24, means=HEAD)])


def test_the_outcome_follows_what_was_met() -> None:
    assert online.suggested([look(0, code="404", means=HEAD)]) is ItemOutcome.REMOVED
    assert online.suggested([look(0, code="no_name", means=DNS)]) is ItemOutcome.UNAVAILABLE
    assert online.suggested([look(0, code="no_name", means=DNS), look(1)]) is ItemOutcome.REMOVED
    assert online.suggested([look(0), look(7, code="moved")]) is ItemOutcome.MOVED
    assert online.suggested([]) is ItemOutcome.REMOVED


def walk(*results: CheckResult, hours: float = 12, known: Watched | None = None) -> list[online.Next]:
    found, known = [], known or Watched(NOON)
    for number, result in enumerate(results):
        step = online.after(known, result, "", NOON + timedelta(hours=hours * number))
        found.append(step)
        known = step.known
    return found


def test_three_negatives_over_a_day_are_gone_and_it_is_said_once() -> None:
    steps = walk(GONE, GONE, GONE, GONE)

    assert [one.went for one in steps] == [False, False, True, False]
    assert [one.known.is_gone for one in steps] == [False, False, True, True]


def test_negatives_too_close_together_count_once() -> None:
    steps = walk(*[GONE] * 10, hours=0.5)

    assert steps[-1].known.gone_in_a_row == 1
    assert walk(GONE, GONE, GONE, hours=6)[-1].known.is_gone is False  # not a day yet
    assert walk(GONE, GONE, GONE, GONE, GONE, hours=6)[-1].known.is_gone is True


def test_what_nobody_can_tell_neither_counts_nor_ends_a_row() -> None:
    steps = walk(GONE, UNSURE, GONE, UNSURE, GONE)

    assert [one.known.gone_in_a_row for one in steps] == [1, 1, 2, 2, 3]
    assert steps[-1].went


def test_an_answer_ends_the_row() -> None:
    steps = walk(GONE, GONE, UP, GONE)

    assert steps[2].known.gone_in_a_row == 0
    assert not steps[2].came_back  # it had not counted as gone
    assert steps[3].known.gone_in_a_row == 1


def test_what_was_gone_and_answers_again_came_back() -> None:
    steps = walk(GONE, GONE, GONE, UP, GONE)

    assert [one.came_back for one in steps] == [False, False, False, True, False]
    assert steps[3].known.began_at == NOON + timedelta(hours=36)


def spans(result: CheckResult, known: Watched | None = None) -> list[timedelta]:
    """Follow the plan until nobody looks any more; return how long each pause was."""
    known, now, found = known or Watched(NOON), NOON, []
    while True:
        step = online.after(known, result, "", now)
        if step.next_at is None:
            return found
        found.append(step.next_at - now)
        known, now = step.known, step.next_at


def test_while_it_is_up_pauses_grow_until_it_is_left_to_a_person() -> None:
    found = spans(UP)

    assert found == sorted(found)
    assert (found[0], found[-1]) == (timedelta(hours=6), timedelta(days=7))
    assert timedelta(days=90) <= sum(found, timedelta()) < timedelta(days=98)
    assert len(found) < 30


def test_once_it_is_gone_it_is_watched_on_for_a_month() -> None:
    found = spans(GONE)

    assert found[:2] == [timedelta(hours=12)] * 2
    assert all(timedelta(days=1) <= one <= timedelta(days=7) for one in found[2:])
    assert timedelta(days=30) <= sum(found, timedelta()) < timedelta(days=37)


def test_what_never_says_anything_is_left_to_a_person_too() -> None:
    assert sum(spans(UNSURE), timedelta()) >= timedelta(days=90)


@pytest.mark.parametrize("code", sorted(online.NEVER_ASKED))
def test_where_a_program_cannot_look_it_does_not_try_again(code: str) -> None:
    assert online.after(Watched(NOON), UNSURE, code, NOON).next_at is None


def test_closing_early_needs_a_reason() -> None:
    removed = ItemOutcome.REMOVED

    assert online.end_faults(removed, "", confirmed=True) == ()
    assert online.end_faults(removed, "", confirmed=False) == (("ending_reason", "required"),)
    assert online.end_faults(removed, "x" * 401, confirmed=False) == (("ending_reason", "too_long"),)
    assert online.end_faults(ItemOutcome.WITHDRAWN, "why", confirmed=False) == (("ending", "required"),)
    assert online.end_faults(None, "why", confirmed=True) == (("ending", "required"),)
