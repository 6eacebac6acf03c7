"""What stakeholders said in past years and what we did about it, for the page about our code of practice.

It is read from the front store again every two minutes, and no page waits for it or fails because of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app
from flask_babel import gettext as _

from hotline import logs
from hotline.errors import StorageFull
from hotline.services import consultation_feedback
from hotline.services.consultation_feedback import Told
from hotline.vocabulary import Sector

BOARD = "hotline.feedback"
READ_AGAIN = 120.0  # seconds


@dataclass(frozen=True)
class Reading:
    """What was last read. `number` is another one whenever something else was."""

    number: int = 0
    told: tuple[Told, ...] = ()

    @property
    def years(self) -> list[int]:
        """The years there is something of, newest first."""
        return sorted({one.year for one in self.told}, reverse=True)


class Board:
    """The texts as this process last read them. `now` gives seconds that only ever grow."""

    def __init__(
        self,
        read: Callable[[], tuple[Told, ...]] = consultation_feedback.list_published,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._now = now
        self._due: float | None = None
        self._reading = Reading()

    def reading(self) -> Reading:
        """Return the last reading; the one known before while the store cannot be read."""
        now = self._now()
        if self._due is None or now >= self._due:
            self._due = now + READ_AGAIN  # before reading: other threads go on with the reading they have
            try:
                told = self._read()
            except StorageFull as exc:
                logs.fault(exc, doing="reading what stakeholders said")
            else:
                if told != self._reading.told:
                    self._reading = Reading(self._reading.number + 1, told)
        return self._reading


def sector(one: Sector) -> str:
    """Return the name of a sector as the public reads it."""
    return {
        Sector.GOVERNMENT: _("Government"),
        Sector.LAW_ENFORCEMENT: _("Law enforcement"),
        Sector.INDUSTRY: _("Internet industry"),
        Sector.CHILD_WELFARE: _("Child welfare"),
        Sector.OTHERS: _("Others"),
    }[one]


def current() -> Reading:
    """Return the texts as this process last read them."""
    return cast(Board, current_app.extensions[BOARD]).reading()
