"""When an item may be merged into another that shows the same, and what speaks for it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hotline.rules.standing import UNDECIDED
from hotline.vocabulary import Category, ItemStatus

GRAVITY = (Category.LIVE_STREAM, Category.SEXTORTION, Category.CSAM, Category.GROOMING, Category.OTHER)
_SCHEME = re.compile(r"^\w+:/*")
_WWW = re.compile(r"^www\d?\.")


class MergeFault(StrEnum):
    """Why one item cannot be merged into another; the page has a sentence for each."""

    UNKNOWN = "unknown"
    ITSELF = "itself"
    MERGED = "merged"  # it is merged already
    HAS_OTHERS = "has_others"  # others were merged into it
    INTO_MERGED = "into_merged"
    LOOKED_AT = "looked_at"
    HELD = "held"
    DECIDED = "decided"
    INTO_DECIDED = "into_decided"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two items: where it stands, and what would be lost or would hang on it."""

    status: ItemStatus
    is_held_by_another: bool = False
    has_looks_or_letters: bool = False
    is_merged: bool = False
    has_others: bool = False


def why_not(item: Side, into: Side) -> MergeFault | None:
    """Return what stands in the way of merging `item` into `into`; None where nothing does.

    Looks and letters would be lost, so what has any is merged into nothing. Nothing is merged into what is decided
    already: one person alone would have closed an address that nobody has looked at. Merges make no chains, so that
    each can be undone by itself.
    """
    faults = {
        MergeFault.MERGED: item.is_merged,
        MergeFault.HAS_OTHERS: item.has_others,
        MergeFault.INTO_MERGED: into.is_merged,
        MergeFault.LOOKED_AT: item.has_looks_or_letters,
        MergeFault.HELD: item.status is ItemStatus.ASSESSING and item.is_held_by_another,
        MergeFault.DECIDED: item.status not in {ItemStatus.NEW, ItemStatus.ASSESSING},
        MergeFault.INTO_DECIDED: into.status not in UNDECIDED,
    }
    return next((fault for fault, holds in faults.items() if holds), None)


def gravest(categories: Iterable[Category]) -> Category:
    """Return the category of what several reports say: the gravest of them."""
    return min(categories, key=GRAVITY.index, default=Category.OTHER)


def same_text(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two addresses were typed in the same words once: but for capitals, scheme, `www` and what ends them."""
    return not {_plain(text) for text in one}.isdisjoint(_plain(text) for text in other)


def _plain(typed: str) -> str:
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if unicodedata.category(sign) != "Cf")
    text = _SCHEME.sub("", seen.strip().casefold().replace("[.]", "."))
    return _WWW.sub("", text).partition("#")[0].rstrip("/.,;) ")
