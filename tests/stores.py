"""The two kinds of store that everything must run on: SQLite files, and a private PostgreSQL server.

`stores` (in `conftest.py`) hands out both in turn: empty, with a role each on PostgreSQL, gone at the end.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from flask import Flask

from hotline.extensions import db
from tests.deploy.processes import wait_for

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
ROLES = Path(__file__).parents[1] / "deploy" / "postgresql.sql"
DATABASES = ("hotline_front", "hotline_desk")
CATALOGUES = (
    *("pg_attrdef", "pg_attribute", "pg_cast", "pg_class", "pg_collation", "pg_constraint", "pg_default_acl"),
    *("pg_enum", "pg_extension", "pg_index", "pg_namespace", "pg_operator", "pg_policy", "pg_proc", "pg_rewrite"),
    *("pg_trigger", "pg_type"),
)
MAY = "(SELECT datacl::text FROM pg_database WHERE datname = current_database())"
# each line that stands in a catalogue was written by a transaction; a database that is copied keeps their numbers
SCHEMA = "SELECT md5(concat_ws(' ', {}))".format(
    ", ".join([*(f"(SELECT count(*) || '/' || sum(xmin::text::bigint) FROM {name})" for name in CATALOGUES), MAY])  # noqa: S608 - ours
)
LENT = "lent"  # how connections call themselves that the next test is to find open (`kept.lend_engines`)
OTHERS_LEAVE = f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
AND NOT (application_name = '{LENT}' AND state = 'idle')"""  # noqa: S608 - ours
LEAVING = 10.0  # seconds that others have to leave a store
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
EMPTIED = f"""DO $$ DECLARE one text; BEGIN
FOR one IN {TABLES} LOOP EXECUTE 'DELETE FROM ' || one; END LOOP; END $$"""  # noqa: S608 - ours
COUNTERS = """SELECT 'SELECT ' || string_agg(format('setval(%L, %s, %L)', quote_ident(sequencename),
coalesce(last_value, 1), last_value IS NOT NULL), ', ') FROM pg_sequences"""
# a connection that was just opened knows nothing of two hundred tables yet: its first statements take most of the time
QUICK = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "jit=off")
MISSING = (
    "PostgreSQL is not installed, so nothing was proven on it. "
    "Install it with: sudo apt-get install --no-install-recommends postgresql"
)


@dataclass(frozen=True)
class Stores:
    """Two empty stores, and the settings that name them."""

    engine: str
    environ: dict[str, str]


