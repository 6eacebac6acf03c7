"""What letters are written from: a text with places to fill in, `{like_this}`, and nothing that could be run.

Whoever edits a text may use the places of a closed list. A line whose places all stay empty is left out, so that a
letter never says what is not known. `{addresses}` stands alone on its line, between two lines that programs look for.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hotline.rules import letter_recipients
from hotline.vocabulary import Language, LetterKey

PLACE = re.compile(r"\{([^{}\n]*)\}")
ADDRESSES = "addresses"
BEGIN, END = "----- BEGIN ADDRESSES -----", "----- END ADDRESSES -----"
WRITTEN = tuple(one for one in LetterKey if one is not LetterKey.POLICE)  # police get packages, and no letter
SUBJECT = "Subject: "
LONGEST_SUBJECT, LONGEST_BODY, LONGEST_REASON = 200, 12_000, 500
LAW_WIDTH = 58
WIDTH = 78
ALWAYS = {"ref", "recipient", "brand", "country", "phone", "staff", "key_link", "fingerprint"}
OF_ADDRESSES = {ADDRESSES, "count", "finding", "law", "seen", "network"}
OF_AN_EARLIER = {"earlier", "earlier_sent"}
FOR_HOSTS = {"reply_link", "time", *letter_recipients.PLACES}
REMINDED = {"remind"}  # where a letter is the first
ALLOWED: dict[LetterKey, set[str]] = {
    LetterKey.HOST: ALWAYS | OF_ADDRESSES | FOR_HOSTS | REMINDED,
    LetterKey.HOST_NO_LAW: ALWAYS | OF_ADDRESSES - {"law"} | FOR_HOSTS | REMINDED,
    LetterKey.REMINDER: ALWAYS | OF_ADDRESSES | OF_AN_EARLIER | FOR_HOSTS,
    LetterKey.ESCALATION: ALWAYS | OF_ADDRESSES | OF_AN_EARLIER | FOR_HOSTS | {"earlier_recipient"},
    LetterKey.PARTNER: ALWAYS | OF_ADDRESSES,
    LetterKey.POLICE: ALWAYS | OF_ADDRESSES,
    LetterKey.RETRACTION: ALWAYS | OF_AN_EARLIER | {"which"},
    LetterKey.SUPPLEMENT: ALWAYS | OF_ADDRESSES | OF_AN_EARLIER | FOR_HOSTS | {"words"},
}
NEEDED: dict[LetterKey, set[str]] = {
    LetterKey.HOST: {"ref", ADDRESSES, "finding", "law"},
    LetterKey.HOST_NO_LAW: {"ref", ADDRESSES, "finding"},
    LetterKey.REMINDER: {"ref", ADDRESSES, "finding", "earlier"},
    LetterKey.ESCALATION: {"ref", ADDRESSES, "finding", "earlier"},
    LetterKey.PARTNER: {"ref", ADDRESSES, "finding"},
    LetterKey.POLICE: {"ref", ADDRESSES, "finding"},
    LetterKey.RETRACTION: {"ref", "earlier"},
    LetterKey.SUPPLEMENT: {"ref", ADDRESSES, "finding", "earlier", "words"},
}
IN_SUBJECT = {"ref", "earlier", "recipient", "brand", "count", "where"}  # nothing that tells what it is about
FINDING = {
    (Language.EN, True): "Child sexual abuse material, INHOPE baseline.",
    (Language.EN, False): "Child sexual abuse material.",
    (Language.KM, True): "សម្ភារៈរំលោភបំពានផ្លូវភេទលើកុមារ (INHOPE baseline)។",
    (Language.KM, False): "សម្ភារៈរំលោភបំពានផ្លូវភេទលើកុមារ។",
}
NEUTRAL = {Language.EN: "Confidential message [{ref}]", Language.KM: "សារសម្ងាត់ [{ref}]"}
WHICH = {
    Language.EN: (
        "This is about one address of that notice alone, number {place} of {count} in its list. "
        "What we said about the others stands."
    ),
    Language.KM: (
        "លិខិតនេះនិយាយតែអំពីអាសយដ្ឋានមួយប៉ុណ្ណោះក្នុងលិខិតនោះ គឺលេខ {place} ក្នុងចំណោម {count} ក្នុងបញ្ជី។ "
        "អ្វីដែលយើងបាននិយាយអំពីអាសយដ្ឋានផ្សេងទៀតនៅដដែល។"
    ),
}
BETWEEN = {Language.EN: "between {first} and {last}", Language.KM: "ចន្លោះពី {first} ដល់ {last}"}
LAW = {Language.EN: "Illegal in {country}: {title}.", Language.KM: "ខុសច្បាប់នៅ{country}៖ {title}។"}


@dataclass(frozen=True, slots=True)
class Text:
    """One letter's subject and body, places unfilled."""

    subject: str
    body: str


def read(file: str) -> Text:
    """Read a text as it comes with the portal: the subject's line, an empty line, and the body."""
    head, _, body = file.partition("\n\n")
    return Text(head.removeprefix(SUBJECT).strip(), body.strip() + "\n")


