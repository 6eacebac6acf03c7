"""Filling empty stores from a backup: unseen, in a file or transaction beside them, then one store after the other."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, table, text

from hotline.errors import Unreadable
from hotline.extensions import db
from hotline.services import schema
from hotline.services.backup_files import About, StoreSummary
from hotline.services.store_copies import PLAIN_WORDS, is_whole, raw, said_plainly

_REFERENCES = text(
    "SELECT conrelid::regclass::text AS of, conname AS name, pg_get_constraintdef(oid) AS said FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY of, name"
)


def engine_of(store: str) -> Engine:
    """Return the engine of a store by its name in a backup."""
    return db.engines[schema.STORES[store]]


def is_empty(store: str) -> bool:
    """Whether a store has no tables yet."""
    engine = engine_of(store)
    if engine.dialect.name == "sqlite" and not _place(engine).exists():
        return True  # to look would make a file
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def forget_fresh() -> None:
    """Take away what a filling that was broken off has left of files."""
    for store in schema.STORES:
        engine = engine_of(store)
        if engine.dialect.name == "sqlite":
            _fresh(engine).unlink(missing_ok=True)


class Filling:
    """Takes the parts of both stores in. Nothing of them is to be seen before `end`."""

    def __init__(self, stores: Mapping[str, StoreSummary], stack: ExitStack) -> None:
        self._stores, self._stack = stores, stack
        self._connections: dict[str, Connection] = {}
        self._references: dict[str, list[tuple[str, str, str]]] = {}

    def take(self, about: About, blocks: Iterator[bytes]) -> None:
        """Take one part in. Raises Unreadable for what no table of ours can hold, StorageFull."""
        if about.name not in self._stores:
            raise Unreadable("the backup holds a store that it does not name")
        with said_plainly():
            if about.table:
                self._take_rows(about, blocks)
            else:
                _write(_fresh(engine_of(about.name)), blocks)

    def check(self) -> None:
        """Count what was taken in, and let references hold again. Raises Unreadable."""
        for store, summary in self._stores.items():
            if summary.engine == "sqlite":
                _check_file(_fresh(engine_of(store)), summary)
                continue
            connection = self._open(store)
            with said_plainly(), raw(connection).cursor() as cursor:
                for of, name, said in self._references[store]:
                    cursor.execute(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(*_named(of, name, said)))
                for one in summary.rows:
                    cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(one)))
                for sequence, last in summary.sequences.items():
                    cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", (sequence, last))
            _check_rows(connection, summary)

    def end(self) -> None:
        """Let everything be seen."""
        for store in self._stores:
            if store in self._connections:
                self._connections[store].commit()
            elif self._stores[store].engine == "sqlite":
                _put_in_place(engine_of(store))

    def _take_rows(self, about: About, blocks: Iterator[bytes]) -> None:
        connection = self._open(about.name)
        if about.table not in self._stores[about.name].rows:
            raise Unreadable("the backup holds a table that it does not name")
        names = sql.SQL(", ").join(map(sql.Identifier, about.columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(about.table), names)
        with raw(connection).cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)

    def _open(self, store: str) -> Connection:
        """Begin to fill a PostgreSQL store: its tables as they were, bare of what would judge each row by itself."""
        if store not in self._connections:
            connection = self._stack.enter_context(engine_of(store).connect().execution_options(writes=True))
            connection.begin()
            schema.lay(store, connection, self._stores[store].revision)
            self._connections[store] = connection
            for setting in PLAIN_WORDS:
                connection.execute(setting)
            self._references[store] = [tuple(row) for row in connection.execute(_REFERENCES)]
            tables = sorted(inspect(connection).get_table_names())
            with raw(connection).cursor() as cursor:
                for of, name, said in self._references[store]:
                    cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*_named(of, name, said)[:2]))
                for one in tables:
                    cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(one)))
                every = sql.SQL(", ").join(map(sql.Identifier, tables))
                cursor.execute(sql.SQL("TRUNCATE {}").format(every))  # some migrations leave rows
        return self._connections[store]


def _named(of: str, name: str, said: str) -> tuple[sql.Composable, sql.Composable, sql.Composable]:
    """Return a constraint in the database's own words, which it has quoted where needed; only its name is not."""
    return sql.SQL(of), sql.Identifier(name), sql.SQL(said)


def _place(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def _fresh(engine: Engine) -> Path:
    place = _place(engine)
    return place.with_name(f"{place.name}.restoring")


def _write(path: Path, blocks: Iterator[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _check_file(path: Path, summary: StoreSummary) -> None:
    try:
        whole = path.exists() and is_whole(path)
    except sqlite3.DatabaseError:
        whole = False
    if not whole:
        raise Unreadable("a store in the backup is damaged")
    looking = create_engine(f"sqlite:///{path.absolute().as_uri()}?immutable=1&uri=true")
    try:
        with looking.connect() as connection:
            _check_rows(connection, summary)
    finally:
        looking.dispose()


def _check_rows(connection: Connection, summary: StoreSummary) -> None:
    names = inspect(connection).get_table_names()
    found = {one: connection.scalar(select(func.count()).select_from(table(one))) for one in names}
    if found != summary.rows:
        raise Unreadable("a store in the backup does not hold what the backup says")


def _put_in_place(engine: Engine) -> None:
    place = _place(engine)
    engine.dispose()
    for journal in ("-wal", "-shm"):
        place.with_name(place.name + journal).unlink(missing_ok=True)
    _fresh(engine).replace(place)
    keep_names(place.parent)


def keep_names(folder: Path) -> None:
    """Make the names in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
