"""Statistics: rolled up exactly, whatever happens to an item and whoever is killed, and frozen by year."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.errors import Forbidden, KeyMissing, NotFound, Refused, Unreadable
from hotline.extensions import db
from hotline.jobs import statistics as job
from hotline.models import (
    AgreementTally,
    Assessment,
    Item,
    PublishedFigure,
    StatisticCell,
    StatisticMark,
    StatisticPart,
    YearFreeze,
)
from hotline.models.victim_case import CaseTally
from hotline.rules.findings import Findings
from hotline.rules.statistics import Cell
from hotline.services import (
    assessments,
    figure_publishing,
    figures,
    inhope_export,
    intake,
    merges,
    online,
    statistics,
    statistics_rollup,
    year_freezes,
)
from hotline.services.statistics import Agreed
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import CaseFigure, CorrectionReason, Figure, ItemOutcome, Need, Role, Statistic, Way
from tests.services import online_steps, police_steps, steps

LAST_YEAR = 2025


def cells() -> Counter[Cell]:
    """Return what is rolled up."""
    rows = db.session.scalars(select(StatisticCell).where(StatisticCell.count > 0))
    return Counter({Cell(one.month, one.way, one.inhope_class, one.figure, one.part): one.count for one in rows})


def counted() -> Counter[Cell]:
    """Count everything anew."""
    found: Counter[Cell] = Counter()
    for one in statistics_rollup.count(db.session.scalars(select(Item.id))).values():
        found.update(one)
    return found


def rolled() -> dict[tuple[Statistic, str], int]:
    """Roll up, see that it is exact, and return what it adds up to."""
    job.roll_up()
    assert cells() == counted()
    return dict(statistics.totals(cells().items()))


def one_of(figure: Statistic, totals: dict[tuple[Statistic, str], int]) -> dict[str, int]:
    return {part: count for (of, part), count in totals.items() if of is figure}


def test_whatever_happens_to_an_item_is_told_where_it_was_received(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = steps.team()
    item = steps.looked_at_twice()
    steps.report("https://img-board.example/t/1", "again")
    intake.open_inbox()
    found = rolled()
    assert one_of(Statistic.RECEIVED, found) == {"new": 1, "known": 1}
    assert one_of(Statistic.SETTLED, found) == {"baseline": 1}
    assert one_of(Statistic.AGE, found) == {"pre_pubescent": 1}
    assert one_of(Statistic.REMOVAL, found) == {"not_told": 1}

    police_steps.handed_over(item)
    online_steps.sent(item)
    found = rolled()
    assert one_of(Statistic.TO_POLICE, found) == one_of(Statistic.TO_HOST, found) == {"same_day": 1}
    assert one_of(Statistic.REMOVAL, found) == {"open": 1}

    with writing():
        online.end(db.session.get(Item, item.id), ItemOutcome.REMOVED, by=first)
    assert one_of(Statistic.REMOVAL, rolled()) == {"same_day": 1}

    with writing():
        online.is_back(db.session.get(Item, item.id), same=True, by=second)
    assert one_of(Statistic.REMOVAL, rolled()) == {"open": 1}

    with writing():
        assessments.correct(db.session.get(Item, item.id), CorrectionReason.MISTAKE, by=third)
    found = rolled()
    assert one_of(Statistic.SETTLED, found) == {"open": 1}
    assert one_of(Statistic.WORK, found) == {"look": 2, "told_police": 1, "told_host": 1, "closed": 1}
    assert Statistic.AGE not in {figure for figure, _part in found}


def test_what_is_merged_is_no_address_of_its_own_until_that_is_undone(office: Flask) -> None:
    item = steps.new_item()
    other = steps.new_item("https://img-board.example/t/2", "two")
    by = steps.team()[0]
    with writing():
        merges.merge(db.session.get(Item, other.id), item.ref, by=by)
    found = rolled()
    assert one_of(Statistic.RECEIVED, found) == {"new": 1, "known": 1}
    assert one_of(Statistic.SETTLED, found) == {"open": 1}

    with writing():
        merges.undo(db.session.get(Item, other.id), by=by)

    assert one_of(Statistic.RECEIVED, rolled()) == {"new": 2}


def test_a_killed_roll_up_loses_nothing_and_two_at_once_add_nothing_twice(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.new_item()
    marks = db.session.scalar(select(func.count(StatisticMark.id)))
    assert marks
    with monkeypatch.context() as patched:
        patched.setattr(statistics_rollup, "apply", lambda _changes: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            statistics_rollup.roll()
    db.session.rollback()
    assert db.session.scalar(select(func.count(StatisticMark.id))) == marks
    assert db.session.scalar(select(func.count(StatisticPart.item_id))) == 0

    real = statistics_rollup.count

    def while_another_rolls(ids: list[int]) -> dict[int, Counter[Cell]]:
        monkeypatch.setattr(statistics_rollup, "count", real)
        found = real(ids)
        statistics_rollup.roll()
        with writing():
            db.session.execute(
                insert(StatisticMark).values(item_id=next(iter(ids)))
            )  # it may bear a number used before
        return found

    monkeypatch.setattr(statistics_rollup, "count", while_another_rolls)
    statistics_rollup.roll()

    assert cells() == counted()
    assert db.session.scalar(select(func.count(StatisticMark.id))) == 1
    rolled()


def test_a_look_that_does_not_open_is_counted_as_what_nobody_could_tell_and_stops_nothing(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.looked_at_twice()
    whole = assessments.findings_of

    def opened(look: Assessment) -> Findings:
        if look.id == 1:
            raise Unreadable("damaged")
        return whole(look)

    monkeypatch.setattr(assessments, "findings_of", opened)

    found = rolled()

    assert one_of(Statistic.SETTLED, found) == {"baseline": 1}
    assert one_of(Statistic.AGE, found) == {"not_determined": 1}
    assert not statistics_rollup.is_waiting()


def test_a_part_that_does_not_open_has_everything_counted_anew(office: Flask) -> None:
    items = [steps.new_item(f"https://img-board.example/t/{number}", str(number)) for number in range(2)]
    rolled()
    with writing():
        first = db.session.get_one(StatisticPart, items[0].id)
        first.body = first.body[:8] + bytes(40)
        db.session.execute(insert(StatisticMark).values(item_id=items[0].id))

    assert one_of(Statistic.RECEIVED, rolled()) == {"new": 2}
    assert not statistics_rollup.is_waiting()


def test_a_process_that_opens_nothing_leaves_the_figures_alone(office: Flask) -> None:
    steps.new_item()
    before = rolled()
    with writing():
        db.session.execute(text("INSERT INTO statistic_marks (item_id) SELECT id FROM items"))
    office.extensions["hotline.keyring"].halves = {}

    with pytest.raises(KeyMissing):
        statistics_rollup.roll()

    assert dict(statistics.totals(cells().items())) == before


def test_a_store_that_was_there_before_is_filled_in_batches(office: Flask) -> None:
    for number in range(3):
        steps.new_item(f"https://img-board.example/t/{number}", str(number))
    with writing():
        for table in (StatisticMark, StatisticPart, StatisticCell):
            db.session.execute(delete(table))
        db.session.execute(text("INSERT INTO statistic_marks (item_id) SELECT id FROM items"))

    assert [statistics_rollup.roll(most=2) for _ in range(3)] == [2, 1, 0]
    assert cells() == counted()


def test_filters_add_up(office: Flask) -> None:
    add(Cell("2026-10", Way.PUBLIC, "baseline", Statistic.SETTLED, "baseline"), 3)
    add(Cell("2026-10", Way.PARTNER, "national", Statistic.SETTLED, "national"), 2)
    add(Cell("2026-11", Way.PUBLIC, "open", Statistic.SETTLED, "open"), 7)
    by = steps.team()[2]

    def shown(period: str, way: str = "", group: str = "") -> int:
        report = statistics.over(statistics.choose(period, way, group), by=by)
        return sum(count for (figure, _part), count in report.totals.items() if figure is Statistic.SETTLED)

    assert shown("2026") == 12
    assert shown("2026-Q4", "public") == 10
    assert shown("2026-10") == 5
    assert shown("2026-10..2026-11", "partner", "illegal") == 2
    assert shown("2026", "", "open") == 7
    assert shown("", "nonsense", "nonsense") == 12


def add(cell: Cell, count: int) -> None:
    with writing():
        row = cell._asdict() | {"count": count}
        db.session.execute(insert(StatisticCell), [row])


@pytest.fixture
def year(office: Flask) -> int:
    """A year that is over, with figures."""
    for part, count in (("one_day", 9), ("three_days", 6), ("open", 3)):
        add(Cell("2025-04", Way.PUBLIC, "baseline", Statistic.REMOVAL, part), count)
    return LAST_YEAR


def manager() -> object:
    return next(one for one in steps.team() if one.has(Role.MANAGER))


def frozen(year: int) -> YearFreeze:
    with writing():
        year_freezes.freeze(year, by=manager())
    return year_freezes.get(year, by=manager())


def test_a_year_is_frozen_once_and_what_changes_afterwards_stands_beside_it(year: int) -> None:
    kept = frozen(year)
    assert year_freezes.is_whole(kept)
    assert year_freezes.changed(kept).count == 0
    with writing():
        statistics_rollup.apply({Cell("2025-04", Way.PUBLIC, "baseline", Statistic.REMOVAL, "open"): -1})
        statistics_rollup.apply({Cell("2025-04", Way.PUBLIC, "baseline", Statistic.REMOVAL, "longer"): 1})

        db.session.execute(
            insert(AgreementTally).values(month="2025-04", question="age", first="infant", second="infant", count=3)
        )
        db.session.execute(
            insert(CaseTally).values(period="2025-Q2", figure=CaseFigure.REFERRED, part=Need.HEALTH, count=7)
        )

    found = year_freezes.changed(year_freezes.get(year, by=manager()))
    changed = found.figures

    assert [(one.part, one.frozen, one.now, one.difference) for one in changed] == [
        ("longer", 0, 1, 1),
        ("open", 3, 2, -1),
    ]
    assert inhope_export.of_year(year).totals[Statistic.REMOVAL, "open"] == 3
    assert [(one.frozen, one.now) for one in found.agreement] == [(None, Agreed("age", 3, 3))]
    assert [(one.frozen.times, one.now.times) for one in found.referrals] == [(None, 7)]
    now = clock.now()
    (row,) = year_freezes.records(datetime(2020, 1, 1, tzinfo=UTC), now.replace(year=now.year + 1), by=manager())
    assert len(row) == len(year_freezes.COLUMNS)
    assert (row[0], row[4]) == ("2025", "4")
    with pytest.raises(Refused, match="frozen"):
        year_freezes.freeze(year, by=manager())


def test_what_cannot_be_frozen_is_refused(year: int) -> None:
    analyst = steps.team()[0]
    with pytest.raises(Forbidden):
        year_freezes.freeze(year, by=analyst)
    with pytest.raises(Refused, match="not_over"):
        year_freezes.freeze(clock.now().year, by=manager())
    with pytest.raises(Refused, match="empty"):
        year_freezes.freeze(2019, by=manager())
    with pytest.raises(NotFound):
        inhope_export.of_year(2019)
    with writing():
        db.session.execute(insert(StatisticMark).values(item_id=1))
    with pytest.raises(Refused, match="waiting"):
        year_freezes.freeze(year, by=manager())


@pytest.mark.parametrize("deed", ["UPDATE year_freezes SET body = '{}'", "DELETE FROM year_freezes"])
def test_a_frozen_year_cannot_be_changed(year: int, deed: str) -> None:
    frozen(year)

    with pytest.raises(IntegrityError), writing():
        db.session.execute(text(deed))


def test_the_public_gets_the_times_of_a_frozen_year_without_small_numbers(
    year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing():
        figures.count(Figure.HELP)
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 1, 20, tzinfo=UTC))
    figure_publishing.publish()
    frozen(year)

    assert figure_publishing.publish()

    with apart(front_engine()) as session:
        found = session.execute(
            select(PublishedFigure.part, PublishedFigure.count).where(PublishedFigure.figure == Figure.REMOVAL)
        )
        shown = dict(found.all())
    assert shown["one_day"] == 9
    assert shown["open"] is None
    assert shown["three_days"] is None  # or what is left out could be told from how many there were
    assert not figure_publishing.publish()


def test_the_export_says_whether_its_year_is_frozen(year: int, office: Flask) -> None:
    runner = office.test_cli_runner()
    running = runner.invoke(args=["export", "inhope", "--year", "2025"])
    frozen(year)

    kept = runner.invoke(args=["export", "inhope", "--year", "2025", "--format", "json", "--lang", "km"])

    assert "2025,removal,one_day,9,Time until removed," in running.output
    assert "is not frozen" in running.stderr
    assert json.loads(kept.stdout)["frozen"]["sha256"] == year_freezes.find(year).digest
    assert kept.stderr == ""
    assert runner.invoke(args=["export", "inhope", "--year", "2019"]).exit_code == 1
