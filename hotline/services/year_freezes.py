"""Frozen years: the figures of a year that is over, kept as they were, with what has changed since beside them.

Figures go on: an address of last December is removed in March, and its December says so. What was reported to others
has to stay, so a manager freezes the year: its cells as canonical JSON, whose SHA-256 stands in the audit trail.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Refused
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.statistic import YearFreeze
from hotline.rules import figures
from hotline.rules import statistics as rule
from hotline.rules.statistics import Cell, Changed
from hotline.services import audit, statistics, statistics_rollup
from hotline.services.statistics import ROLES, Agreed, Referred
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
class Year:
    """A year there are figures of. `is_over` says that it can be frozen, unless `freeze` is there."""

    year: int
    is_over: bool
    freeze: YearFreeze | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """For the page of clauses: how many years are frozen, the last with when, and years that are over and are not.

    `is_waiting`: something changed that no figure tells yet; nearly always for seconds only.
    """

    frozen: int
    last_year: int | None
    last_frozen_at: datetime | None
    not_frozen: tuple[int, ...]
    is_waiting: bool


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


def changed(kept: YearFreeze) -> list[Changed]:
    """Return which figures of a frozen year would be others now."""
    return rule.changes(read(kept.body).totals, statistics.totals(statistics.of_year(kept.year)))


def evidence() -> Evidence:
    """Return what the page of clauses says of the yearly figures."""
    rows = list(db.session.execute(select(YearFreeze.year, YearFreeze.frozen_at).order_by(YearFreeze.year)))
    frozen = {year for year, _at in rows}
    first, last = statistics.span()
    over = [year for year in range(int(first[:4]), int(last[:4]) + 1) if _is_over(year)]
    year, at = rows[-1] if rows else (None, None)
    missing = tuple(one for one in over if one not in frozen)
    return Evidence(len(rows), year, at, missing, statistics_rollup.is_waiting())


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the years that were frozen in a period, for the evidence pack."""
    _require_reader(by)
    query = select(YearFreeze).where(YearFreeze.frozen_at >= since, YearFreeze.frozen_at < until)
    for one in db.session.scalars(query.order_by(YearFreeze.year).options(joinedload(YearFreeze.frozen_by))):
        day = one.frozen_at.astimezone(jurisdiction.current().zone).date().isoformat()
        yield str(one.year), day, one.frozen_by.number, one.digest, str(len(changed(one)))


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
