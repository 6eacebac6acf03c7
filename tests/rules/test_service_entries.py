"""What an entry of the directory of services must say, and which services fit."""

from datetime import date

import pytest

from hotline.rules import service_entries
from hotline.rules.service_entries import ServiceEntry
from hotline.vocabulary import Need

KNOWN = ("KH-12", "KH-17")
GOOD = {"name": "Quiet House", "language": "km"}


def judged(needs: tuple[str, ...] = ("shelter",), provinces: tuple[str, ...] = (), **typed: str):
    return service_entries.judge(needs=needs, provinces=provinces, known=KNOWN, **GOOD | typed)


def test_what_is_right_becomes_an_entry_with_each_thing_in_its_order() -> None:
    found = judged(("legal", "shelter"), ("KH-17", "KH-12"), age_from=" 6 ", age_to="17", phone=" 012  345 ")

    assert isinstance(found, ServiceEntry)
    assert (found.needs, found.provinces) == ((Need.LEGAL, Need.SHELTER), KNOWN)
    assert (found.age_from, found.age_to, found.phone) == (6, 17, "012 345")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"name": "Q"}, ("name", "length")),
        ({"name": "Q" * 161}, ("name", "length")),
        ({"needs": ()}, ("needs", "required")),
        ({"needs": ("wishes",)}, ("needs", "unknown")),
        ({"provinces": ("KH-99",)}, ("provinces", "unknown")),
        ({"language": "fr"}, ("language", "unknown")),
        ({"mailbox": "two@a.example three@b.example"}, ("mailbox", "form")),
        ({"age_from": "-1"}, ("age_from", "number")),
        ({"age_to": "100"}, ("age_to", "number")),
        ({"age_to": "៣"}, ("age_to", "number")),
        ({"age_from": "12", "age_to": "6"}, ("age_to", "order")),
        ({"place": "x" * 301}, ("place", "too_long")),
        ({"doubt": "x" * 1001}, ("doubt", "too_long")),
    ],
)
def test_each_fault_is_named(typed: dict[str, object], fault: tuple[str, str]) -> None:
    assert judged(**typed) == (fault,)


@pytest.mark.parametrize(
    ("provinces", "ages", "province", "age", "is_fit"),
    [
        ((), (None, None), "KH-12", 9, True),
        (("KH-12",), (None, None), "KH-12", 9, True),
        (("KH-12",), (None, None), "KH-17", 9, False),
        (("KH-12",), (None, None), "", None, True),  # nobody knows where the child is: nothing is kept away
        ((), (6, 12), "", 5, False),
        ((), (6, 12), "", 6, True),
        ((), (6, 12), "", 12, True),
        ((), (6, 12), "", 13, False),
        ((), (6, 12), "", None, True),
    ],
)
def test_a_service_fits_by_place_and_age(provinces, ages, province, age, is_fit) -> None:
    said = {"needs": (Need.SHELTER,), "provinces": provinces, "ages": ages, "province": province, "age": age}

    assert service_entries.fits(need=Need.SHELTER, **said) is is_fit
    assert not service_entries.fits(need=Need.LEGAL, **said)


def test_what_nobody_asked_for_half_a_year_is_asked_again() -> None:
    today = date(2026, 11, 26)

    assert service_entries.is_stale(None, today)
    assert service_entries.is_stale(date(2026, 5, 29), today)
    assert not service_entries.is_stale(date(2026, 5, 30), today)
