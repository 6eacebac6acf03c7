"""The words of keeping and erasing files of victims: what a certificate lists, and what is said about the form."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import ngettext

from hotline.rules.case_work import MOST_REASON
from hotline.rules.retention import MOST_AGE, MOST_YEARS

TABLES = {
    "clocks": _later("Limits and clocks"),
    "identification_links": _later("References in what the police were told"),
    "identifications": _later("What the police were told"),
    "referrals": _later("Referrals"),
    "consents": _later("Answers about consent"),
    "overrides": _later("Decisions without consent"),
    "service_gaps": _later("Services that were missing"),
    "plan_actions": _later("Actions of the plan"),
    "needs_found": _later("Levels of need"),
    "needs_assessments": _later("Needs assessments"),
    "case_notes": _later("Notes"),
    "case_access": _later("Who was let in"),
    "case_steps": _later("Steps"),
    "case_closures": _later("Closures"),
    "case_names": _later("Names it was found by"),
    "case_people": _later("People"),
    "link_messages": _later("Words across the wall"),
    "case_links": _later("What analysts had handed over"),
    "messages": _later("Messages"),
    "help_requests": _later("Requests for help"),
}


def table(name: str) -> str:
    """Return what a certificate calls a kind of record."""
    return str(TABLES.get(name, name))


def kept(years: int, until_age: int | None) -> str:
    """Return in one sentence how long a policy keeps a file."""
    if until_age is None:
        return ngettext("%(num)s year after the case has ended.", "%(num)s years after the case has ended.", years)
    return ngettext(
        "%(num)s year after the case has ended, and at least until the victim is %(age)s.",
        "%(num)s years after the case has ended, and at least until the victim is %(age)s.",
        years,
        age=until_age,
    )


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    return {
        ("years", "range"): _("Write a number of years from 0 to %(most)s.", most=MOST_YEARS),
        ("until_age", "range"): _("Write an age from 0 to %(most)s, or leave it empty.", most=MOST_AGE),
        ("reason", "missing"): _("Say why."),
        ("reason", "too_long"): _("Shorten this to %(most)s characters.", most=MOST_REASON),
        ("reason", "picture"): _("Take the picture or file out: write words only."),
        ("reason", "nothing_new"): _("Nothing differs from the policy in force: change a number first."),
    }[field, code]
