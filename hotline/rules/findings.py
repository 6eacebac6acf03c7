"""What an assessor may hand in: both axes, what has to stand beside them, and which answers contradict each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hotline.vocabulary import (
    AgeGroup,
    Asked,
    Conduct,
    Confidence,
    ContactPlace,
    ContentType,
    Extent,
    Gender,
    InhopeClass,
    LawVerdict,
    Media,
    Payment,
    Reason,
    SiteType,
    TestAnswer,
    Theme,
    YesNo,
)

YES, NO, UNSURE = TestAnswer.YES, TestAnswer.NO, TestAnswer.UNSURE
QUESTIONS = ("visible", "naked", "under_18", "sexual")
SEEN = {InhopeClass.BASELINE, InhopeClass.NATIONAL}
EXPLAINED = {InhopeClass.NOT_ILLEGAL, InhopeClass.INACCESSIBLE}
MOST_NOTE = 4000  # characters

WORDS: dict[str, type[StrEnum]] = {  # questions with one answer
    "inhope_class": InhopeClass,
    "law": LawVerdict,
    **dict.fromkeys(QUESTIONS, TestAnswer),
    "reason": Reason,
    "age": AgeGroup,
    "gender": Gender,
    "media": Media,
    "site_type": SiteType,
    "content_type": ContentType,
    "ai": Extent,
    "self_generated": YesNo,
    "child_modelling": YesNo,
    "commercial": YesNo,
    "goes_on": YesNo,
    "contact_place": ContactPlace,
    "threatened": YesNo,
    "confidence": Confidence,
}
SETS: dict[str, type[StrEnum]] = {  # questions with as many answers as fit
    "conduct": Conduct,
    "payment": Payment,
    "themes": Theme,
    "asked_for": Asked,
}
TEXTS = ("note", "doubt")
LABELS = "labels"  # of the universal schema: codes of a table that the hotline loads
FIELDS = (*WORDS, *SETS, LABELS, *TEXTS)
DECIDING = ("inhope_class", "law")  # what two people have to say the same on
COMPARED = tuple(name for name in (*WORDS, *SETS, LABELS) if name != "confidence")  # of two people's looks

PAID = set(Payment) - {Payment.NONE, Payment.NOT_DETERMINED}
UNDER_13 = {AgeGroup.INFANT, AgeGroup.PRE_PUBESCENT}
UNDER_18 = {*UNDER_13, AgeGroup.PUBESCENT}
ADULT = {Reason.ADULT_PORNOGRAPHY, Reason.AGE_OVER_THRESHOLD}
OF_CONTENT = {  # only who has seen it can say so
    *ADULT,
    Reason.NOT_SEXUALISED,
    Reason.BELOW_THRESHOLD,
    Reason.TOO_SMALL,
    Reason.VIRTUAL_MATERIAL,
    Reason.LINKING_ONLY,
    Reason.AGE_UNCLEAR,
}
OF_REMIT = {Reason.ADULTS_ONLY, Reason.OTHER_HARM, Reason.NO_ADDRESS_OF_CONTENT, Reason.SPAM}
OF_ACCESS = set(Reason) - OF_CONTENT - OF_REMIT - {Reason.OTHER}
REASONS = {  # as the form groups them, in the vocabulary's order
    group: tuple(one for one in Reason if one in reasons or one is Reason.OTHER)
    for group, reasons in (
        (InhopeClass.NOT_ILLEGAL, OF_CONTENT),
        (InhopeClass.INACCESSIBLE, OF_ACCESS),
        (InhopeClass.OUTSIDE_REMIT, OF_REMIT),
    )
}


@dataclass(frozen=True, slots=True)
class Findings:
    """One person's finding: INHOPE class, national verdict with the four questions of its test, and description."""

    inhope_class: InhopeClass
    law: LawVerdict
    visible: TestAnswer | None = None
    naked: TestAnswer | None = None
    under_18: TestAnswer | None = None
    sexual: TestAnswer | None = None
    conduct: tuple[Conduct, ...] = ()
    reason: Reason | None = None
    age: AgeGroup | None = None
    gender: Gender | None = None
    media: Media | None = None
    site_type: SiteType | None = None
    ai: Extent | None = None
    self_generated: YesNo | None = None
    commercial: YesNo | None = None
    confidence: Confidence | None = None
    content_type: ContentType | None = None
    child_modelling: YesNo | None = None
    payment: tuple[Payment, ...] = ()
    themes: tuple[Theme, ...] = ()
    asked_for: tuple[Asked, ...] = ()
    goes_on: YesNo | None = None
    contact_place: ContactPlace | None = None
    threatened: YesNo | None = None
    labels: tuple[str, ...] = ()
    note: str = ""
    doubt: str = ""
    """Why answers that contradict each other stand together nevertheless."""

    def answers(self) -> dict[str, TestAnswer | None]:
        """Return the four answers of the national test by question."""
        return {question: getattr(self, question) for question in QUESTIONS}


class Against(NamedTuple):
    """How one look's answers stand against others': questions that some other answers otherwise, or none answers."""

    apart: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()


