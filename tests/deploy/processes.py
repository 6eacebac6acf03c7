"""Looking at real processes: who runs under whom, and whether all of them are gone."""

import contextlib
import random
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

DEADLINE = 60.0  # seconds; generous, so that a slow machine fails no test

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], what: str) -> Found:
    """Look again and again until there is something; fail when nothing has come by the deadline."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for: {what}")


def is_running(pid: int) -> bool:
    """Whether the process lives (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def name_of(pid: int) -> str:
    """The short name of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def descendants(pid: int) -> list[int]:
    """Every process below `pid`."""
    return list(_descend(pid))


def child_named(pid: int, name: str) -> int | None:
    """The direct child of `pid` with that name, if it lives."""
    return next((child for child in _children(pid) if name_of(child) == name and is_running(child)), None)


def free_ports() -> int:
    """A port that is free, and so is the one after it: none of those the system gives to whoever connects somewhere.

    It is free until somebody listens there, and no connection of another test may take it meanwhile.
    """
    lowest_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(lowest_given // 2, lowest_given - 1)
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _descend(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descend(child)
