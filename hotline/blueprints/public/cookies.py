"""Every cookie of the public site: `KINDS` is what sets them and what the page about them is drawn from.

On the onion service they have the same names and are marked Secure as well, although that door has no TLS: Tor
Browser takes an onion address for the secure origin it is, and the page about cookies stays true at both doors. A
browser that does not (one behind a bare Tor proxy) keeps none; it is shown its receipt at once, as any that keeps none.
"""

import base64
import binascii
import json
import time
from dataclasses import asdict, dataclass

from flask import request
from flask_babel import lazy_gettext as _later
from flask_babel.speaklater import LazyString
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from werkzeug.wrappers import Response

from hotline import security
from hotline.vault import keyring

RECEIPT_MINUTES = 10
KEPT_DAYS = 180
_KEPT = KEPT_DAYS * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Kind:
    """One cookie: its short name, how long it lives (seconds; None: until the browser closes), and what is said of it.

    `needed`: strictly necessary. Others are set only once somebody accepted them.
    """

    name: str
    seconds: int | None
    does: LazyString
    lives: LazyString
    needed: bool = False


PROBE = Kind(
    "probe",
    None,
    _later("Tells us whether your browser keeps cookies, so that we can show you your code either way."),
    _later("Set when you open the report form or the help page. Gone when you close the browser."),
    needed=True,
)
RECEIPT = Kind(
    "receipt",
    RECEIPT_MINUTES * 60,
    _later("Carries your code, locked, to the page that shows it."),
    _later(
        "Set when you send a report or a request for help. "
        "Gone after %(num)s minutes, or when you have written your code down.",
        num=RECEIPT_MINUTES,
    ),
    needed=True,
)
CHOICE = Kind(
    "choice",
    _KEPT,
    _later("Remembers what you chose about cookies, so that we do not ask again."),
    _later(
        "Set when you choose. After “Only needed” it is gone when you close the browser, "
        "after “Accept all” it is gone after %(num)s days.",
        num=KEPT_DAYS,
    ),
    needed=True,
)
LANGUAGE = Kind(
    "lang",
    _KEPT,
    _later("Remembers the language you read, so that this site opens in it."),
    _later("Set when you accept, and when you change the language. Gone after %(num)s days.", num=KEPT_DAYS),
)
SIZE = Kind(
    "size",
    _KEPT,
    _later("Remembers the text size you chose."),
    _later(
        "Set when you choose a larger text. Gone after %(num)s days, or when you choose the normal size.", num=KEPT_DAYS
    ),
)
KINDS = (PROBE, RECEIPT, CHOICE, LANGUAGE, SIZE)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a receipt page shows: the code (16 digits), how many links were taken, and what has to be said of them.

    `for_help`: it is the receipt of a request for help, which has no links. `sextortion`: of a report of such threats.
    """

    code: str
    links: int
    kept: bool
    mended: bool
    danger: bool = False
    for_help: bool = False
    sextortion: bool = False


def full_name(kind: Kind) -> str:
    """Return the name the browser knows a cookie by."""
    return security.cookie_name(kind.name)


def value(kind: Kind) -> str:
    """Return what the browser brought; empty when it brought none."""
    return request.cookies.get(full_name(kind), "")


def put(response: Response, kind: Kind, value: str) -> None:
    """Let the browser keep `value` for as long as its kind lives."""
    response.headers.add("Set-Cookie", security.cookie(kind.name, value, max_age=kind.seconds))


def clear(response: Response, kind: Kind) -> None:
    """Make the browser forget a cookie now."""
    response.headers.add("Set-Cookie", security.cookie(kind.name, "", max_age=0))


def refuse(response: Response, value: str) -> None:
    """Forget whatever is not needed. The refusal itself ends with the browser: a shared phone then shows nothing."""
    response.headers.add("Set-Cookie", security.cookie(CHOICE.name, value))
    for kind in KINDS:
        if not kind.needed:
            clear(response, kind)


def set_probe(response: Response) -> None:
    """Leave a mark that tells, at the next step, whether this browser keeps cookies."""
    put(response, PROBE, "1")


def kept() -> bool:
    """Tell whether this browser brought the probe back."""
    return full_name(PROBE) in request.cookies


def set_receipt(response: Response, shown: Shown) -> None:
    """Let the browser carry its receipt to the next page, encrypted, for as long as it lives."""
    assert RECEIPT.seconds is not None
    sealed = _box().encrypt(json.dumps([time.time() + RECEIPT.seconds, asdict(shown)]).encode())
    put(response, RECEIPT, base64.urlsafe_b64encode(sealed).decode().rstrip("="))


def receipt() -> Shown | None:
    """Return the receipt the browser carries; None when there is none, or it is too old or not ours."""
    sealed = value(RECEIPT)
    try:
        opened = _box().decrypt(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    except (binascii.Error, CryptoError, ValueError):
        return None
    ends, shown = json.loads(opened)
    return Shown(**shown) if time.time() < ends else None


def _box() -> SecretBox:
    keys = keyring().public
    assert keys is not None
    return SecretBox(keys.receipt_cookie_key)
