"""What may be published: nobody who has every published number can tell one that was left out.

The attacks below are complete: they go through every table there is (with a smaller limit, so that there are few
enough), sort the tables by what would be published of them, and ask whether all tables that look alike agree on a
number that is not shown, or nearly do. So the attacker knows the rules by heart, and every total that could be known
from elsewhere.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import figures
from hotline.rules.figures import BY_MONTH, DOUBT, KNOWN, LEAST, NEW, PARTS, TIED, Cell, Digest, Total
from hotline.vocabulary import Category, Figure, InhopeClass, LawVerdict

Table = tuple[int, ...]
SMALL = DOUBT  # the limit in the complete attacks: 0, 1 and 2 are left out
ILLEGAL, NOT_ILLEGAL = LawVerdict.ILLEGAL, LawVerdict.NOT_ILLEGAL


def told(
    tables: Iterable[Table], see: Callable[[Table], tuple[Hashable, Sequence[int | None]]], *, doubt: int = 2
) -> list[Table]:
    """Return tables of which a hidden number can be told: it can only be fewer than `doubt` different ones.

    `see` gives all that is known, and each number as shown.
    """
    alike: dict[Hashable, list[Table]] = defaultdict(list)
    hidden: dict[Hashable, list[int]] = {}
    for table in tables:
        known, shown = see(table)
        alike[known, tuple(shown)].append(table)
        hidden[known, tuple(shown)] = [place for place, count in enumerate(shown) if count is None]
    return [
        same[0]
        for seen, same in alike.items()
        if any(len({table[place] for table in same}) < doubt for place in hidden[seen])
    ]


def sums(total: int, parts: int) -> Iterator[Table]:
    """Return every way to make `total` of so many counts."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in sums(total - first, parts - 1):
            yield (first, *rest)


@pytest.mark.parametrize(("months", "least", "most"), [(1, 5, 12), (2, 5, 12), (3, 5, 7), (4, 3, 5), (6, 3, 4)])
def test_a_year_beside_its_months_gives_no_month_away_and_nearly_none(months: int, least: int, most: int):
    def see(table: Table) -> tuple[Hashable, Sequence[int | None]]:
        return figures.year_total(table, least=least), [figures.shown(count, least=least) for count in table]

    assert told(product(range(most + 1), repeat=months), see, doubt=DOUBT) == []


@pytest.mark.parametrize("months", [2, 3, 4])
def test_a_year_beside_its_months_tells_no_small_number_of_several_months_either(months: int):
    for table in product(range(LEAST + 2), repeat=months):
        total, left_out = figures.year_total(table), [count for count in table if count < LEAST]

        assert total is None or not left_out or total - sum(set_out(table)) >= LEAST, table


def set_out(table: Table) -> Table:
    """Return the months that are shown."""
    return tuple(count for count in table if count >= LEAST)


def test_a_total_would_nearly_give_two_months_away_that_are_left_out():
    """The attack works: two months that have 7 together, each below five, have 3 and 4."""

    def see(table: Table) -> tuple[Hashable, Sequence[int | None]]:
        return sum(table), [figures.shown(count) for count in table]

    assert (3, 4) in told(product(range(8), repeat=2), see, doubt=DOUBT)
    assert figures.year_total((3, 4, 30)) is None


@pytest.mark.parametrize(("parts", "least", "total"), [(2, 5, 30), (3, 5, 24), (3, 5, 6), (5, 3, 14), (5, 2, 9)])
def test_parts_whose_sum_is_known_give_no_part_away(parts: int, least: int, total: int):
    for known in range(least, total + 1):

        def see(table: Table) -> tuple[Hashable, Sequence[int | None]]:
            return None, figures.year_parts(table, least=least)

        assert told(sums(known, parts), see) == [], known


def test_a_sum_that_is_known_would_give_away_the_only_part_left_out():
    """The attack works: without the second rule it finds something."""

    def see(table: Table) -> tuple[Hashable, Sequence[int | None]]:
        return None, [figures.shown(count) for count in table]

    assert told(sums(20, 3), see)


def test_classes_beside_the_law_give_neither_away():
    """Two months, counted once by the law and once by class, where each class follows the law without exception."""

    def tables() -> Iterator[Table]:
        for law in product(range(5), repeat=4):
            illegal, fine = law[0] + law[1], law[2] + law[3]
            for illegal_classes, other_classes in product(sums(illegal, 2), sums(fine, 3)):
                yield law + illegal_classes + other_classes

    def see(table: Table) -> tuple[Hashable, Sequence[int | None]]:
        law, classes = table[:4], table[4:]
        months = [figures.shown(count, least=SMALL) for count in law]
        years = [figures.year_total(one, least=SMALL) for one in (law[:2], law[2:])]
        if None in years:
            return tuple(years), [*months, *[None] * 5]
        kin = (classes[:2], classes[2:])
        return tuple(years), months + [count for one in kin for count in figures.year_parts(one, least=SMALL)]

    assert told(tables(), see) == []


