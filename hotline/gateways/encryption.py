"""Letters encrypted to their recipient's own key: OpenPGP by pysequoia, S/MIME by cryptography. None is signed."""

import base64
from collections.abc import Callable

import pysequoia
from cryptography import x509
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from hotline.vocabulary import KeyKind


class CannotEncrypt(Exception):
    """A key takes no letter: it does not open, has expired, was revoked, or is of no use for this."""


def encrypt(kind: KeyKind, material: str, part: bytes) -> str:
    """Encrypt a whole MIME part (its lines end in CRLF) to one key; never twice to the same bytes.

    `material` is the public key, armored (OpenPGP) or as PEM (S/MIME). Returns armored text or base64 in lines. Raises
    CannotEncrypt.
    """
    try:
        return _HOW[kind](material, part)
    except Exception as exc:  # either library says what is wrong in words of its own
        raise CannotEncrypt(str(kind)) from exc


def _openpgp(material: str, part: bytes) -> str:
    cert = pysequoia.Cert.from_bytes(material.encode())
    if cert.is_revoked:
        raise CannotEncrypt("revoked")
    armored: bytes = pysequoia.encrypt(recipients=[cert], bytes=part)
    return armored.decode("ascii")


def _smime(material: str, part: bytes) -> str:
    cert = x509.load_pem_x509_certificate(material.encode())
    envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(part).add_recipient(cert)
    envelope = envelope.set_content_encryption_algorithm(algorithms.AES256)
    wrapped = envelope.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    return base64.encodebytes(wrapped).decode("ascii")


_HOW: dict[KeyKind, Callable[[str, bytes], str]] = {KeyKind.OPENPGP: _openpgp, KeyKind.SMIME: _smime}
