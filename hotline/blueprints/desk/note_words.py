"""What is wrong with a note on an item, in words."""

from flask_babel import gettext as _

from hotline.rules.notes import MAX_LENGTH


def say(field: str, code: str) -> str:
    """Return the sentence for a fault of a note's form."""
    return {
        ("text", "missing"): _("Write a note first."),
        ("text", "too_long"): _("The note is too long: at most %(num)s characters fit.", num=f"{MAX_LENGTH:,}"),
        ("text", "picture"): _("There is a file in the note. Write words only."),
    }[field, code]
