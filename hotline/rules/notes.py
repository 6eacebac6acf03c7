"""What a note on an item may hold, and who may read it while people still look."""

from collections.abc import Set
from datetime import datetime

from hotline.rules import free_text
from hotline.rules.free_text import TextFault
from hotline.rules.standing import UNDECIDED
from hotline.vocabulary import ItemStatus

MAX_LENGTH = 4_000


def judge(typed: str) -> tuple[str, TextFault | None]:
    """Return the note as it can be stored, and what is wrong with it."""
    return free_text.judge(typed, MAX_LENGTH)


def read_from(
    status: ItemStatus, *, reader: int, choosers: Set[int], reopened_at: datetime | None
) -> tuple[bool, datetime | None]:
    """Return whether `reader` may read every note, and else up to when those of others were written.

    A note may tell what somebody found. So nobody reads another's before two people have chosen: all notes are open
    once an item is decided, and in a dispute to those who have chosen (`choosers`, as `reader` by staff id). What was
    written before a closed item was reported again belongs to the earlier decision. None: none of them. Of a merged
    item `status` and `choosers` are those of the item it is merged into, where it is looked at.
    """
    if status not in UNDECIDED or (status is ItemStatus.DISPUTED and reader in choosers):
        return True, None
    return False, reopened_at
