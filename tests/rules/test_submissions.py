import base64
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.worst_text import FILE_UNITS
from hotline.rules import submissions
from hotline.rules.addresses import Problem
from hotline.rules.submissions import Fault, FaultCode, carries_file, clean, judge
from hotline.vocabulary import Category, Danger, Seen

GOOD = {"category": "csam", "urls": "https://a.example/x"}


def faults(**typed: str) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in judge(**GOOD | typed).faults]


def blob(length: int) -> str:
    return base64.b64encode(random.Random(length).randbytes(length))[:length].decode()


def wrapped(text: str, width: int, end: str = "\n") -> str:
    return end.join(text[start : start + width] for start in range(0, len(text), width))


@pytest.mark.parametrize(
    ("raw", "text", "replaced"),
    [
        ("plain\ttext\nhere", "plain\ttext\nhere", False),
        ("a\r\nb\rc", "a\nb\nc", False),
        ("a\x00b", "a\ufffdb", True),
        ("\x1b[31m\x7f", "\ufffd[31m\ufffd", True),
        ("broken \ufffd", "broken \ufffd", True),
        ("half \ud83d pair", "half \ufffd pair", True),
        ("ខ្ញុំ\u200bឃើញ\u200bវា", "ខ្ញុំ\u200bឃើញ\u200bវា", False),
        ("😡", "😡", False),
        ("", "", False),
    ],
)
def test_clean(raw, text, replaced):
    assert clean(raw) == submissions.Cleaned(text, replaced)


@given(st.text(st.characters()))
def test_clean_gives_text_that_can_be_stored_and_stays_as_it_is(raw):
    text = clean(raw).text

    assert "\x00" not in text.encode().decode()
    assert clean(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        blob(1_024),
        "look: " + blob(2_000) + " that is it",
        wrapped(blob(1_200), 76),
        wrapped(blob(1_200), 64, "\r\n"),
        wrapped("ab-_" * 300, 76),
        "deadbeef01" * 200,
        "a" * 1_500 + " " + blob(1_024),
        "data:image/png;base64,AAAA",
        "see DATA:image/svg+xml,%3Csvg",
        "data:image/jpeg,x",
        "https://a.example/x " + blob(1_024),
        "ខ្ញុំ\n" + blob(1_024),
    ],
)
def test_carries_file(text):
    assert carries_file(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "an ordinary text of many words " * 120,
        "ខ្ញុំ\u200bឃើញ" * 500,
        blob(1_023),
        "a" * 6_000,
        "nospacesatall" * 500,
        blob(600) + " " + blob(600),
        "word\n" * 800,
        "https://a.example/" + blob(4_000),
        "hxxps://a[.]example/" + blob(4_000),
        "a[.]example/" + blob(4_000),
        "http://192.0.2.1/" + blob(4_000),
        "a.example/x?y=" + blob(4_000),
        "my data: image or text",
        "metadata:image/png;x",
        "https://a.example/x\n" * 20,
    ],
)
def test_carries_no_file(text):
    assert not carries_file(text)


@pytest.mark.parametrize("unit", FILE_UNITS)
def test_carries_file_gets_through_the_worst_text(unit):
    worst = (unit * submissions.MAX_BODY)[: submissions.MAX_BODY]

    assert carries_file((blob(1_024) + " " + worst)[: submissions.MAX_BODY])


@settings(deadline=None)
@given(st.text(st.characters()))
def test_judge_takes_any_text(text):
    judged = judge(category=text, urls=text, seen=text, details=text, in_danger=text, contact=text)

    assert any(fault.field == "category" for fault in judged.faults)


def test_judge_reads_a_whole_form():
    judged = judge(
        category="grooming",
        urls="hxxps://a[.]example/x\r\nthe second one",
        seen="week",
        details="ឃើញ\u200bវា\r\nhere",
        in_danger="unsure",
        contact="012 345 678 ",
    )

    assert judged.faults == ()
    assert (judged.category, judged.seen, judged.in_danger) == (Category.GROOMING, Seen.WEEK, Danger.UNSURE)
    assert (judged.details, judged.contact) == ("ឃើញ\u200bវា\nhere", "012 345 678")
    assert [address.href for address in judged.reading.found] == ["https://a.example/x"]
    assert [(rest.line, rest.text) for rest in judged.reading.leftovers] == [(2, "the second one")]
    assert not judged.replaced


