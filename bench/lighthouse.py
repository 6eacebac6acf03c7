"""Every public page as a cheap phone on slow 3G finds it: Lighthouse's scores, and the weight of a first view.

`python -m bench.lighthouse [page ...]`, a page as in `km/report`; all of them unless named. Needs Node.js with npm,
and Chromium. Lighthouse itself (a development tool of 185 MB) is fetched once, into a folder beside the environment.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import processes, stack, tables
from bench.processes import DidNotStartError

VERSION = "12.8.2"
FOLDER = processes.ROOT / ".venv" / f"lighthouse-{VERSION}"
PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
LANGUAGES = ("km", "en")
PAGES = (
    "",
    "report",
    "help",
    "follow-up",
    "how-we-work",
    "code-of-practice",
    "statistics",
    "contact",
    "privacy",
    "cookies",
    "accessibility",
    "about",
    "find-link",
    "safety",
    "phone",
)
FIRST_VIEWS = ("", "report")
OFTEN = ("", "report", "help")
TIMES = 3
"""How often the pages of `OFTEN` are measured; the others once."""
GOALS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
GOAL_BYTES = 9_000
GOAL_REQUESTS = 1
CHROME = "--headless=new --no-sandbox --disable-quic --disable-background-networking --no-first-run"
SLOW_3G = (
    "--form-factor=mobile",
    "--throttling-method=simulate",
    "--throttling.rttMs=400",
    "--throttling.throughputKbps=400",
    "--throttling.cpuSlowdownMultiplier=4",
    "--screenEmulation.width=360",
    "--screenEmulation.height=640",
)
FINE = {"performance": 0.9}
"""Below this score a part of a kind is named; the others have to be whole."""
QUIET = 0.7
"""The share of its best speed at which the machine counts as left alone."""
PATIENCE = 180.0
"""Seconds one run of Lighthouse may take."""
TRIES = 3
"""How often Lighthouse may fail at a page: on a busy machine it does now and then."""
NOT_TO_BE_FOUND = re.compile(r'<meta name="robots" content="noindex">')


@dataclass(frozen=True)
class Run:
    """One look at a page: its scores (0-100), and how fast the machine was just then, by Lighthouse's own mark."""

    scores: dict[str, int]
    power: float
    paint: float
    """Seconds until the largest thing on the first screen is drawn."""
    blocked: float
    """Milliseconds in which the page could not answer a touch."""
    faults: tuple[str, ...]


@dataclass
class Seen:
    """A page: the bytes of its first view, its requests, and every look at it."""

    path: str
    found: bool
    """Whether search engines are meant to find it; nothing is asked of the others' SEO score."""
    size: int
    requests: int = 0
    needed: int = 0
    runs: list[Run] = field(default_factory=list)
    is_close: bool = False
    """Whether one look was not enough: it missed a goal, which a point of the machine's mood can do."""

    @property
    def times(self) -> int:
        """How many looks count."""
        return TIMES if self.is_close or self.path.partition("/")[2] in OFTEN else 1

    @property
    def counted(self) -> list[Run]:
        """Return the looks that count: those at which the machine was fastest, so others at work least."""
        return sorted(self.runs, key=lambda run: run.power)[-self.times :]

    def score(self, kind: str) -> int:
        """Return the median score of a kind."""
        return round(median(run.scores[kind] for run in self.counted))

    def misses(self) -> list[str]:
        """Return the kinds whose goal is missed."""
        return [kind for kind, goal in GOALS.items() if self.score(kind) < goal and (kind != "seo" or self.found)]


