"""Where faults go: to the public site's plain words, to the desk's, or to a partner's program."""

from types import ModuleType

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from hotline import security
from hotline.blueprints.desk import faults as desk
from hotline.blueprints.exchange_api import problems as partners
from hotline.blueprints.public import faults as public
from hotline.errors import DomainError


def install(app: Flask) -> None:
    """Answer for everything that goes wrong on `app`, wherever it was raised."""
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(DomainError, _on_domain)
    app.register_error_handler(Exception, _on_crash)


def _on_http(exc: HTTPException) -> ResponseReturnValue:
    return _side().on_http(exc)  # type: ignore[no-any-return]


def _on_domain(exc: DomainError) -> ResponseReturnValue:
    return _side().on_domain(exc)  # type: ignore[no-any-return]


def _on_crash(exc: Exception) -> ResponseReturnValue:
    return _side().on_crash(exc)  # type: ignore[no-any-return]


def _side() -> ModuleType:
    if security.is_desk(request.path):
        return desk
    return partners if request.path.startswith("/exchange/") else public
