"""Public keys of recipients, read by the libraries that encrypt to them: pysequoia (OpenPGP), cryptography (S/MIME).

A key is taken only if a letter can be encrypted to it now. Nothing is fetched: whoever issued an S/MIME certificate is
not asked whether it was revoked, and whose it is a person has to make sure of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pysequoia
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from hotline import clock
from hotline.vocabulary import KeyKind

LONGEST = 40_000  # characters: one form takes no more, and a key without many others' signatures has some thousand
LEAST_BITS = 2048
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


def read(kind: KeyKind, material: str) -> PublicKey:
    """Read one public key. Raises KeyFault.

    Codes: `length`, `secret`, `unreadable`, `several`, `revoked`, `expired`, `unusable` (nothing can be encrypted to
    it), and for certificates `early` (not valid yet) and `weak` (a short RSA key).
    """
    if not 0 < len(material.strip()) <= LONGEST:
        raise KeyFault("length")
    if "PRIVATE KEY" in material:
        raise KeyFault("secret")
    return _READERS[kind](material.strip())


def _openpgp(material: str) -> PublicKey:
    try:
        found = pysequoia.Cert.split_bytes(material.encode())
    except Exception as exc:  # the library says no more than that
        raise KeyFault("unreadable") from exc
    if len(found) != 1:
        raise KeyFault("several" if found else "unreadable")
    cert = found[0]
    if cert.is_revoked:
        raise KeyFault("revoked")
    _refuse_expired(cert.expiration)
    armored = str(cert)
    try:
        pysequoia.encrypt(recipients=[cert], bytes=b"a letter")
    except Exception as exc:
        raise KeyFault("unusable") from exc
    names = tuple(_name(str(one)) for one in cert.user_ids[:MOST_NAMES])
    return PublicKey(KeyKind.OPENPGP, cert.fingerprint.lower(), cert.expiration, names, armored)


def _smime(material: str) -> PublicKey:
    try:
        found = x509.load_pem_x509_certificates(material.encode())
        public = found[0].public_key()
    except Exception as exc:  # ValueError, and others where an extension or a key is of a kind nobody knows
        raise KeyFault("unreadable") from exc
    if len(found) != 1:
        raise KeyFault("several")
    cert = found[0]
    if cert.not_valid_before_utc > clock.now():
        raise KeyFault("early")
    _refuse_expired(cert.not_valid_after_utc)
    if not isinstance(public, rsa.RSAPublicKey) or not _may_encrypt(cert):
        raise KeyFault("unusable")
    if public.key_size < LEAST_BITS:
        raise KeyFault("weak")
    try:
        envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(b"a letter").add_recipient(cert)
        envelope.encrypt(serialization.Encoding.DER, [])
    except Exception as exc:
        raise KeyFault("unusable") from exc
    pem = cert.public_bytes(serialization.Encoding.PEM).decode()
    fingerprint = cert.fingerprint(hashes.SHA256()).hex()
    return PublicKey(KeyKind.SMIME, fingerprint, cert.not_valid_after_utc, _names(cert), pem)


def _may_encrypt(cert: x509.Certificate) -> bool:
    try:
        return cert.extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment
    except x509.ExtensionNotFound:
        return True


def _names(cert: x509.Certificate) -> tuple[str, ...]:
    try:
        others = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        mailboxes = others.get_values_for_type(x509.RFC822Name)
    except x509.ExtensionNotFound:
        mailboxes = []
    said = [cert.subject.rfc4514_string(), *mailboxes]
    return tuple(_name(one) for one in said if one)[:MOST_NAMES]


def _name(said: str) -> str:
    """Return a name that a stranger chose as one short line."""
    return "".join(letter if letter.isprintable() else " " for letter in said)[:LONGEST_NAME]


def _refuse_expired(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= clock.now():
        raise KeyFault("expired")


_READERS: dict[KeyKind, Callable[[str], PublicKey]] = {KeyKind.OPENPGP: _openpgp, KeyKind.SMIME: _smime}