def against(one: Findings, others: Iterable[Findings]) -> Against:
    """Return what `one` answers otherwise than `others`; nothing where there are no others."""
    held = list(others)
    answered = [name for name in COMPARED if held and _answer(one, name)]
    beside = {name: [found for other in held if (found := _answer(other, name))] for name in answered}
    return Against(
        apart=frozenset(name for name in answered if any(found != _answer(one, name) for found in beside[name])),
        alone=frozenset(name for name in answered if not beside[name]),
    )


def _answer(findings: Findings, name: str) -> frozenset[str]:
    """Return what was answered to a question, as a set; nothing where it was not."""
    value = getattr(findings, name)
    return frozenset(value if isinstance(value, tuple) else (value,) if value else ())


def law_of(inhope_class: InhopeClass | None, law: LawVerdict | None) -> LawVerdict | None:
    """Return what is held of the law: where nothing can be seen nothing is found illegal, and nobody has to say so."""
    return LawVerdict.NOT_ILLEGAL if law is None and inhope_class is InhopeClass.INACCESSIBLE else law


def faults(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Return what is missing, and what contradicts itself without a reason, as (field, code)."""
    found = _law_faults(findings) + _description_faults(findings)
    if (against := contradictions(findings)) and not findings.doubt.strip():
        found += [*against, ("doubt", "doubt_required")]
    if len(findings.doubt) > MOST_NOTE:
        found.append(("doubt", "too_long"))
    return tuple(found)


def contradictions(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Return what does not go together, as (field, code): one code a field at most, none for what is not answered."""
    found = dict(_against_description(findings) + _against_class(findings) + _against_law(findings))
    return tuple(found.items())


def _against_class(findings: Findings) -> list[tuple[str, str]]:
    one = findings
    seen, baseline = one.inhope_class in SEEN, one.inhope_class is InhopeClass.BASELINE
    gone = one.inhope_class is InhopeClass.INACCESSIBLE
    named = {
        ("inhope_class", "illegal_but_quiet"): not seen and one.law is LawVerdict.ILLEGAL,
        ("visible", "seen_but_not_visible"): seen and one.visible is NO,
        ("visible", "gone_but_visible"): gone and one.visible is YES,
        ("under_18", "seen_but_not_a_child"): seen and one.under_18 is NO,
        ("sexual", "baseline_but_not_sexual"): baseline and one.sexual is NO,
        ("age", "baseline_but_older"): baseline and one.age is not None and one.age not in UNDER_13,
        ("media", "baseline_but_no_child_shown"): baseline and one.media in {Media.TEXT, Media.DRAWN},
        ("ai", "baseline_but_no_real_child"): baseline and one.ai is Extent.FULLY,
        ("reason", "gone_but_judged"): gone and one.reason in OF_CONTENT,
        ("reason", "judged_but_gone"): one.inhope_class is InhopeClass.NOT_ILLEGAL and one.reason in OF_ACCESS,
        ("reason", "ours_but_outside"): one.inhope_class in EXPLAINED and one.reason in OF_REMIT,
        ("reason", "outside_but_gone"): one.inhope_class is InhopeClass.OUTSIDE_REMIT and one.reason in OF_ACCESS,
    }
    return [name for name, holds in named.items() if holds]


def _against_law(findings: Findings) -> list[tuple[str, str]]:
    answers, legal = set(findings.answers().values()), findings.law is LawVerdict.NOT_ILLEGAL
    named = {
        ("law", "illegal_but_no"): findings.law is LawVerdict.ILLEGAL and bool(answers & {NO, UNSURE}),
        ("law", "legal_but_seen"): legal and findings.inhope_class in SEEN and NO not in answers,
        ("law", "legal_but_four_yes"): legal and answers == {YES},
    }
    return [name for name, holds in named.items() if holds]


def _against_description(findings: Findings) -> list[tuple[str, str]]:
    named = {
        ("age", "child_but_not_under_18"): findings.under_18 is NO and findings.age in UNDER_18,
        ("reason", "adult_but_under_18"): findings.under_18 is YES and findings.reason in ADULT,
        ("payment", "paid_but_not_commercial"): findings.commercial is YesNo.NO and bool(set(findings.payment) & PAID),
        ("payment", "paid_and_not_paid"): Payment.NONE in findings.payment and len(findings.payment) > 1,
    }
    return [name for name, holds in named.items() if holds]


def _law_faults(findings: Findings) -> list[tuple[str, str]]:
    answers = findings.answers()
    found: list[tuple[str, str]] = []
    if findings.law is LawVerdict.ILLEGAL:
        found += [(question, "required") for question, answer in answers.items() if answer is None]
    if (UNSURE in answers.values() or findings.law is LawVerdict.ADVISER) and not findings.note.strip():
        found.append(("note", "note_required"))
    if len(findings.note) > MOST_NOTE:
        found.append(("note", "too_long"))
    return found


def _description_faults(findings: Findings) -> list[tuple[str, str]]:
    if findings.inhope_class in EXPLAINED and findings.reason is None:
        return [("reason", "reason_required")]
    if findings.inhope_class in SEEN:
        wanted = {
            "age": findings.age,
            "gender": findings.gender,
            "media": findings.media,
            "site_type": findings.site_type,
        }
        found = [(field, "required") for field, value in wanted.items() if value is None]
        return [*found, ("reason", "out_of_place")] if findings.reason else found
    return []
