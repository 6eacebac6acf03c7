"""What pages say where words cross the wall between analysts and victim support."""

from flask_babel import gettext as _

from hotline.rules import case_links as rules
from hotline.rules import victim_files
from hotline.services.case_links import Shown

LONGEST = {"note": rules.MOST_NOTE, "text": rules.MOST_MESSAGE}


def shown(one: Shown) -> str:
    """Name a list of links."""
    return {Shown.OPEN: _("In no case yet"), Shown.IN_CASES: _("In your cases")}[one]


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    if code == "picture":
        return _("This holds a file. Write words and references only.")
    if code == rules.ADDRESS:
        return _(
            "This holds a web address. No address crosses to the other side: leave it out, the reference is enough."
        )
    if code == rules.CASE_REF:
        return _("This holds a reference of a case. Analysts know only the reference that begins with L: leave it out.")
    if code == "words_only":
        return _("Files are not taken here. Write words and references only.")
    if code == "too_long":
        return _("At most %(num)s characters fit.", num=f"{LONGEST.get(field, victim_files.MOST_LINE):,}")
    return {
        ("note", "missing"): _("Write what you know of the child."),
        ("text", "missing"): _("Write your question or answer first."),
        ("case", "unknown"): _("Write the reference of an open case that you may open, such as VC-234567."),
        ("code_name", "required"): _(
            "Write what the team calls the case, such as “Lotus”. Never the child's own name."
        ),
        ("risk", "required"): _("Choose how great the risk is."),
    }[field, code]
