"""A text that somebody typed freely: what of it can be stored, and what is wrong with it."""

import unicodedata
from enum import StrEnum

from hotline.rules.submissions import carries_file, clean

COENG = "\u17d2"  # binds the next consonant below the last


class TextFault(StrEnum):
    """What is wrong with a text; each page has a sentence for it."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    PICTURE = "picture"


def judge(typed: str, longest: int) -> tuple[str, TextFault | None]:
    """Return the text as it can be stored, and what is wrong with it. `longest` is in characters."""
    text = clean(typed).text.strip()
    if not text:
        return text, TextFault.MISSING
    if carries_file(text):
        return text, TextFault.PICTURE
    return text, TextFault.TOO_LONG if len(text) > longest else None


def beginning(text: str, most: int) -> str:
    """Return the beginning of a text, at most so many characters, never cut inside a syllable of Khmer."""
    end = most
    while 0 < end < len(text) and (unicodedata.category(text[end])[0] == "M" or text[end - 1] == COENG):
        end -= 1
    return text[:end].rstrip()
