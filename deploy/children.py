"""Processes that die with their supervisor: how one is started, and how it is started again.

A command whose program has an *entrance* is not executed anew but runs in a fork of the supervisor, which has
already loaded the code: the copies share their memory (the whole stack takes half), and none waits for imports.
"""

import ctypes
import gc
import importlib
import os
import signal as signals
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
M_ARENA_MAX = -8
LONGEST = 1024  # bytes taken at once; a wider gap is taken in pieces
CHUNK = 16  # bytes: what the C library's sizes differ by

_libc = ctypes.CDLL(None, use_errno=True)
_libc.malloc.restype = _libc.sbrk.restype = ctypes.c_size_t  # addresses
_libc.malloc.argtypes = _libc.sbrk.argtypes = (ctypes.c_size_t,)


@dataclass(frozen=True)
class Command:
    """One process to run: what people call it, and its command line."""

    name: str
    argv: tuple[str, ...]
    sockets: tuple[int, ...] = ()  # file descriptors it inherits
    serves_others: bool = False  # stopped only after the others are gone
    is_brief: bool = False  # ends soon, and collects no garbage until then
    orphan_signal: signals.Signals = signals.SIGTERM  # what the kernel sends it when the supervisor is killed


@dataclass(frozen=True)
class Pace:
    """How fast what dies is started again, in seconds."""

    first: float = 0.2
    longest: float = 10.0
    settled: float = 30.0  # who lived this long starts again at the first pause


@dataclass
class Child:
    """A command that is meant to be running, and its present process."""

    command: Command
    pace: Pace
    pid: int = 0
    running: bool = False
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0

    def begins(self, pid: int) -> None:
        """Note the process that now carries the command."""
        self.pid, self.running, self.started = pid, True, time.monotonic()

    def ends(self) -> float:
        """Note that the process is gone; return the pause before the next, longer each time in a row."""
        now = time.monotonic()
        settled = now - self.started >= self.pace.settled
        self.pause = self.pace.first if settled or not self.pause else min(self.pause * 2, self.pace.longest)
        self.running, self.due = False, now + self.pause
        return self.pause

    def signal(self, number: signals.Signals) -> None:
        """Signal the process itself."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def signal_group(self, number: signals.Signals) -> None:
        """Signal the process and whatever it has started."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)


@dataclass
class Nursery:
    """Starts processes; holds what they must not inherit and the doors of code that is already loaded."""

    entrances: Mapping[str, str] = field(default_factory=dict)  # program -> "module:function"
    private: list[int] = field(default_factory=list)  # open file descriptors that only their owner may keep

    def load(self, modules: Iterable[str]) -> None:
        """Import `modules` and the entrances once, so that forks share them, untouched by the collector."""
        _libc.mallopt(M_ARENA_MAX, 2)
        gc.disable()
        for module in modules:
            importlib.import_module(module)
        for entrance in self.entrances.values():
            _find(entrance)
        gc.freeze()  # and no collection before: what it frees leaves gaps, and who writes into one copies its page
        _close_gaps()

    def start(self, command: Command) -> int:
        """Start `command` in a process group of its own; return its process id."""
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become(command, parent)
        return pid

    def _become(self, command: Command, parent: int) -> NoReturn:
        code = 1
        try:
            self._leave_home(command, parent)
            entrance = self.entrances.get(command.argv[0])
            code = _walk_in(_find(entrance), command) if entrance else _execute(command)
        except BaseException:
            traceback.print_exc()  # nothing may unwind into the supervisor's own stack
        finally:
            _flush()
            os._exit(code)

    def _leave_home(self, command: Command, parent: int) -> None:
        os.setsid()
        _libc.prctl(PR_SET_PDEATHSIG, int(command.orphan_signal))
        if os.getppid() != parent:  # it was killed before the kernel knew what to send
            os._exit(1)
        _libc.prctl(PR_SET_NAME, command.name.encode()[:15])
        for fd in self.private:
            if fd not in command.sockets:
                os.close(fd)
        for fd in command.sockets:
            os.set_inheritable(fd, True)
        silence = os.open(os.devnull, os.O_RDONLY)
        os.dup2(silence, 0)
        os.close(silence)
        signals.pthread_sigmask(signals.SIG_SETMASK, ())


def _close_gaps() -> None:
    """Take all memory that lies free between what is in use, for good: forks then take theirs from pages of their own.

    A gap is a part of a page that has other things on it, so nothing is lost. Left open, each fork would write into
    thousands of them, and copy the page each time.
    """
    end = _libc.sbrk(0)
    for size in range(LONGEST, 0, -CHUNK):
        while 0 < _libc.malloc(size) < end:
            pass


def _execute(command: Command) -> int:
    try:
        os.execvp(command.argv[0], command.argv)  # noqa: S606 - no shell is wanted
    except OSError as error:
        print(f"{command.name} cannot start: {error.strerror} ({command.argv[0]}).", file=sys.stderr)
        return 1


def _find(entrance: str) -> Callable[[], object]:
    module, _, function = entrance.partition(":")
    found = getattr(importlib.import_module(module), function)
    assert callable(found), entrance
    return found  # type: ignore[no-any-return]


def _walk_in(entrance: Callable[[], object], command: Command) -> int:
    if not command.is_brief:
        gc.enable()
    sys.argv = list(command.argv)
    try:
        result = entrance()
    except SystemExit as leaving:
        result = leaving.code
    if isinstance(result, str):
        print(result, file=sys.stderr)
    return result if isinstance(result, int) else int(result is not None)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
