"""The clock engine with up to a million open deadlines, on SQLite and PostgreSQL: does it find what is due at once?

Each number is the median and the 95th percentile of what one question takes, asked of a store that nothing else uses.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text

from bench.tables import Table, at_most, publish
from hotline import clock, create_app, vault
from hotline.extensions import db
from hotline.models import Clock, Item, Staff
from hotline.services import clock_lists, clock_rounds, clock_rules, clock_tallies, schema, staff
from hotline.transactions import writing
from hotline.vocabulary import Category, Duty, ItemStatus, Language, Role, Subject
from tests import stores

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 40
GOAL = 50.0  # ms, for finding what is due
AHEAD = timedelta(days=30)
CHUNK = 20_000
LATE = clock_rounds.BATCH


def run() -> bool:
    """Measure both kinds of store at each size and publish the table. Returns whether finding kept to the goal."""
    table = Table(
        "Clocks: what one question takes, ms (median / 95th percentile)",
        ("store", "open clocks", *QUESTIONS, "goal for the first two", ""),
    )
    kept = True
    for name, environ in _stores():
        with tempfile.TemporaryDirectory(prefix="hotline-clocks-") as folder, _office(Path(folder), environ) as by:
            for size in SIZES:
                _fill(size)
                measured = {question: _measure(ask, by) for question, ask in QUESTIONS.items()}
                finding = max(p95 for _median, p95 in list(measured.values())[:2])
                kept &= finding <= GOAL
                cells = [f"{median:.2f} / {p95:.2f}" for median, p95 in measured.values()]
                table.rows.append((name, f"{size:,}", *cells, f"≤ {GOAL:.0f}", at_most(finding, GOAL)))
    table.remarks += [
        "«nothing due» is what each round of the sweeper asks, every two seconds; «a batch due» reads 50 late ones",
        "«mark a batch» marks 50 breaches in one transaction, each with its audit line; measured 5 times",
        "«soonest 20» is a person's list; «by duty» is the counts of /desk/clocks, which stop at a thousand",
    ]
    publish("clocks", table)
    return kept


def _nothing_due(_by: Staff) -> None:
    with _at(clock.now() - timedelta(days=1)):
        assert clock_rounds.sweep_due() == 0


def _batch_due(_by: Staff) -> None:
    assert len(db.session.scalars(clock_rounds.due().limit(LATE)).all()) == LATE


def _mark_batch(_by: Staff) -> None:
    """Mark a batch and undo it, so that it can be marked again."""
    try:
        with writing():
            clock_rounds.mark(db.session.scalars(clock_rounds.due().limit(LATE)).all())
            db.session.flush()
            raise _UndoneError
    except _UndoneError:
        pass


def _soonest(by: Staff) -> None:
    assert len(clock_lists.list_running(by=by, most=20)) == 20


def _by_duty(by: Staff) -> None:
    assert len(clock_tallies.tallies(by=by)) == len(clock_rules.told_to(by))


QUESTIONS: dict[str, Callable[[Staff], None]] = {
    "nothing due": _nothing_due,
    "a batch due": _batch_due,
    "mark a batch": _mark_batch,
    "soonest 20": _soonest,
    "by duty": _by_duty,
}


class _UndoneError(Exception):
    """Ends a transaction that is to leave nothing."""


def _measure(ask: Callable[[Staff], None], by: Staff) -> tuple[float, float]:
    took = []
    for _ in range(5 if ask is _mark_batch else TIMES):
        db.session.rollback()
        began = time.perf_counter()
        ask(by)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), sorted(took)[int(len(took) * 0.95) - 1]


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    real = clock.now
    clock.now = lambda: moment
    try:
        yield
    finally:
        clock.now = real


def _stores() -> Iterator[tuple[str, dict[str, str]]]:
    yield "SQLite", {}
    with stores.postgresql() as server:
        front, desk = (server.url(name) for name in stores.DATABASES)
        yield "PostgreSQL", {"HOTLINE_FRONT_DATABASE_URL": front, "HOTLINE_DATABASE_URL": desk}


@contextmanager
def _office(folder: Path, environ: dict[str, str]) -> Iterator[Staff]:
    vault.create_keys(folder / "keys")
    app = create_app("office", {"HOTLINE_DATA_DIR": str(folder), "HOTLINE_INBOX_DELAY": "0"} | environ)
    with app.app_context():
        schema.upgrade()
        with writing():
            staff.add("bench", "a long enough password", (Role.ANALYST,), language=Language.EN, by=None)
            db.session.execute(insert(Item), [_item(number) for number in range(1, LATE + 1)])
        yield staff.get_by_name("bench")
    stores.dispose(app)


def _item(number: int) -> dict[str, object]:
    key = number.to_bytes(32, "big")
    return {
        "id": number,
        "ref": f"I-{number:06d}",
        "address": b"",
        "host": b"",
        **dict.fromkeys(("address_index", "path_index", "host_index", "domain_index"), key),
        "category": Category.CSAM,
        "urgency": 3,
        "status": ItemStatus.NEW,
        "created_at": clock.this_hour(),
        "opened_at": clock.this_hour(),
    }


def _fill(size: int) -> None:
    """Bring the open clocks to `size`: the first 50 have run out, the others will within 30 days."""
    chance, now = random.Random(size), clock.now()
    there = db.session.scalar(select(func.count(Clock.id))) or 0
    for begin in range(there, size, CHUNK):
        rows = [_row(number, now, chance) for number in range(begin + 1, min(begin + CHUNK, size) + 1)]
        with writing():
            db.session.execute(insert(Clock), rows)
    with writing():
        db.session.execute(text("ANALYZE"))


def _row(number: int, now: datetime, chance: random.Random) -> dict[str, object]:
    due = now - timedelta(hours=1) if number <= LATE else now + AHEAD * (chance.random() * 0.98 + 0.02)
    return {
        "duty": list(Duty)[number % 3],
        "subject": Subject.ITEM,
        "subject_id": number,
        "rule_id": 1,
        "started_at": now - timedelta(days=2),
        "due_at": due,
        "next_at": due,
    }
