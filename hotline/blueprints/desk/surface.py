"""The desk, put together."""

from flask import Flask


def install(app: Flask) -> None:
    """Open the desk on `app`."""
