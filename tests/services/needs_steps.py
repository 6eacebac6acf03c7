"""Steps of needs assessments that several tests take. Their tests ask for the fixture `support`."""

from hotline.models.needs_assessment import NeedsAssessment
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules.needs import Finding
from hotline.services import case_access, needs_assessments
from hotline.transactions import writing
from hotline.vocabulary import Need, NeedLevel
from tests.services import case_steps


def colleague(one: VictimCase, name: str = "bopha") -> Staff:
    """Return another of victim support, with whom a case is shared."""
    person = case_steps.officer(name)
    with writing():
        case_access.share(one, person.number, "to look together", until=None, by=one.officer)
    return person


def begun(one: VictimCase, *, by: Staff | None = None) -> NeedsAssessment:
    """Begin an assessment; the officer does it, unless said otherwise."""
    with writing():
        return needs_assessments.begin(one, by=by or one.officer)


def filled(one: VictimCase, *, by: Staff | None = None, **levels: NeedLevel) -> NeedsAssessment:
    """Write an assessment with all that is asked for; no need, but for `levels`, by domain."""
    row, person = begun(one, by=by), by or one.officer
    with writing():
        needs_assessments.save_about(row, "the child and her aunt", row.assessed_on, seen=0, by=person)
        for need in Need:
            level = levels.get(need, NeedLevel.NONE)
            found = Finding(known=f"quiet words of {need}", next="call", why="asleep")
            seen = needs_assessments.opened(row).written.of(need).version
            needs_assessments.save(row, need, level, found, seen=seen, by=person)
    return row


def submitted(one: VictimCase, **levels: NeedLevel) -> NeedsAssessment:
    """Hand a full assessment in."""
    row = filled(one, **levels)
    with writing():
        needs_assessments.submit(row, by=one.officer)
    return row


def approved(one: VictimCase, *, by: Staff | None = None, **levels: NeedLevel) -> NeedsAssessment:
    """Let another person approve a full assessment."""
    row = submitted(one, **levels)
    person = by or colleague(one)
    with writing():
        needs_assessments.approve(row, seen=row.version, by=person)
    return row
