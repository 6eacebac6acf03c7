"""Sealing, blind indexes, receipts, and the files that hold the keys."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import vault
from hotline.errors import KeyMissing, SettingsError, Unreadable
from hotline.vault import Blind, Keyring, Lock, PublicKeys
from hotline.vocabulary import Surface

PUBLIC = PublicKeys(b"p" * 32, b"f" * 32, b"c" * 32)


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    vault.create_keys(folder)
    return folder


@pytest.fixture(scope="module")
def ring(keys_dir: Path) -> Keyring:
    return vault.load(keys_dir, private=list(Lock), public_secrets=True, blinds=True)


@given(text=st.text())
def test_what_is_sealed_opens_again(ring: Keyring, text: str) -> None:
    assert ring.open("note", ring.seal("note", text)) == text


def test_the_same_text_is_sealed_differently_each_time(ring: Keyring) -> None:
    assert ring.seal("note", "same") != ring.seal("note", "same")


def test_a_sealed_value_begins_with_version_and_key(ring: Keyring) -> None:
    blob = ring.seal("note", "text", lock=Lock.CARE)

    assert blob[:1] == vault.VERSION
    assert blob[1:5] == ring.current[Lock.CARE]


def test_a_value_moved_to_another_column_does_not_open(ring: Keyring) -> None:
    with pytest.raises(Unreadable, match="another purpose"):
        ring.open("report.details", ring.seal("note", "text"))


@pytest.mark.parametrize("at", [5, 40, -1])
def test_a_damaged_value_does_not_open(ring: Keyring, at: int) -> None:
    blob = bytearray(ring.seal("note", "text"))
    blob[at] ^= 1

    with pytest.raises(Unreadable):
        ring.open("note", bytes(blob))


def test_an_unknown_version_does_not_open(ring: Keyring) -> None:
    with pytest.raises(Unreadable, match="version"):
        ring.open("note", b"\x02" + ring.seal("note", "text")[1:])


def test_who_holds_only_the_public_half_can_seal_and_not_open(keys_dir: Path) -> None:
    public = vault.load(keys_dir, private=[], public_secrets=True, blinds=False)

    blob = public.seal("note", "text")

    with pytest.raises(KeyMissing):
        public.open("note", blob)
    with pytest.raises(KeyMissing):
        public.blind(Blind.ADDRESS, "https://a.example/")


def test_the_case_key_does_not_open_victim_files(keys_dir: Path, ring: Keyring) -> None:
    case_only = vault.load(keys_dir, private=[Lock.CASE], public_secrets=False, blinds=True)

    with pytest.raises(KeyMissing):
        case_only.open("file", ring.seal("file", "text", lock=Lock.CARE), lock=Lock.CARE)


def test_after_a_new_key_old_values_still_open(tmp_path: Path) -> None:
    vault.create_keys(tmp_path)
    old = vault.load(tmp_path, private=[Lock.CASE], public_secrets=False, blinds=False).seal("note", "old")
    vault.rotate(tmp_path, Lock.CASE)

    ring = vault.load(tmp_path, private=[Lock.CASE], public_secrets=False, blinds=False)

    assert ring.open("note", old) == "old"
    assert ring.seal("note", "new")[1:5] != old[1:5]


def test_blind_indexes_find_the_same_text_and_differ_by_kind_and_key(ring: Keyring, tmp_path: Path) -> None:
    vault.create_keys(tmp_path)
    other = vault.load(tmp_path, private=[], public_secrets=False, blinds=True)

    assert ring.blind(Blind.HOST, "a.example") == ring.blind(Blind.HOST, "a.example")
    assert ring.blind(Blind.HOST, "a.example")[5:] != ring.blind(Blind.DOMAIN, "a.example")[5:]
    assert ring.blind(Blind.HOST, "a.example")[5:] != other.blind(Blind.HOST, "a.example")[5:]
    assert b"a.example" not in ring.blind(Blind.HOST, "a.example")


def test_a_form_sent_again_gives_the_same_receipt(ring: Keyring) -> None:
    first, again, other = (vault.receipt(PUBLIC, nonce) for nonce in (b"one", b"one", b"two"))

    assert first == again
    assert first.code != other.code
    assert len(first.code) == vault.CODE_DIGITS
    assert first.code.isdecimal()


def test_a_reply_sealed_to_a_receipt_opens_with_its_code_alone() -> None:
    receipt = vault.receipt(PUBLIC, b"one")
    reply = vault.seal_to_receipt(receipt.public_key, "message.copy", "thank you")

    assert vault.open_with_code(PUBLIC, receipt.code, "message.copy", reply) == "thank you"
    with pytest.raises(Unreadable):
        vault.open_with_code(PUBLIC, receipt.code, "other", reply)
    with pytest.raises(KeyMissing):
        vault.open_with_code(PUBLIC, "0" * 16, "message.copy", reply)


def test_a_code_is_worth_nothing_without_the_pepper() -> None:
    other = PublicKeys(b"q" * 32, b"f" * 32, b"c" * 32)
    code = vault.receipt(PUBLIC, b"one").code

    assert vault.receipt_of(PUBLIC, code).tag != vault.receipt_of(other, code).tag
    assert vault.receipt_of(PUBLIC, code).public_key != vault.receipt_of(other, code).public_key


def test_keys_are_for_their_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    assert vault.create_keys(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert not vault.create_keys(tmp_path)

    assert {path: path.read_bytes() for path in before} == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*"))


def test_a_key_others_can_read_is_reported(tmp_path: Path) -> None:
    vault.create_keys(tmp_path)
    (tmp_path / "public" / "pepper.key").chmod(0o644)

    found = vault.check(tmp_path)

    assert found["pepper.key"] == "readable by others: chmod 600"
    assert {found[lock] for lock in Lock} == {"ok"}


def test_a_key_cut_short_is_refused(tmp_path: Path) -> None:
    vault.create_keys(tmp_path)
    (tmp_path / "public" / "pepper.key").write_bytes(b"short")

    with pytest.raises(SettingsError, match=r"pepper\.key"):
        vault.load(tmp_path, private=[], public_secrets=True, blinds=False)


def test_each_process_holds_its_own_keys_and_no_others(keys_dir: Path) -> None:
    rings = {surface: vault.load_for(surface, keys_dir) for surface in Surface}

    held = {surface: {lock for lock, _ in ring.halves} for surface, ring in rings.items()}
    assert held[Surface.PUBLIC] == set()
    assert held[Surface.OFFICE] == {Lock.CASE}
    assert held[Surface.DESK] == {Lock.CASE, Lock.CARE}
    assert [surface for surface, ring in rings.items() if ring.public] == [Surface.PUBLIC, Surface.ALL]
    assert [surface for surface, ring in rings.items() if not ring.blinds] == [Surface.PUBLIC]


def test_the_key_of_backups_may_have_been_moved_away(tmp_path: Path) -> None:
    vault.create_keys(tmp_path)
    for path in (tmp_path / "escrow").iterdir():
        path.unlink()

    assert vault.check(tmp_path) == {Lock.CASE: "ok", Lock.CARE: "ok", Lock.ESCROW: vault.AWAY, vault.SIGNS: "ok"}


def test_the_key_that_signs_is_the_desks_and_is_checked(tmp_path: Path) -> None:
    vault.create_keys(tmp_path)
    first = vault.load_for(Surface.OFFICE, tmp_path)
    key_id, signature = first.sign(b"message")
    assert vault.is_signed(first.signs_with[1], b"message", signature)
    assert not vault.is_signed(first.signs_with[1], b"another", signature)
    assert first.signs_with[0] == key_id

    with pytest.raises(KeyMissing):
        vault.load_for(Surface.PUBLIC, tmp_path).sign(b"message")
    assert vault.rotate_signing(tmp_path) == vault.load_for(Surface.DESK, tmp_path).signs_with[0] != key_id
    (tmp_path / "public" / f"exchange-{vault.load_for(Surface.DESK, tmp_path).signs_with[0]}.pub").write_bytes(
        b"x" * 32
    )
    assert vault.check(tmp_path)[vault.SIGNS] == "wrong"


def test_public_site_and_desk_know_a_door_by_the_same_tag(keys_dir: Path) -> None:
    tags = {vault.load_for(surface, keys_dir).door_tag("token") for surface in (Surface.PUBLIC, Surface.DESK)}

    assert len(tags) == 1


def test_weak_keys_are_known() -> None:
    zeros, ones = b"\0" * 32, b"\1" + b"\0" * 31

    assert not any(check(key) for check in (vault.is_verify_key, vault.is_box_key) for key in (zeros, ones))
