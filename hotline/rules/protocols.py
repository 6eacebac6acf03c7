"""A document of the security protocol: what a version has to say, and how its plain text is set. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from hotline.rules import clear_words
from hotline.vocabulary import Role

LONGEST_NUMBER = 12
LONGEST_TITLE = 200
LONGEST_BODY = 12_000  # so that both languages fit into one form; what is longer is better two documents
LONGEST_CHANGES = 1_000
TEXTS = {
    "title_en": LONGEST_TITLE,
    "title_km": LONGEST_TITLE,
    "body_en": LONGEST_BODY,
    "body_km": LONGEST_BODY,
    "changes_en": LONGEST_CHANGES,
    "changes_km": LONGEST_CHANGES,
}
HEADING = "# "
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A version as it was typed, in both languages. `in_force_on` is None for what was no day."""

    number: str
    title_en: str
    title_km: str
    body_en: str
    body_km: str
    changes_en: str
    changes_km: str
    roles: tuple[Role, ...]
    in_force_on: date | None


class Block(NamedTuple):
    """One heading or paragraph of a text."""

    is_heading: bool
    words: str


def judge(draft: Draft, *, numbers: Iterable[str]) -> tuple[Draft, tuple[tuple[str, str], ...]]:
    """Return a draft as it can be kept, and (field, code) for all that is wrong, in the order of its form.

    `numbers` are those of the other versions of the document, which must not come twice.
    """
    number = draft.number.strip()
    wrong: list[tuple[str, str]] = []
    if not _NUMBER.fullmatch(number) or len(number) > LONGEST_NUMBER:
        wrong.append(("number", "form"))
    elif number in set(numbers):
        wrong.append(("number", "taken"))
    kept: dict[str, str] = {}
    for field, longest in TEXTS.items():
        kept[field], fault = clear_words.judge(getattr(draft, field), longest)
        if fault:
            wrong.append((field, fault))
    if not draft.roles:
        wrong.append(("roles", "required"))
    if draft.in_force_on is None:
        wrong.append(("in_force_on", "required"))
    return Draft(number, **kept, roles=draft.roles, in_force_on=draft.in_force_on), tuple(wrong)


def blocks(text: str) -> Iterator[Block]:
    """Cut a plain text into its headings (a line that begins with `# `) and paragraphs (an empty line ends one)."""
    lines: list[str] = []
    for line in (*text.splitlines(), ""):
        is_heading = line.startswith(HEADING)
        if lines and (is_heading or not line.strip()):
            yield Block(False, "\n".join(lines))
            lines = []
        if is_heading:
            yield Block(True, line.removeprefix(HEADING).strip())
        elif line.strip():
            lines.append(line.rstrip())
