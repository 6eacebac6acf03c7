"""The back office as processes of its own: queue server, worker and sweeper, on a data folder of the test's."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from flask.cli import main as flask
from redis import Redis
from redis.exceptions import RedisError

from deploy import queue_server
from tests.deploy.processes import wait_for
from tests.traces.search import unpacked

ROOT = Path(__file__).parents[2]
PATIENCE = 30  # seconds; generous, so that a slow machine fails no test
COMMANDS = {"worker": "worker", "sweeper": "sweep"}

# Parts are forked off a process that has read the program already: to read it anew takes each longer than all it does.
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["hotline", "tests.jobs.stack"])


class Part(Protocol):
    """A process that a test has started."""

    pid: int

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""

    def wait(self, timeout: float) -> int:
        """Wait so many seconds until it has ended; return its exit code."""


class Forked:
    """`flask` with one command, as a process with these settings and no other, which says everything into `log`."""

    def __init__(self, command: str, environ: Mapping[str, str], log: Path) -> None:
        log.touch()
        self._process = _forks.Process(target=_run, args=(command, dict(environ), log))
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait so many seconds until it has ended; return its exit code."""
        self._process.join(timeout)
        assert self._process.exitcode is not None, "a part does not end"
        return self._process.exitcode


def _run(command: str, environ: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    with log.open("ab") as out:
        for number in (1, 2):
            os.dup2(out.fileno(), number)
    sys.argv = ["flask", command]
    flask()


class Stack:
    """Starts parts by name, stops or kills them, and keeps what each says."""

    def __init__(self, data_dir: Path, *, smtp_url: str = "", **environ: str) -> None:
        self.data_dir = data_dir
        self.socket = data_dir / "queue.sock"
        self.logs = data_dir.with_name(f"{data_dir.name}-logs")
        self.logs.mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        own = {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_SMTP_URL": smtp_url, "HOTLINE_INBOX_DELAY": "0"}
        self._environ = inherited | own | environ
        self._parts: dict[str, Part] = {}

    def start(self, *names: str, by_command: bool = False) -> None:
        """Start `queue`, `worker` or `sweeper`. Waits for the queue server only.

        `by_command`: worker and sweeper as the supervisor starts them, read anew, not forked.
        """
        for name in names:
            if name in COMMANDS and by_command:
                self._parts[name] = self._opened(name, (sys.executable, "-m", "flask", COMMANDS[name]))
                continue
            if name in COMMANDS:
                self._parts[name] = Forked(COMMANDS[name], self._environ, self.logs / name)
                continue
            self._parts[name] = self._opened(name, queue_server.command_line(self.socket))
            wait_for(self.queue_answers, "the queue server to answer")

    def kill(self, name: str) -> None:
        """End a part at once, as the kernel does when memory runs out."""
        self._send(name, signal.SIGKILL)
        self._parts.pop(name).wait(PATIENCE)

    def stop(self, name: str) -> int:
        """Ask a part to end; return its exit code."""
        self.ask_to_stop(name)
        return self.wait_for_end(name)

    def ask_to_stop(self, name: str) -> None:
        """Ask a part to end, and do not wait."""
        self._send(name, signal.SIGTERM)

    def wait_for_end(self, name: str) -> int:
        """Wait until a part has ended; return its exit code."""
        return self._parts.pop(name).wait(PATIENCE)

    def end(self) -> None:
        """End everything, frozen parts too."""
        for name in list(self._parts):
            self._send(name, signal.SIGCONT)
            self.kill(name)

    def pause(self, name: str) -> None:
        """Freeze a part: it neither works nor dies."""
        self._send(name, signal.SIGSTOP)

    def is_running(self, name: str) -> bool:
        """Whether a part has not ended."""
        return self._parts[name].poll() is None

    def said(self, name: str) -> str:
        """What a part has written to stdout and stderr."""
        return (self.logs / name).read_text()

    def queue(self) -> "Redis[Any]":
        """A client of the queue server."""
        return Redis.from_url(queue_server.address_of(self.socket), socket_timeout=5)

    def queue_answers(self) -> bool:
        """Whether the queue server takes commands."""
        try:
            return bool(self.queue().ping())
        except RedisError:
            return False

    def has_worker(self) -> bool:
        """Whether a worker waits for work at the queue server."""
        try:
            return any(client["cmd"] in {"blmove", "blpop"} for client in self.queue().client_list())
        except RedisError:
            return False

    def dump(self) -> bytes:
        """Everything the queue server holds, one value a line."""
        return dump(self.queue())

    def _opened(self, name: str, argv: Sequence[str]) -> Part:
        with (self.logs / name).open("ab") as log:
            return subprocess.Popen(argv, cwd=ROOT, env=self._environ, stdout=log, stderr=log)

    def _send(self, name: str, number: signal.Signals) -> None:
        if self.is_running(name):
            os.kill(self._parts[name].pid, number)


def dump(queue: "Redis[Any]") -> bytes:
    """Everything a queue server holds, one value a line, packed values unpacked too."""
    found: list[bytes] = []
    for key in queue.scan_iter():
        kind = queue.type(key).decode()
        found += [key, *(part for part in READERS[kind](queue, key) if part is not None)]
    return b"\n".join([*found, *map(unpacked, found)])


READERS: dict[str, Callable[["Redis[Any]", bytes], list[Any]]] = {
    "none": lambda queue, key: [],  # it has gone meanwhile
    "string": lambda queue, key: [queue.get(key)],
    "hash": lambda queue, key: [part for pair in queue.hgetall(key).items() for part in pair],
    "list": lambda queue, key: queue.lrange(key, 0, -1),
    "set": lambda queue, key: list(queue.smembers(key)),
    "zset": lambda queue, key: queue.zrange(key, 0, -1),
    "stream": lambda queue, key: [part for _, entry in queue.xrange(key) for pair in entry.items() for part in pair],
}
