"""A finding as its form sends it, what that form needs to be drawn, and what is said when something is missing."""

import secrets
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from babel import Locale
from flask import g, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from hotline import i18n, jurisdiction
from hotline.blueprints.desk import words
from hotline.errors import Refused
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import findings
from hotline.rules.findings import MOST_NOTE, Findings
from hotline.services import assessments, criteria, drafts, labels, shortcuts
from hotline.services.drafts import Kept, Window

CHOICES: Mapping[str, tuple[StrEnum, ...]] = {
    name: tuple(choices) for name, choices in (findings.WORDS | findings.SETS).items()
}
AXES = ("inhope_class", "law")


def read(sent: MultiDict[str, str]) -> Findings:
    """Return the finding that was sent. Raises Refused where an axis is missing or a word is nobody's."""
    chosen: dict[str, Any] = {name: _word(name, sent.get(name, "")) for name in findings.WORDS}
    chosen["law"] = findings.law_of(chosen["inhope_class"], chosen["law"])
    for name in findings.SETS:
        chosen[name] = tuple(dict.fromkeys(_word(name, one) for one in sent.getlist(name) if one))
    if missing := [(name, "required") for name in AXES if chosen[name] is None]:
        raise Refused(*missing)
    said: dict[str, Any] = {name: sent.get(name, "").replace("\r\n", "\n").strip() for name in findings.TEXTS}
    return Findings(**chosen, **said, labels=tuple(dict.fromkeys(sent.getlist(findings.LABELS))))


def written(found: Findings) -> MultiDict[str, str]:
    """Return a finding as its form sends it: the other way round."""
    single = (*findings.WORDS, *findings.TEXTS)
    fields = [(name, str(value)) for name in single if (value := getattr(found, name))]
    several = (*findings.SETS, findings.LABELS)
    return MultiDict([*fields, *((name, str(one)) for name in several for one in getattr(found, name))])


class Difference(NamedTuple):
    """One question that two drafts answer differently: as it stands in this window, and as it stands elsewhere."""

    question: str
    here: str
    elsewhere: str


def window() -> Window:
    """Return the window a form was sent from; what it does not tell is as good as nothing known."""
    knew = request.form.get("knew", "")
    return Window(
        mark=request.form.get("window", "")[:16],
        knew=int(knew) if knew.isdecimal() and len(knew) < 10 else 0,
        criteria=request.form.get("criteria", "")[:16],
    )


def version() -> str:
    """Return which version of the criteria the form that was sent shows; empty where it does not say."""
    return window().criteria


def fields() -> list[tuple[str, str]]:
    """Return what was sent, field by field."""
    return list(request.form.items(multi=True))


