"""A text that somebody typed freely: what of it can be stored, and what is wrong with it."""

from enum import StrEnum

from hotline.rules.submissions import carries_file, clean


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
