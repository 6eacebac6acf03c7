"""Trainings and vettings of the people at the desk, until when each holds. Nothing about health or private life."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.staff import Staff
from hotline.models.training import Training
from hotline.rules import trainings as rules
from hotline.rules.trainings import Said
from hotline.services import audit, duties
from hotline.services.duties import Thing
from hotline.transactions import writing
from hotline.vocabulary import Duty, Subject, TrainingKind

COLUMNS = ("done_on", "kind", "name", "person", "expires_on", "noted_at", "noted_by")
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many open accounts there are, how many have a vetting that holds, and what of theirs has run out."""

    people: int
    vetted: int
    expired_vettings: int
    expired_trainings: int


@dataclass(frozen=True, slots=True)
class Person:
    """One person, and of each kind the training or vetting that they did last; `expired` hold no more."""

    staff: Staff
    newest: list[Training]
    expired: list[Training]

    @property
    def vetting(self) -> Training | None:
        """The vetting done last, whether or not it holds."""
        return next((one for one in self.newest if one.kind is TrainingKind.VETTING), None)

    @property
    def is_vetted(self) -> bool:
        """Whether there is a vetting that holds."""
        return self.vetting is not None and self.vetting not in self.expired


def list_people(*, by: Staff) -> list[Person]:
    """Return everybody with an open account, by number. Raises NotFound for other people."""
    if not by.has(*duties.READERS):
        raise NotFound("no trainings")
    return _people()


def of(person: Staff) -> Person:
    """Return what one person did last of each kind. Their own page shows no more."""
    return _person(person, _all([person.id]))


def history(person: Staff) -> list[Training]:
    """Return all that was noted of a person, newest first, struck ones too."""
    query = select(Training).where(Training.staff_id == person.id).options(joinedload(Training.noted_by))
    return list(db.session.scalars(query.order_by(Training.done_on.desc(), Training.id.desc())))


def get(training_id: int, *, of: Staff, by: Staff) -> Training:
    """Return one training of a person. Raises NotFound, also for people who may not enter any."""
    found = db.session.get(Training, training_id)
    if found is None or found.staff_id != of.id or not by.has(*duties.KEEPERS):
        raise NotFound(f"no training {training_id}")
    return found


