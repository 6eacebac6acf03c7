"""The analyst's desk with very many items: `python -m bench.desk [--sizes 10000 100000 1000000] [--engines sqlite]`.

For each size a desk of its own is filled (`desk_fill.py`) and served by gunicorn as always. One signed-in person asks
each desk the same in turn, so that a ratio is of requests that follow each other; the ratio is of the largest size's
p95 to the smallest's. Then the public site takes submissions while the largest desk is stored beside it and while
nothing is, and fifty people take from one queue of a thousand items at once.
"""

import argparse
import base64
import contextlib
import http.client
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import psycopg

from bench import client, desk_fill, processes, servers, tables
from bench.servers import Setting
from tests.stores import DATABASES, postgresql  # a private server, as the tests have it

SIZES = (10_000, 100_000, 1_000_000)
ENGINES = ("sqlite", "postgresql")
SETTING = Setting(workers=1, threads=8)
ROUNDS = 60
WARM_UP = 5
MOST_RATIO = 1.3
MOST_RATIO_TODAY = 1.5
LEAST_SUBMISSIONS = 0.95
MOST_KILOBYTES = 60.0
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
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


@dataclass(frozen=True)
class Answer:
    """One answer of the desk: its status, where it leads, and its page as it was sent."""

    status: int
    location: str
    body: bytes


