"""Whether this process lives, and whether it can take work."""

from flask import Blueprint, Response

from hotline.services import health

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """Answer that the process lives."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """Answer whether the stores of this process can be read and written; 503 when not, such as on a full disk."""
    fit = health.stores_take_work()
    return Response("ready\n" if fit else "not ready\n", 200 if fit else 503, mimetype="text/plain")
