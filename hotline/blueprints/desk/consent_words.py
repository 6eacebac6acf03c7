"""What pages about consent, and about decisions without it, say of their forms."""

from flask_babel import gettext as _

from hotline import i18n
from hotline.models.service_provider import ServiceProvider
from hotline.rules.consents import LATEST_ASK, MOST_LINE, MOST_REASON, MOST_WORDS
from hotline.services import service_providers
from hotline.services.consents import To

LONGEST = {"words": MOST_WORDS, "taken_back": MOST_WORDS, "capacity": MOST_WORDS, "reason": MOST_REASON}


def name(to: To) -> str:
    """Return a recipient's name in the reader's language, where it has one."""
    return service_providers.name_of(to, i18n.chosen()) if isinstance(to, ServiceProvider) else to.name


def unreviewed() -> str:
    """Say what keeps whatever is new here while a decision without consent waits too long for its second person."""
    return _(
        "No second person looked in time at the decision to tell them without consent. Ask somebody to look at it"
        " now; nothing new goes until then."
    )


def named() -> str:
    """Say what keeps whatever names a child here whose name is not to be told."""
    return _(
        "It holds the child's name, which is not to be told: in your words, or in what is taken from the file. Write it"
        " without, keep that part back, or ask whether the name may be told."
    )


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    if code == "picture":
        return _("This holds a file. Write words and references only.")
    if code == "too_long":
        return _("This is too long: at most %(num)s characters fit.", num=LONGEST.get(field, MOST_LINE))
    return {
        ("upload", "words_only"): _("Files are not taken here. Write words and references only."),
        ("person", "required"): _("Choose who answers."),
        ("person", "suspect"): _("This person is named as possible abuser, and is never asked."),
        ("person", "not_asked"): _(
            "This person is not asked: only the victim, and guardians while the victim is a child."
        ),
        ("answer", "required"): _("Choose what they answer."),
        ("answer", "no_choice"): _("Only a child may be unable to say yet."),
        ("capacity", "required"): _("Write why the child cannot say yet."),
        ("language", "required"): _("Write which language was spoken."),
        ("shares", "required"): _("Tick what may be told."),
        ("shares", "need"): _(
            "A service that is not told what help is needed cannot help. Tick it, or do not tell them."
        ),
        ("withheld_from", "required"): _("Write who must not hear of it."),
        ("withheld_why", "required"): _("Choose why it is kept from them."),
        ("asked_on", "required"): _("Give the day on which they were asked."),
        ("asked_on", "ahead"): _("This day has not come yet."),
        ("ask_again_on", "required"): _("Give the day by which they are asked again."),
        ("ask_again_on", "range"): _("Choose a day after today, at most %(num)s days ahead.", num=LATEST_ASK.days),
        ("basis", "required"): _("Choose on which ground."),
        ("reason", "missing"): _("Write why it has to be, without names."),
        ("reason", "names"): _("This names somebody of the file. A manager reads it: write “the child”, “the aunt”."),
        ("weighed", "weighed"): _("The child says no. Tick this only if you have weighed these words."),
        ("decision", "required"): _("Choose whether it is upheld."),
        ("decision", "same_person"): _("You decided this yourself. Another person looks at it."),
    }[field, code]
