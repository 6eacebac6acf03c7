"""Flask extensions, made once and bound to an app by `create_app`. Imports nothing of ours but the errors."""

import sqlite3
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from flask_babel import Babel
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import ColumnElement, DateTime, Dialect, Enum, LargeBinary, MetaData, String, event, literal_column
from sqlalchemy.engine import Connection, CursorResult, Engine, ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeDecorator

from hotline.errors import StorageFull

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
FRONT = "front"
ASKS_EVERY = 0.001  # seconds
PATIENCE = 10  # seconds a writer waits for its turn, on both databases
REACH = 5  # seconds to wait for a PostgreSQL server that does not answer
ONE_WRITER = 0x686F746C  # the PostgreSQL advisory lock that the desk's writers take turns by
SQLITE_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
POSTGRESQL_TROUBLE = ("08", "53", "57", "58", "40P01", "55P03")  # connection, resources, shutdown, system, locks


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive values; SQLite gives them back aware too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment, hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text. What PostgreSQL cannot hold (NUL, half a character) is replaced, so that it finds nothing on either."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Hand over what can be stored."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _values(words: type[StrEnum]) -> list[str]:
    return [str(word.value) for word in words]


def word(words: type[StrEnum], *, name: str = "") -> Enum:
    """Return a column type that stores an enum's value with a named check, the same on both databases.

    A table that holds the same enum twice names the second check.
    """
    return Enum(
        words,
        native_enum=False,
        create_constraint=True,
        values_callable=_values,
        length=32,
        name=name or words.__name__.lower(),
    )


def spelt(one: StrEnum) -> ColumnElement[str]:
    """Return a word as a part of a statement's text, for a column by whose words an index chooses its rows.

    No database uses such an index for a word that it does not know yet, and SQLite may plan a statement anew each time
    such a word is bound, since the index may serve one word and not another.
    """
    return literal_column(f"'{one}'")


def change_unseen(session: Session, statement: UpdateBase, told: dict[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    """Execute a statement that changes rows behind the session, once what it holds is written.

    What it holds of these rows stays as it was read: whoever goes on with it refreshes it.

    On the connection: a session copies each statement it is handed, and works out anew under which key its text lies.
    """
    session.flush()
    return session.connection().execute(statement, told)


class Base(DeclarativeBase):
    """What every table stands on."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: UtcTime(), bytes: LargeBinary(), str: Words()},
    )


class RouteLimiter(Limiter):
    """Counts where a view asks for it. There are no limits on all of an app, so nothing is looked for elsewhere."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


db = SQLAlchemy(model_class=Base, engine_options={"hide_parameters": True})
if TYPE_CHECKING:
    Model = Base  # mypy sees the typed base; Flask-SQLAlchemy's own class adds `__bind_key__`
else:
    Model = db.Model
csrf = CSRFProtect()
login = LoginManager()
babel = Babel()
limiter = RouteLimiter(key_func=lambda: "")
htmx = Htmx()


def tune(engine: Engine, *, one_writer: bool) -> None:
    """Make a store durable and honest: it waits for a lock, but not for ever, and says so when it cannot be used.

    A transaction with the execution option `writes` begins as a writer. SQLite lets one write at a time; with
    `one_writer` PostgreSQL does too, so that what holds on one holds on the other and no two writers can deadlock.
    """
    event.listen(engine, "handle_error", _say_so)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return
    event.listen(engine, "do_connect", _reach)
    event.listen(engine, "connect", _connect_postgresql)
    if one_writer:
        event.listen(engine, "begin", _take_turn)


def _say_so(context: ExceptionContext) -> None:
    """Tell a store that is full, locked or away from a mistake of ours: only the first becomes StorageFull."""
    if context.is_pre_ping:
        return  # the pool mends that by itself
    if context.is_disconnect or _is_trouble(context.sqlalchemy_exception):
        raise StorageFull("a store cannot be used") from context.original_exception


def _is_trouble(exc: BaseException | None) -> bool:
    if not isinstance(exc, OperationalError):
        return False
    if isinstance(exc.orig, sqlite3.OperationalError):
        return getattr(exc.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in SQLITE_TROUBLE
    state = getattr(exc.orig, "sqlstate", None)  # none at all: no server has answered
    return state is None or state.startswith(POSTGRESQL_TROUBLE)


def _connect_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, below
    for pragma in (
        f"busy_timeout={PATIENCE * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        if not _begun_in_turn(raw):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # to say what is in the way
    finally:
        raw.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")


def _begun_in_turn(raw: sqlite3.Connection) -> bool:
    """Ask for the write lock every millisecond while others have it. Returns whether the transaction has begun.

    Left to itself SQLite sleeps longer each time it has asked in vain: whoever comes late goes first, and the lock lies
    idle between two processes that both want it.
    """
    ends = monotonic() + PATIENCE
    while monotonic() < ends:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                break
            sleep(ASKS_EVERY)
        else:
            return True
    return False


def _reach(_: Dialect, __: Any, ___: Any, parameters: dict[str, Any]) -> None:
    parameters.setdefault("connect_timeout", REACH)


def _connect_postgresql(connection: Any, _: Any) -> None:
    connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
    connection.commit()


def _take_turn(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_WRITER})")
