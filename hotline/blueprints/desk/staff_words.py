"""What is said about an account that cannot be made, changed or closed."""

from flask_babel import gettext as _


def say(field: str, code: str) -> str:
    """Return what to do about a fault of an account."""
    return {
        ("name", "length"): _("Write a name of 2 to 60 characters."),
        ("name", "taken"): _("There is an account of this name already, open or closed. Take another name."),
        ("roles", "required"): _("Choose at least one role."),
        ("roles", "unknown"): _("Choose among the roles shown here."),
        ("roles", "analyst_and_victim_support"): _(
            "Who sees reported addresses must not see victims’ files: "
            "choose analyst or reviewer, or victim support, not both."
        ),
        ("roles", "admin_and_cases"): _(
            "An admin sees no case: choose admin alone, or with liaison, manager or auditor."
        ),
        ("roles", "counsellor_and_others"): _(
            "A counsellor is somebody people can talk to: not analyst or reviewer, not manager, not admin."
        ),
        ("roles", "same"): _("These are the roles the account has. Choose others, or leave it as it is."),
        ("roles", "last_admin"): _("This is the last open account of an admin. Make another person an admin first."),
        ("language", "required"): _("Choose a language."),
        ("password", "holds_name"): _("The name is part of the password that was drawn. Send the form once more."),
        ("factor", "own_first"): _("Turn on your own second factor first: otherwise nobody could help the others."),
        ("factor", "yourself"): _(
            "You cannot take away your own second factor here. Use a recovery code, or ask another admin."
        ),
        ("close", "yourself"): _("You cannot close your own account. Ask another admin."),
        ("close", "last_admin"): _("This is the last open account of an admin. Open another one first."),
    }[field, code]
