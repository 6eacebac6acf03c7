"""Where a transaction begins to write, and where it ends.

A store that is full, locked for too long or away raises StorageFull by itself, wherever it is used (`extensions.tune`);
a mistake of ours, such as a missing table, stays what it is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline import outbox
from hotline.extensions import FRONT, PATIENCE, db

P = ParamSpec("P")
R = TypeVar("R")
OPEN = "hotline.transactions.open"
AFTERWARDS = "hotline.transactions.afterwards"
ERASES = "hotline.transactions.erases"
FOR_READERS = 500  # milliseconds to wait until nobody reads the journal; whoever wants to write waits as long


def commits(function: Callable[P, R]) -> Callable[P, R]:
    """Make a view or job one desk transaction: it writes from its first query on, commits at its end, then hints.

    Any exception rolls everything back. Outside of it a request can only read: SQLite's write lock is never taken.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with writing():
            return function(*args, **kwargs)

    wrapper.__dict__["commits"] = True
    return wrapper


@contextmanager
def writing() -> Iterator[None]:
    """Write to the desk's store: commit at the end, or undo everything. Then tell the queue what is waiting.

    The desk has one writer at a time, on both databases: what this transaction has read cannot change under it.
    """
    session = db.session()
    if session.info.get(OPEN):
        raise RuntimeError("writing() inside writing() would undo what stands so far")
    session.rollback()  # ends the read-only transaction that loading the signed-in person has begun
    session.info[OPEN] = True
    try:
        session.connection(bind_arguments={"bind": db.engine}, execution_options={"writes": True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop(outbox.PENDING, None)
        session.info.pop(ERASES, None)
        raise
    finally:
        session.info.pop(OPEN)
        if waiting := session.info.pop(AFTERWARDS, None):
            with apart(db.engine) as another:
                for put in waiting:
                    put(another)
    if session.info.pop(ERASES, False):
        leave_no_trace()
    if session.info.pop(outbox.PENDING, False):
        outbox.hint()


def afterwards(put: Callable[[Session], None]) -> None:
    """Write in a short transaction of its own once this one has ended, however it ends: also what is refused counts.

    Only inside `writing()`.
    """
    session = db.session()
    if not session.info.get(OPEN):
        raise RuntimeError("afterwards() belongs inside writing(): only that ends")
    session.info.setdefault(AFTERWARDS, []).append(put)


def erases() -> None:
    """Say that this transaction erases what must stand nowhere any more: `leave_no_trace` follows once it has ended.

    Only inside `writing()`.
    """
    session = db.session()
    if not session.info.get(OPEN):
        raise RuntimeError("erases() belongs inside writing(): only that ends")
    session.info[ERASES] = True


def leave_no_trace() -> None:
    """Empty SQLite's journals, in which what was erased still stands. Never inside a transaction.

    Where somebody reads for long, or this process is killed before, it stays undone: the sweeper does it once a day.
    """
    db.session.rollback()
    for engine in (desk_engine(), front_engine()):
        if engine.dialect.name == "sqlite":
            _empty_journal(engine)


def _empty_journal(engine: Engine) -> None:
    """Outside any transaction, which SQLAlchemy would begin."""
    raw = engine.raw_connection()
    cursor = raw.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={FOR_READERS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
        cursor.close()
        raw.close()


@contextmanager
def apart(engine: Engine) -> Iterator[Session]:
    """Give a short write transaction of its own: audit of reads, sign-in counts, receipts.

    For the desk's engine never inside `writing()`: the two would wait for each other until patience ends.
    """
    with Session(engine) as session:
        session.connection(execution_options={"writes": True})
        yield session
        session.commit()


def front_engine() -> Engine:
    """Return the engine of the front store."""
    return db.engines[FRONT]


def desk_engine() -> Engine:
    """Return the engine of the desk's store."""
    return db.engine
