"""Letters encrypted to their recipient's own key: OpenPGP or S/MIME. None is signed."""

from importlib import import_module

from hotline.gateways.keys import MODULES
from hotline.vocabulary import KeyKind


class CannotEncrypt(Exception):
    """A key takes no letter: it does not open, has expired, was revoked, or is of no use for this."""


def encrypt(kind: KeyKind, material: str, part: bytes) -> str:
    """Encrypt a whole MIME part (its lines end in CRLF) to one key; never twice to the same bytes.

    `material` is the public key, armored (OpenPGP) or as PEM (S/MIME). Returns armored text or base64 in lines. Raises
    CannotEncrypt.
    """
    try:
        return str(import_module(MODULES[kind]).encrypt(material, part))
    except Exception as exc:  # either library says what is wrong in words of its own
        raise CannotEncrypt(str(kind)) from exc
