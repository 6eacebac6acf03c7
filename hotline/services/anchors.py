"""Anchors: the end of the audit trail, printed to be kept elsewhere, and noted here so that somebody can see when.

The note is a file of the data folder. Whoever rewrites the trail can rewrite it too: it proves nothing. What was kept
elsewhere does.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hotline import clock
from hotline.config import settings
from hotline.services import audit

NOTE = "audit-anchor"  # a file of the data folder


@dataclass(frozen=True, slots=True)
class Anchor:
    """The number of an entry and its hash in hex, and when it was taken."""

    number: int
    mark: str
    at: datetime


def take() -> tuple[int, str]:
    """Return the number of the last entry and its hash in hex, and note that they were asked for.

    Where no note can be written, the anchor is as good: it is what was asked for.
    """
    number, mark = audit.anchor()
    told = json.dumps({"number": number, "mark": mark, "at": clock.now().isoformat(timespec="seconds")})
    fresh = _place().with_suffix(".new")
    with suppress(OSError):
        fresh.touch(mode=0o600)
        fresh.write_text(told)
        fresh.replace(_place())
    return number, mark


def last() -> Anchor | None:
    """Return the newest anchor that was noted; None where there is none, or the note cannot be read."""
    try:
        told = json.loads(_place().read_text())
        return Anchor(int(told["number"]), str(told["mark"]), datetime.fromisoformat(told["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def holds(one: Anchor) -> bool:
    """Whether the trail still has the entry that an anchor names. The trail that was empty then is held by any."""
    return one.number == 0 or audit.mark_of(one.number) == one.mark


def _place() -> Path:
    return settings().data_dir / NOTE
