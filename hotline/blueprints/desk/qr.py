"""Pictures that a phone scans, as one path: the page draws it, so that nothing is loaded and no policy is loosened."""

from itertools import groupby
from typing import NamedTuple

import segno

MARGIN = 4  # modules of white around it, as the standard asks


class Picture(NamedTuple):
    """A QR code. `size` is its width and height in modules, `path` what is black in it (of an SVG)."""

    size: int
    path: str


def draw(text: str) -> Picture:
    """Draw `text` so that it is read although a finger's breadth of it is hidden."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=MARGIN)]
    return Picture(len(rows), "".join(_bars(row, y) for y, row in enumerate(rows)))


def _bars(row: bytes, y: int) -> str:
    """Return the black stretches of a row, each a bar one module high."""
    drawn, x = "", 0
    for is_black, run in groupby(row):
        length = len(list(run))
        drawn += f"M{x} {y}h{length}v1h-{length}z" if is_black else ""
        x += length
    return drawn
