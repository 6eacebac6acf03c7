"""A key that somebody typed in, for whoever letters are encrypted to: a recipient, a service, an official."""

from hotline.errors import Refused
from hotline.gateways import keys
from hotline.gateways.keys import KeyFault, PublicKey
from hotline.vocabulary import KeyKind


def read(kind: str, material: str) -> PublicKey:
    """Read it. Raises Refused (`key_kind` or `material`) with what is wrong, by the codes of `gateways.keys.read`."""
    if kind not in set(KeyKind):
        raise Refused(("key_kind", "required"))
    try:
        return keys.read(KeyKind(kind), material)
    except KeyFault as fault:
        raise Refused(("material", fault.code)) from fault
