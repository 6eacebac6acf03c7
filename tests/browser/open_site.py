"""The public site in this process, for a real browser: a test can reach its clock, its stores and its parts."""

import itertools
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from hotline import create_app, vault
from hotline.models.report import Inbox, ReceiptRow
from hotline.services import demo_figures, message_copies, submissions
from hotline.services.submissions import Submission
from hotline.transactions import front_engine
from hotline.vocabulary import Category, InboxKind, Language, Surface
from tests.jobs.office import Office

REPORTED = "https://seen.example/t/1"
SAID = ("I saw it in a group chat.\nThe link was https://seen.example/t/1", "ខ្ញុំបានឃើញវានៅក្នុងក្រុមជជែក។")
ANSWERED = "Thank you. Do you remember the name of the group? Please do not look for it again. " * 3

_visitors = itertools.count(1)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing of any request."""


@dataclass(frozen=True)
class OpenSite:
    """A public site that answers at `url`."""

    app: Flask
    url: str
    data_dir: Path

    def reports(self) -> int:
        """Return how many reports and requests stand; each has a receipt, and no receipt stands without one."""
        sent = select(Inbox.receipt_tag).where(Inbox.kind.in_([InboxKind.REPORT, InboxKind.HELP]))
        with self.app.app_context(), front_engine().connect() as front:
            rows, receipts = front.scalars(sent).all(), front.scalars(select(ReceiptRow.tag)).all()
        assert sorted(rows) == sorted(receipts)
        return len(receipts)

    def code(self) -> str:
        """Send a report; return its receipt code."""
        said = Submission(Category.CSAM, REPORTED, None, "", None, "", Language.KM)
        with self.app.app_context():
            return submissions.take(said, nonce=secrets.token_hex())

    def converse(self) -> str:
        """Send a report and write messages both ways; return its receipt code."""
        code = self.code()
        with self.app.app_context():
            keys = vault.keyring().public
            assert keys
            receipt = vault.receipt_of(keys, code)
            for text in SAID:
                message_copies.write(code, text, nonce=secrets.token_hex())
                copy = vault.seal_to_receipt(receipt.public_key, message_copies.COPY, ANSWERED)
                message_copies.deliver(receipt.tag, secrets.token_bytes(16), copy)
        return code


@contextmanager
def serving(data_dir: Path, **environ: str) -> Iterator[OpenSite]:
    """Serve a public site with keys, stores and published figures of its own."""
    office = Office(data_dir)
    with office.here():
        demo_figures.fill()
    settings = {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_TRUSTED_PROXIES": "1", "HOTLINE_BRAKE": "0"}
    app = create_app(Surface.PUBLIC, settings | environ)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield OpenSite(app, f"http://127.0.0.1:{server.server_port}", data_dir)
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def visiting(browser: Browser, *, width: int = 360, script: bool = True, **options: Any) -> Iterator[Page]:
    """Open a window for somebody with a network address of their own, so that no limit stands in the way."""
    number = next(_visitors)
    own = {
        "viewport": {"width": width, "height": 640},
        "java_script_enabled": script,
        "locale": "km-KH",
        "extra_http_headers": {"X-Forwarded-For": f"2001:db8:{number:x}::1"},
    }
    context = browser.new_context(**own | options)
    yield context.new_page()
    context.close()
