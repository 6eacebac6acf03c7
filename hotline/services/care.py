"""Care for the people at the desk: their time with hard material, breaks, limits, and talks with the counsellor.

Nothing here writes an audit line and nothing is counted for anybody but the person and the counsellor: the audit trail
and the figures are read by others.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.errors import LightWorkOnly, NotFound, Refused, StorageFull
from hotline.extensions import db
from hotline.models.care import Break, CareSettings, CounsellingSession, ExposureDay
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import care as rules
from hotline.rules.care import Exposure, Limits, Why
from hotline.transactions import apart, desk_engine, writing
from hotline.vocabulary import Role

WRITE_EVERY = timedelta(minutes=1)  # reading on writes no more often than this
KEPT_DAYS = 90  # how long a day's figure is kept
KEPT_BREAKS = 2  # days
KEPT_TALKS = 400  # days after a talk was held
WEEK = 7
EXPOSED = (Role.ANALYST, Role.REVIEWER, Role.VICTIM_SUPPORT)


@dataclass(frozen=True, slots=True)
class Day:
    """How one person's day stands. `until_break` is more time with hard material; `resting_since` a break goes on."""

    exposure: Exposure
    limits: Limits
    why_light: Why | None
    until_break: timedelta
    resting_since: datetime | None
    wants_light: bool

    def keeps_from(self, item: Item) -> bool:
        """Whether the person is given no look at `item` now."""
        return rules.keeps_from(self.why_light, in_danger=item.in_danger, category=item.category)

    @property
    def may_come_back(self) -> bool:
        """Whether hard work is held back only because the person wants that."""
        return self.why_light is Why.CHOSEN

    @property
    def break_is_due(self) -> bool:
        """Whether it is time for a break, and none has begun."""
        return not self.until_break and self.resting_since is None


@dataclass(frozen=True, slots=True)
class Week:
    """One person's seconds with hard material on each day of a week, and whether their own limits are lower."""

    person: Staff
    seconds: tuple[int, ...]
    limits: Limits
    has_own_limits: bool


def day_of(person: Staff) -> Day:
    """Return how a person's day stands now."""
    now, own = clock.now(), db.session.get(CareSettings, person.id)
    row = db.session.get(ExposureDay, (person.id, today()))
    exposure = rules.until(_exposure(row), now)
    limits, light_until = _limits(own), own.light_until if own else None
    return Day(
        exposure,
        limits,
        rules.why_light(exposure, limits, local=_local(now), light_until=light_until),
        rules.until_break(exposure, limits),
        _resting_since(db.session(), person.id),
        light_until is not None and light_until > now,
    )


def today() -> date:
    """Return the day in the country."""
    return _local(clock.now()).date()


def look(staff_id: int) -> None:
    """Note that a person has an assessment open before them. Ends a break that is going on.

    A short transaction of its own, never inside `writing()`; reading on writes once a minute at most, since whatever
    comes next counts from what was written last.
    """
    now, row = clock.now(), db.session.get(ExposureDay, (staff_id, today()))
    before = _exposure(row)
    if before.is_looking and before.seen_at and now - before.seen_at < WRITE_EVERY:
        return
    _count(staff_id, lambda found: rules.look(found, now), ends_break=not before.is_looking)


def look_on(staff_id: int) -> None:
    """Note that a person did something on the assessment before them, if there is one."""
    if _exposure(db.session.get(ExposureDay, (staff_id, today()))).is_looking:
        look(staff_id)


def leave(staff_id: int) -> None:
    """Note that no assessment is before a person any more. Writes only where one was, in a transaction of its own."""
    now = clock.now()
    if _exposure(db.session.get(ExposureDay, (staff_id, today()))).is_looking:
        _count(staff_id, lambda found: rules.stop(found, now))


def require_hard_work(person: Staff, item: Item) -> None:
    """Raise LightWorkOnly where a person had enough for today, or wants light work only, and `item` is none.

    A child in danger does not wait for tomorrow.
    """
    day = day_of(person)
    if day.why_light and day.keeps_from(item):
        raise LightWorkOnly(day.why_light)


def require_offer(person: Staff) -> None:
    """Raise LightWorkOnly where no hard work is offered to a person now, for whatever reason."""
    if why := day_of(person).why_light:
        raise LightWorkOnly(why)


def want_light(person: Staff, wanted: bool) -> None:
    """Offer a person light work only, for the rest of the day, or hard work again."""
    _own(person).light_until = _end_of_day() if wanted else None


def begin_break(person: Staff) -> None:
    """Begin a break. Of one that goes on already the beginning stays."""
    session, now = db.session(), clock.now()
    row = _row(session, person.id)
    _put(row, rules.stop(_exposure(row), now), now)
    if _resting_since(session, person.id) is None:
        session.add(Break(staff_id=person.id, started_at=now))


