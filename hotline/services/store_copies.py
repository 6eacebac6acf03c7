"""Both stores as they are at one moment, read out while everything runs.

SQLite gives its whole file, by its own way of copying one that is in use; PostgreSQL the rows of each table, as COPY
writes them, in a transaction that sees no later change. No program of PostgreSQL's is needed, and so none has to be of
the server's version.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, column, func, inspect, select, table, text

from hotline.errors import StorageFull
from hotline.services.backup_files import CHUNK, About, StoreSummary
from hotline.services.schema import STORES
from hotline.transactions import apart, desk_engine, front_engine

PLAIN_WORDS = (  # how values are written, whatever the server's own settings are
    text("SET LOCAL datestyle = 'ISO, MDY'"),
    text("SET LOCAL intervalstyle = 'postgres'"),
    text("SET LOCAL timezone = 'UTC'"),
    text("SET LOCAL bytea_output = 'hex'"),
    text("SET LOCAL extra_float_digits = 3"),
)
UNHURRIED = (  # a server may end what takes long, and what a slow disk lets wait
    text("SET LOCAL statement_timeout = 0"),
    text("SET LOCAL idle_in_transaction_session_timeout = 0"),
)
_VERSION = table("alembic_version", column("version_num"))
_ENTRIES = table("audit_entries", column("id"), column("hash"))
_SEQUENCES = text("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")


@dataclass(frozen=True, slots=True)
class Frozen:
    """One store as it was when both were frozen."""

    name: str
    connection: Connection

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.connection.dialect.name == "sqlite"

    def anchor(self) -> tuple[int, str]:
        """Return the number of the audit trail's last entry and its hash in hex; only the desk's store has one."""
        last = self.connection.execute(select(_ENTRIES).order_by(_ENTRIES.c.id.desc()).limit(1)).first()
        return (last.id, last.hash.hex()) if last else (0, "")

    def summary(self) -> StoreSummary:
        """Return how many rows each table has, and which migration the store is at."""
        names = sorted(inspect(self.connection).get_table_names())
        rows = {one: self.connection.scalar(select(func.count()).select_from(table(one))) or 0 for one in names}
        sequences = {} if self.is_sqlite else {name: last for name, last in self.connection.execute(_SEQUENCES) if last}
        revision = str(self.connection.scalar(select(_VERSION)))
        return StoreSummary(self.connection.dialect.name, revision, rows, sequences)

    def parts(self, folder: Path) -> Iterator[tuple[About, Iterator[bytes]]]:
        """Yield the parts of the store. `folder` has room for a copy of a SQLite file, for as long as that takes."""
        if self.is_sqlite:
            yield About("store", self.name), _file(self.connection, folder / f"{self.name}.copy")
            return
        for setting in PLAIN_WORDS:
            self.connection.execute(setting)
        for one, columns in sorted(_columns(self.connection).items()):
            yield About("store", self.name, one, columns), _rows(self.connection, one, columns)


@contextmanager
def frozen() -> Iterator[tuple[Frozen, Frozen]]:
    """Give the front store and the desk's, as they are at one moment, until the block ends. Nobody waits for that long.

    The desk's writers wait for the instant in which both are frozen: so what moves between them is in one of the two
    at least, in either direction, and moving it again does no harm. The front store comes first: a report that goes
    over is then in both, never in neither.
    """
    with ExitStack() as stack:
        with apart(desk_engine()):
            found = tuple(
                Frozen(name, stack.enter_context(_frozen(engine)))
                for name, engine in zip(STORES, (front_engine(), desk_engine()), strict=True)
            )
        yield cast(tuple[Frozen, Frozen], found)


@contextmanager
def said_plainly() -> Iterator[None]:
    """Let a store that breaks off while it is read or filled raise StorageFull, as it does everywhere else."""
    try:
        yield
    except (sqlite3.OperationalError, psycopg.OperationalError) as exc:
        raise StorageFull("a store cannot be used") from exc


def raw(connection: Connection) -> Any:
    """Return the driver's own connection, inside the same transaction."""
    return connection.connection.driver_connection


def is_whole(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file that nobody uses."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as opened:
        return bool(opened.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))


@contextmanager
def _frozen(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for setting in UNHURRIED:
                connection.execute(setting)
        connection.scalar(select(_VERSION))  # from its first query on a transaction sees no later change
        yield connection


def _file(connection: Connection, copy: Path) -> Iterator[bytes]:
    """Copy a SQLite file, look whether the copy is whole, and give its bytes; the copy's name is gone by then."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with said_plainly():
            with closing(sqlite3.connect(copy)) as into:
                raw(connection).backup(into)
            if not is_whole(copy):
                raise StorageFull("the copy of a store is damaged")
        file = copy.open("rb")
    finally:
        copy.unlink()
    with file:
        while block := file.read(CHUNK):
            yield block


def _columns(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table, without those that the database works out itself."""
    found = inspect(connection).get_multi_columns()
    return {
        one: tuple(each["name"] for each in columns if "computed" not in each) for (_, one), columns in found.items()
    }


def _rows(connection: Connection, one: str, columns: tuple[str, ...]) -> Iterator[bytes]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(one), names)
    with said_plainly(), raw(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)
