"""What is wrong with an answer to a reporter, in words."""

from flask_babel import gettext as _

from hotline.rules.messages import MAX_LENGTH


def say(field: str, code: str) -> str:
    """Return the sentence for a fault of an answer's form."""
    return {
        ("text", "missing"): _("Write an answer first."),
        ("text", "too_long"): _("The answer is too long: at most %(num)s characters fit.", num=f"{MAX_LENGTH:,}"),
        ("text", "picture"): _("There is a file in the answer. Send words only."),
        ("text", "names_us"): _("The answer names one of us. Names of the team never leave it: take the name out."),
        ("text", "gone"): _("The receipt has expired, so the reporter cannot read an answer any more."),
        ("checked", "not_ours"): _(
            "There is a telephone number or mailbox in it that is not the hotline's. "
            "Check that it belongs to no one of us, then tick the box."
        ),
    }[field, code]
