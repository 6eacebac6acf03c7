"""The page of all statistics over a year of a million items, on SQLite and PostgreSQL; and how fast it is rolled up.

What a million items add up to is worked out by the same rule that the roll-up uses, from invented facts spread over all
ways in, classes, countries and bands, and laid down as its cells: there are as many as a year can have. The roll-up
itself is measured on items with reports, clocks and sealed values as `desk_fill` makes them.
"""

import os
import random
import statistics as numbers
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from bench import desk_fill
from bench.tables import Table, at_most, publish
from hotline import clock, create_app, jurisdiction, vault
from hotline.extensions import db
from hotline.models import Item, StatisticCell
from hotline.rules import figures
from hotline.rules.findings import Findings
from hotline.rules.statistics import ILLEGAL, Arrival, Cell, Facts, cells
from hotline.services import schema, staff, statistics_rollup
from hotline.transactions import writing
from hotline.vocabulary import (
    AgeGroup,
    Gender,
    InhopeClass,
    ItemOutcome,
    Language,
    LawVerdict,
    Role,
    SiteType,
    Way,
    Work,
    YesNo,
)
from tests import stores
from tests.page import Page

ITEMS = int(os.environ.get("BENCH_ITEMS", "1000000"))
ROLLED = 5_000
TIMES = 15
GOAL = 500.0  # ms, for the page
NAME, PASSWORD = "bench-manager", "a long enough password"
COUNTRIES = (*(f"{one}{other}" for one in "ABCDEFGH" for other in "KLMNOPQRST"), None)
CHUNK = 5_000


def run() -> bool:
    """Measure on both kinds of store and publish the table. Returns whether the page kept to its goal."""
    table = Table(
        f"Statistics of a year over {ITEMS:,} items, ms (median / longest)",
        (
            "store",
            "cells",
            "bare sums",
            "page",
            "of it own work",
            "page ÷ bare",
            "filtered",
            "CSV",
            "goal for the page",
            "",
            "rolled up",
        ),
    )
    kept = True
    for name, environ in _stores():
        with tempfile.TemporaryDirectory(prefix="hotline-statistics-") as folder:
            kept &= _measure_store(name, _environ(Path(folder), environ), table)
    table.remarks += [
        "«bare sums» is one SQL question that adds up every cell of the year and nothing else",
        "«of it own work» is the processor time of the desk itself: the rest is the database, and waiting for others",
        "«filtered» is the page for one way in and illegal addresses; «CSV» the file of all cells of the choice",
        f"«rolled up» is items a second, over {ROLLED:,} of `desk_fill`, as the sweeper does it",
    ]
    publish("statistics", table)
    return kept


def _measure_store(name: str, environ: dict[str, str], table: Table) -> bool:
    office = create_app("office", environ)
    with office.app_context():
        year = _year()
        schema.upgrade()
        a_second = _roll_up()
        _lay(_laid_out())
        bare = _measured(_bare)
        count = db.session.scalar(select(func.count()).select_from(StatisticCell))
    stores.dispose(office)
    desk = create_app("desk", environ)
    client = _signed_in(desk)
    page, filtered, file = (
        _measured(lambda url=url: _open(client, url))
        for url in (
            f"/desk/statistics?period={year}",
            f"/desk/statistics?period={year}&source=public&class=illegal",
            f"/desk/statistics.csv?period={year}",
        )
    )
    stores.dispose(desk)
    cells_there = f"{count:,}"
    bare_told, page_told, filtered_told, file_told = (
        f"{one.median:.0f} / {one.longest:.0f}" for one in (bare, page, filtered, file)
    )
    told = (bare_told, page_told, f"{page.work:.0f}", f"{page.median / bare.median:.1f}", filtered_told, file_told)
    kept = page.median <= GOAL
    table.rows.append((name, cells_there, *told, f"≤ {GOAL:.0f}", at_most(page.median, GOAL), f"{a_second:.0f}"))
    return kept


def _year() -> int:
    """Return the last year that is over."""
    return int(figures.last_over(clock.now().astimezone(jurisdiction.current().zone))[:4]) - 1


