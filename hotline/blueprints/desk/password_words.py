"""What is said about a password that cannot be taken."""

from flask_babel import gettext as _


def say(code: str) -> str:
    """Return what to do about a password's fault."""
    return {
        "too_short": _("Take at least 12 characters. A sentence only you would say is good."),
        "holds_name": _("Leave your name out of it: it is tried first."),
        "too_simple": _("This is easy to guess: a row of keys, a repetition, or a word that is tried first."),
        "known": _("This one stands in a list of passwords that became known elsewhere. Take another."),
        "same": _("Take another one than before."),
    }[code]
