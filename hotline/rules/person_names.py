"""How a person's name is spelled so that it is found again, whoever wrote it: the texts a blind index is made of. Pure.

Khmer writes no spaces between words and hides zero-width ones where a line may break; the same marks stand in another
order after another keyboard; coeng ta and coeng da look alike. Latin letters come with and without accents, and family
name and given name in either order.
"""

import re
import unicodedata

MOST = 40  # texts of one name
SHORTEST = 2  # letters of a word that is looked for by itself
COENG_DA, COENG_TA = "\u17d2\u178a", "\u17d2\u178f"
_GAPS = re.compile(r"[\s\-_.,'’·]+")
_CLUSTER = re.compile(r"[\u17b4-\u17d1\u17d3\u17dd]+")


def spellings(name: str) -> frozenset[str]:
    """Return the texts under which a name is kept: whole, whatever the order of its words, and each word of it."""
    found = words(name)
    if not found:
        return frozenset()
    parts = {word for word in found if len(word) >= SHORTEST}
    return frozenset(sorted({_whole(found), *parts})[:MOST])


def asked(name: str) -> str:
    """Return the text a name is looked for by: one word finds every name that holds it; more words, the whole name."""
    found = words(name)
    return found[0] if len(found) == 1 else _whole(found)


def _whole(found: list[str]) -> str:
    return "".join(sorted(found)) if len(found) > 1 else "".join(found)


def words(name: str) -> list[str]:
    """Return the words of a name, or of a text, each spelled in the one way all its spellings share."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    plain = plain.replace(COENG_DA, COENG_TA)
    plain = _CLUSTER.sub(lambda marks: "".join(sorted(set(marks[0]))), plain)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", plain) if not _is_accent(sign))
    return [word for word in _GAPS.split(bare.casefold()) if word]


def _is_accent(sign: str) -> bool:
    """Whether a sign is an accent of a Latin letter: what Khmer writes above and below its letters is none."""
    return unicodedata.category(sign) == "Mn" and not "\u1780" <= sign <= "\u17ff"
