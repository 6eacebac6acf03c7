"""What is known of a public key, whoever reads it, and what is wrong with one."""

from dataclasses import dataclass
from datetime import datetime

from hotline import clock
from hotline.vocabulary import KeyKind

MOST_NAMES = 10
LONGEST_NAME = 200


class KeyFault(Exception):
    """A key that no letter can be encrypted to; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key. `fingerprint` is hexadecimal in lower case, of S/MIME the SHA-256 of the certificate."""

    kind: KeyKind
    fingerprint: str
    expires_at: datetime | None
    names: tuple[str, ...]  # as the key itself says them
    material: str  # armored (OpenPGP) or PEM (S/MIME), with nothing but the public key


def name(said: str) -> str:
    """Return a name that a stranger chose as one short line."""
    return "".join(letter if letter.isprintable() else " " for letter in said)[:LONGEST_NAME]


def refuse_expired(expires_at: datetime | None) -> None:
    """Raise KeyFault for a key whose time is over."""
    if expires_at is not None and expires_at <= clock.now():
        raise KeyFault("expired")
