"""How soon an item needs a person, and why."""

from enum import StrEnum
from typing import NamedTuple

from hotline.vocabulary import Category, Urgency

MANY = 3  # so many reports make anything urgent
MANY_ON_A_NEW_HOST = 2  # where nobody has looked at anything yet, fewer do
PRESSING = {Category.LIVE_STREAM, Category.SEXTORTION}


class Cause(StrEnum):
    """What makes an item urgent, the gravest first."""

    DANGER = "danger"
    LIVE_STREAM = "live_stream"
    SEXTORTION = "sextortion"
    REPORTS = "reports"
    AT_HOME = "at_home"
    NEW_HOST = "new_host"
    GROOMING = "grooming"


class Priority(NamedTuple):
    """How soon, and the causes that are true of the item."""

    urgency: Urgency
    causes: tuple[Cause, ...]


def weigh(
    category: Category, *, in_danger: bool, report_count: int, at_home: bool = False, new_host: bool = False
) -> Priority:
    """Return the urgency of an item and its causes.

    A child in danger comes first; then abuse going on now, what many report, and what is hosted in our own country,
    where something can be done at once. Elsewhere `OTHER` waits until it is calm. `new_host` says that it was the
    first address on its host: then fewer reports are many.
    """
    many = report_count >= (MANY_ON_A_NEW_HOST if new_host else MANY)
    facts = {
        Cause.DANGER: in_danger,
        Cause.LIVE_STREAM: category is Category.LIVE_STREAM,
        Cause.SEXTORTION: category is Category.SEXTORTION,
        Cause.REPORTS: report_count >= MANY_ON_A_NEW_HOST,
        Cause.AT_HOME: at_home,
        Cause.NEW_HOST: new_host,
        Cause.GROOMING: category is Category.GROOMING,
    }
    causes = tuple(cause for cause, holds in facts.items() if holds)
    if in_danger:
        return Priority(Urgency.P1, causes)
    if category is Category.OTHER:
        return Priority(Urgency.P2 if many else Urgency.P3 if at_home else Urgency.P4, causes)
    return Priority(Urgency.P2 if many or at_home or category in PRESSING else Urgency.P3, causes)
