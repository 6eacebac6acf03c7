"""What an assessor may hand in: both axes, and what has to stand beside them."""

from dataclasses import dataclass

from hotline.vocabulary import (
    AgeGroup,
    Conduct,
    Confidence,
    Extent,
    Gender,
    InhopeClass,
    LawVerdict,
    Media,
    Reason,
    SiteType,
    TestAnswer,
    YesNo,
)

QUESTIONS = ("visible", "naked", "under_18", "sexual")
SEEN = {InhopeClass.BASELINE, InhopeClass.NATIONAL}
EXPLAINED = {InhopeClass.NOT_ILLEGAL, InhopeClass.INACCESSIBLE}
MOST_NOTE = 4000  # characters


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
    note: str = ""

    def answers(self) -> dict[str, TestAnswer | None]:
        """Return the four answers of the national test by question."""
        return {question: getattr(self, question) for question in QUESTIONS}


def faults(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Return what is missing or contradicts itself, as (field, code)."""
    return tuple(_law_faults(findings) + _description_faults(findings))


def _law_faults(findings: Findings) -> list[tuple[str, str]]:
    answers = findings.answers()
    found: list[tuple[str, str]] = []
    if findings.law is LawVerdict.ILLEGAL:
        found += [(question, "required") for question, answer in answers.items() if answer is None]
        if any(answer in {TestAnswer.NO, TestAnswer.UNSURE} for answer in answers.values()):
            found.append(("law", "test_contradicts"))
    all_yes = all(answer is TestAnswer.YES for answer in answers.values())
    if findings.law is LawVerdict.NOT_ILLEGAL and all_yes:
        found.append(("law", "test_contradicts"))
    unsure = TestAnswer.UNSURE in answers.values() or findings.law is LawVerdict.ADVISER
    if unsure and not findings.note.strip():
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