@pytest.mark.parametrize("field", ["seen", "in_danger", "details", "contact"])
def test_judge_takes_open_answers_for_unset(field):
    judged = judge(**GOOD | {field: " "})

    assert judged.faults == ()
    assert not getattr(judged, field)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"category": ""}, ("category", "category_missing")),
        ({"category": "CSAM"}, ("category", "category_unknown")),
        ({"category": "csam\x00"}, ("category", "category_unknown")),
        ({"seen": "yesterday"}, ("seen", "seen_unknown")),
        ({"in_danger": "maybe"}, ("in_danger", "in_danger_unknown")),
        ({"urls": ""}, ("urls", "urls_missing")),
        ({"urls": " \r\n "}, ("urls", "urls_missing")),
        ({"urls": "telegram"}, ("urls", "urls_none_found")),
        ({"urls": "..."}, ("urls", "urls_none_found")),
        ({"urls": "data:image/png;base64,AAAA"}, ("urls", "picture")),
        ({"urls": "data:;base64,AAAA"}, ("urls", "picture")),
        ({"urls": "https://a.example/x\ndata:,hello"}, ("urls", "picture")),
        ({"urls": blob(1_024)}, ("urls", "picture")),
        ({"urls": "https://a.example/x\n" + wrapped(blob(2_000), 76)}, ("urls", "picture")),
        ({"details": "see data:image/png;base64,AAAA"}, ("details", "picture")),
        ({"details": wrapped(blob(1_100), 76, "\r\n")}, ("details", "picture")),
        ({"details": "x y " * 1_001}, ("details", "details_too_long")),
        ({"contact": "x " * 102}, ("contact", "contact_too_long")),
        ({"contact": "data:image/png;base64,AAAA"}, ("contact", "picture")),
    ],
)
def test_judge_names_the_fault(typed, expected):
    assert faults(**typed) == [expected]


@pytest.mark.parametrize(
    ("urls", "problem", "line"),
    [
        ("telegram", Problem.NOT_AN_ADDRESS, 1),
        ("javascript:alert(1)", Problem.SCRIPT, 1),
        ("file:///C:/x.jpg", Problem.LOCAL_FILE, 1),
        ("http://127.0.0.1/\nhttp://0x7f.1/", Problem.PRIVATE, 1),
        ("word\r\n\r\nhttp://192.168.0.1/", Problem.PRIVATE, 3),
        ("https://a.example/" + "/" * 8_200, Problem.TOO_LONG, 1),
        ("mailto:someone@mail.example", Problem.OTHER_SCHEME, 1),
        ("tg://resolve?domain=x\nC:\\x.jpg", Problem.LOCAL_FILE, 2),
        ("\u200b", Problem.NOT_AN_ADDRESS, 1),
    ],
)
def test_judge_tells_the_most_telling_problem_when_no_address_was_found(urls, problem, line):
    assert judge(**GOOD | {"urls": urls}).faults == (
        Fault("urls", FaultCode.URLS_NONE_FOUND, (("problem", problem), ("line", line))),
    )


def test_judge_takes_twenty_addresses_and_no_more():
    urls = [f"https://a.example/{number}" for number in range(21)]

    assert faults(urls="\n".join(urls[:20])) == []
    assert judge(**GOOD | {"urls": " ".join(urls)}).faults == (
        Fault("urls", FaultCode.URLS_TOO_MANY, (("count", 21), ("limit", 20))),
    )
    assert faults(urls="\n".join(urls[:20] + urls[:20])) == []  # the same twice is one


def test_judge_takes_texts_of_the_greatest_length():
    assert faults(details="x y\r\n" * 1_000, contact="y " * 100, urls="https://a.example/" + "/" * 8_000) == []
    assert judge(**GOOD | {"details": "ក" * 4_001}).faults == (
        Fault("details", FaultCode.DETAILS_TOO_LONG, (("count", 4_001), ("limit", 4_000))),
    )


def test_judge_answers_a_megabyte_without_breaking():
    assert faults(details="ab " * 350_000) == [("details", "details_too_long")]
    assert faults(urls="ab " * 350_000) == [("urls", "urls_none_found")]


def test_judge_marks_unreadable_characters_and_says_so():
    judged = judge(**GOOD | {"details": "a\x00b", "urls": "https://a.example/\ufffd"})

    assert judged.faults == ()
    assert judged.replaced
    assert judged.details == "a\ufffdb"


def test_faults_stand_in_the_order_of_the_form():
    judged = judge(category="", urls="", seen="?", details="x " * 3_000, in_danger="?", contact="x " * 200)

    assert [fault.field for fault in judged.faults] == ["category", "urls", "seen", "details", "in_danger", "contact"]
