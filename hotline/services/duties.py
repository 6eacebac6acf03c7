"""Duties of the code of practice: who answers for each, and its clock. One engine: `services/clocks.py` keeps the time.

A duty has an owner by name. One that comes round again (`StandingDuty`) has a clock at any time, and the next begins
when it was done. A duty nobody owns is shown as such: it is due all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import OF_PRACTICE, Clock
from hotline.models.practice import DutyMark, DutyOwner, StandingDuty
from hotline.models.staff import Staff
from hotline.rules import clear_words
from hotline.rules import clocks as rules
from hotline.services import audit, clocks, duty_names
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Duty, PauseReason, Role, Subject

READERS = (Role.LIAISON, Role.MANAGER, Role.ADMIN, Role.AUDITOR)  # who sees how the code of practice is kept
KEEPERS = (Role.LIAISON, Role.MANAGER, Role.ADMIN)  # who may own a duty, and says that it was done
GIVERS = (Role.MANAGER, Role.LIAISON)  # who says who owns what
LONGEST_NOTE = 1_000
OLDEST = timedelta(days=366)  # what happened longer ago is a day that was mistyped
# What never stands still: others wait for word of us, somebody may be shown no more, or a day is set that nobody here
# can move
NEVER_STILL = frozenset(
    {
        Duty.TELL_DPO,
        Duty.TELL_SECRETARIAT,
        Duty.ANSWER_INHOPE,
        Duty.RENEW_AGREEMENT,
        Duty.RENEW_KEY,
        Duty.RENEW_TRAINING,
        Duty.TAKE_DOWN_PICTURE,
    }
)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a clock of the code of practice runs for: its kind and its id, so that it need not be loaded."""

    subject: Subject
    id: int


def begin(
    thing: Thing,
    duty: Duty,
    *,
    owner_id: int | None,
    due: datetime | None = None,
    degree: int | None = None,
    at: datetime | None = None,
) -> None:
    """Begin the clock of a duty with its owner, from a moment on (now, where None). One that runs already goes on.

    It runs out at `due` where a person chose a day, and as its rule says where None. `degree` says which rule is its
    own, where there is one for each of several.
    """
    clocks.start_of(thing.subject, thing.id, duty, at=at or clock.now(), degree=degree, owner_id=owner_id)
    if due is not None:
        fall_due(thing, duty, due)


def fall_due(thing: Thing, duty: Duty, at: datetime) -> None:
    """Let the running clock of a duty run out at another moment. What has run out already stays missed."""
    for one in _running(thing, duty):
        clocks.run_until(one, at)


def met(thing: Thing, *duties: Duty, at: datetime | None = None) -> None:
    """Note that duties were done, now or at a moment that a person names: in time, or missed."""
    for one in _running(thing, *duties):
        if at is not None and at <= one.due_at:
            clocks.finish(one, ClockEnd.MET)
            one.breached_at = None
        else:
            clocks.finish(one)
        one.ended_at = at or one.ended_at


def unmet(thing: Thing, duty: Duty) -> None:
    """Let the clock of a duty go on that was done, and turns out not to be. What has run out stays missed."""
    last = next((one for one in reversed(of(thing)) if one.duty is duty), None)
    if last is not None and last.ending in {ClockEnd.MET, ClockEnd.MISSED}:
        last.ended_at = last.ending = None
        clocks.run_until(last, last.due_at)


def void(thing: Thing, *duties: Duty) -> None:
    """End the clocks of `duties` (of all, where none is named), since nothing is left to do.

    What has run out by then was missed, and stays so: a late duty is not undone by there being nothing left to do.
    """
    now = clock.now()
    for one in _running(thing, *duties):
        if one.paused_at is None and rules.is_over(now, one.due_at):
            clocks.finish(one, ClockEnd.MISSED)
        else:
            clocks.drop(one)


def drop(thing: Thing) -> None:
    """End all clocks of a thing that never counted, such as a drill: also what has run out is void."""
    for one in _running(thing):
        clocks.drop(one)


def hand(thing: Thing, owner_id: int | None) -> None:
    """Let somebody else answer for what runs for a thing."""
    for one in _running(thing):
        one.owner_id = owner_id


def of(thing: Thing) -> list[Clock]:
    """Return all clocks of one thing, in the order they began."""
    query = select(Clock).where(Clock.subject == thing.subject, Clock.subject_id == thing.id)
    return list(db.session.scalars(query.order_by(Clock.started_at, Clock.id).options(joinedload(Clock.rule))))


def running(subject: Subject, ids: Sequence[int]) -> dict[int, Clock]:
    """Return the clock that runs out first of each of some things, by their id; nothing of those none runs for."""
    query = select(Clock).where(Clock.subject == subject, Clock.subject_id.in_(ids), Clock.ended_at.is_(None))
    last_first = query.order_by(Clock.due_at.desc(), Clock.id.desc())
    return {one.subject_id: one for one in db.session.scalars(last_first)} if ids else {}


