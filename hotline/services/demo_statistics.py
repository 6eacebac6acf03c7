"""Invented statistics of the months before, and last year frozen, so that the pages about them look lived-in."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.statistic import StatisticCell
from hotline.rules import figures, statistics
from hotline.rules.findings import Findings
from hotline.rules.statistics import Arrival, Cell, Facts
from hotline.services import figure_publishing, statistics_rollup, year_freezes
from hotline.transactions import writing
from hotline.vocabulary import (
    AgeGroup,
    Band,
    Gender,
    InhopeClass,
    ItemOutcome,
    LawVerdict,
    Role,
    SiteType,
    Statistic,
    Way,
    Work,
    YesNo,
)

MONTHS = 14
A_MONTH = (60, 110)
COUNTRIES = ("NL", "US", "LT", "RU", "SG", "KH", "FR", "DE", "VN", None)
OFTEN = (30, 26, 10, 8, 6, 3, 5, 5, 3, 4)
CLASSES = (*InhopeClass, None)
WEIGHTS = (55, 9, 18, 10, 3, 5)


def fill() -> None:
    """Add invented cells of the last fourteen months and freeze last year; nothing where an earlier month has any."""
    last = figures.last_over(clock.now().astimezone(jurisdiction.current().zone))
    earlier = select(StatisticCell.month).where(StatisticCell.month <= last).limit(1)
    if db.session.scalar(earlier) is not None:
        return
    months = figures.months_until(last, MONTHS)
    with writing():
        statistics_rollup.apply(statistics.total(_invented(months), jurisdiction.current().zone))
    while statistics_rollup.roll():
        pass
    _freeze(int(last[:4]) - 1)


def _freeze(year: int) -> None:
    people = db.session.scalars(select(Staff).order_by(Staff.id)).all()
    manager = next((one for one in people if one.has(Role.MANAGER)), None)
    counted = select(StatisticCell.month).where(StatisticCell.month >= f"{year}-01").limit(1)
    if manager is None or not str(db.session.scalar(counted)).startswith(str(year)):
        return
    with writing():
        year_freezes.freeze(year, by=manager)
        late = Cell(f"{year}-12", Way.PUBLIC, InhopeClass.BASELINE, Statistic.REMOVAL, Band.LONGER)
        statistics_rollup.apply({late: 2})  # gone since
    figure_publishing.publish()


def _invented(months: list[str]) -> Iterator[Facts]:
    chance = random.Random(7)  # noqa: S311 -- invented, and the same each time
    for month in months:
        for _ in range(chance.randint(*A_MONTH)):
            yield _one(datetime(int(month[:4]), int(month[5:]), 1, 12, tzinfo=UTC), chance)


def _one(month: datetime, chance: random.Random) -> Facts:
    at = month + timedelta(hours=chance.randrange(24 * 27))
    ways = chance.choices(tuple(Way), (78, 14, 8), k=chance.choice((1, 1, 1, 2, 3)))
    group = chance.choices(CLASSES, WEIGHTS)[0]
    illegal = group in statistics.ILLEGAL
    said = _said(chance) if illegal else None
    host = _later(at, 6, chance) if illegal and chance.random() < 0.9 else None
    police = _later(at, 4, chance) if illegal and chance.random() < 0.8 else None
    gone = _later(host, 8, chance) if host and chance.random() < 0.9 else None
    looks = [(Work.LOOK, at + timedelta(hours=3))] * (2 if group else 1)
    told = [(Work.TOLD_HOST, host)] if host else []
    handed = [(Work.TOLD_POLICE, police)] if police else []
    return Facts(
        since=at,
        arrivals=tuple(Arrival(at + timedelta(hours=place), way) for place, way in enumerate(ways)),
        inhope_class=group,
        law=None if group is None else LawVerdict.ILLEGAL if illegal else LawVerdict.NOT_ILLEGAL,
        described=(said, said) if said else (),
        country=chance.choices(COUNTRIES, OFTEN)[0],
        to_police_at=police,
        to_host_at=host,
        outcome=ItemOutcome.REMOVED if gone else None,
        removed_at=gone,
        work=(*looks, *told, *handed),
    )


def _later(at: datetime, hours: int, chance: random.Random) -> datetime | None:
    """Return a moment so many hours later or more, seldom much more; None where it has not come yet."""
    found = at + timedelta(hours=hours * min(chance.paretovariate(0.8), 200))
    return found if found <= clock.now() else None


def _said(chance: random.Random) -> Findings:
    return Findings(
        InhopeClass.BASELINE,
        LawVerdict.ILLEGAL,
        age=chance.choices(tuple(AgeGroup), (6, 62, 28, 4))[0],
        gender=chance.choices(tuple(Gender), (88, 5, 4, 3))[0],
        site_type=chance.choice((SiteType.WEBSITE, SiteType.IMAGE_HOST, SiteType.FORUM, SiteType.FILE_HOST)),
        commercial=chance.choices(tuple(YesNo), (8, 80, 12))[0],
    )
