"""The only cryptography of the house: sealing, opening, blind indexes, receipts, and the files that hold the keys.

A sealed value is `0x01 | key id (4 bytes) | PyNaCl sealed box of (purpose NUL text)`. Whoever has the public half can
seal; only who has the private half can open. The purpose is inside the box, so that a value copied into another
column does not open there. Blind indexes are keyed hashes, `0x01 | key id | BLAKE2b-128`, with a key each kind.

Keys lie in one folder for each reader, so that file permissions say who may read what:

    keys/public/   pepper, form secret, receipt cookie key, the keys that partners'
                   tokens and links in letters are known by, and the public halves   (public site)
    keys/case/     private halves for reports, addresses, notes, letters; blind keys;
                   the secret that signs the desk's form tokens; the keys that sign
                   messages to partner hotlines                                       (worker, desk)
    keys/care/     private halves for victim files                                    (desk)
    keys/escrow/   private half for backups; meant to be moved off the server         (nobody)
"""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import cast

from flask import current_app
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_scalarmult_base
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from hotline.errors import KeyMissing, SettingsError, Unreadable
from hotline.vocabulary import Surface

VERSION = b"\x01"
KEY_ID_BYTES = 4
SECRET_BYTES = 32
CODE_DIGITS = 16
LINK_BYTES = 16  # of what vouches for a link: nobody guesses one, and it fits on a line
AWAY = "away"
GONE = "not there: put it back from the backup of the keys"


class Lock(StrEnum):
    """Which pair of keys a value is sealed to."""

    CASE = "case"
    CARE = "care"
    ESCROW = "escrow"


class Blind(StrEnum):
    """What a blind index finds again. Each kind has a key of its own."""

    ADDRESS = "address"
    PATH = "path"
    HOST = "host"
    DOMAIN = "domain"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What the public site holds: secrets of its own, no private key."""

    pepper: bytes
    form_secret: bytes
    receipt_cookie_key: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a code leaves behind: `tag` finds the row, `public_key` lets staff answer; neither gives the code away."""

    code: str
    tag: bytes
    public_key: bytes


@dataclass(slots=True)
class Keyring:
    """The keys this process may use. Boxes and halves are looked up by key id (4 bytes)."""

    current: dict[Lock, bytes] = field(default_factory=dict)
    boxes: dict[tuple[Lock, bytes], SealedBox[PublicKey]] = field(default_factory=dict)
    halves: dict[tuple[Lock, bytes], SealedBox[PrivateKey]] = field(default_factory=dict)
    blinds: dict[Blind, tuple[bytes, bytes]] = field(default_factory=dict)
    public: PublicKeys | None = None
    desk_secret: bytes | None = None
    doors: bytes | None = None
    links: bytes | None = None
    signing: tuple[str, SigningKey] | None = None

    def seal(self, purpose: str, text: str, *, lock: Lock = Lock.CASE) -> bytes:
        """Seal `text` for `purpose`, to the current key of `lock`."""
        key_id = self.current.get(lock)
        if key_id is None:
            raise KeyMissing(f"no public half for {lock}")
        return VERSION + key_id + self.boxes[lock, key_id].encrypt(purpose.encode() + b"\0" + text.encode())

    def open(self, purpose: str, blob: bytes, *, lock: Lock = Lock.CASE) -> str:
        """Open what `seal` made for the same purpose. Raises KeyMissing or Unreadable."""
        key_id, box = _apart(blob)
        half = self.halves.get((lock, key_id))
        if half is None:
            raise KeyMissing(f"no private half for {lock}")
        return _opened(half, purpose, box)

    def opens(self, blob: bytes) -> bool | None:
        """Whether a value opens, whatever it is for; None where no private half is here that it is sealed to."""
        halves = [half for (_, key_id), half in self.halves.items() if blob.startswith(VERSION + key_id)]
        if not halves:
            return None
        try:
            return bool(halves[0].decrypt(blob[1 + KEY_ID_BYTES :]))
        except CryptoError:
            return False

    def blind(self, kind: Blind, text: str) -> bytes:
        """Return the blind index of `text`: the same for the same text, telling nothing without the key."""
        if kind not in self.blinds:
            raise KeyMissing(f"no blind key for {kind}")
        key_id, key = self.blinds[kind]
        return VERSION + key_id + hashlib.blake2b(text.encode(), key=key, digest_size=16).digest()

    def door_tag(self, token: str) -> bytes:
        """Return what finds a partner hotline's door by its token (32 bytes), telling nothing without the key."""
        return self.door_mark(f"door:{token}")

    def door_mark(self, text: str) -> bytes:
        """Return a keyed hash (32 bytes) of something that came to a door, to know it again by."""
        if self.doors is None:
            raise KeyMissing("no key for partners' doors")
        return hmac.digest(self.doors, text.encode(), "sha256")

    def link_mark(self, text: str) -> str:
        """Return what vouches for a link in a letter of ours: 32 digits of hex, the same for the same text."""
        if self.links is None:
            raise KeyMissing("no key for links in letters")
        return hmac.digest(self.links, text.encode(), "sha256")[:LINK_BYTES].hex()

    @property
    def signs_with(self) -> tuple[str, bytes]:
        """The id in hex and the public half (32 bytes) of the key that signs messages to partner hotlines."""
        if self.signing is None:
            raise KeyMissing("no key that signs")
        key_id, key = self.signing
        return key_id, bytes(key.verify_key)

    def sign(self, message: bytes) -> tuple[str, bytes]:
        """Sign a message to a partner hotline. Returns the key's id in hex and the signature (Ed25519, 64 bytes)."""
        if self.signing is None:
            raise KeyMissing("no key that signs")
        key_id, key = self.signing
        return key_id, key.sign(message).signature