def list_owned(person: Staff, *, most: int) -> list[Clock]:
    """Return what runs that a person answers for, soonest first; what stands still comes after all that does not."""
    query = select(Clock).where(Clock.owner_id == person.id, Clock.ended_at.is_(None))
    order = Clock.paused_at.is_not(None), Clock.due_at, Clock.id
    return list(db.session.scalars(query.order_by(*order).limit(most).options(joinedload(Clock.rule))))


def get(key: str, *, by: Staff) -> StandingDuty:
    """Return a duty that comes round again by its key. Raises NotFound, also for people who may not see any."""
    found = db.session.scalar(select(StandingDuty).where(StandingDuty.key == key))
    if found is None or not by.has(*READERS):
        raise NotFound(f"no standing duty {key}")
    return found


def list_standing() -> list[StandingDuty]:
    """Return all duties that come round again, in the order of their kinds."""
    found = db.session.scalars(select(StandingDuty).options(joinedload(StandingDuty.owner)))
    order = list(Duty)
    return sorted(found, key=lambda one: (order.index(one.duty), one.id))


def last_marks(those: Iterable[StandingDuty]) -> dict[int, DutyMark]:
    """Return when each of some standing duties was last done, or tried, by its id."""
    newest = select(func.max(DutyMark.id)).where(DutyMark.standing_id.in_([one.id for one in those]))
    query = select(DutyMark).where(DutyMark.id.in_(newest.group_by(DutyMark.standing_id)))
    return {mark.standing_id: mark for mark in db.session.scalars(query.options(joinedload(DutyMark.noted_by)))}


def last_done(those: Iterable[StandingDuty]) -> dict[int, datetime]:
    """Return when each of some standing duties was last done, by its id; not when it was only tried."""
    query = select(DutyMark.standing_id, func.max(DutyMark.done_at)).where(
        DutyMark.standing_id.in_([one.id for one in those]), DutyMark.worked, DutyMark.done_at <= clock.now()
    )
    return {number: at for number, at in db.session.execute(query.group_by(DutyMark.standing_id))}  # noqa: C416 -- rows


def history(one: StandingDuty, *, most: int) -> list[DutyMark]:
    """Return the times a standing duty was done or tried, newest first."""
    query = select(DutyMark).where(DutyMark.standing_id == one.id).options(joinedload(DutyMark.noted_by))
    return list(db.session.scalars(query.order_by(DutyMark.id.desc()).limit(most)))


def owners(one: StandingDuty) -> list[DutyOwner]:
    """Return who answered for a standing duty, newest first."""
    query = select(DutyOwner).where(DutyOwner.standing_id == one.id).options(joinedload(DutyOwner.staff))
    return list(db.session.scalars(query.order_by(DutyOwner.id.desc())))


def note(one: StandingDuty, *, worked: bool, words: str, done_at: datetime | None, by: Staff) -> DutyMark:
    """Note at a duty itself that it was done, or did not work. What has a record of its own is done by that record.

    Raises as `mark` and `require_lately`, and Refused (`note`, `elsewhere`) where only a record can show that.
    """
    if worked and one.duty in duty_names.RECORDED:
        raise Refused(("note", "elsewhere"))
    require_lately(done_at)
    return mark(one, worked=worked, note=words, done_at=done_at, by=by)


def require_lately(done_at: datetime | None) -> None:
    """Raise Refused (`done_at`, `too_old`) for a typed moment more than `OLDEST` back."""
    if done_at is not None and done_at < clock.now() - OLDEST:
        raise Refused(("done_at", "too_old"))


def mark(one: StandingDuty, *, worked: bool, note: str, done_at: datetime | None, by: Staff) -> DutyMark:
    """Note that a standing duty was done, now or at a moment before. Where it did not work, its clock goes on.

    The next round begins when it was done; what is put on record later than something newer moves no clock.

    Raises Forbidden for people who keep no duty, Refused((field, code), ...) for a moment that lies ahead and for words
    that are missing where it did not work, too long, or hold an address.
    """
    if not by.has(*KEEPERS):
        raise Forbidden("this duty is kept by others")
    now = clock.now()
    note, fault = clear_words.judge(note, LONGEST_NOTE, needed=not worked)
    wrong = [("note", fault)] if fault else []
    if done_at is not None and done_at > now:
        wrong.append(("done_at", "ahead"))
    if wrong:
        raise Refused(*wrong)
    added = DutyMark(
        standing_id=one.id, worked=worked, note=note, done_at=done_at or now, noted_at=now, noted_by_id=by.id
    )
    is_newest = worked and not _was_done_after(one, added.done_at, now)
    db.session.add(added)
    if is_newest:
        met(_of(one), one.duty, at=added.done_at)
        db.session.flush()
        _begin(one, at=added.done_at)
    audit.record(by, "did duty" if worked else "tried duty", f"duty {one.key}")
    return added


