"""What may cross the wall between analysts and victim support."""

import pytest

from hotline.rules import case_links
from hotline.rules.case_links import Far
from hotline.vocabulary import ItemOutcome, ItemStatus


@pytest.mark.parametrize(
    "typed",
    [
        "see https://img-board.example/t/1",
        "see hxxps://img-board[.]example/t/1 there",
        "it is at img-board.example",
        "ឃើញ\u200bនៅ img-board.example/t/1 ។",
        "at 192.0.2.7/x",
    ],
)
@pytest.mark.parametrize("to_support", [True, False])
def test_no_address_crosses_towards_either_side(typed: str, to_support: bool) -> None:
    assert case_links.judge(typed, 100, to_support=to_support)[1] == case_links.ADDRESS


@pytest.mark.parametrize("typed", ["is VC-234567 the same?", "vc 234567", "(RF-234567)", "VP‐234567."])
def test_no_reference_of_a_case_crosses_towards_the_analysts(typed: str) -> None:
    assert case_links.judge(typed, 100, to_support=False)[1] == case_links.CASE_REF
    assert case_links.judge(typed, 100, to_support=True)[1] is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("She says she goes to a school near the river.", None),
        ("L-234567: is she eleven or twelve?", None),
        ("នាងរៀននៅសាលាជិតទន្លេ។", None),
        ("   ", "missing"),
        ("x" * 101, "too_long"),
    ],
)
def test_words_are_judged(typed: str, code: str | None) -> None:
    assert case_links.judge(typed, 100, to_support=False)[1] == code


@pytest.mark.parametrize(
    ("status", "outcome", "far"),
    [
        (ItemStatus.NEW, None, Far.CHECKED),
        (ItemStatus.DISPUTED, None, Far.CHECKED),
        (ItemStatus.DECIDED, None, Far.ACTED_ON),
        (ItemStatus.HELD, None, Far.ACTED_ON),
        (ItemStatus.MONITORING, None, Far.ACTED_ON),
        (ItemStatus.CLOSED, ItemOutcome.REMOVED, Far.GONE),
        (ItemStatus.CLOSED, ItemOutcome.UNAVAILABLE, Far.GONE),
        (ItemStatus.CLOSED, ItemOutcome.MOVED, Far.ACTED_ON),
        (ItemStatus.CLOSED, ItemOutcome.NOT_ILLEGAL, Far.ENDED),
        (ItemStatus.CLOSED, None, Far.ENDED),
    ],
)
def test_how_far_an_item_is_told_in_four_words(status: ItemStatus, outcome: ItemOutcome | None, far: Far) -> None:
    assert case_links.far(status, outcome) is far


@pytest.mark.parametrize(
    ("found", "far"),
    [
        ([], Far.CHECKED),
        ([Far.GONE, Far.GONE], Far.GONE),
        ([Far.GONE, Far.ENDED], Far.GONE),
        ([Far.GONE, Far.ACTED_ON], Far.ACTED_ON),
        ([Far.GONE, Far.ACTED_ON, Far.CHECKED], Far.CHECKED),
        ([Far.ENDED], Far.ENDED),
    ],
)
def test_a_report_is_gone_only_when_all_of_it_is(found: list[Far], far: Far) -> None:
    assert case_links.farthest_behind(found) is far
