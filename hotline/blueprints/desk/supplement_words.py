"""What is said where a recipient's question cannot be answered now, or not as it was typed."""

from flask_babel import gettext as _

from hotline.blueprints.desk import notice_words
from hotline.services import supplements


def say(field: str, code: str) -> str:
    """Return what to do about a fault of the form, or about what keeps a question from being answered."""
    known = {
        "missing": _("Write what you tell them."),
        "too_long": _("This is too long: at most %(num)s characters fit.", num=supplements.MOST_WORDS),
        "picture": _("This holds a file. Write words only."),
        "marks": _("Leave the lines around the addresses out: the letter lists its addresses itself."),
        "not_asked": _("This answer does not ask for more, or does not any more. Nothing is sent about it."),
        "overtaken": _("They have answered anew since. Read their newest answer first."),
        "unread": _("Something else came back from them that nobody has read. Read it first."),
        "has_one": _("A letter that answers them is written already and has not gone yet."),
        "nothing_left": _("No address of this letter is left that would have to go. There is nothing more to tell."),
        "stopped": _("An address of this letter is held for the police, or looked at anew. Nothing is told now."),
    }
    if field == "words" and code in known:
        return known[code]
    if code == "appeal":
        return notice_words.say("approve", code)
    return notice_words.say("recipient", code)
