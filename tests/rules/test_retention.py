"""Until which day a file is kept."""

from datetime import date

import pytest

from hotline.rules import retention
from hotline.rules.retention import Kept, Term

END = date(2026, 11, 26)
SEVEN = Term(7, 25)


@pytest.mark.parametrize(
    ("kept", "term", "day"),
    [
        (Kept(END, date(2011, 5, 30), None), SEVEN, date(2036, 5, 30)),  # the birthday is later
        (Kept(END, date(1990, 5, 30), None), SEVEN, date(2033, 11, 26)),  # the years are
        (Kept(END, date(2011, 5, 30), None), Term(7, None), date(2033, 11, 26)),
        (Kept(END, None, 15), SEVEN, date(2036, 11, 26)),  # told as 15: as if just turned so
        (Kept(END, None, None), SEVEN, date(2051, 11, 26)),  # nobody knows: a newborn
        (Kept(END, date(2011, 5, 30), 40), SEVEN, date(2036, 5, 30)),  # the day of birth counts
        (Kept(END, date(2012, 2, 29), None), Term(0, 18), date(2030, 3, 1)),  # no 29th of February
        (Kept(date(2024, 2, 29), None, None), Term(1, None), date(2025, 3, 1)),
        (Kept(END, None, 0), Term(0, 0), END),
        (Kept(date(9990, 1, 1), None, None), Term(99, None), date.max),
    ],
)
def test_the_later_day_counts(kept: Kept, term: Term, day: date) -> None:
    assert retention.keep_until(kept, term) == day


@pytest.mark.parametrize("age", [None, 0, 7, 17, 25, 60])
def test_knowing_less_never_takes_a_file_earlier(age: int | None) -> None:
    born = retention.earlier(END, age or 0)

    unknown = retention.keep_until(Kept(END, None, None), SEVEN)
    told = retention.keep_until(Kept(END, None, age), SEVEN)
    assert unknown >= told >= retention.keep_until(Kept(END, born, None), SEVEN)


@pytest.mark.parametrize(
    ("years", "until_age", "is_number", "fields"),
    [
        (7, 25, True, []),
        (0, None, True, []),
        (None, None, True, ["years"]),
        (100, 100, True, ["years", "until_age"]),
        (7, None, False, ["until_age"]),
    ],
)
def test_numbers_are_held_to_their_range(
    years: int | None, until_age: int | None, is_number: bool, fields: list[str]
) -> None:
    assert [field for field, _ in retention.faults(years, until_age, age_is_number=is_number)] == fields


def test_what_went_is_read_as_it_was_written() -> None:
    kept = retention.records({"case_notes": 12, "referrals": 0, "consents": 3})

    assert kept == "case_notes 12 consents 3"
    assert retention.counted(kept) == [("case_notes", 12), ("consents", 3)]
    assert retention.counted("") == []