def end_break(person: Staff) -> timedelta:
    """End a break, and return how long it was; nothing where there was none."""
    since = _resting_since(db.session(), person.id)
    _end_break(db.session(), person.id, clock.now())
    return clock.now() - since if since else timedelta()


def list_breaks(person: Staff) -> list[Break]:
    """Return the breaks of today that are over and were long enough to count, in order."""
    begins = datetime.combine(today(), time(), jurisdiction.current().zone)
    ended = select(Break).where(Break.staff_id == person.id, Break.started_at >= begins, Break.ended_at.is_not(None))
    found = db.session.scalars(ended.order_by(Break.started_at))
    return [one for one in found if one.ended_at and one.ended_at - one.started_at >= rules.BREAK]


def list_days(person: Staff) -> list[tuple[date, int]]:
    """Return a person's last seven days and their seconds with hard material, the newest first."""
    days = [today() - timedelta(days=back) for back in range(WEEK)]
    found = _seconds([person.id], days[-1], days[0])
    return [(day, found.get((person.id, day), 0)) for day in days]


def house_limits() -> Limits:
    """Return what holds for everybody."""
    found = settings()
    return Limits(found.exposure_limit, found.break_after, found.cutoff_hour if found.cutoff_hour < 24 else None)


def lower_limits(person: Staff, wanted: Limits) -> None:
    """Let a person have stricter limits from now on. Raises Refused for one that is higher than what holds."""
    holds = day_of(person).limits
    if not rules.is_stricter(wanted, holds):
        raise Refused(("limits", "raised"))
    if wanted.minutes < rules.FEWEST_MINUTES or wanted.break_after < rules.FEWEST_MINUTES:
        raise Refused(("limits", "too_low"))
    own, house = _own(person), house_limits()
    own.limit_minutes = wanted.minutes if wanted.minutes < house.minutes else None
    own.break_after_minutes = wanted.break_after if wanted.break_after < house.break_after else None
    own.cutoff_hour = wanted.late_from if wanted.late_from != house.late_from else None


def restore_limits(person: Staff, *, by: Staff) -> None:
    """Put the limits of the house back for a person, as the counsellor has talked over with them."""
    _require_counsellor(by)
    own = _own(person)
    own.limit_minutes = own.break_after_minutes = own.cutoff_hour = None


def list_week(last: date, *, by: Staff) -> list[Week]:
    """Return the week that ends on `last` for everybody who may see hard material, by number, never by how much.

    Raises NotFound for anybody but the counsellor.
    """
    _require_counsellor(by)
    days = [last - timedelta(days=back) for back in reversed(range(WEEK))]
    people = _exposed()
    found = _seconds([one.id for one in people], days[0], last)
    own = {one.staff_id: one for one in db.session.scalars(select(CareSettings))}
    house = house_limits()
    return [
        Week(
            one,
            tuple(found.get((one.id, day), 0) for day in days),
            _limits(own.get(one.id)),
            _limits(own.get(one.id)) != house,
        )
        for one in people
    ]


def get_exposed(number: str, *, by: Staff) -> Staff:
    """Return somebody who may see hard material. Raises NotFound, also for anybody but the counsellor."""
    _require_counsellor(by)
    for one in _exposed():
        if one.number == number:
            return one
    raise NotFound(f"nobody {number} to care for")


def plan_talk(person: Staff, due_on: date, *, by: Staff) -> None:
    """Note that a talk with the counsellor is due. Raises Refused for a day that is past or far off."""
    _require_counsellor(by)
    if not today() <= due_on <= today() + timedelta(days=366):
        raise Refused(("due_on", "range"))
    db.session.add(CounsellingSession(staff_id=person.id, due_on=due_on))


def get_talk(talk_id: int, *, by: Staff) -> CounsellingSession:
    """Return a talk. Raises NotFound, also for anybody but the counsellor."""
    _require_counsellor(by)
    found = db.session.get(CounsellingSession, talk_id)
    if found is None:
        raise NotFound("no such talk")
    return found


def hold_talk(talk: CounsellingSession) -> None:
    """Note that a talk was held today. Nothing of what was said is kept."""
    talk.held_on = talk.held_on or today()


def call_talk_off(talk: CounsellingSession) -> None:
    """Take a talk that was not held off the list."""
    if talk.held_on is None:
        db.session.delete(talk)


def list_talks(*, by: Staff) -> list[CounsellingSession]:
    """Return the talks that are due, soonest first. Raises NotFound for anybody but the counsellor."""
    _require_counsellor(by)
    due = select(CounsellingSession).where(CounsellingSession.held_on.is_(None))
    return list(db.session.scalars(due.order_by(CounsellingSession.due_on, CounsellingSession.id)))