def install() -> None:
    """Fetch Lighthouse where it is not there yet. Raises DidNotStartError saying what is missing and how to get it."""
    for program, package in (("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")):
        if not shutil.which(program):
            raise DidNotStartError(f"{program} is missing; install it: sudo apt-get install {package}")
    if PROGRAM.exists():
        return
    print(f"fetching Lighthouse {VERSION} into {FOLDER.relative_to(processes.ROOT)}", file=sys.stderr, flush=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
    done = subprocess.run([*command, f"lighthouse@{VERSION}"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise DidNotStartError(f"npm could not fetch lighthouse@{VERSION}: {done.stderr.strip()[-300:]}")


def look(port: int, path: str) -> Seen:
    """Fetch a page as a browser does; its bytes are counted with every header, as they come over the line."""
    asked = f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(asked.encode())
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b"content-encoding: gzip" not in head.lower():
        raise DidNotStartError(f"/{path} is no compressed page: {head[:200]!r}")
    return Seen(path, not NOT_TO_BE_FOUND.search(zlib.decompress(body, wbits=31).decode()), len(answer))


def measure(address: str, page: Seen) -> None:
    """Let Lighthouse look at a page once more. Raises DidNotStartError when it cannot, several times over."""
    said = ""
    for _ in range(TRIES):
        result, said = _ask(address + page.path)
        if result and "runtimeError" not in result:
            read(result, page)
            return
    raise DidNotStartError(f"{page.path}: {said}")


def _ask(address: str) -> tuple[dict[str, Any], str]:
    """Return what Lighthouse found, and what it complained of."""
    with tempfile.TemporaryDirectory(prefix="hotline-lighthouse-") as folder:
        file = Path(folder) / "result.json"
        command = [str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={file}"]
        command += [*SLOW_3G, f"--chrome-flags={CHROME}", f"--only-categories={','.join(GOALS)}"]
        environ = os.environ | {"CHROME_PATH": str(shutil.which("chromium"))}
        with subprocess.Popen(
            command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as run:
            try:
                said = run.communicate(timeout=PATIENCE)[1]
            except BaseException as end:
                _end(run.pid)
                if isinstance(end, subprocess.TimeoutExpired):
                    return {}, f"no result after {PATIENCE:.0f} s"
                raise
        result = json.loads(file.read_text()) if file.exists() else {}
        return result, result.get("runtimeError", {}).get("message", "") or said.strip()[-500:]


def _end(pid: int) -> None:
    """End Lighthouse and the browser it started, which is in a process group of its own and would live on."""
    for member in reversed(processes.tree(pid)):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def read(result: dict[str, Any], page: Seen) -> None:
    """Take over one result of Lighthouse."""
    audits, kinds = result["audits"], result["categories"]
    page.requests = len(audits["network-requests"]["details"]["items"])
    page.needed = 1 + len(audits["render-blocking-resources"].get("details", {}).get("items", []))
    page.runs.append(
        Run(
            scores={kind: round(100 * kinds[kind]["score"]) for kind in GOALS},
            power=result["environment"]["benchmarkIndex"],
            paint=audits["largest-contentful-paint"]["numericValue"] / 1000,
            blocked=audits["total-blocking-time"]["numericValue"],
            faults=tuple(
                ref["id"]
                for kind in GOALS
                for ref in kinds[kind]["auditRefs"]
                if ref["weight"] and (audits[ref["id"]]["score"] or 0) < FINE.get(kind, 1)
                if audits[ref["id"]]["score"] is not None
            ),
        )
    )


def measure_all(address: str, pages: Sequence[Seen]) -> None:
    """Look at each page as often as it counts, and once more for each look at which others were at work."""
    for page in pages:
        measure(address, page)
        page.is_close = bool(page.misses())
        for _ in range(page.times - 1):
            measure(address, page)
        _tell(page)
    for page in pages:
        for _ in range(len(noisy(page, pages))):
            measure(address, page)
            _tell(page)


def noisy(page: Seen, pages: Sequence[Seen]) -> list[Run]:
    """Return the looks that count although the machine was slow then, beside the fastest it has been."""
    best = max(run.power for one in pages for run in one.runs)
    return [run for run in page.counted if run.power < QUIET * best]


def _tell(page: Seen) -> None:
    latest = page.runs[-1]
    print(f"{page.path}: {latest.scores}, machine {latest.power:.0f}", file=sys.stderr, flush=True)


def scores_table(pages: Sequence[Seen]) -> tables.Table:
    """Return the scores of every page, and under them what kept a page from its goal."""
    header = ("page", "performance", "accessibility", "best practices", "SEO", "", "largest paint, s", "blocked, ms")
    table = tables.Table(f"Lighthouse {VERSION}, a phone of 360 x 640 on slow 3G", header)
    for page in pages:
        spread = sorted(run.scores["performance"] for run in page.counted)
        range_ = f" ({spread[0]}-{spread[-1]})" if len(spread) > 1 else ""
        row = [page.path, f"{page.score('performance')}{range_}", str(page.score("accessibility"))]
        row += [str(page.score("best-practices")), str(page.score("seo")) if page.found else "not to be found"]
        row += ["miss" if page.misses() else "pass", _median(page, "paint", 1), _median(page, "blocked", 0)]
        table.rows.append(row)
    table.rows.append(["goal", *(f"≥ {goal}" for goal in GOALS.values()), "", "", ""])
    for page in pages:
        if page.misses():
            faults = sorted({fault for run in page.counted for fault in run.faults})
            table.remarks.append(f"{page.path}: {', '.join(faults) or 'a little of everything'}.")
    count = sum(len(noisy(page, pages)) for page in pages)
    power = [run.power for page in pages for run in page.counted]
    table.remarks.append(
        f"Looks at which others were at work, after a second try: {count} of {len(power)}; a page may seem slow then "
        f"that is not. Lighthouse's own mark for the machine: {median(power):.0f} ({min(power):.0f}-{max(power):.0f})."
    )
    table.remarks.append(
        f"400 ms there and back, 400 kbit/s, CPU four times slower, simulated. Home, report, help and what "
        f"missed a goal at first: median (range) of {TIMES} runs; the others once."
    )
    return table


def _median(page: Seen, what: str, digits: int) -> str:
    return f"{median(getattr(run, what) for run in page.counted):.{digits}f}"


def weights_table(pages: Sequence[Seen]) -> tables.Table:
    """Return what a first view of each page takes."""
    header = ("page", "bytes with headers, gzip", "goal", "requests before it can be used", "goal", "all requests", "")
    table = tables.Table("Weight of a first view", header)
    for page in pages:
        goals = page.path.rpartition("/")[2] in FIRST_VIEWS
        fits = page.needed <= GOAL_REQUESTS and (page.size <= GOAL_BYTES or not goals)
        row = [page.path, f"{page.size:,}", f"≤ {GOAL_BYTES:,}" if goals else "-", str(page.needed)]
        table.rows.append([*row, str(GOAL_REQUESTS), str(page.requests), "pass" if fits else "miss"])
    table.remarks.append("Requests beyond the first are scripts and the like, which no page waits for or needs.")
    return table


def run(paths: Sequence[str] = ()) -> bool:
    """Measure and publish; return whether Lighthouse could look at every page."""
    install()
    wanted = paths or [f"{lang}/{page}" for page in PAGES for lang in LANGUAGES]
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        data_dir, log = Path(folder) / "data", Path(folder) / "log"
        with stack.started(data_dir, log) as start:
            _wait_for_figures(data_dir)
            address = f"http://127.0.0.1:{start.port}/"
            pages = [look(start.port, path) for path in wanted]
            measure_all(address, pages)
    tables.publish("lighthouse", scores_table(pages), weights_table(pages))
    return True


def _wait_for_figures(data_dir: Path, patience: float = 60.0) -> None:
    """Wait until the invented data stands, so that the pages are those of a hotline at work."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        with closing(sqlite3.connect(f"file:{data_dir / 'desk.sqlite3'}?mode=ro", uri=True)) as desk:
            items = desk.execute("SELECT count(*) FROM items").fetchone()[0]
            jobs = desk.execute("SELECT count(*) FROM outbox WHERE due_at <= datetime('now')").fetchone()[0]
        if items and not jobs:
            return
        time.sleep(0.2)
    raise DidNotStartError(f"the invented data did not stand after {patience:.0f} s")


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse", description=__doc__.splitlines()[0])
    parser.add_argument("page", nargs="*", help="such as km/report; all of them unless named")
    try:
        return 0 if run(parser.parse_args().page) else 1
    except DidNotStartError as failure:
        print(f"lighthouse: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    processes.end_on_terminate()
    sys.exit(main())