def test_reports_beside_addresses_give_neither_away_where_each_report_has_one():
    def tables() -> Iterator[Table]:
        for addresses in product(range(5), repeat=4):
            for reports in sums(sum(addresses), 3):
                yield addresses + reports

    def see(table: Table) -> tuple[Hashable, Sequence[int | None]]:
        addresses, reports = table[:4], table[4:]
        months = [figures.shown(count, least=SMALL) for count in addresses]
        years = [figures.year_total(one, least=SMALL) for one in (addresses[:2], addresses[2:])]
        parts = [None] * 3 if None in years else figures.year_parts(reports, least=SMALL)
        return tuple(years), months + parts

    assert told(tables(), see) == []


counts = st.integers(min_value=0, max_value=14)
keys = st.tuples(
    st.sampled_from(figures.months("2025-01", "2026-03")),
    st.sampled_from([(figure, part) for figure, parts in PARTS.items() for part in parts]),
).map(lambda drawn: (drawn[0], *drawn[1]))


@given(st.dictionaries(keys, counts, max_size=200))
def test_no_number_below_five_is_ever_published(tallies: dict[tuple[str, Figure, str], int]):
    cells = figures.publish(tallies, last="2026-03")

    assert all(cell.count is None or cell.count >= LEAST for cell in cells)
    assert all(figures.is_known(cell) for cell in cells)
    assert len({(cell.period, cell.figure, cell.part) for cell in cells}) == len(cells)


@given(st.dictionaries(keys, counts, max_size=200), st.data())
def test_of_a_month_that_is_left_out_every_small_number_is_as_good_as_another(tallies, data: st.DataObject):
    """As long as no year is over, nothing else that is published depends on it."""
    tallies = tallies | {("2025-01", Figure.HELP, ""): 9}  # so that the first month stays the first
    published = figures.publish(tallies, last="2025-11")
    cell = data.draw(st.sampled_from([cell for cell in published if cell.count is None] or published))
    other = data.draw(st.integers(min_value=0, max_value=LEAST - 1))

    changed = figures.publish(tallies | {(cell.period, cell.figure, cell.part): other}, last="2025-11")

    assert changed == published or cell.count is not None


@given(st.dictionaries(keys, counts, max_size=300))
def test_the_finer_figure_stands_only_beside_full_years_of_the_coarser(tallies: dict[tuple[str, Figure, str], int]):
    published = {(cell.period, cell.figure, cell.part): cell.count for cell in figures.publish(tallies, last="2026-03")}

    for finer, coarser in TIED.items():
        assert not [key for key in published if key[1] is finer and not figures.is_year(key[0])]
        seen = [key for key, count in published.items() if key[1] is finer and count is not None]
        for year in {key[0] for key in seen}:
            assert all(published[year, coarser, part] is not None for part in BY_MONTH[coarser])


def test_a_month_that_goes_on_is_not_published():
    tallies = {("2026-03", Figure.HELP, ""): 9, ("2026-04", Figure.HELP, ""): 7}

    cells = figures.publish(tallies, last="2026-03")

    assert [cell for cell in cells if cell.figure is Figure.HELP] == [Cell("2026-03", Figure.HELP, "", 9)]


def test_nothing_is_published_before_a_counted_month_is_over():
    assert figures.publish({}, last="2026-03") == []
    assert figures.publish({("2026-04", Figure.HELP, ""): 7}, last="2026-03") == []


def test_a_month_in_which_nothing_happened_looks_like_one_in_which_little_did():
    cells = figures.publish({("2026-01", Figure.HELP, ""): 9, ("2026-02", Figure.HELP, ""): 4}, last="2026-03")

    assert [cell.count for cell in cells if cell.figure is Figure.HELP] == [9, None, None]


