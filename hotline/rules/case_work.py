"""How a victim case is worked on: what each step asks for by when, how notes are judged, how long things took. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from hotline.rules.submissions import carries_file
from hotline.rules.victim_files import Note, Person, too_long
from hotline.vocabulary import CaseStep, Duty, NoteKind

MOST_REASON = 1_000  # characters of why something was done
OPENED_FOR = timedelta(hours=24)  # so long a case stays open to whoever opened it for a reason
LONGEST_SHARE = timedelta(days=366)
BEFORE_OPENED = timedelta(days=366)  # so long before a case was opened something in its notes can have happened
DUTY = {  # what is to be done by when while a case stands at a step
    CaseStep.ASSESSMENT: Duty.ASSESS_NEEDS,
    CaseStep.PLAN: Duty.PLAN_HELP,
    CaseStep.IMPLEMENTATION: Duty.REVIEW_CASE,  # help that has begun is looked at again, or nobody sees that it failed
    CaseStep.REVIEW: Duty.REVIEW_CASE,
}
_ORDER = tuple(CaseStep)


class Contacted(StrEnum):
    """How long it took until child or family were first spoken with."""

    HOURS_3 = "hours_3"
    DAY = "day"
    DAYS_3 = "days_3"
    WEEK = "week"
    LATER = "later"


class Move(NamedTuple):
    """What going from one step to another does to the duties: done, with nothing left to do, and begun."""

    done: Duty | None
    void: Duty | None
    begun: Duty | None


def move(before: CaseStep, after: CaseStep) -> Move:
    """Return what becomes of the duties. From a review back to the help itself means that the review is done.

    Going on ends neither assessment nor plan: approval by another does, and saying that the plan is whole.
    """
    left, begun = DUTY.get(before), DUTY.get(after)
    goes_on = _ORDER.index(after) > _ORDER.index(before)
    if left is begun and before is not CaseStep.REVIEW:
        return Move(None, None, None)
    if left is Duty.REVIEW_CASE and (goes_on or before is CaseStep.REVIEW):
        return Move(left, None, begun)
    return Move(None, None if goes_on else left, begun)


def contacted(took: timedelta) -> Contacted:
    """Return how long the first contact took, as coarse as statistics need it."""
    limits = (
        (timedelta(hours=3), Contacted.HOURS_3),
        (timedelta(days=1), Contacted.DAY),
        (timedelta(days=3), Contacted.DAYS_3),
        (timedelta(days=7), Contacted.WEEK),
    )
    return next((found for limit, found in limits if took <= limit), Contacted.LATER)


def quarter(on: date) -> str:
    """Return the quarter of a day, as figures name it: `2026-Q4`."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


def note_faults(kind: NoteKind, note: Note) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for all that is wrong with a note. A conference says who met and what was agreed."""
    needed = ("people", "decisions") if kind is NoteKind.CONFERENCE else ("said",)
    missing = tuple((name, "required") for name in needed if not getattr(note, name))
    return (*missing, *word_faults(note))


def moment_faults(at: datetime, *, opened_at: datetime, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return (field, code) where a note tells of what lies ahead, or long before the case was opened."""
    if at > now:
        return (("happened_at", "future"),)
    return (("happened_at", "too_early"),) if at < opened_at - BEFORE_OPENED else ()


def person_faults(person: Person) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for all that is wrong with somebody in a case. Often only the relation is known."""
    nobody = (("name", "required"),) if not (person.name or person.relation) else ()
    return (*nobody, *word_faults(person))


def word_faults(record: Any) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what was typed too long, or holds a file: a case takes words and references only."""
    typed = {name: getattr(record, name) for name in record.__slots__}
    pasted = [name for name, value in typed.items() if isinstance(value, str) and carries_file(value)]
    return (*((name, "picture") for name in pasted), *(one for one in too_long(record) if one[0] not in pasted))
