"""Where a transaction begins to write, and where it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hotline import outbox
from hotline.errors import StorageFull
from hotline.extensions import FRONT, db

P = ParamSpec("P")
R = TypeVar("R")


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
    """Write to the desk's store: commit at the end, or undo everything. Then tell the queue what is waiting."""
    session = db.session()
    session.rollback()  # ends the read-only transaction that loading the signed-in person has begun
    session.connection(bind_arguments={"bind": db.engine}, execution_options={"writes": True})
    try:
        yield
        session.commit()
    except OperationalError as exc:
        session.rollback()
        raise StorageFull("the desk's store cannot be written") from exc
    except BaseException:
        session.rollback()
        raise
    tasks = outbox.take_pending(session)
    session.rollback()
    if tasks:
        outbox.hint(tasks)


@contextmanager
def apart(engine: Engine) -> Iterator[Session]:
    """Give a short write transaction of its own, whatever the request is doing: audit of reads, sign-in counts."""
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
