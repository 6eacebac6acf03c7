"""How often one network may send something. Kept in memory only, under a key that lives for a day.

Many phones share one address behind their carrier, so a limit means a short wait and never a lost report. Visitors
of the onion service all look alike, so counting them by network would shut out all for one: the brake on the whole
site (`brake.py`) is theirs. Where it is switched off, they share one wide limit instead.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Callable
from functools import partial

from flask import Response, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from hotline import security
from hotline.clock import now
from hotline.config import settings
from hotline.extensions import limiter

IPV6_NETWORK = 64
View = Callable[..., ResponseReturnValue]


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
    return _today.mark("onion" if security.by_onion() else _network_of(request.remote_addr or "unknown"))


def spares_onion() -> bool:
    """Tell whether this visitor is not counted here, because only the brake is for them."""
    return security.by_onion() and settings().brake > 0


def tries() -> str:
    """Return how many forms one network may send, good and bad ones."""
    return "3600 per 10 minutes" if security.by_onion() else "60 per 10 minutes"


def reports() -> str:
    """Return how many reports, or requests for help, may be taken from one network."""
    return "1200 per 10 minutes" if security.by_onion() else "20 per 10 minutes"


def lookups() -> str:
    """Return how many wrong receipt codes one network may try."""
    return "600 per 10 minutes" if security.by_onion() else "10 per 10 minutes"


def answers() -> str:
    """Return how many answers to our letters may be taken from one network: whole abuse desks share one."""
    return "2400 per 10 minutes" if security.by_onion() else "40 per 10 minutes"


def counts(_: Response) -> bool:
    """Tell whether the present request counts: a view says so at `g.counts`, once something was taken or guessed."""
    return bool(g.get("counts"))


def limited(counted: Callable[[], str], too_often: Callable[[RequestLimit], Response]) -> Callable[[View], View]:
    """Limit a view that takes a form: all that is sent by `tries`, and what counts by `counted`, such as `reports`.

    Beyond either, `too_often` answers.
    """

    by_network = partial(limiter.limit, key_func=network, exempt_when=spares_onion, on_breach=too_often)

    def limit(view: View) -> View:
        return by_network(tries)(by_network(counted, deduct_when=counts)(view))

    return limit


def guarded(too_often: Callable[[RequestLimit], Response]) -> Callable[[View], View]:
    """Limit how often one network may open a link that is none: as `lookups`, good ones not counted."""
    return limiter.limit(lookups, key_func=network, exempt_when=spares_onion, on_breach=too_often, deduct_when=counts)


def not_now(page: str, seconds: int) -> Response:
    """Answer a form that has to wait with its page, which has everything typed."""
    return Response(page, 429, {"Retry-After": str(seconds)})


def seconds_left() -> int:
    """Return after how many seconds the limit that was just passed is open again; at least one."""
    limit = limiter.current_limit
    return max(1, round(limit.reset_at - now().timestamp())) if limit else 60


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
