"""How often one network may send something. Kept in memory only, under a key that lives for a day.

Many phones share one address behind their carrier, so a limit means a short wait and never a lost report. Visitors
of the onion service all look alike: they share one wide brake.
"""

import hashlib
import ipaddress
import secrets
from urllib.parse import urlsplit

from flask import request

from hotline.clock import now
from hotline.config import settings
from hotline.extensions import limiter

IPV6_NETWORK = 64


class DayKey:
    """A random key that is thrown away when the day is over. It never leaves this process."""

    def __init__(self) -> None:
        self._made_on = now().date()
        self._key = secrets.token_bytes(32)

    def mark(self, text: str) -> str:
        """Return what stands for `text` today."""
        today = now().date()
        if today != self._made_on:
            self._made_on, self._key = today, secrets.token_bytes(32)
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).hexdigest()


_today = DayKey()


def network() -> str:
    """Return the mark under which this visitor's network is counted."""
    return _today.mark("onion" if _by_onion() else _network_of(request.remote_addr or "unknown"))


def reports() -> str:
    """Return how many reports one network may send."""
    return "1200 per 10 minutes" if _by_onion() else "20 per 10 minutes"


def lookups() -> str:
    """Return how many receipt codes one network may look up."""
    return "600 per 10 minutes" if _by_onion() else "10 per 10 minutes"


def seconds_left() -> int:
    """Return after how many seconds the limit that was just passed is open again; at least one."""
    limit = limiter.current_limit
    return max(1, round(limit.reset_at - now().timestamp())) if limit else 60


def _by_onion() -> bool:
    onion = settings().onion_url
    return bool(onion) and request.host == urlsplit(onion).netloc


def _network_of(address: str) -> str:
    """Return the network an address belongs to: itself, or the /64 that one IPv6 line is given."""
    if ":" not in address:
        return address
    try:
        six = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if six.ipv4_mapped:
        return str(six.ipv4_mapped)
    return f"{int(six) >> (128 - IPV6_NETWORK):x}"
