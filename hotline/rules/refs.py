"""References people can read out on the telephone. They are drawn at random, so they carry no time and no order."""

import secrets

LETTERS = "23456789CFGHJMPQRVWX"  # no vowels, and nothing that looks like something else
LENGTH = 6


def is_one(text: str, prefix: str) -> bool:
    """Whether `text` has the shape of a reference with this prefix."""
    start, letters = f"{prefix}-", text[len(prefix) + 1 :]
    return text.startswith(start) and len(letters) == LENGTH and all(one in LETTERS for one in letters)


def draw(prefix: str) -> str:
    """Return a reference such as `I-7GQ4M2`: one of 64 million, so two draws may well be the same."""
    return f"{prefix}-" + "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
