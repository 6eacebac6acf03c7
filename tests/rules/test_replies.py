"""What an answer to a letter needs, and what is wrong with one that has it not."""

from datetime import date, timedelta

import pytest

from hotline.rules import replies
from hotline.rules.replies import Given, ReplyFault, ReplyFaultCode
from hotline.vocabulary import Answer

TODAY = date(2026, 11, 26)
FILE = "A1b2" * 300


def judge(**fields: str) -> replies.JudgedReply:
    return replies.judge(**fields, today=TODAY)


def faults(**fields: str) -> list[tuple[str, ReplyFaultCode]]:
    return [(fault.field, fault.code) for fault in judge(**fields).faults]


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({"answer": "removed"}, Given(Answer.REMOVED)),
        ({"answer": " removed ", "when": "2026-11-24"}, Given(Answer.REMOVED, date(2026, 11, 24))),
        ({"answer": "removed", "when": "2026-11-27"}, Given(Answer.REMOVED, date(2026, 11, 27))),
        ({"answer": "not_ours", "whose": " Example Cloud "}, Given(Answer.NOT_OURS, whose="Example Cloud")),
        ({"answer": "not_ours"}, Given(Answer.NOT_OURS)),
        ({"answer": "need_more", "words": "a\r\nb"}, Given(Answer.NEED_MORE, words="a\nb")),
        ({"answer": "appeal", "words": "You are wrong."}, Given(Answer.APPEAL, words="You are wrong.")),
        ({"answer": "refused", "words": "x", "when": "soon", "whose": "y"}, Given(Answer.REFUSED, words="x")),
    ],
)
def test_an_answer_is_read_with_what_belongs_to_it(fields: dict[str, str], given: Given) -> None:
    assert judge(**fields).given == given


@pytest.mark.parametrize("answer", ["", "gone", "REMOVED"])
def test_an_answer_is_one_of_those_offered(answer: str) -> None:
    assert faults(answer=answer, words="words") == [("answer", ReplyFaultCode.ANSWER_MISSING)]


@pytest.mark.parametrize("answer", sorted(replies.NEEDS_WORDS))
@pytest.mark.parametrize("words", ["", "  \n"])
def test_some_answers_need_words(answer: str, words: str) -> None:
    assert faults(answer=answer, words=words) == [("words", ReplyFaultCode.WORDS_MISSING)]


@pytest.mark.parametrize("when", ["yesterday", "2026-13-01", "1999-12-31", str(TODAY + timedelta(days=2))])
def test_a_day_is_one_that_has_been(when: str) -> None:
    assert faults(answer="removed", when=when) == [("when", ReplyFaultCode.WHEN_UNREADABLE)]


def test_what_is_too_long_says_by_how_much() -> None:
    found = judge(answer="not_ours", whose="x" * 301, words="y" * 4_001).faults

    assert found == (
        ReplyFault("whose", ReplyFaultCode.TOO_LONG, 301, 300),
        ReplyFault("words", ReplyFaultCode.TOO_LONG, 4_001, 4_000),
    )


@pytest.mark.parametrize("answer", list(Answer))
@pytest.mark.parametrize("field", ["whose", "words"])
def test_a_pasted_file_is_refused_with_every_answer(answer: str, field: str) -> None:
    fields = {"words": "some words"} | {field: FILE}

    assert faults(answer=answer, **fields) == [(field, ReplyFaultCode.PICTURE)]
