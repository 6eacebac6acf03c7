"""What may be written in a message, by either side."""

from enum import StrEnum

from hotline.rules.submissions import carries_file, clean

MAX_LENGTH = 2_000
MOST_OF_A_RECEIPT = 100
"""After so many messages both ways a reporter is asked to call instead."""


class MessageFault(StrEnum):
    """What is wrong with a message; each page has a sentence for it."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    PICTURE = "picture"


def judge(typed: str) -> tuple[str, MessageFault | None]:
    """Return the text as it can be stored, and what is wrong with it."""
    text = clean(typed).text.strip()
    if not text:
        return text, MessageFault.MISSING
    if carries_file(text):
        return text, MessageFault.PICTURE
    return text, MessageFault.TOO_LONG if len(text) > MAX_LENGTH else None
