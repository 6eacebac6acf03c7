"""A filter of the queue, as it stands in the address bar."""

import pytest

from hotline.errors import Refused
from hotline.rules import filters
from hotline.rules.filters import Age, ClockFilter, Filter, Sort, Whose, Work
from hotline.vocabulary import Category, ItemStatus, Urgency

WHOLE = Filter(
    status=ItemStatus.NEW,
    category=Category.CSAM,
    priority=Urgency.P2,
    country="KH",
    whose=Whose.NOBODY,
    age=Age.OVER_3,
    clock=ClockFilter.TODAY,
    work=Work.LIGHT,
    host_of="I-234567",
    path_of="I-CFGHJM",
    sort=Sort.OLDEST,
)


def test_what_is_written_is_read_again() -> None:
    assert filters.from_query(WHOLE.query) == WHOLE
    assert filters.read({name: str(value) for name, value in WHOLE.as_args.items()}) == WHOLE


def test_what_is_not_asked_stands_nowhere() -> None:
    assert Filter().query == ""
    assert filters.read({"status": "", "category": "", "priority": "", "after": "x", "unheard": "of"}) == Filter()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "gone"),
        ("category", "none"),
        ("priority", "5"),
        ("priority", "²"),
        ("country", "kh"),
        ("country", "Cambodia"),
        ("whose", "somebody"),
        ("age", "old"),
        ("clock", "late"),
        ("work", "hard"),
        ("host_of", "img-board.example"),
        ("path_of", "https://img-board.example/t/1"),
        ("sort", "host"),
    ],
)
def test_a_value_nobody_knows_is_refused_and_an_address_is_one(name: str, value: str) -> None:
    with pytest.raises(Refused):
        filters.read({name: value})


def test_a_name_is_tidied_and_has_a_length() -> None:
    assert filters.name_of("  my \n own ") == "my own"
    assert filters.name_of("a\u202eb\x00c\u2066") == "ab\ufffdc"
    assert filters.name_of("ប្រទេស\u200bកម្ពុជា") == "ប្រទេស\u200bកម្ពុជា"
    for wrong in ("", "   ", "x" * (filters.MOST_NAME + 1)):
        with pytest.raises(Refused):
            filters.name_of(wrong)
