"""A small proof of work: a word that takes a phone some tens of thousands of tries to find, and us one to check.

It does not tell people from programs. It makes every form cost a moment of somebody's processor, which hardly anybody
notices who sends one, and everybody who sends a million.
"""

import hashlib

BITS = 16
"""How many zero bits are asked for: 65,536 tries on average. The script of the page makes some 36,000 a second in a
Chromium slowed down sixfold, as a cheap phone is: 2 s on average, 8 s in one form of a hundred. Always the same, so
that a proof found for a page still holds when the page is sent."""
LONGEST = 32


def is_solved(challenge: str, proof: str, bits: int = BITS) -> bool:
    """Tell whether SHA-256 of `challenge:proof` begins with `bits` zero bits.

    The challenge is ASCII; a proof is 1 to 32 letters and digits of ASCII, and anything else solves nothing.
    """
    if not (proof.isascii() and proof.isalnum() and len(proof) <= LONGEST):
        return False
    digest = hashlib.sha256(f"{challenge}:{proof}".encode()).digest()
    return int.from_bytes(digest) >> (256 - bits) == 0
