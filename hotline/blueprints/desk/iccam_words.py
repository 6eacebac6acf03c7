"""What an agreed result is in ICCAM's codes, in words for people."""

from flask_babel import gettext as _

from hotline.rules import iccam
from hotline.rules.iccam import Code


def code(found: Code | tuple[Code, ...]) -> str:
    """Return a code, or several, as ICCAM's interface writes them."""
    several = found if isinstance(found, tuple) else (found,)
    return ", ".join(str(one).lower() for one in several)


def refused(reason: str) -> str:
    """Say why an answer has no code."""
    return {
        iccam.DIFFER: _("The two looks differ here. A person settles it before anything is sent."),
        iccam.YES_OR_NO_ONLY: _("ICCAM asks only yes or no. A person settles which before anything is sent."),
        iccam.NO_REASON: _("ICCAM takes no reason for what it ignores."),
    }[reason]