def is_signed(verify_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made with the private half of `verify_key` (Ed25519)."""
    try:
        VerifyKey(verify_key).verify(message, signature)
    except (CryptoError, ValueError):
        return False
    return True


def is_verify_key(key: bytes) -> bool:
    """Whether 32 bytes are a public key that only its owner can sign for (Ed25519, none of the weak points)."""
    return bool(crypto_core_ed25519_is_valid_point(key))


def is_box_key(key: bytes) -> bool:
    """Whether 32 bytes are a public key that only its owner can open for (X25519, none of the weak points)."""
    try:
        seal_to_partner(key, b"check")
    except (CryptoError, ValueError):
        return False
    return True


def seal_to_partner(box_key: bytes, message: bytes) -> bytes:
    """Seal a message to a partner hotline's own key (X25519, 32 bytes): nobody here opens it again."""
    return SealedBox(PublicKey(box_key)).encrypt(message)


def _apart(blob: bytes) -> tuple[bytes, bytes]:
    """Return the key id and the box of a sealed value."""
    if blob[:1] != VERSION:
        raise Unreadable("unknown version of a sealed value")
    return blob[1 : 1 + KEY_ID_BYTES], blob[1 + KEY_ID_BYTES :]


def _opened(half: SealedBox[PrivateKey], purpose: str, box: bytes) -> str:
    try:
        written_for, _, text = half.decrypt(box).partition(b"\0")
    except CryptoError as exc:
        raise Unreadable("a sealed value does not open") from exc
    if written_for != purpose.encode():
        raise Unreadable("a sealed value was made for another purpose")
    return text.decode()


def keyring() -> Keyring:
    """Return the running app's keys."""
    return cast(Keyring, current_app.extensions["hotline.keyring"])


def receipt(keys: PublicKeys, nonce: bytes) -> Receipt:
    """Make the receipt for a form's one-time nonce: the same nonce always gives the same 16 digits."""
    number = int.from_bytes(hmac.digest(keys.pepper, b"receipt" + nonce, "sha256"))
    return receipt_of(keys, f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}")


def receipt_of(keys: PublicKeys, code: str) -> Receipt:
    """Return what a code leaves behind: HMAC tag (32 bytes) and an X25519 public key (32 bytes)."""
    tag = hmac.digest(keys.pepper, b"tag" + code.encode(), "sha256")
    return Receipt(code, tag, crypto_scalarmult_base(_private_seed(keys, code)))


def seal_to_receipt(public_key: bytes, purpose: str, text: str) -> bytes:
    """Seal `text` so that only who holds the code can read it. `public_key` is a receipt's (32 bytes)."""
    box = SealedBox(PublicKey(public_key)).encrypt(purpose.encode() + b"\0" + text.encode())
    return VERSION + _key_id(public_key) + box


def open_with_code(keys: PublicKeys, code: str, purpose: str, blob: bytes) -> str:
    """Open what `seal_to_receipt` made for the receipt of `code`. Raises KeyMissing or Unreadable."""
    half = PrivateKey(_private_seed(keys, code))
    key_id, box = _apart(blob)
    if key_id != _key_id(bytes(half.public_key)):
        raise KeyMissing("a message is sealed to another receipt")
    return _opened(SealedBox(half), purpose, box)


def _key_id(public_key: bytes) -> bytes:
    return hashlib.blake2b(public_key, digest_size=KEY_ID_BYTES).digest()


def _private_seed(keys: PublicKeys, code: str) -> bytes:
    """HKDF (RFC 5869, SHA-256, one block): extract with the pepper as salt, expand with a label."""
    extracted = hmac.digest(keys.pepper, code.encode(), "sha256")
    return hmac.digest(extracted, b"hotline receipt x25519\x01", "sha256")


# --- the files -------------------------------------------------------------------------------------------------


def create_keys(keys_dir: Path) -> list[str]:
    """Make every key that is missing. Returns what was made, such as `public/pepper.key`. Never overwrites."""
    made = [name for name, drawn in _alone().items() if _write_new(keys_dir / name, drawn())]
    if not (keys_dir / "public" / f"{SIGNS}.current").exists():
        made.append(f"case/{SIGNS}-{rotate_signing(keys_dir)}.key")
    for lock in Lock:
        if not (keys_dir / "public" / f"{lock}.current").exists():
            made.append(f"{lock}/{lock}-{rotate(keys_dir, lock)}.key")
    return made


def _alone() -> dict[str, Callable[[], bytes]]:
    """Return the files that are no halves of pairs, each with what draws a new one."""
    found = {f"public/{name}": _fresh_secret for name in (*_PUBLIC_SECRETS, _DOORS, _LINKS)}
    found |= {f"case/blind-{kind}.key": _fresh_blind for kind in Blind}
    return found | {f"case/{_DESK_FORMS}": _fresh_secret}


def list_missing(keys_dir: Path) -> list[str]:
    """Name every file that `create_keys` would make, but what has been moved off the server."""
    pairs = [f"public/{lock}.current" for lock in (*Lock, SIGNS)]
    return [name for name in (*_alone(), *pairs) if not (keys_dir / name).is_file()]


def current(keys_dir: Path) -> dict[Lock, bytes]:
    """Return the ids (4 bytes) of the keys that are sealed to from the next start on. Raises SettingsError."""
    return load(keys_dir, private=(), public_secrets=False, blinds=False).current


def list_gone(keys_dir: Path) -> list[str]:
    """Name the keys of the first day that are not there. A new one in their place opens and finds nothing stored."""
    wanted = [f"public/{lock}.current" for lock in (Lock.CASE, Lock.CARE)] + ["public/pepper.key"]
    wanted += [f"case/blind-{kind}.key" for kind in Blind]
    return [name for name in wanted if not (keys_dir / name).is_file()]


def rotate(keys_dir: Path, lock: Lock) -> str:
    """Make a new pair for `lock` and seal to it from now on; older pairs still open. Returns its key id in hex."""
    pair = PrivateKey.generate()
    key_id = _key_id(bytes(pair.public_key))
    _write_new(keys_dir / lock / f"{lock}-{key_id.hex()}.key", bytes(pair))
    _write_new(keys_dir / "public" / f"{lock}-{key_id.hex()}.pub", bytes(pair.public_key))
    _replace(keys_dir / "public" / f"{lock}.current", key_id.hex().encode())
    return key_id.hex()


def rotate_signing(keys_dir: Path) -> str:
    """Make a new key that signs messages to partner hotlines from now on. Returns its id in hex.

    Partners have to be given its public half; what was signed before bears the id of the key it was signed with.
    """
    key = SigningKey.generate()
    half = bytes(key.verify_key)
    key_id = _key_id(half).hex()
    _write_new(keys_dir / "case" / f"{SIGNS}-{key_id}.key", bytes(key))
    _write_new(keys_dir / "public" / f"{SIGNS}-{key_id}.pub", half)
    _replace(keys_dir / "public" / f"{SIGNS}.current", key_id.encode())
    return key_id


def load_for(surface: Surface, keys_dir: Path) -> Keyring:
    """Read the keys that belong on `surface`, and no others. Raises SettingsError when one is missing."""
    return load(
        keys_dir,
        private=_HELD[surface],
        public_secrets=surface in {Surface.PUBLIC, Surface.ALL},
        blinds=surface is not Surface.PUBLIC,
    )


def load(keys_dir: Path, *, private: Iterable[Lock], public_secrets: bool, blinds: bool) -> Keyring:
    """Read some keys; `blinds` brings all that only desk and worker share. Raises SettingsError when one is missing."""
    ring = Keyring()
    try:
        for lock in Lock:
            _load_public_half(ring, keys_dir, lock)
        for lock in private:
            for path in sorted((keys_dir / lock).glob(f"{lock}-*.key")):
                ring.halves[lock, bytes.fromhex(path.stem.rpartition("-")[2])] = SealedBox(
                    PrivateKey(path.read_bytes())
                )
        if blinds:
            ring.blinds = {kind: _load_blind(keys_dir / "case" / f"blind-{kind}.key") for kind in Blind}
            ring.desk_secret = _secret(keys_dir / "case" / _DESK_FORMS)
            ring.signing = _load_signing(keys_dir)
        if blinds or public_secrets:
            ring.doors = _secret(keys_dir / "public" / _DOORS)
            ring.links = _secret(keys_dir / "public" / _LINKS)
        if public_secrets:
            ring.public = PublicKeys(*(_secret(keys_dir / "public" / name) for name in _PUBLIC_SECRETS))
    except OSError as exc:
        raise SettingsError(
            f"A key cannot be read: {exc.filename} ({exc.strerror}). What is new in this version is made by:"
            " flask prepare. Anything else comes back from the backup of the keys."
        ) from exc
    except (ValueError, CryptoError) as exc:
        raise SettingsError(f"A key in {keys_dir} is damaged. It comes back from the backup of the keys.") from exc
    return ring


_HELD: Mapping[Surface, tuple[Lock, ...]] = {  # private halves
    Surface.PUBLIC: (),
    Surface.OFFICE: (Lock.CASE,),
    Surface.DESK: (Lock.CASE, Lock.CARE),
    Surface.ALL: (Lock.CASE, Lock.CARE),
}
_PUBLIC_SECRETS = ("pepper.key", "form.key", "receipt-cookie.key")
_DESK_FORMS = "desk-forms.key"
_DOORS = "exchange-doors.key"
_LINKS = "reply-links.key"
_MADE_ANEW = {*_PUBLIC_SECRETS, _DESK_FORMS} - {"pepper.key"}  # whoever has a form open sends it once more
_HALF = re.compile(r"(?P<lock>case|care|escrow|exchange)(?:-(?P<id>[0-9a-f]{8})\.pub|\.current)")
SIGNS = "exchange"  # the files of the keys that sign messages to partner hotlines


def _load_public_half(ring: Keyring, keys_dir: Path, lock: Lock) -> None:
    key_id = bytes.fromhex((keys_dir / "public" / f"{lock}.current").read_text().strip())
    half = PublicKey((keys_dir / "public" / f"{lock}-{key_id.hex()}.pub").read_bytes())
    ring.current[lock] = key_id
    ring.boxes[lock, key_id] = SealedBox(half)


def _load_signing(keys_dir: Path) -> tuple[str, SigningKey]:
    key_id = (keys_dir / "public" / f"{SIGNS}.current").read_text().strip()
    return key_id, SigningKey(_secret(keys_dir / "case" / f"{SIGNS}-{key_id}.key"))


def _fresh_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _fresh_blind() -> bytes:
    return secrets.token_bytes(KEY_ID_BYTES + SECRET_BYTES)


def _load_blind(path: Path) -> tuple[bytes, bytes]:
    raw = path.read_bytes()
    return raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:]


