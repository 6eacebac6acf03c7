"""What may come in through the page on which recipients answer: which answers there are, and what each needs."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hotline.rules.free_text import TextFault
from hotline.rules.free_text import judge as judge_text
from hotline.vocabulary import Answer

MOST_WORDS = 4_000  # in characters
MOST_WHOSE = 300
MOST_UNMOVED = 20  # answers about one notice that nobody has moved to the desk yet
NEEDS_WORDS = frozenset({Answer.NEED_MORE, Answer.REFUSED, Answer.APPEAL, Answer.OTHER})
FIRST_DAY = date(2000, 1, 1)


class ReplyFaultCode(StrEnum):
    """What is wrong with a field; the page has a sentence for each."""

    ANSWER_MISSING = "answer_missing"
    WHEN_UNREADABLE = "when_unreadable"
    WORDS_MISSING = "words_missing"
    TOO_LONG = "too_long"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class ReplyFault:
    """One thing to put right. `count` is how many characters there are, `limit` how many fit, where that is wrong."""

    field: str
    code: ReplyFaultCode
    count: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given. `when` is the day something was removed, `whose` who has it instead, where said."""

    answer: Answer
    when: date | None = None
    whose: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class JudgedReply:
    """A form that was read: without faults it is an answer."""

    faults: tuple[ReplyFault, ...]
    given: Given | None


def judge(*, answer: str = "", when: str = "", whose: str = "", words: str = "", today: date) -> JudgedReply:
    """Read every field as it was sent; faults stand in the order of the form.

    A field that belongs to another answer counts for nothing, unless a file was pasted into it.
    """
    chosen = Answer(answer.strip()) if answer.strip() in set(Answer) else None
    day, day_faults = _day(when if chosen is Answer.REMOVED else "", today)
    owner, whose_faults = _text("whose", whose, MOST_WHOSE)
    said, words_faults = _text("words", words, MOST_WORDS)
    if chosen in NEEDS_WORDS and not said and not words_faults:
        words_faults = (ReplyFault("words", ReplyFaultCode.WORDS_MISSING),)
    faults = (
        *(() if chosen else (ReplyFault("answer", ReplyFaultCode.ANSWER_MISSING),)),
        *day_faults,
        *whose_faults,
        *words_faults,
    )
    if faults or chosen is None:
        return JudgedReply(faults, None)
    return JudgedReply((), Given(chosen, day, owner if chosen is Answer.NOT_OURS else "", said))


def _day(typed: str, today: date) -> tuple[date | None, tuple[ReplyFault, ...]]:
    """Read a day. Tomorrow is taken: it may have begun where the recipient is."""
    text = typed.strip()
    if not text:
        return None, ()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= today + timedelta(days=1):
        return None, (ReplyFault("when", ReplyFaultCode.WHEN_UNREADABLE),)
    return day, ()


def _text(field: str, typed: str, longest: int) -> tuple[str, tuple[ReplyFault, ...]]:
    text, fault = judge_text(typed, longest)
    match fault:
        case TextFault.PICTURE:
            return "", (ReplyFault(field, ReplyFaultCode.PICTURE),)
        case TextFault.TOO_LONG:
            return text, (ReplyFault(field, ReplyFaultCode.TOO_LONG, len(text), longest),)
        case _:
            return text, ()
