"""The whole portal as `make run` starts it: seconds to the first page, memory when idle. `python -m bench.stack`."""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import processes, servers, tables
from bench.processes import Weight

STARTS = 3
IDLE_SECONDS = 20
GOAL_SECONDS = 3.0
GOAL_MB = 250.0
PUBLIC_PAGE = "/km/"
DESK_PAGE = "/desk/sign-in"


@dataclass(frozen=True)
class Start:
    """One start of everything: seconds to the first page of each site, the tree's root, the public site's port."""

    public_seconds: float
    desk_seconds: float
    pid: int
    port: int


@contextlib.contextmanager
def started(data_dir: Path, log: Path) -> Iterator[Start]:
    """Run the whole portal on `data_dir` for the length of the block, entered when both sites answer."""
    port = processes.free_port(following=1)
    environ = servers.environment(HOTLINE_DATA_DIR=str(data_dir), PORT=str(port))
    began = time.perf_counter()
    with processes.running([sys.executable, "-m", "deploy.supervise"], environ, log) as process:
        processes.wait_for_page(process, port, PUBLIC_PAGE, log)
        public_seconds = time.perf_counter() - began
        processes.wait_for_page(process, port + 1, DESK_PAGE, log)
        yield Start(public_seconds, time.perf_counter() - began, process.pid, port)


def measure() -> tuple[list[Start], list[Start], list[Weight]]:
    """Return starts on an empty data directory, starts on a used one, and the weight of the last, left alone."""
    first, again = [], []
    weights: list[Weight] = []
    for number in range(STARTS):
        with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
            data_dir, log = Path(folder) / "data", Path(folder) / "log"
            with started(data_dir, log) as start:
                first.append(start)
            with started(data_dir, log) as start:
                again.append(start)
                if number == STARTS - 1:
                    time.sleep(IDLE_SECONDS)
                    weights = processes.weigh(start.pid)
    return first, again, weights


def starts_table(first: list[Start], again: list[Start]) -> tables.Table:
    """Return how long the starts took."""
    table = tables.Table(
        "Start of the whole stack, once installed", ("start", "public page, s", "desk page, s", "goal", "")
    )
    for name, starts in (("first, empty data directory", first), ("second, same data", again)):
        public = [start.public_seconds for start in starts]
        desk = median(start.desk_seconds for start in starts)
        spread = f"{median(public):.2f} ({min(public):.2f}-{max(public):.2f})"
        word = tables.at_most(median(public), GOAL_SECONDS)
        table.rows.append([name, spread, f"{desk:.2f}", f"≤ {GOAL_SECONDS:g}", word])
    table.remarks.append(f"Median (range) of {STARTS} starts of public site, desk, worker, sweeper and queue server.")
    return table


def memory_table(weights: list[Weight]) -> tables.Table:
    """Return what each process holds, and all together."""
    table = tables.Table(f"Memory of the whole stack, idle for {IDLE_SECONDS} s", ("process", "PSS, MB", "goal", ""))
    table.rows += [[weight.name, f"{weight.pss_mb:.1f}", "", ""] for weight in weights]
    total = sum(weight.pss_mb for weight in weights)
    table.rows.append(["all", f"{total:.1f}", f"≤ {GOAL_MB:g}", tables.at_most(total, GOAL_MB)])
    return table


def run() -> bool:
    """Measure and publish; return whether everything started."""
    first, again, weights = measure()
    tables.publish("stack", starts_table(first, again), memory_table(weights))
    return True


if __name__ == "__main__":
    processes.end_on_terminate()
    sys.exit(0 if run() else 1)
