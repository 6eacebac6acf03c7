"""The list of ASVS 5.0.0 is whole, counts right, and leans on tests that are there."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text("utf-8")
STATUSES = ("met", "not applicable", "open")
ROW = re.compile(r"^\| V(\d+(?:\.\d+)+) \| (\S+) \| (.*?) \| (.*?) \| (.*?) \| (.*?) ?\|$", re.M)
PROOF = re.compile(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`")

# How many requirements each chapter has at levels 1 and 2, counted in OWASP's own file of the standard,
# 5.0/docs_en/OWASP_Application_Security_Verification_Standard_5.0.0_en.csv of github.com/OWASP/ASVS: 70 and 183.
CHAPTERS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}
LEVELS = {"1": 70, "2": 183}


class Row(NamedTuple):
    """One requirement."""

    number: str
    level: str
    asks: str
    status: str
    how: str
    proof: str


ROWS = [Row(*found) for found in ROW.findall(TEXT)]


def test_every_line_of_a_chapters_table_is_a_row() -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith("| V")]

    assert len(lines) == len(ROWS)


def test_no_number_is_missing_and_none_comes_twice() -> None:
    numbers = [row.number for row in ROWS]

    assert [number for number, count in Counter(numbers).items() if count > 1] == []
    assert Counter(int(number.partition(".")[0]) for number in numbers) == CHAPTERS
    assert Counter(row.level for row in ROWS) == LEVELS
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])


def test_the_numbers_of_each_section_run_from_one_on() -> None:
    """Within a section level 3 stands last, so that what is left out of these two levels leaves no hole."""
    sections: dict[str, list[int]] = {}
    for row in ROWS:
        section, _, place = row.number.rpartition(".")
        sections.setdefault(section, []).append(int(place))

    assert [name for name, places in sections.items() if places != list(range(1, len(places) + 1))] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_each_row_has_a_status_its_reason_and_where_it_is_met_a_proof(row: Row) -> None:
    assert row.status in STATUSES
    assert row.asks
    assert row.how
    assert bool(PROOF.findall(row.proof)) is (row.status == "met")
    assert re.sub(r"[ ·]", "", PROOF.sub("", row.proof)) == ""


@pytest.mark.parametrize("place", sorted(set(PROOF.findall(TEXT))), ids="::".join)
def test_every_test_it_leans_on_is_there(place: tuple[str, str]) -> None:
    path, name = place

    source = (ROOT / path).read_text("utf-8")

    assert re.search(rf"(?m)^(?:async )?def {name or 'test_'}", source)
    assert not name or re.search(rf"(?m)^def {name}\(", source)


def test_the_counts_at_its_head_are_those_of_its_rows() -> None:
    told = re.findall(r"(?m)^\| (level 1|level 2|both) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", TEXT)

    for name, *counts in told:
        rows = [row for row in ROWS if name == "both" or row.level == name[-1]]
        assert [int(one) for one in counts] == [
            *(Counter(row.status for row in rows)[one] for one in STATUSES),
            len(rows),
        ]
    assert len(told) == 3
