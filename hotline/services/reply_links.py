"""Links in letters to hosts: whoever holds one may answer one notice on our page, until it expires.

A link's token is `<our reference>.<last day>.<mark>`. The mark is made from the other two with a key that only our
processes have, so that nobody makes one, and one that was changed anywhere opens nothing. Whoever holds a link sees our
reference and can answer: nothing else is behind it.
"""

import hmac
import re
from datetime import timedelta

from hotline import clock, vault
from hotline.config import settings
from hotline.vocabulary import Language

LIVES = timedelta(days=60)
DAY = "%Y%m%d"
_SHAPE = re.compile(r"(N-[A-Z0-9]{6})\.(\d{8})\.([0-9a-f]{32})")


def make(ref: str, language: Language) -> str:
    """Return the address that a letter in `language` names; empty where nobody said how our site is reached."""
    site = settings().reply_url
    if not site:
        return ""
    in_khmer = "?lang=km" if language is Language.KM else ""
    return f"{site}/reply/{token_of(ref)}{in_khmer}"


def token_of(ref: str) -> str:
    """Return the token of a link to answer the notice `ref`, which works from today for `LIVES`."""
    signed = f"{ref}.{clock.now() + LIVES:{DAY}}"
    return f"{signed}.{vault.keyring().link_mark(signed)}"


def opened(token: str) -> str | None:
    """Return the reference of the notice that a token lets answer; None for one that is none, or has expired."""
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        return None
    ref, last_day, mark = shape.groups()
    if not hmac.compare_digest(vault.keyring().link_mark(f"{ref}.{last_day}"), mark):
        return None
    return ref if f"{clock.now():{DAY}}" <= last_day else None
