"""How a person is reached: lines of any script, plain mailboxes, numbers in any digits."""

import pytest

from hotline.rules import reach


def test_lines_are_read_each_once_without_signs_that_nobody_sees() -> None:
    found = reach.read("Dara  Pich\nពេជ្រ\u200b ដារ៉ា\n\nDara Pich\n", " d@mail.example ", "012 345 678\r\n")

    assert found == reach.Reach(("Dara Pich", "ពេជ្រ ដារ៉ា"), ("d@mail.example",), ("012 345 678",))
    assert reach.faults(found) == ()


@pytest.mark.parametrize(
    ("names", "mailboxes", "phones", "fault"),
    [
        ("A", "", "", ("names", "short")),
        ("", "Dara <d@mail.example>", "", ("mailboxes", "form")),
        ("", "d@mail.example, e@mail.example", "", ("mailboxes", "form")),
        ("", "", "12345", ("phones", "form")),
        ("", "", "call me", ("phones", "form")),
        ("n" * 121, "", "", ("names", "too_long")),
        ("\n".join(f"Name {n}" for n in range(11)), "", "", ("names", "too_many")),
    ],
)
def test_what_is_none_is_refused(names: str, mailboxes: str, phones: str, fault: tuple[str, str]) -> None:
    assert reach.faults(reach.read(names, mailboxes, phones)) == (fault,)


@pytest.mark.parametrize("number", ["012 345 678", "+855 (0)12-345-678", "០១២ ៣៤៥ ៦៧៨"])
def test_numbers_are_read_however_they_are_written(number: str) -> None:
    assert reach.is_phone(number)