def enter(person: Staff, said: Said, *, by: Staff) -> Training:
    """Note a training or vetting. The one before it is repeated, and so done; the clock of this one begins.

    Raises Refused for what is wrong, and for one's own vetting, which another has to look at.
    """
    if not by.has(*duties.KEEPERS):
        raise Forbidden("others keep the list of trainings")
    kept, faults = rules.judge(said, today=jurisdiction.today())
    if kept.kind is TrainingKind.VETTING and person.id == by.id:
        faults = (*faults, ("kind", "own"))
    if not person.active:
        faults = (*faults, ("person", "closed"))
    if faults or kept.kind is None or kept.done_on is None:
        raise Refused(*faults)
    before = rules.newest(_all([person.id]))
    added = Training(
        staff_id=person.id,
        kind=kept.kind,
        name=kept.name,
        done_on=kept.done_on,
        expires_on=kept.expires_on,
        noted_at=clock.now(),
        noted_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    holding = rules.newest(_all([person.id]))
    for one in before:
        if one not in holding:
            duties.met(_of(one), Duty.RENEW_TRAINING)
    if added in holding:
        _begin(added)
    audit.record(by, "noted a training", f"staff {person.number}", kind=kept.kind)
    return added


def strike(training: Training, *, by: Staff) -> None:
    """Say that a training was noted by mistake. It stays to be seen; the one before it counts again."""
    if not by.has(*duties.KEEPERS):
        raise Forbidden("others keep the list of trainings")
    if training.struck_at:
        raise WrongState(f"training {training.id} is struck already")
    training.struck_at, training.struck_by_id = clock.now(), by.id
    db.session.flush()
    duties.drop(_of(training))
    again = [one for one in rules.newest(_all([training.staff_id])) if one.kind is training.kind]
    for one in again:
        _begin(one)
    audit.record(by, "struck a training", f"staff {training.staff.number}", kind=training.kind)


def list_ending(person: Staff) -> list[Training]:
    """Return a person's own trainings that have run out or soon will, the first to end first."""
    limit = jurisdiction.today() + SOON
    found = [one for one in of(person).newest if one.expires_on is not None and one.expires_on <= limit]
    return sorted(found, key=lambda one: one.expires_on or limit)


def sweep() -> None:
    """End the clocks of trainings of closed accounts, and begin those that are missing: of who is there again."""
    if db.session.scalar(_of_closed().limit(1)) is None and not _without_clock():
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for training_id in db.session.scalars(_of_closed()).all():
            duties.void(Thing(Subject.TRAINING, training_id))
        for one in _without_clock():
            _begin(one)


def evidence() -> Evidence:
    """Return how far the people at the desk are vetted and trained."""
    found = _people()
    expired = [one for person in found for one in person.expired]
    vettings = sum(one.kind is TrainingKind.VETTING for one in expired)
    return Evidence(len(found), sum(one.is_vetted for one in found), vettings, len(expired) - vettings)


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the trainings noted in a period, and those that ran out in it, by day. See `COLUMNS`."""
    if not by.has(*duties.READERS):
        raise NotFound("no trainings")
    zone = jurisdiction.current().zone
    first, last = (at.astimezone(zone).date() for at in (since, until))
    noted = Training.noted_at >= since, Training.noted_at < until
    ran_out = Training.expires_on >= first, Training.expires_on < last
    query = select(Training).where(or_(noted[0] & noted[1], ran_out[0] & ran_out[1]), Training.struck_at.is_(None))
    people = joinedload(Training.staff), joinedload(Training.noted_by)
    for one in db.session.scalars(query.order_by(Training.done_on, Training.id).options(*people)):
        yield (
            one.done_on.isoformat(),
            one.kind,
            one.name,
            one.staff.number,
            one.expires_on.isoformat() if one.expires_on else "",
            one.noted_at.astimezone(UTC).isoformat(timespec="seconds"),
            one.noted_by.number,
        )


def _people() -> list[Person]:
    found = db.session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)).all()
    trainings = _all([one.id for one in found])
    return [_person(one, [each for each in trainings if each.staff_id == one.id]) for one in found]


def _person(person: Staff, found: Sequence[Training]) -> Person:
    newest, today = rules.newest(found), jurisdiction.today()
    return Person(person, newest, [one for one in newest if rules.is_expired(one, today)])


def _all(staff_ids: Sequence[int]) -> Sequence[Training]:
    query = select(Training).where(Training.staff_id.in_(staff_ids), Training.struck_at.is_(None))
    return db.session.scalars(query).all()


def _of_closed() -> Select[int]:
    query = select(Training.id).join(Training.staff).join(Clock, Clock.subject_id == Training.id)
    return query.where(Clock.subject == Subject.TRAINING, Clock.ended_at.is_(None), ~Staff.active)


def _without_clock() -> list[Training]:
    """Return what ends of the newest trainings of open accounts, where no clock runs for it."""
    there = db.session.scalars(
        select(Training).join(Training.staff).where(Staff.active, Training.struck_at.is_(None))
    ).all()
    running = duties.running(Subject.TRAINING, [one.id for one in there])
    return [one for one in rules.newest(there) if one.expires_on is not None and one.id not in running]


def _of(training: Training) -> Thing:
    return Thing(Subject.TRAINING, training.id)


def _begin(training: Training) -> None:
    if training.expires_on is not None:
        due = end_of(training.expires_on)
        duties.begin(_of(training), Duty.RENEW_TRAINING, owner_id=training.staff_id, due=due)


def end_of(day: date) -> datetime:
    """Return the moment a day ends in the country."""
    return datetime.combine(day + timedelta(days=1), time(), jurisdiction.current().zone)
