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


STAFF = House(
    names=("Lay",),
    mailboxes=("notices@hotline.example",),
    phones=("092 311 511",),
    full_names=("Sok Dara Rath", "ចាន់ សុខា", "Renée Okaro", "Vy"),
    own_mailboxes=("Dara.Rath@home.example", "li@home.example", "notices@hotline.example"),
    own_phones=("+855 12 345 678", "088 765 4321 / 023 111 222", "092 311 511"),
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Dara Rath", "name"),
        ("rath, dara", "name"),
        ("RATH sok", "name"),
        ("sokdararath", "name"),
        ("rath_dara_sok", "name"),
        ("Dara K. Rath", "name"),
        ("D\u200bara R\u00adath", "name"),
        ("Ｄａｒａ Ｒａｔｈ", "name"),
        ("Renee okaro", "name"),
        ("Okaro Renée", "name"),
        ("ដោយសុខាចាន់ណា", "name"),
        ("សុខា\u200bចាន់", "name"),
        ("ចាន់·សុខា", "name"),
        ("ចាន់ សុភា", ""),
        ("Dara alone is a name that many bear, and so is Sok", ""),
        ("dara and rath are not side by side here", ""),
        ("Lay will call", "name"),
        ("they lay there", ""),
        ("dara.rath@home.example", "name our_mailbox"),
        ("DARA.RATH @ home.example", "name our_mailbox"),
        ("li@home.example", "our_mailbox"),
        ("li (at) home (dot) example", "our_mailbox"),
        ("sali@home.example", "mailbox"),
        ("notices@hotline.example", ""),
        ("012345678", "our_phone"),
        ("+855 12 345 678", "our_phone"),
        ("00855-12-345-678", "our_phone"),
        ("012.345.678", "our_phone"),
        ("0 1 2  3 4 5  6 7 8", "our_phone"),
        ("០១២ ៣៤៥ ៦៧៨", "our_phone"),
        ("+៨៥៥ ៨៨ ៧៦៥ ៤៣២១", "our_phone"),
        ("023 111 222", "our_phone"),
        ("092 311 511", ""),
        ("012 345 679", "phone"),
    ],
)
def test_what_people_entered_about_themselves_is_found_however_it_is_written(text: str, kinds: str) -> None:
    found = anonymity.leaks(text, quoted=(), house=STAFF)

    assert " ".join(leak.kind for leak in found) == kinds
    assert all(leak.is_ours is not (leak.kind in {LeakKind.MAILBOX, LeakKind.PHONE}) for leak in found)


def test_no_more_of_a_full_name_is_told_than_stands_there() -> None:
    """Who writes or reads a letter learns nothing that a colleague entered about themselves."""

    def told(text: str) -> list[str]:
        return [leak.found for leak in anonymity.leaks(text, quoted=(), house=STAFF)]

    assert told("rath, DARA") == ["rath DARA"]
    assert told("renee okaro") == ["renee okaro"]
    assert told("SOKDARARATH") == ["sok dara rath"]
    assert told("ដោយសុខាចាន់ណា") == ["សុខា ចាន់"]
    assert told("VY") == ["VY"]
    assert told("call 12.345 678, or 023111222") == ["12 345 678", "23111222"]
    assert told("lay: LAY") == ["Lay"]  # everybody knows the names of accounts


def test_a_mailbox_of_ours_counts_in_a_reported_address_and_a_number_does_not() -> None:
    address = "hxxps://pics[.]example/li@home.example/012345678"

    found = anonymity.leaks(f"see {address}", quoted=[address], house=STAFF)

    assert found == (Leak(LeakKind.OUR_MAILBOX, "li@home.example"),)


@pytest.mark.parametrize(
    ("text", "mailboxes"),
    [
        ("x@y-z@w.example", ["y-z@w.example"]),
        ("a@b.example+c@d.example", ["a@b.example", "+c@d.example"]),
        ("a@b..example", []),
        ("a@@b.example", []),
        ("..a@b.example.", ["..a@b.example"]),
    ],
)
def test_mailboxes_are_found_wherever_signs_stand_that_may_belong_to_one(text: str, mailboxes: list[str]) -> None:
    assert found(text) == mailboxes


@pytest.mark.parametrize("unit", ["a", "1", "a.", "-1", " ", "( "])
def test_a_letter_that_lists_endless_addresses_is_looked_through_to_its_end(unit: str) -> None:
    """Whoever reports chooses the addresses. With work that grows with the square of a run this does not come back."""
    ours = House(HOUSE.names, HOUSE.mailboxes, HOUSE.phones, own_mailboxes=("sokha@home.example",))
    letter = f"{unit * 400_000} sokha (at) home (dot) example"

    leaks = anonymity.leaks(letter, quoted=(), house=ours)

    assert Leak(LeakKind.OUR_MAILBOX, "sokha@home.example") in leaks
