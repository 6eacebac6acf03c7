"""Which language a request is answered in: the path decides on the public site, the person's setting at the desk."""

from babel import negotiate_locale
from flask import g
from werkzeug.datastructures import LanguageAccept

from hotline.vocabulary import Language

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
