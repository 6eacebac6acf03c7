"""Victim support with very many cases: `python -m bench.care_fill COUNT`, the portal's settings in the environment.

Rows go in by bulk insert and past every rule, as only a benchmark may; what is sealed is one sealed value repeated, and
names are found as they would be. Three in five cases are in one person's hands, so that every page of theirs is full;
three in ten of the others' have ended. One file is written the real way, and is as full as any: `known.txt` says which.
"""

import itertools
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, update

from bench.desk_fill import BATCH, settle, spread_ref
from hotline import clock, create_app
from hotline.config import settings
from hotline.extensions import db
from hotline.models import Clock, ClockRule, Staff
from hotline.models.case_note import CaseNote
from hotline.models.victim_case import CaseClosure, CaseName, CasePerson, CaseStepDone, RetentionPolicy, VictimCase
from hotline.rules import person_names, victim_files
from hotline.rules.victim_files import Note, Person
from hotline.services import case_files, case_notes, case_people, victim_cases
from hotline.transactions import writing
from hotline.vocabulary import (
    AgeBand,
    CaseOutcome,
    CaseSource,
    CaseStatus,
    CaseStep,
    Duty,
    NeedLevel,
    NoteKind,
    PersonPart,
    Risk,
    Share,
    Subject,
    Surface,
)
from tests.services import case_steps, needs_steps, referral_steps

PEOPLE = tuple(f"officer{letter}" for letter in "abcdefghijklmnopqrst")  # a digit would be found in every number
OTHERS = 3  # people in each case
NOTES = 4
MINE = 60  # of the first hundred; three in five of all
KNOWN = "known.txt"
NAME = "ស៊ិន វណ្ណ\u200bនី"  # the full file's; looked for without the mark, and in another order
MANY = "សុខ"  # a family name that fifty bear at any size, and one in twenty of the rest
WORDS = "Quiet words of what was said and agreed. " * 12
SIGNS = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ"


def fill(count: int) -> None:
    """Make people, one full file, and as many cases in bulk as make `count`."""
    for name in PEOPLE:
        case_steps.officer(name)
    ids = list(db.session.scalars(select(Staff.id).order_by(Staff.id)))
    rules = {rule.urgency: rule.id for rule in db.session.scalars(_first_contact())}
    chance, sealed = random.Random(count), _sealed()
    numbers = iter(range(1, count))
    while batch := list(itertools.islice(numbers, BATCH)):
        rows = [_case(number, ids, sealed["file"], chance) for number in batch]
        ended = [row["id"] for row in rows if row["officer_id"] != ids[0] and chance.random() < 0.3]
        with writing():
            db.session.execute(insert(VictimCase), rows)
            db.session.execute(insert(CaseName), [one for row in rows for one in _names(row["id"], chance)])
            db.session.execute(insert(CaseStepDone), [_step(row) for row in rows])
            db.session.execute(insert(CasePerson), [_person(row, sealed) for row in rows for _ in range(OTHERS)])
            db.session.execute(insert(CaseNote), [_note(row, sealed) for row in rows for _ in range(NOTES)])
            db.session.execute(
                insert(Clock), [_clock(row, rules, chance) for row in rows if row["id"] not in set(ended)]
            )
            _end(ended, ids)
    if db.engine.dialect.name == "postgresql":
        with writing():  # ids were given by hand
            db.session.execute(text("SELECT setval('victim_cases_id_seq', (SELECT max(id) FROM victim_cases))"))
    ref = _full_file()
    settle()
    (settings().data_dir / KNOWN).write_text(ref)


def _sealed() -> dict[str, bytes]:
    file = replace(case_steps.FILE, story=WORDS)
    return {
        "file": case_files.seal(case_files.FILE, victim_files.written(file)),
        "person": case_files.seal(case_files.PERSON, victim_files.written(Person("somebody", "aunt"))),
        "note": case_files.seal(victim_cases.NOTE, victim_files.written(Note(said=WORDS))),
    }


def _case(number: int, ids: list[int], file: bytes, chance: random.Random) -> dict[str, Any]:
    at = clock.now() - timedelta(hours=int(24 * 400 * chance.random() ** 3))
    return {
        "id": number,
        "ref": spread_ref("VC", number),
        "source": chance.choice(tuple(CaseSource)),
        "status": CaseStatus.OPEN,
        "step": chance.choice(tuple(CaseStep)),
        "risk": Risk.HIGH if number <= MINE else chance.choices(tuple(Risk), (20, 40, 30, 10))[0],  # a page at any size
        "officer_id": ids[0] if (number - 1) % 100 < MINE else chance.choice(ids[1:]),
        "file": file,
        "version": 1,
        "opened_at": at,
        "opened_by_id": ids[0],
    }


