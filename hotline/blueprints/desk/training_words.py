"""What the pages of trainings and vettings say: faults of their forms."""

from flask_babel import gettext as _

from hotline.blueprints.desk import protocol_words
from hotline.rules.trainings import LONGEST_NAME


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a training."""
    return {
        ("kind", "required"): _("Choose what it is."),
        ("kind", "own"): _("Another person notes your vetting."),
        ("done_on", "required"): _("Choose the day."),
        ("done_on", "unknown"): _("Choose a day."),
        ("done_on", "ahead"): _("That lies ahead. Note it once it has happened."),
        ("expires_on", "unknown"): _("Choose a day, or leave it empty."),
        ("expires_on", "order"): _("It ends before it was done. Look at both days."),
        ("person", "closed"): _("This account is closed. Nothing is noted of it any more."),
    }.get((field, code)) or protocol_words.words(code, LONGEST_NAME)
