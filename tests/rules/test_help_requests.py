"""What a request for help must hold, and what it may not."""

import base64

import pytest

from hotline.rules import help_requests
from hotline.rules.help_requests import HelpFaultCode as Code
from hotline.vocabulary import ForWhom

BLOB = base64.b64encode(bytes(range(256)) * 8).decode()
GOOD = {"for_whom": "child", "what": "some words", "contact": "@someone", "safe_contact": "after school"}


def faults(**fields: str) -> list[tuple[str, Code]]:
    return [(fault.field, fault.code) for fault in help_requests.judge(**(GOOD | fields)).faults]


def test_a_good_form_is_read_whole():
    judged = help_requests.judge(**GOOD)

    assert judged.faults == ()
    assert (judged.for_whom, judged.what, judged.contact) == (ForWhom.CHILD, "some words", "@someone")
    assert (judged.code_only, judged.safe_contact, judged.replaced) == (False, "after school", False)


@pytest.mark.parametrize(
    "fields",
    [
        {"for_whom": ""},
        {"for_whom": " self "},
        {"safe_contact": ""},
        {"contact": "", "code_only": "yes"},
        {"contact": " \n", "code_only": "on"},
        {"what": "ក" * 4_000},
        {"contact": "x" * 200},
        {"safe_contact": "x" * 300},
    ],
)
def test_what_may_be_left_open_or_is_just_short_enough(fields: dict[str, str]):
    assert faults(**fields) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"for_whom": "dog"}, [("for_whom", Code.FOR_WHOM_UNKNOWN)]),
        ({"what": ""}, [("what", Code.WHAT_MISSING)]),
        ({"what": " \n\t\u200b"}, [("what", Code.WHAT_MISSING)]),
        ({"what": "x" * 4_001}, [("what", Code.TOO_LONG)]),
        ({"contact": ""}, [("contact", Code.CONTACT_MISSING)]),
        ({"contact": "", "code_only": " "}, [("contact", Code.CONTACT_MISSING)]),
        ({"code_only": "yes"}, [("contact", Code.CONTACT_OR_CODE)]),
        ({"contact": "x" * 201}, [("contact", Code.TOO_LONG)]),
        ({"contact": "x" * 201, "code_only": "yes"}, [("contact", Code.TOO_LONG)]),
        ({"safe_contact": "x" * 301}, [("safe_contact", Code.TOO_LONG)]),
        ({"what": f"words\n{BLOB}"}, [("what", Code.PICTURE)]),
        ({"contact": "data:image/png;base64,AAAA"}, [("contact", Code.PICTURE)]),
        ({"safe_contact": BLOB}, [("safe_contact", Code.PICTURE)]),
        (
            {"for_whom": "x", "what": "", "contact": "", "safe_contact": "x" * 301},
            [
                ("for_whom", Code.FOR_WHOM_UNKNOWN),
                ("what", Code.WHAT_MISSING),
                ("contact", Code.CONTACT_MISSING),
                ("safe_contact", Code.TOO_LONG),
            ],
        ),
    ],
)
def test_each_fault_is_found_in_the_order_of_the_form(fields: dict[str, str], expected: list[tuple[str, Code]]):
    assert faults(**fields) == expected


def test_a_fault_of_length_says_how_much_there_is_and_fits():
    (fault,) = help_requests.judge(**(GOOD | {"contact": "x" * 250})).faults

    assert (fault.count, fault.limit) == (250, 200)


def test_unreadable_characters_are_marked_and_said():
    judged = help_requests.judge(**(GOOD | {"what": "a\0b", "safe_contact": "c\ud800"}))

    assert (judged.what, judged.safe_contact, judged.replaced) == ("a\ufffdb", "c\ufffd", True)


@pytest.mark.parametrize(
    ("urls", "details", "what"),
    [
        ("", "", ""),
        ("no link", "", "no link"),
        ("", "my words", "my words"),
        ("the group\r\nis called so", "my words\n", "my words\n\nthe group\nis called so"),
        (f"before\n{BLOB}", "my words", "my words\n\nbefore"),
        (BLOB, f"data:image/png;base64,{BLOB}", ""),
    ],
)
def test_a_report_without_an_address_is_carried_over_whole_but_for_files(urls: str, details: str, what: str):
    assert help_requests.carry_over(urls=urls, details=details) == what