def _names(case_id: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield under which marks a case is found: a name of two words, and what the team calls it."""
    family = MANY if case_id <= MINE or chance.random() < 0.05 else _word(chance)
    texts = person_names.spellings(f"{family} {_word(chance)}") | person_names.spellings(f"flower {case_id}")
    marks = {victim_cases.mark_of(one) for one in texts}
    yield from ({"case_id": case_id, "name_index": mark} for mark in sorted(marks))


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SIGNS, k=5))


def _step(row: dict[str, Any]) -> dict[str, Any]:
    return {"case_id": row["id"], "step": row["step"], "begun_at": row["opened_at"]}


def _person(row: dict[str, Any], sealed: dict[str, bytes]) -> dict[str, Any]:
    facts = {"case_id": row["id"], "part": PersonPart.FAMILY, "body": sealed["person"], "version": 1}
    return facts | {"added_at": row["opened_at"], "added_by_id": row["officer_id"]}


def _note(row: dict[str, Any], sealed: dict[str, bytes]) -> dict[str, Any]:
    times = {"happened_at": row["opened_at"], "written_at": row["opened_at"]}
    return {
        "case_id": row["id"],
        "kind": NoteKind.NOTE,
        "body": sealed["note"],
        "written_by_id": row["officer_id"],
    } | times


def _clock(row: dict[str, Any], rules: dict[int | None, int], chance: random.Random) -> dict[str, Any]:
    """Return the clock of a case; one in twenty has run out."""
    due_at = clock.now() + timedelta(days=30) * (chance.random() - 0.05)
    is_late = due_at < clock.now()
    return {
        "duty": Duty.FIRST_CONTACT,
        "subject": Subject.VICTIM_CASE,
        "subject_id": row["id"],
        "rule_id": rules.get(row["risk"], rules[None]),
        "started_at": row["opened_at"],
        "due_at": due_at,
        "next_at": None if is_late else due_at,
        "breached_at": due_at if is_late else None,
    }


def _first_contact() -> Any:
    return select(ClockRule).where(ClockRule.duty == Duty.FIRST_CONTACT)


def _end(ended: list[int], ids: list[int]) -> None:
    """Close cases the way the database lets them be closed: asked for, approved by another, closed."""
    if not ended:
        return
    now = clock.now()
    asked = {"outcome": CaseOutcome.NEEDS_MET, "checklist": "", "age_band": AgeBand.FROM_12, "asked_at": now}
    db.session.execute(insert(CaseClosure), [asked | {"case_id": one, "asked_by_id": ids[0]} for one in ended])
    approved = {"approved": True, "decided_at": now, "decided_by_id": ids[1]}
    db.session.execute(update(CaseClosure).where(CaseClosure.case_id.in_(ended)).values(**approved))
    closed = update(VictimCase).where(VictimCase.id.in_(ended))
    day = {"keep_until": now.date(), "kept_by_id": db.session.scalar(select(func.max(RetentionPolicy.id)))}
    db.session.execute(closed.values(status=CaseStatus.CLOSED, ended_at=now, **day))


def _full_file() -> str:
    """Write one file the real way: people, notes, an approved assessment, consents and drafts. Return its reference."""
    by = case_steps.officer(PEOPLE[0])
    one = case_steps.a_case(by=by, risk=Risk.HIGH, name=NAME, other_names="Sin Vanny", story=WORDS * 6)
    for number in range(6):
        case_steps.somebody(one, f"somebody {number}", part=PersonPart.FAMILY)
    for _ in range(40):
        with writing():
            case_notes.write(one, NoteKind.NOTE, Note(said=WORDS), by=by)
    needs_steps.approved(one, by=None, legal=NeedLevel.HIGH, health=NeedLevel.MEDIUM)
    for number in range(4):
        to = referral_steps.a_service(f"Example House {number}")
        guardian = referral_steps.agreed(one, to, shares=tuple(Share))[1]
        referral_steps.drafted(one, to)
    with writing():
        case_people.choose_contact(one, guardian, by=by)
    return one.ref


def main() -> int:
    """Fill the stores that the environment names."""
    app = create_app(Surface.DESK)
    with app.app_context():
        fill(int(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
