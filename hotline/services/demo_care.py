"""Invented days of the demo's people: time with hard material, a talk that is due, and a word to whoever comes next."""

import random
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.care import Break, CounsellingSession, ExposureDay
from hotline.models.staff import Staff
from hotline.services import care, handovers, staff
from hotline.transactions import writing
from hotline.vocabulary import Role

WEEKEND = 5  # and the day after
SO_FAR = (52, 25, 40)  # minutes today, of the first three
WORD = (
    "Read the earlier decisions on img-board first, you may not need to open the page. "
    "One of the second looks is heavy: take it after your break, or pass it on."
)


def fill() -> None:
    """Give everybody who looks at hard material a week that lies behind them, and a morning."""
    people = [one for one in staff.list_staff() if one.active and one.has(Role.REVIEWER)]
    if len(people) < len(SO_FAR) or db.session.scalar(select(CounsellingSession.id).limit(1)) is not None:
        return
    with writing():
        for number, person in enumerate(people[: len(SO_FAR)]):
            _week(person, SO_FAR[number], random.Random(number))  # noqa: S311 -- invented, and the same each time
            due_on = care.today() + timedelta(days=3 + 4 * number)
            db.session.add(CounsellingSession(staff_id=person.id, due_on=due_on))
        handovers.write(WORD, by=people[1])


def _week(person: Staff, so_far: int, chance: random.Random) -> None:
    now, today = clock.now(), care.today()
    for back in range(1, 14):
        day = today - timedelta(days=back)
        if day.weekday() < WEEKEND:
            db.session.add(ExposureDay(staff_id=person.id, day=day, seconds=60 * chance.randrange(70, 200)))
    begun = now - timedelta(minutes=so_far + 25)
    db.session.add(Break(staff_id=person.id, started_at=begun, ended_at=begun + timedelta(minutes=12)))
    if db.session.get(ExposureDay, (person.id, today)) is not None:
        return  # somebody signed in as this person has begun already
    db.session.add(
        ExposureDay(staff_id=person.id, day=today, seconds=60 * so_far, since_break=60 * so_far, seen_at=now)
    )
