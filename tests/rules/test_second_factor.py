"""Codes of the second factor: those of the standard, in any script, near now, and never up to one that was taken."""

import base64
import re
from datetime import UTC, datetime

import pyotp
import pytest

from hotline.rules import second_factor
from hotline.rules.second_factor import Proof

SECRET = base64.b32encode(b"12345678901234567890").decode()  # of RFC 6238, appendix B
AT = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
NOW = int(AT.timestamp()) // 30


def shown(later: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(NOW + later)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)

    assert second_factor.step_of(SECRET, code, at=at, after=0) == seconds // 30


@pytest.mark.parametrize(("later", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step_either_way(later: int, fits: bool) -> None:
    found = second_factor.step_of(SECRET, shown(later), at=AT, after=0)

    assert found == (NOW + later if fits else None)


@pytest.mark.parametrize(("later", "fits"), [(-1, False), (0, False), (1, True)])
def test_nothing_up_to_the_step_that_was_taken_counts(later: int, fits: bool) -> None:
    found = second_factor.step_of(SECRET, shown(later), at=AT, after=NOW)

    assert (found is not None) is fits


@pytest.mark.parametrize(
    "typed",
    ["287 082", " 287082 ", "២៨៧០៨២", "２８７０８２", "2 8 7 0 8 2"],
    ids=["space", "ends", "khmer", "wide", "apart"],
)
def test_digits_count_however_they_are_typed(typed: str) -> None:
    assert second_factor.step_of(SECRET, typed, at=datetime.fromtimestamp(59, UTC), after=0) == 1


@pytest.mark.parametrize(
    "typed", ["", " ", "28708", "2870820", "287-082", "-287082", "28708a", "²87082", "\0", "\ud800"]
)
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert second_factor.step_of(SECRET, typed, at=datetime.fromtimestamp(59, UTC), after=0) is None


def test_secrets_are_as_long_as_the_hash_and_never_come_twice() -> None:
    drawn = {second_factor.draw_secret() for _ in range(100)}

    assert len(drawn) == 100
    assert {len(base64.b32decode(one)) for one in drawn} == {20}
    assert second_factor.in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_the_picture_names_a_number_and_nothing_of_the_house() -> None:
    said = second_factor.address(SECRET, number="A-03")

    assert said == f"otpauth://totp/Desk:A-03?secret={SECRET}&issuer=Desk"


def test_recovery_codes_are_ten_and_hard_to_guess_or_misread() -> None:
    drawn = [code for _ in range(50) for code in second_factor.draw_codes()]

    assert len(second_factor.draw_codes()) == 10
    assert len(set(drawn)) == 500
    assert all(re.fullmatch(r"([2-9b-df-hj-np-tv-xz]{4}-){2}[2-9b-df-hj-np-tv-xz]{4}", code) for code in drawn)


@pytest.mark.parametrize("typed", ["B4DK-7WXZ-29HN", " b4dk 7wxz 29hn ", "b4dk7wxz29hn", "b4dk–7wxz–29hn"])
def test_a_recovery_code_counts_however_it_is_typed(typed: str) -> None:
    assert second_factor.tidy(typed) == second_factor.tidy("b4dk-7wxz-29hn")


@pytest.mark.parametrize(
    ("proof", "field", "is_empty"),
    [
        (Proof("123456"), "code", False),
        (Proof("", "b4dk"), "recovery", False),
        (Proof("123456", "b4dk"), "recovery", False),
        (Proof(" ", " "), "code", True),
    ],
)
def test_the_field_that_was_filled_in_counts(proof: Proof, field: str, is_empty: bool) -> None:
    assert (proof.field, proof.is_empty) == (field, is_empty)
