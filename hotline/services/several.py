"""Doing one thing with several items at once. What cannot be done with one of them is said, and the rest is done."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from hotline.errors import HandsFull, LightWorkOnly, NotFound, WrongState
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules.standing import Third
from hotline.services import assessments, claims, disputes, items
from hotline.vocabulary import ItemStatus

MOST = 50  # more than a page of the queue shows


class Outcome(StrEnum):
    """What became of one of several."""

    DONE = "done"
    LEFT = "left"  # a second or third look, left to another reviewer
    NOT_YOURS = "not_yours"  # nothing of it is in the person's hands that could be passed on
    DISPUTED = "disputed"  # its looks differ: whoever gave one stays with it until two agree
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
    return [_done(ref, lambda item: _claim(item, by=by), by=by) for ref in refs[:MOST]]


def pass_on(refs: Sequence[str], *, by: Staff) -> list[Result]:
    """Pass on the looks, first to third, that are in this person's hands; nobody asks why."""
    return [_done(ref, lambda item: _pass_on(item, by=by), by=by) for ref in refs[:MOST]]


def _claim(item: Item, *, by: Staff) -> Outcome:
    claims.claim(item, by=by)
    return Outcome.DONE


def _pass_on(item: Item, *, by: Staff) -> Outcome:
    if disputes.third_for(item, by=by) is Third.MINE:
        disputes.pass_on(item, by=by)
        return Outcome.LEFT
    mine = by.id in {item.assessor_id, item.reviewer_id}
    if mine and item.status is ItemStatus.DISPUTED:
        return Outcome.DISPUTED
    if item.status is ItemStatus.IN_REVIEW and item.reviewer_id == by.id:
        assessments.pass_review_on(item, by=by)
        return Outcome.LEFT
    if item.status is not ItemStatus.ASSESSING or item.assessor_id != by.id:
        return Outcome.NOT_YOURS
    claims.pass_on(item, by=by)
    return Outcome.DONE


def _done(ref: str, deed: Callable[[Item], Outcome], *, by: Staff) -> Result:
    """Do it with one item. All that refuses does so before anything is written, so the others stand."""
    try:
        return Result(ref, deed(items.get(ref, by=by)))
    except tuple(OUTCOMES) as refusal:
        return Result(ref, OUTCOMES[type(refusal)])
