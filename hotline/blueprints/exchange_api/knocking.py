"""Who knocks at a partner's door: token, signature and time, in the same steps whatever is wrong.

Everything is worked out before anything is answered, so that an answer's time does not tell which part was wrong. No
network address is kept: it is counted in memory like that of any visitor (`blueprints/public/limits.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from flask import Response, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from hotline import clock, vault
from hotline.blueprints.bodies import BROKEN_OFF
from hotline.blueprints.exchange_api import problems
from hotline.blueprints.exchange_api.problems import Problem
from hotline.blueprints.public import limits
from hotline.extensions import limiter
from hotline.rules import exchange as rule
from hotline.services import exchange_doors
from hotline.services.exchange_doors import Door

NOBODY = Door(b"\0" * 16, b"\x58" + b"\x66" * 31)  # whose signature is checked where the token is unknown
LONGEST_TOKEN = 128
MANY, WRONG = "600 per 10 minutes", "30 per 10 minutes"  # requests of one network; those that were nobody's


@dataclass(frozen=True, slots=True)
class Knock:
    """A request whose sender is known: their door, what they sent, and what stands against its being done twice."""

    door: Door
    body: bytes
    key: str
    nonce: str
    at: datetime


View = Callable[..., ResponseReturnValue]


def answered(*, reads_body: bool) -> Callable[[Callable[..., ResponseReturnValue]], View]:
    """Let a view be called with a `Knock`, for partners alone and not too often."""

    def wrap(view: Callable[..., ResponseReturnValue]) -> View:
        @limiter.limit(MANY, key_func=limits.network, on_breach=_too_often)
        @limiter.limit(WRONG, key_func=limits.network, deduct_when=limits.counts, on_breach=_too_often)
        @wraps(view)
        def wrapper(**values: str) -> ResponseReturnValue:
            return view(_knock(reads_body=reads_body), **values)

        return wrapper

    return wrap


def _knock(*, reads_body: bool) -> Knock:
    """Return who knocks. Raises Problem, and RequestEntityTooLarge before anything of a large body is read."""
    request.max_content_length = rule.MAX_BODY + 1  # of a body whose length is not said, no more than that is read
    try:
        body = request.get_data(cache=False)
    except BROKEN_OFF as exc:
        raise Problem("malformed") from exc
    if len(body) > rule.MAX_BODY:
        raise Problem("too_large")
    if reads_body and request.mimetype != "application/json":
        raise Problem("not_json")
    given = {name: request.headers.get(name, "") for name in ("Hotline-Timestamp", "Hotline-Nonce", "Idempotency-Key")}
    timestamp, nonce, key = given.values()
    at, signature = rule.moment(timestamp), rule.read_signature(request.headers.get("Hotline-Signature", ""))
    door = exchange_doors.find(_token())
    signed = rule.canonical(request.method, request.path, timestamp=timestamp, nonce=nonce, key=key, body=body)
    fits = vault.is_signed((door or NOBODY).verify_key, signed, signature or b"\0" * rule.SIGNATURE_BYTES)
    if door is None or not fits:
        g.counts = True
        raise Problem("unknown_token" if door is None else "headers" if signature is None else "bad_signature")
    is_keyed = bool(rule.KEY.fullmatch(key)) or not reads_body
    if at is None or not rule.KEY.fullmatch(nonce) or not is_keyed:
        raise Problem("headers")
    if not rule.is_timely(at, clock.now()):
        raise Problem("untimely")
    return Knock(door, body, key, nonce, at)


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token[:LONGEST_TOKEN] if kind.lower() == "bearer" else ""


def _too_often(_: RequestLimit) -> Response:
    return problems.say("too_often", wait=limits.seconds_left())
