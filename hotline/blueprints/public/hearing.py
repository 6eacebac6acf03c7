"""Hearing what a reporter said: is it a report, and if not, what has to be said about it?"""

from dataclasses import dataclass, field

from hotline.blueprints.public import words
from hotline.blueprints.public.forms import ReportForm
from hotline.blueprints.public.reading import Sent
from hotline.blueprints.public.words import Complaint
from hotline.rules import submissions as rules
from hotline.rules.submissions import FaultCode, Judged
from hotline.services.submissions import FIELDS, Submission
from hotline.vocabulary import Language

ANSWERS = ("category", "urls", "seen", "details", "in_danger", "contact")
TRAP = "website"  # people do not see this field; what fills it in is a program
NO_LINK = {FaultCode.URLS_MISSING, FaultCode.URLS_NONE_FOUND}


@dataclass(frozen=True, slots=True)
class Heard:
    """A report that can be taken, or what has to be said about it. `typed` is what the form then shows again."""

    typed: dict[str, str] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()
    submission: Submission | None = None
    links: int = 0
    kept: bool = False
    mended: bool = False
    no_link: bool = False


def hear(form: ReportForm, sent: Sent, language: Language) -> Heard:
    """Judge what was typed."""
    judged = rules.judge(**{name: sent.fields.get(name, "") for name in ANSWERS})
    complaints = _complaints(form, sent, judged)
    if complaints:
        no_link = any(fault.code in NO_LINK for fault in judged.faults)
        return Heard(_without_files(sent.typed(), judged), complaints, no_link=no_link)
    assert judged.category is not None
    submission = Submission(
        category=judged.category,
        urls=judged.urls,
        seen=judged.seen,
        details=judged.details,
        in_danger=judged.in_danger,
        contact=judged.contact,
        language=language,
    )
    links, kept = len(judged.reading.found), bool(judged.reading.leftovers)
    return Heard(submission=submission, links=links, kept=kept, mended=judged.replaced)


def nonce(form: ReportForm, submission: Submission) -> str:
    """Return the nonce of this report."""
    return form.nonce_for(*(getattr(submission, name) for name in FIELDS))


def _complaints(form: ReportForm, sent: Sent, judged: Judged) -> tuple[Complaint, ...]:
    """Say what is wrong in the order of the page; only when nothing is, that the button has to be pressed again."""
    found = [words.complain(fault) for fault in judged.faults]
    if sent.with_file:
        found = [words.with_picture("urls"), *(said for said in found if said.field != "urls")]
    stale = not form.validate()
    if not found and sent.fields.get(TRAP):
        found.append(words.trap_sprung())
    elif not found and stale:
        found.append(words.please_send_again())
    return tuple(found)


def _without_files(typed: dict[str, str], judged: Judged) -> dict[str, str]:
    """Take pasted files out of what is shown again."""
    for fault in judged.faults:
        if fault.code is FaultCode.PICTURE:
            typed[fault.field] = rules.without_files(typed[fault.field])
    return typed
