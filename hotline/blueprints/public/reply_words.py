"""What the page offers and complains about on which recipients of our letters answer: plain, and to professionals."""

from flask_babel import gettext as _

from hotline.blueprints.public import words
from hotline.blueprints.public.words import Choice, Complaint, Notice
from hotline.rules.replies import ReplyFault, ReplyFaultCode
from hotline.vocabulary import Answer


def answers() -> tuple[Choice, ...]:
    """Return what can be answered."""
    return (
        Choice(Answer.REMOVED, _("It is removed"), _("Or it cannot be opened any more")),
        Choice(Answer.NOT_OURS, _("We do not host it"), _("Somebody else hosts it")),
        Choice(Answer.NEED_MORE, _("We need more from you"), _("Say below what is missing")),
        Choice(Answer.REFUSED, _("We do not remove it"), _("Say below why")),
        Choice(Answer.APPEAL, _("We think you are wrong"), _("Somebody who was not involved looks again")),
        Choice(Answer.OTHER, _("Something else")),
    )


def complain(fault: ReplyFault) -> Complaint:
    """Put what is wrong with a field into words."""
    match fault.code:
        case ReplyFaultCode.ANSWER_MISSING:
            said = Complaint(
                "answer", _("Choose your answer"), _("Choose one of the answers."), f"answer-{Answer.REMOVED}"
            )
        case ReplyFaultCode.WHEN_UNREADABLE:
            long = _("Write the day as year, month and day, such as 2026-11-24, or leave it open.")
            said = Complaint("when", _("We cannot read the day"), long, "when")
        case ReplyFaultCode.WORDS_MISSING:
            long = _("One sentence is enough. Without it we do not know what to do.")
            said = Complaint("words", _("Say it in a few words"), long, "words")
        case ReplyFaultCode.TOO_LONG:
            said = words.too_long(fault.field, fault.count, fault.limit, is_text=fault.field == "words")
        case ReplyFaultCode.PICTURE:
            said = with_picture(fault.field)
    return said


def with_picture(field: str) -> Complaint:
    """Say why no file is taken here."""
    return Complaint(
        field,
        _("We cannot receive pictures, videos or files"),
        _("Nothing of the file was kept. Please never send the material to us: your own words are enough."),
        field,
    )


def button() -> str:
    """Return what stands on the button that sends the form."""
    return _("Send answer")


def too_many_wait() -> Notice:
    """Say that so many answers to this notice wait that no more are taken now."""
    return Notice(
        _("Many answers to this notice wait for us"),
        _("We have not read them yet, so we take no more for now. Please try again later today, or call."),
    )
