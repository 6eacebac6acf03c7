"""Days as a form or an address sends them."""

from datetime import date

from flask import request

from hotline.errors import Refused


def read(typed: str) -> date | None:
    """Return the day that was typed, as `2026-11-26`; None for what is none."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def sent(field: str) -> date | None:
    """Return the day in a field of the form; None where it is empty. Raises Refused for what is no day."""
    typed = request.form.get(field, "").strip()
    found = read(typed)
    if typed and found is None:
        raise Refused((field, "unknown"))
    return found
