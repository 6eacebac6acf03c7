"""Answers for htmx and for browsers without it, from the same view."""

from typing import Any

from flask import Response, make_response, redirect, request
from flask.typing import ResponseReturnValue

from hotline.blueprints.desk import drawing


def wants_part() -> bool:
    """Whether only a part of the page is asked for. A browser that restores its history wants all of it."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def page_or_partial(page: str, partial: str, **context: Any) -> Response:
    """Draw the page, or only its part; caches must not mix the two up."""
    answer = make_response(drawing.draw(partial if wants_part() else page, **context))
    answer.vary.add("HX-Request")
    return answer


def partial_or_redirect(partial: str, to: str, **context: Any) -> ResponseReturnValue:
    """Answer a change: the fresh part, or on to a page."""
    return drawing.draw(partial, **context) if wants_part() else redirect(to, 303)


def go(to: str) -> Response:
    """Answer a change by moving on to another page, whole, with htmx or without."""
    if wants_part():
        return Response(status=204, headers={"HX-Redirect": to})
    return make_response(redirect(to, 303))
