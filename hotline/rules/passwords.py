"""Which passwords are too easy to guess. Length counts, not kinds of characters (after NIST SP 800-63B)."""

import itertools
import re
import secrets

SHORTEST = 12
FEWEST_SIGNS = 5  # different characters
ROWS = ("0123456789012", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
FIRST_TO_BE_TRIED = re.compile(
    r"password|passw0rd|iloveyou|welcome|letmein|admin|administrator|hotline|cambodia|phnompenh|football|monkey|dragon|"
    r"sunshine|princess|qwerty|asdf|internet|computer|secret"
)
LETTERS = "23456789bcdfghjkmnpqrstvwxz"  # no vowels, so that no word appears; nothing that looks like something else
GROUPS, GROUP = 4, 4


def fault(password: str, *, name: str) -> str | None:
    """Return why `password` is refused for the person called `name`: a code, or None when it may stand."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return "too_short"
    if any(len(part) > 2 and part in plain for part in name.casefold().split()):
        return "holds_name"
    if len(set(plain)) < FEWEST_SIGNS or _repeats(plain) or _runs(plain) or _is_common(plain):
        return "too_simple"
    return None


def draw() -> str:
    """Return a new password that can be read out: four groups of four, 76 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


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
