"""Whether the parts that this process needs answer, and could take something."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.services import disks


def stores_take_work() -> bool:
    """Return whether every store this process uses answers a query and can be written. Leaves nothing behind."""
    try:
        for engine in db.engines.values():
            require_answer(engine)
            disks.require_writable(engine)
    except (SQLAlchemyError, StorageFull) as exc:
        logs.fault(exc, doing="asking a store")
        return False
    return True


def require_answer(engine: Engine) -> None:
    """Ask a store for nothing. Raises StorageFull, or what SQLAlchemy says."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
