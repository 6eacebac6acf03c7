"""Statistics with known times: medians, shares, and tables that add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import takedowns
from hotline.rules.takedowns import Ended, FirstTo, Within
from hotline.vocabulary import ItemOutcome

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
REMOVED, MOVED, WITHDRAWN = ItemOutcome.REMOVED, ItemOutcome.MOVED, ItemOutcome.WITHDRAWN


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def ended(
    *,
    police: float | None = None,
    partner: float | None = None,
    host: float | None = None,
    gone: float | None = None,
    outcome: ItemOutcome = REMOVED,
    country: str | None = "NL",
    month: str = "2026-11",
) -> Ended:
    """Return an ending: when things happened, in hours after the report; `gone` after the letter to the host."""

    def at(number: float | None) -> datetime | None:
        return None if number is None else NOON + hours(number)

    removed = None if gone is None else NOON + hours((host or 0) + gone)
    return Ended(month, outcome, NOON, at(police), at(partner), at(host), removed, country)


def test_medians_and_nine_in_ten() -> None:
    found = takedowns.digest([ended(host=1, gone=number) for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 100)])

    assert found.until_gone == (10, hours(5.5), hours(9))
    assert found.to_host == (10, hours(1), hours(1))
    assert found.to_police == (0, None, None)


@pytest.mark.parametrize(("count", "rank"), [(1, 1), (2, 2), (9, 9), (10, 9), (11, 10), (20, 18)])
def test_the_ninetieth_is_the_nearest_rank(count: int, rank: int) -> None:
    assert takedowns.spread(hours(number) for number in range(1, count + 1)).most == hours(rank)


def test_shares_gone_within_days_of_the_first_notice() -> None:
    spans = (1, 24, 25, 72, 100, 168, 200, 1000)
    found = takedowns.digest([ended(host=5, gone=number) for number in spans] + [ended(gone=3)])

    assert found.within == {
        Within.ONE_DAY: 2,
        Within.THREE_DAYS: 2,
        Within.SEVEN_DAYS: 2,
        Within.LONGER: 2,
        Within.NO_NOTICE: 1,
    }
    assert [found.share(one) for one in (Within.ONE_DAY, Within.THREE_DAYS, Within.SEVEN_DAYS)] == [25, 50, 75]
    assert takedowns.digest([]).share(Within.ONE_DAY) is None


def test_who_was_told_first() -> None:
    assert ended(police=1, partner=2, host=3).first_to is FirstTo.POLICE
    assert ended(police=4, partner=2, host=3).first_to is FirstTo.PARTNER
    assert ended(host=3).first_to is FirstTo.HOST
    assert ended().first_to is FirstTo.NOBODY


def test_what_came_back_is_counted_apart() -> None:
    found = takedowns.digest([ended(host=1, gone=5), replace(ended(host=1, gone=50), stands=False)])

    assert (found.closed, found.came_back) == (1, 1)
    assert found.until_gone.half == hours(5)


def test_what_is_withdrawn_is_closed_and_not_gone() -> None:
    found = takedowns.digest([ended(host=1, outcome=WITHDRAWN), ended(host=1, gone=5, outcome=MOVED)])

    assert (found.closed, sum(found.within.values())) == (2, 1)
    assert found.by_first[FirstTo.HOST][:2] == (2, 1)


def test_a_deed_within_the_hour_of_the_report_took_no_time() -> None:
    assert takedowns.digest([ended(host=-0.5, gone=5)]).to_host.half == timedelta()


def test_countries_come_largest_first_and_unknown_by_name() -> None:
    found = takedowns.digest([ended(country=one) for one in ("US", None, "NL", "NL", None, None)])

    assert list(found.by_country) == ["", "NL", "US"]


SPAN = st.none() | st.floats(0, 2000)
ENDINGS = st.lists(
    st.builds(
        ended,
        police=SPAN,
        partner=SPAN,
        host=SPAN,
        gone=SPAN,
        outcome=st.sampled_from(ItemOutcome),
        country=st.sampled_from(["NL", "US", "KH", None]),
        month=st.sampled_from(["2026-10", "2026-11"]),
    ),
    max_size=40,
)


@given(ENDINGS)
def test_everything_adds_up(every: list[Ended]) -> None:
    found = takedowns.digest(every)

    gone = sum(found.outcomes[one] for one in (REMOVED, ItemOutcome.UNAVAILABLE, MOVED))
    assert sum(found.outcomes.values()) == found.closed == len(every)
    assert sum(found.within.values()) == gone
    assert sum(sum(month.values()) for month in found.by_month.values()) == found.closed
    assert sum(one.closed for one in found.by_first.values()) == found.closed
    assert sum(one.closed for one in found.by_country.values()) == found.closed
    assert sum(one.gone for one in found.by_first.values()) == gone
    assert found.until_gone.size == gone - found.within[Within.NO_NOTICE]
    for outcome in ItemOutcome:
        assert sum(month[outcome] for month in found.by_month.values()) == found.outcomes[outcome]
