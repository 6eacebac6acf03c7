"""Disks: how much room there is where something of ours lies, and whether a store could take anything now.

Nothing that is asked here leaves a trace: what is tried is undone, and a file that is written has no name.
"""

import errno
import os
import sqlite3
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from hotline.errors import StorageFull
from hotline.extensions import PATIENCE

TRIED = 256 * 1024  # bytes: a report with everything that SQLite writes for it
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


@dataclass(frozen=True, slots=True)
class Space:
    """What is free on a disk, and how much there is of it: bytes, and files (0 where a disk counts none)."""

    free: int
    total: int
    free_files: int
    total_files: int


def space(place: Path) -> Space:
    """Return what is free for us on the disk that a place lies on."""
    seen = os.statvfs(place)
    return Space(seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize, seen.f_favail, seen.f_files)


def file_of(engine: Engine) -> Path | None:
    """Return the file a store is; None for one on a server, or named in a way of SQLite's own."""
    place = engine.url.database or ""
    is_file = engine.dialect.name == "sqlite" and place and not place.startswith(("file:", ":"))
    return Path(place) if is_file else None


def require_writable(engine: Engine) -> None:
    """Raise StorageFull where a store could take nothing now. The disk of a database server is not seen from here."""
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            if connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
                raise StorageFull("a store may only be read")
        return
    _begin_to_write(engine)
    if place := file_of(engine):
        _write_without_name(place.parent)


def _begin_to_write(engine: Engine) -> None:
    """Take SQLite's write lock and give it back. Where somebody else has it, one can write."""
    raw = engine.raw_connection()
    cursor = raw.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout=0")
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF != sqlite3.SQLITE_BUSY:
            raise StorageFull("a store cannot be written") from exc
    finally:
        with suppress(sqlite3.Error):
            cursor.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
        cursor.close()
        raw.close()


def _write_without_name(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            left = TRIED
            while left:
                left -= file.write(b"\0" * left)
    except OSError as exc:
        if exc.errno in FULL:
            raise StorageFull("a disk takes nothing more") from exc
        # anything else says nothing of the disk: a folder may be shut while what lies in it may be written
