"""A public site for tests, and somebody who reports to it."""

from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hotline import create_app, vault
from hotline.extensions import FRONT, db
from hotline.vocabulary import Surface
from tests import page

LANGUAGES = ("km", "en")


def build(data_dir: Path, **environ: str) -> Flask:
    """Build a public site with keys and tables of its own."""
    vault.create_keys(data_dir / "keys")
    app = create_app(Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(data_dir), **environ})
    with app.app_context():
        db.create_all(FRONT)
    return app


class Reporter:
    """Somebody with a browser: opens the form, fills it in, sends it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def token(self, lang: str = "en") -> str:
        return page.read_public(self.client.get(f"/{lang}/report")).token

    def send(
        self, lang: str = "en", *, token: str | None = None, headers: dict[str, str] | None = None, **fields: str
    ) -> TestResponse:
        """Open the form and send it; what is not given is answered sensibly."""
        fresh = self.token(lang)
        answers = {"category": "csam", "urls": "https://page.example/p/1", "website": ""} | fields
        answers["csrf_token"] = fresh if token is None else token
        return self.client.post(f"/{lang}/report", data=answers, headers=headers)

    def receipt(self, lang: str = "en", **fields: str) -> str:
        """Send a good report and return its 16 digits."""
        answer = self.send(lang, **fields)
        assert answer.status_code == 303, page.read_public(answer).errors
        shown = page.read_public(self.client.get(answer.location))
        return shown.by_id("receipt-code").text.replace(" ", "")