def _secret(path: Path) -> bytes:
    raw = path.read_bytes()
    if len(raw) != SECRET_BYTES:
        raise SettingsError(f"The key file {path} does not hold {SECRET_BYTES} bytes.")
    return raw


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can enter, and so every missing one above it, whatever the umask says."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _write_new(path: Path, content: bytes) -> bool:
    make_private(path.parent)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return True


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, content)
    fresh.replace(path)


def read_half(path: Path) -> tuple[bytes, SealedBox[PrivateKey]]:
    """Read a private half from its file. Returns its key id, and what opens. Raises SettingsError."""
    try:
        half = PrivateKey(_secret(path))
    except OSError as exc:
        raise SettingsError(f"The key file {path} cannot be read: {exc.strerror}.") from exc
    return _key_id(bytes(half.public_key)), SealedBox(half)


def list_halves(keys_dir: Path) -> dict[str, bytes]:
    """Return what `public` holds of the pairs: the file names, with the public halves and which of them is in use."""
    found = [*(keys_dir / "public").glob("*.pub"), *(keys_dir / "public").glob("*.current")]
    return {path.name: path.read_bytes() for path in sorted(found)}


def put_half(keys_dir: Path, name: str, content: bytes, *, escrow: bytes) -> None:
    """Put back what `list_halves` returned, where nothing of the name is there, and only if it belongs to us.

    It does where the private half lies here, or is the one for backups with the id `escrow`: nobody can make us seal to
    a key of theirs.
    """
    if not (named := _HALF.fullmatch(name)):
        return
    lock, key_id = named["lock"], named["id"] or content.decode("ascii", "replace")
    folder = Lock.CASE if lock == SIGNS else lock
    ours = key_id == escrow.hex() if lock == Lock.ESCROW else (keys_dir / folder / f"{lock}-{key_id}.key").is_file()
    if ours and (not named["id"] or _key_id(content).hex() == key_id):
        _write_new(keys_dir / "public" / name, content)


