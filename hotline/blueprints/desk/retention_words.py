"""The words of how long reports are kept."""

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.rules import report_retention as rules
from hotline.rules.case_work import MOST_REASON
from hotline.rules.report_retention import Term


def kept(term: Term) -> str:
    """Return in one sentence how long a term keeps what reporters gave."""
    contact = ngettext("Contact details: %(num)s day.", "Contact details: %(num)s days.", term.contact_days)
    words = ngettext("Words and messages: %(num)s day.", "Words and messages: %(num)s days.", term.report_days)
    return f"{contact} {words}"


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    least = {"contact_days": rules.LEAST_CONTACT, "report_days": rules.LEAST_REPORT}
    if code == "range":
        return _("Write a number of days from %(least)s to %(most)s.", least=least[field], most=rules.MOST)
    return {
        ("contact_days", "longer"): _("No longer than the words are kept: contact details go first, or together."),
        ("reason", "missing"): _("Say why."),
        ("reason", "too_long"): _("Shorten this to %(most)s characters.", most=MOST_REASON),
        ("reason", "picture"): _("Take the picture or file out: write words only."),
        ("reason", "nothing_new"): _("Nothing differs from what is in force: change a number first."),
    }[field, code]