def give(one: StandingDuty, owner: Staff | None, *, by: Staff) -> None:
    """Say who answers for a standing duty from now on; None: nobody.

    Raises Forbidden for people who may not say so, Refused for an owner whose account is closed or who keeps no duty.
    """
    if not by.has(*GIVERS):
        raise Forbidden("the liaison or a manager says who owns a duty")
    if owner is not None and not (owner.active and owner.has(*KEEPERS)):
        raise Refused(("owner", "unknown"))
    if one.owner_id == (owner.id if owner else None):
        return
    _hand_over(one, owner, by=by)


def get_clock(clock_id: int, *, by: Staff) -> Clock:
    """Return a running clock of the code of practice. Raises NotFound, also for people who may not see them."""
    found = db.session.get(Clock, clock_id)
    if found is None or found.duty not in rules.OF_PRACTICE or found.ended_at is not None or not by.has(*READERS):
        raise NotFound(f"no clock {clock_id}")
    return found


def clock_of(one: StandingDuty) -> Clock | None:
    """Return the clock that runs for a standing duty; None until the sweeper has begun one."""
    return next(iter(_running(_of(one))), None)


def may_own(one: Clock | StandingDuty, person: Staff) -> bool:
    """Whether somebody may answer for this: who keeps such duties, or whom the thing itself may belong to."""
    how = duty_names.NAMES.get(one.subject) if isinstance(one, Clock) else None
    if how is not None and how.keepers:
        return person.active and person.has(*how.keepers)
    return person.active and (person.has(*KEEPERS) or bool(how and how.owner and not person.has(Role.COUNSELLOR)))


def is_personal(one: Clock) -> bool:
    """Whether nobody else can do what a clock runs for in the place of who answers for it."""
    how = duty_names.NAMES.get(one.subject)
    return how is not None and how.is_personal


def hand_over(one: Clock, owner: Staff | None, *, by: Staff) -> None:
    """Let somebody else answer for one duty, or nobody. A thing that says itself whose it is says so from now on.

    Raises Forbidden for people who may not say so, Refused (`owner`, code) for who may not own it, and for what nobody
    else can do for a person.
    """
    if not by.has(*GIVERS):
        raise Forbidden("the liaison or a manager says who owns a duty")
    how = duty_names.NAMES.get(one.subject)
    if how is not None and how.is_personal:
        raise Refused(("owner", "personal"))
    if owner is not None and not may_own(one, owner):
        raise Refused(("owner", "unknown"))
    if one.owner_id == (owner.id if owner else None):
        return
    if one.subject is Subject.STANDING_DUTY:
        _hand_over(db.session.get_one(StandingDuty, one.subject_id), owner, by=by)
        return
    one.owner_id = owner.id if owner else None
    if how is not None and how.owner is not None:
        table = how.owner.class_
        follows = how.owner.is_not(None) if how.follows is None else how.follows
        theirs = table.id == one.subject_id, follows
        db.session.execute(update(table).where(*theirs).values({how.owner.key: one.owner_id}))
    audit.record(by, "gave duty", _trail(one), duty=one.duty, to=owner.number if owner else "nobody")


def hand_over_all(before: Staff | None, owner: Staff, *, by: Staff) -> int:
    """Let `owner` answer for all that `before` did (None: for what nobody did). Returns how much that was.

    What nobody else can do for a person, and what `owner` may not own, stays. Raises Forbidden for people who may not
    say so, Refused (`owner`, code) for a closed account, who keeps no duty, or the same person twice.
    """
    if not by.has(*GIVERS):
        raise Forbidden("the liaison or a manager says who owns a duty")
    if not (owner.active and owner.has(*KEEPERS)):
        raise Refused(("owner", "unknown"))
    if before is not None and before.id == owner.id:
        raise Refused(("owner", "same"))
    whose = before.id if before else None
    standing = db.session.scalars(select(StandingDuty).where(StandingDuty.owner_id == whose)).all()
    for one in standing:
        _hand_over(one, owner, by=by)
    db.session.flush()
    owned = select(Clock).where(Clock.owner_id == whose, Clock.ended_at.is_(None), OF_PRACTICE)
    moved = [one for one in db.session.scalars(owned).all() if not is_personal(one) and may_own(one, owner)]
    for one_clock in moved:
        hand_over(one_clock, owner, by=by)
    return len(standing) + len(moved)