@cache
def _laid_out() -> Counter[Cell]:
    """Return what as many invented items add up to."""
    chance, found, zone = random.Random(ITEMS), Counter[Cell](), jurisdiction.current().zone
    begin = datetime(_year(), 1, 1, tzinfo=UTC)
    for _ in range(ITEMS):
        found.update(cells(_facts(begin, chance), zone))
    return found


def _facts(begin: datetime, chance: random.Random) -> Facts:
    at = begin + timedelta(hours=chance.randrange(24 * 364))
    group = chance.choice((*InhopeClass, InhopeClass.BASELINE, InhopeClass.BASELINE, None))
    host = at + timedelta(hours=min(chance.paretovariate(0.8) * 5, 3_000)) if chance.random() < 0.9 else None
    said = Findings(
        InhopeClass.BASELINE,
        LawVerdict.ILLEGAL,
        age=chance.choice(tuple(AgeGroup)),
        gender=chance.choice(tuple(Gender)),
        site_type=chance.choice(tuple(SiteType)),
        commercial=chance.choice(tuple(YesNo)),
    )
    return Facts(
        since=at,
        arrivals=(Arrival(at, chance.choice(tuple(Way))), *([Arrival(at, Way.PUBLIC)] * chance.randrange(2))),
        inhope_class=group,
        law=LawVerdict.ILLEGAL if group in ILLEGAL else None,
        described=(said,),
        country=chance.choice(COUNTRIES),
        to_police_at=host,
        to_host_at=host,
        outcome=ItemOutcome.REMOVED if chance.random() < 0.9 else None,
        removed_at=host + timedelta(hours=min(chance.paretovariate(0.6) * 5, 5_000)) if host else None,
        work=((Work.LOOK, at), (Work.LOOK, at)),
    )


def _lay(laid: Counter[Cell]) -> None:
    rows = list(laid.items())
    for first in range(0, len(rows), CHUNK):
        with writing():
            statistics_rollup.apply(dict(rows[first : first + CHUNK]))
    desk_fill.settle()


def _roll_up() -> float:
    """Roll up freshly filled items. Returns how many a second."""
    desk_fill.fill(ROLLED)
    with writing():
        staff.add(NAME, PASSWORD, (Role.REVIEWER, Role.MANAGER), language=Language.EN, by=None, must_change=False)
    began = time.perf_counter()
    while statistics_rollup.roll():
        pass
    items = db.session.scalar(select(func.count()).select_from(Item)) or 0
    return items / (time.perf_counter() - began)


def _bare() -> None:
    year = _year()
    db.session.rollback()
    sums = text(
        "SELECT figure, part, sum(count) FROM statistic_cells WHERE month BETWEEN :a AND :b GROUP BY figure, part"
    )
    assert db.session.execute(sums, {"a": f"{year}-01", "b": f"{year}-12"}).all()


def _signed_in(desk: Flask) -> FlaskClient:
    client = desk.test_client()
    (token,) = [one["value"] for one in Page(client.get("/desk/sign-in").text).all("input", name="csrf_token")]
    data = {"csrf_token": token, "name": NAME, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=data).status_code == 303
    return client


def _open(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 200


class Took(NamedTuple):
    """How long something takes, ms: the median, the longest, and how much of the median this process worked itself."""

    median: float
    longest: float
    work: float


def _measured(ask: Callable[[], None]) -> Took:
    took, worked = [], []
    ask()
    for _ in range(TIMES):
        began, busy = time.perf_counter(), time.process_time()
        ask()
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return Took(numbers.median(took), max(took), numbers.median(worked))


def _environ(folder: Path, environ: dict[str, str]) -> dict[str, str]:
    vault.create_keys(folder / "keys")
    return {"HOTLINE_DATA_DIR": str(folder), "HOTLINE_INBOX_DELAY": "0"} | environ


@contextmanager
def _server() -> Iterator[dict[str, str]]:
    with stores.postgresql() as server:
        front, desk = (server.url(name) for name in stores.DATABASES)
        yield {"HOTLINE_FRONT_DATABASE_URL": front, "HOTLINE_DATABASE_URL": desk}


def _stores() -> Iterator[tuple[str, dict[str, str]]]:
    yield "SQLite", {}
    with _server() as environ:
        yield "PostgreSQL", environ
