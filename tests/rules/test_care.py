"""Time with hard material: what counts, when it is enough, and when a break is due."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.rules import care
from hotline.rules.care import Exposure, Limits, Why
from hotline.rules.standing import Task
from hotline.vocabulary import Category

NINE = datetime(2026, 11, 10, 9, tzinfo=UTC)
HOUSE = Limits(minutes=240, break_after=60)


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def worked(minutes: int) -> Exposure:
    return Exposure(seconds=minutes * 60, since_break=minutes * 60, seen_at=NINE)


def test_each_request_on_an_assessment_counts_until_the_next() -> None:
    exposure = care.look(Exposure(), NINE)
    exposure = care.look(exposure, after(4))
    exposure = care.stop(exposure, after(10))

    assert exposure.seconds == exposure.since_break == 600
    assert not exposure.is_looking


def test_a_page_left_open_counts_fifteen_minutes_and_no_more() -> None:
    looking = care.look(Exposure(), NINE)

    assert care.until(looking, after(14)).seconds == 14 * 60
    assert care.until(looking, after(300)).seconds == 15 * 60
    assert care.stop(looking, after(300)).seconds == 15 * 60
    assert care.look(looking, after(20)).seconds == 15 * 60


def test_time_between_two_assessments_does_not_count() -> None:
    exposure = care.stop(care.look(Exposure(), NINE), after(5))
    exposure = care.stop(care.look(exposure, after(15)), after(20))

    assert exposure.seconds == exposure.since_break == 600


def test_leaving_twice_counts_once() -> None:
    left = care.stop(care.look(Exposure(), NINE), after(5))

    assert care.stop(left, after(9)) == left


def test_a_clock_that_was_set_back_takes_nothing_away() -> None:
    looking = care.look(Exposure(), NINE)

    assert care.stop(looking, after(-30)).seconds == 0


@pytest.mark.parametrize(("away", "since_break"), [(10, 1200), (29, 1200), (30, 0), (120, 0)])
def test_half_an_hour_without_hard_material_is_a_break_too(away: int, since_break: int) -> None:
    left = care.stop(care.look(Exposure(), NINE), after(10))
    back = care.look(left, after(10 + away))

    assert care.until(back, after(20 + away)).since_break == (since_break or 600)
    assert care.until(back, after(20 + away)).seconds == 1200


def test_a_page_left_open_over_lunch_is_a_break_from_its_last_minute_on() -> None:
    looking = care.look(Exposure(), NINE)

    assert care.look(looking, after(44)).since_break == 15 * 60
    assert care.look(looking, after(45)).since_break == 0


@pytest.mark.parametrize(("minutes", "since_break"), [(9, 3000), (10, 0), (60, 0)])
def test_a_break_counts_from_ten_minutes_on(minutes: int, since_break: int) -> None:
    rested = care.rest(worked(50), NINE, after(minutes))

    assert rested.since_break == since_break
    assert rested.seconds == 3000


@pytest.mark.parametrize(("minutes", "left"), [(0, 60), (52, 8), (60, 0), (75, 0)])
def test_a_break_is_due_after_an_hour(minutes: int, left: int) -> None:
    assert care.until_break(worked(minutes), HOUSE) == timedelta(minutes=left)


@pytest.mark.parametrize(
    ("minutes", "why"), [(0, None), (179, None), (180, Why.NEARLY), (239, Why.NEARLY), (240, Why.LIMIT)]
)
def test_light_work_comes_at_three_hours_and_the_end_at_four(minutes: int, why: Why | None) -> None:
    assert care.why_light(worked(minutes), HOUSE, local=NINE, light_until=None) is why


@pytest.mark.parametrize(("hour", "why"), [(15, None), (16, Why.LATE), (23, Why.LATE)])
def test_nothing_hard_begins_from_the_cut_off_hour_on(hour: int, why: Why | None) -> None:
    limits = Limits(240, 60, late_from=16)

    assert care.why_light(Exposure(), limits, local=NINE.replace(hour=hour), light_until=None) is why


def test_who_wants_light_work_only_gets_it_until_they_say_otherwise() -> None:
    assert care.why_light(Exposure(), HOUSE, local=NINE, light_until=after(1)) is Why.CHOSEN
    assert care.why_light(Exposure(), HOUSE, local=NINE, light_until=NINE) is None


@pytest.mark.parametrize(
    ("own", "held"),
    [
        ((None, None, None), Limits(240, 60, 18)),
        ((120, 30, 15), Limits(120, 30, 15)),
        ((600, 600, 23), Limits(240, 60, 18)),
    ],
)
def test_a_persons_own_limits_only_ever_lower_those_of_the_house(
    own: tuple[int | None, int | None, int | None], held: Limits
) -> None:
    minutes, break_after, late_from = own

    found = care.held(Limits(240, 60, 18), minutes=minutes, break_after=break_after, late_from=late_from)

    assert found == held


@pytest.mark.parametrize(
    ("new", "is_stricter"),
    [
        (Limits(120, 30, 15), True),
        (Limits(120, 30, 16), True),
        (Limits(121, 30, 16), False),
        (Limits(60, 31, 16), False),
        (Limits(60, 30, 17), False),
        (Limits(60, 30, None), False),
    ],
)
def test_a_limit_that_is_raised_is_seen(new: Limits, is_stricter: bool) -> None:
    assert care.is_stricter(new, Limits(120, 30, 16)) is is_stricter


@pytest.mark.parametrize(("text", "fault"), [("", "required"), (" \n", "required"), ("a", ""), ("a" * 1001, "length")])
def test_a_word_to_whoever_comes_next_is_there_and_short(text: str, fault: str) -> None:
    assert care.handover_fault(text) == fault


@pytest.mark.parametrize(
    ("why", "is_kept"), [(None, False), (Why.NEARLY, False), (Why.CHOSEN, True), (Why.LIMIT, True), (Why.LATE, True)]
)
def test_who_wants_light_work_or_had_enough_is_kept_from_hard_items_only(why: Why | None, is_kept: bool) -> None:
    assert care.keeps_from(why, in_danger=False, category=Category.CSAM) is is_kept
    assert not care.keeps_from(why, in_danger=False, category=Category.GROOMING)
    assert not care.keeps_from(why, in_danger=True, category=Category.CSAM)


def test_a_light_item_is_no_hard_material_whatever_is_done_with_it() -> None:
    assert care.is_hard(Task.ASSESS, Category.CSAM)
    assert not care.is_hard(Task.WAIT, Category.CSAM)
    assert not any(care.is_hard(task, Category.OTHER) for task in Task)
