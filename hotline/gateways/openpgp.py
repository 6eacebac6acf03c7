"""OpenPGP, by pysequoia: keys read, and parts encrypted to them."""

import pysequoia

from hotline.gateways.public_key import MOST_NAMES, KeyFault, PublicKey, name, refuse_expired
from hotline.vocabulary import KeyKind


def read(material: str) -> PublicKey:
    """Read one armored key. Raises KeyFault."""
    try:
        found = pysequoia.Cert.split_bytes(material.encode())
    except Exception as exc:  # the library says no more than that
        raise KeyFault("unreadable") from exc
    if len(found) != 1:
        raise KeyFault("several" if found else "unreadable")
    cert = found[0]
    if cert.is_revoked:
        raise KeyFault("revoked")
    refuse_expired(cert.expiration)
    armored = str(cert)
    try:
        pysequoia.encrypt(recipients=[cert], bytes=b"a letter")
    except Exception as exc:
        raise KeyFault("unusable") from exc
    names = tuple(name(str(one)) for one in cert.user_ids[:MOST_NAMES])
    return PublicKey(KeyKind.OPENPGP, cert.fingerprint.lower(), cert.expiration, names, armored)


def encrypt(material: str, part: bytes) -> str:
    """Encrypt to one armored key; return armored text. Raises whatever the library says."""
    cert = pysequoia.Cert.from_bytes(material.encode())
    if cert.is_revoked:
        raise KeyFault("revoked")
    armored: bytes = pysequoia.encrypt(recipients=[cert], bytes=part)
    return armored.decode("ascii")
