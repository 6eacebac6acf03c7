"""Passwords that became known elsewhere: refused however they are written, and nothing else is."""

from pathlib import Path

import pytest

from deploy import known_passwords
from hotline.rules import passwords


@pytest.mark.parametrize("password", ["correcthorsebatterystaple", "CorrectHorseBatteryStaple", "michaeljordan23"])
def test_what_became_known_is_refused(password: str) -> None:
    assert passwords.fault(password, name="Sophea Chan") == "known"


def test_of_many_unknown_ones_hardly_any_is_taken_for_known() -> None:
    taken = [number for number in range(2000) if passwords.is_known(f"{number} quiet lamps on a shelf")]

    assert len(taken) < 10


def test_the_filter_holds_more_than_the_first_three_thousand() -> None:
    bits = passwords.KNOWN.stat().st_size * 8

    assert bits / passwords.BITS_EACH > 1_000_000
    assert 0.4 < sum(byte.bit_count() for byte in passwords.KNOWN.read_bytes()) / bits < 0.6


def test_a_filter_is_made_of_what_is_long_enough(tmp_path: Path) -> None:
    listed, made = tmp_path / "list.txt", tmp_path / "filter"
    listed.write_text("Twelve-Signs\ntoo-short\nពាក្យសម្ងាត់ដែលវែង\n", encoding="utf-8")

    known_passwords.write({word.casefold() for word in known_passwords.read([listed])}, made)

    assert passwords.is_known("twelve-SIGNS", made)
    assert passwords.is_known("ពាក្យសម្ងាត់ដែលវែង", made)
    assert not passwords.is_known("too-short", made)
