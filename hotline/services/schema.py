"""Both stores' tables, brought up to date by numbered migrations, one process at a time."""

import fcntl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, inspect

from hotline import vault
from hotline.config import settings
from hotline.extensions import FRONT, db

if TYPE_CHECKING:
    from alembic.config import Config  # 7 MB with what it brings: only whoever migrates holds them

MIGRATIONS = Path(__file__).parents[2] / "migrations"
STORES = {"front": FRONT, "desk": None}


def upgrade() -> None:
    """Bring both stores to the newest migration. Waits while another process does it."""
    with alone():
        for store in STORES:
            _keep_private(db.engines[STORES[store]])
            run(store, "upgrade", "head")


def run(store: str, verb: str, revision: str) -> None:
    """Run `upgrade` or `downgrade` on one store: wholly, or not at all."""
    engine = db.engines[STORES[store]].execution_options(writes=True)
    with engine.connect() as connection, _tables_may_move(connection), connection.begin():
        getattr(import_module("alembic.command"), verb)(config(store, connection), revision)
        _check_references(connection)


def lay(store: str, connection: Connection, revision: str) -> None:
    """Make the tables of an empty store as they were at a migration, in the caller's transaction."""
    import_module("alembic.command").upgrade(config(store, connection), revision)


def knows(store: str, revision: str) -> bool:
    """Whether this program has a migration: what a newer one has made, it has not."""
    return (MIGRATIONS / store).is_dir() and any((MIGRATIONS / store).glob(f"{int(revision):04}_*.py"))


def newest(store: str) -> str:
    """Return the newest migration of one store that this program has, such as `0036`."""
    return max(path.name[:4] for path in (MIGRATIONS / store).glob("[0-9][0-9][0-9][0-9]_*.py"))


def standing(store: str) -> str:
    """Return the migration that one store is at; empty where it has none."""
    with db.engines[STORES[store]].connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def config(store: str, connection: Connection) -> "Config":
    """Return Alembic's settings for one store."""
    found: Config = import_module("alembic.config").Config()
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
def _tables_may_move(connection: Connection) -> Iterator[None]:
    """Let SQLite put a new table in the place of an old one: its foreign keys sleep, and are checked at the end."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # the pragma does nothing inside a transaction
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    """Refuse a migration that leaves a row pointing nowhere. PostgreSQL has checked by itself."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("the migration leaves rows that point nowhere; nothing was changed")


def _keep_private(engine: Engine) -> None:
    """Make a SQLite file that only its owner can open, where SQLite would go by the umask; its journals take after it.

    One that stands keeps what its group may (the front store of two Unix users) and loses what anybody may.
    """
    place = engine.url.database or ""
    if engine.dialect.name != "sqlite" or place.startswith(("file:", ":")):
        return  # a server's, or named in a way of SQLite's own
    path = Path(place)
    path.touch(mode=0o600)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IRWXO:
        path.chmod(mode & ~stat.S_IRWXO)


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else make or fill stores meanwhile."""
    folder = settings().data_dir
    vault.make_private(folder)
    place = folder / "schema.lock"
    place.touch(mode=0o600)
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
