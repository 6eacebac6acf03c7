"""Notes that say what was done with some items, and take it back."""

from collections.abc import Sequence
from typing import Any

from flask import flash

BACK = {"claim": "pass_on", "pass_on": "claim"}  # what takes each deed back


def of(said: str, deed: str, refs: Sequence[str]) -> dict[str, Any]:
    """Return a note of a deed as templates draw it: its words, the deed that takes it back, and the items."""
    return {"said": said, "deed": BACK[deed], "items": list(refs)}


def say(said: str, deed: str, refs: Sequence[str]) -> None:
    """Say on the next page what was done, with a button that takes it back."""
    flash(of(said, deed, refs))  # type: ignore[arg-type]  # what a session keeps may be more than words
