"""What the pages of the security protocol say: faults of their forms."""

from flask_babel import gettext as _

from hotline.rules import clear_words, protocols
from hotline.rules.free_text import TextFault
from hotline.services import duties


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a document or of a restore test."""
    return {
        ("number", "form"): _("Write a number such as 3.1."),
        ("number", "taken"): _("This document has a version of that number already."),
        ("roles", "required"): _("Choose at least one role."),
        ("in_force_on", "required"): _("Choose the day from which it is in force."),
        ("in_force_on", "unknown"): _("Choose a day."),
        ("minutes", "number"): _("Write how many minutes it took, in digits."),
        ("done_at", "ahead"): _("That lies ahead. Note it once it has happened."),
        ("done_at", "too_old"): _("That is more than a year ago. Check the day."),
        ("done_at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("upload", "words_only"): _("No file can be sent here. Write it in words."),
    }.get((field, code)) or words(code, longest(field))


def words(code: str, most: int) -> str:
    """Say what is wrong with words that stand in clear."""
    return {
        TextFault.MISSING: _("Write something here."),
        "required": _("Write something here."),
        TextFault.TOO_LONG: _("That is too long: at most %(num)s characters fit.", num=most),
        TextFault.PICTURE: _("That looks like a file. Write it in words."),
        clear_words.ADDRESS: _("Leave the web address out. None may stand here."),
    }[code]


def longest(field: str) -> int:
    """Return how many characters fit into a field."""
    return {"what": duties.LONGEST_NOTE}.get(field) or protocols.TEXTS.get(field, 0)
