"""What the pages of the secure room say: faults of their forms."""

from flask_babel import gettext as _

from hotline.blueprints.desk import protocol_words
from hotline.rules.room import LONGEST_NAME, LONGEST_REASON


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of the register, or of the list of who may enter."""
    return {
        ("visitor", "missing"): _("Write the visitor’s name, or choose one of us."),
        ("visitor", "erased"): _("The visitor’s name was erased. It cannot be corrected any more."),
        ("visitor", "no_visitor"): _("This entry is about one of us. Leave the visitor’s name empty."),
        ("visitor", "both"): _("Choose one of us or write a visitor’s name, not both."),
        ("escort", "required"): _("A visitor is never alone. Choose who goes with them."),
        ("escort", "themselves"): _("Nobody goes along with themselves. Choose somebody else, or nobody."),
        ("who", "inside"): _("The register says that they are inside. Note first that they left."),
        ("who", "unknown"): _("Choose somebody with an open account."),
        ("came_at", "ahead"): _("That lies ahead. Note it once it has happened."),
        ("came_at", "too_early"): _("That is more than a month ago. Look at the day."),
        ("came_at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("left_at", "ahead"): _("That lies ahead. Note it once it has happened."),
        ("left_at", "order"): _("That is before they came in. Look at both times."),
        ("left_at", "too_long"): _("That is more than a day after they came in. Look at both times."),
        ("left_at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("person", "unknown"): _("Choose somebody with an open account."),
        ("person", "yourself"): _("Another person says that you may enter."),
        ("person", "permitted"): _("They are on the list already."),
        ("until_on", "past"): _("That day has passed."),
        ("until_on", "unknown"): _("Choose a day, or leave it empty."),
        ("since", "unknown"): _("Choose a day."),
        ("until", "unknown"): _("Choose a day."),
        ("upload", "words_only"): _("No file can be sent here. Write it in words."),
    }.get((field, code)) or protocol_words.words(code, LONGEST_NAME if field == "visitor" else LONGEST_REASON)
