"""The code of practice with 10,000 and with 1,000,000 duties that are over: does a page cost the same?

For each size a desk of its own is filled (`practice_fill.py`) and served by gunicorn as always. One manager asks each
desk the same in turn, so that a ratio is of requests that follow each other.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import practice_fill, processes, servers, tables
from bench.desk import ENGINES, MOST_RATIO, SETTING, Person, percentile, stores_of

SIZES = (10_000, 1_000_000)
ROUNDS = 40
WARM_UP = 5
MOST = 100.0  # ms, the 95th percentile with the most
HOME = "/desk/practice/duties"
PAGES = {
    "all duties": HOME,
    "nobody's": f"{HOME}?whose=nobody",
    "one person's": f"{HOME}?whose=A-02",
    "late": f"{HOME}?show=late",
    "one duty, missed": f"{HOME}?show=missed&duty=consult",
    "missed": f"{HOME}?show=missed",
    "one person's, missed": f"{HOME}?show=missed&whose=A-02",
    "the week": "/desk/practice/week",
}
FOUND = 200


@dataclass(frozen=True)
class Desk:
    """A desk that is served, and how many duties are over there."""

    size: int
    port: int


@contextlib.contextmanager
def serving(size: int, folder: Path, stores: dict[str, str]) -> Iterator[Desk]:
    """Fill a desk and serve it for the length of the block."""
    port = processes.free_port(following=1)
    environ = servers.environment(HOTLINE_DATA_DIR=str(folder), HOTLINE_DEMO="off", PORT=str(port - 1), **stores)
    servers.flask(environ, "prepare")
    began, log = time.perf_counter(), folder / "desk.log"
    with processes.running([sys.executable, "-m", "bench.practice_fill", str(size)], environ, log) as filling:
        if filling.wait():
            raise processes.DidNotStartError(f"filling failed; it printed:\n{log.read_text()[-3000:]}")
    print(f"{size:,} duties are over after {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    with processes.running(servers.gunicorn("app:desk", SETTING, port), environ, log) as process:
        processes.wait_for_page(process, port, "/desk/sign-in", log)
        yield Desk(size, port)


def measure(desks: Sequence[Desk], rounds: int) -> tuple[list[list[str]], Counter[str]]:
    """Ask every desk for every page; return the rows of the table, and the answers that were wrong."""
    rows, wrong = [], Counter[str]()
    people = {desk: Person(desk.port, practice_fill.BOSS) for desk in desks}
    for name, path in PAGES.items():
        taken: dict[Desk, list[float]] = {desk: [] for desk in desks}
        for number in range(rounds + WARM_UP):
            for desk in desks if number % 2 else reversed(desks):
                began = time.perf_counter()
                answer = people[desk].get(path)
                spent = time.perf_counter() - began
                if answer.status != FOUND:
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
    kept = f"{tables.at_most(ratio, MOST_RATIO)}; ≤ {MOST:g} ms: {tables.at_most(high[-1], MOST)}"
    return [name, *numbers, f"{ratio:.2f} ({mid[-1] / mid[0]:.2f})", f"≤ {MOST_RATIO}", kept]


def run(sizes: Sequence[int] = SIZES, engines: Sequence[str] = ENGINES, rounds: int = ROUNDS) -> bool:
    """Measure and publish; return whether everything was answered as it should be."""
    published, faults = [], Counter[str]()
    for engine in engines:
        header = ("page", *(f"{size:,}" for size in sizes), "p95 ratio (p50)", "goal", "")
        table = tables.Table(f"Duties on {engine}: p50 / p95 in ms by how many are over", header)
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
            f"{rounds} requests of each kind and size, one after the other, the sizes in turn; {practice_fill.RUNNING}"
            " duties run at either size.",
            "Half of what is over was done too late; a third of all is the person's who is asked for.",
            "Wrong answers: " + (", ".join(f"{count} x {what}" for what, count in (+wrong).items()) or "none") + ".",
        ]
        published.append(table)
    tables.publish("practice", *published)
    return not +faults


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.practice", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.sizes, options.engines, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
