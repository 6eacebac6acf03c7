"""What a list may be called: its name ends as a list's does, and whatever it is called, its bytes are text."""

from io import BytesIO

import pytest

from hotline.rules import lists
from hotline.rules.lists import ListProblem

TEXT, PICTURE = b"https://page.example/1\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40


@pytest.mark.parametrize(
    ("name", "is_list"),
    [
        ("list.csv", True),
        ("LIST.TXT", True),
        ("a.b.tsv ", True),
        ("", True),
        ("list.xlsx", False),
        ("list.csv.exe", False),
        ("csv", False),
        ("picture.png", False),
        ("list.csv\0.png", False),
    ],
)
def test_a_list_is_called_one(name: str, is_list: bool) -> None:
    found = lists.look_at(BytesIO(TEXT), name)

    assert (found is not ListProblem.NOT_TEXT) is is_list


@pytest.mark.parametrize("name", ["list.csv", "list.txt", ""])
def test_a_picture_that_is_called_a_list_is_none(name: str) -> None:
    assert lists.look_at(BytesIO(PICTURE), name) is ListProblem.NOT_TEXT
