"""How the readers of what people type behave on the worst text: eight times the text must not take 64 times as long.

`python -m bench worst_text`. Nothing here is compared with another program: the yardstick is the same reader on an
eighth of the text, in the same run.
"""

import sys
import time
from collections.abc import Callable

from bench import tables
from hotline.rules import addresses, submissions

SHORT, LONG = 8_192, 65_536
ROUNDS = 3
GOAL = 24.0  # linear work takes 8 times as long, quadratic 64 times

READ_UNITS = (
    "a.aa ", "a,", "http://", "ahttp://", ")", "(", "[.]", " [ . ] ", "\n", "\u200b", "a\u200bក", "កa.", ",www.", "a:",
    '"a', "https://a.example/x\n", "%41", "1)", " ", "a.", "😡", "[", "data:", "a.aa/http://",
)  # fmt: skip
FILE_UNITS = (
    "a", "a b ", "a\n", "a" * 19 + "\n", "a" * 20 + "\n", "\n", " ", " \n", "=", "ក", "😡", "a" * 1_023 + " ",
    "data:", "data:a", "data:a/a", "data:a/a ", "h", "http", "http/", "https://a", "ftp", "://", ":// ", ".a/", "a.",
    "aa.", "a.aa/", "a.aa/ ", "." + "a" * 64, "a" * 40 + ".", "x" * 1_100 + "http ", "x" * 1_100 + " http",
)  # fmt: skip


def ratio(reader: Callable[[str], object], unit: str) -> float:
    """Return how many times as long `reader` takes for the long text as for the short one, at its best."""
    short, long = (min(_seconds(reader, _text(unit, size)) for _ in range(ROUNDS)) for size in (SHORT, LONG))
    return long / max(short, 1e-6)


def run() -> bool:
    """Measure every unit with every reader and publish the worst; return whether all was read."""
    table = tables.Table(
        f"The worst text: {LONG:,} characters against {SHORT:,}", ("reader", "worst unit", "times as long", "goal", "")
    )
    readers: tuple[tuple[str, Callable[[str], object], tuple[str, ...]], ...] = (
        ("addresses.read", addresses.read, READ_UNITS),
        ("submissions.carries_file", submissions.carries_file, FILE_UNITS),
    )
    for name, reader, units in readers:
        worst, unit = max((ratio(reader, unit), unit) for unit in units)
        table.rows.append([name, ascii(unit)[:24], f"{worst:.1f}", f"≤ {GOAL:g}", tables.at_most(worst, GOAL)])
    tables.publish("worst_text", table)
    return True


def _text(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def _seconds(reader: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    reader(text)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
