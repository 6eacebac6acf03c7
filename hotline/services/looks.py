"""Looks at one item side by side: who gave which of them, round by round, and where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.item import Item
from hotline.rules import agreement, findings
from hotline.rules.agreement import Kind, Round
from hotline.rules.findings import Against, Findings
from hotline.services import assessments, audit

GAVE = (assessments.FIRST, assessments.SECOND, assessments.AGAIN, assessments.THIRD)


@dataclass(frozen=True, slots=True)
class Told:
    """One look as it is shown: opened, as which it was given, and where it differs from those shown beside it."""

    look: Assessment
    found: Findings
    kind: Kind
    against: Against


@dataclass(frozen=True, slots=True)
class Rounds:
    """Looks that belong together, oldest first. `is_past`: people have begun anew since."""

    round: Round
    is_past: bool
    looks: list[Told]


def rounds(item: Item, shown: Sequence[Assessment]) -> list[Rounds]:
    """Return the looks `shown` to a person, round by round. Nothing in it tells of a look that is not among them."""
    if not shown:
        return []
    every = _of(item)
    placed = agreement.placed([(look.assessor_id, begins) for look, begins in every])
    opened = {look.id: assessments.findings_of(look) for look in shown}
    found: dict[int, Rounds] = {}
    for (look, _begins), place in zip(every, placed, strict=True):
        if look.id not in opened:
            continue
        beside = [opened[other.id] for other in (every[there][0] for there in place.beside) if other.id in opened]
        told = Told(look, opened[look.id], place.kind, findings.against(opened[look.id], beside))
        is_past = place.attempt < placed[-1].attempt
        found.setdefault(place.stretch, Rounds(agreement.ROUND_OF[place.kind], is_past, [])).looks.append(told)
    return list(found.values())


def apart(several: Sequence[Rounds]) -> tuple[list[str], list[str]]:
    """Return what people differ on by now: the questions two of them have to say the same on, and all others."""
    newest = {told.look.assessor_id: told for one in several if not one.is_past for told in one.looks}
    asked = {name for told in newest.values() for name in told.against.apart}
    named = [name for name in findings.COMPARED if name in asked]
    return (
        [name for name in named if name in findings.DECIDING],
        [name for name in named if name not in findings.DECIDING],
    )


def _of(item: Item) -> list[tuple[Assessment, bool]]:
    """Return all looks at an item, oldest first, and whether each was a first look: the audit trail has it in order."""
    query = select(Assessment).where(Assessment.item_id == item.id).order_by(Assessment.id)
    every = list(db.session.scalars(query))
    deeds = [entry.action for entry in audit.of_action(f"item {item.ref}", *GAVE)]
    if len(deeds) != len(every):  # not all of them came in by these deeds
        deeds = [assessments.FIRST, *[assessments.AGAIN] * (len(every) - 1)]
    return [(look, deed == assessments.FIRST) for look, deed in zip(every, deeds, strict=True)]
