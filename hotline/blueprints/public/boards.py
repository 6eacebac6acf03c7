"""What the public reads that others published: read again every two minutes. No page waits for it, or fails with it."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from hotline import logs
from hotline.errors import StorageFull

READ_AGAIN = 120.0  # seconds

Published = TypeVar("Published")
Reading = TypeVar("Reading")


class Board(Generic[Published, Reading]):
    """Something published, as this process last read it. `now` gives seconds that only ever grow.

    `first` stands until something was read; `after` makes the next reading of the one before and what is read.
    """

    def __init__(
        self,
        read: Callable[[], Published],
        *,
        first: Reading,
        after: Callable[[Reading, Published], Reading],
        doing: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._after, self._doing, self._now = read, after, doing, now
        self._due: float | None = None
        self._reading = first

    def reading(self) -> Reading:
        """Return the last reading; the one known before while the store cannot be read."""
        now = self._now()
        if self._due is None or now >= self._due:
            self._due = now + READ_AGAIN  # before reading: other threads go on with the reading they have
            try:
                self._reading = self._after(self._reading, self._read())
            except StorageFull as exc:
                logs.fault(exc, doing=self._doing)
        return self._reading