def pause(one: Clock, reason: str, *, by: Staff) -> None:
    """Let a clock of the code of practice stand still. The time that is left is left when it goes on.

    Raises Forbidden for people who keep no duty, Refused (`reason`, code) for no reason or a duty that never stands
    still, WrongState when it stands still already or has run out.
    """
    if not by.has(*KEEPERS):
        raise Forbidden("this duty is kept by others")
    if one.duty in NEVER_STILL:
        raise Refused(("reason", "never"))
    if reason not in set(PauseReason):
        raise Refused(("reason", "required"))
    if one.paused_at or rules.is_over(clock.now(), one.due_at):
        raise WrongState(f"clock {one.id} stands still, or has run out")
    clocks.halt(one, PauseReason(reason), by=by)
    audit.record(by, "paused clock", _trail(one), duty=one.duty, reason=reason)


def resume(one: Clock, *, by: Staff) -> None:
    """Let a clock go on with the time that was left. Raises Forbidden, WrongState when it does not stand still."""
    if not by.has(*KEEPERS):
        raise Forbidden("this duty is kept by others")
    if one.paused_at is None:
        raise WrongState(f"clock {one.id} runs")
    clocks.carry_on(one)
    audit.record(by, "resumed clock", _trail(one), duty=one.duty)


def let_go(person: Staff, *, by: Staff | None) -> int:
    """Leave what a person answers for without an owner, as their account closes. Returns how much that was."""
    standing = db.session.scalars(select(StandingDuty).where(StandingDuty.owner_id == person.id)).all()
    for one in standing:
        _hand_over(one, None, by=by)
    db.session.flush()
    owned = db.session.scalars(select(Clock).where(Clock.owner_id == person.id, Clock.ended_at.is_(None))).all()
    for running_clock in owned:
        if is_personal(running_clock):  # nobody else can do it for them, so nothing is left to do
            clocks.drop(running_clock)
        else:
            running_clock.owner_id = None
    return len(standing) + sum(not is_personal(one) for one in owned)


def let_go_of_others(person: Staff, *, by: Staff | None) -> int:
    """Leave without an owner what a person may not answer for any more, with other roles. Returns how much that was."""
    standing = db.session.scalars(select(StandingDuty).where(StandingDuty.owner_id == person.id)).all()
    lost = [one for one in standing if not may_own(one, person)]
    for one in lost:
        _hand_over(one, None, by=by)
    db.session.flush()
    owned = db.session.scalars(select(Clock).where(Clock.owner_id == person.id, Clock.ended_at.is_(None), OF_PRACTICE))
    orphans = [one for one in owned.all() if not is_personal(one) and not may_own(one, person)]
    for running_clock in orphans:
        running_clock.owner_id = None
    return len(lost) + len(orphans)


def sweep() -> None:
    """Begin the clocks of standing duties for which none runs: once they are there, and after any loss."""
    if db.session.scalar(_without_clock().with_only_columns(StandingDuty.id).limit(1)) is None:
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for one in db.session.scalars(_without_clock()).all():
            _begin(one, at=None)


def _without_clock() -> Select[StandingDuty]:
    of_it = select(Clock.id).where(
        Clock.subject == Subject.STANDING_DUTY, Clock.subject_id == StandingDuty.id, Clock.ended_at.is_(None)
    )
    return select(StandingDuty).where(~of_it.exists())


def _was_done_after(one: StandingDuty, at: datetime, now: datetime) -> bool:
    """Whether it is on record that a standing duty was done later than `at`. A mark from a clock that was set back
    since, which lies ahead of now, does not count.
    """
    later = select(DutyMark.id).where(DutyMark.standing_id == one.id, DutyMark.worked, DutyMark.done_at > at)
    return db.session.scalar(later.where(DutyMark.done_at <= now).limit(1)) is not None


def _trail(one: Clock) -> str:
    """Return how the audit trail names what a clock is about."""
    about = duty_names.named([one]).get((one.subject, one.subject_id))
    return f"{one.subject} {about.ref if about else one.subject_id}"


def _begin(one: StandingDuty, *, at: datetime | None) -> None:
    begin(_of(one), one.duty, owner_id=one.owner_id, degree=one.degree, at=at)


def _hand_over(one: StandingDuty, owner: Staff | None, *, by: Staff | None) -> None:
    one.owner_id = owner.id if owner else None
    db.session.add(
        DutyOwner(standing_id=one.id, staff_id=one.owner_id, since_at=clock.now(), given_by_id=by.id if by else None)
    )
    hand(_of(one), one.owner_id)
    audit.record(by, "gave duty", f"duty {one.key}", to=owner.number if owner else "nobody")


def _of(one: StandingDuty) -> Thing:
    return Thing(Subject.STANDING_DUTY, one.id)


def _running(thing: Thing, *duties: Duty) -> Sequence[Clock]:
    query = select(Clock).where(Clock.subject == thing.subject, Clock.subject_id == thing.id, Clock.ended_at.is_(None))
    return db.session.scalars(query.where(Clock.duty.in_(duties)) if duties else query).all()
