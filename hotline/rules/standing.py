"""What an item asks of one person at the desk, how much one may have in hand, and who may take it from whom."""

from collections.abc import Set
from enum import StrEnum

from hotline.vocabulary import ItemStatus, Role

UNDECIDED = frozenset({ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED})
MOST_IN_HAND = 6
"""So many first looks one person may have in hand at once: what lies in full hands waits, and nobody else takes it."""


class Task(StrEnum):
    """What this person can do with an item now."""

    CLAIM = "claim"
    ASSESS = "assess"
    SECOND_LOOK = "second_look"
    THIRD_LOOK = "third_look"  # blind, like the second
    COMPARE = "compare"  # the looks differ, and this person has chosen
    WAIT = "wait"  # somebody else has to move
    SETTLED = "settled"


def task(status: ItemStatus, *, is_first: bool, has_chosen: bool, may_review: bool, is_taken: bool) -> Task:
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
        return Task.COMPARE if has_chosen else Task.THIRD_LOOK if may_review else Task.WAIT
    return Task.SETTLED


def has_room(first_looks: int) -> bool:
    """Whether somebody with so many first looks in hand may take another."""
    return first_looks < MOST_IN_HAND


def may_take_over(roles: Set[Role]) -> bool:
    """Whether these roles may take a first look out of somebody else's hands."""
    return Role.REVIEWER in roles or {Role.MANAGER, Role.ANALYST} <= roles
