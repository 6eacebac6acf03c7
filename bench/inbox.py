"""Opening the inbox: reports a second of one worker with lookups off, and whether its memory stays flat.

The goal is 150 a second. Every report names one address; one in four names an address that is known already.
"""

import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, insert, select

from bench.tables import Table, at_least, at_most, publish
from hotline import clock, create_app, vault
from hotline.extensions import db
from hotline.models import Inbox, Report
from hotline.services import intake, schema, submissions
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Category, InboxKind, Surface

GOAL = 150.0  # reports a second
COUNT = int(os.environ.get("BENCH_REPORTS", "20000"))
AT_ONCE = 2_000
FLAT = 30.0  # megabytes that a worker may grow by after its first reports


def run() -> bool:
    """Fill an inbox, empty it, and print one table. Returns whether every report arrived."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        vault.create_keys(Path(folder) / "keys")
        app = create_app(
            Surface.OFFICE, {"HOTLINE_DATA_DIR": folder, "HOTLINE_INBOX_DELAY": "0", "HOTLINE_LOOKUPS": "off"}
        )
        with app.app_context():
            schema.upgrade()
            rates, sizes, busy = _measure()
            arrived = db.session.scalar(select(func.count()).select_from(Report))
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
    slowest, grown = min(rates), sizes[-1] - sizes[0]
    whole = COUNT / sum(AT_ONCE / rate for rate in rates)
    table = Table(f"Opening the inbox, {COUNT:,} reports, one worker, lookups off", ["", "measured", "goal", ""])
    table.rows = [
        ["reports a second, whole run", f"{whole:,.0f}", f"≥ {GOAL:,.0f}", at_least(whole, GOAL)],
        ["the same by processor time, as if nothing else ran", f"{COUNT / busy:,.0f}", "", ""],
        [f"of the slowest {AT_ONCE:,}", f"{slowest:,.0f}", f"≥ {GOAL:,.0f}", at_least(slowest, GOAL)],
        [f"memory grown after the first {AT_ONCE:,}, MB", f"{grown:,.1f}", f"≤ {FLAT:,.0f}", at_most(grown, FLAT)],
    ]
    table.remarks = [f"{arrived:,} of {COUNT:,} reports arrived. Set BENCH_REPORTS=100000 for the long run."]
    publish("inbox", table)
    return arrived == COUNT


def _measure() -> tuple[list[float], list[float], float]:
    """Return reports a second and megabytes after each part, and the seconds of processor time for all of them."""
    rates, sizes, busy = [], [], 0.0
    for begins in range(0, COUNT, AT_ONCE):
        _fill(begins)
        started, worked = time.perf_counter(), time.process_time()
        intake.open_inbox()
        busy += time.process_time() - worked
        rates.append(AT_ONCE / (time.perf_counter() - started))
        sizes.append(_megabytes())
        print(f"{begins + AT_ONCE:>8} {rates[-1]:8.0f}/s {sizes[-1]:7.1f} MB", file=sys.stderr)
    return rates, sizes, busy


def _fill(begins: int) -> None:
    ring = vault.keyring()
    rows = []
    for number in range(begins, begins + AT_ONCE):
        place = number if number % 4 else number // 8
        facts = {
            "category": Category.CSAM,
            "urls": f"https://img-{place % 997}.example/t/{place}",
            "seen": None,
            "details": "Plain words of somebody who has seen something.",
            "in_danger": None,
            "contact": "",
            "language": "en",
        }
        rows.append(
            {
                "id": secrets.token_bytes(16),
                "receipt_tag": secrets.token_bytes(32),
                "kind": InboxKind.REPORT,
                "body": ring.seal(submissions.PURPOSE, json.dumps(facts)),
                "received_at": clock.this_hour(),
            }
        )
    with apart(front_engine()) as session:
        session.execute(insert(Inbox), rows)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
