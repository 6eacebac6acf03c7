"""The form token of the public site: signed and timed, bound to no cookie, holding a one-time random nonce.

It cannot prove that a browser showed our page (anyone may fetch a token), so `is_foreign` asks what the browser says
about where a post came from. What the token gives is the nonce: the same form sent again is the same report.
"""

import hashlib
import secrets
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import BadSignature, TimestampSigner
from wtforms import ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from hotline import security
from hotline.config import settings
from hotline.vault import keyring

LIFETIME = 12 * 60 * 60
NONCE_BYTES = 16


def fresh() -> str:
    """Make a token with a nonce never used before."""
    return _signer().sign(secrets.token_urlsafe(NONCE_BYTES)).decode()


def nonce_of(token: str) -> str | None:
    """Return the nonce of a good token; None when it is not ours, changed or older than `LIFETIME`."""
    try:
        return _signer().unsign(token, max_age=LIFETIME).decode()
    except BadSignature:
        return None


def opened(token: str) -> tuple[str, float]:
    """Return the nonce of a token that was found good, and when it was made: a whole second since 1970."""
    nonce, made = _signer().unsign(token, return_timestamp=True)
    return nonce.decode(), made.timestamp()


def again(token: str) -> str:
    """Return a token for a form that is drawn again: the same while it is good, so that the report stays the same."""
    return token if nonce_of(token) else fresh()


def is_foreign() -> bool:
    """Tell whether the browser says that this post came from another site than ours, by whichever of our names."""
    found = settings()
    return security.is_foreign(*(urlsplit(url).netloc for url in (found.public_url, found.onion_url) if url))


class SignedTimedToken(CSRF):
    """Checks the token for Flask-WTF and leaves its nonce on the form."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """Return nothing: pages put their token in themselves, a form object only ever checks one."""
        return ""

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        """Refuse a token that is not good, and any post that came from another site."""
        nonce = nonce_of(field.data or "")
        if nonce is None or is_foreign():
            raise ValidationError("stale")
        form.nonce = nonce


def _signer() -> TimestampSigner:
    keys = keyring().public
    assert keys is not None
    return TimestampSigner(
        keys.form_secret, salt="hotline public form", key_derivation="hmac", digest_method=hashlib.sha256
    )
