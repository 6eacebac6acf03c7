"""Both stores' tables, brought up to date by numbered migrations, one process at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData

from hotline.config import settings
from hotline.extensions import FRONT, db

MIGRATIONS = Path(__file__).parents[2] / "migrations"
STORES = {"front": FRONT, "desk": None}


def upgrade() -> None:
    """Bring both stores to the newest migration. Waits while another process does it."""
    with _alone():
        for store in STORES:
            run(store, "upgrade", "head")


def run(store: str, verb: str, revision: str) -> None:
    """Run `upgrade` or `downgrade` on one store."""
    engine = db.engines[STORES[store]]
    with engine.execution_options(writes=True).begin() as connection:
        getattr(command, verb)(config(store, connection), revision)


def config(store: str, connection: Connection) -> Config:
    """Return Alembic's settings for one store."""
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    found.set_main_option("version_locations", str(MIGRATIONS / store).replace("%", "%%"))
    found.set_main_option("path_separator", "newline")
    found.attributes["connection"] = connection
    found.attributes["metadata"] = metadata(store)
    return found


def metadata(store: str) -> MetaData:
    """Return the tables the models describe for one store."""
    return db.metadatas[STORES[store]]


@contextmanager
def _alone() -> Iterator[None]:
    folder = settings().data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "schema.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
