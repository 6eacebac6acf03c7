"""Outside decisions in words: what a dispute waits for, how a record stands, and what is said about its form."""

from flask_babel import gettext as _

from hotline.models.outside_decision import OutsideDecision
from hotline.rules.outside import MOST_NAME, MOST_REASONS, MOST_REFERENCE, Waits


def waiting(waits: Waits) -> str:
    """Say what a dispute waits for."""
    return {
        Waits.TALK: _("The two talk first"),
        Waits.THIRD: _("For a third person"),
        Waits.LOOK: _("A reviewer looks"),
        Waits.CONFIRMATION: _("For the record to be confirmed"),
        Waits.PEOPLE: _("For people to look again"),
    }[waits]


def standing(decision: OutsideDecision) -> str:
    """Say whether a record counts, and why it does not."""
    if decision.ended_at is not None:
        return _("Withdrawn") if decision.ended_by_id == decision.recorded_by_id else _("Not confirmed")
    return _("Counts") if decision.counts else _("Waits to be confirmed")


def say(field: str, code: str) -> str:
    """Return what to do about a fault of the form."""
    holds_file = _("This holds a file. Write words only.")
    longest = {"adviser": MOST_NAME, "reference": MOST_REFERENCE, "reasons": MOST_REASONS}
    if code == "picture":
        return holds_file
    if code == "too_long":
        return _("This is too long: at most %(num)s characters fit.", num=longest[field])
    return {
        ("adviser", "missing"): _("Say who decided: name and office."),
        ("reasons", "missing"): _("Write down the adviser’s reasons."),
        ("inhope_class", "required"): _("Choose the class that the adviser decided on."),
        ("law", "required"): _("Choose what the adviser says of the national law."),
        ("decided_on", "required"): _("Give the day of the decision."),
        ("decided_on", "ahead"): _("This day has not come yet."),
        ("decided_on", "before"): _("On this day the looks did not differ yet. Give the day of the decision."),
        ("was_shown", "required"): _("Say that the adviser heard what they have to hear, and saw nothing else."),
    }[field, code]
