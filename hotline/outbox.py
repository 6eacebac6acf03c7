"""Work that must happen later: a row first, a hint to the queue after the commit, and the sweeper as the guarantee.

A row says which job (dotted path) and which record (id). It goes when the job has done its work, in the same
transaction. Losing the queue loses nothing: the sweeper reads the rows. Running a job twice changes nothing.
"""

from datetime import datetime, timedelta

from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import clock, logs
from hotline.extensions import Model

QUEUE = "hotline"
HINT_AGAIN = timedelta(seconds=60)
JOB_SECONDS = 120
PENDING = "hotline.outbox.pending"


class Task(Model):
    """One thing that must happen. Never holds anything but ids."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("job", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    record_id: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    hinted: Mapped[int] = mapped_column(default=0)


def put(session: Session, job: str, record_id: int, *, due_at: datetime | None = None) -> None:
    """Add a row in the caller's transaction. It is hinted to the queue after the commit when already due."""
    due = due_at or clock.now()
    task = session.scalar(select(Task).where(Task.job == job, Task.record_id == record_id))
    if task is None:
        task = Task(job=job, record_id=record_id, due_at=due, hinted=0)
        session.add(task)
        session.flush()
    else:
        task.due_at = due
    if due <= clock.now():
        session.info.setdefault(PENDING, []).append(task.id)


def done(session: Session, job: str, record_id: int) -> None:
    """Take the row away in the transaction that did its work."""
    session.execute(delete(Task).where(Task.job == job, Task.record_id == record_id))


def later(session: Session, job: str, record_id: int, *, due_at: datetime) -> None:
    """Put the work off, after a failure that a retry may mend."""
    session.execute(update(Task).where(Task.job == job, Task.record_id == record_id).values(due_at=due_at))


def take_due(session: Session, *, most: int) -> list[tuple[str, int, int]]:
    """Return (job, record id, attempt) of rows that are due, soonest first, and put their next hint off."""
    rows = session.scalars(select(Task).where(Task.due_at <= clock.now()).order_by(Task.due_at, Task.id).limit(most))
    taken = []
    for task in rows:
        task.hinted += 1
        task.due_at = clock.now() + HINT_AGAIN
        taken.append((task.job, task.record_id, task.hinted))
    return taken


def take_pending(session: Session) -> list[tuple[str, int, int]]:
    """Return what this session's last commit left to hint, and forget it."""
    ids = session.info.pop(PENDING, [])
    rows = session.scalars(select(Task).where(Task.id.in_(ids)).order_by(Task.id)).all() if ids else []
    return [(task.job, task.record_id, task.hinted) for task in rows]


def queue() -> Queue:
    """Return the RQ queue of the running app, with JSON jobs only."""
    found = current_app.extensions["hotline.queue"]
    assert isinstance(found, Queue)
    return found


def make_queue(redis_url: str) -> Queue:
    """Connect lazily to the queue server; a dead one must be noticed within a second."""
    connection = Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=None)
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


def hint(tasks: list[tuple[str, int, int]]) -> bool:
    """Tell the queue about work that stands in the database. Returns False when the queue server is away."""
    try:
        for job, record_id, attempt in tasks:
            queue().enqueue(
                job,
                record_id,
                job_id=f"{job.rpartition('.')[2]}-{record_id}-{attempt}",
                result_ttl=0,
                failure_ttl=3600,
            )
    except (RedisError, OSError) as exc:
        logs.fault(exc, doing="hinting the queue")
        return False
    return True
