"""Desks that hold more or less, asked the same in turn: does a page cost the same, however much is stored?

For each size a desk of its own is filled by a module of this folder and served by gunicorn as always. One signed-in
person asks each desk the same in turn, so that a ratio is of requests that follow each other; the ratio is of the
largest size's p95 to the smallest's.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import processes, servers, tables
from bench.servers import Setting
from bench.visitor import Answer, Visitor
from tests.stores import DATABASES, postgresql  # a private server, as the tests have it

ENGINES = ("sqlite", "postgresql")
SETTING = Setting(workers=1, threads=8)
WARM_UP = 5
MOST_RATIO = 1.3
MOST_KILOBYTES = 60.0
FOUND = 200


@dataclass(frozen=True)
class Desk:
    """A desk that is served: how much it holds, where it listens, its folder, its PostgreSQL store ("" for SQLite)."""

    size: int
    port: int
    folder: Path
    store: str


@dataclass(frozen=True)
class Question:
    """What is asked of a desk, and what a good answer is.

    `status` answers it, and the page holds what `shows` says. The largest desk may take `ratio` times what the smallest
    takes, `most` ms for its p95, `slowest` ms for any answer; a page has at most `kilobytes` before compression.
    """

    name: str
    ask: Callable[[Visitor, Desk], Answer]
    status: int = FOUND
    ratio: float = MOST_RATIO
    shows: Callable[[Desk], str] | None = None
    most: float | None = None
    slowest: float | None = None
    kilobytes: float = MOST_KILOBYTES


@dataclass(frozen=True)
class Comparison:
    """One measurement: its title, the module that fills a desk, what that holds, who asks, what, and what to know."""

    title: str
    fill: str
    holds: str
    name: str
    password: str
    questions: Sequence[Question]
    rounds: int
    remarks: Sequence[str] = ()


@dataclass
class Times:
    """What the answers to one question took, in ms, a list for each desk; and the largest page, in bytes."""

    spent: list[list[float]]
    largest: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


@contextlib.contextmanager
def serving(size: int, folder: Path, stores: dict[str, str], fill: str, *more: str) -> Iterator[Desk]:
    """Fill a desk by the module `fill` and serve it for the length of the block."""
    port = processes.free_port(following=1)
    environ = servers.environment(HOTLINE_DATA_DIR=str(folder), HOTLINE_DEMO="off", PORT=str(port - 1), **stores)
    servers.flask(environ, "prepare")
    began, log = time.perf_counter(), folder / "desk.log"
    with processes.running([sys.executable, "-m", fill, str(size), *more], environ, log) as filling:
        if filling.wait():
            raise processes.DidNotStartError(f"filling failed; it printed:\n{log.read_text()[-3000:]}")
    print(f"{size:,} stand after {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    with processes.running(servers.gunicorn("app:desk", SETTING, port), environ, log) as process:
        processes.wait_for_page(process, port, "/desk/sign-in", log)
        yield Desk(size, port, folder, stores.get("HOTLINE_DATABASE_URL", ""))


@contextlib.contextmanager
def stores_of(engine: str) -> Iterator[dict[str, str]]:
    """Give the settings of a store for one desk: none for SQLite, which has a file in its folder."""
    if engine == "sqlite":
        yield {}
        return
    with postgresql() as server:
        front, desk = (server.url(name) for name in DATABASES)
        yield {"HOTLINE_FRONT_DATABASE_URL": front, "HOTLINE_DATABASE_URL": desk}


@contextlib.contextmanager
def all_served(asked: Comparison, sizes: Sequence[int], engine: str) -> Iterator[list[Desk]]:
    """Fill and serve a desk of each size for the length of the block."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-")))
        desks = []
        for size in sizes:
            (folder / str(size)).mkdir()
            stores = stack.enter_context(stores_of(engine))
            desks.append(stack.enter_context(serving(size, folder / str(size), stores, asked.fill)))
        yield desks


