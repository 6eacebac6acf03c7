"""A case's plan in words: what is said about a form."""

from flask_babel import gettext as _

from hotline.blueprints.desk import words
from hotline.rules.needs import MOST_WORDS
from hotline.rules.plan_actions import MOST_OUTSIDE
from hotline.rules.plan_actions import MOST_WORDS as MOST_OF_ACTION
from hotline.vocabulary import Need

LONGEST = {"what": MOST_OF_ACTION, "outside": MOST_OUTSIDE, "ended": MOST_OF_ACTION, "said": MOST_WORDS}


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    if field.startswith("need-"):
        need = words.of(Need(field.removeprefix("need-")))
        return _("Plan an action for this need, it is high or medium: %(need)s.", need=need)
    if code == "too_long":
        return _("This is too long: at most %(num)s characters fit.", num=LONGEST[field])
    if code == "picture":
        return _("This holds a file. Write words only.")
    return {
        ("upload", "words_only"): _("Files are not taken here. Write words and references only."),
        ("need", "required"): _("Choose the need that this is for."),
        ("what", "required"): _("Say what is to be done."),
        ("outside", "suspect"): _(
            "This is somebody who is named as possible abuser in this case. They have no part in the plan."
        ),
        ("owner", "required"): _("Choose who of us sees to it. Only who may open the case can."),
        ("due_on", "past"): _("This day has gone by. Choose today or a later day."),
        ("due_on", "too_far"): _("This is more than two years ahead. Choose a nearer day; it can be moved later."),
        ("due_on", "unknown"): _("This is no day. Choose one, or leave it empty."),
        ("ended", "required"): _("Say in a word how it ended."),
        ("state", "required"): _("Choose whether it is done or dropped."),
        ("plan", "unassessed"): _("First the needs have to be assessed, and the assessment approved."),
        ("plan", "empty"): _("There is no action in the plan yet."),
        ("said", "required"): _("Say what the review found."),
        ("next_on", "required"): _("Choose the day of the next review."),
        ("next_on", "past"): _("The next review has to lie ahead."),
        ("next_on", "too_late"): _("At this risk the next review has to be sooner."),
    }[field, code]
