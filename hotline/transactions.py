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
from hotline.extensions import FRONT, db

P = ParamSpec("P")
R = TypeVar("R")
OPEN = "hotline.transactions.open"
AFTERWARDS = "hotline.transactions.afterwards"


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
        raise
    finally:
        session.info.pop(OPEN)
        if waiting := session.info.pop(AFTERWARDS, None):
            with apart(db.engine) as another:
                for put in waiting:
                    put(another)
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