def measure(asked: Comparison, desks: Sequence[Desk], table: tables.Table) -> Counter[str]:
    """Ask every desk everything and add a row for each question; return the answers that were wrong."""
    people = [Visitor(desk.port, asked.name, asked.password) for desk in desks]
    wrong = Counter[str]()
    for question in asked.questions:
        times = _ask_in_turn(question, list(zip(people, desks, strict=True)), asked.rounds)
        wrong += times.wrong
        table.rows.append(_row(question, times))
        print(" | ".join(table.rows[-1]), file=sys.stderr, flush=True)
    return wrong


def _ask_in_turn(question: Question, pairs: Sequence[tuple[Visitor, Desk]], rounds: int) -> Times:
    times = Times([[] for _ in pairs])
    for number in range(rounds + WARM_UP):
        for place in range(len(pairs)) if number % 2 else reversed(range(len(pairs))):
            who, desk = pairs[place]
            began = time.perf_counter()
            answer = question.ask(who, desk)
            spent = time.perf_counter() - began
            shown = question.shows is None or question.shows(desk).encode() in answer.body
            if answer.status != question.status or not shown:
                times.wrong[f"{question.name}: {answer.status}"] += 1
            if number >= WARM_UP:
                times.spent[place].append(spent * 1000)
                times.largest = max(times.largest, len(answer.body))
    return times


def _row(question: Question, times: Times) -> list[str]:
    high, typical = [percentile(one, 95) for one in times.spent], [median(one) for one in times.spent]
    ratio, kilobytes = high[-1] / high[0], times.largest / 1024
    said = [tables.at_most(ratio, question.ratio)] if len(high) > 1 else []
    if question.most is not None:
        said.append(f"≤ {question.most:g} ms: {tables.at_most(high[-1], question.most)}")
    if question.slowest is not None:
        slowest = max(map(max, times.spent))
        said.append(f"slowest {slowest:.0f} ms, ≤ {question.slowest:g}: {tables.at_most(slowest, question.slowest)}")
    return [
        question.name,
        *(f"{p95:.1f} ({p50:.1f})" for p95, p50 in zip(high, typical, strict=True)),
        f"{ratio:.2f} ({typical[-1] / typical[0]:.2f})",
        f"≤ {question.ratio:g}",
        "; ".join(said),
        f"{kilobytes:.1f}" + ("" if kilobytes <= question.kilobytes else " miss"),
    ]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value below which `percent` of these lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def table_of(asked: Comparison, sizes: Sequence[int], engine: str) -> tables.Table:
    """Return the table that `measure` fills, with what there is to know of it."""
    header = ("page", *(f"{size:,}" for size in sizes), "p95 ratio (p50)", "goal", "", "KB")
    table = tables.Table(f"{asked.title} on {engine}: p95 (p50) in ms by how many {asked.holds}", header)
    table.remarks = [
        f"{asked.rounds} requests of each kind and size, one after the other, the sizes in turn; pages as they are sent"
        " before compression.",
        *asked.remarks,
    ]
    return table


def wrong_answers(wrong: Counter[str]) -> str:
    """Return the remark that says which answers were wrong."""
    return "Wrong answers: " + (", ".join(f"{count} x {what}" for what, count in (+wrong).items()) or "none") + "."


def run(name: str, asked: Comparison, sizes: Sequence[int], engines: Sequence[str] = ENGINES) -> bool:
    """Measure on each engine and publish under `name`; return whether everything was answered as it should be."""
    published, faults = [], Counter[str]()
    for engine in engines:
        table = table_of(asked, sizes, engine)
        with all_served(asked, sizes, engine) as desks:
            wrong = measure(asked, desks, table)
        table.remarks.append(wrong_answers(wrong))
        faults += wrong
        published.append(table)
    tables.publish(name, *published)
    return not +faults


def asked_for(prog: str, description: str, sizes: Sequence[int], rounds: int) -> argparse.Namespace:
    """Read the command line: which sizes, engines and how many rounds."""
    parser = argparse.ArgumentParser(prog=f"python -m {prog}", description=description)
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rounds", type=int, default=rounds)
    return parser.parse_args()
