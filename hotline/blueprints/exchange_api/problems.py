"""What a partner's program is told when something is wrong (RFC 9457). English: for programs."""

import json
from collections.abc import Sequence
from typing import cast

from flask import Response
from werkzeug.exceptions import HTTPException

from hotline import logs
from hotline.errors import DomainError

KIND = "application/problem+json"
PROBLEMS = {  # code: status, title
    "malformed": (400, "This is not a request of this interface."),
    "no_object": (400, "The body is not one JSON object in UTF-8, or a field stands twice in it."),
    "headers": (400, "A header of the signature is missing or not of its form."),
    "unknown_token": (401, "The token is unknown, or was revoked."),
    "bad_signature": (401, "The signature does not fit the request and the key we hold for you."),
    "untimely": (401, "The time in the signature is more than five minutes from ours."),
    "not_found": (404, "There is nothing here for you."),
    "method": (405, "This address does not take that method."),
    "replayed": (409, "This nonce was used before. Sign each try anew, under the same idempotency key."),
    "key_reused": (409, "This idempotency key stands for another request."),
    "too_large": (413, "The body is larger than 32 KiB. Nothing of it was read."),
    "not_json": (415, "Send application/json."),
    "unknown_schema": (422, "The schema is not one that this version takes."),
    "invalid": (422, "Some fields are wrong."),
    "too_often": (429, "Too many requests. Wait and try again."),
    "broken": (500, "Something broke on our side. Try again under the same idempotency key."),
    "full": (503, "Nothing can be stored now. Try again under the same idempotency key."),
}
_BY_STATUS = {404: "not_found", 405: "method", 413: "too_large", 415: "not_json", 429: "too_often", 503: "full"}


class Problem(Exception):
    """Something a partner's program has to know. `faults` are (field, code)."""

    def __init__(self, code: str, faults: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(code)
        self.code, self.faults = code, tuple(faults)


def say(code: str, faults: Sequence[tuple[str, str]] = (), *, wait: int | None = None) -> Response:
    """Answer with a problem. `wait` is in seconds."""
    status, title = PROBLEMS[code]
    facts: dict[str, object] = {"type": f"urn:hotline-exchange:{code}", "title": title, "status": status}
    if faults:
        facts["errors"] = [{"field": field, "code": fault} for field, fault in faults]
    answer = Response(json.dumps(facts), status, mimetype=KIND)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if wait is not None:
        answer.headers["Retry-After"] = str(wait)
    return answer


def on_problem(exc: Problem) -> Response:
    """Answer for what a view found wrong."""
    return say(exc.code, exc.faults)


def on_http(exc: HTTPException) -> Response:
    """Answer for an address that is none, a wrong method, a body that is too large."""
    if exc.response is not None:
        return cast(Response, exc.response)  # a limit that was passed has said so already
    status = exc.code or 500
    answer = say(_BY_STATUS.get(status, "malformed" if status < 500 else "broken"))
    for name, value in exc.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def on_domain(exc: DomainError) -> Response:
    """Answer for what the domain refused: only a store that is full is a partner's business."""
    if exc.status >= 500:
        logs.fault(exc, doing="answering a partner")
    return say("full", wait=60) if exc.status == 503 else say("broken" if exc.status >= 500 else "malformed")


def on_crash(exc: Exception) -> Response:
    """Answer for a fault of ours. The log gets its shape, nobody a value."""
    logs.fault(exc, doing="answering a partner")
    return say("broken")
