"""A past of very many duties: `python -m bench.practice_fill COUNT`, the portal's settings in the environment.

Clocks that have ended go in by bulk insert: some in time, most too late, with owners in turn and one in ten nobody's.
As many run as a hotline has in a busy year. Their things do not exist: no page may need them.
"""

import itertools
import random
import sys
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from bench.desk_fill import PASSWORD, settle
from hotline import clock, create_app
from hotline.extensions import db
from hotline.models import Clock, ClockRule, Staff
from hotline.rules.clocks import OF_PRACTICE
from hotline.services import duties, staff
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Duty, Language, Role, Subject, Surface

BOSS = "boss"
PEOPLE = {BOSS: Role.MANAGER, "liaison": Role.LIAISON, "keeper": Role.ADMIN}
RUNNING = 300
BATCH = 20_000
DUTIES = tuple(sorted(OF_PRACTICE))
ENDS = (ClockEnd.MISSED, ClockEnd.MISSED, ClockEnd.MET, ClockEnd.VOID)
YEARS = timedelta(days=5 * 365)


def fill(count: int) -> None:
    """Make people, what runs, and `count` clocks that have ended."""
    with writing():
        for name, role in PEOPLE.items():
            staff.add(name, PASSWORD, (role,), language=Language.EN, by=None, must_change=False)
    duties.sweep()
    owners = [None, *(one for one in db.session.scalars(select(Staff.id)) for _ in range(3))]
    rules = {one.duty: one.id for one in db.session.scalars(select(ClockRule).order_by(ClockRule.urgency.desc()))}
    chance, now = random.Random(count), clock.now()
    numbers = iter(range(1, count + RUNNING + 1))
    while batch := list(itertools.islice(numbers, BATCH)):
        with writing():
            rows = [_row(number, _due(number, count, now, chance), owners, rules) for number in batch]
            db.session.execute(insert(Clock), rows)
    settle()


def _due(number: int, count: int, now: datetime, chance: random.Random) -> datetime:
    """Return when a clock runs out, or ran out: the past is in its order, as it is in time."""
    if number <= RUNNING:
        return now + timedelta(days=30) * (chance.random() - 0.1)
    return now - YEARS * (1 - min(number / count, 1)) - timedelta(hours=2)


def _row(number: int, due: datetime, owners: list[int | None], rules: dict[Duty, int]) -> dict[str, Any]:
    duty = DUTIES[number % len(DUTIES)]
    runs = number <= RUNNING
    return {
        "duty": duty,
        "subject": Subject.INCIDENT,
        "subject_id": number,
        "rule_id": rules[duty],
        "started_at": due - timedelta(days=30),
        "due_at": due,
        "next_at": due if runs else None,
        "ended_at": None if runs else due + timedelta(hours=1),
        "ending": None if runs else ENDS[number % len(ENDS)],
        "owner_id": owners[number % len(owners)],
    }


if __name__ == "__main__":
    with create_app(Surface.DESK).app_context():
        fill(int(sys.argv[1]))
