"""Which language a request is answered in, and which of its words a native speaker has still to read.

The path decides on the public site, the person's setting at the desk.
"""

from pathlib import Path
from typing import NamedTuple

from babel import negotiate_locale
from babel.messages.pofile import read_po
from flask import g
from werkzeug.datastructures import LanguageAccept

from hotline.vocabulary import Language

CATALOGUES = Path(__file__).parent / "translations"
UNREAD = "native-review"  # the translator's comment on an entry that no native speaker has read
ENDONYMS = {Language.KM: "ខ្មែរ", Language.EN: "English"}


def chosen() -> Language:
    """Return the language set for this request as `g.lang`; English where nobody chose. Flask-Babel asks here."""
    found = g.get("lang")
    return found if isinstance(found, Language) else Language.EN


def other(lang: Language) -> Language:
    """Return the language a page offers to switch to."""
    return Language.EN if lang is Language.KM else Language.KM


def from_header(accepted: LanguageAccept) -> Language:
    """Return the language a browser asks for; Khmer if unsure. `km-KH` counts as `km`."""
    wanted = [tag for tag, quality in accepted if quality > 0]
    found = negotiate_locale(wanted, [str(lang) for lang in Language], sep="-")
    return Language(found) if found else Language.KM


def of_path(path: str, accepted: LanguageAccept) -> Language:
    """Return the language a path begins with, for pages that no route answers; else what the browser asks for."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return Language(first) if first in set(Language) else from_header(accepted)


class Entry(NamedTuple):
    """One message of a catalogue. `context` says which of its meanings is meant, or is empty."""

    context: str
    message: str
    translation: str


def list_unread(lang: Language) -> list[Entry]:
    """Return the entries of a catalogue that a native speaker has still to read, in the order of the catalogue."""
    with (CATALOGUES / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    return [
        Entry(message.context or "", _first(message.id), _first(message.string))
        for message in catalogue
        if message.id and UNREAD in message.user_comments
    ]


def _first(text: str | list[str] | tuple[str, ...] | None) -> str:
    """Return a message, or the first of its plural forms."""
    return text if isinstance(text, str) else text[0] if text else ""
