"""What is wrong with an answer to a reporter, in words."""

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from hotline.rules.asking_words import Asked
from hotline.rules.messages import MAX_LENGTH


def say(field: str, code: str) -> str:
    """Return the sentence for a fault of an answer's form."""
    return {
        ("text", "missing"): _("Write an answer first."),
        ("text", "too_long"): _("The answer is too long: at most %(num)s characters fit.", num=f"{MAX_LENGTH:,}"),
        ("text", "picture"): _("There is a file in the answer. Send words only."),
        ("text", "names_us"): _("The answer names one of us. Names of the team never leave it: take the name out."),
        ("text", "mailbox_of_us"): _(
            "A mailbox of one of us stands in the answer. It never leaves the team: take it out."
        ),
        ("text", "phone_of_us"): _(
            "A telephone number of one of us stands in the answer. It never leaves the team: take it out."
        ),
        ("text", "gone"): _("The receipt has expired, so the reporter cannot read an answer any more."),
        ("checked", "not_ours"): _(
            "There is a telephone number or mailbox in it that is not the hotline's. "
            "Check that it belongs to no one of us, then tick the box."
        ),
        ("asking", "identifying"): _(
            "It seems to ask for something that says who the reporter is, or for pictures. "
            "Change it, or tick the box if it asks for nothing of the kind."
        ),
    }[field, code]


def asks_for(kind: Asked) -> str:
    """Return what an answer seems to ask for, and why it should not."""
    return {
        Asked.NAME: _("A name. Nobody has to say who they are, or who somebody else is."),
        Asked.TELEPHONE: _("A number or an account. Whoever wants to be reached has said so with the report."),
        Asked.ADDRESS: _("Where somebody lives. It would tell who they are."),
        Asked.ID: _("A card or paper that bears a name."),
        Asked.SCHOOL: _("A school or place of work. It would tell who somebody is."),
        Asked.AGE: _("The reporter’s age. Children report too, and need not say so."),
        Asked.FILES: _("Pictures or files. Nobody may send them, and to have them may be against the law."),
    }[kind]


def meant(form: MultiDict[str, str]) -> list[str]:
    """Return the marks of what was shown when the box «send them all the same» was ticked; none where it was not."""
    return form.getlist("asked") if "asking" in form else []
