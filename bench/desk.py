"""The analyst's desk with very many items: `python -m bench.desk [--sizes 10000 100000 1000000] [--engines sqlite]`.

Each desk is filled by `desk_fill.py` and asked by one person (`sizes.py`). Then the public site takes submissions while
the largest desk is stored beside it and while nothing is, and fifty people take from one queue of a thousand items at
once.
"""

import base64
import contextlib
import functools
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import psycopg

from bench import client, desk_fill, processes, servers, sizes, tables
from bench.sizes import ENGINES, SETTING, Comparison, Desk, Question
from bench.visitor import Visitor

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 60
MOST_RATIO_TODAY = 1.5
LEAST_SUBMISSIONS = 0.95
FILL = "bench.desk_fill"
OF_CATEGORY = "AND category = 'grooming'"
HALF_WAY = (
    "SELECT urgency, turn_at, id FROM items WHERE status <> 'closed' {more} ORDER BY urgency, turn_at, id "
    "LIMIT 1 OFFSET (SELECT count(*) / 2 FROM items WHERE status <> 'closed' {more})"
)
FILTERS = {
    "category": "category=grooming",
    "state": "status=in_review",
    "priority": "priority=3",
    "country": "country=KH",
    "country not known": "country=unknown",
    "claimed by nobody": "whose=nobody",
    "claimed by me": "whose=me",
    "age, today": "age=today",
    "age, over 7 days": "age=over7",
    "clock, over": "clock=over",
    "clock, due today": "clock=today",
    "clock, paused": "clock=paused",
    "light work": "work=light",
    "oldest first": "sort=oldest",
    "most reports": "sort=reports",
    "soonest due": "sort=due",
    "category and age": "category=csam&age=over3",
    "country and clock": "country=LT&clock=over",
    "state, oldest first": "status=new&sort=oldest",
}


def questions() -> list[Question]:
    """Return all that is asked."""
    known = desk_fill.known(3)
    return [
        Question("queue, first page", lambda who, _: who.get("/desk/items")),
        Question("queue, half way down", lambda who, desk: who.get(f"/desk/items?after={_half_way(desk)}")),
        *(
            Question(f"queue, {name}", lambda who, _, query=query: who.get(f"/desk/items?{query}"))
            for name, query in FILTERS.items()
        ),
        Question(
            "queue, category, half way down",
            lambda who, desk: who.get(f"/desk/items?category=grooming&after={_half_way(desk, OF_CATEGORY)}"),
        ),
        Question("item", lambda who, _: who.get(_item(who))),
        Question("row opened in place", lambda who, _: who.get(f"{_item(who)}/peek", part=True)),
        Question("what is new", lambda who, _: who.get("/desk/items/fresh?since=1&looks=1", part=True)),
        Question("find by address", lambda who, _: who.post("/desk/items/find", {"q": known}), 303),
        Question("find nothing", lambda who, _: who.post("/desk/items/find", {"q": f"{known}0"}), 303),
        Question("same host", lambda who, _: who.get(_host(who))),
        Question(
            "same host, two filters",
            lambda who, _: who.get(f"{_host(who)}&status=disputed&category=grooming"),
        ),
        Question("item from a filter", lambda who, _: who.get(f"{_item(who)}?category=csam&age=over3")),
        Question("today", lambda who, _: who.get("/desk/"), ratio=MOST_RATIO_TODAY),
    ]


@functools.cache
def _place(who: Visitor, pasted: str) -> str:
    """Return where what was pasted is found; asked once."""
    return who.post("/desk/items/find", {"q": pasted}).location


def _item(who: Visitor) -> str:
    """Return where the item of a known address is."""
    return _place(who, desk_fill.known(7))


def _host(who: Visitor) -> str:
    """Return where everything on the biggest host is."""
    return _place(who, desk_fill.BIGGEST)