@dataclass(frozen=True)
class Mould:
    """What was in a database when it was kept."""

    schema: str  # stands for everything but rows: whatever is made, altered or dropped gives another
    rows: dict[str, bytes]  # of each table that has any, as COPY writes them
    counters: str | None  # the statement that gives each sequence its last value


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that listens on a socket in a folder of its own and nowhere else."""

    folder: Path
    password: str  # of the superuser and both roles; it lives as long as the folder
    moulds: dict[str, Mould] = field(default_factory=dict)  # by the name of the database they are kept in
    held: dict[str, psycopg.Connection] = field(default_factory=dict)  # the superuser's own, one to each store

    def url(self, name: str) -> str:
        """Return the setting for the database `name`, reached as the role of the same name."""
        return f"postgresql+psycopg://{name}:{self.password}@/{name}?host={quote(str(self.folder))}"

    def connect(self, role: str, database: str) -> psycopg.Connection:
        """Connect as `role`, each statement a transaction of its own."""
        host, password = str(self.folder), self.password
        return psycopg.connect(host=host, user=role, password=password, dbname=database, autocommit=True)

    def as_superuser(self, statement: str, *values: str) -> None:
        """Run one statement that only the server's owner may."""
        with self.connect("postgres", "postgres") as connection:
            connection.execute(statement, values)

    def cut_connections(self) -> None:
        """End every connection to the two stores, as a server that is started anew would."""
        self.as_superuser(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (%s, %s)", *DATABASES
        )

    def lay(self, mould: str = "") -> None:
        """Make the two stores anew: empty, or as they were when they were kept as `mould`."""
        for name in DATABASES:
            template = f"{name}_{mould}" if mould else "template0"
            if template in self.moulds and self._refill(name, self.moulds[template]):
                continue
            self._let_go(name)
            self.as_superuser(f"DROP DATABASE {name} WITH (FORCE)")
            self.as_superuser(f"CREATE DATABASE {name} OWNER {name} ENCODING 'UTF8' TEMPLATE {template}")
            self.as_superuser(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")

    def keep(self, mould: str) -> None:
        """Keep what is in the two stores as `mould`."""
        for name in DATABASES:
            self._let_go(name)
            self.as_superuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
            self.as_superuser(f"CREATE DATABASE {name}_{mould} OWNER {name} ENCODING 'UTF8' TEMPLATE {name}")
            with self.connect("postgres", name) as connection:
                self.moulds[f"{name}_{mould}"] = _mould(connection)

    def _refill(self, name: str, mould: Mould) -> bool:
        """Give a store its rows back, where that is all it takes: a tenth of the work of copying a database."""
        connection = self._hold(name)
        if connection.execute(SCHEMA).fetchone() != (mould.schema,):
            return False
        until = time.monotonic() + LEAVING
        while connection.execute(OTHERS_LEAVE).fetchall():
            assert time.monotonic() < until, f"somebody still holds {name}, though the server told them to leave"
            time.sleep(0.001)  # until they are gone; the server itself would look ten times a second
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # no trigger guards what is frozen
            connection.execute(EMPTIED)
            for table, rows in mould.rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
            if mould.counters:
                connection.execute(mould.counters)
        return True

    def _hold(self, name: str) -> psycopg.Connection:
        """Return the superuser's connection to a store, opened anew where it was cut."""
        try:
            self.held[name].execute("SELECT 1")
        except (KeyError, psycopg.OperationalError):
            self.held[name] = self.connect("postgres", name)
        return self.held[name]

    def _let_go(self, name: str) -> None:
        if name in self.held:
            self.held.pop(name).close()

    def make_roles(self) -> None:
        """Make roles and databases with the script that a real server gets."""
        command = [_binary("psql"), "-q", "-X", "-h", str(self.folder), "-U", "postgres", "-d", "postgres"]
        command += ["-v", "ON_ERROR_STOP=1", "-v", f"front_password={self.password}"]
        command += ["-v", f"desk_password={self.password}", "-f", str(ROLES)]
        subprocess.run(command, check=True, env=os.environ | {"PGPASSWORD": self.password})


def sqlite(data_dir: Path) -> Stores:
    """Return the stores that are files in a folder."""
    return Stores("sqlite", {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_INBOX_DELAY": "0"})


def on(server: Server, data_dir: Path) -> Stores:
    """Return the stores of a server, for an app whose folder is `data_dir`."""
    front, desk = (server.url(name) for name in DATABASES)
    addresses = {"HOTLINE_FRONT_DATABASE_URL": front, "HOTLINE_DATABASE_URL": desk}
    return Stores("postgresql", sqlite(data_dir).environ | addresses)


@contextmanager
def postgresql() -> Iterator[Server]:
    """Run a server until the block ends. The kernel stops it too when the tests are killed."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    server = Server(folder, secrets.token_hex(16))
    try:
        _initialise(server)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_as_postgres(_binary("postgres"), *_settings(folder)), stdout=log, stderr=log)
            try:
                wait_for(lambda: process.poll() is not None or _answers(server), "the PostgreSQL server")
                assert process.poll() is None, (folder / "log").read_text()
                server.make_roles()
                yield server
            finally:
                process.send_signal(signal.SIGINT)  # at once, though connections are still open
                process.wait()
    finally:
        shutil.rmtree(folder)


def _mould(connection: psycopg.Connection) -> Mould:
    (schema,) = connection.execute(SCHEMA).fetchone()
    rows = {table: _rows(connection, table) for (table,) in connection.execute(TABLES).fetchall()}
    (counters,) = connection.execute(COUNTERS).fetchone()
    return Mould(schema, {table: lines for table, lines in rows.items() if lines}, counters)


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def dispose(app: Flask) -> None:
    """Close every connection that `app` keeps."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _initialise(server: Server) -> None:
    password = server.folder / "password"
    password.write_text(server.password)
    if os.geteuid() == 0:  # the server refuses to run as root
        for path in (server.folder, password):
            shutil.chown(path, "postgres", "postgres")
    command = ["-D", str(server.folder / "data"), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(_as_postgres(_binary("initdb"), *command), check=True, stdout=subprocess.DEVNULL)


def _settings(folder: Path) -> list[str]:
    quiet = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=50", *QUICK]
    return ["-D", str(folder / "data"), *(word for one in quiet for word in ("-c", one))]


def _as_postgres(*command: str) -> list[str]:
    """Run a command as the server's own user where we are root; it dies with us."""
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=INT", *user, *command]


def _answers(server: Server) -> bool:
    try:
        server.connect("postgres", "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _binary(name: str) -> str:
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version, reverse=True)
    found = str(newest_first[0]) if newest_first else shutil.which(name)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


def _version(path: Path) -> float:
    return float(path.parts[-3])
