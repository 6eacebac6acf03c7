"""Codes of the second factor: TOTP (RFC 6238) as every authenticator app makes it, and the codes for a lost phone."""

import base64
import hmac
import secrets
import unicodedata
from datetime import datetime
from typing import NamedTuple

import pyotp

from hotline.rules.passwords import LETTERS

SECRET_BYTES = 20  # as long as the hash, as RFC 4226 recommends
DIGITS, PERIOD = 6, 30  # seconds; what every app takes for granted
WINDOW = 1  # steps that a phone's clock may be off, either way
CODES = 10  # for a lost phone
GROUPS, GROUP = 3, 4  # of signs in such a code: 57 bits
ISSUER = "Desk"  # what the app on the phone shows: nothing of whose desk it is


class Proof(NamedTuple):
    """What somebody types to show that it is them: a code of the phone, or one of those for a lost phone."""

    code: str
    recovery: str = ""

    @property
    def field(self) -> str:
        """The field of the form that counts."""
        return "recovery" if self.recovery.strip() else "code"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.code.strip() or self.recovery.strip())


def draw_secret() -> str:
    """Return a new secret, in base32: 32 signs."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def in_groups(secret: str) -> str:
    """Return a secret as it can be typed: four signs and a space."""
    return " ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))


def address(secret: str, *, number: str) -> str:
    """Return what the picture says to the app (`otpauth://`). The person is named by number there."""
    return pyotp.TOTP(secret).provisioning_uri(name=number, issuer_name=ISSUER)


def step_of(secret: str, typed: str, *, at: datetime, after: int) -> int | None:
    """Return the step (of 30 seconds) whose code was typed; None where it fits none near `at`, or none past `after`."""
    totp, digits = pyotp.TOTP(secret), _digits(typed)
    now = totp.timecode(at)
    near = range(now - WINDOW, now + WINDOW + 1)
    fits = [step for step in near if hmac.compare_digest(totp.generate_otp(step), digits)]
    return max((step for step in fits if step > after), default=None)


def draw_codes() -> tuple[str, ...]:
    """Return new codes for a lost phone, such as `b4dk-7wxz-29hn`."""
    return tuple("-".join(_drawn(GROUP) for _ in range(GROUPS)) for _ in range(CODES))


def tidy(recovery: str) -> str:
    """Return a code for a lost phone as it is hashed, however its letters, spaces and dashes were typed."""
    return "".join(sign for sign in recovery.casefold() if sign.isalnum())


def _drawn(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _digits(typed: str) -> str:
    """Return the digits that were typed, in Khmer or any script, without spaces; nothing where more stands."""
    signs = [sign for sign in typed if not sign.isspace()]
    return "".join(str(unicodedata.decimal(sign)) for sign in signs) if all(map(str.isdecimal, signs)) else ""
