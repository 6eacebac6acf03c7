"""The manager's week: what was missed, what comes, what is open, and how the last week went, in numbers.

Each number stops at its limit, so that none grows with the store. Nothing here names a case, an item or an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from hotline import clock
from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.models.online import Ending
from hotline.models.staff import Staff
from hotline.services import claims, duty_lists, today
from hotline.services.clock_tallies import MOST_COUNTED
from hotline.vocabulary import Duty, ItemOutcome, ItemStatus, Role, Subject

A_WEEK = timedelta(days=7)
MOST = 20  # lines of a list
ROLES = (Role.MANAGER,)
OF_INCIDENTS = {Subject.INCIDENT, Subject.INCIDENT_ACTION}
CONSULTATIONS = (Duty.CONSULT, Duty.HOLD_MEETING)


@dataclass(frozen=True, slots=True)
class Load:
    """What is in somebody's hands: looks at items, duties of the code of practice, and how many of these are late."""

    person: Staff
    looks: int
    duties: int
    late: int


@dataclass(frozen=True, slots=True)
class Week:
    """The week as its page shows it. `due` and `missed` hold at most `MOST` clocks; `numbers` are by their key."""

    since: datetime
    until: datetime
    missed: list[Clock]
    due: list[Clock]
    numbers: Mapping[str, int]
    loads: list[Load]


def of(*, by: Staff) -> Week:
    """Return the last week and the next. Raises NotFound for everybody but a manager."""
    if not by.has(*ROLES):
        raise NotFound("the week is a manager's")
    now = clock.now()
    return Week(
        since=now - A_WEEK,
        until=now + A_WEEK,
        missed=duty_lists.missed_since(now - A_WEEK, most=MOST),
        due=duty_lists.due_before(now + A_WEEK, most=MOST),
        numbers=numbers(),
        loads=_loads(),
    )


def numbers() -> dict[str, int]:
    """Return the numbers of the last week and of what is open, by key. Each stops above its limit."""
    now = clock.now()
    changes = today.changes(since=now - A_WEEK, most=MOST_COUNTED + 1)
    counts = duty_lists.counts()
    return {
        "received": changes.new,
        "decided": changes.decided,
        "sent": changes.letters,
        "taken_down": _taken_down(now - A_WEEK),
        "missed": duty_lists.count_missed_since(now - A_WEEK),
        "late": counts.late,
        "due": _due(now, now + A_WEEK),
        "nobodys": counts.nobodys,
        "incidents": _incidents(),
        "consultations": _consultations(now + A_WEEK),
    }


def _taken_down(since: datetime) -> int:
    ended = select(Ending.id).where(
        Ending.ended_at >= since, Ending.outcome == ItemOutcome.REMOVED, Ending.undone_at.is_(None)
    )
    return db.session.scalar(select(func.count()).select_from(ended.limit(MOST_COUNTED + 1).subquery())) or 0


def _due(since: datetime, until: datetime) -> int:
    """Count what runs out between two moments."""
    return duty_lists.count_open(Clock.paused_at.is_(None), Clock.due_at >= since, Clock.due_at < until)


def _consultations(until: datetime) -> int:
    """Count sectors to be heard and meetings to be held before a moment, or that should have been."""
    open_ones = duty_lists.list_open(Clock.paused_at.is_(None), Clock.due_at < until)
    return min(sum(duty in CONSULTATIONS for duty, _subject, _one in open_ones), MOST_COUNTED + 1)


def _incidents() -> int:
    """Count incidents of which something is still to be done: somebody to be told, or an action."""
    found = {(subject, one) for _duty, subject, one in duty_lists.list_open() if subject in OF_INCIDENTS}
    return min(len(found), MOST_COUNTED + 1)


def _loads() -> list[Load]:
    owned = {person.id: count for person, count in duty_lists.owners()}
    people = db.session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)).all()
    found = (Load(one, _looks(one), owned.get(one.id, 0), _late(one, owned)) for one in people)
    return [one for one in found if one.looks or one.duties]


def _looks(person: Staff) -> int:
    if not person.has(Role.ANALYST, Role.REVIEWER):
        return 0
    mine = select(Item.id).where(Item.status != ItemStatus.CLOSED, claims.in_hand(person))
    return db.session.scalar(select(func.count()).select_from(mine.limit(MOST_COUNTED + 1).subquery())) or 0


def _late(person: Staff, owned: Mapping[int, int]) -> int:
    return duty_lists.count_late(person) if owned.get(person.id) else 0
