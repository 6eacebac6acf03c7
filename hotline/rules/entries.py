"""What an entry of the directory must say before it may get letters."""

import re
from dataclasses import dataclass

from babel import Locale

from hotline.vocabulary import Language, RecipientKind

SHORTEST_NAME, LONGEST_NAME = 2, 120
MAILBOX = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
"""Two-letter codes that Babel knows and ISO 3166-1 does not: unions, islands without a code, unknown, made up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as typed, checked by `judge`."""

    name: str
    kind: RecipientKind
    mailbox: str
    country: str
    language: Language


def judge(name: str, kind: str, mailbox: str, country: str, language: str) -> Entry | tuple[tuple[str, str], ...]:
    """Return the entry, or (field, code) for everything that is wrong with it."""
    name, mailbox, country = " ".join(name.split()), mailbox.strip(), country.strip().upper()
    wrong = {
        ("name", "length"): not SHORTEST_NAME <= len(name) <= LONGEST_NAME,
        ("kind", "required"): kind not in set(RecipientKind),
        ("mailbox", "not_plain"): not MAILBOX.fullmatch(mailbox),
        ("country", "required"): country not in countries(Language.EN),
        ("language", "required"): language not in set(Language),
    }
    faults = tuple(fault for fault, is_wrong in wrong.items() if is_wrong)
    return faults or Entry(name, RecipientKind(kind), mailbox, country, Language(language))


def countries(language: Language) -> dict[str, str]:
    """Return every country's code (ISO 3166-1 alpha-2) and its name in `language`, by name."""
    english, named = (_territories(one) for one in (Language.EN, language))
    codes = (code for code in english if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY)
    return dict(sorted(((code, named.get(code, english[code])) for code in codes), key=lambda pair: pair[1]))


def _territories(language: Language) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(str(language)).territories.items()}