def test_a_year_is_published_when_december_is_over():
    tallies = {(month, Figure.LAW, part): 10 for month in ("2025-11", "2025-12") for part in (ILLEGAL, NOT_ILLEGAL)}
    tallies |= {
        ("2025-12", Figure.ASSESSED, InhopeClass.BASELINE): 11,
        ("2025-12", Figure.ASSESSED, InhopeClass.NATIONAL): 9,
        ("2025-12", Figure.ASSESSED, InhopeClass.NOT_ILLEGAL): 12,
        ("2025-12", Figure.ASSESSED, InhopeClass.INACCESSIBLE): 7,
        ("2025-12", Figure.ASSESSED, InhopeClass.OUTSIDE_REMIT): 1,
    }

    assert {cell.period for cell in figures.publish(tallies, last="2025-11")} == {"2025-11"}
    year = {
        (cell.figure, cell.part): cell.count
        for cell in figures.publish(tallies, last="2025-12")
        if cell.period == "2025"
    }

    assert year[Figure.LAW, ILLEGAL] == 20
    assert [year[Figure.ASSESSED, part] for part in InhopeClass] == [11, 9, 12, None, None]
    assert {year[Figure.REPORTS, part] for part in Category} == {None}


@pytest.mark.parametrize(
    ("months", "total"),
    [
        ((10, 12), 22),
        ((10, 4), None),  # the total would tell the four
        ((10, 0, 0), None),  # and here the two zeros
        ((10, 4, 4), None),
        ((10, 1, 0), None),  # one of two: 0 or 1
        ((10, 3, 4), None),  # 3 or 4
        ((10, 1, 1), None),  # two in both months together
        ((10, 4, 0), None),
        ((10, 4, 1), 15),
        ((10, 4, 2), 16),
        ((10, 1, 0, 0), None),
        ((10, 4, 4, 3), None),
        ((10, 4, 3, 3), 20),
        ((1, 1, 2), None),
        ((1, 2, 2), 5),
        ((), None),
    ],
)
def test_the_total_of_a_year(months: Table, total: int | None):
    assert figures.year_total(months) == total


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((9, 8, 7), [9, 8, 7]),
        ((9, 8, 4), [9, None, None]),
        ((9, 8, 8, 0), [9, None, None, None]),  # which of the two eights went along must tell nothing
        ((4, 30), [None, None]),
        ((3, 2), [None, None]),
        ((), []),
    ],
)
def test_the_parts_of_a_year(parts: Table, shown: list[int | None]):
    assert figures.year_parts(parts) == shown


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "2026-10"),
        (datetime(2026, 12, 1, 0, 30, tzinfo=UTC), "2026-10"),  # what began in November may not stand yet
        (datetime(2026, 12, 1, 1, 0, tzinfo=UTC), "2026-11"),
        (datetime(2027, 1, 15, tzinfo=UTC), "2026-12"),
        (datetime(2026, 11, 30, 18, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Phnom_Penh")), "2026-11"),
    ],
)
def test_a_month_is_over_an_hour_after_its_end(now: datetime, last: str):
    assert figures.last_over(now) == last


def test_months_go_on_over_the_end_of_a_year():
    assert figures.months("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert figures.months("2026-03", "2026-02") == []
    assert figures.months_until("2026-01", 3) == ["2025-11", "2025-12", "2026-01"]


def test_a_sum_says_whether_something_was_left_out_of_it():
    digest = Digest(
        (
            Cell("2026-01", Figure.ADDRESSES, NEW, 20),
            Cell("2026-01", Figure.ADDRESSES, KNOWN, None),
            Cell("2026-02", Figure.ADDRESSES, NEW, 7),
            Cell("2026-02", Figure.ADDRESSES, KNOWN, None),
        )
    )

    assert digest.recently(Figure.ADDRESSES, NEW) == Total(27, whole=True)
    assert digest.recently(Figure.ADDRESSES) == Total(27, whole=False)
    assert digest.recently(Figure.ADDRESSES, KNOWN) == Total(None, whole=False)
    assert digest.in_year("2026", Figure.ADDRESSES, NEW) == Total(27, whole=False)


@pytest.mark.parametrize(
    ("months", "year", "first"),
    [
        (figures.months("2025-09", "2026-02"), "2025", "2025-09"),
        (figures.months("2025-09", "2026-02"), "2026", None),
        (figures.months("2025-01", "2026-02"), "2025", None),
        ([], "2025", None),
    ],
)
def test_a_year_that_was_not_counted_from_its_beginning_says_so(months: list[str], year: str, first: str | None):
    assert Digest(tuple(Cell(month, Figure.HELP, "", 9) for month in months)).first_of(year) == first


def test_a_digest_passes_over_what_could_not_have_been_published():
    good = Cell("2026-01", Figure.HELP, "", 9)

    digest = Digest(
        (
            good,
            Cell("2026-01", Figure.HELP, "=1+1", 9),
            Cell("=1+1", Figure.HELP, "", 9),
            Cell("2026-01", Figure.HELP, "", 3),
        )
    )

    assert digest.cells == (good,)
