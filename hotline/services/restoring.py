"""Reading a backup: looking whether it is whole, and filling empty stores from it.

Everything is read and judged once before anything is written. Then stores, letters and public halves are put in place,
brought to this program's migrations, and looked through: rows, audit trail, and whether our keys open what they hold.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import psycopg
from sqlalchemy import Column, LargeBinary, Select, select
from sqlalchemy.exc import DBAPIError

from hotline import sealed_stream, vault
from hotline.config import settings
from hotline.errors import Unreadable
from hotline.services import audit, backups, schema, store_loading, unsettled
from hotline.services.backup_files import About, Manifest, Reading
from hotline.services.backups import Failed
from hotline.services.store_loading import Filling
from hotline.transactions import desk_engine, front_engine
from hotline.vault import Lock

LETTER = ".sealed"
SUPERVISOR = "supervisor.lock"  # held by `deploy/supervise.py`
SAMPLE = 2  # values from either end of each column


@dataclass(frozen=True, slots=True)
class Keys:
    """How the secret files on this machine stand to those of a backup."""

    missing: tuple[str, ...]
    different: tuple[str, ...]

    @property
    def fit(self) -> bool:
        """Whether what is stored in the backup can be opened and found with them."""
        return not (self.missing or self.different)


@dataclass(frozen=True, slots=True)
class Found:
    """How a restored portal stands: the audit trail, and how many sealed values were tried and opened."""

    entries: int
    breaks_at: int | None
    has_anchor: bool
    opened: int
    shut: int

    @property
    def is_well(self) -> bool:
        """Whether everything holds."""
        return self.breaks_at is None and self.has_anchor and not self.shut


class Backup:
    """One file, and the key that opens it. Raises Failed at once where they do not belong together."""

    def __init__(self, place: Path, key: Path | None) -> None:
        self.place = place
        with self._opened() as file:
            self.key_id = sealed_stream.key_id_of(file)
        self.key = key or settings().keys_dir / Lock.ESCROW / f"{Lock.ESCROW}-{self.key_id.hex()}.key"
        if not self.key.is_file():
            raise Failed(f"There is no key {self.key}. Name the file with --key: it is called {self.key_name}.")
        found, self._half = vault.read_half(self.key)
        if found != self.key_id:
            raise Failed(f"{self.key} is another key: this backup was sealed to {self.key_name}.")

    @property
    def key_name(self) -> str:
        """How the file of the key is called that opens this backup."""
        return f"{Lock.ESCROW}-{self.key_id.hex()}.key"

    def read(self, take: Callable[[About, Iterator[bytes]], None] | None = None) -> Manifest:
        """Read all of it, in bounded memory, and give each part to `take`. Raises Failed where it is not whole."""
        with self._opened() as file:
            reading = Reading(sealed_stream.messages(file, lambda _: self._half))
            for about, blocks in reading.parts():
                if take is not None:
                    take(about, blocks)
            return cast(Manifest, reading.manifest)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with self.place.open("rb") as file:
                yield file
        except Unreadable as exc:
            raise Failed(f"{self.place} cannot be used: {exc}.") from exc


def check(backup: Backup) -> tuple[Manifest, Keys]:
    """Read a whole backup and write nothing. Returns what it holds, and how the keys here fit. Raises Failed."""
    seen: dict[str, dict[str, int]] = {}
    names: list[About] = []

    def take(about: About, blocks: Iterator[bytes]) -> None:
        if about.kind == "store":
            lines = sum(block.count(b"\n") for block in blocks)
            seen.setdefault(about.name, {})[about.table] = lines
        else:
            names.append(about)

    manifest = backup.read(take)
    for store, summary in manifest.stores.items():
        whole = {""} if summary.engine == "sqlite" else set(summary.rows)
        found = seen.get(store, {})
        if set(found) != whole or (summary.engine != "sqlite" and found != summary.rows):
            raise Failed(f"{backup.place} does not hold what it says it does: the {store} store.")
    if {*seen, *manifest.stores} != set(schema.STORES) or _count(names, "letter") != manifest.letters:
        raise Failed(f"{backup.place} does not hold what it says it does.")
    if wrong := [one.name for one in names if not _is_plain(one)]:
        raise Failed(f"{backup.place} holds a file with a name that is none of ours: {wrong[0]!r}.")
    return manifest, keys_for(manifest)


def keys_for(manifest: Manifest) -> Keys:
    """Return how the secret files on this machine stand to those of a backup."""
    here = vault.marks(settings().keys_dir)
    missing = [name for name in manifest.keys if name not in here]
    different = [name for name, mark in manifest.keys.items() if here.get(name, mark) != mark]
    return Keys(tuple(missing), tuple(different))


def refuse_unless_fit(manifest: Manifest, keys: Keys) -> None:
    """Raise Failed where this backup cannot be restored here: before anything is written."""
    for store, summary in manifest.stores.items():
        engine = store_loading.engine_of(store).dialect.name
        if summary.engine != engine:
            raise Failed(f"The backup's {store} store is of {summary.engine}, and the settings name one of {engine}.")
        if not summary.revision.isdecimal() or not schema.knows(store, summary.revision):
            raise Failed(
                f"The backup was made by a newer version ({store} store at {summary.revision}): bring the program up"
                " to date first."
            )
    if not is_in_place(manifest):
        _refuse_unless_empty()
    _refuse_while_it_runs()
    if keys.missing:
        raise Failed(
            f"{settings().keys_dir} has no {', '.join(keys.missing)}: put the keys back from where they are kept, then"
            " try again."
        )
    if keys.different:
        raise Failed(f"{settings().keys_dir} holds other keys than the backup's portal had: {keys.different[0]}.")


def is_in_place(manifest: Manifest) -> bool:
    """Whether a restore of this very backup broke off when all of it was in place: it goes on from there then.

    Raises Failed where what broke off was the restore of another backup, or only one store of it is there.
    """
    filled = [store for store in schema.STORES if not store_loading.is_empty(store)]
    if not (unsettled.is_noted() and filled):
        return False
    if not unsettled.is_of(manifest):
        raise Failed("A restore of another backup broke off here: run that one again first.")
    if len(filled) < len(schema.STORES):
        raise Failed(
            f"A restore broke off here with the {filled[0]} store alone in place: take it and"
            f" {backups.kept_letters()} away by hand, then try again."
        )
    return True


def fill(backup: Backup, manifest: Manifest) -> None:
    """Put stores, letters and public halves in place, the stores at last, and bring them to our migrations.

    Nothing starts any more (`unsettled`), from when the stores can be seen until the caller has settled what follows.
    """
    if not is_in_place(manifest):
        _fill(backup, manifest)
    schema.upgrade()


def _fill(backup: Backup, manifest: Manifest) -> None:
    with schema.alone(), ExitStack() as stack:
        filling = Filling(manifest.stores, stack)
        stack.callback(store_loading.forget_fresh)
        written: list[Path] = []
        with _undone(written), _said_plainly():

            def take(about: About, blocks: Iterator[bytes]) -> None:
                if about.kind == "store":
                    filling.take(about, blocks)
                elif about.kind == "letter":
                    written.append(_put_letter(about, blocks))
                else:
                    vault.put_half(settings().keys_dir, about.name, next(blocks, b""), escrow=backup.key_id)

            backup.read(take)
            filling.check()
            unsettled.note(manifest)
            filling.end()


def look_through(manifest: Manifest) -> Found:
    """Look whether what was restored holds: the audit trail up to where it was, and a sample of what is sealed."""
    entries, breaks_at = audit.verify()
    ring = vault.load(settings().keys_dir, private=(Lock.CASE, Lock.CARE), public_secrets=False, blinds=False)
    tried = [ring.opens(value) for value in _sample()]
    number, mark = manifest.anchor
    has_anchor = not number or audit.mark_of(number) == mark
    return Found(entries, breaks_at, has_anchor, tried.count(True), tried.count(False))


def _sample() -> Iterator[bytes]:
    """Yield values of each column that holds bytes, from either end; those that are not sealed among them."""
    for store, engine in zip(schema.STORES, (front_engine(), desk_engine()), strict=True):
        with engine.connect() as connection:
            for table in schema.metadata(store).sorted_tables:
                for one in table.columns:
                    if isinstance(one.type, LargeBinary):
                        for query in _ends(one, table.primary_key.columns):
                            yield from connection.scalars(query)


def _ends(one: Column[bytes], order: Iterable[Column[object]]) -> tuple[Select[bytes], Select[bytes]]:
    query = select(one).where(one.is_not(None)).limit(SAMPLE)
    return query.order_by(*order), query.order_by(*(column.desc() for column in order))


def _put_letter(about: About, blocks: Iterator[bytes]) -> Path:
    folder = backups.kept_letters()
    vault.make_private(folder)
    path = folder / about.name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    os.utime(path, (about.changed_at, about.changed_at))
    return path


@contextmanager
def _undone(written: list[Path]) -> Iterator[None]:
    """Take away the letters that were written where the rest did not come to its end."""
    try:
        yield
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Say in one line what a disk or a database refuses; nothing was restored then."""
    try:
        yield
    except OSError as exc:
        raise Failed(f"Nothing was restored: {exc.filename or 'a file'} ({exc.strerror}).") from exc
    except Unreadable as exc:
        raise Failed(f"Nothing was restored: {exc}.") from exc
    except (DBAPIError, psycopg.Error) as exc:
        name = type(exc.orig if isinstance(exc, DBAPIError) else exc).__name__
        raise Failed(f"Nothing was restored: the database refuses ({name}).") from exc


def _refuse_unless_empty() -> None:
    """Raise Failed where something would be overwritten."""
    for store in schema.STORES:
        if not store_loading.is_empty(store):
            raise Failed(
                f"The {store} store is not empty, and nothing is overwritten. Restore into an empty data folder or two"
                " empty databases; what a restore that broke off has left is taken away by hand."
            )
    if any(backups.kept_letters().glob("*")):
        raise Failed(
            f"{backups.kept_letters()} is not empty, and nothing is overwritten; what a restore that broke off has left"
            " is taken away by hand."
        )


def _refuse_while_it_runs() -> None:
    """Raise Failed where the supervisor of `make run` is at work on this folder. Other services stop by hand."""
    with suppress(FileNotFoundError), (settings().data_dir / SUPERVISOR).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("The portal runs on this data folder: stop it first.") from None


def _count(names: list[About], kind: str) -> int:
    return sum(one.kind == kind for one in names)


def _is_plain(about: About) -> bool:
    """Whether a part's name is a file's name and no way to another folder."""
    name = about.name
    is_bare = name == Path(name).name and not name.startswith(".") and "\0" not in name
    return is_bare and (about.kind == "key" or (about.kind == "letter" and name.endswith(LETTER)))
