"""Public keys of recipients, read by the libraries that encrypt to them.

A key is taken only if a letter can be encrypted to it now. Nothing is fetched: whoever issued an S/MIME certificate is
not asked whether it was revoked, and whose it is a person has to make sure of. The libraries take 9 MB: they are loaded
by the process that reads a key, when it does.
"""

from importlib import import_module
from typing import cast

from hotline.gateways.public_key import KeyFault, PublicKey
from hotline.vocabulary import KeyKind

__all__ = ["KeyFault", "PublicKey"]

LONGEST = 40_000  # characters: one form takes no more, and a key without many others' signatures has some thousand
MODULES = {KeyKind.OPENPGP: "hotline.gateways.openpgp", KeyKind.SMIME: "hotline.gateways.smime"}


def read(kind: KeyKind, material: str) -> PublicKey:
    """Read one public key. Raises KeyFault.

    Codes: `length`, `secret`, `unreadable`, `several`, `revoked`, `expired`, `unusable` (nothing can be encrypted to
    it), and for certificates `early` (not valid yet) and `weak` (a short RSA key).
    """
    if not 0 < len(material.strip()) <= LONGEST:
        raise KeyFault("length")
    if "PRIVATE KEY" in material:
        raise KeyFault("secret")
    return cast(PublicKey, import_module(MODULES[kind]).read(material.strip()))
