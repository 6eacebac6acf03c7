"""Work that must happen later: a row first, a hint to the queue after the commit, and the sweeper as the guarantee.

A row says which job (dotted path) and which record (id). It goes when the job has done its work, in the same
transaction. The hint says nothing but «look at the rows», and one that waits stands for all of them. Losing the queue
loses nothing: the sweeper reads the rows too. Running a job twice changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import BindParameter, ColumnElement, Table, UniqueConstraint, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from hotline import clock, logs
from hotline.extensions import Model, change_unseen

QUEUE = "hotline"
HINT = "hotline.jobs.rows.work_off"  # the only job the queue ever holds; it takes no arguments
TAKEN_FOR = timedelta(seconds=60)  # what is in somebody's hands, or failed there, is nobody else's for so long
JOB_SECONDS = 780  # longer than a round of the rows and the sending it ends with; `services/mailing.LEASE` adds it up
PENDING = "hotline.outbox.pending"


class Task(Model):
    """One thing that must happen. Never holds anything but ids."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("job", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    record_id: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    hinted: Mapped[int] = mapped_column(default=0)  # how often somebody took it since it was last put off


def _upsert(insert: Any) -> Any:
    return insert.on_conflict_do_update(index_elements=["job", "record_id"], set_={"due_at": insert.excluded.due_at})


# built once: what is said for every letter must not be put together anew for each
_UPSERTS = {
    one.__module__.split(".")[2]: _upsert(one(cast(Table, Task.__table__)))
    for one in (sqlite.insert, postgresql.insert)
}
_DONE = delete(Task).where(Task.job == bindparam("of"), Task.record_id.in_(bindparam("ids", expanding=True)))


def put(session: Session, job: str, *record_ids: int, due_at: datetime | None = None) -> None:
    """Add rows in the caller's transaction. The queue is told after the commit when they are due already."""
    due = due_at or clock.now()
    if not record_ids:
        return
    rows = [{"job": job, "record_id": record_id, "due_at": due, "hinted": 0} for record_id in record_ids]
    session.execute(_UPSERTS[session.get_bind(Task).dialect.name], rows)
    if due <= clock.now():
        session.info[PENDING] = True


def done(session: Session, job: str, *record_ids: int) -> None:
    """Take rows away in the transaction that did their work."""
    change_unseen(session, _DONE, {"of": job, "ids": record_ids})


def later(session: Session, job: str, record_id: int, *, due_at: datetime) -> None:
    """Put the work off, after a failure that a retry may mend."""
    row = update(Task).where(Task.job == job, Task.record_id == record_id)
    change_unseen(session, row.values(due_at=due_at, hinted=0), {})


def put_off(job: str, record_id: InstrumentedAttribute[int], now: BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition that the work was put off and is not due yet: whoever asks now comes too early."""
    row = select(Task.id).where(Task.job == job, Task.record_id == record_id)
    return row.where(Task.hinted == 0, Task.due_at > now).exists()


def take_due(session: Session, *, most: int) -> list[tuple[str, int]]:
    """Take rows that are due, soonest first: (job, record id). Nobody else takes them for the next minute."""
    rows = session.scalars(select(Task).where(Task.due_at <= clock.now()).order_by(Task.due_at, Task.id).limit(most))
    taken = []
    for task in rows:
        task.hinted += 1
        task.due_at = clock.now() + TAKEN_FOR
        taken.append((task.job, task.record_id))
    return taken


def waiting_since(session: Session) -> datetime | None:
    """Return since when the row that is due longest has been waiting for somebody to take it; None if none is due."""
    first = session.scalar(select(func.min(Task.due_at)))
    return first if first is not None and first <= clock.now() else None


def queue() -> Queue:
    """Return the RQ queue of the running app, with JSON jobs only."""
    found = current_app.extensions["hotline.queue"]
    assert isinstance(found, Queue)
    return found


def make_queue(redis_url: str) -> Queue:
    """Connect lazily to the queue server; people wait while it is told, so a dead one must be noticed at once."""
    connection = Redis.from_url(
        redis_url,
        socket_connect_timeout=0.5,
        socket_timeout=1.0,  # RQ's worker raises it for itself
        retry=Retry(NoBackoff(), 1),  # a connection that outlived its server is opened once more
    )
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


def hint() -> bool:
    """Tell the queue that there is work. Returns False when the queue server is away.

    A hint that waits already stands for everything: a thousand letters approved in a row are one job, not a thousand.
    """
    try:
        if not queue().count:
            queue().enqueue(HINT, result_ttl=0, failure_ttl=3600)
    except (RedisError, OSError) as exc:
        logs.fault(exc, doing="hinting the queue")
        return False
    return True
