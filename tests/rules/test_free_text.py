"""Texts that people typed freely."""

import pytest

from hotline.rules import free_text


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("somebody", 4, "some"),
        ("some body", 5, "some"),
        ("some", 4, "some"),
        ("ស្រីពៅ", 1, ""),  # the foot below the first letter
        ("ស្រីពៅ", 2, ""),
        ("ស្រីពៅ", 3, ""),  # its vowel
        ("ស្រីពៅ", 4, "ស្រី"),
        ("ស្រីពៅ", 5, "ស្រី"),
        ("ស្រីពៅ", 6, "ស្រីពៅ"),
    ],
)
def test_the_beginning_of_a_text_ends_with_a_whole_syllable(text: str, most: int, kept: str) -> None:
    assert free_text.beginning(text, most) == kept
