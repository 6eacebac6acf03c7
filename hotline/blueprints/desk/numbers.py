"""Numbers as an address or a form sends them."""

HIGHEST = 2_147_483_647
"""The highest that a number of a record, or of a draft's revision, can be."""


def read(typed: str) -> int:
    """Return a record's number. Raises ValueError for what is none, so that `request.args.get` passes it over."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 10) or int(typed) > HIGHEST:
        raise ValueError("no number of a record")
    return int(typed)
