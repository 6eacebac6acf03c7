"""The two cookies of the public site, both needed for it to work: the probe and the receipt."""

import base64
import binascii
import json
import time
from dataclasses import asdict, dataclass

from flask import request
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from werkzeug.wrappers import Response

from hotline import security
from hotline.vault import keyring

RECEIPT_SECONDS = 10 * 60
PROBE = "probe"
RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a receipt page shows: the code (16 digits), how many links were taken, and what has to be said of them."""

    code: str
    links: int
    kept: bool
    mended: bool


def set_probe(response: Response) -> None:
    """Leave a mark that tells, at the next step, whether this browser keeps cookies. It ends with the browser."""
    response.headers.add("Set-Cookie", security.cookie(PROBE, "1"))


def kept() -> bool:
    """Tell whether this browser brought the probe back."""
    return security.cookie_name(PROBE) in request.cookies


def set_receipt(response: Response, shown: Shown) -> None:
    """Let the browser carry its receipt to the next page, encrypted, for ten minutes."""
    sealed = _box().encrypt(json.dumps([time.time() + RECEIPT_SECONDS, asdict(shown)]).encode())
    value = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    response.headers.add("Set-Cookie", security.cookie(RECEIPT, value, max_age=RECEIPT_SECONDS))


def receipt() -> Shown | None:
    """Return the receipt the browser carries; None when there is none, or it is too old or not ours."""
    value = request.cookies.get(security.cookie_name(RECEIPT), "")
    try:
        opened = _box().decrypt(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (binascii.Error, CryptoError, ValueError):
        return None
    ends, shown = json.loads(opened)
    return Shown(**shown) if time.time() < ends else None


def clear_receipt(response: Response) -> None:
    """Make the browser forget its receipt now."""
    response.headers.add("Set-Cookie", security.cookie(RECEIPT, "", max_age=0))


def _box() -> SecretBox:
    keys = keyring().public
    assert keys is not None
    return SecretBox(keys.receipt_cookie_key)