class Person:
    """Somebody signed in at a desk, over one connection that is kept."""

    def __init__(self, port: int, name: str = desk_fill.PERSON) -> None:
        self._origin = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self.token = ""
        self.get("/desk/sign-in")
        signed_in = self.post("/desk/sign-in", {"name": name, "password": desk_fill.PASSWORD})
        if signed_in.status != 303:
            raise processes.DidNotStartError(f"{name} could not sign in: {signed_in.status}")
        self.get("/desk/items")

    def get(self, path: str, *, part: bool = False) -> Answer:
        """Open a page, or a part of one."""
        return self._ask("GET", path, None, {"HX-Request": "true"} if part else {})

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form with the token of the last page."""
        form = urlencode(fields | {"csrf_token": self.token}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
        return self._ask("POST", path, form, headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers |= {"Accept-Language": "en", "Cookie": cookie}
        try:
            answer, page = self._send(method, path, body, headers)
        except (ConnectionError, http.client.HTTPException):  # left alone for a while, it was closed
            self._connection.close()
            answer, page = self._send(method, path, body, headers)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        if found := TOKEN.search(page.decode()):
            self.token = found[1]
        return Answer(answer.status, answer.headers.get("Location", ""), page)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer, answer.read()


@dataclass(frozen=True)
class Desk:
    """A desk that is served, how many items it holds, and places in it."""

    size: int
    port: int
    folder: Path
    deep: str
    deep_of_category: str


@dataclass(frozen=True)
class Question:
    """What is asked of a desk, the status that answers it, and how much more the largest may take than the smallest."""

    name: str
    ask: Callable[[Person, Desk], Answer]
    status: int = 200
    goal: float = MOST_RATIO


def questions() -> list[Question]:
    """Return all that is asked."""
    known = desk_fill.known(3)
    return [
        Question("queue, first page", lambda who, _: who.get("/desk/items")),
        Question("queue, half way down", lambda who, desk: who.get(f"/desk/items?after={desk.deep}")),
        *(
            Question(f"queue, {name}", lambda who, _, query=query: who.get(f"/desk/items?{query}"))
            for name, query in FILTERS.items()
        ),
        Question(
            "queue, category, half way down",
            lambda who, desk: who.get(f"/desk/items?category=grooming&after={desk.deep_of_category}"),
        ),
        Question("item", lambda who, desk: who.get(_item(who, desk))),
        Question("row opened in place", lambda who, desk: who.get(f"{_item(who, desk)}/peek", part=True)),
        Question("what is new", lambda who, _: who.get("/desk/items/fresh?since=1&looks=1", part=True)),
        Question("find by address", lambda who, _: who.post("/desk/items/find", {"q": known}), 303),
        Question("find nothing", lambda who, _: who.post("/desk/items/find", {"q": f"{known}0"}), 303),
        Question("same host", lambda who, desk: who.get(_host(who, desk))),
        Question(
            "same host, two filters",
            lambda who, desk: who.get(f"{_host(who, desk)}&status=disputed&category=grooming"),
        ),
        Question("item from a filter", lambda who, desk: who.get(f"{_item(who, desk)}?category=csam&age=over3")),
        Question("today", lambda who, _: who.get("/desk/"), goal=MOST_RATIO_TODAY),
    ]


_places: dict[tuple[int, str], str] = {}


def _item(who: Person, desk: Desk) -> str:
    """Return where the item of a known address is; found once."""
    return _place(who, desk, desk_fill.known(7))


def _host(who: Person, desk: Desk) -> str:
    """Return where everything on the biggest host is; found once."""
    return _place(who, desk, desk_fill.BIGGEST)


def _place(who: Person, desk: Desk, pasted: str) -> str:
    key = (desk.port, pasted)
    if key not in _places:
        _places[key] = who.post("/desk/items/find", {"q": pasted}).location
    return _places[key]


@contextlib.contextmanager
def serving(size: int, folder: Path, stores: dict[str, str], *more: str) -> Iterator[Desk]:
    """Fill a desk and serve it for the length of the block."""
    port = processes.free_port(following=1)
    environ = servers.environment(HOTLINE_DATA_DIR=str(folder), HOTLINE_DEMO="off", PORT=str(port - 1), **stores)
    servers.flask(environ, "prepare")
    began = time.perf_counter()
    log = folder / "desk.log"
    command = [sys.executable, "-m", "bench.desk_fill", str(size), *more]
    with processes.running(command, environ, log) as filling:
        if filling.wait():
            raise processes.DidNotStartError(f"filling failed; it printed:\n{log.read_text()[-3000:]}")
    print(f"{size:,} items stand after {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    deep, deep_of_category = (_half_way(folder, stores, one) for one in ("", "AND category = 'grooming'"))
    with processes.running(servers.gunicorn("app:desk", SETTING, port), environ, log) as process:
        processes.wait_for_page(process, port, "/desk/sign-in", log)
        yield Desk(size, port, folder, deep, deep_of_category)


def _half_way(folder: Path, stores: dict[str, str], more: str) -> str:
    """Return the cursor of the row half way down the queue, as the queue itself would write it."""
    statement = HALF_WAY.format(more=more)
    if stores:
        with psycopg.connect(stores["HOTLINE_DATABASE_URL"].replace("+psycopg", "")) as connection:
            urgency, turn_at, number = connection.execute(statement).fetchone()
        moment = turn_at.isoformat()
    else:
        with contextlib.closing(sqlite3.connect(folder / "desk.sqlite3")) as connection:
            urgency, turn_at, number = connection.execute(statement).fetchone()
        moment = f"{turn_at.replace(' ', 'T')}+00:00"
    return base64.urlsafe_b64encode(f"{urgency} {moment} {number}".encode()).decode()


def measure(desks: Sequence[Desk], rounds: int) -> tuple[list[list[str]], Counter[str]]:
    """Ask every desk everything; return the rows of the table, and the answers that were wrong."""
    rows, wrong = [], Counter[str]()
    people = {desk: Person(desk.port) for desk in desks}
    for question in questions():
        taken: dict[Desk, list[float]] = {desk: [] for desk in desks}
        largest = 0
        for number in range(rounds + WARM_UP):
            for desk in desks if number % 2 else reversed(desks):
                began = time.perf_counter()
                answer = question.ask(people[desk], desk)
                spent = time.perf_counter() - began
                if answer.status != question.status:
                    wrong[f"{question.name}: {answer.status}"] += 1
                if number >= WARM_UP:
                    taken[desk].append(spent * 1000)
                    largest = max(largest, len(answer.body))
        rows.append(_row(question, taken, largest))
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows, wrong


def _row(question: Question, taken: dict[Desk, list[float]], largest: int) -> list[str]:
    p95 = [percentile(one, 95) for one in taken.values()]
    p50 = [median(one) for one in taken.values()]
    ratio, typical, kilobytes = p95[-1] / p95[0], p50[-1] / p50[0], largest / 1024
    fits = tables.at_most(ratio, question.goal) if len(p95) > 1 else ""
    numbers = [f"{high:.1f} ({mid:.1f})" for high, mid in zip(p95, p50, strict=True)]
    size = f"{kilobytes:.1f}" + ("" if kilobytes <= MOST_KILOBYTES else " miss")
    return [question.name, *numbers, f"{ratio:.2f} ({typical:.2f})", f"≤ {question.goal:g}", fits, size]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which `percent` of these lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def race(folder: Path, stores: dict[str, str]) -> tuple[int, int, int]:
    """Let fifty people take from a thousand free items until their hands are full; return claims, items and people."""
    with serving(1000, folder, stores, "free") as desk:
        people = [Person(desk.port, f"person-{number}") for number in range(desk_fill.PEOPLE)]
        with ThreadPoolExecutor(len(people)) as threads:
            taken = list(threads.map(_take_all, people))
    refs = [ref for one in taken for ref in one]
    return len(refs), len(set(refs)), len(people)


def _take_all(who: Person) -> list[str]:
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


@contextlib.contextmanager
def stores_of(engine: str) -> Iterator[dict[str, str]]:
    """Give the settings of a store for one desk: none for SQLite, which has a file in its folder."""
    if engine == "sqlite":
        yield {}
        return
    with postgresql() as server:
        front, desk = (server.url(name) for name in DATABASES)
        yield {"HOTLINE_FRONT_DATABASE_URL": front, "HOTLINE_DATABASE_URL": desk}


def run(sizes: Sequence[int] = SIZES, engines: Sequence[str] = ENGINES, rounds: int = ROUNDS) -> bool:
    """Measure and publish; return whether everything was answered and nobody took what another had."""
    published, faults = [], Counter[str]()
    for engine in engines:
        header = ("page", *(f"{size:,}" for size in sizes), "p95 ratio (p50)", "goal", "", "KB")
        table = tables.Table(f"The desk on {engine}: p95 (p50) in ms by how many items are stored", header)
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-")))
            desks = []
            for size in sizes:
                stores = stack.enter_context(stores_of(engine))
                (folder / str(size)).mkdir()
                desks.append(stack.enter_context(serving(size, folder / str(size), stores)))
            table.rows, wrong = measure(desks, rounds)
            faults += wrong
            if engine == "sqlite":
                ratios, errors = submissions(desks[-1].folder, folder, rounds=5, seconds=2.0)
                faults += errors
                word = tables.at_least(median(ratios), LEAST_SUBMISSIONS)
                table.remarks.append(
                    f"Submissions beside {sizes[-1]:,} items against none: {median(ratios):.2f} "
                    f"({min(ratios):.2f}-{max(ratios):.2f}), goal ≥ {LEAST_SUBMISSIONS}: {word}."
                )
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-")))
            claimed, items, people = race(folder, stack.enter_context(stores_of(engine)))
        faults["items that two people have"] += claimed - items
        table.remarks += [
            f"{people} people at once took from 1,000 items, as much as hands hold: {claimed}, {items} different ones.",
            f"{rounds} requests of each kind and size, one after the other, the sizes in turn; pages as they are sent "
            f"before compression, at most {MOST_KILOBYTES:g} KB.",
            "Wrong answers: " + (", ".join(f"{count} x {what}" for what, count in (+faults).items()) or "none") + ".",
        ]
        published.append(table)
    tables.publish("desk", *published)
    return not +faults


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.sizes, options.engines, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
