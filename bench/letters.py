"""Letters through SMTP, the portal against a bare RQ worker: `python -m bench.letters`.

Both have one worker, RQ's SimpleWorker with JSON jobs, on the same queue server, and one kept connection to the same
mail sink. The bare side's jobs do nothing but mail; the portal's are approved notices, delivered by `flask worker`
with the sweeper running. Time counts from the start of the worker, and from the first letter, to the last.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from bench import processes, servers, tables
from deploy import queue_server

LETTERS = 1000
ROUNDS = 3
GOAL = 0.8
PATIENCE = 300.0
"""Seconds all letters of one round may take before the missing ones count as lost."""
BARE_QUEUE = "bare"
QUIET_WORKER = ("--quiet", "--worker-class", "rq.SimpleWorker", "--serializer", "rq.serializers.JSONSerializer")


@dataclass(frozen=True)
class Drain:
    """How one side sent its letters."""

    letters: int
    from_start: float
    from_first: float
    cpu: float
    others_share: float

    @property
    def per_second(self) -> float:
        """Letters per second from the start of the worker to the last letter."""
        return self.letters / self.from_start

    @property
    def running_per_second(self) -> float:
        """Letters per second from the first letter to the last."""
        return (self.letters - 1) / self.from_first

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the sending side's CPU per letter."""
        return self.cpu * 1000 / self.letters


class WrongCountError(Exception):
    """Letters that did not arrive, or arrived twice."""


class Post:
    """The queue server, the sink and the portal's store that both sides of every round use."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "queue.sock"
        self.sink_port = processes.free_port()
        self._folder = folder
        self._notes = folder / "taken"
        self.environ = servers.portal_environment(
            folder / "data",
            processes.free_port(following=1),
            HOTLINE_REDIS_URL=queue_server.address_of(self.socket),
            HOTLINE_SMTP_URL=f"smtp://127.0.0.1:{self.sink_port}",
        )

    @contextlib.contextmanager
    def open(self, answers_after: float = 0.0) -> Iterator[None]:
        """Run queue server and sink for the length of the block. `answers_after`: seconds the sink takes for each."""
        sink = [sys.executable, "-m", "bench.mail_sink", str(self.sink_port), str(self._notes), str(answers_after)]
        with (
            self._running(queue_server.command_line(self.socket)) as queue,
            self._running(sink) as taker,
        ):
            _wait(self.socket.exists, queue)
            _wait(lambda: processes.listens(self.sink_port), taker)
            yield

    def at_desk(self, what: str, *counts: int) -> None:
        """Draft or approve letters: how many, and to how many recipients."""
        command = [sys.executable, "-m", "bench.desk_letters", what, *map(str, counts)]
        done = subprocess.run(
            command, cwd=processes.ROOT, env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise processes.DidNotStartError(f"bench.desk_letters {what} failed; it printed:\n{done.stderr[-3000:]}")

    def drain_portal(self, count: int, *, workers: int = 1) -> Drain:
        """Approve `count` notices, then start workers beside the sweeper and time what arrives."""
        self.at_desk("approve", count)
        flask = [sys.executable, "-m", "flask"]
        with self._running([*flask, "sweep"]):
            return self._drain([*flask, "worker"], count, workers=workers)

    def drain_bare(self, count: int, job: str = "send_kept") -> Drain:
        """Queue `count` jobs of the yardstick's, then start a worker and time what arrives."""
        with Redis.from_url(queue_server.address_of(self.socket)) as connection:
            queue = Queue(BARE_QUEUE, connection=connection, serializer=JSONSerializer)
            for number in range(count):
                queue.enqueue(f"bench.bare_letters.{job}", number, result_ttl=0, failure_ttl=3600)
        url = ("--url", queue_server.address_of(self.socket))
        return self._drain([sys.executable, "-m", "rq.cli", "worker", *QUIET_WORKER, *url, BARE_QUEUE], count)

    def _drain(self, worker: Sequence[str], count: int, *, workers: int = 1) -> Drain:
        before, busy, began = len(self._taken()), processes.busy_seconds(), time.time()
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(self._running(worker)) for _ in range(workers)]
            _wait(lambda: len(self._taken()) >= before + count, running[0], PATIENCE)
            cpu = sum(processes.tree_cpu_seconds(one.pid) for one in running)
            busy, seconds = processes.busy_seconds() - busy, time.time() - began
        taken = self._taken()[before:]
        if len({message_id for _, message_id in taken}) != count or len(taken) != count:
            raise WrongCountError(f"{count} letters were queued and {len(taken)} arrived")
        first, last = taken[0][0], taken[-1][0]
        return Drain(count, last - began, last - first, cpu, max(0.0, busy - cpu) / seconds)

    def _taken(self) -> list[tuple[float, str]]:
        """Return when each letter was taken, and its Message-ID, in order."""
        if not self._notes.exists():
            return []
        lines = (line.split(" ", 1) for line in self._notes.read_text().splitlines())
        return [(float(at), message_id) for at, message_id in lines]

    def _running(self, command: Sequence[str]) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        environ = self.environ | {"BARE_SMTP_PORT": str(self.sink_port)}
        return processes.running(command, environ, self._folder / "log")


