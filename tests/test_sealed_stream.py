"""A file that is sealed as a stream: whoever cuts, swaps, changes or adds anything is noticed, wherever it is."""

import io
import struct
from pathlib import Path

import pytest

from hotline import sealed_stream, vault
from hotline.errors import Unreadable
from hotline.sealed_stream import HEAD_BYTES, LONGEST, Sealer
from hotline.vault import Keyring, Lock

SAID = (b"first", b"second", b"", b"third" * 9, b"last")


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    vault.create_keys(folder)
    return folder


@pytest.fixture(scope="module")
def ring(keys_dir: Path) -> Keyring:
    return vault.load(keys_dir, private=list(Lock), public_secrets=False, blinds=False)


@pytest.fixture(scope="module")
def whole(ring: Keyring) -> bytes:
    return sealed(ring)


def sealed(ring: Keyring, *, ends: bool = True) -> bytes:
    out, key_id = io.BytesIO(), ring.current[Lock.ESCROW]
    sealer = Sealer(out, key_id, ring.boxes[Lock.ESCROW, key_id])
    for message in SAID[:-1]:
        sealer.put(message)
    (sealer.end if ends else sealer.put)(SAID[-1])
    return out.getvalue()


def read(ring: Keyring, raw: bytes) -> list[bytes]:
    return list(sealed_stream.messages(io.BytesIO(raw), lambda key_id: ring.halves[Lock.ESCROW, key_id]))


def frames(raw: bytes) -> list[bytes]:
    """Return a file's head, and each of its messages as it stands there."""
    found, place = [raw[:HEAD_BYTES]], HEAD_BYTES
    while place < len(raw):
        size = 4 + struct.unpack(">I", raw[place : place + 4])[0]
        found.append(raw[place : place + size])
        place += size
    return found


def test_what_was_written_is_read_in_its_order(ring: Keyring, whole: bytes) -> None:
    assert tuple(read(ring, whole)) == SAID


def test_a_file_names_the_key_it_is_sealed_to_and_stays_where_it_was(ring: Keyring, whole: bytes) -> None:
    file = io.BytesIO(whole)

    assert sealed_stream.key_id_of(file) == ring.current[Lock.ESCROW]
    assert file.tell() == 0


def test_a_file_that_is_cut_off_anywhere_is_refused(ring: Keyring, whole: bytes) -> None:
    for length in range(len(whole)):
        with pytest.raises(Unreadable):
            read(ring, whole[:length])


def test_a_file_whose_writer_was_stopped_between_two_messages_is_cut_off(ring: Keyring) -> None:
    with pytest.raises(Unreadable, match="cut off"):
        read(ring, sealed(ring, ends=False))


def test_a_byte_that_is_changed_anywhere_is_noticed(ring: Keyring, whole: bytes) -> None:
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises((Unreadable, KeyError)):  # the key's id is the reader's to look up
            read(ring, bytes(changed))


def test_messages_that_were_swapped_left_out_doubled_or_added_are_noticed(ring: Keyring, whole: bytes) -> None:
    head, *each = frames(whole)
    others = frames(sealed(ring))[1:]
    wrong = {
        "swapped": [each[1], each[0], *each[2:]],
        "left out": [each[0], *each[2:]],
        "the last alone": each[-1:],
        "doubled": [each[0], *each],
        "after the end": [*each, each[-1]],
        "of another file": [*each[:2], *others[2:]],
    }

    for how, made in wrong.items():
        with pytest.raises(Unreadable):
            raise AssertionError(f"{how} was read: {read(ring, b''.join([head, *made]))}")


def test_the_head_of_another_file_does_not_fit(ring: Keyring, whole: bytes) -> None:
    with pytest.raises(Unreadable):
        read(ring, frames(sealed(ring))[0] + whole[HEAD_BYTES:])


def test_another_key_opens_nothing(ring: Keyring, whole: bytes) -> None:
    with pytest.raises(Unreadable, match="key does not open"):
        list(sealed_stream.messages(io.BytesIO(whole), lambda _: ring.halves[Lock.CASE, ring.current[Lock.CASE]]))


@pytest.mark.parametrize("raw", [b"", b"PGDMP\x01\x0e", b"SQLite format 3\0" + b"\0" * 4096, b"\0" * 500])
def test_a_foreign_file_is_refused(ring: Keyring, raw: bytes) -> None:
    with pytest.raises(Unreadable, match="something else"):
        read(ring, raw)


def test_a_file_of_a_later_version_says_so(ring: Keyring, whole: bytes) -> None:
    with pytest.raises(Unreadable, match="newer version"):
        read(ring, whole.replace(sealed_stream.MAGIC + b"\x01", sealed_stream.MAGIC + b"\x02", 1))


def test_nobody_has_to_hold_more_than_a_message(ring: Keyring, whole: bytes) -> None:
    head = frames(whole)[0]
    sealer = Sealer(io.BytesIO(), ring.current[Lock.ESCROW], ring.boxes[Lock.ESCROW, ring.current[Lock.ESCROW]])

    with pytest.raises(ValueError, match="too long"):
        sealer.put(b"x" * (LONGEST + 1))
    with pytest.raises(Unreadable, match="damaged"):
        read(ring, head + struct.pack(">I", LONGEST * 2) + b"x" * 100)
