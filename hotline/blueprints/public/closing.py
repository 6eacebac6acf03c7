"""Views of a code that were closed: what a browser kept of them opens them no more.

A browser without script keeps the form with which a code was sent, and offers whoever goes back to send it once more.
With "Close this view" somebody says that nobody shall: from then on every page handed out before is refused for that
code. Typed into a page that was opened since, the code works as ever.

All of it is this process's memory: digests that nobody can turn back into a code, and the second of the closing.
"""

import hashlib
import math
import secrets
from collections.abc import Callable
from threading import Lock
from typing import cast

from flask import Flask, current_app

from hotline import clock
from hotline.blueprints.public import tokens

CLOSED = "hotline.closed_views"
REMEMBERED = 30_000  # codes, at 5 MB; the ones closed longest ago are forgotten first


class Closed:
    """Which codes' views were closed, and when. `now` gives seconds since 1970."""

    def __init__(self, most: int = REMEMBERED, now: Callable[[], float] = lambda: clock.now().timestamp()) -> None:
        self._most = most
        self._now = now
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._closed_at: dict[bytes, int] = {}

    def close(self, code: str) -> None:
        """Close every view of `code` (16 digits) that is open by now. Whether there is such a code is not asked."""
        mark = self._mark(code)
        with self._lock:
            self._closed_at.pop(mark, None)
            if len(self._closed_at) >= self._most:
                del self._closed_at[next(iter(self._closed_at))]
            self._closed_at[mark] = math.floor(self._now())

    def has(self, code: str, token: str) -> bool:
        """Whether a page under `token`, which was found good, is from before the last closing of the views of `code`.

        Tokens know whole seconds: one from the very second of the closing counts as made since.
        """
        closed_at = self._closed_at.get(self._mark(code))
        return closed_at is not None and tokens.opened(token)[1] < closed_at

    def _mark(self, code: str) -> bytes:
        return hashlib.blake2b(code.encode(), key=self._key, digest_size=16).digest()


def install(app: Flask) -> None:
    """Give `app` its memory of closed views."""
    app.extensions[CLOSED] = Closed()


def views() -> Closed:
    """Return what was closed at this site."""
    return cast(Closed, current_app.extensions[CLOSED])
