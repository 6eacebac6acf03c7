"""The words of closing a victim case: the lines of its checklist, and what is said about the forms."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import ngettext

from hotline.rules.case_closing import Check, Facts, contradicted, shown
from hotline.rules.case_work import MOST_REASON

CHECKS = {
    Check.NEEDS: _later("The needs were looked at again, and the assessment is approved"),
    Check.REFERRALS: _later("No referral is open: each has its end"),
    Check.ACTIONS: _later("No action of the plan is open"),
    Check.POLICE: _later("Nothing that the police were told is open"),
    Check.CONSENTS: _later("Consents have ended, or it is noted with whom they stand and why"),
    Check.TOLD: _later("Child or guardian know that it ends, and how to come back"),
    Check.SAFETY_PLAN: _later("The safety plan is in their hands"),
    Check.SAFE_CONTACT: _later("What is written of safe contact still holds"),
    Check.GOES_ON: _later("Another organisation goes on with it"),
}


def check(one: Check) -> str:
    """Return one line of the list."""
    return str(CHECKS[one])


def found(one: Check, facts: Facts) -> str:
    """Return what the records show to a line; empty where they say nothing."""
    said = {
        Check.REFERRALS: ngettext("%(num)s referral is open.", "%(num)s referrals are open.", facts.open_referrals),
        Check.ACTIONS: ngettext("%(num)s action is open.", "%(num)s actions are open.", facts.open_actions),
        Check.POLICE: ngettext("%(num)s package is open.", "%(num)s packages are open.", facts.open_packages),
        Check.CONSENTS: ngettext("%(num)s answer stands.", "%(num)s answers stand.", facts.standing_consents),
        Check.NEEDS: _("No assessment is approved, or one is in hand."),
        Check.SAFE_CONTACT: _("The file says nothing of safe contact."),
    }
    stands = shown(facts) if one is not Check.SAFE_CONTACT else {one} - contradicted(facts)
    return "" if one in stands else said.get(one, "")


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    if field in set(Check):
        line = check(Check(field))
        if code == "contradicted":
            return _("The records say otherwise: %(line)s.", line=line)
        return _("This has to stand before the case ends so: %(line)s.", line=line)
    return {
        ("outcome", "required"): _("Choose how the case ended."),
        ("reason", "missing"): _("Say why."),
        ("reason", "too_long"): _("Shorten this to %(most)s characters.", most=MOST_REASON),
        ("reason", "picture"): _("Take the picture or file out: write words only."),
        ("question", "missing"): _("Write what you ask."),
        ("question", "too_long"): _("Shorten this to %(most)s characters.", most=MOST_REASON),
        ("question", "picture"): _("Take the picture or file out: write words only."),
        ("other", "unknown"): _("Write the reference of an open case that you may open, such as VC-234567."),
        ("other", "same"): _("This is the same case. Write the reference of the other one."),
        ("other", "waits"): _("Somebody outside still waits on this case: end its referrals and what the police have."),
        ("upload", "words_only"): _("We take words and references only, no file."),
    }[field, code]
