"""What counts in the statistics: by table, by a fixture counted by hand, and against counting the long way round."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from hotline.rules import statistics
from hotline.rules.findings import Findings
from hotline.rules.statistics import OPEN_CLASS, PARTS, Arrival, Cell, Facts
from hotline.vocabulary import (
    AgeGroup,
    Band,
    Gender,
    InhopeClass,
    ItemOutcome,
    LawVerdict,
    ReportSource,
    Statistic,
    Way,
    Work,
)

ZONE = ZoneInfo("Asia/Phnom_Penh")  # seven hours before UTC
NOON = datetime(2026, 3, 10, 5, tzinfo=UTC)  # twelve there
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASELINE, NATIONAL = InhopeClass.BASELINE, InhopeClass.NATIONAL
GIRL = Findings(BASELINE, LawVerdict.ILLEGAL, age=AgeGroup.PRE_PUBESCENT, gender=Gender.FEMALE)
BOTH = Findings(BASELINE, LawVerdict.ILLEGAL, age=AgeGroup.PUBESCENT, gender=Gender.FEMALE)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (None, Band.OPEN),
        (-HOUR, Band.SAME_DAY),  # within the hour of the report
        (11 * HOUR, Band.SAME_DAY),
        (12 * HOUR, Band.ONE_DAY),  # midnight there
        (DAY, Band.ONE_DAY),
        (DAY + HOUR, Band.THREE_DAYS),
        (3 * DAY, Band.THREE_DAYS),
        (7 * DAY, Band.SEVEN_DAYS),
        (28 * DAY, Band.FOUR_WEEKS),
        (28 * DAY + HOUR, Band.LONGER),
    ],
)
def test_bands_are_those_of_the_countrys_calendar(span: timedelta | None, expected: Band) -> None:
    assert statistics.band(NOON, None if span is None else NOON + span, ZONE) is expected
    assert statistics.band(None, NOON, ZONE) is Band.NOT_TOLD


def test_what_is_counted_by_hand() -> None:
    late = datetime(2026, 3, 31, 18, tzinfo=UTC)  # the first of April there
    gone = Facts(
        since=NOON + HOUR,
        arrivals=(Arrival(NOON, Way.PUBLIC), Arrival(late, Way.PARTNER)),
        inhope_class=BASELINE,
        law=LawVerdict.ILLEGAL,
        described=(GIRL, BOTH),
        country="NL",
        to_police_at=NOON + 2 * HOUR,
        to_host_at=NOON + DAY + 2 * HOUR,
        outcome=ItemOutcome.REMOVED,
        removed_at=NOON + 4 * DAY,
        work=((Work.LOOK, NOON), (Work.LOOK, late)),
    )
    waiting = Facts(since=NOON, arrivals=(Arrival(NOON, Way.OTHER),))
    merged = Facts(since=NOON, arrivals=(Arrival(NOON, Way.PUBLIC),), is_merged=True)

    found = statistics.total([gone, waiting, merged], ZONE)

    march, april = ("2026-03", Way.PUBLIC, "baseline"), ("2026-04", Way.PUBLIC, "baseline")
    assert found == Counter(
        {
            Cell(*march, Statistic.RECEIVED, "new"): 1,
            Cell("2026-04", Way.PARTNER, "baseline", Statistic.RECEIVED, "known"): 1,
            Cell(*march, Statistic.SETTLED, "baseline"): 1,
            Cell(*march, Statistic.LAW, "illegal"): 1,
            Cell(*march, Statistic.AGE, "differ"): 1,
            Cell(*march, Statistic.GENDER, "female"): 1,
            Cell(*march, Statistic.SITE_TYPE, "not_determined"): 1,
            Cell(*march, Statistic.COMMERCIAL, "not_determined"): 1,
            Cell(*march, Statistic.COUNTRY, "NL"): 1,
            Cell(*march, Statistic.TO_POLICE, Band.SAME_DAY): 1,
            Cell(*march, Statistic.TO_HOST, Band.THREE_DAYS): 1,  # 25 hours after the end of its hour
            Cell(*march, Statistic.REMOVAL, Band.THREE_DAYS): 1,
            Cell(*march, Statistic.WORK, "look"): 1,
            Cell(*april, Statistic.WORK, "look"): 1,
            Cell("2026-03", Way.OTHER, OPEN_CLASS, Statistic.RECEIVED, "new"): 1,
            Cell("2026-03", Way.OTHER, OPEN_CLASS, Statistic.SETTLED, OPEN_CLASS): 1,
            Cell("2026-03", Way.OTHER, OPEN_CLASS, Statistic.LAW, OPEN_CLASS): 1,
            Cell("2026-03", Way.PUBLIC, OPEN_CLASS, Statistic.RECEIVED, "known"): 1,
        }
    )


MOMENTS = st.integers(0, 24 * 120).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
MAYBE = st.none() | MOMENTS
FACTS = st.builds(
    Facts,
    since=MOMENTS,
    arrivals=st.lists(st.builds(Arrival, MOMENTS, st.sampled_from(Way)), max_size=3).map(
        lambda those: tuple(sorted(those))
    ),
    is_merged=st.booleans(),
    inhope_class=st.none() | st.sampled_from(InhopeClass),
    law=st.none() | st.sampled_from(LawVerdict),
    described=st.lists(st.sampled_from([GIRL, BOTH]), max_size=2).map(tuple),
    country=st.none() | st.sampled_from(["KH", "NL"]),
    to_police_at=MAYBE,
    to_host_at=MAYBE,
    outcome=st.none() | st.sampled_from(ItemOutcome),
    removed_at=MAYBE,
    work=st.lists(st.tuples(st.sampled_from(Work), MOMENTS), max_size=2).map(tuple),
)


@given(st.lists(FACTS, max_size=12))
@examples(max_examples=60, deadline=None)
def test_sums_are_those_of_counting_the_long_way_round(those: list[Facts]) -> None:
    found = statistics.total(those, ZONE)

    def summed(figure: Statistic, **only: str) -> int:
        return sum(
            count
            for cell, count in found.items()
            if cell.figure is figure and all(getattr(cell, name) == value for name, value in only.items())
        )

    own = [one for one in those if one.arrivals and not one.is_merged]
    illegal = [one for one in own if one.inhope_class in {BASELINE, NATIONAL}]
    assert summed(Statistic.RECEIVED) == sum(len(one.arrivals) for one in those)
    assert summed(Statistic.RECEIVED, part="new") == summed(Statistic.SETTLED) == summed(Statistic.LAW) == len(own)
    for figure in statistics.OF_ILLEGAL:
        assert summed(figure) == len(illegal)
    assert summed(Statistic.WORK) == sum(len(one.work) for one in those)
    for month in ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05"):
        began = [one for one in own if one.arrivals[0].at.astimezone(ZONE).strftime("%Y-%m") == month]
        assert summed(Statistic.SETTLED, month=month) == len(began)
        for way in Way:
            there = [one for one in began if one.arrivals[0].way is way]
            assert summed(Statistic.LAW, month=month, way=way) == len(there)
        told = [one for one in began if one in illegal and one.to_host_at is not None]
        up = [one for one in told if one.removed_at is None or one.outcome not in list(ItemOutcome)[:3]]
        assert summed(Statistic.REMOVAL, month=month, part=Band.OPEN) == len(up)
    assert all(cell.part in PARTS[cell.figure] for cell in found if cell.figure is not Statistic.COUNTRY)


@given(st.lists(st.tuples(FACTS, FACTS), max_size=8))
@examples(max_examples=40, deadline=None)
def test_differences_lead_from_what_was_to_what_is(changed: list[tuple[Facts, Facts]]) -> None:
    cells = statistics.total((before for before, _ in changed), ZONE)
    for before, after in changed:
        cells.update(statistics.difference(statistics.cells(before, ZONE), statistics.cells(after, ZONE)))

    assert min(cells.values(), default=0) >= 0
    assert +cells == statistics.total((after for _, after in changed), ZONE)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("2026", ("2026-01", "2026-12")),
        ("2025-Q4", ("2025-10", "2025-12")),
        ("2026-02", ("2026-02", "2026-02")),
        ("2026-02..2025-11", ("2025-11", "2026-02")),
        ("", ("2025-04", "2026-03")),
        ("2019", ("2025-04", "2026-03")),
        ("2026-13..", ("2025-04", "2026-03")),
        ("2026-Q9", ("2025-04", "2026-03")),
        ("\0", ("2025-04", "2026-03")),
    ],
)
def test_periods_are_read_from_the_address_bar(code: str, expected: tuple[str, str]) -> None:
    found = statistics.period(code, "2025-10", "2026-03")

    assert (found.since, found.until) == expected
    assert bool(found.code) == (expected != ("2025-04", "2026-03"))


def test_filters_name_classes_and_ways() -> None:
    assert statistics.classes("illegal") == ("baseline", "national")
    assert statistics.classes("open") == ("open",)
    assert statistics.classes("nonsense") == ()
    assert statistics.way_of(None) is Way.PUBLIC
    assert statistics.way_of(ReportSource.PARTNER) is Way.PARTNER
    assert statistics.way_of(ReportSource.POLICE) is Way.OTHER


def test_what_changed_since_a_freeze_is_told_in_the_order_of_the_page() -> None:
    frozen = {(Statistic.REMOVAL, "open"): 3, (Statistic.SETTLED, "baseline"): 4}
    now = {(Statistic.REMOVAL, "open"): 2, (Statistic.REMOVAL, "one_day"): 1, (Statistic.SETTLED, "baseline"): 4}

    assert [(one.figure, one.part, one.frozen, one.now, one.difference) for one in statistics.changes(frozen, now)] == [
        (Statistic.REMOVAL, "one_day", 0, 1, 1),
        (Statistic.REMOVAL, "open", 3, 2, -1),
    ]
    assert statistics.within(Band.ONE_DAY, now) == (3, 1)
