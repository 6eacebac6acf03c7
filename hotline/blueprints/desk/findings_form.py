"""A finding as its form sends it, the choices that form offers, and what is said when something is missing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from werkzeug.datastructures import MultiDict

from hotline.errors import Refused
from hotline.rules import findings
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
    InhopeClass.INACCESSIBLE: _later("Gone, password, blocked here, offline. The law needs no answer then"),
}


def read(sent: MultiDict[str, str]) -> Findings:
    """Return the finding that was sent. Raises Refused where an axis is missing or a word is nobody's."""
    chosen: dict[str, Any] = {name: _word(name, sent.get(name, "")) for name in assessments.WORDS}
    chosen["law"] = findings.law_of(chosen["inhope_class"], chosen["law"])
    conduct = [_word("conduct", one) for one in sent.getlist("conduct")]
    if missing := [(name, "required") for name in AXES if chosen[name] is None]:
        raise Refused(*missing)
    said = {name: sent.get(name, "").replace("\r\n", "\n").strip() for name in ("note", "doubt")}
    return Findings(**chosen, conduct=tuple(conduct), **said)  # type: ignore[arg-type]


def written(found: Findings) -> MultiDict[str, str]:
    """Return a finding as its form sends it: the other way round."""
    fields = [(name, str(value)) for name in (*assessments.WORDS, "note", "doubt") if (value := getattr(found, name))]
    return MultiDict([*fields, *(("conduct", str(one)) for one in found.conduct)])


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    return (_sentences() | _contradictions()).get((field, code)) or _("Choose one of the answers shown here.")


def _word(name: str, value: str) -> StrEnum | None:
    known = {str(word): word for word in CHOICES[name]}
    if value and value not in known:
        raise Refused((name, "unknown"))
    return known.get(value)


def _sentences() -> dict[tuple[str, str], str]:
    return {
        ("inhope_class", "required"): _("Choose an INHOPE classification."),
        ("law", "required"): _("Say how the national law sees it."),
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
        ("doubt", "doubt_required"): _("Change an answer, or write why these stand together."),
        ("doubt", "too_long"): _("Shorten the reason to %(most)s characters.", most=MOST_NOTE),
    }


def _contradictions() -> dict[tuple[str, str], str]:
    return {
        ("inhope_class", "illegal_but_quiet"): _(
            "This class says that nothing illegal was found, but the law says “Illegal”."
        ),
        ("visible", "seen_but_not_visible"): _(
            "“Baseline” and “National” say that something was seen, but nothing is visible."
        ),
        ("visible", "gone_but_visible"): _("“Inaccessible” says that nothing was seen, but something is visible."),
        ("under_18", "seen_but_not_a_child"): _(
            "“Baseline” and “National” are about a child, but the person is not under 18."
        ),
        ("sexual", "baseline_but_not_sexual"): _("“Baseline” is severe, but the purpose is not sexual."),
        ("age", "baseline_but_older"): _(
            "“Baseline” is a child who appears under 13, but the age group says otherwise."
        ),
        ("age", "child_but_not_under_18"): _("The age group is a child’s, but the person is not under 18."),
        ("media", "baseline_but_no_child_shown"): _("“Baseline” shows a real child, but text and drawings show none."),
        ("ai", "baseline_but_no_real_child"): _("“Baseline” is a real child, but all of it was generated."),
        ("reason", "gone_but_judged"): _(
            "“Inaccessible” says that nothing was seen, but this reason judges what was seen."
        ),
        ("reason", "judged_but_gone"): _("“Not illegal” judges what was seen, but this reason says that nothing was."),
        ("reason", "adult_but_under_18"): _("The reason is an adult’s, but the person is under 18."),
        ("law", "illegal_but_no"): _("The law says “Illegal”, but an answer of its test is not “Yes”."),
        ("law", "legal_but_seen"): _(
            "The class says illegal and no answer of the test is “No”, but the law says “Not illegal”."
        ),
        ("law", "legal_but_four_yes"): _("All four answers of the test are “Yes”, but the law says “Not illegal”."),
    }
