"""Frozen years: the figures of a year that is over, kept as they were, with what has changed since beside them.

Figures go on: an address of last December is removed in March, and its December says so. What was reported to others
has to stay, so a manager freezes the year: its cells as canonical JSON, whose SHA-256 stands in the audit trail.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Refused
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.statistic import YearFreeze
from hotline.rules import figures
from hotline.rules import statistics as rule
from hotline.rules.statistics import Cell, Changed, Moved
from hotline.services import audit, duties, statistics, statistics_rollup
from hotline.services.statistics import AGREEMENT_ROLES, REFERRAL_ROLES, ROLES, Agreed, Referred
from hotline.vocabulary import CaseFigure, Role, Statistic, Way

FREEZERS = (Role.MANAGER,)
FORM = 1  # of the JSON
COLUMNS: tuple[str, ...] = ("year", "frozen on", "by", "SHA-256", "changed since")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was frozen of a year: cells, how far looks agreed, and referrals as they may be seen."""

    cells: tuple[tuple[Cell, int], ...]
    agreement: tuple[Agreed, ...]
    referrals: tuple[Referred, ...]

    @property
    def totals(self) -> Counter[tuple[Statistic, str]]:
        """What the cells add up to, by figure and part."""
        return statistics.totals(self.cells)


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a frozen year would be another number now, in each of its three parts."""

    figures: tuple[Changed, ...]
    agreement: tuple[Moved[Agreed], ...]
    referrals: tuple[Moved[Referred], ...]

    @property
    def count(self) -> int:
        """How many lines are other ones."""
        return len(self.figures) + len(self.agreement) + len(self.referrals)


Kept = TypeVar("Kept", Frozen, Changes)


@dataclass(frozen=True, slots=True)
class Year:
    """A year there are figures of. `is_over` says that it can be frozen, unless `freeze` is there."""

    year: int
    is_over: bool
    freeze: YearFreeze | None


def list_years(*, by: Staff) -> list[Year]:
    """Return every year there are figures of, newest first."""
    _require_reader(by)
    frozen = {one.year: one for one in db.session.scalars(select(YearFreeze).options(joinedload(YearFreeze.frozen_by)))}
    first, last = statistics.span()
    years = range(int(first[:4]), int(last[:4]) + 1)
    return [Year(year, _is_over(year), frozen.get(year)) for year in sorted({*years, *frozen}, reverse=True)]


def get(year: int, *, by: Staff) -> YearFreeze:
    """Return the freeze of a year. Raises NotFound where it is not frozen."""
    _require_reader(by)
    found = find(year)
    if found is None:
        raise NotFound(f"{year} is not frozen")
    return found


def find(year: int) -> YearFreeze | None:
    """Return the freeze of a year; None where it is not frozen."""
    return db.session.get(YearFreeze, year) if year <= MAXYEAR else None


def freeze(year: int, *, by: Staff) -> YearFreeze:
    """Keep the figures of a year as they are now.

    Raises Forbidden for who is no manager; Refused (field `year`) with `frozen`, `not_over`, `empty`, or `waiting`
    while something changed that no figure tells yet.
    """
    if not by.has(*FREEZERS):
        raise Forbidden("a manager freezes a year")
    if find(year) is not None:
        raise Refused(("year", "frozen"))
    if not _is_over(year):
        raise Refused(("year", "not_over"))
    if statistics_rollup.is_waiting():
        raise Refused(("year", "waiting"))
    body = body_of(year)
    if not json.loads(body)["cells"]:
        raise Refused(("year", "empty"))
    kept = YearFreeze(year=year, body=body, digest=digest_of(body), frozen_at=clock.now(), frozen_by_id=by.id)
    db.session.add(kept)
    db.session.flush()
    audit.record(by, "froze figures", f"year {year}", sha256=kept.digest)
    return kept


def note_taken(year: int, *, form: str, by: Staff) -> None:
    """Record that somebody took the exact figures of a year along, as a file."""
    audit.record_read(by, "took figures", f"year {year}", form=form)


def body_of(year: int) -> str:
    """Return the figures of a year as they are now, as canonical JSON: sorted, without spaces."""
    quarters = [f"{year:04}-Q{number}" for number in (1, 2, 3, 4)]
    kept = {
        "form": FORM,
        "year": year,
        "cells": [[*cell, count] for cell, count in statistics.of_year(year)],
        "agreement": statistics.agreement(f"{year:04}-01", f"{year:04}-12"),
        "referrals": statistics.referrals(quarters),
    }
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(body: str) -> str:
    """Return the SHA-256 of a body, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def read(body: str) -> Frozen:
    """Read what was frozen."""
    kept: dict[str, Any] = json.loads(body)
    return Frozen(
        cells=tuple(
            (Cell(month, Way(way), group, Statistic(figure), part), count)
            for month, way, group, figure, part, count in kept["cells"]
        ),
        agreement=tuple(Agreed(*one) for one in kept["agreement"]),
        referrals=tuple(
            Referred(quarter, CaseFigure(figure), part, count) for quarter, figure, part, count in kept["referrals"]
        ),
    )


def is_whole(kept: YearFreeze) -> bool:
    """Whether what is kept is what was frozen: its hash is that of the audit trail."""
    entry = audit.last_of(f"year {kept.year}", "froze figures")
    told = json.loads(entry.details or "{}").get("sha256") if entry else None
    return digest_of(kept.body) == kept.digest == told


def changed(kept: YearFreeze) -> Changes:
    """Return what of a frozen year would be another number now."""
    frozen, now = read(kept.body), read(body_of(kept.year))
    return Changes(
        figures=tuple(rule.changes(frozen.totals, now.totals)),
        agreement=tuple(rule.moved(frozen.agreement, now.agreement, key=lambda one: one.question)),
        referrals=tuple(
            rule.moved(frozen.referrals, now.referrals, key=lambda one: (one.quarter, one.figure, one.part))
        ),
    )


def seen(found: Kept, *, by: Staff) -> Kept:
    """Return what a person may see of a frozen year, or of its changes: as on the page of the months that run."""
    return replace(
        found,
        agreement=found.agreement if by.has(*AGREEMENT_ROLES) else (),
        referrals=found.referrals if by.has(*REFERRAL_ROLES) else (),
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the years that were frozen in a period, for the evidence pack. See `COLUMNS`; no figure is among them."""
    if not by.has(*duties.READERS):
        raise NotFound("no records")
    query = select(YearFreeze).where(YearFreeze.frozen_at >= since, YearFreeze.frozen_at < until)
    for one in db.session.scalars(query.order_by(YearFreeze.year).options(joinedload(YearFreeze.frozen_by))):
        day = one.frozen_at.astimezone(jurisdiction.current().zone).date().isoformat()
        yield str(one.year), day, one.frozen_by.number, one.digest, str(changed(one).count)


def list_frozen() -> list[int]:
    """Return the years that are frozen, oldest first."""
    return list(db.session.scalars(select(YearFreeze.year).order_by(YearFreeze.year)))


def public_times() -> dict[str, dict[str, int]]:
    """Return, of each frozen year, how many were gone within which time: what the public site is given."""
    return {
        f"{kept.year:04}": {
            part: count for (figure, part), count in read(kept.body).totals.items() if figure is Statistic.REMOVAL
        }
        for kept in db.session.scalars(select(YearFreeze))
    }


def _is_over(year: int) -> bool:
    return year <= MAXYEAR and f"{year:04}-12" <= figures.last_over(clock.now().astimezone(jurisdiction.current().zone))


def _require_reader(by: Staff) -> None:
    if not by.has(*ROLES):
        raise Forbidden("statistics are not this person's")
