"""A desk with very many items: `python -m bench.desk_fill COUNT`, with the portal's settings in the environment.

Rows go in by bulk insert and past every rule, as only a benchmark may: what is sealed is one sealed value repeated, and
what is found by blind index is random, but for a few addresses that are reported the real way. Two fifths are open,
as measured elsewhere; hosts follow Zipf, so that one host has very many. Each open item has the clocks of its state,
a fiftieth of them standing still; each closed one has the clock of its first look, met or missed.
"""

import itertools
import random
import secrets
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, text, update

from hotline import clock, create_app, vault
from hotline.extensions import db
from hotline.models import Clock, ClockRule, Item, Mention, Report, SavedFilter
from hotline.rules import refs
from hotline.services import clocks, intake, schema, staff
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vault import Blind
from hotline.vocabulary import (
    Category,
    ClockEnd,
    Duty,
    ItemOutcome,
    ItemStatus,
    Language,
    PauseReason,
    ReportStatus,
    Role,
    Subject,
    Surface,
)

PASSWORD = "a long enough password"
PERSON = "person-0"
PEOPLE = 50
KNOWN = 20
BIGGEST = "biggest.example"
BATCH = 5_000
HOSTS = 50_000
COUNTRIES = ("KH", "US", "NL", "DE", "FR", "SG", "LT", "VN", "TH", "JP", None, None)
OPEN = (
    (ItemStatus.NEW, 60),
    (ItemStatus.ASSESSING, 1),
    (ItemStatus.IN_REVIEW, 15),
    (ItemStatus.DISPUTED, 1),
    (ItemStatus.DECIDED, 10),
    (ItemStatus.ACTING, 8),
    (ItemStatus.MONITORING, 5),
)
STEP = 7_919_177  # has nothing in common with how many references there are, so none is drawn twice


