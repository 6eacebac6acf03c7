"""The proof of work."""

import hashlib
import itertools

import pytest

from hotline.rules import proof

TOKEN = "Zx0fQ1m9pD3kT7yV2bN8aw.aRZ2Cg.4V0mQm1cX9b1n7s8Jx0wq5k3u2y6t4r8e0z1p5o9i7U"


def zero_bits(challenge: str, word: str) -> int:
    digest = hashlib.sha256(f"{challenge}:{word}".encode("ascii")).hexdigest()
    bits = f"{int(digest, 16):0256b}"
    return len(bits) - len(bits.lstrip("0"))


def test_a_proof_found_elsewhere_is_taken() -> None:
    assert zero_bits("challenge", "162754") == 17
    assert proof.is_solved("challenge", "162754", 17)
    assert not proof.is_solved("challenge", "162754", 18)


@pytest.mark.parametrize("bits", range(9))
def test_a_proof_has_at_least_the_bits_asked_for(bits: int) -> None:
    for word in map(str, range(300)):
        assert proof.is_solved(TOKEN, word, bits) is (zero_bits(TOKEN, word) >= bits)


def test_a_proof_holds_for_its_challenge_only() -> None:
    word = next(word for word in map(str, itertools.count()) if proof.is_solved(TOKEN, word, 10))

    assert not proof.is_solved(TOKEN + "x", word, 10)
    assert not proof.is_solved("x" + TOKEN, word, 10)


@pytest.mark.parametrize("word", ["", " ", "1 ", "-1", "1\n", "១", "é", "1:1", "\0", "a" * 33, "1" * 100_000, "\ud800"])
def test_what_is_no_short_plain_word_solves_nothing(word: str) -> None:
    assert not proof.is_solved("challenge", word, 0)
