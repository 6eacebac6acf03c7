"""WSGI doors: `app:public`, `app:desk`, and `app:app` for both on one laptop. `flask` commands get the back office."""

import os
import sys

from flask import Flask

from hotline import create_app
from hotline.errors import SettingsError
from hotline.vocabulary import Surface


def __getattr__(name: str) -> Flask:
    """Make the app that is asked for, and no other: the public process must not hold what the desk holds."""
    if name not in {"app", "public", "desk"}:
        raise AttributeError(name)
    surface = Surface.ALL if name == "app" else Surface(name)
    if name == "app" and os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        surface = Surface.OFFICE
    try:
        return create_app(surface)
    except SettingsError as exc:
        print(exc, file=sys.stderr)
        raise SystemExit(1) from None
