"""What the form that asks for help offers and complains about, in the words of the person who asks."""

from flask_babel import gettext as _

from hotline.blueprints.public import words
from hotline.blueprints.public.words import Choice, Complaint
from hotline.rules.help_requests import HelpFault, HelpFaultCode
from hotline.vocabulary import ForWhom


def for_whom() -> tuple[Choice, ...]:
    """Return for whom help can be asked."""
    return (
        Choice(ForWhom.SELF, _("For me")),
        Choice(ForWhom.CHILD, _("For a child I know")),
        Choice(ForWhom.OTHER, _("For somebody else")),
    )


def complain(fault: HelpFault) -> Complaint:
    """Put what is wrong with a field into words."""
    match fault.code:
        case HelpFaultCode.PICTURE:
            said = with_picture(fault.field)
        case HelpFaultCode.TOO_LONG:
            said = words.too_long(fault.field, fault.count, fault.limit, is_text=fault.field == "what")
        case HelpFaultCode.FOR_WHOM_UNKNOWN:
            said = words.not_an_answer("for_whom", for_whom())
        case HelpFaultCode.WHAT_MISSING:
            long = _("A few words are enough. You do not have to tell everything now.")
            said = Complaint("what", _("Tell us in a few words what you need"), long, "what")
        case HelpFaultCode.CONTACT_MISSING:
            long = _(
                "Tell us how we can reach you. Or tick the box below: "
                "then you read our answer here with your code, and we do not contact you."
            )
            said = Complaint("contact", _("How may we answer you?"), long, "contact")
        case HelpFaultCode.CONTACT_OR_CODE:
            long = _(
                "You gave a way to reach you, and you also ticked that we should not contact you. "
                "Please keep only one of the two, so that we do what is safe for you."
            )
            said = Complaint("contact", _("May we contact you or not?"), long, "contact")
    return said


def with_picture(field: str) -> Complaint:
    """Say kindly why pictures cannot be taken."""
    return Complaint(
        field,
        _("We cannot receive pictures, videos or files"),
        _(
            "Nothing of the picture or file was kept, and you have done nothing wrong. "
            "Your own words are enough: please send only those."
        ),
        field,
    )


def button() -> str:
    """Return what stands on the button that sends the form."""
    return _("Ask for help")
