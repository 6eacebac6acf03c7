"""Log lines without traces: what went wrong and where, never a value, an address or a person."""

import logging
import sys
import traceback

log = logging.getLogger("hotline")


def set_up(level: str) -> None:
    """Send our own lines to stderr and silence the libraries that write request lines."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"))
        log.addHandler(handler)
        log.propagate = False
    log.setLevel(level)
    for noisy in ("werkzeug", "gunicorn.access", "rq.worker", "flask-limiter", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def fault(exc: BaseException, *, doing: str) -> None:
    """Log an error by its shape: what was being done, the class, and the file and line of each of our frames."""
    log.error("%s failed: %s at %s", doing, type(exc).__name__, place(exc))


def place(exc: BaseException) -> str:
    """Return `file:line` of the frames in our own code, outermost first, without any value."""
    frames = traceback.extract_tb(exc.__traceback__)
    ours = [
        f"{frame.filename.rpartition('hotline/')[2]}:{frame.lineno}" for frame in frames if "hotline/" in frame.filename
    ]
    return " > ".join(ours[-4:]) or "outside the house"