@functools.cache
def _half_way(desk: Desk, more: str = "") -> str:
    """Return the cursor of the row half way down the queue, as the queue itself would write it; read once."""
    statement = HALF_WAY.format(more=more)
    if desk.store:
        with psycopg.connect(desk.store.replace("+psycopg", "")) as connection:
            urgency, turn_at, number = connection.execute(statement).fetchone()
        moment = turn_at.isoformat()
    else:
        with contextlib.closing(sqlite3.connect(desk.folder / "desk.sqlite3")) as connection:
            urgency, turn_at, number = connection.execute(statement).fetchone()
        moment = f"{turn_at.replace(' ', 'T')}+00:00"
    return base64.urlsafe_b64encode(f"{urgency} {moment} {number}".encode()).decode()


def race(folder: Path, stores: dict[str, str]) -> tuple[int, int, int]:
    """Let fifty people take from a thousand free items until their hands are full; return claims, items and people."""
    with sizes.serving(1000, folder, stores, FILL, "free") as desk:
        people = [Visitor(desk.port, f"person-{number}", desk_fill.PASSWORD) for number in range(desk_fill.PEOPLE)]
        with ThreadPoolExecutor(len(people)) as threads:
            taken = list(threads.map(_take_all, people))
    refs = [ref for one in taken for ref in one]
    return len(refs), len(set(refs)), len(people)


def _take_all(who: Visitor) -> list[str]:
    """Take the next item until the desk says that the hands are full."""
    refs = []
    while (answer := who.post("/desk/items/next", {})).status == 303:
        refs.append(answer.location)
    return refs


def submissions(full: Path, folder: Path, rounds: int, seconds: float) -> tuple[list[float], Counter[str]]:
    """Return how many submissions pass beside a full desk, against none, round by round."""
    ratios, errors = [], Counter[str]()
    with (
        servers.portal(SETTING, folder, name="empty") as empty,
        servers.portal(SETTING, full.parent, name=full.name) as beside,
    ):
        for number in range(rounds):
            rates = {}
            for site in (empty, beside) if number % 2 else (beside, empty):
                load = client.drive(site, "submit", clients=8, seconds=seconds, warm_up=seconds / 4)
                errors.update(load.errors)
                rates[site.name] = load.per_second
            ratios.append(rates[beside.name] / rates[empty.name])
    return ratios, errors


def comparison(rounds: int) -> Comparison:
    """Return what is asked, and of whom."""
    return Comparison(
        title="The desk",
        fill=FILL,
        holds="items are stored",
        name=desk_fill.PERSON,
        password=desk_fill.PASSWORD,
        questions=questions(),
        rounds=rounds,
    )


def run(of: Sequence[int] = SIZES, engines: Sequence[str] = ENGINES, rounds: int = ROUNDS) -> bool:
    """Measure and publish; return whether everything was answered and nobody took what another had."""
    asked, published, faults = comparison(rounds), [], Counter[str]()
    for engine in engines:
        table = sizes.table_of(asked, of, engine)
        with sizes.all_served(asked, of, engine) as desks:
            wrong = sizes.measure(asked, desks, table)
            if engine == "sqlite":
                wrong += _submissions_beside(desks[-1], table)
        wrong += _race_on(engine, table)
        table.remarks.append(sizes.wrong_answers(wrong))
        faults += wrong
        published.append(table)
    tables.publish("desk", *published)
    return not +faults


def _submissions_beside(largest: Desk, table: tables.Table) -> Counter[str]:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        ratios, errors = submissions(largest.folder, Path(folder), rounds=5, seconds=2.0)
    word = tables.at_least(median(ratios), LEAST_SUBMISSIONS)
    table.remarks.append(
        f"Submissions beside {largest.size:,} items against none: {median(ratios):.2f} "
        f"({min(ratios):.2f}-{max(ratios):.2f}), goal ≥ {LEAST_SUBMISSIONS}: {word}."
    )
    return errors


def _race_on(engine: str, table: tables.Table) -> Counter[str]:
    with sizes.stores_of(engine) as stores, tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        claimed, items, people = race(Path(folder), stores)
    table.remarks.append(
        f"{people} people at once took from 1,000 items, as much as hands hold: {claimed}, {items} different ones."
    )
    return Counter({"items that two people have": claimed - items})


def main() -> int:
    """Read the command line and measure."""
    options = sizes.asked_for("bench.desk", __doc__.splitlines()[0], SIZES, ROUNDS)
    processes.end_on_terminate()
    return 0 if run(options.sizes, options.engines, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
