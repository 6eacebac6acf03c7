"""What stakeholders said in past years and what we did about it, for the page about our code of practice.

It is read as `boards` says.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app
from flask_babel import gettext as _

from hotline.blueprints.public import boards
from hotline.services import consultation_feedback
from hotline.services.consultation_feedback import Told
from hotline.vocabulary import Sector

BOARD = "hotline.feedback"


@dataclass(frozen=True)
class Reading:
    """What was last read. `number` is another one whenever something else was."""

    number: int = 0
    told: tuple[Told, ...] = ()

    @property
    def years(self) -> list[int]:
        """The years there is something of, newest first."""
        return sorted({one.year for one in self.told}, reverse=True)


class Board(boards.Board[tuple[Told, ...], Reading]):
    """The texts as this process last read them."""

    def __init__(
        self,
        read: Callable[[], tuple[Told, ...]] = consultation_feedback.list_published,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(read, first=Reading(), after=_after, doing="reading what stakeholders said", now=now)


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


def _after(known: Reading, told: tuple[Told, ...]) -> Reading:
    return known if told == known.told else Reading(known.number + 1, told)
