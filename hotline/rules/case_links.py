"""What may cross the wall between analysts and victim support, and how far an item is as victim support hears it. Pure.

No web address crosses it, towards neither side, and no reference of a case crosses towards the analysts.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from hotline.rules import addresses, free_text
from hotline.rules.refs import LENGTH, LETTERS
from hotline.vocabulary import ItemOutcome, ItemStatus

MOST_NOTE, MOST_MESSAGE = 4_000, 2_000  # characters
ADDRESS, CASE_REF = "address", "case_ref"
GONE = frozenset({ItemOutcome.REMOVED, ItemOutcome.UNAVAILABLE})
BEING_CHECKED = frozenset({ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED})
_OF_SUPPORT = re.compile(rf"(?<![A-Z0-9])(?:VC|VP|RF|EC)[-‐-―\s]?[{LETTERS}]{{{LENGTH}}}(?![A-Z0-9])", re.IGNORECASE)


class Far(StrEnum):
    """How far what was reported is. Nothing finer is told to victim support."""

    CHECKED = "being_checked"  # people look at it
    ACTED_ON = "being_acted_on"
    GONE = "gone_from_there"
    ENDED = "looked_at"  # people looked, and nothing more is done there


def far(status: ItemStatus, outcome: ItemOutcome | None) -> Far:
    """Return how far one item is. What moved elsewhere is not gone."""
    if status in BEING_CHECKED:
        return Far.CHECKED
    if status is not ItemStatus.CLOSED or outcome is ItemOutcome.MOVED:
        return Far.ACTED_ON
    return Far.GONE if outcome in GONE else Far.ENDED


def farthest_behind(found: Iterable[Far]) -> Far:
    """Return how far a report is that names several items: gone only where nothing of it is left to do."""
    those = set(found)
    if not those:
        return Far.CHECKED
    waiting = next((one for one in (Far.CHECKED, Far.ACTED_ON) if one in those), None)
    return waiting or (Far.GONE if Far.GONE in those else Far.ENDED)


def judge(typed: str, most: int, *, to_support: bool) -> tuple[str, str | None]:
    """Return the words as they can be kept, and the code of what is wrong with them, or None. `most` in characters."""
    kept, fault = free_text.judge(typed, most)
    if fault is not None:
        return kept, str(fault)
    if addresses.read(kept).found:
        return kept, ADDRESS
    return kept, CASE_REF if not to_support and _OF_SUPPORT.search(kept) else None
