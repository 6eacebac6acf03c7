"""What may be written in a message, by either side."""

from hotline.rules import free_text
from hotline.rules.free_text import TextFault

MAX_LENGTH = 2_000
MOST_OF_A_RECEIPT = 100
"""After so many messages both ways a reporter is asked to call instead."""


def judge(typed: str) -> tuple[str, TextFault | None]:
    """Return the text as it can be stored, and what is wrong with it."""
    return free_text.judge(typed, MAX_LENGTH)
