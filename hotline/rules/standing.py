"""What an item asks of one person at the desk, how much one may have in hand, and who may take it from whom."""

from collections.abc import Set
from enum import StrEnum

from hotline.vocabulary import ItemStatus, Role

UNDECIDED = frozenset({ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED})
MOST_IN_HAND = 6
"""So many first looks one person may have in hand at once: what lies in full hands waits, and nobody else takes it.

Where a child may be in danger that waits for nobody's hands to empty (`has_room`)."""


class Task(StrEnum):
    """What this person can do with an item now."""

    CLAIM = "claim"
    ASSESS = "assess"
    SECOND_LOOK = "second_look"
    TAKE_THIRD = "take_third"  # a third person is asked, and this may be they
    THIRD_LOOK = "third_look"  # it is in their hands; blind, like the second
    COMPARE = "compare"  # the looks differ, and this person has chosen
    WAIT = "wait"  # somebody else has to move
    SETTLED = "settled"


class Third(StrEnum):
    """How it stands with the third look at what two people differ about."""

    NOT_ASKED = "not_asked"
    FREE = "free"  # asked for, and nobody has taken it
    MINE = "mine"
    TAKEN = "taken"  # by another


def task(
    status: ItemStatus,
    *,
    is_first: bool,
    has_chosen: bool,
    may_review: bool,
    is_taken: bool,
    third: Third = Third.NOT_ASKED,
) -> Task:
    """Return what an item in `status` asks of a person.

    `is_first` is who has it for the first look, `has_chosen` who has handed in a finding, `may_review` a reviewer;
    `is_taken` says that another reviewer has the second look.
    """
    if status is ItemStatus.NEW:
        return Task.CLAIM
    if status is ItemStatus.ASSESSING:
        return Task.ASSESS if is_first else Task.WAIT
    if status is ItemStatus.IN_REVIEW:
        return Task.SECOND_LOOK if may_review and not is_first and not is_taken else Task.WAIT
    if status is ItemStatus.DISPUTED:
        return _in_dispute(third, has_chosen=has_chosen, may_review=may_review)
    return Task.SETTLED


def _in_dispute(third: Third, *, has_chosen: bool, may_review: bool) -> Task:
    """Return what it asks where looks differ: the two talk first, and nobody looks third unasked."""
    if has_chosen:
        return Task.COMPARE
    if third is Third.MINE:
        return Task.THIRD_LOOK
    return Task.TAKE_THIRD if third is Third.FREE and may_review else Task.WAIT


def has_room(first_looks: int, *, in_danger: bool = False) -> bool:
    """Whether somebody with so many first looks in hand may take another; where a child may be in danger always."""
    return in_danger or first_looks < MOST_IN_HAND


def may_take_over(roles: Set[Role]) -> bool:
    """Whether these roles may take a first look out of somebody else's hands."""
    return Role.REVIEWER in roles or {Role.MANAGER, Role.ANALYST} <= roles
