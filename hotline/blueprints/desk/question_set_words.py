"""The questions of a needs assessment: what is said about their form."""

from flask_babel import gettext as _

from hotline.blueprints.desk import words
from hotline.rules.needs import MOST_LINE, MOST_QUESTIONS, MOST_REASON
from hotline.vocabulary import Language, Need


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    if field == "reason":
        return {
            "required": _("Say why there is a new version."),
            "too_long": _("Shorten the reason to %(most)s characters.", most=MOST_REASON),
            "nothing_new": _("Nothing differs from the version in force: change a text first."),
        }[code]
    need, _dash, language = field.rpartition("-")
    about = f"{words.of(Need(need))} ({words.of(Language(language))})"
    return {
        "too_many": _("Ask at most %(num)s questions: %(about)s.", num=MOST_QUESTIONS, about=about),
        "too_long": _("Shorten each question to %(num)s characters: %(about)s.", num=MOST_LINE, about=about),
        "unequal": _(
            "Write as many questions in one language as in the other, in the same order: %(about)s.", about=about
        ),
    }[code]