def marks(keys_dir: Path) -> dict[str, str]:
    """Return a mark of each secret file without which what is stored would not open or not be found.

    The same file gives the same mark, which tells nothing of what is in it. Private halves of backups are left out,
    and what may be made anew at any time.
    """
    found = [path for folder in ("public", Lock.CASE, Lock.CARE) for path in sorted((keys_dir / folder).glob("*.key"))]
    return {
        path.relative_to(keys_dir).as_posix(): hashlib.blake2b(
            path.read_bytes(), digest_size=16, person=b"hotline backup"
        ).hexdigest()
        for path in found
        if path.name not in _MADE_ANEW
    }


def check(keys_dir: Path) -> Mapping[str, str]:
    """Return one word for each key file group: `ok`, `away`, or what is wrong. Used by `flask keys check`.

    `away` is how it should be for the private half of backups, once it has been moved off the server.
    """
    found: dict[str, str] = {}
    for lock in Lock:
        if lock is Lock.ESCROW and not any((keys_dir / lock).glob("*.key")):
            found[lock] = AWAY
            continue
        try:
            ring = load(keys_dir, private=[lock], public_secrets=False, blinds=False)
            found[lock] = "ok" if ring.open("check", ring.seal("check", "x", lock=lock), lock=lock) == "x" else "wrong"
        except (SettingsError, KeyMissing, Unreadable) as exc:
            found[lock] = str(exc)
    found[SIGNS] = _check_signing(keys_dir)
    found |= dict.fromkeys((*list_gone(keys_dir), *_halves_gone(keys_dir)), GONE)
    for path in (keys_dir, *sorted(keys_dir.rglob("*"))):
        if path.stat().st_mode & 0o077:
            found[path.name] = "open to others: chmod 700" if path.is_dir() else "readable by others: chmod 600"
    return found


def _halves_gone(keys_dir: Path) -> list[str]:
    """Name the private halves, older ones too, without which something that was sealed does not open."""
    halves = [
        (lock, half) for lock in (Lock.CASE, Lock.CARE) for half in sorted((keys_dir / "public").glob(f"{lock}-*.pub"))
    ]
    return [f"{lock}/{half.stem}.key" for lock, half in halves if not (keys_dir / lock / f"{half.stem}.key").is_file()]


def _check_signing(keys_dir: Path) -> str:
    try:
        key_id, key = _load_signing(keys_dir)
        half = (keys_dir / "public" / f"{SIGNS}-{key_id}.pub").read_bytes()
        for name in (_DOORS, _LINKS):
            _secret(keys_dir / "public" / name)
    except (OSError, SettingsError) as exc:
        return str(exc) if isinstance(exc, SettingsError) else f"A key cannot be read: {exc.filename}."
    return "ok" if is_signed(half, b"check", key.sign(b"check").signature) else "wrong"