def fill(count: int) -> None:
    """Make people, `KNOWN` addresses that are reported the real way, and as many items in bulk as make `count`."""
    with writing():
        for number in range(PEOPLE):
            roles = (Role.ANALYST, Role.REVIEWER)
            staff.add(f"person-{number}", PASSWORD, roles, language=Language.EN, by=None, must_change=False)
    rows, chance = _rows(count - KNOWN, random.Random(count)), random.Random(count + 1)
    limits = {rule.duty: rule.id for rule in db.session.scalars(select(ClockRule).where(ClockRule.urgency.is_(None)))}
    for first in range(0, count - KNOWN, BATCH):
        batch = list(itertools.islice(rows, BATCH))
        with writing():
            if first % (BATCH * 5) == 0:
                db.session.execute(
                    insert(Report), [_report(first // (BATCH * 5) * BATCH + one) for one in range(BATCH)]
                )
            db.session.execute(insert(Item), batch)
            db.session.execute(insert(Mention), [_mention(first + one) for one in range(len(batch))])
            db.session.execute(insert(Clock), [one for item in batch for one in _clocks(item, limits, chance)])
    if db.engine.dialect.name == "postgresql":
        with writing():  # ids were given by hand
            for table in ("items", "reports"):
                db.session.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
    for number in range(KNOWN):
        with writing():
            _report_known(number)
    with writing():
        for name, query in (("Talk", "category=grooming"), ("Old", "age=over7"), ("Abroad", "country=NL")):
            person = staff.get_by_name(PERSON)
            db.session.add(SavedFilter(staff_id=person.id, name=name, query=query, saved_at=clock.now()))
    settle()


def settle() -> None:
    """Let the database learn what its tables hold, as it does by itself in time."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")


def _rows(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    ring = vault.keyring()
    address, host = ring.seal("item.address", f"https://{BIGGEST}/t/1"), ring.seal("item.host", BIGGEST)
    biggest = ring.blind(Blind.HOST, BIGGEST)
    now, this_hour = clock.now(), clock.this_hour()
    states, weights = zip(*OPEN, strict=True)
    busy = list(db.session.scalars(select(staff.Staff.id).order_by(staff.Staff.id)))
    categories = tuple(Category)
    for number in range(count):
        status = chance.choices(states, weights)[0] if chance.random() < 0.4 else ItemStatus.CLOSED
        rank = min(HOSTS, int(chance.paretovariate(0.9)))
        at = this_hour - timedelta(hours=int(24 * 400 * chance.random() ** 3))  # most came lately
        is_open = status is not ItemStatus.CLOSED
        urgency = chance.choices((1, 2, 3, 4), (1, 15, 60, 24))[0]
        stands_still = is_open and status in clocks.DUTIES and chance.random() < 0.02
        yield {
            "id": number + 1,
            "ref": spread_ref("I", number),
            "address": address,
            "host": host,
            "address_index": secrets.token_bytes(32),
            "path_index": secrets.token_bytes(32),
            "host_index": biggest if rank == 1 else rank.to_bytes(32),
            "domain_index": rank.to_bytes(32),
            "category": chance.choice(categories),
            "in_danger": urgency == 1,
            "report_count": min(60, int(chance.paretovariate(1.5))),
            "urgency": urgency,
            "new_host": False,
            "country": chance.choice(COUNTRIES),
            "network": "Example Network",
            "due_at": None if stands_still or not is_open else now + timedelta(hours=chance.randrange(-48, 480)),
            "stands_still": stands_still,
            "status": status,
            "outcome": None if is_open else ItemOutcome.REMOVED,
            "assessor_id": None if status is ItemStatus.NEW else chance.choice(busy[1:]),
            "reviewer_id": chance.choice(busy[1:]) if status in {ItemStatus.DECIDED, ItemStatus.CLOSED} else None,
            "claimed_at": now if status is ItemStatus.ASSESSING else None,
            "created_at": at,
            "opened_at": at,
        }


def _clocks(item: dict[str, Any], limits: dict[Duty, int], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the clocks of one item. They stand still where an open one is not due at any time."""
    is_open = item["status"] is not ItemStatus.CLOSED
    due_at = item["due_at"] or item["opened_at"] + timedelta(days=1)
    late = due_at < clock.now() if is_open else chance.random() < 0.1
    for duty in clocks.DUTIES.get(item["status"], () if is_open else (Duty.ASSESS,)):
        yield {
            "duty": duty,
            "subject": Subject.ITEM,
            "subject_id": item["id"],
            "rule_id": limits[duty],
            "started_at": item["opened_at"],
            "due_at": due_at,
            "next_at": due_at if is_open and not item["stands_still"] and not late else None,
            "breached_at": due_at if late else None,
            "paused_at": clock.now() if item["stands_still"] else None,
            "pause_reason": PauseReason.OTHER if item["stands_still"] else None,
            "paused_by_id": item["assessor_id"] if item["stands_still"] else None,
            "ended_at": None if is_open else due_at,
            "ending": None if is_open else ClockEnd.MISSED if late else ClockEnd.MET,
        }


def _report(number: int) -> dict[str, Any]:
    return {
        "id": number + 1,
        "ref": spread_ref("R", number),
        "inbox_id": secrets.token_bytes(16),
        "receipt_tag": secrets.token_bytes(32),
        "category": Category.CSAM,
        "language": Language.KM,
        "status": ReportStatus.RECEIVED,
        "received_at": clock.this_hour(),
    }


def _mention(number: int) -> dict[str, Any]:
    """Return that one report of five addresses names an item."""
    return {"item_id": number + 1, "report_id": number // (BATCH * 5) * BATCH + number % BATCH + 1, "typed": _typed()}


def _typed(kept: list[bytes] = []) -> bytes:  # noqa: B006 -- sealed once
    if not kept:
        kept.append(vault.keyring().seal("mention.typed", '["https://biggest.example/t/1"]'))
    return kept[0]


def spread_ref(prefix: str, number: int) -> str:
    """Return a reference for a number: none comes twice, and none follows another."""
    left, letters = number * STEP % len(refs.LETTERS) ** refs.LENGTH, ""
    for _ in range(refs.LENGTH):
        left, sign = divmod(left, len(refs.LETTERS))
        letters += refs.LETTERS[sign]
    return f"{prefix}-{letters}"


def known(number: int) -> str:
    """Return one of the addresses that stand there the real way."""
    return f"https://known-{number}.example/t/{number}?page=2"


def _report_known(number: int) -> None:
    sent = Submission(Category.CSAM, known(number), None, "", None, "", Language.EN)
    ids = {"inbox_id": secrets.token_bytes(16), "receipt_tag": secrets.token_bytes(32)}
    intake.file_report(sent, **ids, received_at=clock.this_hour())


def free_all() -> None:
    """Let nobody have anything, and everything be new: for a race."""
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.NEW, outcome=None, assessor_id=None, reviewer_id=None))


def main() -> int:
    """Fill the stores that the environment names."""
    app = create_app(Surface.OFFICE)
    with app.app_context():
        schema.upgrade()
        fill(int(sys.argv[1]))
        if sys.argv[2:] == ["free"]:
            free_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
