"""Which passwords are refused, and what the ones we draw are like."""

import pytest

from hotline.rules import passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "too_short"),
        ("eleven char", "too_short"),
        ("sophea likes rain", "holds_name"),
        ("My Name Is SOPHEA", "holds_name"),
        ("chanchanchan-x", "holds_name"),
        ("aaaaaaaaaaaaaaaa", "too_simple"),
        ("aaaabbbbaaaabbbb", "too_simple"),
        ("mangomangomango", "too_simple"),
        ("abcdefghijklmnop", "too_simple"),
        ("987654321098765", "too_simple"),
        ("qwertyuiopasdf", "too_simple"),
        ("Password123456", "too_simple"),
        ("hotline-cambodia-2026", "too_simple"),
        ("a long enough password", None),
        ("correct horse battery", None),
        ("ពាក្យសម្ងាត់ដែលវែង", None),
        ("tnw6-g6w4-thvs-fthc", None),
    ],
)
def test_what_is_refused_and_why(password: str, code: str | None) -> None:
    assert passwords.fault(password, name="Sophea Chan") == code


def test_a_short_name_is_no_reason() -> None:
    assert passwords.fault("the lily on the pond", name="Li") is None


def test_drawn_passwords_differ_and_may_stand() -> None:
    drawn = {passwords.draw() for _ in range(50)}

    assert len(drawn) == 50
    assert {passwords.fault(one, name="Sophea Chan") for one in drawn} == {None}
