"""Backups: everything the portal keeps but its private keys, in one file that only the escrow key opens.

The file is written under another name, and gets its own once it is whole and on the disk.
"""

import errno
import fcntl
import hashlib
import io
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import DomainError, StorageFull, WrongState
from hotline.sealed_stream import Sealer
from hotline.services import audit, store_copies
from hotline.services.backup_files import CHUNK, About, Manifest, Writer
from hotline.services.store_copies import Frozen
from hotline.services.store_loading import keep_names
from hotline.transactions import writing
from hotline.vault import Lock

SUBJECT = "backups"
MADE, RESTORED = "made a backup", "restored a backup"
UNFINISHED = ".unfinished"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
COPIES = "backup-copies"  # in the data folder: SQLite's copies, each gone once it is open


class Failed(DomainError):
    """A backup could not be made or used. The message is one line that says what can be mended."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: its size, its SHA-256 in hex, the key it is sealed to, and what is in it."""

    manifest: Manifest
    size: int
    digest: str
    key_id: str
    key_is_here: bool


@dataclass(frozen=True, slots=True)
class Last:
    """The newest backup on record: of which moment it is, its size and its digest."""

    at: datetime
    size: int
    digest: str


def make(place: Path) -> Made:
    """Make a backup while everything runs. Raises Failed, StorageFull, SettingsError where no key is there."""
    keys_dir = settings().keys_dir
    ring = vault.load(keys_dir, private=(), public_secrets=False, blinds=False)
    key_id = ring.current[Lock.ESCROW]
    with _said_plainly(place), _alone(), _unfinished(place) as raw:
        out = _Digesting(raw)
        manifest = _write(Writer(Sealer(out, key_id, ring.boxes[Lock.ESCROW, key_id])), keys_dir)
        raw.flush()
        os.fsync(raw.fileno())
        _put_in_place(place)
        made = Made(manifest, out.size, out.hexdigest(), key_id.hex(), _escrow(keys_dir, key_id).exists())
    _note(made, place)
    return made


def last() -> Last | None:
    """Return the newest backup that was made, by the audit trail; None where there is none on record."""
    entry = audit.last_of(SUBJECT, MADE)
    if entry is None or entry.details is None:
        return None
    told = json.loads(entry.details)
    return Last(datetime.fromisoformat(told["moment"]), told["size"], told["sha256"])


def digest_of(place: Path) -> str:
    """Return a file's SHA-256 in hex, as it is said when a backup was made."""
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept_letters() -> Path:
    """Return the folder of letters that are kept where no mail server is set."""
    return settings().data_dir / "letters"


def program() -> str:
    """Return the program's version."""
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])


def _note(made: Made, place: Path) -> None:
    """Put a backup on record. Raises Failed where that cannot be: the file is whole all the same."""
    facts: dict[str, str | int | bool] = {
        "moment": made.manifest.made_at,
        "size": made.size,
        "sha256": made.digest,
        "escrow": made.key_id,
    }
    try:
        with writing():
            audit.record(None, MADE, SUBJECT, **facts)
    except StorageFull as exc:
        raise Failed(f"{place} is whole, but the audit trail could not take a note of it: is the disk full?") from exc


def _write(writer: Writer, keys_dir: Path) -> Manifest:
    made_at = clock.now().isoformat(timespec="seconds")
    with store_copies.frozen() as (front, desk):
        stores = {one.name: one.summary() for one in (front, desk)}
        anchor = desk.anchor()
        for one in (front, desk):
            _write_store(writer, one, stores[one.name].rows)
    letters = _write_letters(writer)
    halves = vault.list_halves(keys_dir)
    for name, content in halves.items():
        writer.part(About("key", name), iter((content,)))
    manifest = Manifest(
        made_at=made_at,
        version=program(),
        stores=stores,
        anchor=anchor,
        keys=vault.marks(keys_dir),
        halves=len(halves),
        letters=letters,
        has_mail_server=bool(settings().smtp_url),
    )
    writer.end(manifest)
    return manifest


def _write_store(writer: Writer, store: Frozen, rows: Mapping[str, int]) -> None:
    folder = settings().data_dir / COPIES
    vault.make_private(folder)
    for about, blocks in store.parts(folder):
        lines = writer.part(about, blocks)
        if about.table and lines != rows[about.table]:  # a SQLite file was looked through as it was copied
            raise Failed(f"No backup was made: the {store.name} store gave other rows than it has. Try again.")


def _write_letters(writer: Writer) -> int:
    """Write the letters that are kept here, sealed as they are. One that is taken away meanwhile is over."""
    count = 0
    for path in sorted(kept_letters().glob("*.sealed")):
        with suppress(FileNotFoundError), path.open("rb") as file:
            changed_at = os.fstat(file.fileno()).st_mtime
            writer.part(About("letter", path.name, changed_at=changed_at), _blocks(file))
            count += 1
    return count


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(CHUNK):
        yield block


def _escrow(keys_dir: Path, key_id: bytes) -> Path:
    return keys_dir / Lock.ESCROW / f"{Lock.ESCROW}-{key_id.hex()}.key"


@contextmanager
def _said_plainly(place: Path) -> Iterator[None]:
    """Say in one line what a disk refuses."""
    try:
        yield
    except OSError as exc:
        if exc.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise Failed(f"The disk is full, and no backup was made: {place} or {settings().data_dir}.") from exc
        raise Failed(f"No backup was made: {exc.filename or place} ({exc.strerror}).") from exc


@contextmanager
def _alone() -> Iterator[None]:
    """Let one backup be made at a time, and take away what one that was killed has left."""
    folder = settings().data_dir / COPIES
    vault.make_private(folder)
    with os.fdopen(os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
        _lock(lock, "Another backup is being made.")
        for left in folder.glob("*.copy*"):
            left.unlink()
        yield


@contextmanager
def _unfinished(place: Path) -> Iterator[BinaryIO]:
    """Open the file under its other name; whatever goes wrong, nothing is left of it. Raises Failed."""
    _refuse_standing(place)
    path = _other_name(place)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        _lock(file, f"Another backup to {place} is being made.")
        os.fchmod(file.fileno(), 0o600)
        file.truncate()  # what one that was killed has left
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _lock(file: io.IOBase, otherwise: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WrongState(otherwise) from None


def _put_in_place(place: Path) -> None:
    _refuse_standing(place)
    _other_name(place).rename(place)
    keep_names(place.parent)


def _refuse_standing(place: Path) -> None:
    if place.exists() or place.is_symlink():
        raise Failed(f"{place} is there already, and nothing is overwritten. Name another file.")


def _other_name(place: Path) -> Path:
    return place.with_name(place.name + UNFINISHED)


class _Digesting:
    """Writes on, and knows how much it was and what its SHA-256 is."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._digest, self.size = out, hashlib.sha256(), 0

    def write(self, block: bytes, /) -> int:
        self._digest.update(block)
        self.size += len(block)
        return self._out.write(block)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
