"""Whether the parts that this process needs answer."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs
from hotline.errors import StorageFull
from hotline.extensions import db


def stores_answer() -> bool:
    """Return whether every store this process uses answers a query."""
    try:
        for engine in db.engines.values():
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, StorageFull) as exc:
        logs.fault(exc, doing="asking a store")
        return False
    return True
