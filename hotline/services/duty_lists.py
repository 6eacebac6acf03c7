"""The page of all duties of the code of practice: what runs, stands still or was missed, and of whom.

Each list is read off a small index of its own, and counts stop at `MOST_COUNTED` + 1: what is over and done with costs
nothing, however much it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select, text, tuple_, union_all
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.clock import OF_PRACTICE, Clock
from hotline.models.staff import Staff
from hotline.rules import clocks as rules
from hotline.services import clock_tallies, duties
from hotline.services.clock_tallies import MOST_COUNTED, Tally
from hotline.vocabulary import Duty, Role, Subject

LINES = 50  # of a page
NOBODY = "nobody"
SOMEBODYS = Clock.owner_id.in_(select(Staff.id))  # person by person, or SQLite takes the large index by duty
PARTS = (Clock.owner_id.is_(None), SOMEBODYS)
IS_MISSED = text("clocks.ending = 'missed'")  # word for word as in the index
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LONGEST_NUMBER = 19  # digits


class Shown(StrEnum):
    """Which duties a list shows."""

    OPEN = "open"  # what runs and what stands still
    RUNNING = "running"
    LATE = "late"
    PAUSED = "paused"
    MISSED = "missed"  # done, but after the limit


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `whose` is a person's number, `nobody` (of what is open only), or empty for everybody."""

    shown: Shown = Shown.OPEN
    whose: str = ""
    duty: Duty | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some clocks, and the cursor of the next page (empty at the end).

    Open ones come by owner, nobody first, then the soonest first; missed ones with the newest first.
    """

    rows: list[Clock]
    next: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many duties of the code of practice run, are late, stand still, and have no owner. Each count is capped."""

    running: int
    late: int
    paused: int
    nobodys: int


def page(wanted: Wanted, *, by: Staff) -> Page:
    """Return some duties of the code of practice.

    Raises NotFound for people who may not see them, Refused for a cursor or a person that there is not.
    """
    if not by.has(*duties.READERS):
        raise NotFound("no page of duties")
    return _missed(wanted) if wanted.shown is Shown.MISSED else _open(wanted)


def counts() -> Counts:
    """Count what is open."""
    now = clock.now()
    runs = Clock.paused_at.is_(None)
    return Counts(
        running=count_open(runs),
        late=count_open(runs, Clock.due_at < now),
        paused=count_open(Clock.paused_at.is_not(None)),
        nobodys=count_nobodys(),
    )


def count_nobodys() -> int:
    """Return how many open duties of the code of practice nobody answers for."""
    return count_open(Clock.owner_id.is_(None))


def count_late(owner: Staff) -> int:
    """Return how much is late of what a person answers for."""
    return count_open(Clock.owner_id == owner.id, Clock.paused_at.is_(None), Clock.due_at < clock.now())


def due_before(until: datetime, *, most: int) -> list[Clock]:
    """Return what runs out before a moment, or has, soonest first."""
    found: list[Clock] = []
    for part in PARTS:
        query = _of_practice().where(part, Clock.paused_at.is_(None), Clock.due_at < until)
        found += db.session.scalars(query.order_by(Clock.due_at, Clock.id).limit(most))
    return sorted(found, key=lambda one: (one.due_at, one.id))[:most]


def missed_since(since: datetime, *, most: int) -> list[Clock]:
    """Return what was done too late since a moment, newest first."""
    found = _missed_ids(tuple(sorted(rules.OF_PRACTICE)), [Clock.ended_at >= since], most)
    return _whole(found)


def count_missed_since(since: datetime) -> int:
    """Return how many were done too late since a moment."""
    return len(_missed_ids(tuple(sorted(rules.OF_PRACTICE)), [Clock.ended_at >= since], MOST_COUNTED + 1))


def owners() -> list[tuple[Staff, int]]:
    """Return who answers for open duties, and for how many, by number."""
    query = select(Clock.owner_id, func.count()).where(Clock.ended_at.is_(None), OF_PRACTICE)
    found = dict(db.session.execute(query.where(SOMEBODYS).group_by(Clock.owner_id)).all())
    people = db.session.scalars(select(Staff).where(Staff.id.in_(found)).order_by(Staff.id))
    return [(person, found[person.id]) for person in people]


def tallies_of_others(*, by: Staff) -> list[Tally]:
    """Return how the other duties of the desk stand that `by` may know of: nothing in it names anything."""
    return clock_tallies.tallies(by=by, without=rules.OF_PRACTICE) if by.has(*Role) else []


def _open(wanted: Wanted) -> Page:
    """Read by owner: what nobody owns first, then by the account's number."""
    owner, due_at, last = _open_place(wanted.after)
    which = _which(wanted)
    found: list[Clock] = []
    if owner == 0 and wanted.whose in {"", NOBODY}:
        query = _of_practice().where(Clock.owner_id.is_(None), *which)
        if wanted.after:
            query = query.where(tuple_(Clock.due_at, Clock.id) > (due_at, last))
        found = list(db.session.scalars(query.order_by(Clock.due_at, Clock.id).limit(LINES + 1)))
    if len(found) <= LINES and wanted.whose != NOBODY:
        query = _of_practice().where(_owned(wanted), *which)
        if owner:
            query = query.where(tuple_(Clock.owner_id, Clock.due_at, Clock.id) > (owner, due_at, last))
        query = query.order_by(Clock.owner_id, Clock.due_at, Clock.id)
        found += db.session.scalars(query.limit(LINES + 1 - len(found)))
    rows = found[:LINES]
    more = f"{rows[-1].owner_id or 0}.{_ticks(rows[-1].due_at)}.{rows[-1].id}" if len(found) > LINES else ""
    return Page(rows, more)


