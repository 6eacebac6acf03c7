"""Where the limits are counted: this process's memory, swept now and then.

The storage that comes with `limits` starts a thread at every hit and walks through every network it knows, which a
thousand visitors a second would feel. This one does neither.
"""

import time
from threading import Lock

from limits.storage import Storage

URI = "counters://"
SWEEP_SECONDS = 60


class Counters(Storage):
    """Fixed windows in memory. Chosen by `RATELIMIT_STORAGE_URI = counters.URI`."""

    STORAGE_SCHEME = ["counters"]  # noqa: RUF012 -- how `limits` finds it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        self._windows: dict[str, tuple[int, float]] = {}  # key: hits so far, and when its window ends
        self._sweep_at = time.time() + SWEEP_SECONDS

    @property
    def base_exceptions(self) -> type[Exception]:
        """Say which errors mean that the storage is down: none can."""
        return MemoryError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a hit in a window of `expiry` seconds; return how many there are."""
        now = time.time()
        with self._lock:
            if now >= self._sweep_at:
                self._sweep(now)
            hits, ends = self._windows.get(key, (0, 0.0))
            if ends <= now:
                hits, ends = 0, now + expiry
            self._windows[key] = (hits + amount, ends)
            return hits + amount

    def get(self, key: str) -> int:
        """Return the hits of the present window."""
        hits, ends = self._windows.get(key, (0, 0.0))
        return hits if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the present window ends, in seconds since 1970."""
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Say that memory is there."""
        return True

    def reset(self) -> int:
        """Forget every window; return how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
            return count

    def clear(self, key: str) -> None:
        """Forget one window."""
        self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        self._sweep_at = now + SWEEP_SECONDS
