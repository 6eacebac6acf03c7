"""What is inside a backup: parts, each begun with a line that says what it is, and at the end what they add up to.

A part is a store's file (SQLite), a table's rows (PostgreSQL), a kept letter, or a public half. The manifest comes
last, since only then it is known what was written; a file without it is cut off.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from hotline.errors import Unreadable
from hotline.sealed_stream import Sealer

CHUNK = 64 * 1024  # bytes of a part that are held at once
BEGIN, DATA, END = b"B", b"D", b"M"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class About:
    """What a part is. `kind` is `store`, `letter` or `key`; `name` is the store's, the letter's or the half's.

    `table` and `columns` name the rows of one table; without them a store's part is its whole file.
    """

    kind: str
    name: str
    table: str = ""
    columns: tuple[str, ...] = ()
    changed_at: float = 0.0  # of a letter's file, which are listed in this order


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """One store at the moment of the backup: rows of each table, and on PostgreSQL each sequence's last value."""

    engine: str
    revision: str
    rows: dict[str, int]
    sequences: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, and what has to be kept elsewhere to use it: `keys` is a mark of each of these files."""

    made_at: str
    version: str
    stores: dict[str, StoreSummary]
    anchor: tuple[int, str]
    keys: dict[str, str]
    halves: int = 0
    letters: int = 0
    has_mail_server: bool = False
    form: int = FORMAT

    @property
    def moment(self) -> datetime:
        """When it was made; what came later is not in it."""
        return datetime.fromisoformat(self.made_at)


class Writer:
    """Writes a backup, part after part."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def part(self, about: About, blocks: Iterator[bytes]) -> int:
        """Write one part, in messages of `CHUNK` bytes at most. Returns how many lines it had."""
        self._sealer.put(BEGIN + _json(asdict(about)))
        lines, waiting = 0, bytearray()
        for block in blocks:
            lines += block.count(b"\n")
            waiting += block
            while len(waiting) >= CHUNK:
                self._sealer.put(DATA + bytes(waiting[:CHUNK]))
                del waiting[:CHUNK]
        if waiting:
            self._sealer.put(DATA + bytes(waiting))
        return lines

    def end(self, manifest: Manifest) -> None:
        """Write what the parts add up to."""
        self._sealer.end(END + _json(asdict(manifest)))


class Reading:
    """Reads the messages of a backup once, in their order. `manifest` is there when every part was read."""

    def __init__(self, messages: Iterator[bytes]) -> None:
        self._messages = messages
        self.manifest: Manifest | None = None
        self._ahead = b""

    def parts(self) -> Iterator[tuple[About, Iterator[bytes]]]:
        """Yield what each part is, and its bytes, which are gone once the next is asked for. Raises Unreadable."""
        self._ahead = next(self._messages)
        while self._ahead[:1] == BEGIN:
            about = _about(_parsed(self._ahead[1:]))
            blocks = self._blocks()
            yield about, blocks
            for _ in blocks:
                pass
        if self._ahead[:1] != END:
            raise Unreadable("the file is no backup")
        self.manifest = _manifest(_parsed(self._ahead[1:]))

    def _blocks(self) -> Iterator[bytes]:
        self._ahead = b""
        for message in self._messages:
            if message[:1] != DATA:
                self._ahead = message
                return
            yield message[1:]


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as exc:
        raise Unreadable("the file is no backup") from exc
    if not isinstance(found, dict):
        raise Unreadable("the file is no backup")
    return found


def _about(found: dict[str, Any]) -> About:
    try:
        return About(**(found | {"columns": tuple(found["columns"])}))
    except (KeyError, TypeError) as exc:
        raise Unreadable("the file is no backup") from exc


def _manifest(found: dict[str, Any]) -> Manifest:
    if found.get("form") != FORMAT:
        raise Unreadable("the file was made by a newer version of this program")
    try:
        stores = {name: StoreSummary(**one) for name, one in found["stores"].items()}
        return Manifest(**(found | {"stores": stores, "anchor": tuple(found["anchor"])}))
    except (AttributeError, KeyError, TypeError) as exc:
        raise Unreadable("the file is no backup") from exc
