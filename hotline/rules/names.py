"""People's names: what makes two of them the same."""

import unicodedata


def key(name: str) -> str:
    """Return what a name is found by, whoever typed it how: case, width, spaces and invisible characters do not count.

    The same in every database, which each know another part of Unicode.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(char for char in folded if unicodedata.category(char) != "Cf").split())
