"""What the review of access says: faults of its form."""

from flask_babel import gettext as _

from hotline.blueprints.desk import protocol_words
from hotline.rules.access_reviews import LONGEST_REASON


def say(field: str, code: str) -> str:
    """Say what is wrong with one field, which names its account."""
    part, _dash, number = field.partition("-")
    if part == "verdict" and code == "changed":
        return _("%(number)s was changed since you opened this page. Look at it again, then say.", number=number)
    if part == "verdict":
        return _("Say of %(number)s whether it stays or is to change.", number=number)
    if part == "reason" and code == "missing":
        return _("Say of %(number)s what is to change, and why.", number=number)
    return protocol_words.words(code, LONGEST_REASON)
