"""What an item asks of one person at the desk."""

from enum import StrEnum

from hotline.vocabulary import ItemStatus


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
