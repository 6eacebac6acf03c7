"""Looking, when people open pages of the desk, whether rounds of intake and delivery still go through.

A sweeper that has stopped cannot say so. Nothing is written unless something stopped, and what was asked for is
answered either way.
"""

from contextlib import suppress

from flask import Flask, Response, request

from hotline import security
from hotline.blueprints import guards
from hotline.errors import StorageFull
from hotline.services import heartbeats


def install(app: Flask) -> None:
    """Look, after pages of the desk on `app` were drawn for somebody, at most once a minute."""
    app.after_request(_look)


def _look(answer: Response) -> Response:
    is_page = request.method == "GET" and answer.status_code < 400 and answer.mimetype == "text/html"
    if is_page and security.is_desk(request.path) and guards.signed_in() is not None:
        with suppress(StorageFull):
            heartbeats.look()
    return answer
