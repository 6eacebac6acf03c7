"""Log lines without traces: what went wrong and where, never a value, an address or a person."""

import logging
import sys
import time
import traceback
from typing import TextIO

log = logging.getLogger("hotline")


class Shapes(logging.Formatter):
    """Writes of an error its class and its place only, also where a library would print its text and values."""

    converter = time.gmtime  # type: ignore[assignment]

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, always one; a record that brings an exception is reduced to the exception's shape."""
        exc = record.exc_info[1] if record.exc_info else None
        if exc is not None:
            shape = (record.name, type(exc).__name__, place(exc))
            record = logging.LogRecord(
                record.name, record.levelno, "", 0, "%s failed: %s at %s", shape, exc_info=None, func=None
            )
        return "".join(sign if sign.isprintable() else "\ufffd" for sign in super().format(record))


class Lines(logging.StreamHandler[TextIO]):
    """Writes to stderr, whatever that is by now."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Lose a line that cannot be written: what `logging` would tell instead is the error's own text and values."""


def set_up(level: str) -> None:
    """Send our own lines to stderr and silence the libraries that write request lines."""
    lines = Shapes("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    for spoken in (log, logging.getLogger("rq")):
        if not spoken.handlers:
            handler = Lines()
            handler.setFormatter(lines)
            spoken.addHandler(handler)
            spoken.propagate = False
    logging.raiseExceptions = False  # as `Lines.handleError`, for the handlers of libraries
    if logging.lastResort:  # where every library without a handler ends up
        logging.lastResort.setFormatter(lines)
    log.setLevel(level)
    for noisy in ("werkzeug", "gunicorn.access", "rq", "rq.worker", "flask-limiter", "alembic"):
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
