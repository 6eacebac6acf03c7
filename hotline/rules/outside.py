"""What an outside adviser decided: what its record says, what is wrong with one, and how disputes wait for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from hotline.rules import free_text
from hotline.vocabulary import InhopeClass, LawVerdict

MOST_NAME = 200
MOST_REFERENCE = 200
MOST_REASONS = 4000
FIELDS = ("adviser", "decided_on", "reference", "inhope_class", "law", "reasons", "was_shown")  # as the form has them
ANSWERS = (LawVerdict.ILLEGAL, LawVerdict.NOT_ILLEGAL)  # whoever is asked does not answer that somebody is to be asked


class Waits(StrEnum):
    """What a dispute waits for."""

    TALK = "talk"  # the people who looked talk first
    THIRD = "third"  # a third person: a reviewer who takes the look, or an outside adviser
    LOOK = "look"  # a reviewer has the third look in hand
    CONFIRMATION = "confirmation"  # of the record, by another of those who looked
    PEOPLE = "people"  # the decision counts and none of the looks says the same: people look again


@dataclass(frozen=True, slots=True)
class Said:
    """What was decided, as it was typed: by whom, when, under which reference, and why."""

    adviser: str
    reference: str
    reasons: str
    inhope_class: InhopeClass | None
    law: LawVerdict | None
    decided_on: date | None
    was_shown: bool  # the adviser heard what both found, by the criteria and the law, and saw nothing else


def judge(said: Said, *, since: date, today: date) -> tuple[Said, list[tuple[str, str]]]:
    """Return a record as it can be kept, and the faults of its form in its order. `since`: the day the looks differ."""
    adviser, no_name = free_text.judge(said.adviser, MOST_NAME)
    reference, bad_reference = free_text.judge(said.reference, MOST_REFERENCE)
    reasons, no_reasons = free_text.judge(said.reasons, MOST_REASONS)
    if bad_reference is free_text.TextFault.MISSING:
        bad_reference = None
    texts = (("adviser", no_name), ("reference", bad_reference), ("reasons", no_reasons))
    wrong = [(field, str(fault)) for field, fault in texts if fault]
    kept = replace(said, adviser=adviser, reference=reference, reasons=reasons)
    wrong += _choices(kept, since=since, today=today)
    return kept, sorted(wrong, key=lambda one: FIELDS.index(one[0]))


def waits(*, is_asked: bool, is_taken: bool, counts: bool | None) -> Waits:
    """Return what a dispute waits for. `counts`: whether a decision that is recorded does; None where none is."""
    if is_taken:
        return Waits.LOOK
    if counts is not None:
        return Waits.PEOPLE if counts else Waits.CONFIRMATION
    return Waits.THIRD if is_asked else Waits.TALK


def _choices(said: Said, *, since: date, today: date) -> Iterator[tuple[str, str]]:
    if said.inhope_class is None:
        yield "inhope_class", "required"
    if said.law not in ANSWERS:
        yield "law", "required"
    if said.decided_on is None:
        yield "decided_on", "required"
    elif said.decided_on > today:
        yield "decided_on", "ahead"
    elif said.decided_on < since:
        yield "decided_on", "before"
    if not said.was_shown:
        yield "was_shown", "required"
