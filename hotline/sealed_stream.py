"""A file that is sealed as a stream: any length in bounded memory, and whoever cuts, swaps or changes it is noticed.

    magic | version (1) | key id (4) | sealed box of a key for this file alone | stream header (24)
    then messages: length (4, big-endian) | XChaCha20-Poly1305 of libsodium's secretstream

Each message is bound to those before it and to the file's head; the last one bears a mark of its own, so that a file
that was cut off between two messages is no whole file. Whoever has the public half can make such a file; it says that
nothing was changed since, not who made it.
"""

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Protocol

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES as MORE,
)
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_HEADERBYTES as HEADER_BYTES,
)
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_keygen,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
)
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_KEYBYTES as KEY_BYTES,
)
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_TAG_FINAL as FINAL,
)
from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE as MESSAGE,
)
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from hotline.errors import Unreadable
from hotline.vault import KEY_ID_BYTES

MAGIC = b"hotline sealed stream\n"
VERSION = b"\x01"
PURPOSE = b"sealed stream\0"
LONGEST = 256 * 1024  # bytes of one message: nobody has to hold more than that at once
BOX_BYTES = 48 + len(PURPOSE) + KEY_BYTES
HEAD_BYTES = len(MAGIC) + len(VERSION) + KEY_ID_BYTES + BOX_BYTES + HEADER_BYTES
_LENGTH: Final = struct.Struct(">I")


class Out(Protocol):
    """What such a file is written to."""

    def write(self, block: bytes, /) -> int:
        """Write all of it."""


class Sealer:
    """Writes one such file, message by message. Without `end` it stays a file that is cut off."""

    def __init__(self, out: Out, key_id: bytes, half: SealedBox[PublicKey]) -> None:
        self._out = out
        self._state = crypto_secretstream_xchacha20poly1305_state()
        key = crypto_secretstream_xchacha20poly1305_keygen()
        header = crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        self._head = MAGIC + VERSION + key_id + half.encrypt(PURPOSE + key) + header
        out.write(self._head)

    def put(self, message: bytes) -> None:
        """Add one message of `LONGEST` bytes at most."""
        self._write(message, MESSAGE)

    def end(self, message: bytes) -> None:
        """Add the last one: from here on the file is whole."""
        self._write(message, FINAL)

    def _write(self, message: bytes, mark: int) -> None:
        if len(message) > LONGEST:
            raise ValueError("a message is too long")
        sealed = crypto_secretstream_xchacha20poly1305_push(self._state, message, self._head, mark)
        self._out.write(_LENGTH.pack(len(sealed)) + sealed)


def key_id_of(file: BinaryIO) -> bytes:
    """Return the id of the key a file is sealed to, and leave the file where it was. Raises Unreadable."""
    place = file.tell()
    head = _head(file)
    file.seek(place)
    return head[len(MAGIC) + 1 :][:KEY_ID_BYTES]


def messages(file: BinaryIO, half: Callable[[bytes], SealedBox[PrivateKey]]) -> Iterator[bytes]:
    """Yield the messages of a file in their order, each only where nothing before it was changed.

    `half` gives the private half for a key id. Raises Unreadable as soon as something is wrong: what was yielded by
    then is true, and not all.
    """
    head = _head(file)
    key_id, rest = head[len(MAGIC) + 1 :][:KEY_ID_BYTES], head[len(MAGIC) + 1 + KEY_ID_BYTES :]
    try:
        purpose, key = _split(half(key_id).decrypt(rest[:BOX_BYTES]))
    except CryptoError as exc:
        raise Unreadable("the key does not open this file") from exc
    if purpose != PURPOSE:
        raise Unreadable("the file's key was made for something else")
    state = crypto_secretstream_xchacha20poly1305_state()
    crypto_secretstream_xchacha20poly1305_init_pull(state, rest[BOX_BYTES:], key)
    mark = MESSAGE
    while mark != FINAL:
        message, mark = _next(file, state, head)
        if mark == FINAL and file.read(1):
            raise Unreadable("the file goes on after its end")
        yield message


def _head(file: BinaryIO) -> bytes:
    head = file.read(HEAD_BYTES)
    if not head.startswith(MAGIC):
        raise Unreadable("the file is something else")
    if head[len(MAGIC) : len(MAGIC) + 1] not in {VERSION, b""}:
        raise Unreadable("the file was made by a newer version of this program")
    if len(head) < HEAD_BYTES:
        raise Unreadable("the file is cut off")
    return head


def _split(opened: bytes) -> tuple[bytes, bytes]:
    return opened[: len(PURPOSE)], opened[len(PURPOSE) :]


def _next(file: BinaryIO, state: crypto_secretstream_xchacha20poly1305_state, head: bytes) -> tuple[bytes, int]:
    length = file.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        raise Unreadable("the file is cut off")
    size = _LENGTH.unpack(length)[0]
    if not MORE <= size <= LONGEST + MORE:
        raise Unreadable("the file is damaged, or was changed")
    sealed = file.read(size)
    if len(sealed) < size:
        raise Unreadable("the file is cut off")
    try:
        return crypto_secretstream_xchacha20poly1305_pull(state, sealed, head)
    except CryptoError as exc:
        raise Unreadable("the file is damaged, or was changed") from exc
