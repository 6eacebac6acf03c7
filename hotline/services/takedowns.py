"""Statistics of what was acted on until it was gone, and of everything that was closed. No address, nobody's name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from hotline import clock, jurisdiction
from hotline.errors import Forbidden
from hotline.extensions import db
from hotline.models.figure import Tally
from hotline.models.online import Ending
from hotline.models.staff import Staff
from hotline.rules import figures, takedowns
from hotline.rules.takedowns import Digest, Ended
from hotline.vocabulary import Figure, ItemOutcome, Role

ROLES = (Role.ANALYST, Role.REVIEWER, Role.LIAISON, Role.MANAGER, Role.AUDITOR)
MOST_READ = 50_000  # endings, the newest: what is told of these is told of more
MONTHS = 12  # chosen where nobody chooses
COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (  # columns and no objects: there may be many
    Ending.outcome,
    Ending.received_at,
    Ending.to_police_at,
    Ending.to_partner_at,
    Ending.to_host_at,
    Ending.removed_at,
    Ending.country,
    Ending.ended_at,
    Ending.undone_at,
)


@dataclass(frozen=True, slots=True)
class Report:
    """Takedowns over some months, and how everything ended that was closed in them, also what nobody acted on.

    `whole` is False where more ended than is read; then the digest tells of the newest.
    """

    digest: Digest
    every_closing: dict[ItemOutcome, int]
    whole: bool


def months() -> list[str]:
    """Return the months there may be anything of, newest first: from the first closing until now."""
    now = figures.month_of(clock.now().astimezone(_zone()))
    first = db.session.scalar(select(func.min(Tally.month)).where(Tally.figure == Figure.CLOSED)) or now
    return figures.months(min(first, now), now)[::-1]


def over(since: str, until: str, *, by: Staff) -> Report:
    """Return the statistics from one month to another, both included. Raises Forbidden for who may not see them."""
    if not by.has(*ROLES):
        raise Forbidden("statistics are not this person's")
    zone = _zone()
    query = select(*COLUMNS).where(
        Ending.ended_at >= _begins(since, zone), Ending.ended_at < _begins(_next(until), zone)
    )
    rows = db.session.execute(query.order_by(Ending.ended_at.desc(), Ending.id.desc()).limit(MOST_READ)).all()
    ended = [
        Ended(
            month=figures.month_of(row.ended_at.astimezone(zone)),
            outcome=row.outcome,
            received_at=row.received_at,
            to_police_at=row.to_police_at,
            to_partner_at=row.to_partner_at,
            to_host_at=row.to_host_at,
            removed_at=row.removed_at,
            country=row.country,
            stands=row.undone_at is None,
        )
        for row in rows
    ]
    tallies = select(Tally.part, func.sum(Tally.count)).where(
        Tally.figure == Figure.CLOSED, Tally.month >= since, Tally.month <= until
    )
    counts = dict(db.session.execute(tallies.group_by(Tally.part)).all())
    return Report(
        digest=takedowns.digest(ended),
        every_closing={one: int(counts.get(one.value, 0)) for one in ItemOutcome},
        whole=len(rows) < MOST_READ,
    )


def _begins(month: str, zone: ZoneInfo) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone).astimezone(UTC)


def _next(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year:04}-{number + 1:02}" if number < 12 else f"{year + 1:04}-01"


def _zone() -> ZoneInfo:
    return jurisdiction.current().zone
