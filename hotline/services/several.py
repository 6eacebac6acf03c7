"""Doing one thing with several items at once. What cannot be done with one of them is said, and the rest is done."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from hotline.errors import HandsFull, LightWorkOnly, NotFound, WrongState
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.services import claims, items

MOST = 50  # more than a page of the queue shows


class Outcome(StrEnum):
    """What became of one of several."""

    DONE = "done"
    NOT_FREE = "not_free"  # somebody was quicker, or it has moved on
    HANDS_FULL = "hands_full"
    LIGHT_ONLY = "light_only"  # the person has had enough of hard material for today
    NOT_FOUND = "not_found"


class Result(NamedTuple):
    """What became of the item `ref`."""

    ref: str
    outcome: Outcome


OUTCOMES: dict[type[Exception], Outcome] = {
    WrongState: Outcome.NOT_FREE,
    HandsFull: Outcome.HANDS_FULL,
    LightWorkOnly: Outcome.LIGHT_ONLY,
    NotFound: Outcome.NOT_FOUND,
}


def claim(refs: Sequence[str], *, by: Staff) -> list[Result]:
    """Take several items for a first look, in the order given, until the hands are full."""
    return [_done(ref, lambda item: claims.claim(item, by=by), by=by) for ref in refs[:MOST]]


def pass_on(refs: Sequence[str], *, by: Staff) -> list[Result]:
    """Put several items back into the queue; nobody asks why."""
    return [_done(ref, lambda item: claims.pass_on(item, by=by), by=by) for ref in refs[:MOST]]


def _done(ref: str, deed: Callable[[Item], None], *, by: Staff) -> Result:
    """Do it with one item. All that refuses does so before anything is written, so the others stand."""
    try:
        deed(items.get(ref, by=by))
    except tuple(OUTCOMES) as refusal:
        return Result(ref, OUTCOMES[type(refusal)])
    return Result(ref, Outcome.DONE)
