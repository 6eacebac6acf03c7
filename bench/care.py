"""Victim support with 100 and with 10,000 cases: does a page cost the same, and is a full file on paper at once?

For each size a desk of its own is filled (`care_fill.py`) and served by gunicorn as always. One officer asks each desk
the same in turn, so that a ratio is of requests that follow each other. Pages are full at either size.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import care_fill, processes, servers, tables
from bench.desk import ENGINES, MOST_RATIO, SETTING, Answer, Person, percentile, stores_of

SIZES = (100, 10_000)
ROUNDS = 60
WARM_UP = 5
MOST_PRINT = 2.0  # seconds
HOME = "/desk/victims/cases"
FOUND = 200


@dataclass(frozen=True)
class Desk:
    """A desk that is served, how many cases it holds, and the reference of the full file."""

    size: int
    port: int
    known: str


QUESTIONS: dict[str, Callable[[Person, Desk], Answer]] = {
    "my cases": lambda who, _: who.get(HOME),
    "all cases": lambda who, _: who.get(f"{HOME}?show=all"),
    "high risk": lambda who, _: who.get(f"{HOME}?risk=1"),
    "find by reference": lambda who, desk: who.post(f"{HOME}/find", {"q": desk.known}),
    "find by name": lambda who, _: who.post(f"{HOME}/find", {"q": "វណ្ណនី ស៊ិន"}),
    "find by a name in Latin letters": lambda who, _: who.post(f"{HOME}/find", {"q": "sin vanny"}),
    "find by a name that many bear": lambda who, _: who.post(f"{HOME}/find", {"q": care_fill.MANY}),
    "find nobody": lambda who, _: who.post(f"{HOME}/find", {"q": "ឥតមាន"}),
    "open a full file": lambda who, desk: who.get(f"{HOME}/{desk.known}"),
    "print it": lambda who, desk: who.get(f"{HOME}/{desk.known}/print"),
}
PRINT = "print it"
NAMED = {"find by reference", "find by name", "find by a name in Latin letters", "open a full file", PRINT}


@contextlib.contextmanager
def serving(size: int, folder: Path, stores: dict[str, str]) -> Iterator[Desk]:
    """Fill a desk and serve it for the length of the block."""
    port = processes.free_port(following=1)
    environ = servers.environment(HOTLINE_DATA_DIR=str(folder), HOTLINE_DEMO="off", PORT=str(port - 1), **stores)
    servers.flask(environ, "prepare")
    began, log = time.perf_counter(), folder / "desk.log"
    with processes.running([sys.executable, "-m", "bench.care_fill", str(size)], environ, log) as filling:
        if filling.wait():
            raise processes.DidNotStartError(f"filling failed; it printed:\n{log.read_text()[-3000:]}")
    print(f"{size:,} cases stand after {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    with processes.running(servers.gunicorn("app:desk", SETTING, port), environ, log) as process:
        processes.wait_for_page(process, port, "/desk/sign-in", log)
        yield Desk(size, port, (folder / care_fill.KNOWN).read_text())


def measure(desks: Sequence[Desk], rounds: int) -> tuple[list[list[str]], Counter[str]]:
    """Ask every desk everything; return the rows of the table, and the answers that were wrong."""
    rows, wrong = [], Counter[str]()
    people = {desk: Person(desk.port, care_fill.PEOPLE[0]) for desk in desks}
    for name, ask in QUESTIONS.items():
        taken: dict[Desk, list[float]] = {desk: [] for desk in desks}
        for number in range(rounds + WARM_UP):
            for desk in desks if number % 2 else reversed(desks):
                began = time.perf_counter()
                answer = ask(people[desk], desk)
                spent = time.perf_counter() - began
                if answer.status != FOUND or (name in NAMED and desk.known.encode() not in answer.body):
                    wrong[f"{name}: {answer.status}"] += 1
                if number >= WARM_UP:
                    taken[desk].append(spent * 1000)
        rows.append(_row(name, list(taken.values())))
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows, wrong


def _row(name: str, taken: list[list[float]]) -> list[str]:
    high, mid = [percentile(one, 95) for one in taken], [median(one) for one in taken]
    ratio = high[-1] / high[0]
    numbers = [f"{p50:.1f} / {p95:.1f}" for p50, p95 in zip(mid, high, strict=True)]
    row = [
        name,
        *numbers,
        f"{ratio:.2f} ({mid[-1] / mid[0]:.2f})",
        f"≤ {MOST_RATIO}",
        tables.at_most(ratio, MOST_RATIO),
    ]
    if name == PRINT:
        slowest = max(max(one) for one in taken) / 1000
        row[-1] += f"; slowest {slowest:.2f} s, ≤ {MOST_PRINT:g} s: {tables.at_most(slowest, MOST_PRINT)}"
    return row


def run(sizes: Sequence[int] = SIZES, engines: Sequence[str] = ENGINES, rounds: int = ROUNDS) -> bool:
    """Measure and publish; return whether everything was answered as it should be."""
    published, faults = [], Counter[str]()
    for engine in engines:
        header = ("page", *(f"{size:,}" for size in sizes), "p95 ratio (p50)", "goal", "")
        table = tables.Table(f"Victim support on {engine}: p50 / p95 in ms by how many cases are stored", header)
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-")))
            desks = []
            for size in sizes:
                (folder / str(size)).mkdir()
                stores = stack.enter_context(stores_of(engine))
                desks.append(stack.enter_context(serving(size, folder / str(size), stores)))
            table.rows, wrong = measure(desks, rounds)
        faults += wrong
        table.remarks = [
            f"{rounds} requests of each kind and size, one after the other, the sizes in turn; three in five cases are"
            " the officer's who asks.",
            "The name is stored with a zero-width space and looked for without, given name first; nobody is found by"
            " part of a word.",
            "The full file: 6 people beside child and guardian, 40 notes, an assessment, 4 consents of two people, 4"
            " referrals.",
            "Wrong answers: " + (", ".join(f"{count} x {what}" for what, count in (+wrong).items()) or "none") + ".",
        ]
        published.append(table)
    tables.publish("care", *published)
    return not +faults


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.care", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.sizes, options.engines, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