def _wait(condition: processes.Condition, process: subprocess.Popen[bytes], patience: float = 30.0) -> None:
    until = time.monotonic() + patience
    while not condition():
        if process.poll() is not None:
            raise processes.DidNotStartError(f"{process.args!r} ended with exit code {process.returncode}")
        if time.monotonic() > until:
            raise WrongCountError(f"{process.args!r} did not do its work within {patience:g} s")
        time.sleep(0.05)


def measure(rounds: int, letters: int) -> list[tuple[Drain, Drain]]:
    """Return both sides' drains, the portal's first, the sides in turn."""
    done = []
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        post = Post(Path(folder))
        with post.open():
            servers.flask(post.environ, "prepare")
            post.at_desk("draft", rounds * letters)
            for number in range(rounds):
                bare_first = post.drain_bare(letters) if number % 2 else None
                portal = post.drain_portal(letters)
                done.append((portal, bare_first or post.drain_bare(letters)))
                print(f"letters, round {number + 1} of {rounds}: done", file=sys.stderr, flush=True)
    return done


def table_of(done: list[tuple[Drain, Drain]]) -> tables.Table:
    """Return the drains as a table."""
    table = tables.Table(
        f"Letters: {done[0][0].letters} approved notices against as many bare jobs, one worker each",
        ("what", "portal", "bare worker", "ratio (range)", "goal", ""),
    )
    for what, name in (
        ("letters per second, from the worker's start", "per_second"),
        ("letters per second, from the first letter", "running_per_second"),
        ("CPU ms per letter", "cpu_ms"),
    ):
        pairs = [(getattr(portal, name), getattr(bare, name)) for portal, bare in done]
        ratios = [ours / theirs for ours, theirs in pairs]
        spread = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        ours, theirs = (f"{median(side):.4g}" for side in zip(*pairs, strict=True))
        goal = ("-", "") if name == "cpu_ms" else (f"≥ {GOAL}", tables.at_least(median(ratios), GOAL))
        table.rows.append([what, ours, theirs, spread, *goal])
    noise = max(one.others_share for pair in done for one in pair)
    table.remarks += [
        f"Median of {len(done)} rounds, sides in turn; a ratio is taken within one round.",
        f"All other processes, queue server, sink and sweeper among them, used up to {noise:.0%} of a core.",
        "Every letter arrived exactly once.",
    ]
    return table


def run(rounds: int = ROUNDS, letters: int = LETTERS) -> bool:
    """Measure and publish; return whether every letter arrived exactly once."""
    try:
        done = measure(rounds, letters)
    except WrongCountError as wrong:
        print(f"letters: {wrong}", file=sys.stderr)
        return False
    tables.publish("letters", table_of(done))
    return True


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.letters", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--letters", type=int, default=LETTERS)
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.rounds, options.letters) else 1


if __name__ == "__main__":
    sys.exit(main())
