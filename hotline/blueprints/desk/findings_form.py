"""A finding as its form sends it, the choices that form offers, and what is said when something is missing."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from werkzeug.datastructures import MultiDict

from hotline.errors import Refused
from hotline.rules.findings import MOST_NOTE, Findings
from hotline.services import assessments
from hotline.vocabulary import Conduct, InhopeClass

CHOICES: Mapping[str, tuple[StrEnum, ...]] = {
    **{name: tuple(choices) for name, choices in assessments.WORDS.items()},
    "conduct": tuple(Conduct),
}
AXES = ("inhope_class", "law")
HINTS = {
    InhopeClass.BASELINE: _later("Real child, appears under 13, severe"),
    InhopeClass.NATIONAL: _later("Illegal under a national law, not baseline"),
    InhopeClass.INACCESSIBLE: _later("Gone, password, blocked here, offline"),
}


def read(sent: MultiDict[str, str]) -> Findings:
    """Return the finding that was sent. Raises Refused where an axis is missing or a word is nobody's."""
    chosen = {name: _word(name, sent.get(name, "")) for name in assessments.WORDS}
    conduct = [_word("conduct", one) for one in sent.getlist("conduct")]
    if missing := [(name, "required") for name in AXES if chosen[name] is None]:
        raise Refused(*missing)
    note = sent.get("note", "").replace("\r\n", "\n").strip()
    return Findings(**chosen, conduct=tuple(conduct), note=note)  # type: ignore[arg-type]


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    return _sentences().get((field, code)) or _("Choose one of the answers shown here.")


def _word(name: str, value: str) -> StrEnum | None:
    known = {str(word): word for word in CHOICES[name]}
    if value and value not in known:
        raise Refused((name, "unknown"))
    return known.get(value)


def _sentences() -> dict[tuple[str, str], str]:
    return {
        ("inhope_class", "required"): _("Choose an INHOPE classification."),
        ("law", "required"): _("Say how the national law sees it."),
        ("law", "test_contradicts"): _("The answers of the legal test and this verdict contradict each other."),
        ("visible", "required"): _("Answer whether there is visible material."),
        ("naked", "required"): _("Answer whether there is a naked figure."),
        ("under_18", "required"): _("Answer whether the person is under 18."),
        ("sexual", "required"): _("Answer whether the purpose is sexual."),
        ("reason", "reason_required"): _("Say why it is not illegal, or why it could not be reached."),
        ("reason", "out_of_place"): _("A reason does not go with “Baseline” or “National”: take it out."),
        ("age", "required"): _("Choose an age group, or “Cannot tell”."),
        ("gender", "required"): _("Choose a gender, or “Cannot tell”."),
        ("media", "required"): _("Choose the kind of media."),
        ("site_type", "required"): _("Choose the site type."),
        ("note", "note_required"): _("Write one sentence: what is not sure, or what the adviser is to be asked?"),
        ("note", "too_long"): _("Shorten the note to %(most)s characters.", most=MOST_NOTE),
    }
