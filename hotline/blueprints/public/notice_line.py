"""The line that staff can put above the first page, such as «our telephone is closed on 9 November».

It is read from the front store again every half minute, and the page never waits for it or fails because of it.
"""

import time
from collections.abc import Callable
from typing import cast

from flask import current_app

from hotline import i18n, logs
from hotline.errors import StorageFull
from hotline.services import public_texts
from hotline.vocabulary import Language, TextKey

BOARD = "hotline.notice_line"
READ_AGAIN = 30.0  # seconds


def _notice(language: Language) -> str | None:
    return public_texts.find(TextKey.NOTICE, language)


class Board:
    """The line of each language, as this process last read it. `now` gives seconds that only ever grow."""

    def __init__(
        self,
        read: Callable[[Language], str | None] = _notice,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._now = now
        self._lines: dict[Language, str | None] = {}
        self._due: dict[Language, float] = {}

    def line(self, language: Language) -> str | None:
        """Return the line, None when there is none; the last one known while the store cannot be read."""
        now = self._now()
        if now >= self._due.get(language, now):
            self._due[language] = now + READ_AGAIN  # before reading: other threads go on with the line they have
            try:
                self._lines[language] = self._read(language)
            except StorageFull as exc:
                logs.fault(exc, doing="reading the notice line")
        return self._lines.get(language)


def current() -> str | None:
    """Return the line for the language of this request."""
    return cast(Board, current_app.extensions[BOARD]).line(i18n.chosen())
