"""Rolling up statistics: in small batches, until nothing waits or the turn is over. Safe to run twice, and at once."""

import time
from collections.abc import Callable

from hotline.services import statistics_rollup

TURN = 3.0  # seconds of a sweeper's round: a store that is filled for the first time must not keep the inbox waiting


def roll_up(stopped: Callable[[], bool] = lambda: False, *, seconds: float | None = None) -> int:
    """Count anew what changed, for so many seconds at most. Returns how many changes were worked off."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while not stopped() and (rolled := statistics_rollup.roll()):
        done += rolled
        if until is not None and time.monotonic() >= until:
            break
    return done
