"""What another app shares: where the addresses go, and the words around them."""

import pytest

from hotline.rules.sharing import Shared, split


@pytest.mark.parametrize(
    ("shared", "filled"),
    [
        ({"url": "https://a.example/1"}, Shared("https://a.example/1", "")),
        ({"text": "https://a.example/1"}, Shared("https://a.example/1", "")),
        ({"title": "https://a.example/1"}, Shared("https://a.example/1", "")),
        (
            {"title": "A video", "text": "Look: https://a.example/1 now", "url": "https://a.example/1"},
            Shared("https://a.example/1", "Look:\nnow\nA video"),
        ),
        ({"title": "Said so", "text": "Said so"}, Shared("", "Said so")),
        (
            {"text": "https://a.example/1\nhttps://b.example/2"},
            Shared("https://a.example/1\nhttps://b.example/2", ""),
        ),
        ({"text": "សូមមើល https://a.example/1។"}, Shared("https://a.example/1", "សូមមើល")),
        ({}, Shared("", "")),
    ],
)
def test_addresses_go_to_their_field_and_words_to_theirs(shared: dict[str, str], filled: Shared):
    assert split(**shared) == filled


def test_a_picture_is_left_out():
    assert split(title="See", text="data:image/png;base64," + "A" * 2_000) == Shared("", "See")
