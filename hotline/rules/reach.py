"""How a person is reached: the lines of a form, and what is wrong with them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PHONE = re.compile(r"\+?[\d\s().\-/]+")
FEWEST_DIGITS, MOST_DIGITS = 6, 15  # of a telephone number, the country's included (ITU-T E.164)
MOST_LINES = 10
LONGEST_LINE = 120
SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person is called in full, and their mailboxes and numbers. Mail goes to the first mailbox."""

    names: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def read(names: str, mailboxes: str, phones: str) -> Reach:
    """Read what was typed: one a line, each once, in its order. Invisible signs and spare spaces go."""
    return Reach(_lines(names), _lines(mailboxes), _lines(phones))


def faults(reach: Reach) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for everything that is wrong."""
    wrong = {
        ("names", "short"): any(len(one) < SHORTEST_NAME for one in reach.names),
        ("mailboxes", "form"): not all(is_mailbox(one) for one in reach.mailboxes),
        ("phones", "form"): not all(is_phone(one) for one in reach.phones),
    }
    for field, lines in (("names", reach.names), ("mailboxes", reach.mailboxes), ("phones", reach.phones)):
        wrong[field, "too_many"] = len(lines) > MOST_LINES
        wrong[field, "too_long"] = any(len(one) > LONGEST_LINE for one in lines)
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def is_mailbox(text: str) -> bool:
    """Whether this is one plain mailbox, without a name beside it."""
    return MAILBOX.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether this is one telephone number, in digits of any script."""
    digits = sum(sign.isdecimal() for sign in text)
    return PHONE.fullmatch(text) is not None and FEWEST_DIGITS <= digits <= MOST_DIGITS


def _lines(text: str) -> tuple[str, ...]:
    plain: Sequence[str] = [" ".join(_visible(line).split()) for line in text.splitlines()]
    return tuple(dict.fromkeys(line for line in plain if line))


def _visible(line: str) -> str:
    return "".join(sign for sign in line if unicodedata.category(sign) not in {"Cf", "Cc"} or sign == "\t")
