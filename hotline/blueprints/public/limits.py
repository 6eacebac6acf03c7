"""How often one network may send something. Kept in memory only, under a key that lives for a day.

Many phones share one address behind their carrier, so nobody is shut out because of one of them: a network that has
had its share pays for what it sends beyond that as everybody does while the brake is on (`brake.py`, `pays`), and is
refused only at ten times its share. Links that are none are the exception (`guarded`): who opens one sends no form that
could pay, so a network that has tried its share of them waits. Visitors of the onion service all look alike, so
counting them by network would be counting all: the brake alone is theirs. Where the brake is switched off nobody can
pay: a share is then all there is, and they have one wide share together.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from limits import RateLimitItemPerMinute

from hotline import security
from hotline.clock import now
from hotline.config import settings
from hotline.extensions import limiter

IPV6_NETWORK = 64
MINUTES = 10
BEYOND = 10  # times its share, and a network is refused
TRIES, REPORTS, LOOKUPS, ANSWERS = 60, 20, 10, 40
ONION = 60  # times that, where visitors of the onion service are counted at all
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
    return _most(TRIES)


def reports() -> str:
    """Return how many reports, or requests for help, may be taken from one network."""
    return _most(REPORTS)


def lookups() -> str:
    """Return how many wrong receipt codes one network may try."""
    return _most(LOOKUPS)


def answers() -> str:
    """Return how many answers to our letters may be taken from one network: whole abuse desks share one."""
    return _most(ANSWERS)


def _most(share: int) -> str:
    """Return at which number a network is refused that has `share` for nothing."""
    times = ONION if security.by_onion() else BEYOND if settings().brake > 0 else 1
    return f"{share * times} per {MINUTES} minutes"


def pays() -> bool:
    """Whether this visitor's network has had its share: what it sends now has to pay as while the brake is on."""
    return bool(g.get("pays"))


def counts(_: Response) -> bool:
    """Tell whether the present request counts: a view says so at `g.counts`, once something was taken or guessed."""
    return bool(g.get("counts"))


def limited(
    counted: Callable[[], str], too_often: Callable[[RequestLimit], Response], *, share: int
) -> Callable[[View], View]:
    """Limit a view that takes a form: all that is sent by `tries`, and what counts by `counted`, such as `reports`.

    Beyond either, `too_often` answers. What is sent beyond `share`, or beyond its share of tries, has to pay (`pays`).
    """

    by_network = partial(limiter.limit, key_func=network, exempt_when=spares_onion, on_breach=too_often)

    def limit(view: View) -> View:
        return by_network(tries)(by_network(counted, deduct_when=counts)(_beyond_share_pays(view, share)))

    return limit


def _beyond_share_pays(view: View, share: int) -> View:
    tried, taken = (RateLimitItemPerMinute(most, MINUTES, namespace="share") for most in (TRIES, share))

    @wraps(view)
    def paying(*args: Any, **values: Any) -> ResponseReturnValue:
        if not limiter.enabled or security.by_onion() or not settings().brake:
            return view(*args, **values)
        mark = (view.__module__, network())
        has_tries = limiter.limiter.hit(tried, "tries", *mark)
        g.pays = not has_tries or not limiter.limiter.test(taken, "taken", *mark)
        answer = view(*args, **values)
        if g.get("counts"):
            limiter.limiter.hit(taken, "taken", *mark)
        return answer

    return paying


def guarded(too_often: Callable[[RequestLimit], Response]) -> Callable[[View], View]:
    """Limit how often one network may open a link that is none: its share of `lookups`, good ones not counted."""
    share = f"{LOOKUPS} per {MINUTES} minutes"
    return limiter.limit(share, key_func=network, exempt_when=spares_onion, on_breach=too_often, deduct_when=counts)


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