def clean(text: Text) -> Text:
    """Return a text as it is kept: one kind of line end, no space at the end of lines."""
    lines = (line.rstrip() for line in text.body.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n"))
    return Text(" ".join(text.subject.split()), "\n".join(lines) + "\n")


def faults(key: LetterKey, text: Text, reason: str) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with a text, as (field, code); `unknown:` and `missing:` name the place after the colon."""
    found: list[tuple[str, str]] = []
    for field, words, most in (("subject", text.subject, LONGEST_SUBJECT), ("body", text.body, LONGEST_BODY)):
        if not words.strip():
            found.append((field, "required"))
        elif len(words) > most:
            found.append((field, "too_long"))
    found += [("subject", f"unknown:{place}") for place in _places(text.subject) if place not in _in_subject(key)]
    found += [("body", f"unknown:{place}") for place in _places(text.body) if place not in ALLOWED[key]]
    if _left(text.subject):
        found.append(("subject", "brace"))
    if _left(text.body):
        found.append(("body", "brace"))
    if text.subject.strip() and "ref" not in _places(text.subject):
        found.append(("subject", "missing:ref"))
    if text.body.strip():
        found += [("body", f"missing:{place}") for place in sorted(NEEDED[key] - set(_places(text.body)))]
    if ADDRESSES in ALLOWED[key] and _shares_its_line(text.body):
        found.append(("body", "alone"))
    if ADDRESSES in NEEDED[key] and not _stands_between_marks(text.body):
        found.append(("body", "marks"))
    if not reason.strip():
        found.append(("reason", "required"))
    elif len(reason) > LONGEST_REASON:
        found.append(("reason", "too_long"))
    return _first_of_each(found)


def fill(text: Text, values: Mapping[str, str]) -> Text:
    """Fill in the places. A value is put in as it is: what it holds is never read as a place.

    A value of several lines is indented like its place. A line whose places all stay empty is left out.
    """
    lines = [filled for line in text.body.split("\n") if (filled := _line(line, values)) is not None]
    return Text(_filled(text.subject, values), "\n".join(lines))


def finding(language: Language, *, baseline: bool) -> str:
    """Return what was found, in a letter's language."""
    return FINDING[language, baseline]


def law(language: Language, *, country: str, title: str) -> str:
    """Return that something is illegal by a country's law, in a letter's language; in lines that fit beside a label."""
    words = _filled(LAW[language], {"country": country, "title": title})
    return words if language is Language.KM else "\n".join(textwrap.wrap(words, LAW_WIDTH))


def unwrapped(words: str) -> str:
    """Return what `law` says in one line, for a text that breaks no lines."""
    return " ".join(words.split("\n"))


def seen(language: Language, times: Sequence[datetime]) -> str:
    """Return when somebody last saw addresses: one time where it is the same of all, else from which to which."""
    first, last = (one.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") for one in (min(times), max(times)))
    return first if first == last else _filled(BETWEEN[language], {"first": first, "last": last})


def which(language: Language, *, place: int, count: int) -> str:
    """Return which of `count` addresses a letter takes back, by its place in the list; in lines as the letter's own."""
    words = _filled(WHICH[language], {"place": str(place), "count": str(count)})
    return words if language is Language.KM else "\n".join(textwrap.wrap(words, WIDTH))


def typed(language: Language, words: str) -> str:
    """Return what a person typed, in lines as the letter's own; a line that is empty stays so."""
    if language is Language.KM:
        return words
    lines = (textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in words.split("\n"))
    return "\n".join("\n".join(wrapped) for wrapped in lines)


def neutral_subject(language: Language, ref: str) -> str:
    """Return the subject that anybody may read on an encrypted letter."""
    return _filled(NEUTRAL[language], {"ref": ref})


def _line(line: str, values: Mapping[str, str]) -> str | None:
    places = _places(line)
    if places and not any(values.get(place) for place in places):
        return None
    indent = " " * PLACE.search(line).start() if places else ""  # type: ignore[union-attr]
    shown = {place: values.get(place, "") for place in places}
    if places != [ADDRESSES]:
        shown = {place: value.replace("\n", "\n" + indent) for place, value in shown.items()}
    return _filled(line, shown)


def _filled(words: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: values.get(found[1], ""), words)


def _places(words: str) -> list[str]:
    return list(dict.fromkeys(PLACE.findall(words)))


def _in_subject(key: LetterKey) -> set[str]:
    return IN_SUBJECT & ALLOWED[key]


def _left(words: str) -> bool:
    """Whether a brace stands there that belongs to no place."""
    return bool(set("{}") & set(PLACE.sub("", words)))


def _shares_its_line(body: str) -> bool:
    return any(f"{{{ADDRESSES}}}" in line and line.strip() != f"{{{ADDRESSES}}}" for line in body.split("\n"))


def _stands_between_marks(body: str) -> bool:
    """Whether the addresses, and nothing else, stand between the two lines by which recipients' programs find them."""
    lines = [line.strip() for line in body.split("\n")]
    if lines.count(BEGIN) != 1 or lines.count(END) != 1:
        return False
    begins = lines.index(BEGIN)
    return lines[begins : begins + 3] == [BEGIN, f"{{{ADDRESSES}}}", END]


def _first_of_each(found: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return one fault a field: a form says one thing at a time."""
    first: dict[str, str] = {}
    for field, code in found:
        first.setdefault(field, code)
    return tuple(first.items())
