"""What may be merged into what, what reads alike, and who may read a note while people look."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hotline.rules import merging, notes
from hotline.rules.merging import MergeFault, Side
from hotline.rules.standing import UNDECIDED
from hotline.vocabulary import Category, ItemStatus

FREE = Side(ItemStatus.NEW)
OPENED_AGAIN = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("item", "into", "fault"),
    [
        (FREE, FREE, None),
        (replace(FREE, status=ItemStatus.ASSESSING), replace(FREE, status=ItemStatus.IN_REVIEW), None),
        (FREE, replace(FREE, status=ItemStatus.DISPUTED, has_looks_or_letters=True, has_others=True), None),
        (replace(FREE, is_merged=True), FREE, MergeFault.MERGED),
        (replace(FREE, has_others=True), FREE, MergeFault.HAS_OTHERS),
        (FREE, replace(FREE, is_merged=True), MergeFault.INTO_MERGED),
        (replace(FREE, has_looks_or_letters=True), FREE, MergeFault.LOOKED_AT),
        (Side(ItemStatus.ASSESSING, is_held_by_another=True), FREE, MergeFault.HELD),
        (Side(ItemStatus.CLOSED), FREE, MergeFault.DECIDED),
        (FREE, Side(ItemStatus.DECIDED), MergeFault.INTO_DECIDED),
        (FREE, Side(ItemStatus.CLOSED), MergeFault.INTO_DECIDED),
    ],
)
def test_what_stands_in_the_way_of_a_merge(item: Side, into: Side, fault: MergeFault | None) -> None:
    assert merging.why_not(item, into) == fault


def test_the_gravest_of_what_reports_say_counts() -> None:
    assert merging.gravest([Category.OTHER, Category.SEXTORTION, Category.CSAM]) is Category.SEXTORTION
    assert merging.gravest([]) is Category.OTHER


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (["https://a.example/X"], ["hxxp://www.a[.]example/x/"], True),
        (["nothing", "a.example/x."], ["A.EXAMPLE/x#part"], True),
        (["a.example/x"], ["a.example/y"], False),
        (["a.example/x?n=1"], ["a.example/x?n=2"], False),
        ([], [], False),
    ],
)
def test_what_is_typed_alike(one: list[str], other: list[str], alike: bool) -> None:
    assert merging.same_text(one, other) is alike


@pytest.mark.parametrize("status", list(ItemStatus))
def test_notes_of_others_open_once_it_is_decided_or_to_who_has_chosen_in_a_dispute(status: ItemStatus) -> None:
    whole, until = notes.read_from(status, reader=1, choosers=set(), reopened_at=OPENED_AGAIN)

    assert whole is (status not in UNDECIDED)
    assert until == (None if whole else OPENED_AGAIN)
    chosen, _ = notes.read_from(status, reader=1, choosers={1}, reopened_at=None)
    assert chosen is (status not in UNDECIDED or status is ItemStatus.DISPUTED)
