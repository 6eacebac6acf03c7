"""S/MIME, by cryptography: certificates read, and parts encrypted to them."""

import base64

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from hotline import clock
from hotline.gateways.public_key import MOST_NAMES, KeyFault, PublicKey, name, refuse_expired
from hotline.vocabulary import KeyKind

LEAST_BITS = 2048


def read(material: str) -> PublicKey:
    """Read one certificate (PEM). Raises KeyFault."""
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
    refuse_expired(cert.not_valid_after_utc)
    if not isinstance(public, rsa.RSAPublicKey) or not _may_encrypt(cert):
        raise KeyFault("unusable")
    if public.key_size < LEAST_BITS:
        raise KeyFault("weak")
    try:
        envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(b"a letter").add_recipient(cert)
        envelope.encrypt(Encoding.DER, [])
    except Exception as exc:
        raise KeyFault("unusable") from exc
    pem = cert.public_bytes(Encoding.PEM).decode()
    fingerprint = cert.fingerprint(hashes.SHA256()).hex()
    return PublicKey(KeyKind.SMIME, fingerprint, cert.not_valid_after_utc, _names(cert), pem)


def encrypt(material: str, part: bytes) -> str:
    """Encrypt to one certificate (PEM); return base64 in lines. Raises whatever the library says."""
    cert = x509.load_pem_x509_certificate(material.encode())
    envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(part).add_recipient(cert)
    envelope = envelope.set_content_encryption_algorithm(algorithms.AES256)
    wrapped = envelope.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    return base64.encodebytes(wrapped).decode("ascii")


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
    return tuple(name(one) for one in said if one)[:MOST_NAMES]
