"""What is raised where a request's body cannot be read to its end: by us, by the system, or by the web server."""

from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

BROKEN_OFF = (OSError, ParseException)
"""A visitor who is gone, or chunks that are none. Their sender's fault: nothing of it belongs into a log."""
