"""Hearing what a reporter said: is it a report, and if not, what has to be said about it?"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from hotline.blueprints.public import words
from hotline.blueprints.public.forms import PublicForm, ReportForm
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
        pasted = {fault.field for fault in judged.faults if fault.code is FaultCode.PICTURE}
        return Heard(without_files(sent.typed(), pasted), complaints, no_link=no_link)
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


def in_order(
    form: PublicForm, sent: Sent, found: Iterable[Complaint], *, picture: Complaint, once_more: str
) -> tuple[Complaint, ...]:
    """Say what is wrong in the order of the page; only when nothing is, that the button has to be pressed once more.

    `picture` is said of a file that came along, in place of what is wrong with its field.
    """
    said = list(found)
    if sent.with_file:
        said = [picture, *(one for one in said if one.field != picture.field)]
    stale = not form.validate()
    if not said and sent.fields.get(TRAP):
        said.append(words.trap_sprung(once_more))
    elif not said and stale:
        said.append(words.please_send_again(once_more))
    return tuple(said)


def without_files(typed: Mapping[str, str], fields: Collection[str]) -> dict[str, str]:
    """Take pasted files out of what is shown again in these fields."""
    return {name: rules.without_files(text) if name in fields else text for name, text in typed.items()}


def _complaints(form: ReportForm, sent: Sent, judged: Judged) -> tuple[Complaint, ...]:
    found = [words.complain(fault) for fault in judged.faults]
    return in_order(form, sent, found, picture=words.with_picture("urls"), once_more=words.once_more(words.button()))
