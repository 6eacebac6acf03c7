"""Needs assessments in words: what is said about a form."""

from flask_babel import gettext as _

from hotline.blueprints.desk import words
from hotline.rules.needs import MOST_WORDS
from hotline.vocabulary import Need


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    if field.startswith("need-"):
        need = words.of(Need(field.removeprefix("need-")))
        return {
            "required": _("Choose a level for: %(need)s.", need=need),
            "why": _("Say why this is not known: %(need)s.", need=need),
            "known": _("Say what you know of this need: %(need)s.", need=need),
        }[code]
    if code == "too_long":
        return _("This is too long: at most %(num)s characters fit.", num=MOST_WORDS)
    if code == "picture":
        return _("This holds a file. Write words only.")
    return {
        ("upload", "words_only"): _("Files are not taken here. Write words and references only."),
        ("level", "required"): _("Choose one of the levels."),
        ("with_whom", "required"): _("Say with whom the assessment was made."),
        ("assessed_on", "required"): _("Choose the day of the assessment."),
        ("assessed_on", "ahead"): _("The day of the assessment lies ahead. Choose today or a day before."),
        ("question", "required"): _("Write what you ask."),
    }[field, code]
