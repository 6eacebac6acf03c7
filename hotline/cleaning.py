"""Texts that staff write for public pages, freed of markup: the only place that knows bleach.

bleach is no longer maintained; nh3 is its successor. Whoever swaps them changes this file and nothing else.
"""

from html import unescape

import bleach


def clean_text(text: str) -> str:
    """Return `text` without any tag or comment; what stood between tags stays, also between `<script>` tags.

    The result is text, not HTML: ampersands and angle brackets are as they were typed, so a template's autoescape (or
    `markupsafe.escape`) must still do its work, and does it once. Never mark it safe. Not for web addresses.
    """
    while (cleaned := _without_tags(text)) != text:
        text = cleaned  # taking a tag away may join two halves of another
    return text


def _without_tags(text: str) -> str:
    """bleach gives back HTML, in which `&`, `<` and `>` are escaped; escaping `&` first makes that exactly undoable."""
    return unescape(bleach.clean(text.replace("&", "&amp;"), tags=set(), attributes={}, strip=True))