def context(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return what the form of a finding needs to be drawn.

    It is filled in as it was sent; on a fresh page with this person's draft, or else with their own earlier answers.
    """
    kept = drafts.find(item, by=by)
    is_sent = request.method == "POST"
    earlier = None if is_sent or kept else assessments.earlier(item, by=by)
    typed = _typed(kept, earlier, is_sent=is_sent)
    sent_from = window()
    shown = criteria.shown(sent_from.criteria if is_sent else "")
    return {
        "typed": typed,
        "is_prefilled": earlier is not None,
        "window": sent_from if is_sent else Window(secrets.token_hex(4), kept.revision if kept else 0, shown.version),
        "criteria": shown,
        "is_newer": bool(kept and not is_sent and kept.criteria != shown.version),
        "choices": CHOICES,
        "reasons": findings.REASONS,
        "with_keys": shortcuts.wanted(by),
        "label_set": labels.current(),
        "mark_of": labels.mark,
        "question": question,
        "say": say,
        "most_note": MOST_NOTE,
        "law_name": law_name(),
        **draft_context(kept, typed),
    }


def draft_context(kept: Kept | None, typed: MultiDict[str, str]) -> dict[str, Any]:
    """Return what the line about a draft needs: the draft, and what stands elsewhere where two windows differ.

    The other draft is the stored one where this window's came too late, else the one that was kept beside it.
    """
    came_too_late = bool(g.get("overtaken"))
    other = MultiDict(kept.fields if came_too_late else kept.other) if kept else MultiDict()
    shows_other = request.args.get("draft") == "other"
    if shows_other and kept:
        other = MultiDict(kept.fields)
    is_two = bool(kept and (came_too_late or kept.other))
    return {
        "draft": kept,
        "came_too_late": came_too_late,
        "shows_other": shows_other,
        "differences": _differences(typed, other) if is_two else (),
    }


def question(name: str) -> str:
    """Return what a field of the form asks."""
    return _questions()[name]


def law_name() -> str:
    """Return how the national law is called on the form."""
    country = Locale.parse(i18n.chosen()).territories[jurisdiction.current().country]
    return _("Law of %(country)s", country=country)


def _typed(kept: Kept | None, earlier: Findings | None, *, is_sent: bool) -> MultiDict[str, str]:
    if is_sent:
        return request.form
    if kept:
        return MultiDict(kept.other if kept.other and request.args.get("draft") == "other" else kept.fields)
    return written(earlier) if earlier else MultiDict()


def _differences(here: MultiDict[str, str], elsewhere: MultiDict[str, str]) -> tuple[Difference, ...]:
    pairs = (
        (name, _answer(name, here.getlist(name)), _answer(name, elsewhere.getlist(name))) for name in findings.FIELDS
    )
    return tuple(Difference(question(name), one, other) for name, one, other in pairs if one != other)


def _answer(name: str, values: Iterable[str]) -> str:
    """Return what was answered, in words; what is nobody's word as it was sent."""
    known = {str(one): words.of(one) for one in CHOICES.get(name, ())}
    return ", ".join(known.get(value, value.replace("\r\n", "\n").strip()) for value in values)


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
        ("why", "required"): _("Say why it is to be corrected."),
        ("labels", "unknown"): _("Some label is in no table that is loaded here: tick those that stand here."),
        ("criteria", "unknown"): _("Load the page again: its criteria are in no version that is known."),
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
        ("reason", "ours_but_outside"): _("This reason says that it is outside our remit, but the class does not."),
        ("reason", "outside_but_gone"): _(
            "“Outside our remit” is about what it is, but this reason says that nothing could be seen."
        ),
        ("payment", "paid_but_not_commercial"): _("A way to pay is chosen, but “Commercial” says no."),
        ("payment", "paid_and_not_paid"): _("“None” does not go with a way to pay."),
        ("reason", "adult_but_under_18"): _("The reason is an adult’s, but the person is under 18."),
        ("law", "illegal_but_no"): _("The law says “Illegal”, but an answer of its test is not “Yes”."),
        ("law", "legal_but_seen"): _(
            "The class says illegal and no answer of the test is “No”, but the law says “Not illegal”."
        ),
        ("law", "legal_but_four_yes"): _("All four answers of the test are “Yes”, but the law says “Not illegal”."),
    }


def _questions() -> dict[str, str]:
    return {
        "inhope_class": _("INHOPE classification"),
        "law": law_name(),
        "visible": _("Visible material"),
        "naked": _("Naked figure"),
        "under_18": _("Under 18"),
        "sexual": _("Sexual purpose"),
        "conduct": _("Conduct"),
        "reason": _("Reason"),
        "age": _("Age group"),
        "gender": _("Gender"),
        "media": _("Media"),
        "site_type": _("Site type"),
        "content_type": _("The address leads to"),
        "ai": _("Virtual or AI-generated"),
        "self_generated": _("Self-generated"),
        "child_modelling": _("Child modelling"),
        "commercial": _("Commercial"),
        "payment": _("Ways to pay"),
        "themes": _("What goes on"),
        "asked_for": _("What is asked for"),
        "goes_on": _("Contact still goes on"),
        "contact_place": _("Where contact happens"),
        "threatened": _("Threatened to share"),
        "labels": _("Labels"),
        "confidence": _("How sure"),
        "note": _("Note"),
        "doubt": _("Why these stand together"),
    }
