"""Processes of a measurement: starting and surely ending them, and what they cost in CPU and memory (Linux)."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
Condition = Callable[[], bool]


class DidNotStartError(Exception):
    """A server that was needed did not come up; the text ends with what it printed."""


@dataclass(frozen=True)
class Weight:
    """What one process holds in memory."""

    pid: int
    name: str
    pss_mb: float


def _stat(pid: int) -> list[str]:
    # the command's name in brackets may hold blanks, so count from behind it
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(pid: int) -> list[int]:
    """Return `pid` and all that descends from it and still lives."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [pid]
    for known in found:
        found += children.get(known, [])
    return found


def cpu_seconds(pid: int) -> float:
    """Return user and system time of one process and of the children it has already reaped."""
    return sum(int(ticks) for ticks in _stat(pid)[11:15]) / TICKS


def tree_cpu_seconds(pid: int) -> float:
    """Return user and system time of a whole process tree."""
    total = 0.0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            total += cpu_seconds(member)
    return total


def busy_seconds() -> float:
    """Return the CPU time this machine has spent working, over all cores and processes."""
    ticks = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS  # less idle and waiting for disks


def weigh(pid: int) -> list[Weight]:
    """Return the proportional memory of every process of a tree."""
    weights = []
    for member in tree(pid):
        with contextlib.suppress(OSError):
            rollup = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{member}/smaps_rollup").read_text(), re.MULTILINE)
            name = Path(f"/proc/{member}/comm").read_text().strip()
            if rollup:
                weights.append(Weight(member, name, int(rollup[1]) / 1024))
    return weights


def free_port(following: int = 0) -> int:
    """Return a loopback port that is free, and so are as many `following` ones."""
    for _ in range(100):
        with contextlib.ExitStack() as sockets:
            first = sockets.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for offset in range(1, following + 1):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port + offset))
            except (OSError, OverflowError):
                continue
            return port
    raise OSError("no free ports in a row on 127.0.0.1")


@contextlib.contextmanager
def running(command: Sequence[str], environ: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` from the project's root for the length of the block; all that it started ends with it."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], patience: float = 15.0) -> None:
    """End a process politely, then whatever is left of its group for certain."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        print(f"process {process.pid} did not end within {patience:.0f} s and was killed", file=sys.stderr)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def listens(port: int) -> bool:
    """Say whether somebody takes connections on a loopback port now."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, path: str) -> bool:
    """Say whether `path` on a loopback port gives a good page now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_page(process: subprocess.Popen[bytes], port: int, path: str, log: Path, patience: float = 60.0) -> float:
    """Wait until `path` gives a good page; return the seconds it took."""
    started = time.perf_counter()
    while not answers(port, path):
        if process.poll() is not None or time.perf_counter() - started > patience:
            printed = log.read_text(errors="replace")[-3000:]
            raise DidNotStartError(
                f"no page at http://127.0.0.1:{port}{path} from {process.args!r}; it printed:\n{printed}"
            )
        time.sleep(0.01)
    return time.perf_counter() - started


def end_on_terminate() -> None:
    """Let SIGTERM unwind like Ctrl-C, so that every process and folder of the measurement goes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
