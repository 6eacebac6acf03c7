"""The yardstick: the least a Flask app can do to take a report, keep it and say so.

One form with a CSRF token in the signed session cookie, one INSERT into SQLite, a redirect, a receipt page.
`BARE_DATABASE` names the file, `BARE_SYNCHRONOUS` the durability (`FULL`, as where the portal takes reports).
Run it under the same server settings as what it is compared with: `gunicorn bench.bare_app:app`.
"""

import fcntl
import hmac
import os
import secrets
import sqlite3
import threading
import time

from flask import Flask, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

DATABASE = os.environ.get("BARE_DATABASE", "bare.sqlite3")
SYNCHRONOUS = os.environ.get("BARE_SYNCHRONOUS", "FULL")
CATEGORIES = ("csam", "sextortion", "live_stream", "grooming", "other")

FORM_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Report an address</title>
<style>body { font: 1rem/1.5 sans-serif; margin: auto; max-width: 40rem; padding: 1rem }</style></head>
<body><main><h1>Report an address</h1>
<form method="post">
<input type="hidden" name="csrf_token" value="{{ token }}">
<p><label for="category">What is it?</label>
<select id="category" name="category">
{% for category in categories %}<option>{{ category }}</option>
{% endfor %}</select></p>
<p><label for="urls">Address</label> <textarea id="urls" name="urls" required></textarea></p>
<p><label for="details">Anything else</label> <textarea id="details" name="details"></textarea></p>
<p><button>Send</button></p>
</form></main></body></html>"""

RECEIPT_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Received</title></head><body><main><h1>Received</h1>
<p>Your receipt: <output id="receipt-code">{{ receipt }}</output></p></main></body></html>"""

app = Flask(__name__)
app.jinja_loader = DictLoader({"form.html": FORM_PAGE, "receipt.html": RECEIPT_PAGE})
app.secret_key = os.environ.get("BARE_SECRET", "guards nothing but a measurement")
_own = threading.local()


def connection() -> sqlite3.Connection:
    """Return this thread's connection, opened at its first use."""
    found: sqlite3.Connection | None = getattr(_own, "connection", None)
    if found is None:
        found = _own.connection = sqlite3.connect(DATABASE, timeout=10, isolation_level=None)
        found.execute("PRAGMA journal_mode=WAL")
        found.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
    return found


def create_table() -> None:
    """Create the table once: workers that turn a new file to WAL together lock each other out."""
    with open(f"{DATABASE}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection().execute(
            "CREATE TABLE IF NOT EXISTS report (id INTEGER PRIMARY KEY, receipt TEXT NOT NULL UNIQUE,"
            " category TEXT NOT NULL, urls TEXT NOT NULL, details TEXT NOT NULL, received_at REAL NOT NULL)"
        )


@app.get("/report")
def show_form() -> str:
    """Show the form with the session's token."""
    token = session.setdefault("csrf_token", secrets.token_urlsafe(24))
    return render_template("form.html", token=token, categories=CATEGORIES)


@app.post("/report")
def take_report() -> ResponseReturnValue:
    """Store one row and lead to its receipt."""
    if not hmac.compare_digest(session.get("csrf_token", ""), request.form["csrf_token"]):
        abort(400)
    receipt = secrets.token_hex(8)
    connection().execute(
        "INSERT INTO report (receipt, category, urls, details, received_at) VALUES (?, ?, ?, ?, ?)",
        (receipt, request.form["category"], request.form["urls"], request.form["details"], time.time()),
    )
    return redirect(url_for("show_receipt", receipt=receipt), 303)


@app.get("/receipt/<receipt>")
def show_receipt(receipt: str) -> str:
    """Show the receipt."""
    return render_template("receipt.html", receipt=receipt)


create_table()
