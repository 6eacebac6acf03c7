"""Invented figures of the months before, so that the public page about them looks lived-in."""

import random
from collections.abc import Iterator
from itertools import chain

from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.figure import Tally
from hotline.rules import figures
from hotline.rules.figures import KNOWN, NEW
from hotline.services import figure_publishing
from hotline.transactions import writing
from hotline.vocabulary import Category, Channel, Figure, InhopeClass, ItemOutcome, LawVerdict

MONTHS = 14
Counts = Iterator[tuple[Figure, str, int]]


def fill() -> None:
    """Add invented tallies of the last fourteen months and publish them; nothing where an earlier month was counted."""
    last = figures.last_over(clock.now().astimezone(jurisdiction.current().zone))
    with writing():
        if db.session.scalar(select(Tally.month).where(Tally.month <= last).limit(1)) is None:
            for number, month in enumerate(figures.months_until(last, MONTHS)):
                chance = random.Random(number)  # noqa: S311 -- invented, and the same each time
                for figure, part, count in chain(_received(chance, number), _done(chance, number)):
                    db.session.add(Tally(month=month, figure=figure, part=part, count=count))
    figure_publishing.publish()


def _received(chance: random.Random, number: int) -> Counts:
    reports = {
        Category.CSAM: chance.randint(130, 180) + 4 * number,
        Category.SEXTORTION: chance.randint(35, 60) + 2 * number,
        Category.LIVE_STREAM: chance.randint(0, 6),
        Category.GROOMING: chance.randint(6, 15),
        Category.OTHER: chance.randint(20, 40),
    }
    for category, count in reports.items():
        yield Figure.REPORTS, category, count
    links = sum(reports.values()) * chance.randint(110, 135) // 100
    yield Figure.ADDRESSES, NEW, links * 7 // 10
    yield Figure.ADDRESSES, KNOWN, links - links * 7 // 10
    yield Figure.HELP, "", chance.randint(3, 14)


def _done(chance: random.Random, number: int) -> Counts:
    baseline, national = chance.randint(80, 110) + 3 * number, chance.randint(12, 24)
    quiet = {
        InhopeClass.NOT_ILLEGAL: chance.randint(8, 16),
        InhopeClass.INACCESSIBLE: chance.randint(5, 12),
        InhopeClass.OUTSIDE_REMIT: chance.randint(0, 4),
    }
    agreed = {InhopeClass.BASELINE: baseline, InhopeClass.NATIONAL: national} | quiet
    for one, count in agreed.items():
        yield Figure.ASSESSED, one, count
    illegal, fine = baseline + national, sum(quiet.values())
    yield Figure.LAW, LawVerdict.ILLEGAL, illegal
    yield Figure.LAW, LawVerdict.NOT_ILLEGAL, fine
    yield Figure.NOTICES, Channel.HOST, illegal - chance.randint(3, 9)
    yield Figure.NOTICES, Channel.PARTNER, chance.randint(2, 12)
    yield Figure.NOTICES, Channel.POLICE, chance.randint(9, 20)
    yield Figure.CLOSED, ItemOutcome.REMOVED, illegal - chance.randint(10, 25)
    yield Figure.CLOSED, ItemOutcome.UNAVAILABLE, chance.randint(20, 40)
    yield Figure.CLOSED, ItemOutcome.MOVED, chance.randint(0, 7)
    yield Figure.CLOSED, ItemOutcome.NOT_ILLEGAL, chance.randint(30, 55)
    yield Figure.CLOSED, ItemOutcome.OUTSIDE_REMIT, chance.randint(3, 9)
