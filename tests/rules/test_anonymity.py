"""What in a letter points at a member of staff."""

import pytest

from hotline.rules import anonymity
from hotline.rules.anonymity import House, Leak, LeakKind

HOUSE = House(
    names=("Sophea", "Pich Dara", "Li", "A Newcomer", "សុខា ចាន់"),
    mailboxes=("notices@hotline.example", "abuse@hosting.example"),
    phones=("092 311 511", "+85592311511"),
)


def found(text: str, *quoted: str) -> list[str]:
    return [leak.found for leak in anonymity.leaks(text, quoted=quoted, house=HOUSE)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Regards, Sophea", ["Sophea"]),
        ("ask SOPHEA.", ["Sophea"]),
        ("sophea_k wrote", ["Sophea"]),
        ("So\u200bph\u00adea", ["Sophea"]),
        ("Dara will call", ["Pich Dara"]),
        ("darapich", ["Pich Dara"]),
        ("Li will call", ["Li"]),
        ("signed LI", ["Li"]),
        ("សួស្តី សុខាចាន់ណា", ["សុខា ចាន់"]),
        ("សុខាភិបាល", []),
        ("solidarity, dared, sopheak", []),
        ("a live list in li tags", []),
        ("Hotline analyst A-03", []),
        ("A page of yours. A reply helps", []),
        ("ask Newcomer", ["A Newcomer"]),
    ],
)
def test_names_are_found_as_words_only(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "mailboxes"),
    [
        ("write to me@home.example now", ["me@home.example"]),
        ("write to Notices@Hotline.example", []),
        ("for abuse@hosting.example.", []),
    ],
)
def test_only_the_houses_mailboxes_may_stand(text: str, mailboxes: list[str]) -> None:
    assert found(text) == mailboxes


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("call 012 345 678", ["012 345 678"]),
        ("call +855 (12) 345-678", ["+855 (12) 345-678"]),
        ("ទូរស័ព្ទ ០១២ ៣៤៥ ៦៧៨", ["០១២ ៣៤៥ ៦៧៨"]),
        ("Telephone, day and night: 092 311 511", []),
        ("+855 92 311 511", []),
        ("ទូរស័ព្ទ ០៩២ ៣១១ ៥១១", []),
        ("Law (2008), article 40, of 2026-11-24, N-234567", []),
    ],
)
def test_only_the_houses_numbers_may_stand(text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


def test_digits_and_at_signs_of_a_reported_address_are_nobodys() -> None:
    address = "hxxps://pics[.]example/012345678/me@home.example"

    assert found(f"see {address}", address) == []


def test_a_name_in_a_reported_address_counts() -> None:
    address = "hxxps://sophea[.]example/1"

    assert found(f"see {address}", address) == ["Sophea"]


def test_each_leak_is_told_once_with_its_kind() -> None:
    leaks = anonymity.leaks("Dara, Dara, dara@home.example", quoted=(), house=HOUSE)

    assert leaks == (Leak(LeakKind.NAME, "Pich Dara"), Leak(LeakKind.MAILBOX, "dara@home.example"))


@pytest.mark.parametrize(
    ("text", "phone", "stands"),
    [
        ("Call 012 555 0101 in the morning.", "+855 12 555 0101", True),
        ("០១២ ៥៥៥ ០១០១", "0125550101", True),
        ("011 222 3333, 012 555 0101", "012 555 0101 or 015 000 111", True),
        ("015 000 111", "012 555 0101 / 015 000 111", True),
        ("012 555 0102", "012 555 0101", False),
        ("room 12", "12", False),
        ("anything", "", False),
    ],
)
def test_a_number_is_found_however_it_is_written(text: str, phone: str, stands: bool) -> None:
    assert anonymity.holds_number(text, [phone]) is stands
