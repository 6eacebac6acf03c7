"""Watches the portal's processes: starts again what dies, and stops all of them together (Linux)."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable

from deploy.children import Child, Command, Nursery, Pace

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
WATCHED_SIGNALS = STOP_SIGNALS | {signal.SIGCHLD}
TICK = 0.1
LONG_SLEEP = 3600.0


class Supervisor:
    """One thread that waits for signals: someone died, or someone wants to stop.

    The signals are held back from the first moment, so none is lost between two waits.
    """

    def __init__(self, nursery: Nursery, *, pace: Pace = Pace(), grace: float = 8.0) -> None:  # noqa: B008 - frozen
        self.stop_asked = False
        self._nursery = nursery
        self._pace = pace
        self._grace = grace
        self._children: list[Child] = []
        self._codes: dict[int, int] = {}
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED_SIGNALS)

    def start(self, command: Command) -> None:
        """Start `command` and keep it alive from now on."""
        child = Child(command, self._pace)
        child.begins(self._nursery.start(command))
        self._children.append(child)

    def finish(self, command: Command) -> int:
        """Run `command` once to its end and return its exit code, negative if a signal ended it."""
        once = Child(command, self._pace)
        once.begins(self._nursery.start(command))
        while once.pid not in self._codes and not self.stop_asked:
            self._wait(LONG_SLEEP)
        if once.pid not in self._codes:
            self._children.append(once)  # to be stopped with the others
        return self._codes.pop(once.pid, -signal.SIGTERM)

    def watch(self, waiting_for: Callable[[], bool]) -> None:
        """Keep everything alive until someone wants to stop; ask `waiting_for` now and then until it is true."""
        done = False
        while not self.stop_asked:
            done = done or waiting_for()
            self._revive()
            self._wait(min([child.due - time.monotonic() for child in self._dead()] + [LONG_SLEEP if done else TICK]))

    def stop(self) -> None:
        """Stop all processes, those that serve others last; kill what has not gone after the grace period."""
        for late in (False, True):
            stage = [child for child in self._children if child.command.serves_others is late]
            self._end(stage)
        self._children.clear()

    def _end(self, stage: list[Child]) -> None:
        for child in stage:
            if child.running:
                child.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while _any_running(stage) and (left := deadline - time.monotonic()) > 0:
            self._wait(left, stopping=True)
        for child in stage:
            if child.running:
                say(f"{child.command.name} did not stop within {self._grace:g} s and was killed.")
            child.signal_group(signal.SIGKILL)
        while _any_running(stage):
            self._wait(LONG_SLEEP, stopping=True)

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self._dead():
            if child.due <= now:
                child.signal_group(signal.SIGKILL)  # what the dead one had started and left behind
                child.begins(self._nursery.start(child.command))

    def _dead(self) -> list[Child]:
        return [child for child in self._children if not child.running]

    def _wait(self, seconds: float, *, stopping: bool = False) -> None:
        arrived = signal.sigtimedwait(WATCHED_SIGNALS, max(seconds, 0))
        if arrived is not None and arrived.si_signo in STOP_SIGNALS:
            self.stop_asked = True
        for pid, code in _reap():
            self._bury(pid, code, stopping=stopping or self.stop_asked)

    def _bury(self, pid: int, code: int, *, stopping: bool) -> None:
        child = next((child for child in self._children if child.pid == pid), None)
        if child is None:
            self._codes[pid] = code
            return
        pause = child.ends()
        if not stopping:
            child.signal_group(signal.SIGTERM)
            say(f"{child.command.name} {how_it_ended(code)}; starting it again in {pause:g} s.")


def how_it_ended(code: int) -> str:
    """Say in plain words what an exit code means."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}" if code else "ended by itself"


def say(line: str) -> None:
    """Tell the person at the terminal, or the journal."""
    print(line, file=sys.stderr, flush=True)


def _any_running(children: Iterable[Child]) -> bool:
    return any(child.running for child in children)


def _reap() -> list[tuple[int, int]]:
    gone: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return gone
        if pid == 0:
            return gone
        gone.append((pid, os.waitstatus_to_exitcode(status)))