def _missed(wanted: Wanted) -> Page:
    which: list[Any] = []
    if wanted.whose:  # nobody's are no list of their own here: SQLite would look through all that was missed for them
        which.append(Clock.owner_id == _person(wanted.whose).id)
    if wanted.after:
        ended, last = _missed_place(wanted.after)
        which.append(tuple_(Clock.ended_at, Clock.id) < (ended, last))
    of_these = (wanted.duty,) if wanted.duty else tuple(sorted(rules.OF_PRACTICE))
    rows = _whole(_missed_ids(of_these, which, LINES + 1))
    kept = rows[:LINES]
    last_end = kept[-1].ended_at if len(rows) > LINES else None
    return Page(kept, f"{_ticks(last_end)}.{kept[-1].id}" if last_end else "")


def _missed_ids(of_these: Sequence[Duty], which: Sequence[Any], most: int) -> list[int]:
    """Return the ids of the newest: of each duty its newest are read off an index, and the newest of all kept."""
    missed = select(Clock.id, Clock.ended_at).where(IS_MISSED, OF_PRACTICE, *which)
    newest = (Clock.ended_at.desc(), Clock.id.desc())
    each = [select(missed.where(Clock.duty == duty).order_by(*newest).limit(most).subquery()) for duty in of_these]
    every = union_all(*each).subquery()
    return list(db.session.scalars(select(every.c.id).order_by(every.c.ended_at.desc(), every.c.id.desc()).limit(most)))


def _whole(ids: Sequence[int]) -> list[Clock]:
    query = select(Clock).where(Clock.id.in_(ids)).options(joinedload(Clock.rule), joinedload(Clock.owner))
    found = {one.id: one for one in db.session.scalars(query)} if ids else {}
    return [found[one] for one in ids]


def _of_practice() -> Select[Clock]:
    """Return the query for open clocks of the code of practice, in the words of their index."""
    query = select(Clock).where(Clock.ended_at.is_(None), OF_PRACTICE)
    return query.options(joinedload(Clock.rule), joinedload(Clock.owner), joinedload(Clock.paused_by))


def _which(wanted: Wanted) -> list[Any]:
    now = clock.now()
    shown: dict[Shown, list[Any]] = {
        Shown.RUNNING: [Clock.paused_at.is_(None)],
        Shown.LATE: [Clock.paused_at.is_(None), Clock.due_at < now],
        Shown.PAUSED: [Clock.paused_at.is_not(None)],
    }
    which = shown.get(wanted.shown, [])
    return [*which, Clock.duty == wanted.duty] if wanted.duty else which


def _owned(wanted: Wanted) -> Any:
    return Clock.owner_id == _person(wanted.whose).id if wanted.whose else SOMEBODYS


def _person(number: str) -> Staff:
    found = db.session.scalar(select(Staff).where(Staff.number == number))
    if found is None:
        raise Refused(("whose", "unknown"))
    return found


def count_open(*which: Any) -> int:
    """Count what is open and owned by nobody, and by somebody: each is read off the small index."""
    return min(sum(_count_part(part, *which) for part in PARTS), MOST_COUNTED + 1)


def list_open(*which: Any) -> list[tuple[Duty, Subject, int]]:
    """Return open duties and what they are about. To ask for some leads SQLite to the index of all there ever were."""
    ever = Clock.due_at > EPOCH
    query = select(Clock.duty, Clock.subject, Clock.subject_id).where(Clock.ended_at.is_(None), OF_PRACTICE, ever)
    return [
        (one.duty, one.subject, one.subject_id)
        for part in PARTS
        for one in db.session.execute(query.where(part, *which))
    ]


def _count_part(*which: Any) -> int:
    ever = Clock.due_at > EPOCH  # says nothing, and leads SQLite to the small index by owner and limit
    found = select(Clock.id).where(Clock.ended_at.is_(None), OF_PRACTICE, ever, *which)
    some = found.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _ticks(moment: datetime) -> int:
    return (moment - EPOCH) // TICK


def _open_place(cursor: str) -> tuple[int, datetime, int]:
    owner, ticks, last = _numbers(cursor, 3) if cursor else (0, 0, 0)
    return owner, _moment(ticks), last


def _missed_place(cursor: str) -> tuple[datetime, int]:
    ticks, last = _numbers(cursor, 2)
    return _moment(ticks), last


def _moment(ticks: int) -> datetime:
    try:
        return EPOCH + ticks * TICK
    except OverflowError as exc:
        raise Refused(("list", "unknown")) from exc


def _numbers(cursor: str, count: int) -> list[int]:
    """Read a cursor. Raises Refused for one that nobody has given."""
    parts = cursor.split(".")
    if len(parts) != count or not all(one.isascii() and one.isdecimal() and len(one) < LONGEST_NUMBER for one in parts):
        raise Refused(("list", "unknown"))
    return [int(one) for one in parts]