def next_talk(person: Staff) -> date | None:
    """Return when a person's next talk with the counsellor is due."""
    mine = select(CounsellingSession.due_on).where(
        CounsellingSession.staff_id == person.id, CounsellingSession.held_on.is_(None)
    )
    return db.session.scalar(mine.order_by(CounsellingSession.due_on).limit(1))


def forget_old() -> None:
    """Remove figures, breaks and talks that nobody needs any more."""
    day, breaks = today() - timedelta(days=KEPT_DAYS), clock.now() - timedelta(days=KEPT_BREAKS)
    talks = today() - timedelta(days=KEPT_TALKS)
    old = (
        (ExposureDay, ExposureDay.day < day),
        (Break, Break.started_at < breaks),
        (CounsellingSession, CounsellingSession.held_on < talks),
    )
    if not any(db.session.scalar(select(table.staff_id).where(is_old).limit(1)) for table, is_old in old):
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for table, is_old in old:
            db.session.execute(delete(table).where(is_old))


def _count(staff_id: int, change: Callable[[Exposure], Exposure], *, ends_break: bool = False) -> None:
    """Write down what changed. A store that cannot be written now is no reason to fail who only reads."""
    with suppress(StorageFull), apart(desk_engine()) as session:
        if ends_break:
            _end_break(session, staff_id, clock.now())
        row = _row(session, staff_id)
        _put(row, change(_exposure(row)), clock.now())


def _end_break(session: Session, staff_id: int, now: datetime) -> None:
    since = _resting_since(session, staff_id)
    if since is None:
        return
    row = _row(session, staff_id)
    _put(row, rules.rest(_exposure(row), since, now), now)
    for one in session.scalars(select(Break).where(Break.staff_id == staff_id, Break.ended_at.is_(None))):
        one.ended_at = now


def _row(session: Session, staff_id: int) -> ExposureDay:
    key = staff_id, today()
    row = session.get(ExposureDay, key)
    if row is None:
        row = ExposureDay(staff_id=staff_id, day=key[1], seconds=0, since_break=0)
        session.add(row)
        session.flush()
    return row


def _exposure(row: ExposureDay | None) -> Exposure:
    if row is None:
        return Exposure()
    return Exposure(row.seconds, row.since_break, row.seen_at, row.looking_since is not None)


def _put(row: ExposureDay, found: Exposure, now: datetime) -> None:
    row.seconds, row.since_break, row.seen_at = found.seconds, found.since_break, found.seen_at
    row.looking_since = (row.looking_since or now) if found.is_looking else None


def _limits(own: CareSettings | None) -> Limits:
    if own is None:
        return house_limits()
    return rules.held(
        house_limits(),
        minutes=own.limit_minutes,
        break_after=own.break_after_minutes,
        late_from=own.cutoff_hour,
    )


def _own(person: Staff) -> CareSettings:
    found = db.session.get(CareSettings, person.id)
    if found is None:
        found = CareSettings(staff_id=person.id, shortcuts=True)
        db.session.add(found)
    return found


def _resting_since(session: Session, staff_id: int) -> datetime | None:
    """Return since when a break goes on. One that began on another day is over, whoever forgot to say so."""
    begins = datetime.combine(today(), time(), jurisdiction.current().zone)
    open_ones = select(Break.started_at).where(Break.staff_id == staff_id, Break.ended_at.is_(None))
    return session.scalar(open_ones.where(Break.started_at >= begins).order_by(Break.started_at).limit(1))


def _seconds(people: Sequence[int], first: date, last: date) -> dict[tuple[int, date], int]:
    rows = select(ExposureDay).where(ExposureDay.staff_id.in_(people), ExposureDay.day.between(first, last))
    now = clock.now()
    return {(row.staff_id, row.day): rules.until(_exposure(row), now).seconds for row in db.session.scalars(rows)}


def _exposed() -> list[Staff]:
    """Return the open accounts that may see hard material, by number."""
    is_exposed = or_(*(Staff.role_rows.any(role=role) for role in EXPOSED))
    return list(db.session.scalars(select(Staff).where(Staff.active, is_exposed).order_by(Staff.id)))


def _require_counsellor(by: Staff) -> None:
    if not by.has(Role.COUNSELLOR):
        raise NotFound("figures of care are for the counsellor")


def _end_of_day() -> datetime:
    return datetime.combine(today() + timedelta(days=1), time(), jurisdiction.current().zone)


def _local(at: datetime) -> datetime:
    return at.astimezone(jurisdiction.current().zone)
